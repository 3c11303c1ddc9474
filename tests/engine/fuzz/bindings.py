"""Statements that give names otherwise than by `:=` and `some … in`: patterns, `=`, and what stands in brackets."""

from typing import TYPE_CHECKING

from engine.rego.types import ANY, BOOL, INT, TEXT, Type, array

if TYPE_CHECKING:
    from tests.engine.fuzz.expressions import Writer

KINDS: tuple[tuple[str, Type], ...] = (("text", TEXT), ("whole", INT), ("bool", BOOL), ("list", array(TEXT)))


def binding(writer: "Writer", depth: int) -> str:
    """A statement of one line, which may hold a second."""
    return writer.rng.choice((_taken_apart, _taken_apart, _unified, _unified, _named, _at, _at, _each))(writer, depth)


def pair(writer: "Writer", depth: int, *, values: str = "", level: int = 0) -> tuple[str, str, list[tuple[str, Type]]]:
    """A pattern, an expression that may fit it, and the names that it gives; among these are values where `values` says
    of what kind: `constant`, or `any`.
    """
    rng = writer.rng
    choice = rng.random()
    if level < 2 and choice < 0.25:
        parts = [pair(writer, depth + 1, values=values, level=level + 1) for _ in range(rng.choice((1, 2, 2)))]
        names = [name for part in parts for name in part[2]]
        return f"[{', '.join(part[0] for part in parts)}]", f"[{', '.join(part[1] for part in parts)}]", names
    if level < 2 and choice < 0.45:
        keys = rng.choice((("a",), ("a", "b"), ("b", "é")))
        parts = [pair(writer, depth + 1, values=values, level=level + 1) for _ in keys]
        sides = [", ".join(f'"{key}": {part[side]}' for key, part in zip(keys, parts, strict=True)) for side in (0, 1)]
        return f"{{{sides[0]}}}", f"{{{sides[1]}}}", [name for part in parts for name in part[2]]
    word, kind = rng.choice(KINDS)
    shown = writer.value(word, depth + 2)
    if choice < 0.55:
        return "_", shown, []
    if values and choice < 0.65:
        told = writer.value(word, 3) if values == "any" else writer.rng.choice(('"a"', "1", "true"))
        return told, shown if writer.rng.random() < 0.5 else told, []
    name = writer.fresh()
    return name, shown, [(name, kind)]


def _pattern(writer: "Writer", depth: int, *, values: str = "") -> tuple[str, str, list[tuple[str, Type]]]:
    found = pair(writer, depth, values=values)
    while found[0][0] not in "[{":
        found = pair(writer, depth, values=values)
    return found


def _taken_apart(writer: "Writer", depth: int) -> str:
    pattern, shown, names = _open(writer) if writer.rng.random() < 0.2 else _pattern(writer, depth)
    if writer.rng.random() < 0.2:
        shown = writer.value(writer.rng.choice(("list", "object")), depth + 1)
        names = [(name, ANY) for name, _ in names]
    writer.names += names
    return f"{pattern} := {shown}"


def _open(writer: "Writer") -> tuple[str, str, list[tuple[str, Type]]]:
    """Some fields of an object that has others too, or may have."""
    found = writer.reference(("object",))
    if found is None or not found[1].fields:
        return _pattern(writer, 1)
    shown, kind = found
    fields = writer.rng.sample(sorted(kind.fields), min(len(kind.fields), writer.rng.choice((1, 2))))
    names = [(writer.fresh(), kind.fields[field]) for field in fields]
    told = ", ".join(f'"{field}": {name}' for field, (name, _) in zip(fields, names, strict=True))
    return f"{{{told}}}", shown, names


def _unified(writer: "Writer", depth: int) -> str:
    """Two sides, each with names of its own or with those that are known."""
    pattern, shown, names = pair(writer, depth, values="any")
    known = [name for name, kind in writer.names if kind.kind in ("str", "int")]
    if names and known and writer.rng.random() < 0.3:
        pattern = pattern.replace(names[0][0], writer.rng.choice(known), 1)
        names = names[1:]
    writer.names += names
    sides = [pattern, shown]
    writer.rng.shuffle(sides)
    return " = ".join(sides)


def _named(writer: "Writer", depth: int) -> str:
    """A name that one statement declares and another gives a value to, before or after it is used."""
    name = writer.fresh()
    word, kind = writer.rng.choice(KINDS)
    given = f"{name} = {writer.value(word, depth + 1)}"
    writer.names.append((name, kind))
    used = [given, writer.comparison(depth + 1)]
    if writer.rng.random() < 0.3:
        used.reverse()
    declared = [f"some {name}"] if writer.rng.random() < 0.6 and not writer.wild else []
    return "; ".join([*declared, *used])


def _at(writer: "Writer", depth: int) -> str:
    """What stands at some place of a list, object or set, the place a name that nothing else gives."""
    found = writer.reference(("array", "object", "set"))
    if found is None or writer.loops > 4:
        return "true"
    writer.loops += 1
    shown, kind = found
    name = writer.fresh()
    place: Type = {"array": INT, "object": TEXT}.get(kind.kind, kind.item or TEXT)
    item = kind.item if kind.kind != "set" and kind.item is not None else ANY
    before = len(writer.names)
    writer.names += [(name, place), (f"{shown}[{name}]", item)]
    told = writer.comparison(depth + 1) if writer.rng.random() < 0.5 else f"{shown}[{name}]"
    del writer.names[before + 1]
    declared = f"some {name}; " if writer.rng.random() < 0.5 and not writer.wild else ""
    writer.wild = True
    return f"{declared}{shown}[{name}]; {told}" if writer.rng.random() < 0.7 else f"{declared}{told}"


def _each(writer: "Writer", depth: int) -> str:
    """`some` with a pattern over a list whose entries may fit it."""
    writer.loops += 1
    own = writer.rng.random() < 0.2
    pattern, shown, names = _open(writer) if own else _pattern(writer, depth, values="any")
    other = _pattern(writer, depth)[1] if writer.rng.random() < 0.5 else shown
    writer.names += names
    key = ""
    if writer.rng.random() < 0.3:
        key = writer.fresh()
        writer.names.append((key, INT))
        key += ", "
    return f"some {key}{pattern} in [{shown}, {other}]"
