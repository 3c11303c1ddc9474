"""The modules of one check: what the child does not tell is told as a mistake, and never taken for all being well."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.backends.parsing import Parsing, parsing
from engine.backends.syntax import Parser, SyntaxProblem, Tree, parse_modules

GOOD = {"a.rego": "package a\n\nx := 1\n", "b.rego": "package b\n\nimport data.a\n\ny := a.x\n"}
BROKEN = {"broken.rego": "package broken\n\nx := {\n"}
LONG = {f"long{number}.rego": f"package long{number}\n\n{'# long' * 20_000}\nx := 1\n" for number in range(5)}


class Saying(Parser):
    """A parser whose child gives answers that are laid down."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.left = list(answers)

    def begin(self, question: dict[str, Any]) -> Callable[[], Any]:
        answer = self.left.pop(0)
        return lambda: answer


def nothing(_path: str, _tree: Tree) -> None:
    """What a caller does that has nothing to do with single trees."""


def test_trees_are_those_of_parsing_alone_and_each_is_looked_at_once() -> None:
    modules = {**GOOD, **BROKEN, **LONG}
    seen: list[str] = []
    with parsing() as parsed:
        parsed.begin({**GOOD, **LONG})
        found = parsed.trees(modules, lambda path, _: seen.append(path))
        again = parsed.trees(GOOD, lambda path, _: seen.append(path))
    assert found == parse_modules(modules)
    assert [problem.path for problem in found[1]] == ["broken.rego"]
    assert again == ({path: found[0][path] for path in GOOD}, [])
    assert sorted(seen) == sorted({**GOOD, **LONG})


def test_modules_that_do_not_compile_together() -> None:
    modules = {**GOOD, **BROKEN, "c.rego": "package c\n\nx if nobody\n"}
    with parsing() as parsed:
        parsed.trees(modules, nothing)
        groups = [["a.rego", "b.rego"], ["a.rego", "c.rego"], ["a.rego", "broken.rego"]]
        assert [problem.path for problem in parsed.compiled(groups)()] == ["c.rego"]
        assert parsed.compiled(groups[:1])() == []
        assert parsed.compiled([["broken.rego"]])() == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"trees": {}, "problems": []}, "the parser gave no answer"),
        ("it took too long", "it took too long"),
    ],
)
def test_a_module_of_which_the_child_tells_nothing(answer: Any, said: str) -> None:
    told = SyntaxProblem("a.rego", 1, f"the policies could not be parsed: {said}")
    parsed = Parsing(Saying(answer))
    assert parsed.trees(GOOD, nothing) == ({}, [told])
    assert parsed.trees(GOOD, nothing) == ({}, [told])


def test_one_part_without_an_answer() -> None:
    whole = parse_modules(LONG)[0]
    first = {path: whole[path] for path in ("long0.rego", "long1.rego", "long2.rego")}
    parsed = Parsing(Saying({"trees": first, "problems": []}, "it crashed"))
    trees, problems = parsed.trees(LONG, nothing)
    assert trees == first
    told = SyntaxProblem("long3.rego", 1, "the policies could not be parsed: it crashed")
    assert problems == parsed.unanswered == [told]


def test_compiling_without_an_answer() -> None:
    parsed = Parsing(Saying({"trees": parse_modules(GOOD)[0], "problems": []}, "it crashed"))
    parsed.trees(GOOD, nothing)
    said = "the policies could not be parsed: it crashed"
    assert parsed.compiled([["a.rego", "b.rego"]])() == [SyntaxProblem("a.rego", 1, said)] == parsed.unanswered


def test_a_module_has_one_text_in_a_check() -> None:
    with parsing() as parsed:
        parsed.trees(GOOD, nothing)
        with pytest.raises(ValueError, match="one text"):
            parsed.trees({"a.rego": "package a\n\nx := 2\n"}, nothing)


def test_nobody_takes_the_answer_to_another_question() -> None:
    with Parser() as parser:
        first = parser.begin({"modules": BROKEN})
        second = parser.begin({"modules": GOOD})
        assert first() == "the parser was asked something else meanwhile"
        assert second()["trees"].keys() == GOOD.keys()
        assert second() == "the parser was asked something else meanwhile"
