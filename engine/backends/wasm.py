"""OPA's own semantics in this process: the program as WebAssembly in wasmtime."""

import platform
import time
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version

import wasmtime

from engine.backends.base import (
    BAD_INPUT,
    CONFLICT,
    FAILURE,
    LIMIT,
    Answer,
    AnswerState,
    Limits,
    Program,
    RegoEngine,
    by_gate,
    failed,
    gate_rule,
)
from engine.backends.cache import PrivateCache
from engine.backends.compile import read_stamp
from engine.backends.wasm_host import AbortedError, Instance, wasm_engine
from evidence.model.errors import QuaestorError

_LIMITS_REACHED = (
    wasmtime.TrapCode.OUT_OF_FUEL,
    wasmtime.TrapCode.INTERRUPT,
    wasmtime.TrapCode.STACK_OVERFLOW,
    wasmtime.TrapCode.ALLOCATION_TOO_LARGE,
)
_BROKEN = (wasmtime.Trap, wasmtime.WasmtimeError, AbortedError, ValueError, TypeError, LookupError)


_MOST_WORK = 80_000_000_000
"""More WebAssembly instructions than a processor executes in a second: ten times what one of 2026 was seen to."""
_QUICK_SECONDS = 0.5


class WasmEngine(RegoEngine):
    """A stamped module (`compile_wasm`) of the program. `cache` keeps its native form between processes.

    Counting work costs a fifth of the time. So the rules are first asked without, for half a second: where that gives
    values in less processor time than the work allowed can take, they count. Whatever else comes of it, the rules are
    asked again with work counted, so that an evaluation is cut short at the same instruction on every machine.

    Raises QuaestorError where the module is of another program, lacks a rule or asks for a built-in that is not
    allowed.
    """

    name = "wasm"

    def __init__(
        self, program: Program, wasm: bytes, *, limits: Limits | None = None, cache: PrivateCache | None = None
    ) -> None:
        made_from = read_stamp(wasm)
        if made_from.program != program.digest:
            raise QuaestorError(
                f"the policy module is of `{made_from.program}`, not of this bundle, `{program.digest}`",
                hint="build the module again from this bundle",
            )
        limits = limits or Limits()
        self._sure = limits.work / _MOST_WORK
        self._quick = _Loaded(wasm, replace(limits, seconds=min(limits.seconds, _QUICK_SECONDS)), cache, counted=False)
        self._counted = _Loaded(wasm, limits, cache, counted=True)
        self.version = f"opa {made_from.opa}, wasmtime {_wasmtime_version()}"
        try:
            present = self._entrypoints()
        except _BROKEN as cause:
            raise QuaestorError(f"the policy module is not one of OPA's, or is damaged: {cause}") from None
        missing = [rule for rule in program.rules if rule not in present]
        if missing:
            raise QuaestorError(f"the policy module lacks the rule `{missing[0]}`")

    def _entrypoints(self) -> frozenset[str]:
        try:
            return frozenset(self._quick.ready().entrypoints)
        except _BROKEN:
            return frozenset(self._counted.ready().entrypoints)

    def _evaluate(
        self, rules: tuple[str, ...], input_json: bytes, data_json: bytes, group: str | None
    ) -> dict[str, Answer]:
        begun = time.thread_time()
        with suppress(*_BROKEN):
            answers = self._quick.answers(rules, input_json, data_json, group)
            erred = any(answer.state is AnswerState.ERROR for answer in answers.values())
            if not erred and time.thread_time() - begun < self._sure:
                return answers
        self._quick.close()
        return self._counted.answers(rules, input_json, data_json, group)

    def close(self) -> None:
        """Free the module's memory at once: a cycle of references would keep it, a gibibyte even, for the collector."""
        self._quick.close()
        self._counted.close()


class _Loaded:
    """A module under one compiler setting, compiled when first asked, and an instance with its documents."""

    def __init__(self, wasm: bytes, limits: Limits, cache: PrivateCache | None, *, counted: bool) -> None:
        self._wasm = wasm
        self._limits = limits
        self._cache = cache
        self._counted = counted
        self._engine: wasmtime.Engine | None = None
        self._module: wasmtime.Module | None = None
        self._instance: Instance | None = None
        self._data: bytes | None = None

    def answers(
        self, rules: tuple[str, ...], input_json: bytes, data_json: bytes, group: str | None
    ) -> dict[str, Answer]:
        refusal = self._take(data_json, input_json)
        if refusal is not None:
            return dict.fromkeys(rules, refusal)
        answers: dict[str, Answer] = {}
        if group is not None and gate_rule(group) in self.ready().entrypoints:
            answers = by_gate(self._ask(gate_rule(group)), rules)
        for rule in rules:
            if rule not in answers:
                refusal = self._take(data_json, input_json) if self._instance is None else None
                answers[rule] = refusal or self._ask(rule)
        return answers

    def ready(self) -> Instance:
        if self._engine is None or self._module is None:
            self._engine = wasm_engine(counted=self._counted)
            self._module = _load(self._engine, self._wasm, self._cache, "counted" if self._counted else "quick")
        if self._instance is None:
            self._instance = Instance(self._engine, self._module, self._limits, len(self._wasm), counted=self._counted)
            self._data = None
        return self._instance

    def _take(self, data_json: bytes, input_json: bytes) -> Answer | None:
        """Hand the documents over, the data only where it changed. An answer where that fails."""
        try:
            instance = self.ready()
            if self._data != data_json:
                self._data = None
                instance.set_data(data_json)
                self._data = data_json
            instance.set_input(input_json)
        except (wasmtime.Trap, wasmtime.WasmtimeError, AbortedError) as cause:
            self.close()
            return failed(BAD_INPUT, _explain(cause).detail)
        return None

    def _ask(self, rule: str) -> Answer:
        instance = self.ready()
        if rule not in instance.entrypoints:
            return failed(FAILURE, f"the module has no rule `{rule}`")
        try:
            values = instance.evaluate(rule)
        except (wasmtime.Trap, wasmtime.WasmtimeError, AbortedError, ValueError, RecursionError) as cause:
            self.close()
            return _explain(cause)
        if not values:
            return Answer(AnswerState.UNDEFINED)
        return Answer(AnswerState.VALUE, values[0])

    def close(self) -> None:
        if self._instance is not None:
            self._instance.close()
            self._instance = None


def _explain(cause: Exception) -> Answer:
    detail = str(cause).strip()
    if isinstance(cause, wasmtime.Trap):
        code = None
        with suppress(ValueError):  # a code that the binding does not know
            code = cause.trap_code
        return failed(LIMIT if code in _LIMITS_REACHED else FAILURE, detail.splitlines()[-1] if detail else "")
    if detail.endswith("conflict"):
        return failed(CONFLICT, detail)
    if "opa_malloc" in detail:
        return failed(LIMIT, detail)
    return failed(FAILURE, detail)


def _load(engine: wasmtime.Engine, wasm: bytes, cache: PrivateCache | None, setting: str) -> wasmtime.Module:
    if cache is None:
        return _compiled(engine, wasm)
    name = f"{sha256(wasm).hexdigest()}-{_machine()}-{setting}.native"
    native = cache.load(name)
    if native is not None:
        with suppress(wasmtime.WasmtimeError):  # of other settings or another build of wasmtime
            return wasmtime.Module.deserialize(engine, native)
    module = _compiled(engine, wasm)
    cache.save(name, bytes(module.serialize()))
    return module


def _compiled(engine: wasmtime.Engine, wasm: bytes) -> wasmtime.Module:
    try:
        return wasmtime.Module(engine, wasm)
    except wasmtime.WasmtimeError as cause:
        raise QuaestorError(f"not a policy module: {str(cause).splitlines()[0]}") from None


def _machine() -> str:
    return f"wasmtime{_wasmtime_version()}-{platform.system()}-{platform.machine()}"


@lru_cache(maxsize=1)
def _wasmtime_version() -> str:
    return version("wasmtime")
