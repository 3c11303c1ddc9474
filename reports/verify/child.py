"""Reads a PDF that nobody vouches for in a child process with little memory and time, and hands back what it holds.

A parser that crashes, hangs or fills its memory takes the child with it and nothing else. The child is this file run
as a script: a JSON line with the certificates to trust, then the PDF, on standard input; a JSON line and then the
attached files, one after the other, on standard output.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 4 << 30
CPU_SECONDS = 60
WALL_SECONDS = 120


@dataclass(frozen=True)
class Inspection:
    """What a PDF holds: the facts of its signature as JSON, its attachments, and why they could not be read, if so."""

    signature: Mapping[str, str]
    files: Mapping[str, bytes]
    problem: str


def inspect_pdf(pdf: bytes, trusted: Sequence[bytes] = ()) -> Inspection:
    """Signature and attachments of a PDF, read in a child process. Nothing in the PDF can raise from here.

    Raises QuaestorError where a library is not installed or a trusted certificate is none.
    """
    from evidence.model.errors import QuaestorError

    head = json.dumps({"trusted": [item.decode("latin-1") for item in trusted]}).encode() + b"\n"
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(__file__).resolve())],
            input=head + pdf,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
            env=kept,
        )
    except subprocess.TimeoutExpired:
        return _unread("reading it takes too long")
    except OSError as cause:
        raise QuaestorError(f"the child process that reads PDFs cannot be started: {cause.strerror}") from None
    if done.returncode != 0:
        return _unread(f"reading it needs more time or memory than it may use, or crashes ({done.returncode})")
    line, _, rest = done.stdout.partition(b"\n")
    answer = json.loads(line)
    if answer["mistake"]:
        raise QuaestorError(answer["mistake"], hint=answer["hint"])
    files: dict[str, bytes] = {}
    at = 0
    for name, size in answer["files"]:
        files[name] = rest[at : at + size]
        at += size
    return Inspection(signature=answer["signature"], files=files, problem=answer["problem"])


def _unread(problem: str) -> Inspection:
    return Inspection(signature={"problem": f"the file cannot be read: {problem}"}, files={}, problem=problem)


def _confine() -> None:
    """Limits that the system enforces; where it has none (Windows) or refuses them, the size limits remain."""
    try:
        import resource
    except ImportError:
        return
    wanted = ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_FSIZE, 0))
    for limit, value in wanted:
        try:
            resource.setrlimit(limit, (value, value))
        except (ValueError, OSError):
            continue


def _main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
    _confine()
    from evidence.model.errors import EvidenceError, QuaestorError
    from reports.pdf.signature import check_signature
    from reports.verify.extract import extract_attachments

    head = json.loads(sys.stdin.buffer.readline())
    pdf = sys.stdin.buffer.read()
    answer: dict[str, Any] = {"mistake": "", "hint": None, "signature": {}, "files": [], "problem": ""}
    files: dict[str, bytes] = {}
    try:
        facts = check_signature(pdf, [item.encode("latin-1") for item in head["trusted"]])
        answer["signature"] = facts.to_json()
        try:
            files = extract_attachments(pdf)
        except EvidenceError as cause:
            answer["problem"] = str(cause)
    except QuaestorError as cause:
        answer |= {"mistake": str(cause), "hint": cause.hint}
    answer["files"] = [(name, len(data)) for name, data in files.items()]
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    for data in files.values():
        sys.stdout.buffer.write(data)
    sys.stdout.flush()


if __name__ == "__main__":
    _main()
