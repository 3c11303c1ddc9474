"""Places in the records of a case: which of them a control reads, how METADATA names them, and what stands there."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.deciding.verdict import ControlResult, Status

MAX_SHAPES = 4
"""Differently shaped elements of one list that are looked at."""
MAX_ENTRIES = 8
"""Elements of one list that are looked at where those of each shape were not enough."""
LETS_THROUGH = (Status.PASS, Status.NOT_APPLICABLE)

APPLIES = "applies"
"""The rule beside the objectives of which it is told what it reads."""
Step = str | int


def binding_objectives(passed: ControlResult) -> list[str]:
    """The objectives on which a pass rests: those that bind, all where none does."""
    binding = [state.name for state in passed.objectives if not state.advisory]
    return binding or [state.name for state in passed.objectives]


def plain_path(pattern: str) -> str:
    """`fairness-audit[].predicate.groups[].n` as METADATA names it: `fairness-audit.groups.n`."""
    parts = pattern.replace("[]", "").split(".")
    if parts[1:2] == ["predicate"] and len(parts) > 2:
        del parts[1]
    return ".".join(part for part in parts if part != "*")


def places(
    value: Any, pattern: str, steps: tuple[Step, ...] = (), *, alike: bool = False
) -> Iterator[tuple[list[Step], str]]:
    """Every place under a value with its pattern, a few differently shaped elements for each list and map; those that
    are `alike` too, if asked for.

    A map's entries are told from an object's fields by what is read, so both patterns are offered.
    """
    if isinstance(value, list):
        for index in range(len(value))[:MAX_ENTRIES] if alike else _shapes(value):
            place = [*steps, index]
            yield place, f"{pattern}[]"
            yield from places(value[index], f"{pattern}[]", tuple(place), alike=alike)
    elif isinstance(value, dict):
        for name in sorted(value):
            place = [*steps, name]
            yield place, f"{pattern}.{name}"
            yield from places(value[name], f"{pattern}.{name}", tuple(place), alike=alike)
        for name in sorted(value)[:MAX_ENTRIES] if alike else _first_of_shapes(value):
            place = [*steps, name]
            yield place, f"{pattern}.*"
            yield from places(value[name], f"{pattern}.*", tuple(place), alike=alike)


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


def is_read(pattern: str, reads: frozenset[str]) -> bool:
    return bool(read_as(pattern, reads))


def read_as(pattern: str, reads: frozenset[str]) -> str:
    """The pattern itself where it is read, or that of the value above it that is read with all that lies under it.

    Empty where neither is so.
    """
    if pattern in reads:
        return pattern
    parents = pattern
    while parents:
        if f"{parents}/**" in reads:
            return parents
        parents = parents[:-2] if parents.endswith("[]") else parents.rpartition(".")[0]
    return ""


def is_collection(pattern: str, reads: Iterable[str]) -> bool:
    """Whether a place holds entries and not fields: a list, or a map whose entries are read."""
    return not any(path.startswith(f"{pattern}.") and not path.startswith(f"{pattern}.*") for path in reads)


def at(value: Any, steps: Iterable[Step]) -> Any:
    for step in steps:
        value = value[step]
    return value


def replaced(value: Any, steps: list[Step], new: Any) -> Any:
    if not steps:
        return new
    result = copy.copy(value)
    result[steps[0]] = replaced(value[steps[0]], steps[1:], new)
    return result


def without(value: Any, steps: list[Step]) -> Any:
    parent = copy.copy(at(value, steps[:-1]))
    del parent[steps[-1]]
    return replaced(value, steps[:-1], parent)


def pointer(kind: str, steps: Iterable[Step]) -> str:
    return "/".join([kind, *(str(step) for step in steps)])
