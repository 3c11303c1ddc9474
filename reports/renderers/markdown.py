"""A decision as a comment on a pull request. Nothing in it can make a link, an image, a mention or markup."""

import re
from collections.abc import Iterable, Iterator, Mapping

from engine.bundle.control import Control
from engine.deciding.verdict import Decision
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot
from reports.documents.describe import describe
from reports.documents.view import ControlView, DecisionView
from reports.words.escape import clean

# GitHub cuts comments at 65,536 characters; what is left out is said.
MAX_CHARS = 60_000
# No line begins with such text, so `-`, `+` and `1.` start no list; `:` and `GH-1` matter where GitHub links by itself.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#!|~@$&]|:(?=//)|(?<=mailto):|(?<=[Gg][Hh])-(?=\d)", re.ASCII)


def render_decision(
    decision: Decision, snapshot: Snapshot, other: OtherPolicies | None, controls: Mapping[str, Control]
) -> str:
    """The decision as GitHub-flavoured Markdown, shortened at the end where it is too long for a comment."""
    view = describe(decision, snapshot, other=other, controls=controls)
    lines: list[str] = []
    length = 0
    for line in _lines(view):
        length += len(line) + 1
        if length > MAX_CHARS:
            lines += ["", f"Shortened. The whole decision: {code(view.id)}"]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def literal(text: str) -> str:
    """Text on one line in which no character is Markdown, HTML, a mention or the start of a link."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", clean(text)).replace("www.", "www&#46;")


def code(text: str) -> str:
    """A code span on one line; ticks in it are replaced, as they would end it."""
    return f"`{clean(text).replace('`', '´')}`"


def _lines(view: DecisionView) -> Iterator[str]:
    yield f"## Quaestor: {literal(view.verdict.lower())} at gate {literal(view.gate)}"
    yield from ("", literal(view.summary), "")
    yield from ("| | |", "|---|---|")
    facts = (
        (view.kind, f"{literal(view.name)} {code(view.digest)}"),
        ("system", f"{literal(view.system)}, tier {literal(view.tier)} {literal(view.articles)}"),
        *((name, literal(value)) for name, value in view.parties.facts),
        ("instant", literal(view.instant)),
        ("decision", code(view.id)),
        ("controls", ", ".join(count.told for count in view.counts if count.n) or "none"),
    )
    yield from (f"| {name} | {value} |" for name, value in facts)
    # Relaxations stand before the long part, so that they are never what is cut off.
    yield from ("", "### Relaxations", "")
    yield from (f"- {literal(item.line)}" for item in view.relaxations)
    if not view.relaxations:
        yield "None."
    if view.reasons:
        yield from ("", "### Reasons", "")
        yield from (f"{place}. {literal(reason.text)}" for place, reason in enumerate(view.reasons, 1))
    yield from _section("Failed", view.failing)
    yield from _section("Evidence missing or could not be judged", view.unjudged)
    yield from _section("Advice: does not bind here or not yet", view.advice)
    if view.others:
        yield from ("", "### Waived, passed, not applicable", "")
        yield from ("| control | result | |", "|---|---|---|")
        for item in view.others:
            waiver = f" {code(item.waiver)}" if item.waiver else ""
            name = f"{literal(item.control)} {literal(item.title)}"
            binds = f" ({literal(item.binds)})" if item.binds else ""
            yield f"| {name} | {item.status_words} | {literal(item.reason)}{binds}{waiver} |"
    if view.prerequisites:
        yield from ("", "### Earlier gates", "")
        yield from (f"- {literal(item.line)}" for item in view.prerequisites)
    yield from ("", "### Digests", "")
    yield from (f"- {item.label}: {code(item.value)}" for item in view.digests)


def _section(title: str, controls: Iterable[ControlView]) -> Iterator[str]:
    controls = tuple(controls)
    if not controls:
        return
    yield from ("", f"### {title}")
    for control in controls:
        yield from ("", f"**{literal(control.control)} {literal(control.title)}**: {control.status_words}")
        yield f"({literal(control.weight)}). {literal(control.reason)}"
        yield ""
        for group in control.found:
            facts = (f"{name}: {value}" for name, value in group.facts)
            yield f"- {'; '.join(literal(line) for line in (*group.told, *facts))}"
        if control.findings:
            yield f"- what to do: {literal(control.remediation)}"
