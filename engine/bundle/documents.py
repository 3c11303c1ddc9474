"""YAML of which every value knows its line, read from text that is not trusted.

The words of YAML 1.2's core schema (`true`, `null`, JSON numbers); everything else is text, dates too. Refused:
anchors, aliases, tags, a key twice, more than 32 levels, more than 4 MiB. METADATA, overlays, gates and cases are read
with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from engine.errors import PolicyError, PolicyErrors, did_you_mean

MAX_BYTES = 4 << 20
MAX_DEPTH = 32
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"^[-+]?(0|[1-9]\d{0,17})$")
_FLOAT = re.compile(r"^[-+]?\d{1,40}(\.\d{1,40})?([eE][-+]?\d{1,3})?$")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}

Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """A YAML document: plain values, and the line of each by its path of keys and positions."""

    path: str
    value: Any
    lines: Mapping[Path, int]

    def line(self, *where: str | int) -> int:
        """Line of the value at a path, or of the nearest value around it."""
        for end in range(len(where), -1, -1):
            if where[:end] in self.lines:
                return self.lines[where[:end]]
        return 1

    def error(self, problem: str, *where: str | int, hint: str | None = None) -> PolicyError:
        return PolicyError(problem, path=self.path, line=self.line(*where), hint=hint)


@dataclass
class _Open:
    """A collection that is being read."""

    where: Path
    items: Any
    key: str | None = None
    keys: set[str] = field(default_factory=set)

    def step(self) -> str | int:
        return len(self.items) if isinstance(self.items, list) else (self.key or "")


def read_yaml(text: str | bytes, path: str, *, line_of: Callable[[int], int] = lambda line: line) -> Document:
    """Read one YAML document. `line_of` turns a line of `text` (from 1) into a line of the file `path`.

    Raises PolicyError with file and line for whatever is not acceptable.
    """
    if len(text) > MAX_BYTES:
        raise PolicyError(f"more than {MAX_BYTES >> 20} MiB of YAML", path=path, line=1, hint="split the file")
    line = 1
    try:
        source = text.decode("utf-8") if isinstance(text, bytes) else text
        reader = _Reader(path, line_of)
        for event in yaml.parse(source, Loader=_Loader):
            line = event.start_mark.line + 1 if event.start_mark is not None else line
            reader.take(event, line_of(line))
    except UnicodeError as cause:
        raise PolicyError(f"not UTF-8 text: {cause}", path=path, line=line_of(line)) from None
    except yaml.YAMLError as cause:
        mark = getattr(cause, "problem_mark", None)
        line = mark.line + 1 if mark is not None else line
        problem = getattr(cause, "problem", None) or getattr(cause, "reason", None) or "malformed"
        raise PolicyError(
            f"not YAML: {problem}", path=path, line=line_of(line), hint="check indentation, colons and quotes"
        ) from None
    return Document(path=path, value=reader.value, lines=reader.lines)


class _Reader:
    """Builds values from YAML events, with a stack of its own so that depth is a number and not a crash."""

    def __init__(self, path: str, line_of: Callable[[int], int]) -> None:
        self.path = path
        self.line_of = line_of
        self.value: Any = None
        self.lines: dict[Path, int] = {(): line_of(1)}
        self.stack: list[_Open] = []
        self.documents = 0

    def take(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self.refusal("a second YAML document", line, "keep one document in a file")
        if getattr(event, "anchor", None) is not None:
            raise self.refusal("an anchor or alias", line, "write the value out where it is used")
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise self.refusal(f"the tag `{tag}`", line, "write plain values")
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            items: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            where = self.place(items, line)
            self.stack.append(_Open(where, items))
            if len(self.stack) > MAX_DEPTH:
                raise self.refusal(f"YAML nested deeper than {MAX_DEPTH} levels", line, "flatten it")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.stack.pop()
        elif isinstance(event, yaml.ScalarEvent):
            self.scalar(event, line)

    def scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.items, dict) and top.key is None:
            if event.value in top.keys:
                raise self.refusal(f"the key `{event.value}` stands twice", line, "remove one of them")
            top.keys.add(event.value)
            top.key = event.value
            self.lines[(*top.where, event.value)] = line
            return
        plain = event.implicit[0]
        self.place(_scalar(event.value) if plain else event.value, line)

    def place(self, value: Any, line: int) -> Path:
        if not self.stack:
            self.value = value
            self.lines[()] = line
            return ()
        top = self.stack[-1]
        if isinstance(top.items, dict) and top.key is None:
            raise self.refusal("a key that is not a word", line, "use text as key")
        where = (*top.where, top.step())
        if isinstance(top.items, list):
            self.lines[where] = line
            top.items.append(value)
        else:
            top.items[top.key] = value
            top.key = None
        return where

    def refusal(self, what: str, line: int, hint: str) -> PolicyError:
        return PolicyError(f"{what} is not accepted here", path=self.path, line=line, hint=hint)


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        value = float(text)
        return value if abs(value) < float("inf") else text
    return text


def parse_model(model: type[Model], document: Document, value: Any, at: Path = ()) -> Model:
    """`value`, which stands at `at` in the document, as a model.

    Raises PolicyErrors with one error, at its line, for each field that does not fit.
    """
    try:
        return model.model_validate(_tuples(value))
    except ValidationError as cause:
        raise PolicyErrors(
            _field_error(model, document, item["loc"], item["type"], item["msg"], at)
            for item in cause.errors(include_url=False)
        ) from None


def _field_error(
    model: type[BaseModel], document: Document, loc: Sequence[str | int], kind: str, message: str, at: Path
) -> PolicyError:
    name = ".".join(str(part) for part in loc) or "the whole"
    line = document.line(*at, *loc)
    fields = [f.alias or n for n, f in model.model_fields.items()]
    if kind == "missing":
        problem, hint = f"`{name}` is missing", f"add `{loc[-1]}`" if loc else None
    elif kind == "extra_forbidden":
        problem, hint = f"unknown field `{name}`", did_you_mean(str(loc[-1]), fields) if len(loc) == 1 else None
    else:
        problem = f"`{name}`: {message[:1].lower()}{message[1:].removeprefix('alue error, ')}"
        hint = None
    return PolicyError(problem, path=document.path, line=line, hint=hint)


def _tuples(value: Any) -> Any:
    """Lists as tuples, which is what the frozen, strict models hold."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {name: _tuples(item) for name, item in value.items()}
    return value
