"""A decision for a terminal: no colour, no control characters, wrapped by nobody."""

from collections.abc import Iterable, Iterator, Mapping

from engine.bundle.control import Control
from engine.deciding.verdict import Decision
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot
from reports.documents.describe import describe
from reports.documents.view import ControlView, DecisionView
from reports.renderers.lines import control_lines


def render_decision(
    decision: Decision, snapshot: Snapshot, other: OtherPolicies | None, controls: Mapping[str, Control]
) -> str:
    """The decision as plain text, the verdict first."""
    return "\n".join(_lines(describe(decision, snapshot, other=other, controls=controls))) + "\n"


def _lines(view: DecisionView) -> Iterator[str]:
    yield f"{view.verdict.upper()}: {view.name} at gate {view.gate}"
    yield view.summary
    yield ""
    yield f"  {view.kind:<9} {view.name}  {view.digest}"
    yield f"  system    {view.system}, tier {view.tier}" + (f" ({view.articles})" if view.articles else "")
    yield from (f"  {name:<9} {value}" for name, value in view.parties.facts)
    yield f"  instant   {view.instant_iso}"
    yield f"  decision  {view.id}"
    yield f"  controls  {', '.join(count.told for count in view.counts if count.n) or 'none'}"
    if view.reasons:
        yield from ("", "Reasons")
        yield from (f"  {place}. {reason.text}" for place, reason in enumerate(view.reasons, 1))
    yield from _section("Failed", view.failing)
    yield from _section("Evidence missing or could not be judged", view.unjudged)
    yield from _section("Advice: does not bind here or not yet", view.advice)
    if view.others:
        yield from ("", "Waived, passed, not applicable")
        for control in view.others:
            binds = f" ({control.binds})" if control.binds else ""
            yield f"  {control.control:<12} {control.status_words:<15} {control.title}: {control.reason}{binds}"
            if control.waiver:
                yield f"{'':<31}waiver {control.waiver}"
    if view.prerequisites:
        yield from ("", "Earlier gates")
        yield from (f"  {item.line} {item.decision}".rstrip() for item in view.prerequisites)
    yield from ("", "Relaxations")
    yield from (f"  {item.line}" for item in view.relaxations)
    if not view.relaxations:
        yield "  none"
    if view.excluded:
        yield from ("", "Records that did not count")
        yield from (f"  {item.line}" for item in view.excluded)
    yield from ("", "Digests")
    yield from (f"  {item.label:<23} {item.value}" for item in view.digests)


def _section(title: str, controls: Iterable[ControlView]) -> Iterator[str]:
    controls = tuple(controls)
    if not controls:
        return
    yield from ("", title)
    for control in controls:
        yield f"  {control.control} {control.title}"
        yield f"    {control.status_words} ({control.weight})"
        told = (*control_lines(control), *control.notes) if control.findings else (control.reason,)
        yield from (f"    {line}" for line in told)
