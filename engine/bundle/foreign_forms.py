"""Rules of other people's Rego that are asked whether they are true, and gather values instead: a set is never true.

Lint says so. A bundle that has one loads all the same, as it did when decisions were made by it: such a rule is an
error of each, and an error is no pass.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from engine.backends.modules import without_text
from engine.bundle.control import Control
from engine.bundle.documents import read_yaml
from engine.bundle.foreign import DENIAL, FOLDER, MAPPING, package_of
from engine.errors import PolicyError

_GATHERS = re.compile(r"([A-Za-z_]\w*)(?:\[|\s+contains\s)", re.ASCII)
"""`deny contains said`, in the older syntax `deny[said]`, or an entry of an object."""
_GOES_ON = re.compile(r"(?:\b(?:if|else|not|some|in|with|as|contains)|[-+*/%=<>!|&,(\[{])$", re.ASCII)
"""The end of a line whose statement the next line goes on with."""


def gathered(name: str, files: Mapping[str, bytes], controls: Iterable[Control]) -> Iterator[PolicyError]:
    """Rules of the pack `name` that its mapping takes for true or false, and that gather values; files by their path
    in its folder, which were read without a mistake.
    """
    mapping = read_yaml(files[MAPPING], f"{FOLDER}{name}/{MAPPING}")
    found = _gathering(name, files)
    for control in controls:
        foreign = control.foreign
        if foreign is None or foreign.pack != name:
            continue
        asked = {"query": foreign.query if foreign.kind == "allow" else None, "positive": foreign.positive}
        for field, rule in asked.items():
            if rule is None or rule not in found:
                continue
            says = f"`kind: allow` with `query: {rule}`" if field == "query" else f"`positive: {rule}`"
            problem = f"{says} asks whether the rule is true, and it gathers values ({found[rule]})"
            denies = field == "query" and DENIAL.fullmatch(rule.rpartition(".")[2])
            hint = "write `kind: deny`: what it gathers denies" if denies else "name a rule that is true or false"
            place = "kind" if field == "query" else field
            yield mapping.error(problem, "controls", control.id, place, hint=hint)


def _gathering(name: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """Rules of a pack that gather values, each with the file and line where one of its statements does."""
    found: dict[str, str] = {}
    for inner, content in sorted(files.items()):
        if not inner.endswith(".rego"):
            continue
        path, text = f"{FOLDER}{name}/{inner}", content.decode("utf-8")
        package = package_of(path, text)
        for head, line in _heads(text):
            found.setdefault(f"{package}.{head}", f"{path}:{line}")
    return found


def _heads(text: str) -> Iterator[tuple[str, int]]:
    """Names of gathering rules at the head of statements, which stand in no bracket and go on with no other line."""
    depth, goes_on = 0, False
    for number, line in enumerate(without_text(text).split("\n"), start=1):
        said = line.strip(" \t\r")
        head = _GATHERS.match(said) if depth == 0 and not goes_on else None
        if head is not None and head[1] not in ("import", "package", "default"):
            yield head[1], number
        depth = max(0, depth + sum(said.count(letter) for letter in "([{") - sum(said.count(x) for x in ")]}"))
        goes_on = _GOES_ON.search(said) is not None if said else goes_on
