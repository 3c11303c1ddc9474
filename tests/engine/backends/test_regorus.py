"""The regorus engine's worker process, and which modules a rule is given."""

# ruff: noqa: E501  (a module a line reads better than a broken one)

import json
import os
import signal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rego_programs import program

from engine.backends.base import LIMIT, AnswerState, Limits, Program
from engine.backends.modules import MAX_NESTING, ModuleGraph, nesting
from engine.backends.regorus import RegorusEngine
from evidence.model.errors import QuaestorError

DATA = b'{"parameters":{}}'
FAST = Limits(seconds=1.0)
RULE = "quaestor/results/A"
THREE = {"A": "A := input.x + data.parameters.y", "B": "B := 1 / input.x", "C": "C := [v | v := input.z]"}


def workers() -> set[int]:
    """Process ids of this process's workers, as the system knows them; engines of other tests may have some."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    ids = [int(number) for task in tasks for number in task.read_text().split()]
    return {number for number in ids if b"regorus_worker" in Path(f"/proc/{number}/cmdline").read_bytes()}


class TestKeptEngines:
    """Engines are kept between evaluations: nothing of one may show in the next."""

    RULES = tuple(f"quaestor/results/{name}" for name in "ABC")

    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans(), st.sampled_from([0, 1 << 18])), max_size=8
        )
    )
    @settings(max_examples=25, deadline=None)
    def test_an_engine_that_was_asked_answers_as_a_new_one(self, calls: list[tuple[int, int, bool, int]]) -> None:
        engine = RegorusEngine(program(THREE), limits=FAST)
        for x, y, z, padding in calls:
            document = json.dumps({"x": x, "pad": padding * "a"} | ({"z": x} if z else {})).encode()
            answers = engine.evaluate(self.RULES, document, json.dumps({"parameters": {"y": y}}).encode())
            found = [answers[rule] for rule in self.RULES]
            assert found[0].value == x + y
            assert (found[1].state is AnswerState.ERROR) == (x == 0)
            assert found[2].value == ([x] if z else [])
        engine.close()

    def test_a_module_that_cannot_be_compiled_leaves_its_neighbours_alone(self) -> None:
        engine = RegorusEngine(program({"A": "A := 1", "B": "B := unknown_thing(1)", "C": "C := 3"}), limits=FAST)
        for _ in range(2):
            answers = engine.evaluate(self.RULES, b"{}", DATA)
            assert [answers[rule].value for rule in self.RULES] == [1, None, 3]
            assert answers[self.RULES[1]].state is AnswerState.ERROR
        engine.close()


class TestWorker:
    def test_unbounded_recursion_is_an_error_of_its_rule(self) -> None:
        engine = RegorusEngine(program({"A": "f(n) := f(n + 1)\n\nA := f(1)", "B": "B := 1"}), limits=FAST)
        answers = engine.evaluate([RULE, "quaestor/results/B"], b"{}", DATA)
        assert (answers[RULE].state, answers[RULE].error) == (AnswerState.ERROR, LIMIT)
        assert answers["quaestor/results/B"].value == 1
        engine.close()

    @pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the process in /proc")
    def test_a_killed_worker_is_replaced(self) -> None:
        others = workers()
        engine = RegorusEngine(program({"A": "A := input.x"}), limits=FAST)
        (worker,) = workers() - others
        os.kill(worker, signal.SIGKILL)
        first = engine.evaluate([RULE], b'{"x":1}', DATA)[RULE]
        assert first.state is AnswerState.ERROR
        assert engine.evaluate([RULE], b'{"x":1}', DATA)[RULE].value == 1
        engine.close()
        assert workers() <= others

    def test_each_rule_has_its_own_limit_of_time(self) -> None:
        loop = "count([1 | some i in numbers.range(1, 99999); some j in numbers.range(1, 99999); i + j < 0])"
        engine = RegorusEngine(
            program({"A": f"A := {loop}", "B": f"B := {loop}", "C": "C := 1"}), limits=Limits(seconds=0.3)
        )
        answers = engine.evaluate(["quaestor/results/" + name for name in "ACB"], b"{}", DATA)
        assert [answer.state.value for answer in answers.values()] == ["error", "value", "error"]
        engine.close()

    def test_a_rule_reads_no_files_and_no_environment(self) -> None:
        engine = RegorusEngine(program({"A": "A := opa.runtime()"}), limits=FAST)
        value = engine.evaluate([RULE], b"{}", DATA)[RULE].value
        assert not (isinstance(value, dict) and value.get("env"))
        engine.close()


class TestRefused:
    @pytest.mark.parametrize("text", ["A := " + "[" * 40 + "]" * 40, "A := " + '{"a": ' * 40 + "1" + "}" * 40])
    def test_deep_brackets(self, text: str) -> None:
        with pytest.raises(QuaestorError, match=r"results/A\.rego: brackets nest deeper"):
            RegorusEngine(program({"A": text}))

    def test_text_that_is_no_rego(self) -> None:
        with pytest.raises(QuaestorError, match="package"):
            RegorusEngine(Program({"a.rego": "A :="}, (RULE,), {}, "sha256:0"))

    def test_a_rule_that_no_module_defines(self) -> None:
        with pytest.raises(QuaestorError, match="no module defines the rule `quaestor/results/B`"):
            RegorusEngine(Program(program({"A": "A := 1"}).modules, ("quaestor/results/B",), {}, "sha256:0"))

    @pytest.mark.parametrize(
        ("text", "depth"), [("", 0), ("[]", 1), ('"[[["', 0), ("# [[[\n{[]}", 2), ("`[[`[", 1), ('"\\"[" [[', 2)]
    )
    def test_nesting(self, text: str, depth: int) -> None:
        assert nesting(text) == depth

    @given(st.integers(0, MAX_NESTING))
    def test_what_is_allowed_parses_at_once(self, depth: int) -> None:
        assert nesting("[" * depth + "]" * depth) == depth


class TestModules:
    def graph(self, **modules: str) -> ModuleGraph:
        texts = {f"{name}.rego": text for name, text in modules.items()}
        return ModuleGraph(Program(texts, (), {}, "sha256:0"))

    LIBRARY = "package lib.x\n\nf(a) := a"

    @pytest.mark.parametrize(
        "text",
        [
            "import data.lib.x\n\nA := x.f(1)", "import data.lib.x as y\n\nA := y.f(1)", "import data.lib\n\nA := lib.x.f(1)",
            "A := data.lib.x.f(1)", 'A := data["lib"].x.f(1)', "A := count(data)", 'A := data.lib["x"]', "A := $\"{data.lib.x}\"",
        ],
    )  # fmt: skip
    def test_every_form_of_reference_is_seen(self, text: str) -> None:
        graph = self.graph(r=f"package q\n\n{text}", x=self.LIBRARY)
        assert graph.needed_by("q/A") == ["r.rego", "x.rego"]

    def test_what_is_not_referred_to_is_left_out(self) -> None:
        graph = self.graph(
            r='package q\n\n# data.lib.y\nA := "data.lib.y" if input.data.lib.y',
            x=self.LIBRARY,
            y="package lib.y\n\nz := 1",
        )
        assert graph.needed_by("q/A") == ["r.rego"]

    def test_references_are_followed(self) -> None:
        graph = self.graph(
            r="package q\n\nA := data.c.z",
            c="package c\n\nimport data.lib.x\n\nz := x.f(1)",
            x=self.LIBRARY,
            other="package q\n\nB := 1",
        )
        assert graph.needed_by("q/A") == ["c.rego", "r.rego", "x.rego"]
        order = graph.in_order()
        assert sorted(order) == ["c.rego", "other.rego", "r.rego", "x.rego"]
        assert order.index("x.rego") < order.index("c.rego") < order.index("r.rego")

    def test_every_part_of_a_rule(self) -> None:
        graph = self.graph(
            one="package q\n\ndefault A := 1", two="package q\n\nA := 2 if input.x", three="package q\n\nAB := 2"
        )
        assert graph.needed_by("q/A") == ["one.rego", "two.rego"]
