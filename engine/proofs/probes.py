"""Other values of a field, of the same type: to tell whether the field decides anything in a case."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from evidence.model.base import INSTANT_PATTERN

MAX_PROBES = 60
_FAR_NUMBERS = (0, -1, 1, -1_000_000_000, 1_000_000_000)
_INSTANTS = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
_DAYS = ("0001-01-01", "9999-12-31")
_WORDS = ("", "another value")
_DIGEST = f"sha256:{64 * 'e'}"


def other_values(value: Any, words: frozenset[str] = frozenset()) -> list[Any]:
    """Up to MAX_PROBES values that differ from `value`; `words` are the values that its enumeration has."""
    return list(islice((other for other in _others(value, words) if other != value), MAX_PROBES))


def _others(value: Any, words: frozenset[str]) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield from _FAR_NUMBERS
    elif isinstance(value, str):
        yield from _texts(value, words)
    elif isinstance(value, list):
        yield from ([["another value"], [{}], [0]] if not value else [[]])
        for index, item in enumerate(value[:4]):
            for other in islice(_others(item, words), 8):
                yield [*value[:index], other, *value[index + 1 :]]
                yield [*value, other]
    elif isinstance(value, dict):
        yield {"another value": 0} if not value else {}
        for name in sorted(value):
            yield {other: item for other, item in value.items() if other != name}
            for other in islice(_others(value[name], words), 8):
                yield {**value, name: other}


def _texts(value: str, words: frozenset[str]) -> Iterator[str]:
    if re.match(INSTANT_PATTERN, value):
        yield from _INSTANTS
    elif re.match(r"^\d{4}-\d\d-\d\d$", value):
        yield from _DAYS
    elif value.startswith("sha256:"):
        yield _DIGEST
    else:
        yield from sorted(words)
        yield from _WORDS
