"""What a record tells of: the same event told again, in other words or under another number, is the same event.

Which fields tell one event from another is said by the schemas of a bundle (`x-event`), as published from
`Predicate.EVENT`: policies of before, which knew of no events, are given the records that they were given then.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from evidence.model.canonical import digest_json

Schema = Mapping[str, Any]


def tells_events(schemas: Iterable[Schema]) -> bool:
    """Whether policies with these schemas see in each record which event it tells of."""
    return any("x-event" in schema for schema in schemas)


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
