"""An OPA server of our own, on loopback, for as long as the engine is open."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from engine.backends.base import Limits, Program
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.backends.opa import OpaEngine
from evidence.model.errors import QuaestorError

START_SECONDS = 30.0


class LocalOpaEngine(OpaEngine):
    """Starts `opa run --server` with the program's modules from files, which is quicker than uploading each.

    `options` go to the command besides; `data` is a JSON object that `data` holds beside the modules. Raises
    QuaestorError where no `opa` is found or it does not start.
    """

    def __init__(
        self, program: Program, *, limits: Limits | None = None, options: Sequence[str] = (), data: bytes | None = None
    ) -> None:
        opa = find_opa()
        if opa is None:
            raise QuaestorError(
                "the engine `opa` needs a server or the `opa` program",
                hint=f"give a server's address in quaestor.toml (opa_url); {HOW_TO_GET_OPA}",
            )
        self._binary = opa.path
        self._options, self._data = tuple(options), data
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="quaestor-opa-")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the engine)
        self._port = _free_port()
        try:
            super().__init__(program, f"http://127.0.0.1:{self._port}", limits=limits)
        except BaseException:
            self.close()
            raise

    def _load(self) -> None:
        root = Path(self._folder.name)
        for name, text in self._texts().items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        paths = [self._home]
        if self._data is not None:
            (root / "data.json").write_bytes(self._data)
            paths.append("data.json")
        # From its folder, so that OPA names each module as an upload would.
        self._process = subprocess.Popen(
            [str(self._binary.absolute()), "run", "--server", "--skip-version-check", "--log-level", "error",
             "--addr", f"127.0.0.1:{self._port}", *self._options, *paths],
            cwd=root,
            env={"PATH": os.defpath, "HOME": str(root), "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._wait()
        super()._load()

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._said.seek(0)
                said = self._said.read(2000).decode(errors="replace")
                raise QuaestorError(f"the OPA server ended at once: {' '.join(said.split())}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 0.2):
                return
            time.sleep(0.02)
        raise QuaestorError(f"the OPA server did not answer within {START_SECONDS:.0f} seconds")

    def close(self) -> None:
        """End the server and remove its files."""
        if hasattr(self, "_client"):
            super().close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._said.close()
        self._folder.cleanup()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
