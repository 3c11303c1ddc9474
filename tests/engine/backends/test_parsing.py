"""The modules of one check: what the child does not tell is told as a mistake, and never taken for all being well."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.backends.parsing import Parsing, parsing
from engine.backends.syntax import Parser, SyntaxProblem, Tree, parse_modules
from engine.rego.forms import form_of
from tests.worlds.policies import POLICIES

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


def told(parsed: Parsing, modules: dict[str, str]) -> tuple[dict[str, Tree], list[SyntaxProblem]]:
    """All that is told of modules."""
    parsed.begin(modules)
    return parsed.trees(modules), parsed.problems(modules)


def test_trees_are_those_of_parsing_alone() -> None:
    modules = {**GOOD, **BROKEN, **LONG}
    with parsing() as parsed:
        parsed.begin({**GOOD, **LONG})
        found = told(parsed, modules)
        again = told(parsed, GOOD)
    assert found == parse_modules(modules)
    assert [problem.path for problem in found[1]] == ["broken.rego"]
    assert again == ({path: found[0][path] for path in GOOD}, [])


def test_a_text_that_looks_like_a_part_of_a_tree_stays_as_it_is() -> None:
    texts = ['"span": {\n    "line": 3,\n    "col": 1\n}', '",\n  "eidx": 7', '{"start": 1, "line": 2}']
    module = "package a\n\nx := [" + ", ".join([*(f"`{text}`" for text in texts), *map(json.dumps, texts)]) + "]\n"
    trees, problems = parse_modules({"a.rego": module})
    items = trees["a.rego"]["rules"][0]["Spec"]["head"]["Compr"]["assign"]["value"]["Array"]["items"]
    assert problems == []
    assert [next(iter(item.values()))["value"] for item in items] == [*texts, *texts]
    assert [list(next(iter(item.values()))) for item in items] == [["span", "value"]] * 6


def test_brackets_are_counted_outside_of_texts_and_told_at_their_line() -> None:
    aside = 'package a\n\n# [[[[[[[[[[[[[[[\ny := `\n[[[[[[[[[[[[[[[`\nz := "[[[[[[[[[[[[[[["\n'
    assert parse_modules({"a.rego": aside})[1] == []
    [problem] = parse_modules({"a.rego": f"{aside}x := [\n{'[' * 11}\n{{}}{']' * 12}\n"})[1]
    assert (problem.line, problem.problem) == (9, "brackets nested deeper than 12 levels")


def test_trees_are_there_before_all_is_parsed() -> None:
    parser = Saying({"trees": parse_modules(GOOD)[0], "problems": []}, *["it took too long"] * 3)
    parsed = Parsing(parser)
    parsed.begin(GOOD)
    parsed.begin(LONG)
    assert parsed.trees(GOOD).keys() == GOOD.keys()
    assert not parsed.unanswered
    assert parsed.trees(LONG) == {}
    assert parsed.unanswered


def test_the_forms_of_rules_are_those_that_are_told_here() -> None:
    modules = {path.relative_to(POLICIES).as_posix(): path.read_text() for path in (POLICIES / "lib").glob("*.rego")}
    with parsing() as parsed:
        parsed.begin(modules, formed=True)
        for tree in parsed.trees(modules).values():
            assert tree["forms"] == json.loads(json.dumps(list(map(form_of, tree["rules"]))))


def test_modules_that_do_not_compile_together() -> None:
    modules = {**GOOD, **BROKEN, "c.rego": "package c\n\nx if nobody\n"}
    with parsing() as parsed:
        parsed.begin(modules)
        groups = [["a.rego", "b.rego"], ["a.rego", "c.rego"], ["a.rego", "broken.rego"]]
        bad, good, left_out = (parsed.compiled(some) for some in (groups, groups[:1], [["broken.rego"]]))
        assert [problem.path for problem in bad()] == ["c.rego"]
        assert good() == left_out() == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"trees": {}, "problems": []}, "the parser gave no answer"),
        ("it took too long", "it took too long"),
    ],
)
def test_a_module_of_which_the_child_tells_nothing(answer: Any, said: str) -> None:
    lost = SyntaxProblem("a.rego", 1, f"the policies could not be parsed: {said}")
    parsed = Parsing(Saying(answer))
    assert told(parsed, GOOD) == ({}, [lost])
    assert told(parsed, GOOD) == ({}, [lost])
    assert parsed.unanswered == [lost]


def test_one_part_without_an_answer() -> None:
    whole = parse_modules(LONG)[0]
    first = {path: whole[path] for path in ("long0.rego", "long1.rego")}
    parsed = Parsing(Saying({"trees": first, "problems": []}, "it crashed", "it crashed"))
    trees, problems = told(parsed, LONG)
    assert trees == first
    assert problems == parsed.unanswered
    assert problems == [SyntaxProblem("long2.rego", 1, "the policies could not be parsed: it crashed")]


def test_compiling_without_an_answer() -> None:
    parsed = Parsing(Saying({"trees": parse_modules(GOOD)[0], "problems": []}, "it crashed"))
    parsed.begin(GOOD)
    said = "the policies could not be parsed: it crashed"
    assert parsed.compiled([["a.rego", "b.rego"]])() == [SyntaxProblem("a.rego", 1, said)] == parsed.unanswered


def test_a_module_has_one_text_in_a_check() -> None:
    with parsing() as parsed:
        parsed.begin(GOOD)
        with pytest.raises(ValueError, match="one text"):
            parsed.begin({"a.rego": "package a\n\nx := 2\n"})


def test_nobody_takes_the_answer_to_another_question() -> None:
    with Parser() as parser:
        first = parser.begin({"modules": BROKEN})
        second = parser.begin({"modules": GOOD})
        assert first() == "the parser was asked something else meanwhile"
        assert second()["trees"].keys() == GOOD.keys()
        assert second() == "the parser was asked something else meanwhile"
