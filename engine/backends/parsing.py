"""The modules of one check, parsed and compiled by a child while the check does other things."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from engine.backends import syntax
from engine.backends.syntax import Parser, SyntaxProblem, Tree, no_answer, too_deep

_SMALLEST = 200_000
"""Characters of modules for which it is worth to ask once more."""


@contextmanager
def parsing() -> Iterator["Parsing"]:
    """The parsing of one check; its child, started where there is something to parse, ends with it."""
    with syntax.parser_of_one_check() as parser:
        yield Parsing(parser)


class Parsing:
    """Trees of modules that the child was asked for, each once, and whether modules compile."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._texts: dict[str, str] = {}
        self._trees: dict[str, Tree] = {}
        self._problems: list[SyntaxProblem] = []
        self._said = "the parser gave no answer"
        self._waiting: list[dict[str, str]] = []
        self._answer: Callable[[], Any] | None = None
        self.unanswered: list[SyntaxProblem] = []
        """What is told where the child gave no answer. Then nothing else that was found counts: whatever rests on the
        modules of which it told nothing was not looked at either.
        """

    def begin(self, modules: Mapping[str, str]) -> None:
        """Have modules parsed, texts by path, one for each in a check; `trees` waits for them."""
        if any(self._texts.get(path, text) != text for path, text in modules.items()):
            raise ValueError("a module has one text in a check")
        deep = too_deep(modules)
        self._problems += deep
        self._texts |= modules
        bad = {problem.path for problem in deep}
        self._waiting += _parts({path: text for path, text in modules.items() if path not in bad})
        if self._answer is None:
            self._next()

    def _next(self) -> None:
        self._answer = self._parser.begin({"modules": self._waiting.pop(0)}) if self._waiting else None

    def trees(
        self, modules: Mapping[str, str], each: Callable[[str, Tree], None]
    ) -> tuple[dict[str, Tree], list[SyntaxProblem]]:
        """The syntax tree of each of these modules that parses, and what is wrong with the others.

        `each` is called with each that is fresh, while the child is at the next ones.
        """
        if fresh := {path: text for path, text in modules.items() if self._texts.get(path) != text}:
            self.begin(fresh)
        while self._answer is not None:
            answer = self._answer()
            self._next()
            if isinstance(answer, str):
                self._said = answer
                continue
            self._trees |= answer["trees"]
            self._problems += [SyntaxProblem(*item) for item in answer["problems"]]
            for path, tree in answer["trees"].items():
                each(path, tree)
        trees = {path: tree for path, tree in self._trees.items() if path in modules}
        problems = [problem for problem in self._problems if problem.path in modules]
        untold = modules.keys() - trees.keys() - {problem.path for problem in problems}
        return trees, problems + (self._lost(untold, self._said) if untold else [])

    def _lost(self, paths: Iterable[str], said: str) -> list[SyntaxProblem]:
        told = [no_answer(paths, said)]
        self.unanswered += told
        return told

    def compiled(self, groups: Sequence[Sequence[str]]) -> Callable[[], list[SyntaxProblem]]:
        """Have paths of parsed modules compiled in groups, which finds unsafe variables and unknown functions.

        What is given back waits for the problems. Groups with a module that does not parse are left out.
        """
        groups = [list(group) for group in groups if self._trees.keys() >= set(group)]
        paths = {path for group in groups for path in group}
        if not paths:
            return list
        answer = self._parser.begin({"modules": {path: self._texts[path] for path in paths}, "groups": groups})

        def problems() -> list[SyntaxProblem]:
            said = answer()
            if isinstance(said, str):
                return self._lost(paths, said)
            return [SyntaxProblem(*item) for item in said["problems"]]

        return problems


def _parts(modules: Mapping[str, str]) -> list[dict[str, str]]:
    """Modules in the parts in which the child is asked for them: each half of what is left, so that little is left to
    do for the parent where the child comes to the end.
    """
    parts: list[dict[str, str]] = []
    left = sum(map(len, modules.values()))
    room = 0
    for path, text in modules.items():
        if room <= 0:
            parts.append({})
            room = max(left // 2, _SMALLEST)
        parts[-1][path] = text
        room -= len(text)
        left -= len(text)
    return parts
