"""What the built-ins take and give, as types: for inference over policies.

Source: OPA's built-in reference (https://www.openpolicyagent.org/docs/policy-reference/builtins). A built-in without a
row gives a value of unknown type.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.rego.types import (
    ANY,
    BOOL,
    BROKEN,
    CUT_TEXT,
    INT,
    NOTHING,
    NUMBER,
    TEXT,
    Type,
    array,
    families,
    join,
    obj,
    set_of,
    text,
    told,
    whole,
)

TEXTS = array(TEXT)
INTS = array(INT)
COUNT = whole(1 << 31)
"""A number of entries, of which a module's memory holds no more."""
# One letter an argument: s text, n number, i whole number, a list, e set, c list or set, o object, k any of these,
# l list or set of texts, m of numbers, u of sets, t text or list or set of texts, x any value.
_LETTERS = {
    "s": {"str"},
    "n": {"number"},
    "i": {"int"},
    "a": {"array"},
    "c": {"array", "set"},
    "o": {"object"},
    "e": {"set"},
    "k": {"array", "set", "object"},
    "l": {"array", "set"},
    "m": {"array", "set"},
    "u": {"set"},
    "t": {"str", "array", "set"},
}
_ENTRIES = {"l": "str", "t": "str", "m": "number", "u": "set"}
"""What the entries of a list or set have to be, by the letter of the argument."""
_ROWS: dict[str, tuple[str, Type]] = {
    **dict.fromkeys(("contains", "startswith", "endswith", "regex.match"), ("ss", BOOL)),
    "trim_space": ("s", CUT_TEXT),
    **dict.fromkeys(("trim", "trim_left", "trim_right", "trim_prefix", "trim_suffix"), ("ss", CUT_TEXT)),
    "lower": ("s", CUT_TEXT),
    "replace": ("sss", CUT_TEXT),
    **dict.fromkeys(
        ("is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string"), ("x", BOOL)
    ),
    **dict.fromkeys(("time.date", "time.clock"), ("i", INTS)),
    "count": ("k", COUNT),
    "abs": ("n", NUMBER),
    "sum": ("m", NUMBER),
    "max": ("c", ANY),
    "min": ("c", ANY),
    "sort": ("c", ANY),
    "array.concat": ("aa", ANY),
    "array.slice": ("aii", ANY),
    "array.reverse": ("a", ANY),
    "object.keys": ("o", ANY),
    "object.remove": ("ok", ANY),
    "object.filter": ("ok", ANY),
    "object.union": ("oo", ANY),
    "intersection": ("u", ANY),
    "graph.reachable": ("oc", set_of(ANY)),
    "substring": ("sii", CUT_TEXT),
    "split": ("ss", array(CUT_TEXT)),
    "strings.count": ("ss", INT),
    "strings.any_prefix_match": ("tt", BOOL),
    "strings.any_suffix_match": ("tt", BOOL),
    "sprintf": ("sa", CUT_TEXT),
    "to_number": ("s", INT),  # of digits alone, where it may be called
    "type_name": ("x", text(["null", "boolean", "number", "string", "array", "object", "set"])),
    "numbers.range": ("ii", INTS),
    "round": ("n", INT),
    "time.parse_rfc3339_ns": ("s", INT),
    "time.add_date": ("iiii", INT),
    "time.weekday": ("i", TEXT),
    "concat": ("sl", CUT_TEXT),
    "union": ("u", ANY),
}
WITHOUT_CONTENTS = frozenset(
    {"count", "is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string"}
)
"""Built-ins that look at how many or what kind, not at the entries."""
ORDER_FREE = frozenset({"sort", "count", "sum", "max", "min"})
"""Built-ins whose answer does not depend on the order of a list or set."""
TEXT_OF_ORDER = frozenset({"concat"})
"""Built-ins that make text in the order of what they are given."""


class BuiltinUse(NamedTuple):
    """What a call gives, and what is wrong with its arguments (empty: nothing)."""

    result: Type
    problem: str = ""


def call_builtin(name: str, args: Sequence[Type]) -> BuiltinUse:
    """The result of an allowed built-in for arguments of some types."""
    letters, result = _ROWS[name]
    special = _special(name, args)
    result = special if special is not None else result
    if len(args) != len(letters):
        return BuiltinUse(result, f"`{name}` takes {len(letters)} arguments, not {len(args)}")
    for index, (letter, arg) in enumerate(zip(letters, args, strict=True)):
        wanted = _LETTERS.get(letter)
        given = {option.kind if letter == "i" else family for option in arg.each() for family in families(option)}
        broken = BROKEN in arg.each()
        if letter in _ENTRIES:
            found = [entry for option in arg.each() for entry in told(option)]
            found += [] if BROKEN in entries(arg).each() else [entries(arg)]
            given |= {f"of {family}" for entry in found for family in families(entry) - {_ENTRIES[letter]}}
            given -= {"of any"} if BROKEN in entries(arg).each() else set()
        if wanted is not None and not broken and not given <= wanted:
            return BuiltinUse(result, f"argument {index + 1} of `{name}` is {arg.words()}")
    return BuiltinUse(result)


def _special(name: str, args: Sequence[Type]) -> Type | None:
    """Built-ins whose result depends on the types of their arguments."""
    if not args:
        return None
    first = args[0]
    if name == "abs":
        return first
    if name in ("sum",):
        return entries(first) if families(entries(first)) else INT
    if name in ("max", "min"):
        return entries(first)
    if name == "sort":
        return array(entries(first))
    if name in ("array.concat", "array.slice", "array.reverse"):
        lists = args if name == "array.concat" else args[:1]
        orderly = all(option.orderly and option.kind != "set" for item in lists for option in item.each())
        return array(join(entries(item) for item in lists), orderly=orderly)
    if name == "object.keys":
        return set_of(keys(first))
    if name in ("object.remove", "object.filter"):
        return _thinned(first)
    if name == "object.union" and len(args) == 2:
        return _merged(first, args[1])
    if name in ("intersection", "union"):
        return entries(first)
    return None


def _merged(left: Type, right: Type) -> Type:
    """What `object.union` makes of two objects: objects under one name are united, else the second takes the place."""
    if left.kind != "object" or right.kind != "object":
        return ANY
    extra = [kind for kind in (left.item, right.item) if kind is not None]
    fields = {name: _united(name, left, right) for name in {**left.fields, **right.fields}}
    sure = (left.fields.keys() - left.optional) | (right.fields.keys() - right.optional)
    return obj(fields, extra=join(extra) if extra else None, optional=frozenset(fields) - sure)


def _united(name: str, left: Type, right: Type) -> Type:
    """What stands under a name in the union of two objects, of which either may lack it."""
    ours, theirs = left.fields.get(name, left.item), right.fields.get(name, right.item)
    if theirs is None or ours is None:
        return theirs or ours or NOTHING
    pairs = [(one, other) for one in ours.each() for other in theirs.each()]
    both = [_merged(one, other) if one.kind == other.kind == "object" else other for one, other in pairs]
    alone = [kind for kind, other in ((theirs, left), (ours, right)) if not _surely(name, other)]
    return join([*both, *alone])


def _surely(name: str, kind: Type) -> bool:
    return name in kind.fields and name not in kind.optional


def _thinned(kind: Type) -> Type:
    """A type of which any field, at any depth, may have been taken away."""
    if kind.kind == "union":
        return join(_thinned(option) for option in kind.options)
    item = _thinned(kind.item) if kind.item is not None else None
    fields = {name: _thinned(value) for name, value in kind.fields.items()}
    return replace(kind, key=f"{kind.key}?", item=item, fields=fields, optional=frozenset(fields))


def entries(kind: Type) -> Type:
    """The entries of a list, set or object."""
    found = []
    for option in kind.each():
        if option.kind == "any":
            return option
        found += [*option.fields.values(), *([option.item] if option.item is not None else [])]
    return join(found) if found else NOTHING


def keys(kind: Type) -> Type:
    """What stands in front when a list, set or object is iterated: positions, entries, names."""
    found = []
    for option in kind.each():
        if option.kind == "array":
            found.append(INT)
        elif option.kind == "set" and option.item is not None:
            found.append(option.item)
        elif option.kind == "object":
            found.append(TEXT if option.item is not None else text(option.fields))
        elif option.kind == "any":
            return BROKEN if option is BROKEN else ANY
    return join(found)
