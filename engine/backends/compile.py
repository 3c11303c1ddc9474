"""From a program to OPA's WebAssembly: finds `opa`, compiles, and stamps the module with what it was made from."""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from engine.backends.base import Program, gate_rule
from evidence.model.errors import QuaestorError

OPA_VERSION = "1.22.0"
HOW_TO_GET_OPA = f"`make opa` brings OPA {OPA_VERSION}; or set QUAESTOR_OPA to its path"
MAX_WASM_BYTES = 256 << 20
_COMPILE_SECONDS = 120.0
_GARBAGE = "400"
"""By how many per cent OPA's memory grows before it looks for garbage: a quarter of a build went there at Go's 100. The
shipped policies take half a gigabyte so, and 0.3 before."""
_PROJECT_OPA = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "opa"
_SECTION = b"quaestor.program"
_WASM_HEAD = b"\0asm\x01\0\0\0"
_MODULE_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*\.rego")
_RULE_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)+")


@dataclass(frozen=True)
class OpaBinary:
    """An `opa` that can compile: where it is and its version."""

    path: Path
    version: str


@dataclass(frozen=True)
class Stamp:
    """What a module says that it was made from: the program's digest and the version of OPA."""

    program: str
    opa: str


def find_opa() -> OpaBinary | None:
    """The `opa` of QUAESTOR_OPA, of PATH or of the project's `.tools/bin`, whichever comes first and is OPA 1.x.

    None where there is none. Raises QuaestorError where QUAESTOR_OPA names something that is not OPA 1.x.
    """
    named = os.environ.get("QUAESTOR_OPA")
    if named:
        opa = _probe(Path(named))
        if opa is None:
            raise QuaestorError(f"`{named}` is not an OPA 1.x program", where="QUAESTOR_OPA", hint=HOW_TO_GET_OPA)
        return opa
    on_path = shutil.which("opa")
    for path in (Path(on_path) if on_path else None, _PROJECT_OPA):
        opa = _probe(path) if path is not None and path.is_file() else None
        if opa is not None:
            return opa
    return None


def need_opa(why: str) -> OpaBinary:
    """The `opa` that is at hand. Raises QuaestorError where there is none: why it is needed and how to get it."""
    opa = find_opa()
    if opa is None:
        raise QuaestorError(f"{why}, and no `opa` is at hand", hint=HOW_TO_GET_OPA)
    return opa


def write_modules(program: Program, folder: Path) -> None:
    """The modules as files in a folder of their own. Raises QuaestorError for a path that is not plain."""
    check_paths(program)
    for path, text in program.modules.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")


def run_opa(
    opa: OpaBinary, arguments: Sequence[str], folder: Path, *, seconds: float, answer: IO[bytes] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """One call of OPA in a folder. `answer` takes what it writes to standard output, which else is kept.

    No HOME, proxies or OPA_* settings: what comes of it depends on its files and the binary only. Raises QuaestorError
    where it cannot be run, and where it takes longer.
    """
    out = subprocess.PIPE if answer is None else answer
    try:
        return subprocess.run(
            [str(opa.path), *arguments],
            cwd=folder,
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=seconds,
            check=False,
            env={"PATH": os.defpath, "GOGC": _GARBAGE},
        )
    except subprocess.TimeoutExpired:
        raise QuaestorError(f"`opa {arguments[0]}` took longer than {seconds:.0f} s") from None
    except OSError as cause:
        raise QuaestorError(f"`opa {arguments[0]}` cannot be run: {cause.strerror}", hint=HOW_TO_GET_OPA) from None


def _probe(path: Path) -> OpaBinary | None:
    try:
        run = subprocess.run([str(path), "version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(rb"^Version: (1\.\d+\.\d+\S*)\s*$", run.stdout, re.MULTILINE)
    return OpaBinary(path.absolute(), found[1].decode()) if found else None


def check_paths(program: Program) -> None:
    """Raises QuaestorError for a module or rule path that could be mistaken for something else in a file or a URL."""
    for path in program.modules:
        if not _MODULE_PATH.fullmatch(path) or ".." in PurePosixPath(path).parts:
            raise QuaestorError(
                f"module path `{path}` is not a plain relative path", hint="use letters, digits, `_`, `-`, `.` and `/`"
            )
    for rule in (*program.rules, *(gate_rule(group) for group in program.groups)):
        if not _RULE_PATH.fullmatch(rule):
            raise QuaestorError(f"rule path `{rule}` is not of the form `package/rule`")


def compile_wasm(program: Program, opa: OpaBinary) -> bytes:
    """The program as one stamped module, with an entry point a rule and a group. The same program gives the same bytes.

    Raises QuaestorError with OPA's own words where it refuses the program.
    """
    entries = [*program.rules, *(gate_rule(group) for group in sorted(program.groups))]
    with tempfile.TemporaryDirectory(prefix="quaestor-opa-") as folder:
        root = Path(folder)
        write_modules(program, root / "src")
        named = [word for entry in entries for word in ("-e", entry)]
        arguments = ["build", "-t", "wasm", "-o", "../bundle.tar.gz", *named, "."]
        run = run_opa(opa, arguments, root / "src", seconds=_COMPILE_SECONDS)
        if run.returncode != 0:
            said = (run.stderr or run.stdout).decode("utf-8", "replace").strip()
            raise QuaestorError(f"`opa build` refuses the policies: {said}", hint="mend the module that it names")
        bundle = (root / "bundle.tar.gz").read_bytes()
    return stamp(_policy_of(bundle), Stamp(program.digest, opa.version))


def _policy_of(bundle: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as archive:
        for member in archive:
            if member.name.lstrip("/") == "policy.wasm" and member.size <= MAX_WASM_BYTES:
                file = archive.extractfile(member)
                if file is not None:
                    return file.read()
    raise QuaestorError("`opa build` wrote no module", hint=HOW_TO_GET_OPA)


def stamp(wasm: bytes, made_from: Stamp) -> bytes:
    """The module with a custom section that names its program.

    It keeps a module from being taken for that of another program by mistake. It is no proof: whoever can write the
    module can write the stamp, so a module from elsewhere is worth what its source is worth, until it is built again.
    """
    content = json.dumps({"opa": made_from.opa, "program": made_from.program}, sort_keys=True).encode()
    body = _leb128(len(_SECTION)) + _SECTION + content
    return wasm + b"\0" + _leb128(len(body)) + body


def read_stamp(wasm: bytes) -> Stamp:
    """The stamp of a module. Raises QuaestorError where there is not exactly one."""
    found: list[Stamp] = []
    try:
        if wasm[:8] != _WASM_HEAD:
            raise ValueError("not WebAssembly")
        at = 8
        while at < len(wasm):
            kind = wasm[at]
            size, start = _read_leb128(wasm, at + 1)
            at = start + size
            if at > len(wasm):
                raise ValueError("it ends in the middle of a section")
            if kind == 0:
                length, begin = _read_leb128(wasm, start)
                if wasm[begin : begin + length] == _SECTION:
                    content = json.loads(wasm[begin + length : at])
                    found.append(Stamp(str(content["program"]), str(content["opa"])))
    except (ValueError, KeyError, TypeError, IndexError) as cause:
        raise QuaestorError(f"not a policy module: {cause}") from None
    if len(found) != 1:
        raise QuaestorError(
            "the policy module does not name its program", hint="build it with Quaestor from the bundle"
        )
    return found[0]


def _leb128(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(5):
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise ValueError("a section's length is too long")
