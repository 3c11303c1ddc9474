"""The one resolver of waivers: gate, server, report and replay all ask it.

A waiver is a time-boxed exception to one control for one scope, with reason, owner, and an approver who did not ask for
it. It turns a fail or a missing into `waived`, never into a pass; an error cannot be waived, nor a blocker whose basis
is law.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from engine.access import AccessPolicies, AccessRequest, EntityRef
from engine.bundle.control import Control
from engine.deciding.evaluate import Context, PolicyRecord, beyond_waiver, scope_of
from engine.deciding.relaxations import RefusedWaiver, WaiverRelaxation
from engine.deciding.verdict import ControlResult, Status
from engine.errors import PolicyError
from evidence.model.base import parse_instant
from evidence.model.predicates.values import PersonRef


def apply_waiver(
    control: Control,
    result: ControlResult,
    waivers: Sequence[PolicyRecord],
    context: Context,
    access: Callable[[], AccessPolicies],
) -> tuple[ControlResult, WaiverRelaxation | None]:
    """The result under the waivers that are current: waived with its relaxation, or as it was.

    `access` gives the bundle's Cedar policies, which say who may waive; it is called only for a waiver that would hold.
    Where a waiver for the control is there and does not hold, the result says why.
    """
    if result.status not in (Status.FAIL, Status.MISSING):
        return result, None
    refused = []
    for waiver in sorted(waivers, key=lambda record: record["id"]):
        if waiver["predicate"]["control_id"] != control.id or not _in_scope(waiver["predicate"]["scope"], context):
            continue
        objection = _objection(control, waiver, context) or _not_permitted(control, waiver, context, access)
        if objection is not None:
            refused.append(objection)
            continue
        content = waiver["predicate"]
        relaxation = WaiverRelaxation.model_validate(
            {
                "subject": control.id,
                "evidence": waiver["id"],
                "status": result.status.value,
                **{name: PersonRef(**content[name]) for name in ("risk_owner", "requested_by", "approver")},
                **{name: content[name] for name in ("risk", "granted_at", "expires_on")},
            }
        )
        return result.model_copy(update={"status": Status.WAIVED, "waiver": waiver["id"]}), relaxation
    return result.model_copy(update={"refused_waivers": tuple(refused)}), None


def _in_scope(scope: str, context: Context) -> bool:
    subject = context.subject
    return scope in (subject.digest, subject.name, subject.system_id)


def _objection(control: Control, waiver: PolicyRecord, context: Context) -> RefusedWaiver | None:
    """Why a waiver does not hold here; None when it does."""
    content, signature = waiver["predicate"], waiver["signature"]
    scope = scope_of(control, context)
    granted, ends = parse_instant(content["granted_at"]), parse_instant(content["expires_on"])

    def refused(code: Any, **more: Any) -> RefusedWaiver:
        return RefusedWaiver(waiver=waiver["id"], code=code, **more)

    code = beyond_waiver(control, scope)
    if code is not None:
        return refused(code)
    if signature.get("state") != "verified" or signature.get("kind") != "person":
        return refused("no-trusted-signature")
    if signature.get("signer") != content["approver"]["id"]:
        return refused("not-by-approver", person=content["approver"]["id"])
    if content["approver"]["id"] == content["requested_by"]["id"]:
        return refused("self-approved", person=content["approver"]["id"])
    if content["control_severity"] != control.severity:
        return refused("other-severity", granted_for=content["control_severity"])
    if scope.basis == "law" and content["control_basis"] != "law":
        return refused("other-basis", granted_for=content["control_basis"])
    if not granted <= context.instant < ends:
        return refused("not-in-force")
    longest = context.parameters.get("waiver_max_days")
    if not isinstance(longest, int):
        return refused("no-longest-time")
    return refused("too-long", days=longest) if ends - granted > timedelta(days=longest) else None


def _not_permitted(
    control: Control, waiver: PolicyRecord, context: Context, access: Callable[[], AccessPolicies]
) -> RefusedWaiver | None:
    """Why Cedar does not let the signer waive; None where it does.

    Asked here and not only at the door: a waiver may come in as a record that somebody imports.
    """
    content, scope = waiver["predicate"], scope_of(control, context)
    try:
        policies = access()
    except PolicyError:
        return RefusedWaiver(waiver=waiver["id"], code="no-access-policies")
    signer = waiver["signature"]["signer"]
    answer = policies.authorize(
        AccessRequest(
            principal=signer,
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
    if answer.allowed:
        return None
    return RefusedWaiver(waiver=waiver["id"], code="not-permitted", person=signer, policies=answer.policies)
