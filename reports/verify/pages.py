"""The printed pages say what the attached files say: they are made again as far as their words, and compared.

The page is made of the attached data by the code that makes it for the PDF; PDFium reads the words that stand in the
PDF. Both are compared letter by letter, page by page, in order. What letters look like is not seen: see
docs/verification.md for what that leaves.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from engine.bundle.attached import policies_of
from engine.bundle.control import Control
from engine.bundle.titles import framework_titles
from evidence.model.errors import QuaestorError
from reports.charts.points import read_charts
from reports.documents.attachments import listed_files, other_policies
from reports.documents.pack import AuditPack, build_pack
from reports.renderers.html import render_html
from reports.verify.checks import Contents, FailedCheck
from reports.words.wording import plural

MAX_PAGES = 5000
SHOWN = 60
_LEADERS = re.compile(r"\.{8,}[0-9]{1,4}")
"""The dots and the page number of a line of the contents, which only setting the pages gives."""
_FONTS = ((0x21, 0x52F), (0x1E00, 0x2BFF))
"""Code points that the report's fonts may have; what other letters are set in is the machine's choice."""
_TEXT, _IMAGE, _INVISIBLE = 1, 3, 3


def pages(pdf: bytes, contents: Contents, certificate: str) -> str:
    """The words of the pages are those that the attached files give under the signer's certificate (its SHA-256)."""
    bundle, effective = policies_of(contents.bundle)
    pack = pack_of(
        contents,
        certificate,
        frameworks=framework_titles(bundle),
        controls=bundle.controls,
        limits=effective.values,
    )
    return compare(pdf, pack)


def pack_of(
    contents: Contents,
    certificate: str,
    *,
    frameworks: Mapping[str, Mapping[str, Any]],
    controls: Mapping[str, Control],
    limits: Mapping[str, Any],
) -> AuditPack:
    """What a report of the attached files tells; `frameworks`, `controls` and `limits` as for `build_pack`."""
    return build_pack(
        contents.decision,
        contents.snapshot,
        frameworks=frameworks,
        controls=controls,
        limits=limits,
        keyring=contents.keyring,
        files=listed_files(contents.files),
        points=read_charts(contents.charts)[1] if contents.charts is not None else None,
        certificate=certificate,
        other=other_policies(contents.envelope),
    )


def compare(pdf: bytes, pack: AuditPack) -> str:
    """The words of the pages are those of the pack. Raises FailedCheck, and QuaestorError where PDFium is missing."""
    found = list(printed(pdf))
    made = _Words()
    made.feed(render_html(pack, font_url=lambda name: name))
    made.close()
    margins = _margins(pack, len(found))
    _match([letters(page) for page in found], margins, made)
    return f"{plural(len(found), 'page')}: their words are those that the attached files give"


def printed(pdf: bytes) -> Iterator[str]:
    """The words of each page, in the order in which they are drawn. Raises FailedCheck for what words do not show."""
    try:
        import pypdfium2
        import pypdfium2.raw as pdfium
    except ImportError as cause:
        hint = "install it with `pip install 'quaestor[report]'`"
        raise QuaestorError(f"pypdfium2 is not installed: {cause}", hint=hint) from None
    document = pypdfium2.PdfDocument(pdf)
    if len(document) > MAX_PAGES:
        raise FailedCheck(f"more than {MAX_PAGES} pages")
    for number in range(len(document)):
        page = document[number]
        for item in page.get_objects(max_depth=15):
            if item.type == _IMAGE:
                raise FailedCheck(f"page {number + 1} holds an image; a report draws none")
            if item.type == _TEXT and pdfium.FPDFTextObj_GetTextRenderMode(item.raw) == _INVISIBLE:
                raise FailedCheck(f"page {number + 1} holds words that are not to be seen")
        words = page.get_textpage()
        yield words.get_text_range()
        words.close()
        page.close()


def letters(text: str) -> str:
    """The letters, digits and signs of a text, in small letters and without spaces: what setting it leaves as it is."""
    # PDFium marks a hyphen at the end of a line so.
    plain = unicodedata.normalize("NFKC", text.replace("\ufffe", "-").replace("\x02", "-")).casefold()
    kept = (
        letter
        for letter in unicodedata.normalize("NFKC", plain)
        if any(low <= ord(letter) <= high for low, high in _FONTS) and unicodedata.category(letter)[0] in "LNPSM"
    )
    return _LEADERS.sub("", "".join(kept))


def _margins(pack: AuditPack, count: int) -> list[str]:
    """What stands in the margins of each page: running head, decision, page number (report.css, `@page`)."""
    head = f"Quaestor audit report{pack.decision.name}"
    return [letters(f"{head if n > 1 else ''}{pack.decision.id}{n} of {count}") for n in range(1, count + 1)]


@dataclass
class _Words(HTMLParser):
    """The letters of a page of HTML: `body` outside drawings, each drawing's, and the heads of its tables."""

    body: str = ""
    drawings: list[str] = field(default_factory=list)
    heads: set[str] = field(default_factory=set)
    _open: dict[str, list[str]] = field(default_factory=dict)
    _parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in ("head", "svg", "thead", "title"):
            self._open[tag] = []

    def handle_endtag(self, tag: str) -> None:
        collected = self._open.pop(tag, None)
        if collected is None:
            return
        text = letters("".join(collected))
        if tag == "svg":
            self.drawings.append(text)
        elif tag == "thead":
            self.heads.add(text)

    def handle_data(self, data: str) -> None:
        if "head" in self._open or ("svg" in self._open and "title" in self._open):
            return
        if "svg" in self._open:
            self._open["svg"].append(data)
            return
        if "thead" in self._open:
            self._open["thead"].append(data)
        self._parts.append(data)

    def close(self) -> None:
        super().close()
        self.body = letters("".join(self._parts))


def _match(found: Sequence[str], margins: Sequence[str], made: _Words) -> None:
    """Each page is a piece of the body, in order, whole drawings, then its margins.

    A page may begin with the head of a table that goes on from the page before. Where one reading does not fit,
    another may: all are followed. Raises FailedCheck where none fits.
    """
    readings = {(0, 0)}
    for number, (page, margin) in enumerate(zip(found, margins, strict=True), 1):
        if not page.endswith(margin):
            raise FailedCheck(f"the margins of page {number} are not those of this report: `{page[-SHOWN:]}`")
        text = page.removesuffix(margin)
        following = {end for start in readings for end in _readings(text, start, made)}
        if not following:
            raise FailedCheck(_difference(number, text, max(readings), made))
        readings = following
    if (len(made.body), len(made.drawings)) not in readings:
        missing = made.body[max(readings)[0] :][:SHOWN] or "".join(made.drawings[max(readings)[1] :])[:SHOWN]
        raise FailedCheck(f"the pages end before all is said; missing is `{missing}`")


def _readings(text: str, start: tuple[int, int], made: _Words) -> Iterator[tuple[int, int]]:
    at, drawn = start
    for head in ("", *sorted(made.heads)):
        if not text.startswith(head):
            continue
        drawings = ""
        for upto in range(drawn, len(made.drawings) + 1):
            drawings += made.drawings[upto - 1] if upto > drawn else ""
            size = len(text) - len(head) - len(drawings)
            if size < 0:
                break
            words = text[len(head) : len(head) + size]
            if text.endswith(drawings) and made.body.startswith(words, at):
                yield at + len(words), upto


def _difference(number: int, text: str, start: tuple[int, int], made: _Words) -> str:
    rest = made.body[start[0] :]
    without = [text.removeprefix(head) for head in ("", *made.heads)]
    same, text = max((_common(page, rest), page) for page in without)
    begin = max(0, same - SHOWN // 3)
    says, given = text[begin : same + SHOWN], rest[begin : same + SHOWN]
    return f"page {number} says `{says}`, where the attached files give `{given}`"


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
