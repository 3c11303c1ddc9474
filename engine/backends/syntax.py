"""Syntax trees of Rego modules, made by regorus in a child process that can be killed.

A policy may come from an audit pack that nobody vouches for, and regorus parses deep brackets in exponential time; so
depth is bounded before, and time and memory around. `serve` runs in the child, where little else is imported: to each
request one answer: to `{"modules": {path: text}}`, `{"trees": …, "problems": …}`, with `"formed": true` beside it the
forms of rules in the trees too; with `"groups": [[path]]`, which are compiled together, `{"problems": …}`.
"""

import gc
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evidence.process.child import Child
    from evidence.process.inside import Channel

MAX_BRACKETS = 12
SECONDS = 60.0
MEMORY = 2 << 30
MAX_ANSWER = 512 << 20
Tree = dict[str, Any]
"""The syntax tree of a module, as `parse_modules` gives it; where it was asked to, with `forms`, that of each rule."""
_CHILD = "engine.backends.syntax:serve"
_LONGEST_LINE = 1 << 16
_PLACE = re.compile(r"-->\s*(?P<file>[^\n]*?):(?P<line>\d+):\d+")
_REASON = re.compile(r"\berror: (?P<text>[^\n]+)")
_SPAN = re.compile(r'("span": )\{\n +"line": (\d+),[^}]*\}')
_INDEX = re.compile(r',\n +"[eqs]idx": \d+')
"""Of regorus's written tree most is these. No text in it holds a line's end, so that none is taken for one of them."""
_TOO_DEEP = "\n" + 400 * "  "
"""Levels of a tree, as regorus indents it: what goes through it in the parent may take two frames a level."""
MAX_STATEMENTS = 1000
"""Statements of one body. regorus puts them in order in a time that grows with their square."""
_ASIDE = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|#[^\n]*|[^"`#\[\]{}]+', re.ASCII)
"""What is no bracket of the policy's own."""


@dataclass(frozen=True)
class SyntaxProblem:
    """A module that does not parse, or does not compile with the others."""

    path: str
    line: int
    problem: str


def parse_modules(
    modules: Mapping[str, str], ask: "Callable[[dict[str, Any]], Any] | None" = None
) -> tuple[dict[str, Tree], list[SyntaxProblem]]:
    """The syntax tree of each module that parses, and what is wrong with the others.

    A tree has `package`, `imports` and `rules` in regorus's form, but each `span` is a line number and each name that
    regorus gives as a place is text. `ask` is that of a `Parser`; without it a child is started for this alone.
    """
    problems = too_deep(modules)
    bad = {problem.path for problem in problems}
    good = {path: text for path, text in modules.items() if path not in bad}
    if not good:
        return {}, problems
    answer = (ask or _ask_once)({"modules": good})
    if isinstance(answer, str):
        return {}, [*problems, no_answer(good, answer)]
    return answer["trees"], problems + [SyntaxProblem(*item) for item in answer["problems"]]


def no_answer(modules: Iterable[str], said: str) -> SyntaxProblem:
    """What is told of modules of which the child told nothing."""
    return SyntaxProblem(min(modules), 1, f"the policies could not be parsed: {said}")


def too_deep(modules: Mapping[str, str]) -> list[SyntaxProblem]:
    """The modules that regorus is not asked to parse."""
    return [
        SyntaxProblem(path, line, f"brackets nested deeper than {MAX_BRACKETS} levels")
        for path, text in sorted(modules.items())
        if (line := _too_deep(text))
    ]


def _too_deep(text: str) -> int:
    """The line at which `[` and `{` nest too deep, else 0."""
    # Nearly none does: where the lines end is looked at only where one does.
    return _deep_line(_ASIDE.sub("", text)) and _deep_line(_ASIDE.sub(lambda aside: "\n" * aside[0].count("\n"), text))


def _deep_line(brackets: str) -> int:
    depth, line = 0, 1
    for letter in brackets:
        if letter in "[{":
            depth += 1
            if depth > MAX_BRACKETS:
                return line
        elif letter in "]}":
            depth -= 1
        elif letter == "\n":
            line += 1
    return 0


class Parser:
    """The child, kept for whoever parses again and again, as one does while a policy is written. Close it after use.

    One that does not serve has a bound of processor time for all that it is asked, and no network of its parent's.
    """

    def __init__(self, *, serves: bool = True) -> None:
        self._serves = serves
        self._child: Child | None = None
        self._asked: object = None

    def ask(self, question: dict[str, Any]) -> Any:
        """The child's answer, or a text that says why there is none; then the next question has a new child."""
        return self.begin(question)()

    def begin(self, question: dict[str, Any]) -> Callable[[], Any]:
        """Ask, and leave the child to its work: what is given back waits for the answer, which is as that of `ask`.

        Only one question is open at a time: whoever asks again has none to the one before.
        """
        from evidence.process.child import Bounds, Child, ChildError

        if self._asked is not None:
            self.close()
        try:
            if self._child is None:
                seconds = None if self._serves else int(SECONDS)  # one that serves is closed where an answer is late
                bounds = Bounds(MEMORY, seconds, frame=MAX_ANSWER, output=MAX_ANSWER, serves=self._serves)
                self._child = Child(_CHILD, bounds, environment={"RUST_BACKTRACE": "0"})
            self._child.send(json.dumps(question).encode(), seconds=SECONDS)
        except ChildError as cause:
            self.close()
            said = str(cause)
            return lambda: said
        asked = self._asked = object()
        return lambda: self._answer(asked)

    def _answer(self, asked: object) -> Any:
        from evidence.process.child import ChildError

        if self._child is None or asked is not self._asked:
            return "the parser was asked something else meanwhile"
        self._asked = None
        try:
            return json.loads(self._child.receive(SECONDS))
        except ChildError as cause:
            self.close()
            return str(cause)
        except (ValueError, RecursionError):
            self.close()
            return "the parser gave no answer"

    def close(self) -> None:
        self._asked = None
        if self._child is not None:
            self._child.close()
            self._child = None

    def __enter__(self) -> "Parser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def parser_of_one_check() -> AbstractContextManager[Parser]:
    """A child that ends with what it was started for."""
    return Parser(serves=False)


def _ask_once(question: dict[str, Any]) -> Any:
    with parser_of_one_check() as parser:
        return parser.ask(question)


def serve(channel: "Channel", _held: list[str]) -> None:
    """Answer requests until there are no more."""
    gc.disable()  # trees have no cycles, and going through them again and again takes a third of the time
    while (frame := channel.receive()) is not None:
        channel.send(json.dumps(_answer(json.loads(frame)), check_circular=False).encode())


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    if "groups" in question:
        return {"problems": _compiled(question["groups"], question["modules"])}
    made = _formed if question.get("formed") else _tree
    trees: dict[str, Any] = {}
    problems: list[tuple[str, int, str]] = []
    for path, text in sorted(question["modules"].items()):
        try:
            trees[path] = made(path, text)
        except BaseException as cause:  # regorus panics are no Exception
            problems.append((path, *_place(str(cause), path)[1:]))
    return {"trees": trees, "problems": problems}


def _compiled(groups: list[list[str]], modules: dict[str, str]) -> list[tuple[str, int, str]]:
    """What is wrong with modules that parse where they are compiled in groups, the last beside the others."""
    shared: dict[tuple[str, ...], Any] = {}
    # Nearly always all is well, which one compilation of everything tells.
    if not _compile(sorted({path for group in groups for path in group}), modules, shared):
        return []
    found = (_compile(group, modules, shared) for group in groups)
    return sorted({problem for problem in found if problem})


@lru_cache(maxsize=512)
def _tree(path: str, text: str) -> Any:
    """The tree of a module. Whoever keeps the child parses mostly what was parsed before."""
    engine = _engine()
    engine.add_policy(path, text)
    written = engine.get_ast_as_json()
    if (place := written.find(_TOO_DEEP)) >= 0:
        line = written[:place].rpartition('"line": ')[2].partition(",")[0]
        raise ValueError(f"--> {path}:{line}:1\nerror: nested deeper than can be checked")
    source = text.encode()
    long: list[int] = []

    def compact(node: dict[str, Any]) -> Any:
        """A node in the form of `parse_modules`, made as it is read."""
        if "line" in node:
            return [node["line"], source[node["start"] : node["end"]].decode()]
        if "field" in node:
            node["field"][0] = node["field"][0][0]
        elif "fields" in node:
            for item in node["fields"]:
                item[0] = item[0][0]
        elif "stmts" in node and len(node["stmts"]) > MAX_STATEMENTS:
            long.append(node["stmts"][0]["span"])
        return node

    # Spans become lines while they are text: as objects, they would be half of all that is read.
    written = _INDEX.sub("", "".join(_SPAN.split(written)))
    syntax = json.loads(written, object_hook=compact)[0]["ast"]
    if long:
        problem = f"a body of more than {MAX_STATEMENTS} statements: put part of them into a rule of its own"
        raise ValueError(f"--> {path}:{min(long)}:1\nerror: {problem}")
    return {name: syntax[name] for name in ("package", "imports", "rules")}


@lru_cache(maxsize=512)
def _formed(path: str, text: str) -> Any:
    """The tree of a module with the form of each rule, for a parent that has enough to do."""
    from engine.rego.forms import form_of  # it needs nothing but the tree

    tree = _tree(path, text)
    return {**tree, "forms": [form_of(rule) for rule in tree["rules"]]}


def _engine() -> Any:
    import regorus

    engine = regorus.Engine()
    engine.set_policy_length_config(max_col=_LONGEST_LINE, max_file_bytes=1 << 24, max_lines=20_000)
    return engine


def _compile(group: list[str], modules: dict[str, str], shared: dict[tuple[str, ...], Any]) -> Any:
    """What is wrong with the last module of a group beside the others, which are parsed once for all groups."""
    if not group:
        return None
    others = tuple(group[:-1])
    try:
        if others not in shared:
            shared[others] = _engine()
            for path in others:
                shared[others].add_policy(path, modules[path])
        engine = shared[others].clone()
        engine.add_policy(group[-1], modules[group[-1]])
        engine.set_input_json("{}")
        engine.eval_query_as_json("1")
    except BaseException as cause:  # regorus panics are no Exception
        return _place(str(cause), group[-1])
    return None


def _place(message: str, path: str) -> tuple[str, int, str]:
    place, reason = _PLACE.search(message), _REASON.search(message)
    text = reason.group("text") if reason else message.strip().splitlines()[0] if message.strip() else "unreadable"
    return (place.group("file") if place else path, int(place.group("line")) if place else 1, text.strip())
