"""The three engines over one program."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from rego_programs import need_opa, opa_server

from engine.backends.base import Limits, Program, RegoEngine
from engine.backends.compile import compile_wasm
from engine.backends.opa import OpaEngine
from engine.backends.regorus import RegorusEngine
from engine.backends.wasm import WasmEngine

OpenEngine = Callable[[str, Program, Limits], RegoEngine]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenEngine]:
    """Opens an engine by name, with a server of its own where it needs one; all are closed at the module's end."""
    with ExitStack() as stack:

        def open_named(name: str, program: Program, limits: Limits) -> RegoEngine:
            engine: RegoEngine
            if name == "wasm":
                engine = WasmEngine(program, compile_wasm(program, need_opa()), limits=limits)
            elif name == "regorus":
                engine = RegorusEngine(program, limits=limits)
            else:
                folder: Path = tmp_path_factory.mktemp("opa")
                url = stack.enter_context(opa_server(need_opa(), folder))
                engine = OpaEngine(program, url, limits=limits)
            stack.callback(engine.close)
            return engine

        yield open_named
