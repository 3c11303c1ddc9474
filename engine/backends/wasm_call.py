"""Calls of a module's exports without the checks of `wasmtime.Func.__call__`, which cost 50 microseconds a call.

A host built-in needs five calls, so a gate with a hundred findings would spend most of its time there. What is used of
wasmtime's inner names is checked when this file is imported; without them the public way serves, more slowly.
"""

from collections.abc import Callable
from ctypes import POINTER, byref
from typing import Any

import wasmtime

Export = Callable[..., int]

_inner: Any
try:
    from wasmtime import _bindings as _inner
    from wasmtime._func import maybe_raise_last_exn

    _call = _inner.wasmtime_func_call_unchecked
    _Raw, _TrapPointer = _inner.wasmtime_val_raw_t, POINTER(_inner.wasm_trap_t)
except (ImportError, AttributeError):
    _inner = None


def export(store: wasmtime.Store, function: wasmtime.Func) -> Export:
    """A function of 32-bit integers, with one result or none (0). Raises wasmtime.Trap and WasmtimeError.

    Not to be called from inside itself: it has one place for its arguments.
    """
    kind = function.type(store)
    i32 = wasmtime.ValType.i32()
    plain = all(each == i32 for each in (*kind.params, *kind.results)) and len(kind.results) <= 1
    if _inner is None or not plain:
        return lambda *arguments: function(store, *arguments) or 0
    count = len(kind.params)
    room = max(count, len(kind.results), 1)
    values = (_Raw * room)()
    context, target = store._context(), byref(function._func)
    has_result = bool(kind.results)

    def call(*arguments: int) -> int:
        if len(arguments) != count:
            raise TypeError(f"{len(arguments)} arguments for {count}")
        for index, argument in enumerate(arguments):
            values[index].i32 = argument
        trap = _TrapPointer()
        error = _call(context, target, values, room, byref(trap))
        if error or trap:
            maybe_raise_last_exn()
            raise wasmtime.WasmtimeError._from_ptr(error) if error else wasmtime.Trap._from_ptr(trap)
        return int(values[0].i32) if has_result else 0

    return call
