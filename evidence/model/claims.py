"""Times that a record claims: none of what it says has been lies after the ledger took the record in.

What a record states of itself is a claim; when the ledger took it in is a fact. So whoever signs may date an act back,
where the order of the log counts, but never ahead. The store asks before it keeps a record, the snapshot (and with it
`verify`) of each record that it counts. The clocks of those who write may differ by a few seconds.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from evidence.model.base import CLOCKS_DIFFER, HAPPENED, format_instant, parse_instant
from evidence.model.own import model_of
from evidence.model.record import Record

NOT_YET = "a record says what has been; set the clock right that gave the time, or file it when it has come"
"""How a time ahead is mended."""
_EACH = ""
_Shape = Mapping[str, Any]
"""Field -> shape of its value; `_EACH` stands for each element. An empty shape is a time that has been."""


class Ahead(NamedTuple):
    """A time in a record that lies after its filing: where it stands, and the instant (of a day its beginning)."""

    path: str
    claimed: datetime

    def told(self, filed_at: datetime) -> str:
        """The claim beside the fact."""
        return (
            f"`{self.path}` says {format_instant(self.claimed)}, and the ledger has the record since "
            f"{format_instant(filed_at)}"
        )


def ahead(claimed: datetime, filed_at: datetime) -> bool:
    """Whether what has been, so it is said, lies after the filing of whoever says it."""
    return claimed - filed_at > timedelta(seconds=CLOCKS_DIFFER)


def ahead_of(
    type_: str, content: Any, *, issued_at: datetime, collected_at: datetime, filed_at: datetime
) -> Ahead | None:
    """The first time of which a record of a type says that it has been, and that lies after the ledger took it in."""
    times = [("issued_at", issued_at), ("collected_at", collected_at), *claimed_times(model_of(type_), content)]
    return next((Ahead(path, claimed) for path, claimed in times if ahead(claimed, filed_at)), None)


def record_ahead(record: Record, filed_at: datetime) -> Ahead | None:
    """`ahead_of` of a record."""
    envelope = record.envelope
    times = {"issued_at": envelope.issued_at, "collected_at": envelope.collected_at}
    return ahead_of(record.type, record.content, **times, filed_at=filed_at)


def claimed_times(kind: Any, value: Any) -> Iterator[tuple[str, datetime]]:
    """Path and instant (of a day its beginning) of each time that has been in a JSON value of a type."""
    shape = _shape(kind)
    for path, text in () if shape is None else _times(shape, value, ()):
        yield ".".join(path), parse_instant(text if "T" in text.upper() else f"{text}T00:00:00Z")


def _times(shape: _Shape, value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if not shape:
        if isinstance(value, str):
            yield path, value
        return
    if isinstance(value, list):
        for index, item in enumerate(value if _EACH in shape else ()):
            yield from _times(shape[_EACH], item, (*path, str(index)))
    elif isinstance(value, dict):
        for name, item in value.items():
            inner = shape.get(name, shape.get(_EACH))
            if inner is not None:
                yield from _times(inner, item, (*path, name))


@cache
def _shape(kind: Any) -> _Shape | None:
    """Where a value of a type holds times that have been; None where nowhere."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return {} if HAPPENED in kind.__metadata__ else _shape(arguments[0])
    if origin in (Union, UnionType):
        shapes = [shape for argument in arguments if (shape := _shape(argument)) is not None]
        return {name: inner for shape in shapes for name, inner in shape.items()} if shapes else None
    if origin in (tuple, dict):
        inner = _shape(arguments[-1] if origin is dict else arguments[0])
        return None if inner is None else {_EACH: inner}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        found = {}
        for name, field in kind.model_fields.items():
            annotation: Any = field.annotation
            inner = {} if HAPPENED in field.metadata else _shape(annotation)
            if inner is not None:
                found[field.alias or name] = inner
        return found or None
    return None
