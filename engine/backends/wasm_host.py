"""A host for policies that OPA compiled to WebAssembly (its ABI 1.2 and later), on wasmtime.

The module gets a memory and the host built-ins, nothing else: no files, clock, network or randomness. Documents cross
as JSON text. https://www.openpolicyagent.org/docs/wasm describes the exports that are called here.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from ctypes import addressof, string_at
from typing import Any

import wasmtime

from engine.backends.base import Limits
from engine.backends.builtins import HOST, BuiltinError, OutsideLanguageError
from engine.backends.wasm_alarm import Alarm
from engine.backends.wasm_call import export
from evidence.model.errors import QuaestorError

MAX_MEMORY = (1 << 31) - (1 << 16)  # addresses stay positive as signed 32-bit numbers
_PAGE = 1 << 16
_STACK = 1 << 19
"""Bytes of stack. Code that counts its work takes more of it for each call: with half of it, no answer comes without
counting that would not come with it, and what is nested too deep is so on every machine.
"""
_PAIR = re.compile(rb"\\\\|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class AbortedError(Exception):
    """The module, or a built-in, gave up."""


def wasm_engine(*, counted: bool) -> wasmtime.Engine:
    """The compiler settings; a serialised module can only be loaded under the same ones. `counted`: with fuel."""
    config = wasmtime.Config()
    config.consume_fuel = counted
    config.max_wasm_stack = _STACK if counted else _STACK // 2
    config.epoch_interruption = True
    config.wasm_threads = False
    config.wasm_memory64 = False
    return wasmtime.Engine(config)


class Instance:
    """One instantiated policy module. After any error it is in no known state: throw it away and make another.

    Every method raises wasmtime.Trap or AbortedError where the module fails or exceeds a limit.
    """

    def __init__(
        self, engine: wasmtime.Engine, module: wasmtime.Module, limits: Limits, size: int, *, counted: bool
    ) -> None:
        """`size`: bytes of the module, which bound those of its constants. `counted`: the engine counts its work."""
        self._alarm = Alarm(engine, limits.seconds)
        self._limits = limits
        self._counted = counted
        self._refusal: str | None = None
        self._store = wasmtime.Store(engine)
        self._store.set_limits(memory_size=min(limits.memory, MAX_MEMORY))
        try:
            self._start(engine, module, size)
        except BaseException:
            self.close()
            raise

    def _start(self, engine: wasmtime.Engine, module: wasmtime.Module, size: int) -> None:
        self._memory = wasmtime.Memory(self._store, _memory_type(module, self._limits, size))
        linker = wasmtime.Linker(engine)
        linker.define(self._store, "env", "memory", self._memory)
        self._define_imports(linker)
        with self._limited(timed=False):  # what runs at the start of a module is bounded as well
            exports = linker.instantiate(self._store, module).exports(self._store)
            self._functions = {
                name: export(self._store, item) for name, item in exports.items() if isinstance(item, wasmtime.Func)
            }
            self.entrypoints: dict[str, int] = self._document(self._call("entrypoints"))
            self._builtins = self._required_builtins()
            self._empty = self._heap()
        self._data_address = 0
        self._after_data = self._empty
        self._input_address = 0
        self._after_input = self._empty

    def close(self) -> None:
        """Free the memory; the instance is of no use after it."""
        self._store.close()

    def set_data(self, data_json: bytes) -> None:
        """Take `data`, in place of what there was; the input is gone then."""
        with self._limited(timed=False):
            self._reset(self._empty)
            self._data_address = self._parse(data_json)
            self._after_data = self._heap()

    def set_input(self, input_json: bytes) -> None:
        """Take `input`, in place of what there was."""
        with self._limited(timed=False):
            self._reset(self._after_data)
            self._input_address = self._parse(input_json)
            self._after_input = self._heap()

    def evaluate(self, rule: str) -> list[Any]:
        """What an entry point comes to for the data and input: one value, or none where it is undefined."""
        with self._limited(timed=True):
            self._reset(self._after_input)
            context = self._call("opa_eval_ctx_new")
            self._call("opa_eval_ctx_set_input", context, self._input_address)
            self._call("opa_eval_ctx_set_data", context, self._data_address)
            self._call("opa_eval_ctx_set_entrypoint", context, self.entrypoints[rule])
            if self._call("eval", context) != 0:
                raise AbortedError("evaluation failed")
            results = self._document(self._call("opa_eval_ctx_get_result", context))
        return [row["result"] for row in results]

    @contextmanager
    def _limited(self, *, timed: bool) -> Iterator[None]:
        """Limits around one step: of work where it is counted; of time where it is not, or where that is not enough (a
        built-in runs outside).

        The refusal of a host function becomes an error at the step's end.
        """
        self._refusal = None
        if self._counted:
            self._store.set_fuel(self._limits.work)
        self._store.set_epoch_deadline(1)
        try:
            with self._alarm.set() if timed or not self._counted else nullcontext():
                yield
        except Exception:
            if self._refusal is not None:
                raise AbortedError(self._refusal) from None
            raise
        if self._refusal is not None:
            raise AbortedError(self._refusal)

    def _call(self, name: str, *arguments: int) -> int:
        return self._functions[name](*arguments)

    def _heap(self) -> int:
        return self._call("opa_heap_ptr_get")

    def _reset(self, address: int) -> None:
        # also empties the lists of free blocks, which may hold blocks from above the address
        self._call("opa_heap_ptr_set", address)

    def _parse(self, document: bytes) -> int:
        document = plain_pairs(document)
        address = self._call("opa_malloc", len(document) + 1)
        self._memory.write(self._store, bytearray(document), address)
        value = self._call("opa_json_parse", address, len(document))
        if value == 0:
            raise AbortedError("not a JSON document that the module can read")
        return value

    def _document(self, value_address: int) -> Any:
        return json.loads(self._text(self._call("opa_json_dump", value_address)))

    def _text(self, address: int) -> bytes:
        """The bytes up to the next zero."""
        size = self._memory.data_len(self._store)
        start = addressof(self._memory.data_ptr(self._store).contents)
        step = 512
        out = bytearray()
        while 0 <= address < size:
            piece = string_at(start + address, min(step, size - address))
            end = piece.find(0)
            if end >= 0:
                return bytes(out + piece[:end])
            out += piece
            address += len(piece)
            step = min(step * 4, 1 << 20)
        raise AbortedError("the module gave an address outside its memory")

    def _required_builtins(self) -> dict[int, tuple[str, Callable[..., Any]]]:
        wanted: dict[str, int] = self._document(self._call("builtins"))
        unknown = sorted(set(wanted) - set(HOST))
        if unknown:
            raise QuaestorError(
                f"the policies call what no engine may supply: {', '.join(f'`{name}`' for name in unknown)}",
                hint="engine/backends/builtins.yaml lists the built-ins that may be used",
            )
        return {number: (name, HOST[name]) for name, number in wanted.items()}

    def _define_imports(self, linker: wasmtime.Linker) -> None:
        i32 = wasmtime.ValType.i32()

        def define(name: str, parameters: int, results: int, function: Callable[..., Any]) -> None:
            kind = wasmtime.FuncType([i32] * parameters, [i32] * results)
            linker.define(self._store, "env", name, wasmtime.Func(self._store, kind, function))

        define("opa_abort", 1, 0, self._abort)
        define("opa_println", 1, 0, lambda _address: None)
        for count in range(5):
            define(f"opa_builtin{count}", 2 + count, 1, self._builtin)

    def _abort(self, address: int) -> None:
        # Not raised: wasmtime keeps the last exception of all threads in one place. The module traps by itself now.
        self._refusal = self._refusal or self._text(address).decode("utf-8", "replace")

    def _builtin(self, number: int, _context: int, *arguments: int) -> int:
        """Address of the result of a host built-in, 0 for undefined, which is what a failing built-in is in OPA."""
        name, function = self._builtins[number]
        try:
            result = function(*[self._document(address) for address in arguments])
            return self._parse(json.dumps(result, ensure_ascii=False).encode())
        except BuiltinError:
            return 0
        except OutsideLanguageError as cause:
            self._refusal = self._refusal or f"{name}: {cause}"
        except Exception as cause:  # nothing may unwind through the module
            self._refusal = self._refusal or f"{name}: {type(cause).__name__}: {cause}"
        return 0


def plain_pairs(document: bytes) -> bytes:
    """JSON text with escaped surrogate pairs written out, which the module decodes wrongly from U+20000 on.

    OPA's `opa_unicode_decode_surrogate` joins the halves with `|` where it must add: it makes U+10101 of U+20101.
    """
    if b"\\ud" not in document and b"\\uD" not in document:
        return document
    return _PAIR.sub(lambda found: found[0] if found[1] is None else _character(found[1], found[2]), document)


def _character(high: bytes, low: bytes) -> bytes:
    return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00).encode()


def _memory_type(module: wasmtime.Module, limits: Limits, size: int) -> wasmtime.MemoryType:
    for item in module.imports:
        if isinstance(item.type, wasmtime.MemoryType):
            # OPA asks for two pages whatever it puts there: constants of a large bundle need more.
            least = item.type.limits.min + size // _PAGE + 1
            if least * _PAGE > limits.memory:
                raise QuaestorError(
                    f"the policies begin with {least * _PAGE} bytes of memory, more than the limit of {limits.memory}"
                )
            return wasmtime.MemoryType(wasmtime.Limits(least, None))
    raise QuaestorError("the policy module is not one of OPA's: it imports no memory")
