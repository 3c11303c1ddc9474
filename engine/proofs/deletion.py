"""The deletion test: from a case that passes, take away one thing that the control reads; no such change may pass.

Taken away, one at a time: all records of a type, each field (of each differently shaped element of a list), the entries
of each list and map, each parameter, and the entries of each parameter that is a list or map. One element of several is
not taken away alone: a shorter list of good groups may well be good.

A field or parameter that decides nothing in the case may go: no other value of it changes the outcome either, as with
the better end of an interval. Where another value would not have passed, its absence must not pass.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bundle.control import Control
from engine.bundle.facts import ControlFacts
from engine.deciding.evaluate import judge
from engine.deciding.verdict import ControlResult, Status
from engine.proofs.cases import Case, Questions
from engine.proofs.places import (
    APPLIES,
    LETS_THROUGH,
    at,
    binding_objectives,
    is_collection,
    is_read,
    places,
    plain_path,
    pointer,
    replaced,
    without,
)
from engine.proofs.probes import other_values
from engine.rego.typecheck import PARAMETER


@dataclass(frozen=True)
class Change:
    """One thing taken away: `what` in words, `path` without positions, as METADATA's `may_be_empty` names it."""

    what: str
    path: str
    evidence: Mapping[str, Any]
    parameters: Mapping[str, Any]
    instead: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = ()
    """Evidence and parameters with another value in the place of what was taken away."""
    proves_itself: bool = False
    """The absence is a state that may well come (no records, an empty list), whatever other values do."""


@dataclass(frozen=True)
class Survivor:
    """A change after which the control still lets the subject through."""

    case: str
    what: str
    path: str
    status: str

    def __str__(self) -> str:
        return f"{self.what}: still {self.status} ({self.path}; case: {self.case})"


@dataclass(frozen=True)
class DeletionResult:
    """How many changes were tried, which left a pass, and which exceptions of METADATA were needed."""

    tried: int
    survivors: tuple[Survivor, ...]
    excepted: frozenset[str]
    decided: frozenset[str]
    """Paths whose absence was noticed."""
    idle: frozenset[str]
    """Paths that decided nothing in this case."""


def deletion_test(
    control: Control,
    facts: ControlFacts,
    case: Case,
    passed: ControlResult,
    questions: Questions,
    words: Mapping[str, frozenset[str]],
) -> DeletionResult:
    """Try every change to a case that passed with the result `passed`; `words` are enumerations by evidence path."""
    reads = frozenset().union(*(facts.paths[name] for name in [*binding_objectives(passed), APPLIES]))
    survivors: list[Survivor] = []
    excepted: set[str] = set()
    decided: set[str] = set()
    idle: set[str] = set()
    tried = 0
    for change in changes(case, reads, words):
        tried += 1
        status = _status_after(control, case, change.evidence, change.parameters, questions)
        if status not in LETS_THROUGH:
            decided.add(change.path)
        elif change.path in control.may_be_empty:
            excepted.add(change.path)
        elif (
            change.proves_itself
            or status is not passed.status
            or any(
                _status_after(control, case, evidence, parameters, questions) not in LETS_THROUGH
                for evidence, parameters in change.instead
            )
        ):
            survivors.append(Survivor(case.name, change.what, change.path, str(status)))
        else:
            idle.add(change.path)
    return DeletionResult(tried, tuple(survivors), frozenset(excepted), frozenset(decided), frozenset(idle - decided))


def _status_after(
    control: Control, case: Case, evidence: Mapping[str, Any], parameters: Mapping[str, Any], questions: Questions
) -> Status:
    answer = questions.ask(evidence, case.context, parameters)
    # `judge` cites whole records, so it is shown those of the case that are still there.
    left = {kind: items if evidence[kind] else [] for kind, items in case.records.items()}
    return judge(control, answer, left, case.context).status


def changes(case: Case, reads: frozenset[str], words: Mapping[str, frozenset[str]]) -> Iterator[Change]:
    """Every change to a case that takes away something that is read; `words` are enumerations by evidence path."""
    parameters = case.context.parameters
    for kind, records in case.records.items():
        if kind not in reads or not records:
            continue
        for steps, pattern in [([], kind), *places(records, kind)]:
            if not is_read(pattern, reads):
                continue
            value = at(records, steps)
            if isinstance(value, (list, dict)) and value and (not steps or is_collection(pattern, reads)):
                evidence = {**case.records, kind: replaced(records, steps, type(value)())}
                what = f"every {kind} record" if not steps else f"the entries of {pointer(kind, steps)}"
                yield Change(what, plain_path(pattern), evidence, parameters, proves_itself=True)
            if steps and isinstance(steps[-1], str) and not pattern.endswith(".*"):
                evidence = {**case.records, kind: without(records, steps)}
                others = tuple(
                    ({**case.records, kind: replaced(records, steps, other)}, parameters)
                    for other in other_values(value, words.get(pattern, frozenset()))
                )
                yield Change(pointer(kind, steps), plain_path(pattern), evidence, parameters, others)
    for path in sorted(reads):
        if path.startswith(PARAMETER):
            yield from _parameter_changes(case, path.removeprefix(PARAMETER))


def _parameter_changes(case: Case, name: str) -> Iterator[Change]:
    parameters = case.context.parameters
    if name not in parameters:
        return
    rest = {other: value for other, value in parameters.items() if other != name}
    value = parameters[name]
    others = tuple((case.records, {**rest, name: other}) for other in other_values(value))
    yield Change(f"the parameter {name}", f"parameters.{name}", case.records, rest, others)
    if isinstance(value, (list, dict)) and value:
        emptied = {**rest, name: type(value)()}
        yield Change(f"the entries of the parameter {name}", f"parameters.{name}", case.records, emptied, others)
