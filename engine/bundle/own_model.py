"""Content of an organisation's own evidence types, held to a schema as that of ours is held to its model.

The model is made of the same scalars, so that mistakes are told in the same words and a time that has been lies before
the filing.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, create_model

from evidence.model.base import Date, DigestText, Frozen, Happened, HappenedDay, Instant, Int, Number, Text
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import mistakes_of, name_of
from evidence.model.own import OwnPredicate
from evidence.model.predicates.base import Predicate


class _Part(Frozen):
    """An object within the content."""

    model_config = ConfigDict(populate_by_name=False)


def typed(type_: str, schema: Mapping[str, Any]) -> type[Predicate]:
    """The model of the content of an own type, from a schema that `read_own` accepted."""
    about: dict[str, str] = dict(schema.get("x-about", {}))
    model: type[Predicate] = _model(OwnPredicate, schema, frozenset(about.values()))
    model.TYPE = type_
    model.CLASSES = tuple(schema["x-classes"])
    model.MAX_AGE = schema["x-max-age"]
    model.ABOUT = about
    return model


def _model(base: Any, schema: Mapping[str, Any], digests: frozenset[str] = frozenset()) -> Any:
    """A model with the fields of an object. Their names are aliases: `copy` and `json` are names of a model's own."""
    required = schema.get("required", ())
    fields: dict[str, Any] = {}
    for place, (name, part) in enumerate(sorted(schema["properties"].items())):
        kind = DigestText if name in digests else _annotation(part)
        needed = (kind, Field(alias=name)) if name in required else (kind | None, Field(alias=name, default=None))
        fields[f"field_{place}"] = needed
    return create_model("Own", __base__=base, __module__=__name__, **fields)


def _annotation(schema: Mapping[str, Any]) -> Any:
    kind, form, has_been = schema["type"], schema.get("format"), "x-happened" in schema
    if kind == "object":
        return _model(_Part, schema)
    if kind == "array":
        return tuple.__class_getitem__((_annotation(schema["items"]), ...))
    if kind == "string" and "enum" in schema:
        return Literal[tuple(schema["enum"])]
    if form == "date-time":
        return Happened if has_been else Instant
    if form == "date":
        return HappenedDay if has_been else Date
    if kind in ("integer", "number"):
        bounds = {"ge": schema.get("minimum"), "le": schema.get("maximum")}
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        return Annotated[Int, Field(**given)] if kind == "integer" else Annotated[Number, Field(**given)]
    return {"string": Text, "boolean": bool}[kind]


def unfit(model: type[Predicate], content: Mapping[str, Any], *, whole: bool = True) -> tuple[str, str] | None:
    """The first field that does not fit the model of an own type, and why in words; None where all is well.

    Where it is `whole`, required fields are there, and instants in the form in which policies compare them.
    """
    try:
        normal = model.from_json(content).to_json()
    except ValidationError as cause:
        found = {name_of(at): words for at, words in mistakes_of(cause).items() if whole or words != "is missing"}
        return min(found.items()) if found else None
    except EvidenceError as cause:
        return "content", cause.problem
    if canonical_bytes(normal) == canonical_bytes(dict(content)):
        return None
    odd = min(
        name
        for name in content
        if name not in normal or canonical_bytes([normal[name]]) != canonical_bytes([content[name]])
    )
    return (
        odd,
        "is not in the form in which policies read it: write instants as 2026-01-31T09:00:00Z, leave out what is null",
    )
