"""The modules of one check, parsed and compiled by a child while the check does other things."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import starmap
from typing import Any

from engine.backends import syntax
from engine.backends.syntax import Parser, SyntaxProblem, Tree, no_answer, too_deep

_PART = 150_000
"""Characters of modules after which the child answers and is asked once more: a fifth of a second of its time."""


@contextmanager
def parsing() -> Iterator["Parsing"]:
    """The parsing of one check; its child, started where there is something to parse, ends with it."""
    with syntax.parser_of_one_check() as parser:
        yield Parsing(parser)


_Question = dict[str, Any]
_Make = Callable[[], _Question | None]
_Take = Callable[[_Question, Any], None]


class Parsing:
    """Trees of modules that the child was asked for, each once, and whether modules compile.

    The child is asked one question after the other, and is at the next one while an answer is looked at.
    """

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._texts: dict[str, str] = {}
        self._untold: set[str] = set()
        self._trees: dict[str, Tree] = {}
        self._problems: list[SyntaxProblem] = []
        self._lost: set[str] = set()
        self._said = "the parser gave no answer"
        self._waiting: list[tuple[_Make, _Take]] = []
        """What makes each question, or None where there is nothing to ask any more, and what takes the answer to it."""
        self._open: tuple[Callable[[Any], None], Callable[[], Any]] | None = None

    @property
    def unanswered(self) -> list[SyntaxProblem]:
        """What is told where the child gave no answer so far. Then nothing else that was found counts: whatever rests
        on the modules of which it told nothing was not looked at either.
        """
        return [no_answer(self._lost, self._said)] if self._lost else []

    def begin(self, modules: Mapping[str, str], *, formed: bool = False) -> None:
        """Have modules parsed, in this order, texts by path, one for each in a check; `trees` waits for them.

        Those that are `formed` have the forms of their rules in their trees (`engine.backends.syntax`).
        """
        if any(self._texts.get(path, text) != text for path, text in modules.items()):
            raise ValueError("a module has one text in a check")
        fresh = {path: text for path, text in modules.items() if path not in self._texts}
        self._texts |= fresh
        deep = too_deep(fresh)
        self._problems += deep
        bad = {problem.path for problem in deep}
        good = {path: text for path, text in fresh.items() if path not in bad}
        self._untold |= good.keys()
        for part in _parts(good):
            self._ask(partial(_Question, modules=part, formed=formed), self._parsed)

    def _ask(self, make: _Make, take: _Take) -> None:
        self._waiting.append((make, take))
        if self._open is None:
            self._next()

    def _next(self) -> None:
        self._open = None
        while self._waiting and self._open is None:
            make, take = self._waiting.pop(0)
            if (question := make()) is not None:
                self._open = partial(take, question), self._parser.begin(question)

    def _wait(self) -> None:
        """Take the answer that the child is at, and ask the next question."""
        assert self._open is not None
        take, answer = self._open
        take(answer())
        self._next()

    def _parsed(self, question: _Question, answer: Any) -> None:
        asked = question["modules"].keys()
        self._untold -= asked
        if isinstance(answer, str):
            self._lose(asked, answer)
            return
        self._trees |= answer["trees"]
        self._problems += starmap(SyntaxProblem, answer["problems"])
        self._lose(asked - self._trees.keys() - {problem.path for problem in self._problems}, self._said)

    def _lose(self, paths: Iterable[str], said: str) -> None:
        self._lost |= set(paths)
        self._said = said

    def trees(self, paths: Collection[str]) -> dict[str, Tree]:
        """The syntax tree of each of these modules that parses, as soon as the child has told of them."""
        while not self._untold.isdisjoint(paths):
            self._wait()
        return {path: self._trees[path] for path in paths if path in self._trees}

    def problems(self, paths: Collection[str]) -> list[SyntaxProblem]:
        """What is wrong with those of these modules that do not parse."""
        trees = self.trees(paths)
        problems = [problem for problem in self._problems if problem.path in paths]
        untold = set(paths) - trees.keys() - {problem.path for problem in problems}
        return [*problems, no_answer(untold, self._said)] if untold else problems

    def compiled(self, groups: Sequence[Sequence[str]]) -> Callable[[], list[SyntaxProblem]]:
        """Have paths compiled in groups once they are parsed, which finds unsafe variables and unknown functions.

        What is given back waits for the problems. Groups with a module that does not parse are left out.
        """
        found: list[SyntaxProblem] = []

        def make() -> _Question | None:
            good = [list(group) for group in groups if self._trees.keys() >= set(group)]
            modules = {path: self._texts[path] for group in good for path in group}
            return {"modules": modules, "groups": good} if modules else None

        def take(question: _Question, answer: Any) -> None:
            if isinstance(answer, str):
                self._lose(question["modules"], answer)
                found.append(no_answer(question["modules"], answer))
            else:
                found.extend(starmap(SyntaxProblem, answer["problems"]))

        def problems() -> list[SyntaxProblem]:
            while self._open is not None:
                self._wait()
            return found

        self._ask(make, take)
        return problems


def _parts(modules: Mapping[str, str]) -> list[dict[str, str]]:
    """Modules in the parts in which the child is asked for them."""
    parts: list[dict[str, str]] = []
    room = 0
    for path, text in modules.items():
        if room <= 0:
            parts.append({})
            room = _PART
        parts[-1][path] = text
        room -= len(text)
    return parts
