"""A record's content as YAML to fill in: every field of a JSON Schema with its type and what it says.

A required field is left blank, which no record accepts, so that nobody files what nobody wrote; an optional one stands
in a comment. Lists and mappings show one entry.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
MAX_DEPTH = 6
_FORMATS = {"date": "day, such as 2026-01-31", "date-time": "instant, such as 2026-01-31T09:00:00Z"}
_SIMPLE = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_PATTERNS = (("sha256", "digest, sha256:…"), ("^\\d{4}-\\d\\d-\\d\\dT", _FORMATS["date-time"]), ("P", "duration, P30D"))


def skeleton(schema: Schema, *, head: Sequence[str] = ()) -> str:
    """The YAML text; `head` are lines of comment above it."""
    lines = [*(f"# {line}" for line in head), *_fields(schema, schema, 0)]
    return "\n".join(lines) + "\n"


def _fields(schema: Schema, root: Schema, depth: int) -> Iterator[str]:
    required = set(schema.get("required", ()))
    properties = schema.get("properties", {})
    if not properties:
        yield "{}"
    for name, part in sorted(properties.items(), key=lambda item: item[0] not in required):
        lines = _field(name, _resolved(part, root), root, depth, "required" if name in required else "optional")
        yield from lines if name in required else (f"# {line}" for line in lines)


def _field(name: str, schema: Schema, root: Schema, depth: int, need: str) -> Iterator[str]:
    if "const" in schema:
        yield f"{name}: {schema['const']}"
        return
    says = schema.get("description", "")
    told = f"{need}, {_kind(schema, root)}" + (f": {' '.join(says.split())}" if says else "")
    nested = list(_nested(schema, root, depth)) if depth < MAX_DEPTH else []
    if nested == ["  {}"]:
        yield f"{name}: {{}}   # {told}"
        return
    yield f"{name}:   # {told}"
    yield from nested


def _nested(schema: Schema, root: Schema, depth: int) -> Iterator[str]:
    """The lines below a field that is an object, a list of objects, or a mapping to objects."""
    if "properties" in schema or (schema.get("type") == "object" and "additionalProperties" not in schema):
        yield from (f"  {line}" for line in _fields(schema, root, depth + 1))
    elif schema.get("type") == "array" and "properties" in (item := _resolved(schema.get("items", {}), root)):
        lines = list(_fields(item, root, depth + 1))
        first = next(place for place, line in enumerate(lines) if not line.startswith("#"))
        lines.insert(0, lines.pop(first))
        yield from (f"  {'-' if place == 0 else ' '} {line}" for place, line in enumerate(lines))
    elif isinstance(schema.get("additionalProperties"), Mapping):
        value = _resolved(schema["additionalProperties"], root)
        if "properties" in value:
            yield "  name:   # a name of yours; one entry each"
            yield from (f"    {line}" for line in _fields(value, root, depth + 1))


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema that a reference names, with what stands beside the reference."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if not name:
        return schema
    return {**root["$defs"][name], **{key: value for key, value in schema.items() if key != "$ref"}}


def _kind(schema: Schema, root: Schema) -> str:
    """What a value may be, in words."""
    schema = _resolved(schema, root)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(option, root) for option in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        few = ", at least one" if schema.get("minItems") else ""
        return f"list of {_kind(schema.get('items', {}), root)}{few}"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"mapping to {_kind(values, root)}" if isinstance(values, Mapping) else "entry"
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    pattern = schema.get("pattern", "")
    found = next((words for start, words in _PATTERNS if start in pattern), None)
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS if key in schema]
    return " ".join([found or _SIMPLE.get(str(kind), "value"), *bounds])


_BOUNDS = (("minimum", "from"), ("exclusiveMinimum", "above"), ("maximum", "to"), ("exclusiveMaximum", "below"))
