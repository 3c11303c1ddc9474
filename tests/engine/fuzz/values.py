"""Random values of the types that schemas give, and values of them that are changed a little."""

import random
from typing import Any

from engine.rego.types import Type

TEXTS = ("", "a", "granted", "x y", "Parity", "DEMOGRAPHİC_PARİTY", "ΟΔΟΣ", "😀a", "e\u0301", "10", "sex", "a/b", "-")
INSTANTS = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "2024-02-29T23:59:59Z", "2030-01-31T12:00:00Z")
DAYS = ("2026-11-20", "2026-11-21", "2024-02-29", "2027-12-02")
DURATIONS = ("P1D", "P6M", "P1Y", "PT36H", "P2W")
WHOLES = (0, 1, 2, 3, 5, 30, 100, -1, 9007199254740991)
FRACTIONS = (0, 1, 0.5, 0.25, 0.1, 0.800001, 0.799999, -0.3, 2.5, 100)
NAMES = ("a", "b", "sex", "f", "granted", "10")


def value(kind: Type, rng: random.Random, depth: int = 0) -> Any:
    """A value of a type; optional fields are as often absent as not."""
    option = rng.choice(kind.each())
    if option.kind == "str":
        return text(option, rng)
    if option.kind in ("array", "set"):
        return [value(option.item, rng, depth + 1) for _ in range(rng.choice((0, 1, 2, 2, 3)))] if option.item else []
    if option.kind == "object":
        names = [name for name in sorted(option.fields) if name not in option.optional or rng.random() < 0.5]
        found = {name: value(option.fields[name], rng, depth + 1) for name in names}
        if option.item is not None and depth < 6:
            names = rng.sample(NAMES, rng.choice((0, 1, 2, 3)))
            found |= {name: value(option.item, rng, depth + 1) for name in names if name not in option.fields}
        return found
    return _plain(option, rng, depth)


def _plain(kind: Type, rng: random.Random, depth: int) -> Any:
    if kind.kind == "int":
        return rng.choice(WHOLES)
    if kind.kind == "number":
        return rng.choice(FRACTIONS)
    if kind.kind == "bool":
        return rng.random() < 0.5
    if kind.kind == "null":
        return None
    shapes: list[Any] = [None, True, False, rng.choice(WHOLES), rng.choice(FRACTIONS), rng.choice(TEXTS)]
    if depth < 6:
        shapes += [
            [_plain(kind, rng, depth + 3) for _ in range(rng.randrange(3))],
            {name: _plain(kind, rng, depth + 3) for name in rng.sample(NAMES, rng.randrange(3))},
        ]
    return rng.choice(shapes)


def text(kind: Type, rng: random.Random) -> str:
    if kind.enum:
        return rng.choice(sorted(kind.enum))
    pools = {"date-time": INSTANTS, "date": DAYS, "duration": DURATIONS}
    return rng.choice(pools.get(kind.format or "", TEXTS))


def changed(given: Any, kind: Type, rng: random.Random, rate: float = 0.03) -> Any:
    """A value of the type with a part here and there taken away, doubled, moved or put in place of another.

    What the type requires and the value leaves out, as cases may, is filled: the door lets no such record by.
    """
    if rng.random() < rate:
        return value(kind, rng, 3)
    options = [option for option in kind.each() if option.kind in _kinds(given)]
    if not options:
        return given
    option = options[0]
    if isinstance(given, list):
        items = [changed(item, option.item, rng, rate) if option.item else item for item in given]
        if items and rng.random() < rate * 4:
            items.pop(rng.randrange(len(items)))
        if items and rng.random() < rate * 2:
            items.append(rng.choice(items))
        if rng.random() < rate * 2:
            rng.shuffle(items)
        return items
    if isinstance(given, dict):
        kept = {k: v for k, v in given.items() if k not in option.optional or rng.random() >= rate}
        inner = {name: option.fields.get(name, option.item) for name in kept}
        found = {k: changed(v, inner[k], rng, rate) if inner[k] is not None else v for k, v in kept.items()}
        lacking = sorted(option.fields.keys() - option.optional - given.keys())
        return found | {k: value(option.fields[k], rng, 3) for k in lacking}
    return given


def _kinds(given: Any) -> tuple[str, ...]:
    if isinstance(given, dict):
        return ("object",)
    if isinstance(given, list):
        return ("array",)
    if isinstance(given, bool) or given is None:
        return ("bool", "null", "any")
    return ("str", "any") if isinstance(given, str) else ("int", "number", "any")
