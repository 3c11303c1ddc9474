"""What is found against a control, each thing once: findings that say the same stand together."""

from collections.abc import Iterable

from engine.bundle.facts import ASKED_FOR
from reports.documents.view import FindingView, FoundGroup, FoundLine


def grouped(findings: Iterable[FindingView]) -> tuple[FoundGroup, ...]:
    """Findings as groups, in the order of the first of each.

    What is found of several objectives alike is told once, then what is found in several records alike, then lines that
    share all else.
    """
    single = [
        FoundGroup(
            lines=(FoundLine(message=item.message, observed=item.observed),),
            says=(item.says or item.objective,),
            gap=item.gap,
            expected=item.expected,
            path="" if _named(item) else item.path,
            evidence_type=item.evidence_type,
            evidence=(item.evidence,) if item.evidence else (),
        )
        for item in findings
    ]
    for field in ("says", "evidence", "lines"):
        single = _joined(single, field)
    return tuple(single)


def _named(item: FindingView) -> bool:
    """Whether the message names the type of evidence that the path is: `no current approval record`."""
    kind = item.path.removeprefix(ASKED_FOR)
    return kind != item.path and f" {kind} " in f" {item.message} "


def _joined(groups: Iterable[FoundGroup], field: str) -> list[FoundGroup]:
    """Groups that differ in one field, a tuple, as one that holds each of its members once."""
    alike: dict[FoundGroup, list[object]] = {}
    for group in groups:
        alike.setdefault(group.model_copy(update={field: ()}), []).extend(getattr(group, field))
    return [rest.model_copy(update={field: tuple(dict.fromkeys(held))}) for rest, held in alike.items()]
