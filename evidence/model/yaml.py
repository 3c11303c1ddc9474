"""The one YAML reader: plain values, each with the line that it stands on, out of text that is not trusted.

Plain scalars are those of the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema): `no` and `yes` are
words and no truth values, `2026-01-01` is text. What JSON has no numbers for stays text too: hexadecimal, octal,
infinities, and numbers of more than forty digits. Keys are always text. Refused: anchors, aliases, tags, a key twice, a
second document, and more bytes, levels or values than the limits.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from evidence.model.errors import EvidenceError, unreadable

MAX_BYTES = 4 << 20
MAX_FILE_BYTES = 256 << 10
MAX_DEPTH = 32
MAX_VALUES = 200_000

Place = tuple[str | int, ...]
"""Where a value stands: the keys and positions from the root."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class YamlError(Exception):
    """What is not acceptable, at which line of the text, and how to mend it."""

    def __init__(self, problem: str, line: int, hint: str | None = None) -> None:
        super().__init__(f"line {line}: {problem}")
        self.problem = problem
        self.line = line
        self.hint = hint


@dataclass(frozen=True)
class Yaml:
    """A document: its value (None for an empty one), and the line (from 1) of each value by its place."""

    value: Any
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Line of the value at a place, or of the nearest value around it."""
        return line_at(self.lines, place)


def line_at(lines: Mapping[Place, int], place: Place) -> int:
    """Line of the value at a place, or of the nearest value around it."""
    return next((lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines), 1)


def parse_yaml(text: str | bytes) -> Yaml:
    """Read one document. Raises YamlError for whatever is not acceptable."""
    if len(text) > MAX_BYTES:
        raise YamlError(f"more than {MAX_BYTES >> 20} MiB of YAML", 1, "split the file")
    reader = _Reader()
    try:
        source = text.decode("utf-8") if isinstance(text, bytes) else text
        for event in yaml.parse(source, Loader=_Loader):
            reader.take(event)
    except UnicodeError as cause:
        place = f" (byte {cause.start})" if isinstance(cause, UnicodeDecodeError) else ""
        raise YamlError(f"not UTF-8 text{place}", reader.line, "save the file as UTF-8") from None
    except yaml.YAMLError as cause:
        mark = getattr(cause, "problem_mark", None) or getattr(cause, "context_mark", None)
        problem = getattr(cause, "problem", None) or getattr(cause, "reason", None) or "malformed"
        line = mark.line + 1 if mark is not None else reader.line
        if _begins_with_tab(source, line):
            raise YamlError("a tab, where YAML takes spaces alone", line, "indent with spaces") from None
        raise YamlError(f"not YAML: {problem}", line, "check indentation, colons and quotes") from None
    return Yaml(reader.root, reader.lines)


def _begins_with_tab(source: str, line: int) -> bool:
    """Whether there is a tab before the first word of a line, from 1."""
    lines = source.split("\n")
    text = lines[line - 1] if line <= len(lines) else ""
    return "\t" in text[: len(text) - len(text.lstrip())]


def plain_scalars(text: bytes) -> Iterator[tuple[str, int]]:
    """Each word without quotes, keys too, with its line, of what `parse_yaml` has read."""
    for event in yaml.parse(text.decode("utf-8"), Loader=_Loader):
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
            yield event.value, event.start_mark.line + 1 if event.start_mark else 1


def read_mapping(path: Path, *, hint: str) -> tuple[dict[str, Any], Yaml]:
    """The mapping that a file of a person's hand holds (256 KiB at most), and its document for the lines.

    `hint` says how a document of this kind starts. Raises EvidenceError with file and line.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as cause:
        raise unreadable(path, cause) from None
    if len(data) > MAX_FILE_BYTES:
        raise EvidenceError(
            f"more than {MAX_FILE_BYTES} bytes of YAML",
            where=str(path),
            hint="split the file, or leave out what it need not say",
        )
    try:
        document = parse_yaml(data)
    except YamlError as cause:
        raise EvidenceError(cause.problem, where=f"{path}:{cause.line}", hint=cause.hint) from None
    if not isinstance(document.value, dict):
        raise EvidenceError("not a YAML mapping", where=f"{path}:1", hint=hint)
    return document.value, document


@dataclass
class _Open:
    """A collection that is being read; in a mapping, `key` is the one whose value comes next."""

    place: Place
    items: Any
    key: str | None = None
    keys: set[str] = field(default_factory=set)

    @property
    def takes_key(self) -> bool:
        return isinstance(self.items, dict) and self.key is None


class _Reader:
    """Builds values from YAML events, with a stack of its own so that depth is a number and not a crash."""

    def __init__(self) -> None:
        self.root: Any = None
        self.lines: dict[Place, int] = {(): 1}
        self.line = 1
        self._stack: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        if event.start_mark is not None:
            self.line = event.start_mark.line + 1
        if isinstance(event, yaml.NodeEvent):
            self._take_node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refusal("a second YAML document", "keep one document in a file")

    def _take_node(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            raise self._refusal("an anchor or alias", "write the value out where it is used")
        if (tag := getattr(event, "tag", None)) is not None:
            raise self._refusal(f"the tag `{tag}`", "write plain values")
        if isinstance(event, yaml.ScalarEvent):
            if self._stack and self._stack[-1].takes_key:
                self._name(event.value)
            else:
                self._put(_scalar(event.value) if event.implicit[0] else event.value)
            return
        items: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._stack.append(_Open(self._put(items), items))
        if len(self._stack) > MAX_DEPTH:
            raise self._refusal(f"YAML nested deeper than {MAX_DEPTH} levels", "flatten it")

    def _name(self, key: str) -> None:
        top = self._stack[-1]
        if key in top.keys:
            raise YamlError(f"the key `{key}` stands twice", self.line, "keep one of them")
        top.keys.add(key)
        top.key = key
        self._note((*top.place, key))

    def _put(self, value: Any) -> Place:
        if not self._stack:
            self.root = value
            self._note(())
            return ()
        top = self._stack[-1]
        if top.takes_key:
            raise self._refusal("a key that is no text", "use a word as key")
        if isinstance(top.items, list):
            place: Place = (*top.place, len(top.items))
            self._note(place)
            top.items.append(value)
        else:
            place = (*top.place, top.key or "")
            top.items[top.key] = value
            top.key = None
        return place

    def _note(self, place: Place) -> None:
        self.lines[place] = self.line
        if len(self.lines) > MAX_VALUES:
            raise self._refusal(f"more than {MAX_VALUES} values", "split the file")

    def _refusal(self, what: str, hint: str) -> YamlError:
        return YamlError(f"{what} is not accepted here", self.line, hint)


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if abs(value) < float("inf") else text
    return text
