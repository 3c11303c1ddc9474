"""The Wasm host: its limits one by one, threads, and text that OPA's module would misread."""

import gc
import json
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st
from rego_programs import need_opa, program

from engine.backends import wasm_call
from engine.backends.base import LIMIT, Answer, AnswerState, Limits
from engine.backends.compile import Stamp, compile_wasm, stamp
from engine.backends.wasm import WasmEngine
from engine.backends.wasm_host import plain_pairs
from evidence.model.errors import QuaestorError

DATA = b'{"parameters":{}}'
RULE = "quaestor/results/A"
LOOP = program({"A": "A := count([1 | some i in numbers.range(1, 9999); some j in numbers.range(1, 9999); i + j < 0])"})
ECHO = program({"A": 'A := {"text": input.text, "said": sprintf("%s!", [input.text])}'})


def evaluate(engine: WasmEngine, document: object) -> Answer:
    return engine.evaluate([RULE], json.dumps(document).encode(), DATA)[RULE]


class TestLimits:
    @pytest.mark.parametrize(
        ("limits", "said"),
        [(Limits(seconds=60, work=50_000_000), "fuel"), (Limits(seconds=0.2, work=1 << 60), "interrupt")],
    )
    def test_work_and_time_each_end_a_loop(self, limits: Limits, said: str) -> None:
        answer = evaluate(WasmEngine(LOOP, compile_wasm(LOOP, need_opa()), limits=limits), {})
        assert (answer.state, answer.error) == (AnswerState.ERROR, LIMIT)
        assert said in answer.detail

    def test_what_is_nested_too_deep_is_so_on_a_fast_machine_too(self) -> None:
        """Who asks without counting has smaller frames, and would answer where a slow machine, which counts, cannot."""
        same = program({"A": "A := input.one == input.other"})
        engine = WasmEngine(same, compile_wasm(same, need_opa()))
        slow = WasmEngine(same, compile_wasm(same, need_opa()), limits=Limits(work=30_000_000))  # 0.4 ms: it counts
        for depth in (200, *range(1300, 1500, 20)):
            nested = '{"a":' * depth + "1" + "}" * depth
            asked = f'{{"one":{nested},"other":{nested}}}'.encode()
            fast = engine.evaluate([RULE], asked, DATA)[RULE]
            assert (fast.state, fast.value) == (
                (counted := slow.evaluate([RULE], asked, DATA)[RULE]).state,
                counted.value,
            )

    def test_one_watcher_for_many_runs_and_none_after_them(self) -> None:
        engine = WasmEngine(ECHO, compile_wasm(ECHO, need_opa()), limits=Limits(seconds=0.3))
        before = threading.active_count()
        for number in range(50):
            assert evaluate(engine, {"text": str(number)}).value == {"text": str(number), "said": f"{number}!"}
            assert threading.active_count() <= before + 1
        end = time.monotonic() + 10
        while threading.active_count() > before and time.monotonic() < end:
            time.sleep(0.05)
        assert threading.active_count() <= before

    def test_an_alarm_that_rang_does_not_ring_into_the_next_run(self) -> None:
        engine = WasmEngine(LOOP, compile_wasm(LOOP, need_opa()), limits=Limits(seconds=0.1, work=1 << 60))
        for _ in range(3):
            begun = time.monotonic()
            assert "interrupt" in evaluate(engine, {}).detail
            assert time.monotonic() - begun >= 0.1

    def test_work_is_counted_alike_on_every_run(self) -> None:
        """So an evaluation that is cut short is cut short on every machine."""
        wasm = compile_wasm(LOOP, need_opa())
        states = {evaluate(WasmEngine(LOOP, wasm, limits=Limits(work=10_000_000)), {}).detail for _ in range(3)}
        assert len(states) == 1

    def test_what_is_cut_short_depends_on_work_and_not_on_how_fast_it_was_done(self) -> None:
        """The rule takes some milliseconds, and so would be answered long before any limit of time."""
        short = program({"A": "A := count([1 | some i in numbers.range(1, 2000); i < 0])"})
        wasm = compile_wasm(short, need_opa())
        assert evaluate(WasmEngine(short, wasm), {}).value == 0
        limited = WasmEngine(short, wasm, limits=Limits(work=100_000))
        for _ in range(3):
            answer = evaluate(limited, {})
            assert (answer.state, answer.error) == (AnswerState.ERROR, LIMIT)
            assert "fuel" in answer.detail

    def test_an_engine_that_was_cut_short_answers_what_comes_next(self) -> None:
        both = program({"A": "A := count([1 | some i in numbers.range(1, input.n); i < 0])"})
        engine = WasmEngine(both, compile_wasm(both, need_opa()), limits=Limits(work=200_000_000))
        for _ in range(2):
            assert evaluate(engine, {"n": 90_000_000}).error == LIMIT
            assert evaluate(engine, {"n": 3}).value == 0

    def test_memory_too_small_to_begin_with(self) -> None:
        with pytest.raises(QuaestorError, match="bytes of memory"):
            WasmEngine(ECHO, compile_wasm(ECHO, need_opa()), limits=Limits(memory=1 << 16))

    def test_a_document_larger_than_the_memory(self) -> None:
        engine = WasmEngine(ECHO, compile_wasm(ECHO, need_opa()), limits=Limits(memory=4 << 20))
        assert evaluate(engine, {"text": "x" * (8 << 20)}).state is AnswerState.ERROR
        assert evaluate(engine, {"text": "x"}).value == {"text": "x", "said": "x!"}

    @pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads its own memory in /proc")
    def test_an_evaluation_that_is_cut_short_gives_its_memory_back_at_once(self) -> None:
        greedy = program({"A": "A := [i | some i in numbers.range(1, 99999999)]"})
        engine = WasmEngine(greedy, compile_wasm(greedy, need_opa()), limits=Limits(memory=64 << 20))
        assert evaluate(engine, {}).error == LIMIT
        gc.disable()
        try:
            before = resident()
            for _ in range(8):
                assert evaluate(engine, {}).error == LIMIT
            assert resident() - before < 150 << 20
        finally:
            gc.enable()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_engines_in_threads_do_not_mix() -> None:
    wasm = compile_wasm(ECHO, need_opa())

    def work(number: int) -> list[Answer]:
        engine = WasmEngine(ECHO, wasm)
        documents = [{"text": f"{number}-{n}"} if n % 5 else {"text": n} for n in range(40)]
        return [evaluate(engine, document) for document in documents]

    with ThreadPoolExecutor(4) as pool:
        for number, answers in enumerate(pool.map(work, range(4))):
            for n, answer in enumerate(answers):
                if n % 5:
                    assert answer.value == {"text": f"{number}-{n}", "said": f"{number}-{n}!"}
                else:
                    assert "sprintf" in answer.detail


def test_the_public_way_of_calling_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    wasm = compile_wasm(ECHO, need_opa())
    quick = evaluate(WasmEngine(ECHO, wasm), {"text": "ä"})
    monkeypatch.setattr(wasm_call, "_inner", None)
    assert evaluate(WasmEngine(ECHO, wasm), {"text": "ä"}) == quick
    slow = WasmEngine(LOOP, compile_wasm(LOOP, need_opa()), limits=Limits(work=10_000_000))
    assert evaluate(slow, {}).error == LIMIT


class TestForeignModules:
    """A module may come in an audit pack from anyone: whatever it is, the answer is a clear message."""

    HEAD = '(module (import "env" "memory" (memory 2)) '

    @pytest.mark.parametrize(
        "text",
        [
            HEAD + ")",
            HEAD + '(func (export "entrypoints") (result i32) unreachable))',
            HEAD + "(func $f (loop br 0)) (start $f))",
            HEAD + '(func (export "entrypoints") (result i32) i32.const 0) (func (export "opa_json_dump") (param i32) '
            "(result i32) i32.const -1))",
            HEAD + '(func (export "entrypoints") (result i32) i32.const 0) (func (export "opa_json_dump") (param i32) '
            "(result i32) i32.const 8))",
            HEAD.rstrip() + ' (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))',
            "(module)",
        ],
    )
    def test_what_is_not_opas(self, text: str) -> None:
        wasm = stamp(bytes(wasmtime.wat2wasm(text)), Stamp(ECHO.digest, "1.22.0"))
        with pytest.raises(QuaestorError, match="the policy module is not one of OPA's"):
            WasmEngine(ECHO, wasm, limits=Limits(work=1_000_000))


class TestEscapedPairs:
    @given(st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
    def test_the_document_stays_the_same(self, text: str) -> None:
        escaped = json.dumps({"a": text, "\\ud840\\udc00": "\\\\ud840\\udc00"}).encode()
        assert json.loads(plain_pairs(escaped)) == json.loads(escaped)

    @pytest.mark.parametrize("text", ["\U00020101", "\U0010ffff", "😀", "\\ud840\\udc00", "a\U00020000\\"])
    def test_the_engine_reads_it_right(self, text: str) -> None:
        engine = WasmEngine(ECHO, compile_wasm(ECHO, need_opa()))
        assert evaluate(engine, {"text": text}).value == {"text": text, "said": text + "!"}
