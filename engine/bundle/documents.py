"""Documents of a bundle: YAML whose mistakes are told with file and line, and read into models.

METADATA, overlays, gates and cases are read with it; what YAML is accepted is `evidence.model.yaml`'s to say.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.errors import PolicyError, PolicyErrors, did_you_mean
from evidence.model.mistakes import fields_at, is_branch, name_of, plain
from evidence.model.yaml import Place, YamlError, line_at, parse_yaml

Model = TypeVar("Model", bound=BaseModel)
_FIELDS = "what may stand there: docs/policies.md, The fields of the files"


@dataclass(frozen=True)
class Document:
    """A YAML document: plain values, and the line of each by its path of keys and positions."""

    path: str
    value: Any
    lines: Mapping[Place, int]

    def line(self, *where: str | int) -> int:
        """Line of the value at a path, or of the nearest value around it."""
        return line_at(self.lines, where)

    def error(
        self,
        problem: str,
        *where: str | int,
        hint: str | None = None,
        unknown: str | None = None,
        follows: str | None = None,
        warning: bool = False,
    ) -> PolicyError:
        line = self.line(*where)
        return PolicyError(
            problem, path=self.path, line=line, hint=hint, warning=warning, unknown=unknown, follows=follows
        )


def read_yaml(text: str | bytes, path: str, *, line_of: Callable[[int], int] = lambda line: line) -> Document:
    """Read one YAML document. `line_of` turns a line of `text` (from 1) into a line of the file `path`.

    Raises PolicyError with file and line for whatever is not acceptable.
    """
    try:
        read = parse_yaml(text)
    except YamlError as cause:
        raise PolicyError(cause.problem, path=path, line=line_of(cause.line), hint=cause.hint) from None
    return Document(path=path, value=read.value, lines={place: line_of(line) for place, line in read.lines.items()})


def parse_model(model: type[Model], document: Document, value: Any, at: Place = ()) -> Model:
    """`value`, which stands at `at` in the document, as a model.

    Raises PolicyErrors with one error, at its line, for each field that does not fit.
    """
    try:
        return model.model_validate(_tuples(value))
    except ValidationError as cause:
        found = _causes(model, cause.errors(include_url=False))
        raise PolicyErrors(_field_error(model, document, item, at) for item in found) from None


def _causes(model: type[BaseModel], items: Sequence[Any]) -> list[Any]:
    """Without a field that is missing because its name is misspelt, and without a list that is short of entries that
    do not fit: who mends the one mends the other.
    """
    meant = {
        (*item["loc"][:-1], _near_field(model, item["loc"])) for item in items if item["type"] == "extra_forbidden"
    }
    within = {place[:end] for place in (item["loc"] for item in items) for end in range(len(place))}
    return [
        item
        for item in items
        if not (item["type"] == "missing" and item["loc"] in meant)
        and not (item["type"] == "too_short" and item["loc"] in within)
    ]


def _near_field(model: type[BaseModel], loc: Place) -> str | None:
    """The field that a misspelt one stands for most likely."""
    near = did_you_mean(str(loc[-1]), fields_at(model, tuple(part for part in loc if not is_branch(part))))
    return near.split("`")[1] if near.startswith("did you mean") else None


def _field_error(model: type[BaseModel], document: Document, item: Any, at: Place) -> PolicyError:
    kind = item["type"]
    loc = tuple(part for part in item["loc"] if not is_branch(part))
    name = name_of(loc)
    line = document.line(*at, *loc)
    fields = [f.alias or n for n, f in model.model_fields.items()]
    if kind == "missing":
        problem, hint = f"`{name}` is missing", f"add `{loc[-1]}`" if loc else None
    elif kind == "extra_forbidden":
        problem, hint = f"unknown field `{name}`", did_you_mean(str(loc[-1]), fields_at(model, loc) or fields)
    elif not loc and item.get("input") is None:
        problem, hint = "says nothing", f"write {', '.join(f'`{field}: …`' for field in fields)}"
    elif kind == "model_type" and loc and (within := sorted(fields_at(model, (*loc, "")))):
        entry = ", ".join(f"{field}: …" for field in within)
        problem, hint = f"`{name}`: {plain(item)}", f"write `{loc[-1]}: {{{entry}}}`"
    elif kind == "literal_error" and isinstance(item["input"], str):
        near = did_you_mean(item["input"], re.findall("'([^']*)'", item["ctx"]["expected"]))
        problem, hint = f"`{name}`: {plain(item)}", near if near.startswith("did you mean") else _FIELDS
    else:
        problem, hint = f"`{name}`: {plain(item)}", _FIELDS
    return PolicyError(problem, path=document.path, line=line, hint=hint)


def _tuples(value: Any) -> Any:
    """Lists as tuples, which is what the frozen, strict models hold."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {name: _tuples(item) for name, item in value.items()}
    return value
