"""Two engines asked the same: real ones agree; where two programs or answers differ, there is no pass."""

from collections.abc import Callable, Iterator

import pytest

from engine.backends.base import Answer, AnswerState, Program, RegoEngine
from engine.backends.choose import open_engine
from engine.backends.crosscheck import CrossCheckEngine
from engine.bundle.load import Bundle, bundle_from_files
from engine.deciding.decide import decide
from engine.deciding.verdict import Outcome, Status
from evidence.model.canonical import digest_json
from tests.worlds.policies import BENCH, KNOWN, bench_files, control, effective
from tests.worlds.records import audit
from tests.worlds.snapshots import entry, papers, snapshot

RULE = "quaestor/results/R"
Ask = Callable[[str, str], Answer]


def program(text: str) -> Program:
    modules = {"r.rego": f"package quaestor.results\n\n{text}\n"}
    return Program(modules, (RULE,), {}, digest_json({"modules": modules, "rules": [RULE]}))


@pytest.fixture
def ask() -> Iterator[Ask]:
    """What two regorus engines, each with a rule of its own, answer together."""
    opened: list[RegoEngine] = []

    def asked(one: str, other: str) -> Answer:
        engine = CrossCheckEngine(*(open_engine("regorus", program(text)) for text in (one, other)))
        opened.append(engine)
        return engine.evaluate([RULE], b"{}", b"{}")[RULE]

    yield asked
    for engine in opened:
        engine.close()


class TestAgreement:
    def test_wasm_and_regorus_agree_on_the_bench(self, bench: Bundle, engine: RegoEngine, wasm: RegoEngine) -> None:
        both = CrossCheckEngine(wasm, engine)
        assert both.name == "wasm+regorus"
        for entries in (papers(entry(audit())), papers(entry(audit(51)), entry(audit(7))), ()):
            for gate in ("validation", "clash", "law"):
                together = decide(bench, effective(bench), snapshot(*entries), gate, both)
                assert together.body == decide(bench, effective(bench), snapshot(*entries), gate, engine).body

    def test_the_order_of_sets_is_no_difference(self, ask: Ask) -> None:
        one = 'R := {"applies": [true], "satisfied": ["a", "b"], "findings": [{"x": 1}, {"x": 2}]}'
        other = 'R := {"applies": [true], "satisfied": ["b", "a"], "findings": [{"x": 2}, {"x": 1}]}'
        assert ask(one, other).state is AnswerState.VALUE

    def test_both_undefined_is_undefined(self, ask: Ask) -> None:
        assert ask("R := 1 if input.a", "R := 1 if input.b").state is AnswerState.UNDEFINED


class TestDisagreement:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("R := 1", "R := 2"),
            ("R := [1, 2]", "R := [2, 1]"),
            ("R := true", "R := true if input.a"),
            (
                'R := {"applies": [true], "satisfied": ["a"], "findings": []}',
                'R := {"applies": [true], "satisfied": [], "findings": []}',
            ),
            (
                'R := {"applies": [true], "satisfied": [], "findings": [{"x": 1}]}',
                'R := {"applies": [true], "satisfied": [], "findings": [{"x": 1.5}]}',
            ),
            (
                'R := {"applies": [true], "satisfied": [], "findings": []}',
                'R := {"applies": [false], "satisfied": [], "findings": []}',
            ),
            (
                'R := {"applies": [true], "satisfied": ["a"], "findings": []}',
                'R := {"applies": [true], "satisfied": [], "findings": ["a"]}',
            ),
        ],
    )
    def test_is_an_error(self, ask: Ask, one: str, other: str) -> None:
        for pair in ((one, other), (other, one)):
            found = ask(*pair)
            assert (found.state, found.error) == (AnswerState.ERROR, "two engines disagree on this rule")

    def test_numbers_that_json_does_not_keep_apart_are_not_compared(self, ask: Ask) -> None:
        found = ask("R := 9007199254740993", "R := 9007199254740995")
        assert found.state is AnswerState.ERROR
        assert "cannot be compared" in found.error

    def test_the_error_of_one_is_the_answer_of_both(self, ask: Ask) -> None:
        conflict = 'R := x if x := input.a\n\nR := 1 if "a" != "b"\n\nR := 2 if "b" != "a"'
        for pair in ((conflict, "R := 1"), ("R := 1", conflict)):
            found = ask(*pair)
            assert (found.state, found.error) == (AnswerState.ERROR, "a rule or function gave two different values")

    def test_a_gate_where_two_engines_differ_is_not_allowed(self, bench: Bundle, engine: RegoEngine) -> None:
        path, text = control("BEN-01", "[validation, staging, clash, aged, lax]", KNOWN.replace("<=", "<"))
        changed = bundle_from_files(bench_files({**BENCH, path: text.replace("> data", ">= data")}))
        other = open_engine("regorus", changed.program())
        try:
            seen = snapshot(*papers(entry(audit(50))))
            assert decide(bench, effective(bench), seen, "validation", engine).allowed
            made = decide(bench, effective(bench), seen, "validation", CrossCheckEngine(engine, other))
        finally:
            other.close()
        assert [item.status for item in made.results] == [Status.ERROR]
        assert made.outcome is Outcome.INDETERMINATE
