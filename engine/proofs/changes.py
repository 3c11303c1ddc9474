"""How a case differs from the base of its file: records copied, values changed, things taken away.

A place is a JSON Pointer (RFC 6901) without its first slash: `resilience-test/1/passed`. It begins with an evidence
type and the number of a record; the next name is a field of the record where it has one of that name (`issued_at`),
else one of its content. The `/` of an organisation's own type is no step: `custom/security-review/0/passed`.
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.bundle.documents import Document
from engine.errors import PolicyError
from evidence.model.own import CUSTOM
from evidence.model.yaml import Place

Evidence = dict[str, list[dict[str, Any]]]
"""Records by type as a case writes them, each `{predicate: …, and fields of the record}`."""
_GONE = object()


class DifferenceError(Exception):
    """A place that is not there, or a change that changes nothing; the text says which and how to mend it."""


class Differences:
    """The evidence of one case while its differences are applied; `changed` are lines by type and record number."""

    def __init__(self, base: Evidence, fields: Mapping[str, frozenset[str]], record_fields: frozenset[str]) -> None:
        self.evidence: Any = copy.deepcopy(base)
        self.changed: dict[tuple[str, int], Place] = {}
        self._fields = fields
        self._record_fields = record_fields

    def apply(
        self,
        document: Document,
        at: Place,
        copies: Mapping[str, str],
        change: Mapping[str, Any],
        without: Iterable[str],
    ) -> list[PolicyError]:
        """Apply copies, then changes, then what is taken away, each in the order written; what is wrong with them."""
        steps: list[tuple[Place, str, Any, Callable[[list[Any], Any], None]]]
        steps = [((*at, "copy", place), place, source, self._copy) for place, source in copies.items()]
        steps += [((*at, "change", place), place, value, self._change) for place, value in change.items()]
        steps += [((*at, "without", index), place, _GONE, self._change) for index, place in enumerate(without)]
        mistakes = []
        for where, place, value, do in steps:
            try:
                steps_of = self._steps(place)
                do(steps_of, value)
                if len(steps_of) > 1:
                    self.changed[steps_of[0], int(steps_of[1])] = where
            except DifferenceError as cause:
                mistakes.append(document.error(f"`{place}`: {cause}", *where, hint="look at the file's `base`"))
        self._sweep()
        return mistakes

    def _sweep(self) -> None:
        """Leave out what was taken away; the records behind it move up."""
        moved: dict[tuple[str, int], tuple[str, int]] = {}
        for kind, items in self.evidence.items():
            left = [index for index, item in enumerate(items if items is not _GONE else ()) if item is not _GONE]
            moved |= {(kind, index): (kind, new) for new, index in enumerate(left)}
        self.changed = {moved[place]: where for place, where in self.changed.items() if place in moved}
        self.evidence = _swept(self.evidence)

    def _steps(self, place: str) -> list[Any]:
        """A place as the steps that lead to it, `predicate` put in where a field of the content is named."""
        head, place = (CUSTOM, place.removeprefix(CUSTOM)) if place.startswith(CUSTOM) else ("", place)
        parts = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")]
        parts[0] = head + parts[0]
        if parts[0] not in self._fields:
            raise DifferenceError(f"the control does not read `{parts[0]}`")
        if len(parts) > 2 and parts[2] != "predicate":
            record_field = parts[2] in self._record_fields
            if record_field and parts[2] in self._fields[parts[0]]:
                raise DifferenceError(
                    f"`{parts[2]}` may be the record's or its content's: write `predicate/{parts[2]}`"
                )
            if not record_field:
                parts.insert(2, "predicate")
        return parts

    def _copy(self, steps: list[Any], source: str) -> None:
        self._change(steps, copy.deepcopy(self._at(self._steps(source))))

    def _change(self, steps: list[Any], value: Any) -> None:
        if len(steps) == 1 and value is not _GONE:
            raise DifferenceError("write the records of a type one by one, or under `evidence`")
        if len(steps) == 2 and value is not _GONE:
            value = record_of(value, self._fields[steps[0]], self._record_fields)
            self.evidence.setdefault(steps[0], [])
        parent = self._at(steps[:-1])
        key = _key(parent, steps[-1], adding=value is not _GONE)
        if isinstance(parent, list) and key == len(parent):
            parent.append(value)
            return
        if isinstance(parent, dict) and value is not _GONE and key in parent and _same(parent[key], value):
            raise DifferenceError("it is that already")
        parent[key] = value

    def _at(self, steps: list[Any]) -> Any:
        value = self.evidence
        for step in steps:
            key = _key(value, step, adding=False)
            value = value[key]
            if value is _GONE:
                raise DifferenceError(f"`{step}` was taken away")
        return value


def record_of(given: Any, fields: frozenset[str], record_fields: frozenset[str]) -> dict[str, Any]:
    """A record as it is written, with its content under `predicate`.

    Names that are fields of a record are the record's, all others the content's (`fields` are those that it has).
    Raises DifferenceError where a name may be either: then the content stands under `predicate`.
    """
    if not isinstance(given, dict):
        raise DifferenceError("a record is a mapping")
    if "predicate" in given:
        return dict(given)
    either = sorted(set(given) & record_fields & fields)
    if either:
        raise DifferenceError(
            f"`{either[0]}` may be the record's or its content's: write the content under `predicate`"
        )
    record = {name: value for name, value in given.items() if name in record_fields}
    return {**record, "predicate": {name: value for name, value in given.items() if name not in record_fields}}


def _key(parent: Any, step: Any, *, adding: bool) -> Any:
    if isinstance(parent, list):
        if not str(step).isascii() or not str(step).isdigit() or int(step) > len(parent) - (0 if adding else 1):
            raise DifferenceError(f"there is no entry `{step}`; it has {len(parent)}")
        return int(step)
    if not isinstance(parent, dict):
        raise DifferenceError(f"nothing lies under it at `{step}`")
    if not adding and step not in parent:
        raise DifferenceError(f"there is no `{step}`")
    return step


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _swept(value: Any) -> Any:
    if isinstance(value, list):
        return [_swept(item) for item in value if item is not _GONE]
    if isinstance(value, dict):
        return {name: _swept(item) for name, item in value.items() if item is not _GONE}
    return value
