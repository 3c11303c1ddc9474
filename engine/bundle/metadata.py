"""`# METADATA` comment blocks of a Rego module, in OPA's own form, read without an engine.

OPA's annotations: a comment line `# METADATA`, then YAML in the comment lines that follow without a gap; the block
belongs to the next statement (https://www.openpolicyagent.org/docs/policy-language#annotations).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.bundle.documents import Document, read_yaml
from engine.errors import PolicyError

_START = re.compile(r"^\s*#\s*METADATA\s*$")
_SCOPES: Mapping[str, Sequence[str]] = {"package": ("package", "subpackages"), "rule": ("rule", "document")}
_FORMS: Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(("authors", "organizations", "related_resources", "schemas"), (list, "a list")),
    **dict.fromkeys(("compile", "custom"), (dict, "a map")),
    "entrypoint": (bool, "true or false"),
}
"""What OPA takes for the fields of a block; other texts and fields it leaves to whoever reads them."""
_TOKENS = re.compile(r'"(?:\\.|[^"\\\n])*"|#[^\n]*|`[^`]*`')
_PACKAGE = re.compile(r"^\s*package\s+([A-Za-z0-9_.\[\]\"-]+)")


def package_of(text: str, path: str) -> tuple[str, int]:
    """The package of a module, dotted, and its line. Raises PolicyError where there is none."""
    for number, line in enumerate(text.splitlines(), start=1):
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
    lines = text.splitlines()[: package_line - 1]
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
    lines = _TOKENS.sub(_without_raw, text).splitlines()
    of_package = next((index for index, line in enumerate(lines) if _PACKAGE.match(line)), 0)
    statements = _statements(lines)
    for start in (index for index, line in enumerate(lines) if _START.match(line)):
        if start < of_package and not package:
            continue
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
    for name, (form, words) in _FORMS.items():
        if value.get(name) is not None and not isinstance(value[name], form):
            yield f"`{name}` of the METADATA block is not {words}"


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
