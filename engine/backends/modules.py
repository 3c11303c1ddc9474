"""Which modules a rule needs, found by reading: packages, references, nesting. Errs on the side of too many.

A module left out could turn a reference into undefined, and `not` of that into true; one too many costs microseconds.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from engine.backends.base import Program
from evidence.model.errors import QuaestorError

MAX_NESTING = 12
"""Deepest `[` and `{` in a module: regorus's parser takes twice as long for each level more (12: 0.1 s, 20: 30 s)."""

Path = tuple[str, ...]
_QUIET = re.compile(r'(?<!\$)"(?:\\.|[^"\\\n])*"|(?<!\$)`[^`]*`|#[^\n]*')
_PACKAGE = re.compile(r"^[ \t]*package[ \t]+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t]*$", re.MULTILINE)
DATA = re.compile(r"(?<![\w.])data\b(?:\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*))?")


@dataclass(frozen=True)
class _Module:
    package: Path
    references: frozenset[Path]
    code: str


def without_text(source: str) -> str:
    """The source with strings emptied and comments taken out; string templates are left as they are."""
    return _QUIET.sub(lambda found: "" if found[0].startswith("#") else '""', source)


def nesting(source: str) -> int:
    """How deep `[` and `{` nest, leaving out strings and comments."""
    deepest = depth = 0
    for character in without_text(source):
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


class ModuleGraph:
    """References between the modules of a program. Raises QuaestorError for a module without a plain `package` line."""

    def __init__(self, program: Program) -> None:
        self._modules = {path: _read(path, text) for path, text in program.modules.items()}
        self._in: dict[Path, set[str]] = defaultdict(set)  # the modules of a package
        self._under: dict[Path, set[str]] = defaultdict(set)  # of it, and of all that lie in it
        for path, module in self._modules.items():
            self._in[module.package].add(path)
            for size in range(len(module.package) + 1):
                self._under[module.package[:size]].add(path)
        self._found: dict[str, frozenset[str]] = {}

    def needed_by(self, rule: str) -> list[str]:
        """Paths of the modules that a rule needs, sorted: those that define it and what they refer to, transitively."""
        *package, name = rule.split("/")
        head = re.compile(rf"^[ \t]*(?:default[ \t]+)?{re.escape(name)}\b", re.MULTILINE)
        reached = {
            path
            for path, module in self._modules.items()
            if module.package == tuple(package) and head.search(module.code)
        }
        todo = list(reached)
        while todo:
            fresh = self._referred(todo.pop()) - reached
            reached |= fresh
            todo += fresh
        return sorted(reached)

    def in_order(self) -> list[str]:
        """All paths, a module after those that it refers to (where these do not refer back)."""
        done: dict[str, None] = {}
        visiting: set[str] = set()

        for start in sorted(self._modules):
            stack: list[tuple[str, bool]] = [(start, False)]
            while stack:
                path, left = stack.pop()
                if left:
                    done[path] = None
                elif path not in visiting:
                    visiting.add(path)
                    stack.append((path, True))
                    stack += [(other, False) for other in sorted(self._referred(path)) if other not in visiting]
        return list(done)

    def _referred(self, path: str) -> frozenset[str]:
        """The modules of each package that a reference reaches into or holds."""
        if path not in self._found:
            self._found[path] = frozenset().union(
                *(
                    self._under.get(reference, ()) if size == len(reference) else self._in.get(reference[:size], ())
                    for reference in self._modules[path].references
                    for size in range(len(reference) + 1)
                )
            )
        return self._found[path]


def _read(path: str, source: str) -> _Module:
    code = without_text(source)
    found: Iterable[str] = _PACKAGE.findall(code)
    packages = list(found)
    if len(packages) != 1:
        raise QuaestorError("a module begins with one line `package a.b`", where=path)
    # `data` alone and `data[...]` may mean any package: the empty reference reaches all
    references = frozenset(tuple(name.split(".")) if name else () for name in DATA.findall(code))
    return _Module(tuple(packages[0].split(".")), references, code)
