"""The frozen base model and the scalar types of the control catalogue."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticSerializationError, to_json

from evidence.model.canonical import canonical_bytes
from evidence.model.names import named
from evidence.model.text import said

INSTANT_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
DURATION_PATTERN = r"^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$"
CLOCKS_DIFFER = 10
"""Seconds by which the clocks of a ledger's writers may differ: so far may a time lie before the one before it."""
_USUAL_LENGTH = 40
"""Characters of an instant; a hostile one may have any number of digits behind its seconds."""
_RFC3339 = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$")


class Frozen(BaseModel):
    """Immutable, closed and strict: no unknown field, no coercion of one type into another."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        populate_by_name=True,
        serialize_by_alias=True,
        protected_namespaces=(),
        ser_json_inf_nan="strings",
        defer_build=True,  # a validator is built when it is first needed: most commands need few of them
    )

    def to_json(self) -> dict[str, Any]:
        """The model as plain JSON values, absent optional fields left out."""
        return self.model_dump(mode="json", exclude_none=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The copy says what its fields say: bytes, digests and whatever else was read of the first are not its own."""
        made = super().model_copy(update=update, deep=deep)
        for name in vars(made).keys() - type(self).model_fields:
            del vars(made)[name]
        return made

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The model of plain JSON values. Raises ValidationError, and EvidenceError where they have no canonical form.

        A strict model tells a list from a tuple in JSON text only, so it is given text. What does not fit as it is
        written may fit in canonical form, where `1.0` is the whole number 1.
        """
        try:
            return cls.model_validate_json(to_json(value))
        except (ValidationError, PydanticSerializationError):
            return cls.model_validate_json(canonical_bytes(value))


def parse_instant(value: object) -> datetime:
    """A point in time from RFC 3339 text or an aware datetime, in UTC and whole seconds (fractions are cut).

    Raises ValueError when there is no zone: local time would make a decision depend on the machine.
    """
    if isinstance(value, str):
        return _read_instant(value) if len(value) <= _USUAL_LENGTH else _read_instant.__wrapped__(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("not a date-time with zone, such as 2026-11-21T08:00:00Z")
    try:
        moment = value.astimezone(UTC)
        return moment.replace(microsecond=0) if moment.microsecond else moment
    except OverflowError:
        raise ValueError("outside the years 1 to 9999") from None


@lru_cache(maxsize=4096)  # the records of a system name the same instants again and again
def _read_instant(text: str) -> datetime:
    if not _RFC3339.match(text):
        raise ValueError("not an RFC 3339 date-time with zone, such as 2026-11-21T08:00:00Z")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError as cause:
        raise ValueError(f"not a date-time: {cause}") from None
    return parse_instant(moment)


@lru_cache(maxsize=4096)  # as for what is read: a decision writes several hundred, a few of them different
def format_instant(value: datetime) -> str:
    """RFC 3339 in UTC and whole seconds, so that text order is time order in every policy engine."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _parse_date(value: object) -> date:
    if isinstance(value, datetime):
        raise ValueError("a day, not a date-time")
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.match(r"^\d{4}-\d\d-\d\d$", value):
        return date.fromisoformat(value)
    raise ValueError("not an ISO 8601 day, such as 2026-11-21")


def _number(value: object) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("not a number")
    return value


def _safe_integer(value: int) -> int:
    if abs(value) > 2**53 - 1:
        raise ValueError("an integer outside ±(2^53 - 1) is not the same number in every JSON reader (RFC 8785)")
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    PlainSerializer(format_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}),
]
Date = Annotated[
    date,
    BeforeValidator(_parse_date),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]
HAPPENED = "happened"
"""Marks an instant or a day of which a record says that it has been (see `evidence.model.claims`)."""
Happened = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    PlainSerializer(format_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN, "x-happened": True}),
    HAPPENED,
]
"""An instant that lies in the past when the record is filed."""
HappenedDay = Annotated[
    date,
    BeforeValidator(_parse_date),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "x-happened": True}),
    HAPPENED,
]
Duration = Annotated[
    str,
    StringConstraints(pattern=DURATION_PATTERN.replace("(?=.)", ""), min_length=3),
    WithJsonSchema({"type": "string", "format": "duration"}),
]
"""ISO 8601 duration; years and months are added by the calendar."""
DigestText = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
RowKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""Key of a row of a table, 64 bits."""
Uri = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$", max_length=2048),
    WithJsonSchema({"type": "string", "format": "uri"}),
]
Int = Annotated[int, AfterValidator(_safe_integer)]
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Text = Annotated[str, AfterValidator(said)]
"""Text for people to read; a blank or a placeholder is refused."""
Name = Annotated[str, AfterValidator(named)]
"""A name or identifier."""
Count = Annotated[int, AfterValidator(_safe_integer), Field(ge=0)]
"""How many; never below zero."""
Share = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1, allow_inf_nan=False)]
"""A part of a whole, 0 to 1."""
Amount = Annotated[float, BeforeValidator(_number), Field(ge=0, allow_inf_nan=False)]
"""How much: a time taken, a size, a cost; never below zero."""
