"""The one resolver of waivers: gate, server, report and replay all ask it.

A waiver is a time-boxed exception to one control for one scope, with reason, owner, and an approver who did not ask for
it. It turns a fail or a missing into `waived`, never into a pass; an error cannot be waived, nor a blocker whose basis
is law.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.control import Control
from engine.evaluate import Context, PolicyRecord, scope_of
from engine.verdict import ControlResult, Relaxation, Status
from evidence.model.base import parse_instant


def apply_waiver(
    control: Control, result: ControlResult, waivers: Sequence[PolicyRecord], context: Context
) -> tuple[ControlResult, Relaxation | None]:
    """The result under the waivers that are current: waived with its relaxation, or as it was.

    Where a waiver for the control is there and does not hold, the result's reason says why.
    """
    if result.status not in (Status.FAIL, Status.MISSING):
        return result, None
    refused = []
    for waiver in sorted(waivers, key=lambda record: record["id"]):
        if waiver["predicate"]["control_id"] != control.id or not _in_scope(waiver["predicate"]["scope"], context):
            continue
        objection = _objection(control, waiver, context)
        if objection:
            refused.append(f"waiver {waiver['id'][:19]} does not hold: {objection}")
            continue
        content = waiver["predicate"]
        detail = (
            f"{result.status} waived until {content['expires_on']} by {content['approver']['name']}; "
            f"risk carried by {content['risk_owner']['name']}: {content['risk']}"
        )
        waived = result.model_copy(
            update={"status": Status.WAIVED, "waiver": waiver["id"], "reason": f"{result.reason} ({detail})"}
        )
        return waived, Relaxation(kind="waiver", subject=control.id, detail=detail, evidence=waiver["id"])
    if refused:
        return result.model_copy(update={"reason": f"{result.reason} ({'; '.join(refused)})"}), None
    return result, None


def _in_scope(scope: str, context: Context) -> bool:
    subject = context.subject
    return scope in (subject.digest, subject.name, subject.system_id)


def _objection(control: Control, waiver: PolicyRecord, context: Context) -> str:
    """Why a waiver does not hold here; empty when it does."""
    content, signature = waiver["predicate"], waiver["signature"]
    scope = scope_of(control, context)
    granted, ends = parse_instant(content["granted_at"]), parse_instant(content["expires_on"])
    if control.severity == "blocker" and scope.basis == "law":
        return "a blocker whose basis is law cannot be waived"
    if not scope.waivable:
        return "the control cannot be waived"
    if signature.get("state") != "verified" or signature.get("kind") != "person":
        return "no person's trusted key signed it"
    if signature.get("signer") != content["approver"]["id"]:
        return "it was not signed by the approver whom it names"
    if content["approver"]["id"] == content["requested_by"]["id"]:
        return "the approver asked for it"
    if content["control_severity"] != control.severity:
        return f"it was granted for a {content['control_severity']} control, and this one is {control.severity}"
    if not granted <= context.instant < ends:
        return "it is not in force at this instant"
    return _too_long(granted, ends, context)


def _too_long(granted: datetime, ends: datetime, context: Context) -> str:
    longest = context.parameters.get("waiver_max_days")
    if not isinstance(longest, int):
        return "the parameter waiver_max_days is not set"
    return f"it lasts longer than {longest} days" if ends - granted > timedelta(days=longest) else ""
