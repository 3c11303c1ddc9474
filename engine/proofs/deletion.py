"""The deletion test: from a case that passes, take away one thing that the control reads; no such change may pass.

Taken away, one at a time: all records of a type, each field (of each differently shaped element of a list), the entries
of each list and map, each parameter, and the entries of each parameter that is a list or map. One element of several is
not taken away alone: a shorter list of good groups may well be good.

A field or parameter that decides nothing in the case may go: no other value of it changes the outcome either, as with
the better end of an interval. Where another value would not have passed, its absence must not pass.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bundle.control import Control
from engine.deciding.evaluate import judge
from engine.deciding.verdict import ControlResult, Status
from engine.proofs.cases import Case, Questions
from engine.proofs.probes import other_values
from engine.rego.lint import ControlFacts
from engine.rego.typecheck import PARAMETER

MAX_SHAPES = 4
"""Differently shaped elements of one list of which fields are taken away."""
LETS_THROUGH = (Status.PASS, Status.NOT_APPLICABLE)

Step = str | int


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
    binding = [state.name for state in passed.objectives if not state.advisory] or [s.name for s in passed.objectives]
    reads = frozenset().union(*(facts.paths[name] for name in [*binding, "applies"]))
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
        for steps, pattern in [([], kind), *_places(records, kind)]:
            if not _is_read(pattern, reads):
                continue
            value = _at(records, steps)
            if isinstance(value, (list, dict)) and value and (not steps or _is_collection(pattern, reads)):
                evidence = {**case.records, kind: _replaced(records, steps, type(value)())}
                what = f"every {kind} record" if not steps else f"the entries of {_pointer(kind, steps)}"
                yield Change(what, plain_path(pattern), evidence, parameters, proves_itself=True)
            if steps and isinstance(steps[-1], str) and not pattern.endswith(".*"):
                evidence = {**case.records, kind: _without(records, steps)}
                others = tuple(
                    ({**case.records, kind: _replaced(records, steps, other)}, parameters)
                    for other in other_values(value, words.get(pattern, frozenset()))
                )
                yield Change(_pointer(kind, steps), plain_path(pattern), evidence, parameters, others)
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


def plain_path(pattern: str) -> str:
    """`fairness-audit[].predicate.groups[].n` as METADATA names it: `fairness-audit.groups.n`."""
    parts = pattern.replace("[]", "").split(".")
    if parts[1:2] == ["predicate"] and len(parts) > 2:
        del parts[1]
    return ".".join(part for part in parts if part != "*")


def _places(value: Any, pattern: str, steps: tuple[Step, ...] = ()) -> Iterator[tuple[list[Step], str]]:
    """Every place under a value with its pattern, a few differently shaped elements for each list.

    A map's entries are told from an object's fields by what is read, so both patterns are offered.
    """
    if isinstance(value, list):
        for index in _shapes(value):
            place = [*steps, index]
            yield place, f"{pattern}[]"
            yield from _places(value[index], f"{pattern}[]", tuple(place))
    elif isinstance(value, dict):
        for name in sorted(value):
            place = [*steps, name]
            yield place, f"{pattern}.{name}"
            yield from _places(value[name], f"{pattern}.{name}", tuple(place))
        for name in _first_of_shapes(value):
            place = [*steps, name]
            yield place, f"{pattern}.*"
            yield from _places(value[name], f"{pattern}.*", tuple(place))


def _shapes(items: list[Any]) -> list[int]:
    found: dict[str, int] = {}
    for index, item in enumerate(items):
        found.setdefault(_shape(item), index)
    return list(found.values())[:MAX_SHAPES]


def _first_of_shapes(items: Mapping[str, Any]) -> list[str]:
    found: dict[str, str] = {}
    for name in sorted(items):
        found.setdefault(_shape(items[name]), name)
    return list(found.values())[:MAX_SHAPES]


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{','.join(f'{name}:{_shape(item)}' for name, item in sorted(value.items()))}}}"
    if isinstance(value, list):
        return f"[{','.join(sorted({_shape(item) for item in value}))}]"
    return type(value).__name__


def _is_read(pattern: str, reads: frozenset[str]) -> bool:
    if pattern in reads:
        return True
    parents = pattern
    while parents:
        if f"{parents}/**" in reads:
            return True
        parents = parents[:-2] if parents.endswith("[]") else parents.rpartition(".")[0]
    return False


def _is_collection(pattern: str, reads: Iterable[str]) -> bool:
    """Whether a place holds entries and not fields: a list, or a map whose entries are read."""
    return not any(path.startswith(f"{pattern}.") and not path.startswith(f"{pattern}.*") for path in reads)


def _at(value: Any, steps: Iterable[Step]) -> Any:
    for step in steps:
        value = value[step]
    return value


def _replaced(value: Any, steps: list[Step], new: Any) -> Any:
    if not steps:
        return new
    result = copy.copy(value)
    result[steps[0]] = _replaced(value[steps[0]], steps[1:], new)
    return result


def _without(value: Any, steps: list[Step]) -> Any:
    parent = copy.copy(_at(value, steps[:-1]))
    del parent[steps[-1]]
    return _replaced(value, steps[:-1], parent)


def _pointer(kind: str, steps: Iterable[Step]) -> str:
    return "/".join([kind, *(str(step) for step in steps)])
