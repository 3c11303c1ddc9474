"""Compares a decision that was made again with the one on record."""

from typing import Any

from engine.deciding.verdict import Decision
from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes

MAX_DIFFERENCES = 50


class Difference(Frozen):
    """A place (JSON Pointer, RFC 6901) where the two bodies differ; `absent` stands for a value that is not there."""

    path: str
    recorded: str
    again: str


class Replay(Frozen):
    """Whether the bytes are the same, and where they differ."""

    same: bool
    recorded_id: str
    again_id: str
    differences: tuple[Difference, ...] = ()


def compare(recorded: Decision, again: Decision) -> Replay:
    """Compare canonical bytes; at most 50 differences are named."""
    if recorded.body == again.body:
        return Replay(same=True, recorded_id=recorded.id, again_id=again.id)
    found: list[Difference] = []
    _walk("", recorded.to_json(), again.to_json(), found)
    return Replay(same=False, recorded_id=recorded.id, again_id=again.id, differences=tuple(found[:MAX_DIFFERENCES]))


_ABSENT = object()


def _walk(path: str, one: Any, other: Any, found: list[Difference]) -> None:
    if len(found) >= MAX_DIFFERENCES:
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(set(one) | set(other)):
            escaped = name.replace("~", "~0").replace("/", "~1")
            _walk(f"{path}/{escaped}", one.get(name, _ABSENT), other.get(name, _ABSENT), found)
    elif isinstance(one, list) and isinstance(other, list):
        for index in range(max(len(one), len(other))):
            first = one[index] if index < len(one) else _ABSENT
            second = other[index] if index < len(other) else _ABSENT
            _walk(f"{path}/{index}", first, second, found)
    elif one is _ABSENT or other is _ABSENT or canonical_bytes(one) != canonical_bytes(other):
        found.append(Difference(path=path or "/", recorded=_text(one), again=_text(other)))


def _text(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    text = canonical_bytes(value).decode()
    return text if len(text) <= 200 else f"{text[:197]}…"
