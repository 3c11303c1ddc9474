"""The parent's side of the sandboxed child: starts it, feeds it, watches it, and trusts nothing that it says.

The child gets an empty environment, its request on standard input and open read-only files; it answers on standard
output with frames (4 bytes of length, then JSON). It ends when it has answered, or when a limit ends it.
"""

import contextlib
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evidence.model.canonical import parse_json
from evidence.model.errors import EvidenceError
from evidence.validation.plan import Budgets

Progress = Callable[[str, int, int | None], None]
"""Called with the stage, how much of it is done, and the whole where it is known."""

MAX_FRAME = 32 << 20
MAX_FRAMES = 100_000
STDERR_KEPT = 4096
_START = (
    "import sys; sys.path.append(sys.argv[1]); from evidence.process.confine import confine; "
    "held = confine(int(sys.argv[2]), int(sys.argv[3])); "
    "from evidence.validation.child.main import main; main(held)"
)
# One thread in every library: results and processor time then do not depend on the machine's cores.
_ENVIRONMENT = {
    "LC_ALL": "C",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "ARROW_IO_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


def run_child(request: dict[str, Any], files: dict[str, int], budgets: Budgets, progress: Progress | None) -> Any:
    """The child's result (plain JSON values, still to be checked) for a request.

    `files` are open descriptors that the child inherits, named in the request by their numbers. Raises EvidenceError
    when the child reports one, breaks a limit, crashes or answers with something that is no answer.
    """
    root = str(Path(__file__).resolve().parents[2])
    arguments = [sys.executable, "-I", "-B", "-c", _START, root, str(budgets.memory_mb << 20), str(budgets.cpu_seconds)]
    deadline = time.monotonic() + budgets.wall_seconds
    child = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_ENVIRONMENT,
        cwd="/",
        pass_fds=tuple(files.values()),
        start_new_session=True,
    )
    try:
        body = json.dumps(request | {"files": files}).encode()
        with contextlib.suppress(BrokenPipeError):
            assert child.stdin is not None
            child.stdin.write(struct.pack(">I", len(body)) + body)
            child.stdin.close()
        return _Conversation(child, deadline, budgets, progress).result()
    finally:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


class _Conversation:
    """Reads frames until there is a result, an error or nothing more to come."""

    def __init__(
        self, child: "subprocess.Popen[bytes]", deadline: float, budgets: Budgets, progress: Progress | None
    ) -> None:
        self.child = child
        self.deadline = deadline
        self.budgets = budgets
        self.progress = progress
        self.buffer = bytearray()
        self.complaints = bytearray()
        self.frames = 0

    def result(self) -> Any:
        assert self.child.stdout is not None
        assert self.child.stderr is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.child.stdout, selectors.EVENT_READ, self._hear)
            waiting.register(self.child.stderr, selectors.EVENT_READ, self._note)
            while waiting.get_map():
                left = self.deadline - time.monotonic()
                ready = waiting.select(max(left, 0))
                if not ready or left <= 0:
                    seconds = self.budgets.wall_seconds
                    raise EvidenceError(
                        f"the model run took longer than {seconds} seconds and was ended",
                        hint="raise `budgets.wall_seconds`, or test on fewer rows",
                    )
                for key, _ in ready:
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        waiting.unregister(key.fileobj)
                        continue
                    answer = key.data(data)
                    if answer is not None:
                        return answer["result"]
        raise self._silence()

    def _note(self, data: bytes) -> None:
        self.complaints += data
        del self.complaints[:-STDERR_KEPT]

    def _hear(self, data: bytes) -> Any:
        self.buffer += data
        while len(self.buffer) >= 4:
            length = struct.unpack(">I", self.buffer[:4])[0]
            if length > MAX_FRAME or self.frames > MAX_FRAMES:
                raise EvidenceError("the model run answered with more than it may")
            if len(self.buffer) < 4 + length:
                return None
            frame = parse_json(bytes(self.buffer[4 : 4 + length]), where="answer of the model run", limit=MAX_FRAME)
            del self.buffer[: 4 + length]
            self.frames += 1
            if (answer := self._take(frame)) is not None:
                return answer
        return None

    def _take(self, frame: Any) -> Any:
        if isinstance(frame, dict) and "result" in frame:
            return frame
        if isinstance(frame, dict) and isinstance(error := frame.get("error"), dict):
            raise EvidenceError(
                _clean(error.get("problem")) or "the model run failed",
                where=_clean(error.get("where")),
                hint=_clean(error.get("hint")),
            )
        if isinstance(frame, dict) and isinstance(report := frame.get("progress"), list) and len(report) == 3:
            stage, done, total = report
            if isinstance(stage, str) and isinstance(done, int) and (total is None or isinstance(total, int)):
                if self.progress:
                    self.progress(_clean(stage) or "", done, total)
                return None
        raise EvidenceError("the model run gave no answer that can be read")

    def _silence(self) -> EvidenceError:
        code = self.child.wait()
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return EvidenceError(
                f"the model run was ended: it used more than {self.budgets.cpu_seconds} seconds of processor time "
                "or more memory than the machine has",
                hint="raise `budgets.cpu_seconds`, or look for an endless loop in the model",
            )
        reason = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        last = _clean(self.complaints.decode("utf-8", "replace").strip().rpartition("\n")[2])
        return EvidenceError(
            f"the model run crashed ({reason}){': ' + last if last else ''}",
            hint="the model may need more than `budgets.memory_mb`, or be damaged",
        )


def _clean(text: object) -> str | None:
    """Text from the child, fit for a terminal: printable, one line, of bounded length."""
    if not isinstance(text, str):
        return None
    return "".join(c if c.isprintable() else " " for c in text[:2000]) or None
