"""The parent's side of a model run: hands the request to a confined child and trusts nothing that it says.

The child gets the request and open read-only files; it answers with frames of JSON: progress, and at the end a result
or an error.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from evidence.model.canonical import parse_json
from evidence.model.errors import EvidenceError
from evidence.process.child import Bounds, Child, ChildError, Ending, plain
from evidence.validation.plan.artifact import Budgets

Progress = Callable[[str, int, int | None], None]
"""Called with the stage, how much of it is done, and the whole where it is known."""

MAX_FRAME = 32 << 20
MAX_FRAMES = 100_000
_CHILD = "evidence.validation.child.main:main"
# One thread in every library: results and processor time then do not depend on the machine's cores.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "ARROW_IO_THREADS": "1",
    # The runtime's wheels would tell their maker of each run. The child could not; so it need not try either.
    "ORT_DISABLE_TELEMETRY": "1",
    "MALLOC_ARENA_MAX": "2",
    # Large blocks go back to the system when they are freed (glibc): in its heap, aligned as the runtime asks for them,
    # they leave gaps into which none like them fits.
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}


def run_child(request: dict[str, Any], files: dict[str, int], budgets: Budgets, progress: Progress | None) -> Any:
    """The child's result (plain JSON values, still to be checked) for a request.

    `files` are open descriptors that the child inherits, named in the request by their numbers. Raises EvidenceError
    when the child reports one, breaks a limit, crashes or answers with something that is no answer.
    """
    bounds = Bounds(memory=budgets.memory_mb << 20, cpu_seconds=budgets.cpu_seconds, frame=MAX_FRAME)
    deadline = time.monotonic() + budgets.wall_seconds
    body = json.dumps(request | {"files": files}).encode()
    try:
        with Child(_CHILD, bounds, environment=_ENVIRONMENT, descriptors=tuple(files.values())) as child:
            frame = child.ask(body, seconds=budgets.wall_seconds)
            for _ in range(MAX_FRAMES):
                value = parse_json(frame, where="answer of the model run", limit=MAX_FRAME)
                if isinstance(value, dict) and "result" in value:
                    return value["result"]
                _take(value, progress)
                frame = child.receive(deadline - time.monotonic())
    except ChildError as cause:
        raise _explained(cause, budgets) from None
    raise EvidenceError("the model run answered with more than it may")


def _take(frame: Any, progress: Progress | None) -> None:
    """Pass progress on; raise what the child says went wrong."""
    if isinstance(frame, dict) and isinstance(error := frame.get("error"), dict):
        raise EvidenceError(
            plain(error.get("problem")) or "the model run failed",
            where=plain(error.get("where")),
            hint=plain(error.get("hint")),
        )
    if isinstance(frame, dict) and isinstance(report := frame.get("progress"), list) and len(report) == 3:
        stage, done, total = report
        if isinstance(stage, str) and isinstance(done, int) and (total is None or isinstance(total, int)):
            if progress:
                progress(plain(stage) or "", done, total)
            return
    raise EvidenceError("the model run gave no answer that can be read")


def _explained(cause: ChildError, budgets: Budgets) -> EvidenceError:
    if cause.ending is Ending.WALL_TIME:
        return EvidenceError(
            f"the model run took longer than {budgets.wall_seconds} seconds and was ended",
            hint="raise `budgets.wall_seconds`, or test on fewer rows",
        )
    if cause.ending is Ending.PROCESSOR:
        return EvidenceError(
            f"the model run was ended: it used more than {budgets.cpu_seconds} seconds of processor time "
            "or more memory than the machine has",
            hint="raise `budgets.cpu_seconds`, or look for an endless loop in the model",
        )
    if cause.ending is Ending.TOO_MUCH:
        return EvidenceError("the model run answered with more than it may")
    if cause.ending is Ending.NOT_STARTED:
        return EvidenceError(f"the child process that runs models cannot be started: {cause.detail}")
    return EvidenceError(
        f"the model run crashed ({cause.detail or cause.ending})",
        hint="the model may need more than `budgets.memory_mb`, or be damaged",
    )
