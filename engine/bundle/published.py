"""Schemas of a bundle against the evidence that can be filed: what one says beyond the published schema is not so, and
one that is no JSON Schema says nothing.

Lint takes from a bundle's schemas which fields are always there and which values they have; a record is checked against
the published type alone. A field that the bundle makes its own, or calls required, would be absent where a policy is
told that it is there.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from engine.errors import PolicyError, did_you_mean
from engine.rego.types import LargeTypeError, Type, from_schema
from evidence.model.events import tells_events
from evidence.model.predicates import PREDICATES
from evidence.model.schemas import graver_than, is_published, published_schemas
from evidence.model.yaml import Place, YamlError, line_at, parse_yaml

HOW_TO_ADD = (
    "put the file back as Quaestor's policies have it; fields of your own stand in a type of your own, at "
    "schemas/custom/<name>.json (docs/policies.md: Your own evidence types)"
)
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_WORDS = (
    "$defs", "$ref", "additionalProperties", "allOf", "anyOf", "const", "default", "description", "enum", "format",
    "items", "maxItems", "maximum", "minItems", "minimum", "oneOf", "pattern", "properties", "propertyNames",
    "required", "title", "type", "x-about", "x-event", "x-retold",
)  # fmt: skip
"""Of JSON Schema and ours: any other word is passed over, and one that is spelt nearly so was meant."""
_ALIKE = ("$id", "$schema", "exclusiveMaximum", "exclusiveMinimum", "maxLength", "minLength", "uniqueItems", "x-feed",
          "x-happened", "x-max-age", "x-classes", "x-questions", "x-record-class", "x-supersedes", "examples", "not",
          "patternProperties", "prefixItems", "maxProperties", "minProperties", "deprecated", "multipleOf")  # fmt: skip
"""Spelt nearly so, and meant as they stand."""
_UNDER = ("items", "additionalProperties", "propertyNames", "not")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "$defs", "patternProperties")
_STEP = re.compile(r"\[\]|[^.\[\]]+")


def beyond_published(schemas: Mapping[str, Mapping[str, Any]], files: Mapping[str, bytes]) -> Iterator[PolicyError]:
    """The mistakes of a bundle's evidence schemas, by type name; `files` has what they were read from, by path."""
    events = tells_events(schemas.values())  # a bundle of before, in which no schema has any, was not given events
    for name, schema in sorted(schemas.items()):
        path = f"schemas/{name}.json"
        if name not in PREDICATES:
            hint = f"{did_you_mean(name, PREDICATES)}; a type of your own stands at schemas/custom/<name>.json"
            yield PolicyError(f"no record of the type `{name}` can be filed", path=path, line=1, hint=hint)
            continue
        if is_published(name, files[path]):
            continue
        problems = sorted(_malformed(schema)) or sorted(set(_otherwise(name, schema, events=events)))
        lines = _lines(files[path]) if problems else {}
        for at, problem in problems:
            yield PolicyError(problem, path=path, line=line_at(lines, at), hint=HOW_TO_ADD)


def in_place_of_broken(schemas: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """The published schema of each type whose own is no JSON Schema, which is told: what reads the type can be checked
    all the same.
    """
    known = (name for name in schemas if name in PREDICATES and not is_published(name, files[f"schemas/{name}.json"]))
    broken = [name for name in known if any(True for _ in _malformed(schemas[name]))]
    return {name: published_schemas()[name] for name in broken}


def _lines(content: bytes) -> Mapping[Place, int]:
    try:
        return parse_yaml(content).lines  # JSON is YAML, whose reader knows the lines
    except YamlError:
        return {}


def _malformed(schema: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """What is no JSON Schema: such a part would hold nothing to anything, and be taken for one that does."""
    waiting: list[tuple[Place, Any]] = [((), schema)]
    definitions = schema.get("$defs")
    known = definitions if isinstance(definitions, dict) else {}
    while waiting:
        at, part = waiting.pop()
        if isinstance(part, bool) and at:
            continue
        if not isinstance(part, dict):
            yield at, f"`{_pointer(at)}` is no schema"
            continue
        fields = part.get("properties", {})
        for word in part.keys() - {*_WORDS, *_ALIKE}:
            if (near := did_you_mean(word, _WORDS)).startswith("did you mean"):
                yield (*at, word), f"`{_pointer((*at, word))}` is no word of JSON Schema, {near}"
        if "type" in part and part["type"] not in _TYPES:
            yield (*at, "type"), f"`{_pointer((*at, 'type'))}` is none of {', '.join(_TYPES)}"
        if "enum" in part and not isinstance(part["enum"], list):
            yield (*at, "enum"), f"`{_pointer((*at, 'enum'))}` is no list"
        if "$ref" in part and str(part["$ref"]).removeprefix("#/$defs/") not in known:
            yield (*at, "$ref"), f"`{_pointer((*at, '$ref'))}` stands for nothing under `$defs`"
        required = part.get("required", [])
        for index, name in enumerate(required if isinstance(required, list) else [required]):
            if not isinstance(name, str) or not isinstance(fields, dict) or name not in fields:
                place = (*at, "required", index) if isinstance(required, list) else (*at, "required")
                yield place, f"`{_pointer((*at, 'required'))}` names `{name}`, which is no field of `properties`"
        waiting += [((*at, word), part[word]) for word in _UNDER if word in part]
        for word in (*_LISTS, *_MAPS):
            inside = part.get(word, [] if word in _LISTS else {})
            if not isinstance(inside, list if word in _LISTS else dict):
                yield (*at, word), f"`{_pointer((*at, word))}` holds no schemas"
                continue
            named = inside.items() if isinstance(inside, dict) else enumerate(inside)
            waiting += [((*at, word, name), each) for name, each in named]


def _pointer(at: Place) -> str:
    """RFC 6901."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in at)


def _otherwise(name: str, schema: Mapping[str, Any], *, events: bool) -> Iterator[tuple[Place, str]]:
    """Where a schema says otherwise than the type, and what."""
    try:
        for path, problem in _beyond(from_schema(schema, name), _published()[name]):
            yield _place(schema, path.removeprefix(name)), problem
    except LargeTypeError as cause:
        yield (), cause.problem
        return
    if events and schema.get("x-event", []) != list(PREDICATES[name].EVENT):
        yield ("x-event",), "`x-event` names other fields than those that tell one event from another"
    # Left out, each account stands for itself, as in policies of before: that is the stricter.
    if "x-retold" in schema and schema["x-retold"] != graver_than(PREDICATES[name]):
        yield ("x-retold",), "`x-retold` says otherwise than the type what a later account may call graver"


def _place(schema: Mapping[str, Any], path: str) -> Place:
    """Where the schema of a field stands, as far as it can be followed; `path` is such as `.groups[].size`."""
    at: Place = ()
    part: Any = schema
    for step in (*_STEP.findall(path), None):
        if isinstance(part, dict) and "$ref" in part:
            at = ("$defs", str(part["$ref"]).removeprefix("#/$defs/"))
            part = schema.get("$defs", {}).get(at[1])
        words = {"[]": ("items",), "*": ("additionalProperties",)}.get(str(step), ("properties", str(step)))
        for word in words if step is not None else ():
            if not isinstance(part, dict) or word not in part:
                return at
            at, part = (*at, word), part[word]
    return at


@cache
def _published() -> Mapping[str, Type]:
    return {name: from_schema(schema, name) for name, schema in published_schemas().items()}


def _beyond(own: Type, published: Type) -> Iterator[tuple[str, str]]:
    """What a type says that the published one does not, and the path of the field."""
    at = own.path
    if published.kind == "any":
        if own.kind != "any":
            yield at, f"`{at}` is {own.words()}, and no record is held to that"
        return
    if own.kind != published.kind:
        if own.kind != "any":
            yield at, f"`{at}` is {own.words()}, and {published.words()} in every record"
        return
    if own.enum is not None and not (published.enum is not None and published.enum <= own.enum):
        yield at, f"`{at}` has other values in records than the schema lists"
    if own.format is not None and own.format != published.format:
        yield at, f"`{at}` is of the format `{own.format}`, and no record is held to that"
    for name in sorted(own.fields.keys() - published.fields.keys()):
        yield f"{at}.{name}", f"no record has the field `{at}.{name}`: it can be in none that is filed"
    for name in sorted((published.fields.keys() & own.fields.keys()) - own.optional):
        if name in published.optional:
            yield f"{at}.{name}", f"`{at}.{name}` is required, and a record may be without it"
    for name in sorted(own.fields.keys() & published.fields.keys()):
        yield from _beyond(own.fields[name], published.fields[name])
    if own.item is not None and published.item is not None:
        yield from _beyond(own.item, published.item)
