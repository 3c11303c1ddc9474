"""The one resolver of waivers: gate, server, report and replay all ask it.

A waiver is a time-boxed exception to one control for one scope, with reason, owner, and an approver who did not ask for
it. It turns a fail or a missing into `waived`, never into a pass; an error cannot be waived, nor a blocker whose basis
is law.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from engine.access import AccessPolicies, AccessRequest, EntityRef
from engine.bundle.control import Control
from engine.deciding.evaluate import Context, PolicyRecord, scope_of
from engine.deciding.verdict import ControlResult, Relaxation, Status
from engine.errors import PolicyError
from evidence.model.base import parse_instant


def apply_waiver(
    control: Control,
    result: ControlResult,
    waivers: Sequence[PolicyRecord],
    context: Context,
    access: Callable[[], AccessPolicies],
) -> tuple[ControlResult, Relaxation | None]:
    """The result under the waivers that are current: waived with its relaxation, or as it was.

    `access` gives the bundle's Cedar policies, which say who may waive; it is called only for a waiver that would hold.
    Where a waiver for the control is there and does not hold, the result's reason says why.
    """
    if result.status not in (Status.FAIL, Status.MISSING):
        return result, None
    refused = []
    for waiver in sorted(waivers, key=lambda record: record["id"]):
        if waiver["predicate"]["control_id"] != control.id or not _in_scope(waiver["predicate"]["scope"], context):
            continue
        objection = _objection(control, waiver, context) or _not_permitted(control, waiver, context, access)
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
    if scope.basis == "law" and content["control_basis"] != "law":
        return f"it was granted for a control of {content['control_basis']}, and this one binds by law"
    if not granted <= context.instant < ends:
        return "it is not in force at this instant"
    return _too_long(granted, ends, context)


def _not_permitted(
    control: Control, waiver: PolicyRecord, context: Context, access: Callable[[], AccessPolicies]
) -> str:
    """Why Cedar does not let the signer waive; empty where it does.

    Asked here and not only at the door: a waiver may come in as a record that somebody imports.
    """
    content, scope = waiver["predicate"], scope_of(control, context)
    try:
        policies = access()
    except PolicyError as cause:
        return f"who may waive cannot be told: {cause.problem}"
    answer = policies.authorize(
        AccessRequest(
            principal=waiver["signature"]["signer"],
            roles=tuple(waiver["signature"]["roles"]),
            action="waive",
            resource=EntityRef(type="Waiver", id=control.id),
            attributes={
                "requested_by": EntityRef(type="Person", id=content["requested_by"]["id"]),
                "severity": control.severity,
                "basis": scope.basis,
                "waivable": scope.waivable,
            },
        )
    )
    return "" if answer.allowed else answer.reason


def _too_long(granted: datetime, ends: datetime, context: Context) -> str:
    longest = context.parameters.get("waiver_max_days")
    if not isinstance(longest, int):
        return "the parameter waiver_max_days is not set"
    return f"it lasts longer than {longest} days" if ends - granted > timedelta(days=longest) else ""
