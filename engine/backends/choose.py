"""Which engine answers: the one that was named, or the fastest that is right and at hand."""

from pathlib import Path

from engine.backends.base import Limits, Program, RegoEngine
from engine.backends.cache import PrivateCache
from engine.backends.compile import HOW_TO_GET_OPA, OPA_VERSION, compile_wasm, find_opa, read_stamp
from evidence.model.errors import QuaestorError

ENGINES = ("auto", "wasm", "regorus", "opa")


def open_engine(
    name: str,
    program: Program,
    *,
    cache_dir: Path | None = None,
    wasm_bytes: bytes | None = None,
    opa_url: str | None = None,
    opa_token: str | None = None,
    opa_ca: Path | None = None,
    limits: Limits | None = None,
) -> RegoEngine:
    """The engine of that name with the program loaded; `auto` is `wasm` where `policy_module` has one, else `regorus`.

    `cache_dir` keeps compiled modules between processes, `wasm_bytes` is a module that came along (from a wheel or an
    audit pack) and counts where it is of exactly this program; `opa` without `opa_url` is a server of our own,
    which nobody else reaches, for as long as the engine is open. Raises QuaestorError where a named engine cannot be
    had or refuses the program.

    Where the program has foreign packs, the engine asks these of OPA besides, and opens without OPA all the same: what
    it cannot ask has an error.
    """
    native = _open_native(
        name,
        program,
        cache_dir=cache_dir,
        wasm_bytes=wasm_bytes,
        opa_url=opa_url,
        opa_token=opa_token,
        opa_ca=opa_ca,
        limits=limits,
    )
    if not program.foreign:
        return native
    from engine.backends.foreign import ForeignEngine

    return ForeignEngine(native, program.foreign, limits)


def _open_native(
    name: str,
    program: Program,
    *,
    cache_dir: Path | None,
    wasm_bytes: bytes | None,
    opa_url: str | None,
    opa_token: str | None,
    opa_ca: Path | None,
    limits: Limits | None,
) -> RegoEngine:
    if name not in ENGINES:
        raise QuaestorError(f"there is no engine `{name}`", hint=f"one of {', '.join(f'`{each}`' for each in ENGINES)}")
    if name == "opa":
        if opa_url is None:
            from engine.backends.opa_local import LocalOpaEngine

            return LocalOpaEngine(program, limits=limits)
        from engine.backends.opa import OpaEngine

        return OpaEngine(program, opa_url, token=opa_token, ca=opa_ca, limits=limits)
    if name != "regorus":
        module = policy_module(program, cache_dir=cache_dir, wasm_bytes=wasm_bytes)
        if module is not None:
            from engine.backends.wasm import WasmEngine

            return WasmEngine(program, module, limits=limits, cache=PrivateCache(cache_dir) if cache_dir else None)
        if name == "wasm":
            raise QuaestorError(
                "no compiled module of this bundle is at hand, nor an OPA to make one", hint=HOW_TO_GET_OPA
            )
    from engine.backends.regorus import RegorusEngine

    return RegorusEngine(program, limits=limits)


def policy_module(program: Program, *, cache_dir: Path | None = None, wasm_bytes: bytes | None = None) -> bytes | None:
    """The stamped module of exactly this program: the given one, else a cached one, else built now where OPA is found.

    None where there is none of these. Raises QuaestorError where OPA refuses the program.
    """
    if wasm_bytes is not None and read_stamp(wasm_bytes).program == program.digest:
        return wasm_bytes
    cache = PrivateCache(cache_dir) if cache_dir else None
    start = f"{program.digest.removeprefix('sha256:')}-opa"
    if cache is not None:
        names = cache.names(start)
        pinned = f"{start}{OPA_VERSION}.wasm"
        cached = cache.load(pinned if pinned in names else names[-1]) if names else None
        if cached is not None and read_stamp(cached).program == program.digest:
            return cached
    opa = find_opa() if program.rules else None  # of foreign packs alone there is nothing to compile
    if opa is None:
        return None
    module = compile_wasm(program, opa)
    if cache is not None:
        cache.save(f"{start}{opa.version}.wasm", module)
    return module
