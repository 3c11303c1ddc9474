"""The report as one self-contained HTML page; the PDF is made of the same page."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from reports.charts.registry import draw
from reports.charts.scales import limit_chart
from reports.charts.shapes import Chart, Mark
from reports.documents.pack import AuditPack
from reports.documents.view import ReasonView
from reports.words.charts import SECTIONS

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_HERE = Path(__file__).resolve().parents[1] / "pdf"
TEMPLATES = _HERE / "templates"
FONTS = _HERE / "fonts"
LEADING = 3
"""Reasons that page one tells; the others stand in the sections."""
# Family in the style sheet, file, weight, style. Scripts beyond Latin have families of their own, named after it in
# the style sheet, so that the font files stay as their makers published them.
_FACES = (
    ("QSerif", "source-serif-4", (("400", "normal"), ("600", "normal"))),
    ("QSans", "source-sans-3", (("400", "normal"), ("600", "normal"), ("400", "italic"))),
    ("QMono", "ibm-plex-mono", (("400", "normal"),)),
)
_SCRIPTS = (
    ("", "latin", re.compile("")),
    ("Ext", "latin-ext", re.compile("[\u0100-\u02ff\u1e00-\u1eff\u20a0-\u20bf]")),
    ("Greek", "greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("Cyrillic", "cyrillic", re.compile("[\u0400-\u052f\u2116]")),
)
"""Suffix of the family, name of the file, and the letters that need it."""


@dataclass(frozen=True)
class Figure:
    """A drawing with its words: `svg` is made by us and holds only escaped text; `records` are evidence ids."""

    title: str
    caption: str
    svg: "Markup"
    records: tuple[str, ...]


@dataclass(frozen=True)
class FigureSection:
    """Figures under a heading: those that take a line each, then those of which two stand side by side."""

    heading: str
    wide: tuple[Figure, ...]
    narrow: tuple[Figure, ...]


@dataclass(frozen=True)
class LineageFigure:
    """The drawn lineage and its gaps in words."""

    figure: Figure
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class ReportContext:
    """All that `report.html` may use: the pack, its drawings by section, and the style sheet.

    `leading` are the reasons that page one tells, each with its finding's number drawn where it has an interval.
    """

    pack: AuditPack
    leading: "tuple[tuple[ReasonView, Markup | None], ...]"
    sections: tuple[FigureSection, ...]
    lineage: tuple[LineageFigure, ...]
    style: "Markup"


def embedded_font(name: str) -> str:
    """A font file as a `data:` URL."""
    return f"data:font/woff2;base64,{b64encode((FONTS / name).read_bytes()).decode()}"


def render_html(pack: AuditPack, font_url: Callable[[str], str] = embedded_font) -> str:
    """The report as HTML; it refers to nothing outside itself. `font_url` turns a font's file name into its address."""
    return template().render(vars(report_context(pack, font_url)))


def report_context(pack: AuditPack, font_url: Callable[[str], str] = embedded_font) -> ReportContext:
    """The template's context for a pack."""
    from markupsafe import Markup

    return ReportContext(
        pack=pack,
        leading=tuple((reason, _drawn(reason)) for reason in pack.decision.reasons[:LEADING]),
        sections=tuple(
            FigureSection(
                heading=SECTIONS[name],
                wide=tuple(_figure(chart) for chart in charts if not chart.narrow),
                narrow=tuple(_figure(chart) for chart in charts if chart.narrow),
            )
            for name, charts in pack.charts.sections.items()
        ),
        lineage=tuple(LineageFigure(_figure(chart), chart.gaps) for chart in pack.charts.lineage),
        style=Markup(_style(pack, font_url)),  # noqa: S704
    )


def _figure(chart: Chart) -> Figure:
    from markupsafe import Markup

    return Figure(chart.title, chart.caption, Markup(draw(chart)), chart.records)  # noqa: S704


def _drawn(reason: ReasonView) -> "Markup | None":
    """The number of a reason's finding beside its limit."""
    from markupsafe import Markup

    found = reason.finding.measured if reason.finding else None
    if reason.finding is None or found is None:
        return None
    mark = Mark(label="observed", value=found.value, low=found.low, high=found.high, n=found.n)
    return Markup(draw(limit_chart(reason.finding.message, mark, found.limit)))  # noqa: S704


def _style(pack: AuditPack, font_url: Callable[[str], str]) -> str:
    """The style sheet, with faces only for the scripts that the pack is written in."""
    words = pack.model_dump_json()
    scripts = [(suffix, script) for suffix, script, letters in _SCRIPTS if letters.search(words)]
    faces = [
        f"@font-face{{font-family:{family}{suffix};font-weight:{weight};font-style:{slant};"
        f'src:url("{font_url(name)}") format("woff2")}}'
        for family, file, cuts in _FACES
        for suffix, script in scripts
        for weight, slant in cuts
        if (FONTS / (name := f"{file}-{script}-{weight}-{slant}.woff2")).is_file()
    ]
    return "\n".join(faces) + (TEMPLATES / "report.css").read_text(encoding="utf-8")


@cache
def template() -> "Template":
    """The report's template: sandboxed, escaping, and strict about names that the context does not have."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["commands"] = _commands
    return environment.get_template("report.html")


def _commands(text: str) -> "Markup":
    """Text with `words in backticks` set as code; everything in it is escaped."""
    from markupsafe import Markup, escape

    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if place % 2 else escape(part) for place, part in enumerate(parts))
