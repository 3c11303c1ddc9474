"""Model runs that need not import their libraries one by one: a process that has imported them forks itself for each.

What it forks is the child that would be started: the same `inside.main` with the same arguments, environment and open
files, which gives up the same rights before it reads anything. Only what comes before, an interpreter's start and the
imports, is not done again; tests of that, and of hostile models, ask for `started_anew`. Linux only.
"""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evidence.process import inside

_SEED = "import sys; sys.path += sys.argv[1].split(chr(0o12)); from tests.worlds.nursery import serve; serve()"
_MESSAGE = 1 << 16
Start = Callable[[list[str], dict[str, str], tuple[int, ...], bool], Any]
"""`child._start`: command, environment, open files, whether it leads a session."""


class Nursery:
    """Children of one target, forked one at a time for the main thread. Every other child is started by `start`."""

    def __init__(self, target: str, start: Start) -> None:
        self._target, self._start = target, start
        self._seed: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._environment: dict[str, str] = {}
        self._out: Forked | None = None

    def start(self, command: list[str], environment: dict[str, str], descriptors: tuple[int, ...], leads: bool) -> Any:
        """A process like `subprocess.Popen`, as far as `Child` asks it."""
        # What follows the program's text: where packages lie, the target, its parent's id, its limits.
        arguments = command[command.index("-c") + 2 :]
        busy = self._out is not None and self._out.returncode is None
        if arguments[1] != self._target or busy or threading.current_thread() is not threading.main_thread():
            return self._start(command, environment, descriptors, leads)
        if self._line is None:
            self._line = self._grow(arguments[0], environment)
        if environment != self._environment:
            return self._start(command, environment, descriptors, leads)
        self._out = Forked(self._line, arguments, descriptors, leads)
        return self._out

    def _grow(self, where: str, environment: dict[str, str]) -> socket.socket:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            command = [sys.executable, "-I", "-S", "-c", _SEED, where, self._target, str(its.fileno())]
            self._seed = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, env=environment, cwd="/", pass_fds=(its.fileno(),)
            )
        self._environment = environment
        return ours

    def close(self) -> None:
        """End the process; what it forked ends with it."""
        if self._line is not None and self._seed is not None:
            self._line.close()
            self._seed.wait(timeout=60)


class Forked:
    """One child, with what `Child` uses of `subprocess.Popen`."""

    def __init__(
        self, line: socket.socket, arguments: Sequence[str], descriptors: tuple[int, ...], leads: bool
    ) -> None:
        self._line = line
        self.returncode: int | None = None
        pipes = [os.pipe() for _ in range(3)]
        (stdin, to), (out, stdout), (err, stderr) = pipes
        asked = {"arguments": arguments, "numbers": descriptors, "leads": leads}
        try:
            socket.send_fds(line, [json.dumps(asked).encode()], [stdin, stdout, stderr, *descriptors])
        finally:
            for number in (stdin, stdout, stderr):
                os.close(number)
        self.pid = int(line.recv(_MESSAGE))
        self.stdin, self.stdout, self.stderr = os.fdopen(to, "wb", 0), os.fdopen(out, "rb", 0), os.fdopen(err, "rb", 0)

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked child", timeout or 0)
            self.returncode = int(self._line.recv(_MESSAGE))
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)


def serve() -> None:
    """The process that forks. Arguments: where packages and our code lie, the target, the number of its line."""
    importlib.import_module(sys.argv[2].partition(":")[0])
    gc.freeze()
    line = socket.socket(fileno=int(sys.argv[3]))
    while True:
        message, descriptors, _, _ = socket.recv_fds(line, _MESSAGE, 64)
        if not message:
            return
        child = os.fork()
        if child == 0:
            line.close()
            _become(json.loads(message), descriptors)
            return
        for number in descriptors:
            os.close(number)
        line.send(b"%d" % child)
        with os.fdopen(os.pidfd_open(child), "rb") as ended:
            if line.fileno() in select.select([line.fileno(), ended.fileno()], [], [])[0]:
                return  # nobody is there any more; the child is killed with its parent
        line.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _become(asked: dict[str, Any], descriptors: list[int]) -> None:
    """Be the child: its session, its open files under their numbers and no others, its arguments."""
    if asked["leads"]:
        os.setsid()
    numbers = [0, 1, 2, *asked["numbers"]]
    beyond = max(*numbers, *descriptors) + 1
    moved = [fcntl.fcntl(number, fcntl.F_DUPFD, beyond) for number in descriptors]
    for number in {int(path.name) for path in Path("/proc/self/fd").iterdir()} - set(moved):
        with contextlib.suppress(OSError):  # that of the listing is closed already
            os.close(number)
    for old, new in zip(moved, numbers, strict=True):
        os.dup2(old, new)
        os.close(old)
    where, target, parent, limits = asked["arguments"]
    sys.argv = ["-c", where, target, "0" if parent == "0" else str(os.getppid()), limits]
    inside.main()
