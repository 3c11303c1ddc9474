"""An organisation's own evidence types: `schemas/custom/<name>.json`, a small part of JSON Schema (docs/policies.md).

What is accepted here is read twice, and says the same both times: as types, by inference over the policies
(`engine.rego.types`), and as a model to which records and cases are held (`engine.bundle.own_model`).
"""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from engine.bundle.paths import placed
from engine.errors import PolicyError, did_you_mean
from evidence.model.canonical import parse_json
from evidence.model.duration import add_duration
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import is_branch
from evidence.model.names import named
from evidence.model.own import CUSTOM, MAX_NAME, OwnPredicate, is_own
from evidence.model.predicates import PREDICATES
from evidence.model.text import says_something
from evidence.model.yaml import Place, YamlError, line_at, parse_yaml

FOLDER = "schemas/custom/"
MAX_BYTES = 64 << 10
MAX_DEPTH = 8
"""Levels of objects and lists in one another."""
MAX_ENTRIES = 200
"""Fields of an object, and values of an enumeration."""
MAX_TOLD = 20
_MOST = 2**53 - 1
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORDS: Mapping[str, tuple[str, ...]] = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items",),
    "string": ("format", "enum", "x-happened"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "boolean": (),
}
"""What may be said of a value of a type, beside `type` and `description`."""
_OF_THE_WHOLE = ("$schema", "x-classes", "x-max-age", "x-about")
_FORMATS = ("date", "date-time")
_ABOUT = ("model", "dataset")
_PAGE = "docs/policies.md: Your own evidence types"


class _Mistake(NamedTuple):
    at: Place
    problem: str
    hint: str = f"what may stand there: {_PAGE}"


def own_type(path: str) -> str:
    """The evidence type of a schema's file."""
    return CUSTOM + PurePosixPath(path).stem


def read_own(path: str, content: bytes) -> tuple[dict[str, Any] | None, list[PolicyError]]:
    """The schema of an organisation's own type, and its mistakes, each at its line and JSON Pointer.

    The schema is None where a mistake is more than a warning.
    """
    try:
        schema = parse_json(content, where=path, limit=MAX_BYTES)
    except EvidenceError as cause:
        return None, [PolicyError(cause.problem, path=path, line=line_of_mistake(cause, path), hint=cause.hint)]
    try:
        lines = parse_yaml(content).lines  # JSON is YAML, whose reader knows the lines
    except YamlError:
        lines = {}

    def told(item: _Mistake, *, warning: bool = False) -> PolicyError:
        problem, line = f"{_pointer(item.at)}{item.problem}", line_at(lines, item.at)
        return PolicyError(problem, path=path, line=line, hint=item.hint, warning=warning)

    mistakes = [told(item) for item in (*_of_name(path), *_of_schema(schema))][:MAX_TOLD]
    warnings = [told(item, warning=True) for item in _namesake(path)]
    return None if mistakes else schema, [*mistakes, *warnings]


def line_of_mistake(cause: EvidenceError, path: str) -> int:
    """The line of a JSON file on which reading it ended; the first where it is not told."""
    line = (cause.where or "").removeprefix(f"{path}:").partition(":")[0]
    return int(line) if line.isascii() and line.isdigit() else 1


def _pointer(at: Place) -> str:
    """RFC 6901; a name in it that cannot be printed is told by its escapes."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in at)
    text = "".join(f"/{_shown(step)}" for step in steps)
    return f"`{text}` " if text else "the schema "


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    short = text if len(text) <= 60 else f"{text[:60]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in short)


def _of_name(path: str) -> Iterator[_Mistake]:
    name = PurePosixPath(path).stem
    if "/" in placed(path).removeprefix(FOLDER):
        yield _Mistake((), "is not at its place", f"own types stand at {FOLDER}<name>.json")
    elif not is_own(own_type(path)):
        problem = f"has the name `{_shown(name)}`, which is not lower-case words with hyphens"
        yield _Mistake((), problem, f"rename the file, such as `security-review.json`; {MAX_NAME} letters at most")


def _namesake(path: str) -> Iterator[_Mistake]:
    """Advice alone: a later Quaestor may have a type of the name, and still reads what was decided by this schema."""
    name = PurePosixPath(path).stem
    if name in PREDICATES:
        yield _Mistake((), f"has the name of Quaestor's own type `{name}`", "rename it: people take one for the other")


def _of_schema(schema: Any) -> Iterator[_Mistake]:
    if not isinstance(schema, dict):
        yield _Mistake((), "is no JSON object", 'write {"type": "object", …}')
        return
    yield from _of_value(schema, (), 0)
    if schema.get("type") != "object":
        yield _Mistake(("type",), "is not `object`, which the content of a record is")
    if not _texts(schema.get("required")):
        yield _Mistake((), "requires no field", "name in `required` what every record holds")
    if "description" not in schema:
        yield _Mistake((), "has no `description`", "say what a record of the type tells, in one sentence")
    if schema.get("$schema", _DIALECT) != _DIALECT:
        yield _Mistake(("$schema",), "is another dialect", f"write {_DIALECT}, or leave it out")
    yield from _of_classes(schema)
    yield from _of_age(schema)
    yield from _of_about(schema)


def _of_value(schema: Any, at: Place, depth: int) -> Iterator[_Mistake]:
    """The mistakes of the schema of one value, and of those under it."""
    if not isinstance(schema, dict):
        yield _Mistake(at, "is no schema", 'write {"type": …}')
        return
    if depth > MAX_DEPTH:
        yield _Mistake(at, f"lies deeper than {MAX_DEPTH} levels", "flatten it")
        return
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _WORDS:
        if "$ref" in schema:
            yield _Mistake((*at, "$ref"), "is a reference, and none is followed", "write the schema out in its place")
        else:
            hint = f"write one of {', '.join(_WORDS)}"
            yield _Mistake((*at, "type"), "is no type that may stand here" if "type" in schema else "is missing", hint)
        return
    known = ("type", "description", *_WORDS[kind], *(_OF_THE_WHOLE if not at else ()))
    for word in schema:
        if word not in known:
            hint = "write the schema out in its place" if word == "$ref" else did_you_mean(word, known)
            yield _Mistake((*at, word), f"is nothing that may be said of type {kind}", hint)
    yield from _of_description(schema, at)
    yield from _OF[kind](schema, at, depth)


def _of_description(schema: Mapping[str, Any], at: Place) -> Iterator[_Mistake]:
    said = schema.get("description")
    if said is None and "description" not in schema:
        return
    if not isinstance(said, str) or len(said) > 1000 or not said.isprintable() or not says_something(said):
        yield _Mistake((*at, "description"), "is no sentence", "write one line of plain text, 1000 letters at most")


def _of_object(schema: Mapping[str, Any], at: Place, depth: int) -> Iterator[_Mistake]:
    if schema.get("additionalProperties") is not False:
        hint = 'write "additionalProperties": false; what has names of its own is a list of objects'
        yield _Mistake((*at, "additionalProperties"), "is not false", hint)
    fields = schema.get("properties")
    if not isinstance(fields, dict) or not 0 < len(fields) <= MAX_ENTRIES:
        yield _Mistake((*at, "properties"), f"does not name 1 to {MAX_ENTRIES} fields", 'write {"name": {"type": …}}')
        return
    for name, part in fields.items():
        if not _is_field(name):
            hint = "write lower-case letters, digits and `_`, a letter first, 64 at most; `list` and the like are taken"
            yield _Mistake((*at, "properties", name), "is no name of a field", hint)
        yield from _of_value(part, (*at, "properties", name), depth + 1)
    required = schema.get("required", [])
    if not _texts(required, empty=True):
        yield _Mistake((*at, "required"), "is no list of names, each once")
        return
    for index, name in enumerate(required):
        if name not in fields:
            yield _Mistake((*at, "required", index), "names no field of `properties`", did_you_mean(name, fields))


def _is_field(name: str) -> bool:
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789_")
    # What pydantic calls its branches is left out where a mistake is told.
    return 0 < len(name) <= 64 and "a" <= name[0] <= "z" and set(name) <= letters and not is_branch(name)


def _of_array(schema: Mapping[str, Any], at: Place, depth: int) -> Iterator[_Mistake]:
    if "items" not in schema:
        yield _Mistake((*at, "items"), "is missing", 'write the schema of an entry: "items": {"type": …}')
    else:
        yield from _of_value(schema["items"], (*at, "items"), depth + 1)


def _of_string(schema: Mapping[str, Any], at: Place, _depth: int) -> Iterator[_Mistake]:
    form = schema.get("format")
    if "format" in schema and form not in _FORMATS:
        yield _Mistake((*at, "format"), "is no format that a record is held to", f"write {' or '.join(_FORMATS)}")
    if "x-happened" in schema and (schema["x-happened"] is not True or form not in _FORMATS):
        hint = "it is `true`, on a `date` or `date-time` that has been when the record is filed"
        yield _Mistake((*at, "x-happened"), "does not say that a time has been", hint)
    if "enum" in schema:
        words = schema["enum"]
        if "format" in schema:
            yield _Mistake((*at, "enum"), "stands beside `format`", "leave one of the two out")
        if not _texts(words) or len(words) > MAX_ENTRIES or not all(_is_word(word) for word in words):
            yield _Mistake(
                (*at, "enum"), f"is no list of 1 to {MAX_ENTRIES} words, each once", 'write ["one", "other"]'
            )


def _is_word(text: str) -> bool:
    try:
        return bool(named(text))
    except ValueError:
        return False


def _of_number(schema: Mapping[str, Any], at: Place, _depth: int) -> Iterator[_Mistake]:
    bounds = {name: schema[name] for name in ("minimum", "maximum") if name in schema}
    whole = schema["type"] == "integer"
    for name, bound in bounds.items():
        if not _is_number(bound, whole=whole):
            words = "a whole number" if whole else "a number"
            yield _Mistake(
                (*at, name), f"is not {words} between -(2^53 - 1) and 2^53 - 1", "write one, or leave it out"
            )
            return
    if len(bounds) == 2 and bounds["minimum"] > bounds["maximum"]:
        yield _Mistake((*at, "minimum"), "is above `maximum`, so that no value fits", "exchange them")


def _is_number(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return False
    return math.isfinite(value) and abs(value) <= _MOST


_OF: Mapping[str, Callable[[Mapping[str, Any], Place, int], Iterator[_Mistake]]] = {
    "object": _of_object,
    "array": _of_array,
    "string": _of_string,
    "integer": _of_number,
    "number": _of_number,
    "boolean": lambda _schema, _at, _depth: iter(()),
}


def _of_classes(schema: Mapping[str, Any]) -> Iterator[_Mistake]:
    classes = schema.get("x-classes")
    if not isinstance(classes, list) or not _texts(classes) or not set(classes) <= set(OwnPredicate.CLASSES):
        hint = "write one or both of attested, ingested, the usual first; Quaestor measures and derives its own alone"
        yield _Mistake(("x-classes",), "are not classes that an organisation's own type may have", hint)


def _of_age(schema: Mapping[str, Any]) -> Iterator[_Mistake]:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    try:
        fits = (
            start < add_duration(start, str(schema.get("x-max-age"))[:40]) <= add_duration(start, OwnPredicate.MAX_AGE)
        )
    except (ValueError, OverflowError):
        fits = False
    if not fits or not isinstance(schema.get("x-max-age"), str):
        problem = f"is no duration up to {OwnPredicate.MAX_AGE}, after which a record is stale"
        yield _Mistake(("x-max-age",), problem, "write it such as P90D or P1Y")


def _of_about(schema: Mapping[str, Any]) -> Iterator[_Mistake]:
    about, fields = schema.get("x-about", {}), schema.get("properties")
    if not isinstance(about, dict):
        yield _Mistake(("x-about",), "names no fields", 'write {"model": "artifact_digest"}')
        return
    for kind, name in about.items():
        field = fields.get(name) if isinstance(fields, dict) and isinstance(name, str) else None
        if kind not in _ABOUT:
            yield _Mistake(("x-about", kind), "is no kind of subject", f"write {' or '.join(_ABOUT)}")
        elif not isinstance(field, dict) or field.get("type") != "string" or field.keys() & {"enum", "format"}:
            hint = "name a text field at the top, without `enum` and `format`; it holds a digest, sha256:…"
            yield _Mistake(("x-about", kind), "names no field for a digest", hint)


def _texts(value: Any, *, empty: bool = False) -> bool:
    """Whether it is a list of texts, each once."""
    fits = isinstance(value, list) and all(isinstance(item, str) for item in value) and len(set(value)) == len(value)
    return fits and (empty or bool(value))
