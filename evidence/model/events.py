"""What a record tells of: the same event told again, in other words or under another number, is the same event.

Which fields tell one event from another is said by the schemas of a bundle (`x-event`), as published from
`Predicate.EVENT`: policies of before, which knew of no events, are given the records that they were given then. So it
is with events that are told as they go on (`x-retold`, from `Predicate.RETOLD`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from evidence.model.base import parse_instant
from evidence.model.canonical import canonical_bytes, digest_json

Schema = Mapping[str, Any]
Fields = frozenset[str] | None
"""The fields of an entry of a list; None where it is none that has fields."""


def tells_events(schemas: Iterable[Schema]) -> bool:
    """Whether policies with these schemas see in each record which event it tells of."""
    return any("x-event" in schema for schema in schemas)


def tells_again(schemas: Iterable[Schema]) -> bool:
    """Whether policies with these schemas see of some events the last account alone."""
    return any("x-retold" in schema for schema in schemas)


def event_of(schema: Schema, content: Any, *, digest: str) -> str:
    """The digest of an event: of those fields of a record's content that tell one from another. A list of texts counts
    in any order, each once. Who brought the record, and whether it is filed about the version or its system, is the
    sender's choice and tells no event.

    It is the `digest` of the whole content where a type names no such fields, and in a case that leaves one of them
    out which every record of the type has.
    """
    fields = schema.get("x-event", ())
    told = {name: _in_order(content[name]) for name in fields if isinstance(content, dict) and name in content}
    if not told or set(fields) & set(schema.get("required", ())) - told.keys():
        return digest
    return digest_json(told)


def _in_order(value: Any) -> Any:
    return sorted(set(value)) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value


def account_of(schema: Schema, content: Mapping[str, Any]) -> str | None:
    """What two accounts of one event have in common, as a digest: the fields that tell it, but for lists, which an
    account may leave open at first. None where accounts of this type stand for themselves.
    """
    if "x-retold" not in schema or not schema.get("x-event"):
        return None
    told = {name: content.get(name) for name in schema["x-event"]}
    return digest_json({name: value for name, value in told.items() if not isinstance(value, list | tuple)})


def taken_back(schema: Schema, earlier: Mapping[str, Any], later: Mapping[str, Any], *, given: datetime) -> list[str]:
    """The fields in which a later account leaves out what an earlier one told, or tells it milder or otherwise.

    It may tell what was open; add to a list or map; add a field to an entry of a list; call a thing graver, as far as
    the schema has an order for that (`x-retold`); or tell anew what is foreseen or handed on. Whom a map of instants
    did not name had not been told when the account was `given`: nobody is added to it as of then or before.
    """
    return Account(later).takes_back(schema, earlier, given=given)


class Account:
    """A later account of an event, against which any number of earlier ones are held: what it says is written once.

    The content must not be changed afterwards.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._written: dict[str, bytes] = {}
        self._entries: dict[tuple[str, Fields], Counter[bytes]] = {}

    def takes_back(self, schema: Schema, earlier: Mapping[str, Any], *, given: datetime) -> list[str]:
        """As `taken_back`."""
        graver: Mapping[str, Sequence[Any] | None] = schema.get("x-retold", {})
        now = self._content

        def told(name: str, before: Any) -> bool:
            kept = self._keeps(name, before, given)
            return kept or (name in graver and _is_graver(graver[name], before, now[name]))

        return [name for name, before in sorted(earlier.items()) if name not in now or not told(name, before)]

    def tells_more(self, earlier: Mapping[str, Any]) -> list[str]:
        """The fields that it tells otherwise than an earlier one, or that one did not tell."""
        return [
            name
            for name in sorted(self._content)
            if name not in earlier or canonical_bytes(earlier[name]) != self._text(name)
        ]

    def _keeps(self, name: str, before: Any, given: datetime) -> bool:
        """Whether what was told still is."""
        now = self._content[name]
        if isinstance(before, Mapping) and isinstance(now, Mapping):
            kept = all(key in now and _same(value, now[key]) for key, value in before.items())
            return kept and not any(_was_by(now[key], given) for key in now.keys() - before.keys())
        if isinstance(before, list | tuple) and isinstance(now, list | tuple):
            return all(self._has(name, fields, before) for fields in {_fields(item) for item in before})
        return _same(before, now)

    def _has(self, name: str, fields: Fields, before: Sequence[Any]) -> bool:
        """Whether the entries with some fields are there still, if with more: one stands for one."""
        if (name, fields) not in self._entries:
            self._entries[name, fields] = _written(self._content[name], fields)
        there = self._entries[name, fields]
        return all(number <= there[text] for text, number in _written(before, fields).items())

    def _text(self, name: str) -> bytes:
        if name not in self._written:
            self._written[name] = canonical_bytes(self._content[name])
        return self._written[name]


def _was_by(value: Any, given: datetime) -> bool:
    """Whether a value is an instant, and that had come."""
    try:
        return isinstance(value, str) and parse_instant(value) <= given
    except ValueError:
        return False


def _fields(item: Any) -> Fields:
    return frozenset(item) if isinstance(item, Mapping) else None


def _written(entries: Sequence[Any], fields: Fields) -> Counter[bytes]:
    """How often entries that have these fields say what of them; of texts, each once."""
    if fields is None:
        return Counter({canonical_bytes(item) for item in entries if not isinstance(item, Mapping)})
    having = (item for item in entries if isinstance(item, Mapping) and fields <= item.keys())
    return Counter(canonical_bytes({name: item[name] for name in fields}) for item in having)


def _same(before: Any, now: Any) -> bool:
    # Python holds 1 and True equal.
    return canonical_bytes(before) == canonical_bytes(now)


def _is_graver(mild: Sequence[Any] | None, before: Any, now: Any) -> bool:
    """Whether `now` comes after `before` in an order from the mildest; what is not named is the gravest. Without an
    order anything may.
    """
    if mild is None:
        return True
    if not mild:
        return all(isinstance(value, int) and not isinstance(value, bool) for value in (before, now)) and now > before
    places = [next((i for i, value in enumerate(mild) if _same(value, one)), len(mild)) for one in (before, now)]
    return places[0] < places[1]
