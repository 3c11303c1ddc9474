"""Built-ins: which ones a policy may call, and in Python those that OPA's WebAssembly leaves to its host.

The worker of the regorus engine loads this file by itself: it imports only the standard library when it is loaded.

Each follows OPA's own on the values that it takes and is tested against it. A failing call (BuiltinError) is undefined,
as in OPA. What OPA could answer and the engines answer differently is refused as OutsideLanguageError, an error of the
whole rule: better no answer than one that depends on the engine.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

_MAX_WHOLE = 1 << 53
_MAX_NS = (1 << 63) - 1
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_NS = 86_400 * 10**9
# As lenient as Go's parser is: one digit for the hour, a comma before the fraction, an offset of up to 24:60.
_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class BuiltinError(Exception):
    """The call has no value."""


class OutsideLanguageError(Exception):
    """The call is outside the part of Rego on which the engines agree."""


class AllowedBuiltin(NamedTuple):
    """An entry of builtins.yaml: who has it natively, whether it can fail, and the only files that may call it."""

    name: str
    engines: dict[str, str]
    total: bool
    only: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def allowed_builtins() -> dict[str, AllowedBuiltin]:
    """The built-ins that a policy may call, by name."""
    return {
        name: AllowedBuiltin(
            name=name,
            engines={"opa": "native", "regorus": entry["regorus"], "wasm": entry["wasm"]},
            total=entry["total"],
            only=tuple(entry.get("only", ())),
        )
        for name, entry in _table()["allowed"].items()
    }


@lru_cache(maxsize=1)
def refused_builtins() -> dict[str, str]:
    """Built-ins that are often looked for and not allowed: name to reason."""
    return dict(_table()["refused"])


def _table() -> dict[str, Any]:
    from evidence.model.yaml import parse_yaml

    table: dict[str, Any] = parse_yaml(Path(__file__).with_name("builtins.yaml").read_bytes()).value
    return table


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise BuiltinError
    if abs(value) > _MAX_WHOLE * 1024:
        raise OutsideLanguageError("a whole number past 2^63")
    return value


def _sprintf(template: Any, values: Any) -> str:
    """`%s` of a string, `%d` of a whole number, `%v` of either, `%%`; as many verbs as values."""
    if not isinstance(template, str) or not isinstance(values, list):
        raise BuiltinError
    rest = iter(values)
    out: list[str] = []
    for piece in re.findall(r"%.?|[^%]+", template, re.DOTALL):
        if piece == "%%":
            out.append("%")
        elif piece.startswith("%"):
            out.append(_verb(piece, rest))
        else:
            out.append(piece)
    if next(rest, _END) is not _END:
        raise OutsideLanguageError("more values than verbs")
    return "".join(out)


_END = object()


def _verb(verb: str, rest: Any) -> str:
    if verb not in ("%s", "%d", "%v"):
        raise OutsideLanguageError(f"`{verb}` (only `%s`, `%d` and `%v` are allowed)")
    value = next(rest, _END)
    if value is _END:
        raise OutsideLanguageError("more verbs than values")
    if isinstance(value, str) and verb != "%d":
        return value
    if type(value) is int and verb != "%s" and abs(value) <= _MAX_WHOLE:
        return str(value)
    raise OutsideLanguageError(f"`{verb}` of a value that is not its kind of string or whole number")


def _count(text: Any, part: Any) -> int:
    if not isinstance(text, str) or not isinstance(part, str):
        raise BuiltinError
    return text.count(part) if part else len(text) + 1


def _any_prefix(texts: Any, parts: Any) -> bool:
    """Whether some text begins with some part. No clock runs here, so the work must not grow with their product."""
    kept: list[str] = []
    for part in sorted(_strings(parts)):
        if not (kept and part.startswith(kept[-1])):
            kept.append(part)
    # None of the kept parts begins with another: only the greatest that is not after a text can be its beginning.
    places = ((text, bisect_right(kept, text)) for text in _strings(texts))
    return any(place and text.startswith(kept[place - 1]) for text, place in places)


def _any_suffix(texts: Any, parts: Any) -> bool:
    return _any_prefix([text[::-1] for text in _strings(texts)], [part[::-1] for part in _strings(parts)])


def _strings(value: Any) -> list[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise BuiltinError
    return items


def _parse_rfc3339(text: Any) -> int:
    """Nanoseconds since 1970; undefined outside the years that a signed 64-bit number of them reaches."""
    found = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise BuiltinError
    year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
    if hour > 23 or minute > 59 or second > 59 or (found[8] and (int(found[9]) > 24 or int(found[10]) > 60)):
        raise BuiltinError
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        raise BuiltinError from None
    nanos = int((found[7] or "").ljust(9, "0")[:9])
    offset = 0
    if found[8]:
        offset = (int(found[9]) * 60 + int(found[10])) * 60 * (1 if found[8] == "+" else -1)
    return _ns((days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 10**9 + nanos)


def _ns(value: int) -> int:
    if not -_MAX_NS - 1 <= value <= _MAX_NS:
        raise BuiltinError
    return value


def _day_of(instant: Any) -> tuple[date, int]:
    days, rest = divmod(_ns(_whole(instant)), _DAY_NS)
    return date.fromordinal(days + _EPOCH), rest


def _add_date(instant: Any, years: Any, months: Any, days: Any) -> int:
    """Calendar arithmetic in UTC; a day past the month's end runs on into the next month, as in Go's time.AddDate."""
    day, rest = _day_of(instant)
    total = (day.year + _whole(years)) * 12 + day.month - 1 + _whole(months)
    try:
        first = date(total // 12, total % 12 + 1, 1)
        moved = first + timedelta(days=day.day - 1 + _whole(days))
    except (ValueError, OverflowError):
        raise BuiltinError from None
    return _ns((moved.toordinal() - _EPOCH) * _DAY_NS + rest)


def _date(instant: Any) -> list[int]:
    day, _ = _day_of(instant)
    return [day.year, day.month, day.day]


def _clock(instant: Any) -> list[int]:
    seconds = _day_of(instant)[1] // 10**9
    return [seconds // 3600, seconds // 60 % 60, seconds % 60]


def _weekday(instant: Any) -> str:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return names[_day_of(instant)[0].weekday()]


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BuiltinError
    if abs(value) > _MAX_WHOLE * 1024:
        raise OutsideLanguageError("a number past 2^63")
    return value


def _round(value: Any) -> int:
    """The nearest whole number, away from zero where two are as near."""
    number = _number(value)
    nearest = (abs(Fraction(number)) + Fraction(1, 2)) // 1
    return nearest if number >= 0 else -nearest


def _to_number(value: Any) -> int | float:
    """null is 0, true 1; text is a decimal number as Go reads it, but for what is no number in JSON either."""
    if value is None or isinstance(value, bool):
        return int(value or 0)
    if not isinstance(value, str):
        return _number(value)
    if _DECIMAL.fullmatch(value) is None:
        raise BuiltinError
    whole = value.lstrip("+-").isdigit()
    if not whole and abs(float(value)) == math.inf:
        raise BuiltinError
    return _number(int(value) if whole else float(value))


HOST: dict[str, Callable[..., Any]] = {
    "sprintf": _sprintf,
    "strings.any_prefix_match": _any_prefix,
    "strings.any_suffix_match": _any_suffix,
    "strings.count": _count,
    "time.add_date": _add_date,
    "time.clock": _clock,
    "time.date": _date,
    "time.parse_rfc3339_ns": _parse_rfc3339,
    "time.weekday": _weekday,
}
"""The built-ins that a compiled module may ask its host for, by name."""

REGORUS: dict[str, Callable[..., Any]] = {
    **{name: HOST[name] for name in ("sprintf", "strings.count", "time.add_date", "time.parse_rfc3339_ns")},
    "round": _round,
    "to_number": _to_number,
}
"""Those that take the place of regorus's own, which answer otherwise than OPA."""
