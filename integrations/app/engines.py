"""The Rego engines of a session: each opened once for its program, kept, and closed with the session."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import ExitStack
from hashlib import sha256
from types import TracebackType

from engine.backends.base import Program, RegoEngine
from engine.backends.choose import open_engine
from engine.backends.crosscheck import CrossCheckEngine
from integrations.app.settings import Settings

KEPT = 4
"""Engines kept open at most; the one asked longest ago is closed first. A cross-check asks two."""


class Engines:
    """A pool for one thread, by engine, program and the module that came along. Use it as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: OrderedDict[tuple[str, str, str], RegoEngine] = OrderedDict()

    def get(self, program: Program, names: Sequence[str] = (), wasm: bytes | None = None) -> RegoEngine:
        """The engine of that name with the program loaded: two names ask both and compare, none asks as settings say.

        `wasm` is a compiled module that came along; it counts where it is of this program. The pool closes what it
        gives. Raises QuaestorError where an engine cannot be had or refuses the program.
        """
        if len(names) == 2:
            return CrossCheckEngine(*(self._one(name, program, wasm) for name in names))
        (name,) = names or (self._settings.engine,)
        return self._one(name, program, wasm)

    def _one(self, name: str, program: Program, wasm: bytes | None) -> RegoEngine:
        key = (name, program.digest, sha256(wasm).hexdigest() if wasm is not None else "")
        engine = self._open.pop(key, None)
        if engine is None:
            settings = self._settings
            engine = open_engine(
                name,
                program,
                cache_dir=settings.cache,
                opa_url=settings.opa_url,
                opa_token=settings.opa_token,
                opa_ca=settings.opa_ca,
                wasm_bytes=wasm,
            )
        self._open[key] = engine
        while len(self._open) > KEPT:
            self._open.popitem(last=False)[1].close()
        return engine

    def close(self) -> None:
        """Close every engine, whatever one of them raises."""
        with ExitStack() as stack:
            while self._open:
                stack.callback(self._open.popitem()[1].close)

    def __enter__(self) -> "Engines":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
