"""The JSON Schemas of the evidence types, as published for policy authors under `policies/schemas/`.

`python -m evidence.model.schemas policies/schemas` writes them, and their digests beside this file; a test holds that
both are current.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DIGESTS = Path(__file__).with_suffix(".sha256")


def published_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (draft 2020-12) of the content of each evidence type, by type name.

    `x-classes`, `x-max-age` and `x-feed` say which evidence classes the type allows, when a record is stale, and
    whether the type brings events; `x-event`, which fields tell one event from another (absent where none do);
    `x-retold`, what a later account of an event may call graver (absent where each account stands for itself);
    `x-record-class`, as what retention keeps it; `x-about`, by kind of subject, which field holds the digest that a
    record is about; `x-supersedes`, which fields are the same in a record and the later one that replaces it (absent
    where none does).
    """
    schemas = {}
    for name, model in sorted(PREDICATES.items()):
        graver = graver_than(model)
        schema = without_null(model.model_json_schema(by_alias=True))
        schemas[name] = {
            "$schema": DIALECT,
            "$id": model.uri(),
            "x-classes": list(model.CLASSES),
            "x-max-age": model.MAX_AGE,
            "x-feed": model.FEED,
            **({"x-event": list(model.EVENT)} if model.EVENT else {}),
            **({"x-retold": graver} if graver is not None else {}),
            "x-record-class": model.RECORD_CLASS,
            "x-about": dict(model.ABOUT),
            **({"x-supersedes": list(model.SUPERSEDES)} if model.SUPERSEDES is not None else {}),
            **schema,
        }
    return schemas


def graver_than(model: type[Predicate]) -> dict[str, list[Any] | None] | None:
    """`x-retold` of a type; None where each account of an event stands for itself."""
    if model.RETOLD is None:
        return None
    return {field: None if mild is None else list(mild) for field, mild in model.RETOLD.items()}


@cache
def _digests() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(line.split()) for line in _DIGESTS.read_text(encoding="ascii").splitlines())


def is_published(name: str, content: bytes) -> bool:
    """Whether these are the bytes of the schema published for a type: to make them all takes half a second."""
    return (sha256(content).hexdigest(), f"{name}.json") in _digests()


def file_schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a YAML file that somebody writes by hand, of the model that reads it."""
    schema: dict[str, Any] = without_null(model.model_json_schema(by_alias=True))
    return {"$schema": DIALECT, **schema}


def schema_text(schema: Mapping[str, Any]) -> str:
    """A schema as the text of a file: the same bytes each time."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def without_null(schema: Any) -> Any:
    """The schema without `null`: an absent optional field is left out of a record, never null."""
    if isinstance(schema, list):
        return [without_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: without_null(item) for name, item in schema.items() if (name, item) != ("default", None)}
    options = [item for item in schema.get("anyOf", ()) if item != {"type": "null"}]
    if len(options) == 1:
        schema = {**{name: item for name, item in schema.items() if name != "anyOf"}, **options[0]}
    return schema


def write_schemas(folder: Path) -> None:
    """Write one `<type>.json` an evidence type into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _texts().items():
        (folder / name).write_text(text, encoding="utf-8")


def digests_text() -> str:
    """The digests of the published schemas, as `sha256sum` writes them."""
    return "".join(f"{sha256(text.encode()).hexdigest()}  {name}\n" for name, text in _texts().items())


def _texts() -> dict[str, str]:
    return {f"{name}.json": schema_text(schema) for name, schema in published_schemas().items()}


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
    _DIGESTS.write_text(digests_text(), encoding="ascii")
