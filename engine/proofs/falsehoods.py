"""False values: what a place in a record could hold instead, each with the kind of falsehood that it is.

Kinds in `STRICT` can never be right where the record was: no control may pass on them. A value of another kind may well
be as good as the first (a larger number, another word), so that only some of them have to be noticed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from engine.deciding.evaluate import Context, PolicyRecord
from engine.proofs.places import Step, at
from evidence.model.base import CLOCKS_DIFFER, DURATION_PATTERN, INSTANT_PATTERN, format_instant, parse_instant
from evidence.model.subject import system_digest

Kind = Literal[
    "placeholder", "digest", "scope", "negative", "to-come", "after-filing", "window", "value", "text", "elsewhere"
]
STRICT: frozenset[Kind] = frozenset({"placeholder", "digest", "scope", "negative", "to-come", "after-filing", "window"})
PLACEHOLDER = "n/a"
OTHER_DIGEST = f"sha256:{32 * 'f0'}"
OTHER_TEXT = "another value"
_FAR = 1_000_000_000
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
_ESTIMATE = ("value", "ci_low", "ci_high")
LEDGERS = ("filed_at", "log_index")
"""What the ledger says of a record, and nobody who files one."""
_NO_CLAIMS = (*LEDGERS, "expires_at")


@dataclass(frozen=True)
class Falsehood:
    """Another value for a place in a record; `steps` is the place itself or one above it."""

    kind: Kind
    steps: tuple[Step, ...]
    value: Any


def falsehoods(
    record: PolicyRecord,
    steps: tuple[Step, ...],
    context: Context,
    words: frozenset[str],
    thresholds: Iterable[float],
) -> Iterator[Falsehood]:
    """False values for the text, number or boolean at a place of a record; none for a list or an object.

    `words` are the values that its enumeration has, `thresholds` the numbers that it may be compared with.
    """
    value, parent = at(record, steps), at(record, steps[:-1])
    if isinstance(value, bool):
        yield Falsehood("value", steps, not value)
    elif isinstance(value, (int, float)):
        numbers = [number for number in _numbers(value, thresholds) if number >= 0 or steps[0] not in LEDGERS]
        if value >= 0 and steps[0] not in LEDGERS:
            yield Falsehood("negative", steps, -1)
        if steps[-1] in _ESTIMATE and all(isinstance(parent.get(name), (int, float)) for name in _ESTIMATE):
            yield from (Falsehood("value", steps[:-1], _moved(parent, number - value)) for number in numbers)
        yield from (Falsehood("value", steps, number) for number in numbers)
    elif isinstance(value, str):
        period = isinstance(parent, dict) and {"start", "end"} <= set(parent) and steps[-1] in ("start", "end")
        if period and re.match(INSTANT_PATTERN, value):
            end = parse_instant(parent["end"])
            yield Falsehood("window", steps[:-1], {**parent, "start": format_instant(end)})
            yield Falsehood("window", steps[:-1], {**parent, "start": format_instant(end - timedelta(seconds=1))})
        yield from (
            Falsehood(kind, steps, other)
            for kind, other in _texts(value, steps, record, context, words)
            if other != value
        )


def elsewhere(
    records: Iterable[PolicyRecord], record: PolicyRecord, steps: tuple[Step, ...], context: Context
) -> Iterator[Falsehood]:
    """The other names that stand in the records of a case, or the other digests and the subject's, for one there.

    They show that a fact decides which only has to be the same as another, or another than it.
    """
    value = at(record, steps)
    if isinstance(value, str) and steps[0] in ("predicate", "subject") and is_name(value):
        digest = value.startswith("sha256:")
        texts = {text for one in records for part in ("predicate", "subject") for text in _names(one[part])}
        others = (texts | {context.subject.digest}) - {value}
        yield from (
            Falsehood("elsewhere", steps, text) for text in sorted(others) if text.startswith("sha256:") == digest
        )


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if is_name(value) else []
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _names(item)


def is_name(text: str) -> bool:
    """Whether the text is no time."""
    return not any(re.match(pattern, text) for pattern in (INSTANT_PATTERN, DURATION_PATTERN, _DAY))


def _numbers(value: float, thresholds: Iterable[float]) -> Iterator[float]:
    """Either end of what a schema may allow, and either side of each threshold."""
    found: dict[float, None] = {}
    for threshold in sorted(thresholds):
        whole = isinstance(value, int)
        if whole and threshold != int(threshold):
            continue
        base = int(threshold) if whole else threshold
        found |= dict.fromkeys([base - 1, base + 1] if whole else [base - 0.01, base + 0.01, base - 1, base + 1])
    yield from (number for number in [*found, 0, 1, _FAR, -_FAR] if number != value)


def _moved(estimate: Mapping[str, Any], by: float) -> dict[str, Any]:
    """The estimate with its interval, moved as a whole: one end alone would not be an estimate."""
    return {**estimate, **{name: round(estimate[name] + by, 9) for name in _ESTIMATE}}


def _texts(
    value: str, steps: tuple[Step, ...], record: PolicyRecord, context: Context, words: frozenset[str]
) -> Iterator[tuple[Kind, Any]]:
    subject = context.subject
    if value.startswith("sha256:"):
        # A snapshot holds records about the subject and about its system, and no others.
        yield "digest", system_digest(subject.system_id) if steps[0] == "subject" else OTHER_DIGEST
    elif words:
        yield from (("value", word) for word in sorted(words))
    elif re.match(INSTANT_PATTERN, value):
        yield from _instants(value, steps, parse_instant(record["filed_at"]), context.instant)
    elif _DAY.match(value):
        if value <= context.instant.date().isoformat():
            yield "to-come", (context.instant.date() + timedelta(days=1)).isoformat()
        yield from (("value", day.isoformat()) for day in (date.min, date.max))
    elif re.match(DURATION_PATTERN, value):
        yield from (("value", duration) for duration in ("PT1S", "P1D", "P1000Y"))
    elif value in (subject.system_id, subject.name):
        yield "scope", "another-system"
    else:
        if steps[0] != "signature":  # its names are those of the holders of keys
            yield "placeholder", PLACEHOLDER
        yield "text", OTHER_TEXT


def _instants(value: str, steps: tuple[Step, ...], filed: datetime, now: datetime) -> Iterator[tuple[Kind, Any]]:
    later = timedelta(seconds=CLOCKS_DIFFER + 1)
    claimed = steps[0] not in _NO_CLAIMS
    if claimed and value <= format_instant(now):
        yield "to-come", format_instant(max(now, filed) + later)
    if claimed and value <= format_instant(filed) and filed + later <= now:
        yield "after-filing", format_instant(filed + later)
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    before = max(parse_instant(value) - timedelta(days=1), first + timedelta(days=1))
    yield from (("value", format_instant(other)) for other in (first, last, now, before, filed))
