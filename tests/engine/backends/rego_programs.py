"""Programs for the engines' tests, and one real OPA server a program."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.backends.base import Program
from engine.backends.compile import HOW_TO_GET_OPA, OpaBinary, find_opa
from evidence.model.canonical import digest_json


def program(
    rules: Mapping[str, str],
    libraries: Mapping[str, str] | None = None,
    gates: Mapping[str, tuple[str, ...]] | None = None,
) -> Program:
    """Each of `rules` is the text of a module of `quaestor.results` that defines the rule of that name."""
    modules = {f"results/{name}.rego": f"package quaestor.results\n\n{text}\n" for name, text in rules.items()}
    modules |= libraries or {}
    groups = {gate: tuple(f"quaestor/results/{name}" for name in names) for gate, names in (gates or {}).items()}
    if gates:
        lines = ["package quaestor.gates", ""]
        for gate, names in gates.items():
            inner = "".join(f'\t"{name}": data.quaestor.results.{name},\n' for name in names)
            lines += [f"{gate.replace('-', '_')} := {{", inner.rstrip("\n"), "}", ""]
        modules["gates.rego"] = "\n".join(lines)
    paths = tuple(f"quaestor/results/{name}" for name in rules)
    return Program(modules, paths, groups, digest_json({"modules": modules, "rules": list(paths)}))


def need_opa() -> OpaBinary:
    """The OPA binary. Without one, a test is skipped with how to get it; in CI it fails."""
    opa = find_opa()
    if opa is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no OPA here: {HOW_TO_GET_OPA}")
        pytest.skip(f"no OPA here: {HOW_TO_GET_OPA}")
    return opa


@contextmanager
def opa_server(opa: OpaBinary, folder: Path, *options: str, scheme: str = "http") -> Iterator[str]:
    """The address of a real OPA server on the loopback, ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(opa.path), "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error"]
    with (folder / f"opa-{port}.log").open("wb") as log:
        server = subprocess.Popen([*command, "--skip-version-check", *options], stdout=log, stderr=log, cwd=folder)
        try:
            _wait_for(server, port)
            yield f"{scheme}://127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert server.poll() is None, "the OPA server ended"
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the OPA server does not listen")
