"""Schemas of a bundle against the evidence that can be filed: what one says beyond the published schema is not so.

Lint takes from a bundle's schemas which fields are always there and which values they have; a record is checked against
the published type alone. A field that the bundle makes its own, or calls required, would be absent where a policy is
told that it is there.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from engine.errors import PolicyError, did_you_mean
from engine.rego.types import LargeTypeError, Type, from_schema
from evidence.model.events import tells_events
from evidence.model.predicates import PREDICATES
from evidence.model.schemas import graver_than, is_published, published_schemas

_HINT = "write the schemas anew: `python -m evidence.model.schemas policies/schemas`"


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
        try:
            problems = sorted(set(_beyond(from_schema(schema, name), _published()[name])))
            if events and schema.get("x-event", []) != list(PREDICATES[name].EVENT):
                problems.append("`x-event` names other fields than those that tell one event from another")
            # Left out, each account stands for itself, as in policies of before: that is the stricter.
            if "x-retold" in schema and schema["x-retold"] != graver_than(PREDICATES[name]):
                problems.append("`x-retold` says otherwise than the type what a later account may call graver")
        except LargeTypeError as cause:
            problems = [cause.problem]
        for problem in problems:
            yield PolicyError(problem, path=path, line=1, hint=_HINT)


@cache
def _published() -> Mapping[str, Type]:
    return {name: from_schema(schema, name) for name, schema in published_schemas().items()}


def _beyond(own: Type, published: Type) -> Iterator[str]:
    """What a type says that the published one does not."""
    if published.kind == "any":
        if own.kind != "any":
            yield f"`{own.path}` is {own.words()}, and no record is held to that"
        return
    if own.kind != published.kind:
        if own.kind != "any":
            yield f"`{own.path}` is {own.words()}, and {published.words()} in every record"
        return
    if own.enum is not None and not (published.enum is not None and published.enum <= own.enum):
        yield f"`{own.path}` has other values in records than the schema lists"
    if own.format is not None and own.format != published.format:
        yield f"`{own.path}` is of the format `{own.format}`, and no record is held to that"
    for name in sorted(own.fields.keys() - published.fields.keys()):
        yield f"no record has the field `{own.path}.{name}`: it can be in none that is filed"
    for name in sorted((published.fields.keys() & own.fields.keys()) - own.optional):
        if name in published.optional:
            yield f"`{own.path}.{name}` is required, and a record may be without it"
    for name in sorted(own.fields.keys() & published.fields.keys()):
        yield from _beyond(own.fields[name], published.fields[name])
    if own.item is not None and published.item is not None:
        yield from _beyond(own.item, published.item)
