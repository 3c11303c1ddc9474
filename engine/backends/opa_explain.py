"""What OPA did to evaluate a query, step by step: the events of `opa eval --explain`, for whoever mends a policy.

No other engine tells it. Nothing that decides rests on it.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from engine.backends.base import Program
from engine.backends.compile import OpaBinary, run_opa, write_modules
from evidence.model.errors import QuaestorError

MAX_BYTES = 64 << 20
SECONDS = 60.0
_DEPTHS = ("full", "fails")
"""How much is told; `fails` leaves out what held, where all is too long."""


def explain(opa: OpaBinary, program: Program, input_json: bytes, data_json: bytes, query: str) -> list[dict[str, Any]]:
    """The events in their order, each with `Op`, `Node`, `Location`, `QueryID`, `ParentID` and `Locals`.

    No rule is left out for what an index says of it. Raises QuaestorError where OPA refuses, and where its answer is
    longer than `MAX_BYTES`.
    """
    with tempfile.TemporaryDirectory(prefix="quaestor-opa-") as name:
        folder = Path(name)
        write_modules(program, folder / "src")
        (folder / "data.json").write_bytes(data_json)
        (folder / "input.json").write_bytes(input_json)
        for depth in _DEPTHS:
            answer = _run(opa, folder, depth, query)
            if answer is not None:
                events = json.loads(answer).get("explanation", [])
                return events if isinstance(events, list) else []
    hint = "try it on fewer or smaller records: `--input FILE` or `--case NAME`"
    raise QuaestorError(f"what OPA tells is longer than {MAX_BYTES >> 20} MiB", hint=hint)


def _run(opa: OpaBinary, folder: Path, depth: str, query: str) -> bytes | None:
    """OPA's answer; None where it is too long."""
    arguments = ["eval", "-d", "src", "-d", "data.json", "-i", "input.json", "--format=json"]
    arguments += [f"--explain={depth}", "--disable-indexing", query]
    with (folder / "answer").open("wb") as out:  # it may be longer than memory is
        run = run_opa(opa, arguments, folder, seconds=SECONDS, answer=out)
    if (folder / "answer").stat().st_size > MAX_BYTES:
        return None
    answer = (folder / "answer").read_bytes()
    if run.returncode != 0:
        text = (run.stderr or answer).decode("utf-8", "replace").strip()
        raise QuaestorError(f"`opa eval` refuses the policies: {text[:2000]}", hint="mend the module that it names")
    return answer
