"""What authors of policies ask for: a control explained, with records that pass it."""

from typing import Any

from engine.bundle.explanation import Explanation, explain
from engine.bundle.load import Bundle
from engine.bundle.parameters import Effective
from engine.errors import PolicyError, PolicyErrors


def explained(bundle: Bundle, effective: Effective, control_id: str) -> Explanation:
    """A control explained, with the records of its first case that passes. Raises PolicyError for an unknown one."""
    return explain(bundle, control_id, effective, _passing(bundle, control_id))


def _passing(bundle: Bundle, control_id: str) -> dict[str, list[Any]] | None:
    """The content of the records of the first case that passes, by type; None where there is no such case."""
    from engine.proofs.cases import read_cases

    if control_id not in bundle.controls:
        return None
    try:
        cases = read_cases(bundle, bundle.controls[control_id])
    except (PolicyError, PolicyErrors):  # `policy test` is where mistakes of cases are told
        return None
    first = next((case for case in cases if case.expect == "pass"), None)
    if first is None:
        return None
    return {kind: [record["predicate"] for record in records] for kind, records in first.filed.items() if records}
