"""`# METADATA` comment blocks of a Rego module, in OPA's own form, read without an engine.

OPA's annotations: a comment line `# METADATA`, then YAML in the comment lines that follow without a gap; the block
belongs to the next statement (https://www.openpolicyagent.org/docs/policy-language#annotations).
"""

import re

from engine.bundle.documents import Document, read_yaml
from engine.errors import PolicyError

_START = re.compile(r"^#\s*METADATA\s*$")
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
    body = []
    for line in lines[first:]:
        if not line.startswith("#"):
            break
        body.append(line[2:] if line.startswith("# ") else line[1:])
    if any(line.strip() for line in lines[first + len(body) :]):
        raise PolicyError(
            "the METADATA block does not stand straight above `package`", path=path, line=first, hint="move it there"
        )
    return read_yaml("\n".join(body), path, line_of=lambda line: min(first + line, max(first + len(body), 1)))
