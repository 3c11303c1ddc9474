"""Types of Rego values as far as schemas tell them: what inference over a policy computes with."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

from engine.bundle.parameter_types import PERIOD, ParameterType
from evidence.model.base import DURATION_PATTERN, INSTANT_PATTERN
from evidence.model.errors import QuaestorError

Kind = Literal["any", "null", "bool", "int", "number", "str", "array", "set", "object", "union"]
EXACT = 1 << 53
"""Whole numbers of records and parameters reach so far."""
ORDERED_FORMATS = ("date-time", "date")
MAX_KEY = 100_000
"""Characters of a type written out: forty objects of two fields, each of the object before, would have 2^40."""
MAX_SCHEMA_TYPES = 50_000
"""Types of a schema with each `$ref` followed."""
_INSTANT, _DURATION = re.compile(INSTANT_PATTERN), re.compile(DURATION_PATTERN)
_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
_WORDS = {
    "any": "a value of unknown type",
    "null": "null",
    "bool": "a boolean",
    "int": "a whole number",
    "number": "a number",
    "str": "text",
    "array": "a list",
    "set": "a set",
    "object": "an object",
}


class LargeTypeError(QuaestorError):
    """A type, or the types of a schema, with more parts than any policy has a use for."""


# Never changed, though not `frozen`: a check makes tens of thousands, and each would take three times as long.
@dataclass(eq=False, slots=True)
class Type:
    """A type. `path` says where in the evidence such a value stands: `fairness-audit[].predicate.groups[].n`.

    `item` is the entry of a list or set and the value of a map; `fields` the known fields of an object, of which those
    in `optional` may be absent. `orderly` is
    false for a list that was made by iterating a set or object, whose order differs from engine to engine. `format` of
    text is a JSON Schema format, or `cut` for text that a function made and that may be a date. `most` is the largest
    size of a whole number, either side of 0; `parts` the entries of a list or set that is written out, and `size` how
    many a list has.
    """

    kind: Kind
    key: str
    item: "Type | None" = None
    fields: Mapping[str, "Type"] = field(default_factory=dict)
    format: str | None = None
    enum: frozenset[str] | None = None
    options: tuple["Type", ...] = ()
    orderly: bool = True
    path: str = ""
    optional: frozenset[str] = frozenset()
    most: int = EXACT
    size: int | None = None
    parts: tuple["Type", ...] = ()

    def each(self) -> tuple["Type", ...]:
        """The alternatives of a union, else the type itself."""
        return self.options if self.kind == "union" else (self,)

    def words(self) -> str:
        """The type in words, for messages."""
        if self.kind == "union":
            return " or ".join(sorted({option.words() for option in self.options}))
        if self.kind == "str" and self.format in ("date-time", "date", "duration"):
            return {"date-time": "an instant", "date": "a day", "duration": "a duration"}[self.format]
        return _WORDS[self.kind]


ANY = Type("any", "?")
BROKEN = Type("any", "!")
"""What a mistake gives: nothing more is said about it."""
NULL = Type("null", "null")
BOOL = Type("bool", "bool")
INT = Type("int", "int")
NUMBER = Type("number", "number")
TEXT = Type("str", "str")
CUT_TEXT = Type("str", "str:cut", format="cut")
INSTANT = Type("str", "str:date-time", format="date-time")
DAY = Type("str", "str:date", format="date")


def text(values: Iterable[str]) -> Type:
    """Text that is one of some known values."""
    return _text(frozenset(values))


@lru_cache(maxsize=1 << 13)
def literal(value: str) -> Type:
    """A text that is written out."""
    return _text(frozenset([value]))


@lru_cache(maxsize=4096)
def _text(known: frozenset[str]) -> Type:
    formats = {_format_of(value) for value in known}
    return Type("str", f"str{sorted(known)!r}", enum=known, format=formats.pop() if len(formats) == 1 else None)


@lru_cache(maxsize=4096)
def whole(most: int) -> Type:
    """Whole numbers up to a size."""
    return INT if most == EXACT else Type("int", f"int:{most}", most=most)


def _format_of(value: str) -> str | None:
    if not value.startswith("P") and not value[:1].isdecimal():  # as most texts
        return None
    if _INSTANT.match(value):
        return "date-time"
    if _DATE.match(value):
        return "date"
    return "duration" if _DURATION.match(value) else None


def _bounded(*parts: Type) -> None:
    """Raises LargeTypeError where a type made of these parts would be too large to be held and walked."""
    if sum([len(part.key) for part in parts]) > MAX_KEY:
        raise LargeTypeError("a value of more parts than can be checked", hint="make it of fewer parts")


def array(item: Type, *, orderly: bool = True, path: str = "") -> Type:
    _bounded(item)
    return Type("array", path or f"[{item.key}{'' if orderly else '!'}]", item=item, orderly=orderly, path=path)


def set_of(item: Type) -> Type:
    _bounded(item)
    return Type("set", f"<{item.key}>", item=item)


def written(kind: Literal["array", "set"], parts: Iterable[Type]) -> Type:
    """A list or set whose entries are written out."""
    known = tuple(parts)
    _bounded(*known)
    keys = ",".join(part.key for part in known)
    size = len(known) if kind == "array" else None
    return Type(kind, f"{kind}({keys})", item=join(known), size=size, parts=known)


def told(kind: Type) -> tuple[Type, ...]:
    """What the entries of a list or set are as far as it is told: OPA checks them though others are of unknown type."""
    parts = [part for part in kind.parts if part.kind != "any"]
    if kind.parts:
        return tuple(parts) if kind.kind == "array" else (join(parts),)
    return (kind.item,) if kind.item is not None else ()


def obj(
    fields: Mapping[str, Type], *, extra: Type | None = None, path: str = "", optional: frozenset[str] = frozenset()
) -> Type:
    """An object with known fields; `extra` is the type of values under other keys, None where there are none."""
    _bounded(*fields.values(), *([extra] if extra is not None else []))
    return Type(
        "object",
        path or _object_key(fields, extra, optional),
        item=extra,
        fields=fields,
        path=path,
        optional=optional,
    )


def _object_key(fields: Mapping[str, Type], extra: Type | None, optional: frozenset[str]) -> str:
    inner = ",".join([f"{name}{'?' if name in optional else ''}:{kind.key}" for name, kind in sorted(fields.items())])
    return f"{{{inner};{extra.key if extra else ''}}}"


def join(types: Iterable[Type]) -> Type:
    """The type of a value that is of one of some types."""
    types = list(types)
    if len(types) == 1 and types[0].kind != "any":
        return types[0]
    distinct: dict[str, Type] = {}
    for kind in types:
        for option in kind.each():
            distinct[option.key] = option
    options = list(distinct.values())
    if any(option.kind == "any" for option in options):
        return BROKEN if BROKEN in options else ANY
    texts = [option for option in options if option.kind == "str" and not option.path]
    if len(texts) > 1:
        options = [option for option in options if option not in texts] + [_join_texts(texts)]
    wholes = [option for option in options if option.kind == "int" and not option.path]
    if len(wholes) > 1:
        largest = whole(max(option.most for option in wholes))
        options = [option for option in options if option not in wholes] + [largest]
    if len(options) == 1:
        return options[0]
    _bounded(*options)
    options.sort(key=lambda option: option.key)
    return Type("union", "|".join(option.key for option in options), options=tuple(options))


def _join_texts(texts: list[Type]) -> Type:
    if all(item.enum is not None for item in texts):
        return text(value for item in texts for value in item.enum or ())
    formats = {item.format for item in texts}
    return Type("str", f"str:{sorted(map(str, formats))}", format=formats.pop() if len(formats) == 1 else None)


NOTHING = join([])
"""The entry of an empty list: no type at all."""


def from_schema(schema: Mapping[str, Any], path: str) -> Type:
    """The type of values that a JSON Schema (of the published form) admits. Raises LargeTypeError."""
    return _from_schema(schema, schema.get("$defs", {}), path, 0, iter(range(MAX_SCHEMA_TYPES)))


def _from_schema(schema: Any, defs: Mapping[str, Any], path: str, depth: int, left: Iterator[int]) -> Type:
    if next(left, None) is None:
        raise LargeTypeError(
            f"the schema has more than {MAX_SCHEMA_TYPES} types once each `$ref` is followed",
            where=path.partition("[")[0],
        )
    if not isinstance(schema, dict) or depth > 24:
        return Type("any", path, path=path)
    if "$ref" in schema:
        target = defs.get(str(schema["$ref"]).removeprefix("#/$defs/"))
        return _from_schema(target, defs, path, depth + 1, left)
    kind = schema.get("type")
    if kind == "object":
        extra = schema.get("additionalProperties", True)
        return obj(
            {
                name: _from_schema(item, defs, f"{path}.{name}", depth + 1, left)
                for name, item in schema.get("properties", {}).items()
            },
            extra=None if extra is False else _from_schema(extra, defs, f"{path}.*", depth + 1, left),
            path=path,
            optional=frozenset(schema.get("properties", {})) - frozenset(schema.get("required", ())),
        )
    if kind == "array":
        return array(_from_schema(schema.get("items"), defs, f"{path}[]", depth + 1, left), path=path)
    if kind == "string" or (kind is None and "enum" in schema):
        values = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
        enum = frozenset(map(str, values)) if values else None
        return Type("str", path, format=schema.get("format"), enum=enum, path=path)
    plain: dict[Any, Kind] = {"integer": "int", "number": "number", "boolean": "bool", "null": "null"}
    return Type(plain.get(kind, "any"), path, path=path)


def from_parameter(kind: ParameterType) -> Type:
    """The type of a parameter of the catalogue, such as `list<str>`."""
    if kind.item is not None:
        item = from_parameter(kind.item)
        return array(item) if kind.key is None else obj({}, extra=item)
    if kind.name == PERIOD:
        return obj({"start": DAY, "end": DAY})
    duration = Type("str", "str:duration", format="duration")
    known = {"int": INT, "float": NUMBER, "bool": BOOL, "date": DAY, "duration": duration}
    return known.get(kind.name, TEXT)


def record_type(name: str, schema: Mapping[str, Any], *, events: bool = True, retold: bool = True) -> Type:
    """A record in the form that a policy sees (docs/architecture.md), with the event that it tells of (`events`) and
    when the earlier accounts were filed for which it stands (`retold`).
    """
    at = f"{name}[]"

    def leaf(field_name: str, kind: Type) -> Type:
        return Type(kind.kind, f"{at}.{field_name}", format=kind.format, enum=kind.enum, path=f"{at}.{field_name}")

    person = obj(
        {part: leaf(f"owner.{part}", TEXT) for part in ("id", "name", "role")},
        path=f"{at}.owner",
        optional=frozenset({"role"}),
    )
    signature = obj(
        {
            "state": leaf("signature.state", text(["verified", "unverified", "absent"])),
            "kind": leaf("signature.kind", text(["person", "machine", "none"])),
            "signer": leaf("signature.signer", TEXT),
            "roles": array(leaf("signature.roles[]", TEXT), path=f"{at}.signature.roles"),
        },
        path=f"{at}.signature",
        optional=frozenset({"signer"}),
    )
    texts = ["id", "digest", "system_id", "model_version", "source", "collector", "issuer"]
    if events:
        texts.append("event")
    filed = {"earlier_filed_at": array(leaf("earlier_filed_at[]", INSTANT), path=f"{at}.earlier_filed_at")}
    fields = {
        **{part: leaf(part, TEXT) for part in texts},
        **(filed if retold else {}),
        **{part: leaf(part, INSTANT) for part in ("issued_at", "collected_at", "expires_at", "filed_at")},
        "log_index": leaf("log_index", INT),
        "class": leaf("class", text(["attested", "ingested", "derived", "measured"])),
        "subject": array(leaf("subject[]", TEXT), path=f"{at}.subject"),
        "owner": person,
        "signature": signature,
        "predicate": from_schema(schema, f"{at}.predicate"),
    }
    return obj(fields, path=at, optional=frozenset({"model_version", "owner", "earlier_filed_at"}))


def enumerations(kind: Type) -> dict[str, frozenset[str]]:
    """The values that texts under a type can have, by evidence path, where the schema lists them."""
    found = {kind.path: kind.enum} if kind.enum is not None and kind.path else {}
    for part in [*kind.fields.values(), *([kind.item] if kind.item is not None else [])]:
        found |= enumerations(part)
    return found


def maps(kind: Type) -> frozenset[str]:
    """The evidence paths under a type at which a map stands: an object whose names are all free."""
    here = [kind.path] if kind.item is not None and kind.kind == "object" and not kind.fields and kind.path else []
    parts = [*kind.fields.values(), *([kind.item] if kind.item is not None else [])]
    return frozenset(here).union(*(maps(part) for part in parts))


def families(kind: Type) -> frozenset[str]:
    """The JSON families of a type; a number is a number, whole or not."""
    if kind.kind != "union":
        return _FAMILIES[kind.kind]
    return frozenset().union(*(_FAMILIES[option.kind] for option in kind.options))


_FAMILIES: Mapping[Kind, frozenset[str]] = {
    kind: frozenset(["number" if kind == "int" else kind]) for kind in get_args(Kind)
}


def never_equal(left: Type, right: Type) -> str:
    """Why values of two types cannot be equal; empty where they may be."""
    ours, theirs = families(left), families(right)
    typed = any(option.path for side in (left, right) for option in side.each())
    if "any" in ours | theirs or not ours or not theirs:
        return ""
    if typed and "null" in ours | theirs:
        return ""  # asking for null is how a policy asks whether a value is known
    if not ours & theirs:
        return f"{left.words()} is never equal to {right.words()}"
    if not typed and left.kind == right.kind and left.kind in ("array", "set", "object"):
        return _apart(left, right)
    if ours == theirs == {"str"} and left.kind == right.kind == "str":
        one_is_typed = left.path or right.path  # two words of the policy's own may well differ
        if one_is_typed and left.enum is not None and right.enum is not None and not left.enum & right.enum:
            known, word = (left, right) if left.path else (right, left)
            values, given = ", ".join(sorted(known.enum or ())), ", ".join(sorted(word.enum or ()))
            return f"`{given}` is none of the values that it can have: {values}"
        formats = {left.format, right.format}
        if formats == {"date", "date-time"}:
            return "a day is never equal to an instant"
    return ""


def _apart(left: Type, right: Type) -> str:
    """Why two lists, sets or objects of a policy's own making cannot be equal; empty where they may be."""
    if left.kind == "object":
        sure = left.item is None and right.item is None and not left.optional and not right.optional
        if sure and left.fields.keys() != right.fields.keys():
            return "an object is never equal to one of other names"
        pairs = [(left.fields[name], right.fields[name]) for name in left.fields.keys() & right.fields.keys()]
    else:
        if left.size is not None and right.size is not None and left.size != right.size:
            return f"a list of {left.size} is never equal to one of {right.size}"
        pairs = _pairs(left, right)
    found = (never_equal(one, other) for one, other in pairs)
    return next((problem for problem in found if problem), "")


def _pairs(left: Type, right: Type) -> list[tuple[Type, Type]]:
    """The entries of two lists or sets that stand against each other: in lists that are written out place by place."""
    if left.kind == "array" and (left.parts or right.parts):
        ours = left.parts or (left.item or NOTHING,) * len(right.parts)
        theirs = right.parts or (right.item or NOTHING,) * len(left.parts)
        return list(zip(ours, theirs, strict=True))
    return [(one, other) for one in told(left) for other in told(right)]


def not_ordered(left: Type, right: Type, operator: str) -> str:
    """Why two types cannot be compared by `operator` (Lt, Le, Gt, Ge); empty where they can.

    Of an instant and a day, `instant < day` and `instant >= day` mean what they say (before the day begins, and not);
    the other two do not, since any instant of a day comes after the day's own text.
    """
    if BROKEN in (*left.each(), *right.each()):
        return ""
    for side in (left, right):
        if any(option.kind == "any" for option in side.each()):
            return f"cannot tell the type of {f'`{side.path}`' if side.path else 'one side'}, so its order is unknown"
    ours, theirs = families(left), families(right)
    if ours == theirs == {"number"} or not ours or not theirs:
        return ""
    if ours == theirs == {"str"}:
        formats = {option.format for side in (left, right) for option in side.each()}
        if formats <= {"cut", "date-time"} or formats <= {"cut", "date"}:
            return ""
        if formats <= {*ORDERED_FORMATS, "cut"}:
            instant_left = any(option.format == "date-time" for option in left.each())
            if operator in (("Lt", "Ge") if instant_left else ("Gt", "Le")):
                return ""
            return "an instant of a day comes after the day's text: cut the instant to its day first"
        return "text has no order that means anything, unless both sides are instants or both are days"
    return f"{left.words()} and {right.words()} have no order"


def has_set(kind: Type) -> bool:
    """Whether a value holds a set, or a list whose order the engines do not agree on, or may hold one."""
    return any(
        option.kind == "set"
        or (option.kind == "any" and not option.path and option is not BROKEN)
        or not option.orderly
        or (option.item is not None and not option.path and has_set(option.item))
        or (not option.path and any(has_set(value) for value in option.fields.values()))
        for option in kind.each()
    )
