"""Types of parameters: scalars, words of a closed set, periods, and lists and maps of them; what does not fit one.

`list<attack>` is a list of words out of the set `attack`, which the catalogue declares under `words`; `map<a|b,float>`
has the words of two sets as names. A value outside of its set is refused: nothing would ever read it.
"""

import calendar
import datetime
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.errors import did_you_mean
from evidence.model.canonical import digest_json
from evidence.model.duration import add_duration
from evidence.model.yaml import Place

SCALARS = ("str", "int", "float", "bool", "date", "duration")
KEYS = ("str", "int")
"""What the names in a map may be, besides words: any text, or whole numbers written as text."""
PERIOD = "period"
PERIOD_EXAMPLE = "{start: 2026-12-15, end: 2027-01-06}"
MAX_ENTRIES = 10_000
MAX_DEPTH = 8
_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")


class Problem(NamedTuple):
    """What is wrong at a place in a value: the end of a sentence about what stands there, and how to mend it."""

    at: Place
    text: str
    hint: str


@dataclass(frozen=True)
class ParameterType:
    """A scalar, `period`, or the name of a set of words with its `words`; of a list or map the type of its entries, of
    a map that of its names.
    """

    name: str
    item: "ParameterType | None" = None
    key: "ParameterType | None" = None
    words: frozenset[str] | None = None

    @property
    def sets(self) -> set[str]:
        """The sets of words that it names."""
        own = set(self.name.split("|")) if self.words is not None else set()
        return own.union(*(part.sets for part in (self.item, self.key) if part is not None))


def parse_type(text: str, words: Mapping[str, tuple[str, ...]] | None = None) -> ParameterType:
    """`int`, `list<attack>`, `map<str,list<str>>`, …; `words` are the sets that it may name.

    Raises ValueError for text that names no type, and for one of more than `MAX_DEPTH` in another.
    """
    known = words or {}
    if text.count("<") > MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} types in one another")
    text = re.sub(r"(?<=[<>,|]) +| +(?=[<>,|])", "", text)
    if text in SCALARS or text == PERIOD:
        return ParameterType(text)
    if text.startswith("list<") and text.endswith(">"):
        return ParameterType("list", parse_type(text[5:-1], known))
    if text.startswith("map<") and text.endswith(">"):
        key, _, item = text[4:-1].partition(",")
        return ParameterType("map", parse_type(item, known), ParameterType(key) if key in KEYS else _of(key, known))
    return _of(text, known)


def loosened(kind: ParameterType) -> ParameterType:
    """The type with any text in the place of words, and any days in that of a period.

    So much a case may say: what a rule makes of a value that no overlay may set is proven too.
    """
    if kind.name == PERIOD:
        return ParameterType("map", _DAY, ParameterType("str"))
    if kind.words is not None:
        return ParameterType("str")
    item, key = (loosened(part) if part is not None else None for part in (kind.item, kind.key))
    return ParameterType(kind.name, item, key)


def _of(text: str, known: Mapping[str, tuple[str, ...]]) -> ParameterType:
    names = text.split("|")
    unknown = [name for name in names if name not in known]
    if unknown:
        listed = ", ".join([*SCALARS, PERIOD, "list<…>", "map<str,…>", *sorted(known)])
        raise ValueError(f"`{unknown[0]}` is not a parameter type: {listed}")
    return ParameterType(text, words=frozenset(word for name in names for word in known[name]))


def problems(kind: ParameterType, value: Any, at: Place = ()) -> Iterator[Problem]:
    """Whatever in a value does not fit a type; nothing where it does."""
    if kind.name == PERIOD:
        yield from _period_problems(value, at)
    elif kind.words is not None:
        yield from _word_problems(kind, kind.words, value, at)
    elif kind.item is None:
        yield from _scalar_problems(kind, value, at)
    elif kind.key is not None:
        yield from _map_problems(kind.item, kind.key, value, at)
    else:
        yield from _list_problems(kind.item, value, at)


def path_of(name: str, at: Place) -> str:
    """A place in the value of a parameter, for messages: `freeze_periods.0.end`."""
    return ".".join(map(str, (name, *at)))


def _list_problems(item: ParameterType, value: Any, at: Place) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(
            at, f"{_is(value)}, and not a list", f"write `[{_shown(value)}]`" if _single(value) else "write […]"
        )
        return
    if len(value) > MAX_ENTRIES:
        yield Problem(at, f"has more than {MAX_ENTRIES} entries", "leave some out")
        return
    seen: set[str] = set()
    for index, entry in enumerate(value):
        wrong = tuple(problems(item, entry, (*at, index)))
        yield from wrong
        digest = "" if wrong else digest_json(entry)
        if digest in seen:
            yield Problem((*at, index), f"{_is(entry)} a second time", "leave it out")
        seen |= {digest} - {""}


def _map_problems(item: ParameterType, key: ParameterType, value: Any, at: Place) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(at, f"{_is(value)}, and not a map", "write `{<name>: <value>}`")
        return
    if len(value) > MAX_ENTRIES:
        yield Problem(at, f"has more than {MAX_ENTRIES} entries", "leave some out")
        return
    for name, entry in value.items():
        if key.words is not None and name not in key.words:
            yield Problem((*at, name), f"is no {_told(key)}: nothing reads it", did_you_mean(name, key.words))
        elif key.name == "int" and not _WHOLE.fullmatch(name):
            yield Problem((*at, name), "is no whole number", 'write it in digits alone, such as "1000"')
        else:
            yield from problems(item, entry, (*at, name))


def _word_problems(kind: ParameterType, words: frozenset[str], value: Any, at: Place) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(at, f"{_is(value)}, and no {_told(kind)}", _in_quotes(value, did_you_mean("", words)))
    elif value not in words:
        yield Problem(at, f"{_is(value)}, which is no {_told(kind)}", did_you_mean(value, words))


def _period_problems(value: Any, at: Place) -> Iterator[Problem]:
    """A period of whole days, the first and the last included."""
    hint = f"write `{PERIOD_EXAMPLE}`"
    if not isinstance(value, dict):
        yield Problem(at, f"{_is(value)}, and no period", hint)
        return
    parts = ("start", "end")
    for name in value:
        if name not in parts:
            yield Problem((*at, name), "is no part of a period", hint)
    absent = [f"no `{part}`" for part in parts if part not in value]
    if absent:
        yield Problem(at, f"has {' and '.join(absent)}", hint)
    wrong = [one for part in parts if part in value for one in problems(_DAY, value[part], (*at, part))]
    yield from wrong
    if not wrong and not absent and value["end"] < value["start"]:
        yield Problem(at, f"ends on {value['end']}, before it starts on {value['start']}", hint)


def _scalar_problems(kind: ParameterType, value: Any, at: Place) -> Iterator[Problem]:
    good = {
        "str": isinstance(value, str),
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53,
        "float": isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**53,
        "date": isinstance(value, str) and _is_date(value),
        "duration": isinstance(value, str) and _is_duration(value),
    }[kind.name]
    if not good:
        yield Problem(at, f"{_is(value)}, not of type {kind.name}", _to_write(kind.name, value))


def _to_write(name: str, value: Any) -> str:
    """What to write for a value that is not of the scalar's type."""
    if name == "str":
        return _in_quotes(value, "write a text")
    if name == "bool":
        return {"yes": "write `true`", "no": "write `false`"}.get(str(value).lower(), "write `true` or `false`")
    if name in ("date", "duration"):
        return f"write it such as {'2027-12-02' if name == 'date' else 'P6M'}"
    example = "a whole number, such as 30" if name == "int" else "a number, such as 0.75"
    if isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value) and name == "float":
        return f"write `{value.replace(',', '.')}`, with a point"
    if isinstance(value, str) and _NUMBER.fullmatch(value) and (name == "float" or "." not in value):
        return f"write `{value}` without quotes"
    return f"write {example}"


def _in_quotes(value: Any, otherwise: str) -> str:
    return f'write `"{_shown(value)}"`, in quotes' if _single(value) else otherwise


def _single(value: Any) -> bool:
    return isinstance(value, (str, bool, int, float))


def _is(value: Any) -> str:
    if value is None:
        return "is left blank"
    if isinstance(value, str) and (_NUMBER.fullmatch(value) or value in ("true", "false")):
        return f'is the text `"{value}"`'
    return f"is `{_shown(value)}`"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _told(kind: ParameterType) -> str:
    return " or ".join(kind.name.split("|"))


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_duration(text: str) -> bool:
    try:
        add_duration(STARTS[-1], text)
    except (ValueError, OverflowError):
        return False
    return True


# Four years of first and last days: P6M and P180D differ by the season, so longer means longer from each of them.
STARTS = [
    datetime.datetime(year, month, day, tzinfo=datetime.UTC)
    for year in range(2024, 2028)
    for month in range(1, 13)
    for day in (1, calendar.monthrange(year, month)[1])
]
_DAY = ParameterType("date")
PERIODS = ParameterType("list", ParameterType(PERIOD))


def type_schema(kind: ParameterType) -> dict[str, Any]:
    """The JSON Schema of the values of a type, as far as one can say it: `problems` says the rest."""
    if kind.words is not None:
        return {"type": "string", "enum": sorted(kind.words)}
    if kind.item is not None and kind.key is not None:
        names: dict[str, Any] = {}
        if kind.key.words is not None:
            names = {"propertyNames": {"enum": sorted(kind.key.words)}}
        elif kind.key.name == "int":
            names = {"propertyNames": {"pattern": f"^({_WHOLE.pattern})$"}}
        return {"type": "object", "additionalProperties": type_schema(kind.item), **names}
    if kind.item is not None:
        return {"type": "array", "items": type_schema(kind.item), "uniqueItems": True}
    if kind.name == PERIOD:
        days = {part: type_schema(_DAY) for part in ("start", "end")}
        return {"type": "object", "additionalProperties": False, "properties": days, "required": ["start", "end"]}
    return {
        "str": {"type": "string"},
        "bool": {"type": "boolean"},
        "int": {"type": "integer"},
        "float": {"type": "number"},
        "date": {"type": "string", "format": "date"},
        "duration": {"type": "string", "format": "duration"},
    }[kind.name]
