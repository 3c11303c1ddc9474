"""Canonical JSON (RFC 8785) and the digests made of it; and the only JSON reader for hostile input."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

import rfc8785
from pydantic_core import from_json, to_json

from evidence.model.errors import EvidenceError

MAX_DOCUMENT_BYTES = 64 << 20
MAX_DEPTH = 64
_SAFE = 2**53 - 1
_SPACED = re.compile(rb"\s[\"{\[]|\":\s")
_LOOKED_AT = 512
"""Bytes by which JSON that was written with blanks is told."""
MAX_VALUES = 4_000_000
"""Values in one document: some half a gigabyte once read, however short they are written."""
_NESTING = frozenset({dict, list})


def canonical_bytes(value: Any) -> bytes:
    """RFC 8785 form of plain JSON values. Raises EvidenceError for NaN, infinities and integers past 2^53."""
    try:
        return _canonical(value).encode("utf-8")
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as cause:
        raise EvidenceError(f"no canonical JSON form: {_why_none(cause)}") from None


def _why_none(cause: Exception) -> str:
    """Why a value has no canonical form, in words of JSON."""
    if isinstance(cause, RecursionError):
        return "it is nested too deeply"
    if isinstance(cause, UnicodeEncodeError):
        return f"a text holds half a character, \\u{ord(cause.object[cause.start]):04x}, which UTF-8 does not have"
    return str(cause)


def _canonical(value: Any) -> str:
    """The same as `rfc8785.dumps`, several times as fast: what is not plain, that one writes or refuses."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is dict:
        return f"{{{','.join([f'{encode_basestring(name)}:{_canonical(value[name])}' for name in _sorted(value)])}}}"
    if kind is list or kind is tuple:
        return f"[{','.join(map(_canonical, value))}]"
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int and -_SAFE <= value <= _SAFE:
        return str(value)
    if kind is float:
        text = repr(value)
        # The shortest digits, without an exponent, are written alike in Python and ECMAScript; `.0` is Python's alone.
        if text[-2:] != ".0" and text.strip("0123456789.-") == "":
            return text
    return rfc8785.dumps(value).decode("utf-8")


def _sorted(names: Mapping[Any, Any]) -> list[str]:
    """The names of an object by their UTF-16 form, which sorts ASCII as Python does."""
    try:
        plain = "".join(names).isascii()
    except TypeError:
        raise rfc8785.CanonicalizationError("object keys must be strings") from None
    return sorted(names) if plain else sorted(names, key=lambda name: name.encode("utf-16be"))


class Written:
    """Canonical forms of values that share objects and lists with one another: of these each is written once.

    A value that was given, and what lies in it, must not be changed afterwards.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}

    def take(self, value: Any, text: str) -> None:
        """The canonical form of a value, written before."""
        self._known[id(value)] = value, text

    def bytes_of(self, value: Any, *, fresh: int = 0) -> bytes:
        """`canonical_bytes` of the value. Its first `fresh` levels are made for this call, and are not kept."""
        try:
            return self._text(value, fresh).encode("utf-8")
        except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as cause:
            raise EvidenceError(f"no canonical JSON form: {_why_none(cause)}") from None

    def _text(self, value: Any, fresh: int) -> str:
        kind = type(value)
        if kind is str:
            return encode_basestring(value)
        if kind is not dict and kind is not list:
            return _canonical(value)
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        left = max(fresh - 1, 0)
        text = (
            f"{{{','.join([f'{encode_basestring(name)}:{self._text(value[name], left)}' for name in _sorted(value)])}}}"
            if kind is dict
            else f"[{','.join([self._text(item, left) for item in value])}]"
        )
        if not fresh:
            self._known[id(value)] = value, text  # kept with the value, whose id would else come to be another's
        return text


def digest_bytes(data: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return f"sha256:{sha256(data).hexdigest()}"


def digest_json(value: Any) -> str:
    """Digest of the canonical form."""
    return digest_bytes(canonical_bytes(value))


def digest_file(path: Path) -> str:
    """Digest of a file, read in blocks. Raises OSError where it cannot be read."""
    hasher = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            hasher.update(block)
    return f"sha256:{hasher.hexdigest()}"


def parse_json(data: bytes, *, where: str, limit: int = MAX_DOCUMENT_BYTES) -> Any:
    """JSON from a source that is not trusted.

    Refused (EvidenceError): more than `limit` bytes, about four million values or 64 levels, text that is not UTF-8, a
    name twice in one object (readers differ on which wins), NaN and infinities.
    """
    if len(data) > limit:
        raise EvidenceError(
            f"{len(data)} bytes of JSON, more than the limit of {limit}", where=where, hint="split the file"
        )
    # Before anything is built of it. A comma inside text counts too, so this errs on the safe side.
    if len(data) >= MAX_VALUES and sum(data.count(sign) for sign in (b",", b"[", b"{")) >= MAX_VALUES:
        raise EvidenceError(f"more than {MAX_VALUES} values of JSON", where=where, hint="split the file")
    try:
        value = _as_we_write(data)
        if value is None:
            text = data.decode("utf-8")
            value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_int=_integer)
    except UnicodeDecodeError as cause:
        raise EvidenceError(
            f"not UTF-8 text (byte {cause.start})", where=where, hint="save the file as UTF-8"
        ) from None
    except json.JSONDecodeError as cause:
        raise EvidenceError(
            f"not JSON: {cause.msg[0].lower()}{cause.msg[1:]}" if text.strip() else "not JSON: empty",
            where=f"{where}:{cause.lineno}:{cause.colno}",
            hint="check brackets, commas and quotes",
        ) from None
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError as cause:
        raise EvidenceError(
            f"not acceptable JSON: {cause}", where=where, hint="write each name once, and numbers that JSON has"
        ) from None
    if _deeper_than(value, MAX_DEPTH):
        raise _too_deep(where)
    return value


def _too_deep(where: str) -> EvidenceError:
    return EvidenceError(f"JSON nested deeper than {MAX_DEPTH} levels", where=where, hint="flatten it")


def _as_we_write(data: bytes) -> Any:
    """The value of JSON without blanks and with each value in its shortest form, read faster; None of other JSON.

    What is written again to the very bytes that were read had no name twice, and no number that was read otherwise.
    """
    if _SPACED.search(data, 0, _LOOKED_AT):
        return None
    try:
        value = from_json(data, allow_inf_nan=False)
        return value if to_json(value) == data else None
    except ValueError:
        return None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"the name `{name}` stands twice in one object")
            seen.add(name)
    return result


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # longer than Python turns into a number
        raise ValueError(f"a number of {len(text.lstrip('-'))} digits") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _deeper_than(value: Any, limit: int) -> bool:
    """Whether lists and objects nest deeper than `limit`, found level by level, without recursion."""
    level = [value] if type(value) in _NESTING else []
    for _ in range(limit):
        if not level:
            return False
        within = (item.values() if type(item) is dict else item for item in level)
        level = [child for children in within for child in children if type(child) in _NESTING]
    return any(level)
