"""`# METADATA` comment blocks of a Rego module, in OPA's own form, read without an engine.

OPA's annotations: a comment line `# METADATA`, then YAML in the comment lines that follow without a gap; the block
belongs to the next statement (https://www.openpolicyagent.org/docs/policy-language#annotations).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.bundle.documents import Document, read_yaml
from engine.errors import PolicyError

_START = re.compile(r"^\s*#\s*METADATA\s*$")
_SCOPES: Mapping[str, Sequence[str]] = {"package": ("package", "subpackages"), "rule": ("rule", "document")}
_TOKENS = re.compile(r'"(?:\\.|[^"\\\n])*"|#[^\n]*|`[^`]*`')
_PACKAGE = re.compile(r"^\s*package\s+([A-Za-z0-9_.\[\]\"-]+)")


def _lines(text: str) -> list[str]:
    """The lines of a module as Rego counts them: of all that `str.splitlines` takes for an end, only one is."""
    lines = text.split("\n")
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def package_of(text: str, path: str) -> tuple[str, int]:
    """The package of a module, dotted, and its line. Raises PolicyError where there is none."""
    for number, line in enumerate(_lines(text), start=1):
        match = _PACKAGE.match(line)
        if match:
            return match.group(1), number
        if line.strip() and not line.lstrip().startswith("#"):
            break
    raise PolicyError("no `package` at the head of the file", path=path, line=1, hint="begin with `package …`")


def package_metadata(text: str, path: str) -> Document:
    """The METADATA block of the package.

    Raises PolicyError where the package has none, or has one that is not acceptable YAML (with its line in the file).
    """
    _, package_line = package_of(text, path)
    lines = _lines(text)[: package_line - 1]
    starts = [index for index, line in enumerate(lines) if _START.match(line)]
    if not starts:
        raise PolicyError(
            "the package has no METADATA",
            path=path,
            line=package_line,
            hint="write a `# METADATA` block straight above `package`: title, description, custom",
        )
    if len(starts) > 1:
        raise PolicyError("a second METADATA block above the package", path=path, line=starts[1] + 1, hint="merge them")
    first = starts[0] + 1
    body = _body(lines, first)
    if any(line.strip() for line in lines[first + len(body) :]):
        raise PolicyError(
            "the METADATA block does not stand straight above `package`", path=path, line=first, hint="move it there"
        )
    return _read(body, path, first)


def wrong_metadata(text: str, path: str, *, package: bool) -> Iterator[PolicyError]:
    """What OPA refuses to load in the METADATA blocks of a module: those of rules, and of the `package` too."""
    lines = _lines(_TOKENS.sub(_without_raw, text) if "`" in text else text)
    of_package = next((index for index, line in enumerate(lines) if _PACKAGE.match(line)), 0)
    starts = [index for index, line in enumerate(lines) if "METADATA" in line and _START.match(line)]
    asked = [start for start in starts if package or start >= of_package]
    statements = _statements(lines) if asked else []
    for start in asked:
        body = _body(lines, start + 1)
        statement = statements[start + 1 + len(body)]
        try:
            value = _read(body, path, start + 1).value
        except PolicyError as cause:
            yield cause
            continue
        kind = "package" if start < of_package else "rule"
        for problem in _wrong(value, kind, statement):
            yield PolicyError(
                problem, path=path, line=start + 1, hint="mend the block, or take it out: OPA loads no other"
            )


def _wrong(value: Any, kind: str, statement: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "the METADATA block is no map"
        return
    if not statement or statement.partition(" ")[0] == "import":
        yield "the METADATA block stands before no rule and no `package`"
    elif value.get("scope") not in (None, *_SCOPES[kind]):
        yield f"the METADATA of a {kind} has the scope {' or '.join(f'`{scope}`' for scope in _SCOPES[kind])}"
    yield from (f"`{name}` of the METADATA block is not {words}" for name, words in misformed(value))


def misformed(block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of a block that OPA does not take, each with what it takes; of other fields it says nothing."""
    for name, (fits, words) in _FORMS.items():
        if block.get(name) is not None and not fits(block[name]):
            yield name, words


def _is_text(value: Any) -> bool:
    return not isinstance(value, (list, dict))


def _is_author(value: Any) -> bool:
    """A name, or a map with a name, an address, or both."""
    if isinstance(value, dict):
        told = [value[name] for name in ("name", "email") if name in value]
        return any(told) and all(isinstance(text, str) for text in told)
    return isinstance(value, str) and value.strip() != ""


def _is_resource(value: Any) -> bool:
    """A URL, or a map with one as `ref`; what else the map says is text."""
    if isinstance(value, dict):
        return all(map(_is_text, value.values())) and isinstance(value.get("ref"), str) and _is_resource(value["ref"])
    return isinstance(value, str) and value != "" and _URL.fullmatch(value) is not None


def _is_schema(value: Any) -> bool:
    """Of one reference, what it is: a schema by its path. A schema written out is left to the evidence types."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    [(place, schema)] = value.items()
    return _REFERENCE.fullmatch(place) is not None and _SCHEMA.fullmatch(str(schema)) is not None


def _is_compile(value: Any) -> bool:
    unknowns = value.get("unknowns") or [] if isinstance(value, dict) else None
    return isinstance(unknowns, list) and all(_REFERENCE.fullmatch(str(one)) is not None for one in unknowns)


def _is_named(value: Any) -> bool:
    """Whether every key is a word to every reader of YAML: a number or `true` is a key of another kind to OPA."""
    if isinstance(value, dict):
        return all(_WORD.fullmatch(key) is not None for key in value) and all(map(_is_named, value.values()))
    return not isinstance(value, list) or all(map(_is_named, value))


def _each(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


_PATH = r"""(?:\.[A-Za-z_]\w*|\["[^"\\]*"\])*"""
_REFERENCE = re.compile(rf"(?:input|data){_PATH}", re.ASCII)
_SCHEMA = re.compile(rf"schema{_PATH}", re.ASCII)
_WORD = re.compile(r"(?!(?i:true|false|null)$)[A-Za-z_].*", re.DOTALL)
_URL = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:(?://[A-Za-z0-9._~-]+(?::[0-9]+)?(?=[/?#]|$)|(?!//))|(?!//)(?![^/?#]*:))"
    r"(?:[^\s%\x00-\x1f\x7f]|%[0-9A-Fa-f]{2})*"
)
"""Somewhat less than Go's `url.Parse` takes: no user, no literal IPv6 host, no space."""
_FORMS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("title", "description"), (_is_text, "a text")),
    "organizations": (_each(_is_text), "a list of names"),
    "authors": (_each(_is_author), "a list of names, or of maps with `name` or `email`"),
    "related_resources": (_each(_is_resource), "a list of URLs, or of maps with a URL as `ref`"),
    "schemas": (_each(_is_schema), "a list of references, each with its schema: `input.x: schema.y`"),
    "compile": (_is_compile, "a map whose `unknowns` lists references"),
    "custom": (lambda value: isinstance(value, dict) and _is_named(value), "a map whose keys are words"),
    "labels": (lambda value: isinstance(value, dict), "a map"),
    "entrypoint": (lambda value: isinstance(value, bool), "true or false"),
}
"""What OPA takes for the fields of a block (https://www.openpolicyagent.org/docs/policy-language#annotations)."""


def _without_raw(token: re.Match[str]) -> str:
    """A string or comment as it is; of a raw string, in which `# METADATA` says nothing, only its ends and lines."""
    return "`" + "\n" * token[0].count("\n") + "`" if token[0].startswith("`") else token[0]


def _statements(lines: Sequence[str]) -> list[str]:
    """For each line, and the end, the first from there on that is code: a file may be all blocks."""
    found, latest = [""], ""
    for line in map(str.strip, reversed(lines)):
        latest = line if line and not line.startswith("#") else latest
        found.append(latest)
    return found[::-1]


def _body(lines: Sequence[str], first: int) -> list[str]:
    """The comment lines from `first` on up to a gap or another block, as YAML."""
    body = []
    for index in range(first, len(lines)):
        line = lines[index].lstrip()
        if not line.startswith("#") or _START.match(line):
            break
        body.append(line[2:] if line.startswith("# ") else line[1:])
    return body


def _read(body: Sequence[str], path: str, first: int) -> Document:
    """The YAML of a block whose first line is the one after `first`."""
    return read_yaml("\n".join(body), path, line_of=lambda line: min(first + line, max(first + len(body), 1)))
