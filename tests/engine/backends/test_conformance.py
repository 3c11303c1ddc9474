"""One program, three engines, the same answers: the contract of `RegoEngine`."""

# ruff: noqa: E501  (a rule a line reads better than a broken one)

import json
from collections.abc import Callable
from typing import Any

import pytest
from rego_programs import program

from engine.backends.base import BAD_INPUT, CONFLICT, INEXACT, LIMIT, Answer, AnswerState, Limits, RegoEngine
from evidence.model.canonical import canonical_bytes

ENGINES = ("wasm", "regorus", "opa")
LIMITS = Limits(seconds=1.5, memory=256 << 20, work=1_000_000_000)
LIBRARIES = {
    "lib/texts.rego": 'package lib.texts\n\nshout(text) := concat("", [text, "!"])\n\ndefault known(_) := false\n\nknown(x) if x in {"a", "b"}\n',
    "lib/deep.rego": 'package lib.deep\n\nimport data.lib.texts\n\ntwice(text) := texts.shout(texts.shout(text))\n\nblocked := {"x"}\n',
    "controls/a.rego": (
        "package controls.A\n\n"
        'satisfied contains "all" if {\n\tcount(input.items) > 0\n\tevery item in input.items { item.n >= data.parameters.least }\n}\n\n'
        'satisfied contains "some" if {\n\tsome item in input.items\n\titem.n > 100\n}\n\n'
        "findings contains finding if {\n\tsome item in input.items\n\titem.n < data.parameters.least\n"
        '\tfinding := {"objective": "all", "message": sprintf("%s has only %d", [item.name, item.n]), "observed": item.n}\n}\n\n'
        "default applies := false\n\napplies if input.applies\n"
    ),
}
"""Rule, and what it comes to; None: undefined."""
VALUES: dict[str, tuple[str, Any]] = {
    "control": (
        'control := {"satisfied": data.controls.A.satisfied, "findings": data.controls.A.findings, "applies": [x | x := data.controls.A.applies]}',
        {
            "applies": [True],
            "satisfied": ["some"],
            "findings": [
                {"objective": "all", "message": "a has only 5", "observed": 5},
                {"objective": "all", "message": "ß€😀 has only 7", "observed": 7},
            ],
        },
    ),
    "library": ("import data.lib.deep\n\nlibrary := deep.twice(input.text)", "x!!"),
    "default_function": ('import data.lib.texts\n\ndefault_function := [texts.known("a"), texts.known("z")]', [True, False]),
    "through_brackets": ('through_brackets := data["lib"].deep.twice("y")', "y!!"),
    "negated_reference": ("negated_reference := true if not input.text in data.lib.deep.blocked", None),
    "absent_input": ("absent_input := input.nothing.here", None),
    "absent_parameter": ("absent_parameter := true if input.items[0].n >= data.parameters.misspelt", None),
    "not_absent": ("not_absent := true if not input.nothing.here", True),
    "false_is_a_value": ("false_is_a_value := false", False),
    "null_is_a_value": ("null_is_a_value := null", None),
    "empty": ('empty := {"a": [], "o": {}, "s": ""}', {"a": [], "o": {}, "s": ""}),
    "comprehensions": (
        'comprehensions := {"o": {item.name: item.n | some item in input.items}, "a": sort([item.n | some item in input.items])}',
        {"o": {"a": 5, "ß€😀": 7, "big": 200}, "a": [5, 7, 200]},
    ),
    "partial_object": ("partial_object[item.name] := item.n if some item in input.items", {"a": 5, "ß€😀": 7, "big": 200}),
    "every_of_none": ("every_of_none if every x in [] { x == 1 }", True),
    "else_branch": ("else_branch := 1 if input.nothing\n\nelse := 2 if input.text\n\nelse := 3", 2),
    "large_whole": ("large_whole := [9007199254740991, input.large, input.large - 1, 0 - input.large]",
                    [9007199254740991, 9007199254740991, 9007199254740990, -9007199254740991]),
    "fractions_as_given": ("fractions_as_given := [input.fraction, input.fraction < 0.8, 1e2, 0.10]", [0.1234567890123, True, 100, 0.1]),
    "unicode": ('unicode := {input.unicode: concat("", ["ä", input.unicode]), "escaped": "\\u00e4\\u20ac"}',
                {"😀\U00020000ﬀ\u0000\u001f\\\"": "ä😀\U00020000ﬀ\u0000\u001f\\\"", "escaped": "ä€"}),
    "strings_compare": ("strings_compare := [\"2026-01-01\" < \"2026-01-02\", \"Z\" < \"a\", \"\" < \"a\", \"ä\" > \"z\"]", [True] * 4),
    "kinds_compare": ('kinds_compare := [1 < "a", null < false, [] < {}, 1 == 1.0]', [True, True, True, True]),
    "walked": ('walked := count([path | walk({"a": [1, {"b": 2}]}, [path, _])])', 5),
}  # fmt: skip
UNDEFINED = {"negated_reference", "absent_input", "absent_parameter"}
"""A failing built-in: undefined in OPA and its Wasm, an error in regorus; a value in none."""
FAILING = {
    "zero_divisor": "zero_divisor := 1 / input.zero",
    "no_number": 'no_number := to_number("x")',
    "no_instant": 'no_instant := time.parse_rfc3339_ns("today")',
    "zero_remainder": "zero_remainder := 1 % input.zero",
}
CONFLICTS = {
    "two_values": "two_values := 1 if input.text\n\ntwo_values := 2 if input.large",
    "two_results": "f(_) := 1 if input.text\n\nf(_) := 2 if input.large\n\ntwo_results := f(0)",
    "two_bindings": "f(xs) := x if some x in xs\n\ntwo_bindings := f([1, 2])",
    "two_bindings_negated": "f(xs) := x if some x in xs\n\ntwo_bindings_negated if not f([1, 2]) == 3",
    "two_members": 'two_members := {"k": item.n | some item in input.items}',
}
INEXACT_VALUES = {
    "large_product": "large_product := [input.large * input.large]",
    "large_round": "large_round := round(input.huge)",
    "large_abs": 'large_abs := {"a": abs(input.huge)}',
}
ENDLESS = {
    "nested_loops": "nested_loops := sum([p | some i in numbers.range(1, 200000); some j in numbers.range(1, 200000); p := i * j])",
    "searching": (
        "searching if {\n\tsome a in numbers.range(1, 3000)\n\tsome b in numbers.range(1, 3000)\n\tsome c in numbers.range(1, 3000)\n\ta + (b * c) < 0\n}"
    ),
}
"""Not asked of the server: it has the memory of its machine, and its owner sets the limit of its process."""
EXPLODING = {
    "long_range": "long_range := count(numbers.range(1, 2000000000))",
    "doubling": "doubling := count([[i, j, k, input.items] | some i in numbers.range(1, 3000); some j in numbers.range(1, 3000); some k in [1, 2, 3]])",
}
INPUT: dict[str, Any] = {
    "text": "x",
    "items": [{"name": "a", "n": 5}, {"name": "ß€😀", "n": 7}, {"name": "big", "n": 200}],
    "applies": True,
    "zero": 0,
    "huge": 1e21,
    "large": 9007199254740991,
    "fraction": 0.1234567890123,
    "unicode": '😀\U00020000ﬀ\u0000\u001f\\"',
}
DATA = b'{"parameters":{"least":10}}'

Ask = Callable[..., dict[str, Answer]]


def conformance() -> Any:
    texts = (
        {name: text for name, (text, _) in VALUES.items()} | FAILING | CONFLICTS | INEXACT_VALUES | ENDLESS | EXPLODING
    )
    return program(
        texts,
        LIBRARIES,
        {
            "whole": ("control", "library", "empty"),
            "one-conflict": ("control", "two_values", "library"),
            "gap": ("empty", "absent_input"),
        },
    )


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, start: Callable[..., RegoEngine]) -> RegoEngine:
    return start(request.param, conformance(), LIMITS)


def ask(
    engine: RegoEngine, *names: str, group: str | None = None, document: Any = None, data: bytes = DATA
) -> dict[str, Answer]:
    rules = [f"quaestor/results/{name}" for name in names]
    text = canonical_bytes(document or INPUT)
    answers = engine.evaluate(rules, text, data, group=group)
    assert list(answers) == rules
    return {rule.rpartition("/")[2]: answer for rule, answer in answers.items()}


def form(value: Any) -> bytes:
    """Canonical bytes; the two lists that are sets in Rego are sorted, as the judge of answers does."""
    if isinstance(value, dict) and "satisfied" in value:
        value = {**value, **{name: sorted(value[name], key=canonical_bytes) for name in ("satisfied", "findings")}}
    return canonical_bytes(value)


class TestValues:
    @pytest.mark.parametrize("name", sorted(VALUES))
    def test_rule(self, engine: RegoEngine, name: str) -> None:
        answer = ask(engine, name)[name]
        if name in UNDEFINED:
            assert answer == Answer(AnswerState.UNDEFINED)
        else:
            assert answer.state is AnswerState.VALUE, answer
            assert form(answer.value) == form(VALUES[name][1])

    def test_all_at_once(self, engine: RegoEngine) -> None:
        singly = {name: ask(engine, name)[name].state for name in VALUES}
        assert {name: answer.state for name, answer in ask(engine, *VALUES).items()} == singly

    def test_parameters_are_those_of_the_call(self, engine: RegoEngine) -> None:
        strict = ask(engine, "control")["control"].value
        mild = ask(engine, "control", data=b'{"parameters":{"least":1}}')["control"].value
        assert (sorted(strict["satisfied"]), sorted(mild["satisfied"])) == (["some"], ["all", "some"])
        assert ask(engine, "control")["control"].value["findings"] != []

    def test_input_is_that_of_the_call(self, engine: RegoEngine) -> None:
        assert ask(engine, "library", document={"text": "other"})["library"].value == "other!!"
        assert ask(engine, "library", document={"nothing": 1})["library"] == Answer(AnswerState.UNDEFINED)
        assert ask(engine, "library")["library"].value == "x!!"

    def test_a_megabyte_of_input(self, engine: RegoEngine) -> None:
        items = [{"name": f"item {n:05} " + "x" * 40, "n": n} for n in range(15_000)]
        answer = ask(engine, "control", document=INPUT | {"items": items})["control"]
        assert sorted(answer.value["satisfied"]) == ["some"]
        assert sorted(finding["observed"] for finding in answer.value["findings"]) == list(range(10))


class TestErrors:
    @pytest.mark.parametrize("name", sorted(FAILING))
    def test_a_failing_builtin_has_no_value(self, engine: RegoEngine, name: str) -> None:
        assert ask(engine, name)[name].state in (AnswerState.UNDEFINED, AnswerState.ERROR)

    @pytest.mark.parametrize("name", sorted(CONFLICTS))
    def test_a_conflict_is_an_error_of_its_rule_only(self, engine: RegoEngine, name: str) -> None:
        answers = ask(engine, "library", name, "empty")
        assert (answers[name].state, answers[name].error) == (AnswerState.ERROR, CONFLICT)
        assert answers[name].detail
        assert [answers["library"].value, answers["empty"].value] == ["x!!", VALUES["empty"][1]]

    @pytest.mark.parametrize("name", sorted(INEXACT_VALUES))
    def test_a_number_past_the_exact_range_is_no_answer(self, engine: RegoEngine, name: str) -> None:
        answers = ask(engine, "library", name)
        assert (answers[name].state, answers[name].error) == (AnswerState.ERROR, INEXACT)
        assert answers["library"].value == "x!!"

    def test_a_rule_that_is_not_there(self, engine: RegoEngine) -> None:
        answers = ask(engine, "nowhere", "library")
        assert answers["nowhere"].state is AnswerState.ERROR
        assert answers["library"].value == "x!!"

    @pytest.mark.parametrize("text", [b"", b"{", b'{"a":1]', b"\xff", b"[" * 100_000])
    def test_input_that_is_no_document(self, engine: RegoEngine, text: bytes) -> None:
        answer = engine.evaluate(["quaestor/results/empty"], text, DATA)["quaestor/results/empty"]
        assert (answer.state, answer.error) == (AnswerState.ERROR, BAD_INPUT)
        assert ask(engine, "library")["library"].value == "x!!"

    def test_data_that_is_no_document(self, engine: RegoEngine) -> None:
        assert ask(engine, "library", data=b"{")["library"].error == BAD_INPUT
        assert ask(engine, "library")["library"].value == "x!!"


class TestGroups:
    def test_a_gate(self, engine: RegoEngine) -> None:
        answers = ask(engine, "empty", "control", "library", group="whole")
        assert {name: form(answer.value) for name, answer in answers.items()} == {
            name: form(VALUES[name][1]) for name in ("empty", "control", "library")
        }

    def test_one_conflict_leaves_the_others(self, engine: RegoEngine) -> None:
        answers = ask(engine, "control", "two_values", "library", group="one-conflict")
        assert answers["two_values"].error == CONFLICT
        assert form(answers["control"].value) == form(VALUES["control"][1])
        assert answers["library"].value == "x!!"

    def test_one_undefined_leaves_the_others(self, engine: RegoEngine) -> None:
        answers = ask(engine, "empty", "absent_input", group="gap")
        assert answers["empty"].value == VALUES["empty"][1]
        assert answers["absent_input"] == Answer(AnswerState.UNDEFINED)

    def test_an_unknown_group_is_a_hint_that_does_not_help(self, engine: RegoEngine) -> None:
        assert ask(engine, "library", group="nowhere")["library"].value == "x!!"


class TestLimits:
    @pytest.mark.parametrize("name", sorted(ENDLESS | EXPLODING))
    def test_a_rule_without_end_ends(self, engine: RegoEngine, name: str) -> None:
        if name in EXPLODING and engine.name == "opa":
            pytest.skip("the memory of an OPA server is its owner's to limit")
        answers = ask(engine, "library", name, "empty")
        assert (answers[name].state, answers[name].error) == (AnswerState.ERROR, LIMIT), answers[name]
        assert [answers["library"].value, answers["empty"].value] == ["x!!", VALUES["empty"][1]]
        assert ask(engine, "library")["library"].value == "x!!"


def test_answers_are_json(start: Callable[..., RegoEngine]) -> None:
    """A set is a list, a name that is no text becomes text, as in OPA's own JSON."""
    rules = {"A": 'A := {"set": {3, 1, 2}, "names": {1: "a", true: "b", null: "c"}}'}
    for name in ENGINES:
        answer = start(name, program(rules), LIMITS).evaluate(["quaestor/results/A"], b"{}", b'{"parameters":{}}')
        value = answer["quaestor/results/A"].value
        assert json.loads(json.dumps(value)) == value
        assert sorted(value["set"]) == [1, 2, 3]
        assert value["names"] == {"1": "a", "true": "b", "null": "c"}
