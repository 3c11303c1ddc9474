"""Confined child processes: one is started, asked in frames and ended here; nothing that it says is trusted.

The child has an empty environment but for what is named, no open files but those that are named, and its limits. It
cannot outlive what it was started for: on Linux it is killed when the thread that started it ends; elsewhere, and where
it `serves` (for an owner that may pass from thread to thread), the end of its input and its limit of processor time end
it.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from evidence.process import inside

STDERR_KEPT = 4096
_ROOT = str(Path(__file__).resolve().parents[2])
# Without `site`, which would cost each child milliseconds and run what `.pth` files hold before anything is given up.
_START = "import sys; sys.path += sys.argv[1].split(chr(0o12)); from evidence.process.inside import main; main()"
_BASICS = {"LC_ALL": "C", "TZ": "UTC"}


class Ending(StrEnum):
    """Why a child gave no answer."""

    NOT_STARTED = "it cannot be started"
    WALL_TIME = "it took too long"
    PROCESSOR = "it used more processor time than it may, or more memory than the machine has"
    MEMORY = "it needs more memory than it may use"
    CRASHED = "it crashed"
    TOO_MUCH = "it answered with more than it may"


class ChildError(Exception):
    """A child gave no answer: `ending` says why, `detail` in words. It is of no more use."""

    def __init__(self, ending: Ending, detail: str = "") -> None:
        super().__init__(f"{ending}{f' ({detail})' if detail else ''}")
        self.ending = ending
        self.detail = detail


@dataclass(frozen=True)
class Bounds:
    """What a child may use: bytes of memory (see `confine`), seconds of processor time, bytes of one answer and of all.

    `starts_children`: it may start confined children of its own. `serves`: it answers many requests, and its owner
    bounds the processor time of each.
    """

    memory: int
    cpu_seconds: int | None
    frame: int = 32 << 20
    output: int = 256 << 20
    reserves_addresses: bool = False
    starts_children: bool = False
    serves: bool = False


class Child:
    """One child that runs `target`, a function `module:name` of a Channel and of what holds it. Close it after use.

    Every method raises ChildError where there is no answer.
    """

    def __init__(
        self,
        target: str,
        bounds: Bounds,
        *,
        environment: Mapping[str, str] | None = None,
        descriptors: tuple[int, ...] = (),
    ) -> None:
        self._bounds = bounds
        self._heard = bytearray()
        self._left = bounds.output
        self._complaints = bytearray()
        limits = {
            "memory": bounds.memory,
            "cpu_seconds": bounds.cpu_seconds,
            "reserves_addresses": bounds.reserves_addresses,
            "starts_children": bounds.starts_children,
            "own_network": not bounds.serves,
            "descriptors": descriptors,
        }
        parent = "0" if bounds.serves else str(os.getpid())
        packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
        where = "\n".join([*packages, _ROOT])
        command = [sys.executable, "-I", "-S", "-c", _START, where, target, parent, json.dumps(limits)]
        self._leads = not inside.within
        try:
            self._process = _start(command, {**_BASICS, **(environment or {})}, descriptors, self._leads)
        except OSError as cause:
            raise ChildError(Ending.NOT_STARTED, cause.strerror or str(cause)) from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stdin, self._stdout, self._stderr = self._process.stdin, self._process.stdout, self._process.stderr
        self._waiting = selectors.DefaultSelector()
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
        self._waiting.register(self._stdout, selectors.EVENT_READ)
        self._waiting.register(self._stderr, selectors.EVENT_READ)

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, *frames: bytes, seconds: float) -> None:
        """Send frames and leave the child to its work; `receive` waits for the answer."""
        self._send(frames, time.monotonic() + seconds)

    def ask(self, *frames: bytes, seconds: float) -> bytes:
        """Send frames and wait for one answer, `seconds` in all."""
        end = time.monotonic() + seconds
        self._send(frames, end)
        return self._receive(end)

    def receive(self, seconds: float) -> bytes:
        """The next answer."""
        return self._receive(time.monotonic() + seconds)

    def _send(self, frames: tuple[bytes, ...], end: float) -> None:
        rest = memoryview(b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames))
        self._waiting.register(self._stdin, selectors.EVENT_WRITE)
        try:
            while rest:
                if self._wait(end):
                    with contextlib.suppress(BlockingIOError):
                        rest = rest[os.write(self._stdin.fileno(), rest[: 1 << 16]) :]
        except BrokenPipeError:
            # What it answered, if it did, is still in the pipe; else reading says how it ended.
            return
        finally:
            self._waiting.unregister(self._stdin)

    def _receive(self, end: float) -> bytes:
        size = int.from_bytes(self._take(4, end), "big")
        if size > self._bounds.frame or size > self._left:
            raise ChildError(Ending.TOO_MUCH, f"{size} bytes")
        self._left -= 0 if self._bounds.serves else size
        return self._take(size, end)

    def _take(self, size: int, end: float) -> bytes:
        while len(self._heard) < size:
            self._wait(end)
        taken = bytes(self._heard[:size])
        del self._heard[:size]
        return taken

    def _wait(self, end: float) -> bool:
        """Read what there is; whether the child takes input. Raises where the time is up or its output has ended."""
        left = end - time.monotonic()
        ready = self._waiting.select(max(left, 0)) if left > 0 else []
        if not ready:
            raise ChildError(Ending.WALL_TIME)
        writable = False
        for key, _ in ready:
            if key.fileobj is self._stdin:
                writable = True
                continue
            try:
                data = os.read(key.fd, 1 << 20)
            except BlockingIOError:
                continue
            if key.fileobj is self._stdout:
                if not data:
                    raise self._ended()
                self._heard += data
            elif data:
                self._complaints += data
                del self._complaints[:-STDERR_KEPT]
            else:
                self._waiting.unregister(self._stderr)
        return writable

    def _ended(self) -> ChildError:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return ChildError(Ending.CRASHED, "it closed its output")
        with contextlib.suppress(OSError):
            self._complaints += os.read(self._stderr.fileno(), 1 << 16)
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return ChildError(Ending.PROCESSOR)
        if code == inside.OUT_OF_MEMORY:
            return ChildError(Ending.MEMORY)
        reason = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        last = plain(self._complaints.decode("utf-8", "replace").strip().rpartition("\n")[2])
        return ChildError(Ending.CRASHED, f"{reason}{': ' + last if last else ''}")

    def close(self) -> None:
        """End the child and whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._leads:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        self._waiting.close()
        for pipe in (self._stdin, self._stdout, self._stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _start(
    command: list[str], environment: dict[str, str], descriptors: tuple[int, ...], leads: bool
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd="/",
        pass_fds=descriptors,
        start_new_session=leads,
        bufsize=0,
    )


def plain(text: object, longest: int = 2000) -> str | None:
    """Text from a child, fit for a terminal: printable, on one line, of bounded length; None for what is no text."""
    if not isinstance(text, str):
        return None
    return "".join(letter if letter.isprintable() else " " for letter in text[:longest]) or None
