"""The catalogue of parameters, which policies read as `data.parameters.<name>`: their types, bounds and defaults."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Literal

from pydantic import Field

from engine.bundle.documents import Document, parse_model, read_yaml
from engine.bundle.parameter_types import PERIOD, SCALARS, Problem, parse_type, path_of, problems, type_schema
from engine.bundle.paths import ADDED, is_added
from engine.errors import PolicyError, PolicyErrors, refuse
from evidence.model.base import Frozen
from evidence.model.canonical import parse_json
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import MAX_TOLD
from evidence.model.yaml import Place

PARAMETERS_PATH = "parameters/parameters.yaml"
READ_BY_ENGINE = ("freeze_periods", "waiver_max_days")
"""Parameters that say something without a control's reading them."""
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class ParameterEntry(Frozen):
    """A parameter, as written: its type, default, where the default comes from, and whether it has a floor.

    `minimum` and `maximum` hold for each number in a value, whatever has them; where they are by the name of a set of
    words, for what stands under one of these words.
    """

    type: str
    default: Any
    unit: str
    source: Literal["law", "guidance", "seed", "proposal", "organisation"]
    meaning: str = Field(min_length=8)
    floor: bool = False
    stricter: Literal["higher", "lower"] | None = None
    minimum: float | None = None
    maximum: float | dict[str, float] | None = None


class Parameter(ParameterEntry):
    """A parameter of the catalogue, with the words that its type may name, by set."""

    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def most_at(self, at: Place) -> float | None:
        """The most that a number at a place in a value may be."""
        if not isinstance(self.maximum, dict):
            return self.maximum
        return min(
            (most for name, most in self.maximum.items() if not {*at}.isdisjoint(self.words[name])), default=None
        )


class CatalogueFile(Frozen):
    """`policies/parameters/parameters.yaml`: every parameter by its name, and the sets of words that their types name.

    A set is written out, or stands elsewhere in the bundle: `schemas/x.json#/properties/y/enum`, a file and a JSON
    Pointer (RFC 6901) to a list or to a mapping, whose names are then the words.
    """

    parameters: dict[str, ParameterEntry]
    words: dict[str, tuple[str, ...] | str] = Field(default_factory=dict)


def read_words(document: Document, files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """The sets of words of `policies/parameters/parameters.yaml`, those that stand elsewhere out of the bundle's
    `files`. Raises PolicyErrors with every mistake.
    """
    given = document.value.get("words") if isinstance(document.value, dict) else None
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise document.error("`words` is not a map", "words", hint="write `words: {<name>: [<word>, …]}`")
    words, mistakes = {}, []
    for name, said in given.items():
        listed = _words_at(said, files, added=is_added(document.path)) if isinstance(said, str) else said
        if not _NAME.fullmatch(name) or name in (*SCALARS, PERIOD, "list", "map"):
            problem, hint = f"`{name}` cannot be the name of words", "lower-case words with hyphens, and no type"
            mistakes.append(document.error(problem, "words", name, hint=hint))
        elif not _are_words(listed):
            problem = f"no words are found at `{said}`" if isinstance(said, str) else f"`{name}` lists no words"
            hint = "write a list of words, each once, or `<file>#/<path>` of a list or mapping of the bundle"
            mistakes.append(document.error(problem, "words", name, hint=hint))
        else:
            words[name] = tuple(listed)
    refuse(mistakes)
    return words


def _are_words(listed: Any) -> bool:
    """Whether it is a list of texts, each once."""
    fits = isinstance(listed, list) and bool(listed) and all(isinstance(word, str) for word in listed)
    return fits and len(set(listed)) == len(listed)


def _words_at(reference: str, files: Mapping[str, bytes], *, added: bool) -> Any:
    """The list, or the names of the mapping, to which a file and a JSON Pointer lead; None where they lead nowhere.

    What an overlay `added` may name files of its own, too.
    """
    path, _, pointer = reference.partition("#")
    content = files.get(path, files.get(ADDED + path) if added else None)
    if content is None or not pointer.startswith("/"):
        return None
    try:
        found = parse_json(content, where=path) if path.endswith(".json") else read_yaml(content, path).value
    except (EvidenceError, PolicyError):
        return None  # what is wrong with the file is told of it
    for step in pointer[1:].split("/"):
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return list(found) if isinstance(found, dict) else found


def read_catalogue(document: Document, words: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, Parameter]:
    """`policies/parameters/parameters.yaml`, whose types may name these sets of words (`read_words`).

    Raises PolicyErrors with every mistake.
    """
    value, known = document.value, words or {}
    if not isinstance(value, dict) or not isinstance(value.get("parameters"), dict):
        raise document.error("no `parameters`", hint="write `parameters: {<name>: {type: …, default: …}}`")
    catalogue: dict[str, Parameter] = {}
    mistakes = [
        document.error(f"unknown field `{name}`", name, hint="parameters stand below `parameters`")
        for name in value
        if name not in CatalogueFile.model_fields
    ]
    for name, entry in value["parameters"].items():
        where = ("parameters", name)
        try:
            parameter = _parameter(parse_model(ParameterEntry, document, entry, where), known)
        except PolicyErrors as cause:
            mistakes += cause.errors
            continue
        except ValueError as cause:
            mistakes.append(document.error(str(cause), *where, "type"))
            continue
        mistakes += [
            document.error(f"the default of `{path_of(name, at)}` {text}", *where, "default", *at, hint=hint or None)
            for at, text, hint in islice(value_problems(parameter, parameter.default), MAX_TOLD)
        ]
        if parameter.floor and parameter.stricter is None:
            mistakes.append(document.error(f"`{name}` has a floor and no `stricter`", *where, hint="higher or lower"))
        catalogue[name] = parameter
    refuse(mistakes)
    return catalogue


def _parameter(entry: ParameterEntry, known: Mapping[str, tuple[str, ...]]) -> Parameter:
    """A parameter with the words that it names. Raises ValueError for a type, or a bound, of no known words."""
    named = parse_type(entry.type, known).sets | (entry.maximum.keys() if isinstance(entry.maximum, dict) else set())
    for name in sorted(named - known.keys()):
        raise ValueError(f"`{name}` names no words")
    said = dict(entry) | {"default": plain(entry.default)}
    return Parameter(**said, words={name: known[name] for name in sorted(named)})


def plain(value: Any) -> Any:
    """Tuples as lists again: plain JSON values."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return {name: plain(item) for name, item in value.items()} if isinstance(value, dict) else value


_BOUNDS = {"share": 1, "ratio": 1, "part of the range": 1, "percent": 100}
"""The most that a number of a unit can be."""


def value_problems(parameter: Parameter, value: Any) -> Iterator[Problem]:
    """What in a value does not fit the parameter's type, or lies outside of what it can sensibly be."""
    kind = parse_type(parameter.type, parameter.words)
    wrong = tuple(problems(kind, value))
    yield from wrong or _bounds_problems(parameter, value)


def _bounds_problems(parameter: Parameter, value: Any) -> Iterator[Problem]:
    if parameter.type in ("int", "float"):
        most = _BOUNDS.get(parameter.unit)
        if value < 0:
            yield Problem((), f"is {value}, below 0", "")
            return
        if most is not None and value > most:
            yield Problem((), f"is {value}, and a {parameter.unit} is at most {most}", _as_share(value, most))
            return
    for at, number in _numbers(value):
        if parameter.minimum is not None and number < parameter.minimum:
            yield Problem(at, f"is {number}, and is at least {parameter.minimum:g}", "")
        most_here = parameter.most_at(at)
        if most_here is not None and number > most_here:
            yield Problem(at, f"is {number}, and is at most {most_here:g}", _as_share(number, most_here))


def _numbers(value: Any, at: Place = ()) -> Iterator[tuple[Place, int | float]]:
    """Each number in a value, with its place."""
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _numbers(entry, (*at, name))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _numbers(entry, (*at, index))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield at, value


def _as_share(number: float, most: float) -> str:
    """What to write where per cent were given for a share."""
    return f"write {number / 100:g} for {number} per cent" if most == 1 and number <= 100 else ""


def schema_of(parameter: Parameter) -> dict[str, Any]:
    """The JSON Schema of a parameter's values; the bounds of a number in a list or map are left to the reader."""
    bounds = {"minimum": parameter.minimum, "maximum": parameter.maximum} if parameter.type in ("int", "float") else {}
    said = {name: bound for name, bound in bounds.items() if bound is not None}
    return type_schema(parse_type(parameter.type, parameter.words)) | said
