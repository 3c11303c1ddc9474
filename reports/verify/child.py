"""`quaestor verify` whole in one confined child: memory, processor time and total time are bounded for all of it.

Everything in a pack may be hostile: the PDF, what its files inflate to, its policies. Whatever that does to the child,
the caller gets a report, and one that says so. What the child answers is read as hostile too.
"""

import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from engine.bundle.effective import Override
from evidence.model.base import format_instant, parse_instant
from evidence.model.canonical import parse_json
from evidence.model.errors import QuaestorError
from evidence.process.child import Bounds, Child, ChildError, Ending, plain
from reports.verify.extract import MAX_PDF_BYTES
from reports.verify.policies import Expected
from reports.verify.verify import Check, CheckState, VerificationReport, too_large, verify_pdf

if TYPE_CHECKING:
    from evidence.process.inside import Channel

MEMORY = 4 << 30
CPU_SECONDS = 120
WALL_SECONDS = 150.0
FRAME = 4 << 20
"""Bytes of an answer: that on the policies has the whole value of each parameter that an overlay changed."""
MAX_CHECKS = 64
MAX_DETAIL = 200_000
"""Letters: of a bundle with nothing of another's, each file is named."""
_CHILD = "reports.verify.child:serve"
_HEAD = ("decision", "outcome", "subject", "gate")


def verify_confined(
    pdf: bytes,
    *,
    trust: Sequence[bytes] = (),
    expected: Expected | None = None,
    now: datetime | None = None,
    checkpoint: str | None = None,
) -> VerificationReport:
    """Check a report with its decision made again (see `verify_pdf`), in a child process.

    Raises QuaestorError for what the caller has to mend; no content of the PDF raises. A child that breaks a limit or
    crashes leaves the checks that it had made, and a failed one, `verification`, that says why there are no more.
    """
    if len(pdf) > MAX_PDF_BYTES:
        return too_large()
    bounds = Bounds(memory=MEMORY, cpu_seconds=CPU_SECONDS, frame=FRAME, reserves_addresses=True, starts_children=True)
    deadline = time.monotonic() + WALL_SECONDS
    known = None if expected is None else expected.to_json()
    asked = {
        "trust": [item.decode("latin-1") for item in trust],
        "policies": known,
        "now": None if now is None else format_instant(now),
        "checkpoint": checkpoint,
    }
    head = json.dumps(asked).encode()
    checks: list[Check] = []
    try:
        with Child(_CHILD, bounds, environment={"RUST_BACKTRACE": "0"}) as child:
            frame = child.ask(head, pdf, seconds=WALL_SECONDS)
            while len(checks) <= MAX_CHECKS:
                answer = _read(frame)
                if "check" not in answer:
                    return _report(checks, answer)
                checks.append(_check(answer["check"]))
                frame = child.receive(deadline - time.monotonic())
    except ChildError as cause:
        if cause.ending is Ending.NOT_STARTED:
            raise QuaestorError(f"the child process that verifies cannot be started: {cause.detail}") from None
        return VerificationReport(checks=(*checks, _stopped(_why(cause))))
    except (_UnreadableError, ValidationError):
        return VerificationReport(checks=(*checks, _stopped("the process that verifies gave no answer to be read")))
    return VerificationReport(checks=(*checks, _stopped("the process that verifies found no end")))


class _UnreadableError(Exception):
    """The child's answer is none."""


def _read(frame: bytes) -> dict[str, Any]:
    try:
        answer = parse_json(frame, where="answer")
    except QuaestorError:
        raise _UnreadableError from None
    if not isinstance(answer, dict):
        raise _UnreadableError
    return answer


def _report(checks: list[Check], answer: dict[str, Any]) -> VerificationReport:
    """The end of the child's answers: the mistake of the caller's that it found, or what the decision is said to be."""
    if "mistake" in answer:
        raise QuaestorError(plain(answer["mistake"]) or "the report cannot be verified", hint=plain(answer.get("hint")))
    if not checks:
        raise _UnreadableError
    return VerificationReport(checks=tuple(checks), **{name: plain(answer.get(name), 500) or "" for name in _HEAD})


def _check(value: Any) -> Check:
    if not isinstance(value, dict):
        raise _UnreadableError
    told = value.get("parameters")
    if not isinstance(told, list | None):
        raise _UnreadableError
    return Check(
        name=plain(value.get("name"), 40) or "?",
        state=CheckState(str(value.get("state"))) if value.get("state") in set(CheckState) else CheckState.FAILED,
        detail=plain(value.get("detail"), MAX_DETAIL) or "",
        parameters=None if told is None else tuple(map(Override.from_json, told)),
    )


def _why(cause: ChildError) -> str:
    if cause.ending is Ending.WALL_TIME:
        return f"it takes longer than {WALL_SECONDS:g} seconds"
    if cause.ending is Ending.PROCESSOR:
        return f"it takes more than {CPU_SECONDS} seconds of processor time, or more memory than the machine has"
    if cause.ending is Ending.MEMORY:
        return f"it takes more than {MEMORY >> 30} GiB of memory"
    return f"the process that verifies ended before it was done: {cause}"


def _stopped(why: str) -> Check:
    return Check(name="verification", state=CheckState.FAILED, detail=f"stopped: {why}")


def serve(channel: "Channel", _held: list[str]) -> None:
    """Answer one request: the PEM texts that the caller trusts and the policies expected (JSON), then the PDF."""
    from reports.verify.pages import pages
    from reports.verify.replay import replay

    def send(**answer: Any) -> None:
        channel.send(json.dumps(answer).encode())

    head = json.loads(channel.receive() or b"{}")
    trust = [item.encode("latin-1") for item in head["trust"]]
    expected = None if head["policies"] is None else Expected.model_validate(head["policies"])
    pdf = channel.receive() or b""
    try:
        report = verify_pdf(
            pdf,
            trust=trust,
            replay=replay,
            pages=pages,
            expected=expected,
            checkpoint=head["checkpoint"],
            now=None if head["now"] is None else parse_instant(head["now"]),
            tell=lambda check: send(check=check.to_json()),
        )
    except QuaestorError as cause:
        send(mistake=str(cause), hint=cause.hint)
        return
    send(**{name: getattr(report, name) for name in _HEAD})
