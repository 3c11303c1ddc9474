"""An OPA server of our own, for as long as the engine is open.

It listens on a socket in a folder that only this user may enter: on a port of the machine any other user could put
other policies into it, or take the port first and answer in its place.
"""

import contextlib
import os
import resource
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.backends.base import Limits, Program
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.backends.opa import OpaEngine
from engine.backends.watching import Watcher
from evidence.model.canonical import digest_file
from evidence.model.errors import QuaestorError

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter

START_SECONDS = 30.0
_SOCKET = "opa.sock"
_LONGEST_PATH = 103
"""Bytes that the path of a socket may have on every system."""
_OF_OPA = 256 << 20
"""Memory that OPA needs itself, beside what an evaluation may use."""


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
        self._watcher: Watcher | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="quaestor-opa-")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the engine)
        self._socket = f"{self._folder.name}/{_SOCKET}"
        self._memory = (limits or Limits()).memory
        try:
            if len(os.fsencode(self._socket)) > _LONGEST_PATH:
                raise QuaestorError("the path is too long for a socket", where=self._socket, hint="shorten TMPDIR")
            super().__init__(program, "http://opa.local", limits=limits)
        except BaseException:
            self.close()
            raise

    def _load(self) -> None:
        self._client._session.mount("http://", _to(self._socket))
        root = Path(self._folder.name)
        for name, text in self._texts().items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        paths = [self._home]
        if self._data is not None:
            (root / "data.json").write_bytes(self._data)
            paths.append("data.json")
        with contextlib.suppress(OSError):  # an image without a shell: `close` alone ends the server
            self._watcher = Watcher()
        # From its folder, so that OPA names each module as an upload would.
        self._process = subprocess.Popen(
            [str(self._binary.absolute()), "run", "--server", "--skip-version-check", "--log-level", "error",
             "--addr", f"unix://{_SOCKET}", *self._options, *paths],
            cwd=root,
            env={"PATH": os.defpath, "HOME": str(root), "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        if self._watcher is not None:
            self._watcher.watch(self._process.pid)
        _bound(self._process.pid, self._memory + _OF_OPA)
        self._wait()
        super()._load()

    @property
    def program_digest(self) -> str:
        """Digest of the `opa` that answers, so that whoever doubts it can compare."""
        return digest_file(self._binary)

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._said.seek(0)
                said = self._said.read(2000).decode(errors="replace")
                raise QuaestorError(f"the OPA server ended at once: {' '.join(said.split())}")
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(self._socket)
                return
            time.sleep(0.02)
        raise QuaestorError(f"the OPA server did not answer within {START_SECONDS:.0f} seconds")

    def close(self) -> None:
        """End the server and remove its files."""
        if hasattr(self, "_client"):
            super().close()
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._said.close()
        self._folder.cleanup()


def _bound(process: int, memory: int) -> None:
    """Let a process have so much memory at the most, where the system can say so of another process (Linux)."""
    if not hasattr(resource, "prlimit"):
        return
    with contextlib.suppress(ProcessLookupError):  # it has ended, which is told where it is waited for
        hard = resource.prlimit(process, resource.RLIMIT_DATA)[1]
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.prlimit(process, resource.RLIMIT_DATA, (most, most))


def _to(path: str) -> "HTTPAdapter":
    """What takes every call of a session to the socket at a path."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool

    class Connection(HTTPConnection):
        def connect(self) -> None:
            self.sock = socket.socket(socket.AF_UNIX)
            if isinstance(self.timeout, (int, float)):
                self.sock.settimeout(self.timeout)
            self.sock.connect(path)

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class Adapter(HTTPAdapter):
        def __init__(self) -> None:
            super().__init__()
            self.pool = Pool("opa.local")

        def get_connection_with_tls_context(self, *_: object, **__: object) -> HTTPConnectionPool:
            return self.pool

        def close(self) -> None:
            self.pool.close()
            super().close()

    return Adapter()
