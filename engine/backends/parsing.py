"""The modules of one check, parsed and compiled by a child while the check does other things."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from engine.backends import syntax
from engine.backends.syntax import Parser, SyntaxProblem, Tree, no_answer, too_deep


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
        self._answer: Callable[[], Any] | None = None

    def begin(self, modules: Mapping[str, str]) -> None:
        """Have modules parsed, texts by path; `trees` waits for them."""
        self._wait()
        deep = too_deep(modules)
        self._problems += deep
        self._texts |= modules
        bad = {problem.path for problem in deep}
        if good := {path: text for path, text in modules.items() if path not in bad}:
            self._answer = self._parser.begin({"modules": good})

    def _wait(self) -> None:
        if self._answer is None:
            return
        answer, self._answer = self._answer(), None
        if isinstance(answer, str):
            self._said = answer
        else:
            self._trees |= answer["trees"]
            self._problems += [SyntaxProblem(*item) for item in answer["problems"]]

    def trees(self, modules: Mapping[str, str]) -> tuple[dict[str, Tree], list[SyntaxProblem]]:
        """The syntax tree of each of these modules that parses, and what is wrong with the others."""
        if fresh := {path: text for path, text in modules.items() if self._texts.get(path) != text}:
            self.begin(fresh)
        self._wait()
        trees = {path: tree for path, tree in self._trees.items() if path in modules}
        problems = [problem for problem in self._problems if problem.path in modules]
        untold = modules.keys() - trees.keys() - {problem.path for problem in problems}
        return trees, problems + ([no_answer(untold, self._said)] if untold else [])

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
                return [no_answer(paths, said)]
            return [SyntaxProblem(*item) for item in said["problems"]]

        return problems
