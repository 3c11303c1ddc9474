"""A small YAML document from a person's hand, read safely, each value with the line that it stands on.

Plain scalars follow the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema), so `no` and `yes` are
words and not truth values: in data about people they are answers. Aliases, tags and a key given twice are refused.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from evidence.model.errors import EvidenceError

MAX_BYTES = 256 << 10
MAX_DEPTH = 24
MAX_VALUES = 20_000

Place = tuple[str | int, ...]
"""Where a value stands: the keys and indexes from the root."""

_INT = re.compile(r"^[-+]?[0-9]+$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def read_yaml(path: Path, *, hint: str = "start with `system: <id>`") -> tuple[dict[str, Any], dict[Place, int]]:
    """The mapping that a YAML file holds, and the line (from 1) of each value by its place.

    `hint` says how a document of this kind starts. Raises EvidenceError, with file and line, for a file that cannot be
    read, is too large, too deep or no mapping, and for aliases, tags, duplicate keys and keys that are no text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as cause:
        raise EvidenceError(f"cannot be read: {cause.strerror}", where=str(path)) from None
    if len(data) > MAX_BYTES:
        raise EvidenceError(f"more than {MAX_BYTES} bytes of YAML", where=str(path))
    builder = _Builder(path)
    try:
        text = data.decode("utf-8")
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except UnicodeDecodeError as cause:
        raise EvidenceError(f"not UTF-8 text (byte {cause.start})", where=str(path)) from None
    except yaml.MarkedYAMLError as cause:
        line = getattr(cause.problem_mark or cause.context_mark, "line", 0) + 1
        raise EvidenceError(f"not YAML: {cause.problem or cause.context}", where=f"{path}:{line}") from None
    except yaml.YAMLError as cause:
        raise EvidenceError(f"not YAML: {' '.join(str(cause).split())}", where=str(path)) from None
    if not isinstance(builder.root, dict):
        raise EvidenceError("not a YAML mapping", where=f"{path}:1", hint=hint)
    return builder.root, builder.lines


class _Builder:
    """Makes plain values of YAML events, without recursion."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root: Any = None
        self.lines: dict[Place, int] = {}
        self._open: list[tuple[Any, Place]] = []
        self._key: list[str | None] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse("a second document in one file", line)
        elif isinstance(event, yaml.AliasEvent):
            self._refuse("an alias is not allowed", line, hint="write the value out")
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._key.pop()

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        if getattr(event, "tag", None) is not None:
            self._refuse(f"the tag `{getattr(event, 'tag', '')}` is not allowed", line)
        if isinstance(event, yaml.ScalarEvent):
            if self._takes_key():
                self._name(event.value, line)
            else:
                self._add(_scalar(event), line)
            return
        if self._takes_key():
            self._refuse("a key that is no text", line)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        place = self._add(value, line)
        if len(place) >= MAX_DEPTH:
            self._refuse(f"nested deeper than {MAX_DEPTH} levels", line)
        self._open.append((value, place))
        self._key.append(None)

    def _takes_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1][0], dict) and self._key[-1] is None

    def _name(self, key: str, line: int) -> None:
        mapping, place = self._open[-1]
        if key in mapping:
            self._refuse(f"the key `{key}` stands twice", line, hint="keep one of them")
        self._key[-1] = key
        self.lines[(*place, key)] = line

    def _add(self, value: Any, line: int) -> Place:
        if not self._open:
            self.root = value
            self.lines[()] = line
            return ()
        parent, place = self._open[-1]
        if isinstance(parent, dict):
            key: str | int = self._key[-1] or ""
            self._key[-1] = None
            parent[key] = value
        else:
            key = len(parent)
            parent.append(value)
            self.lines[(*place, key)] = line
        if len(self.lines) > MAX_VALUES:
            self._refuse(f"more than {MAX_VALUES} values", line)
        return (*place, key)

    def _refuse(self, problem: str, line: int, hint: str | None = None) -> None:
        raise EvidenceError(problem, where=f"{self.path}:{line}", hint=hint)


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = event.value
    if event.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text) if len(text) <= 20 else text
    if _FLOAT.match(text):
        return float(text)
    return text
