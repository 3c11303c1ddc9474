"""Acts of people on a subject: an approval at a gate, a waiver of a control. Cedar says who may; the person signs."""

from datetime import datetime
from typing import Any

from engine.access import EntityRef
from engine.bundle.control import Control
from engine.errors import did_you_mean
from evidence.collector import RecordDraft
from evidence.model.base import format_instant
from evidence.model.duration import add_duration
from evidence.model.errors import QuaestorError
from evidence.model.subject import Subject, SubjectKind
from integrations.app.actor import Actor, Principal
from integrations.app.moment import Moment
from integrations.app.records import Filed, add_record, content_of, made_attributes, require_approve
from integrations.app.session import Session


def approve(
    session: Session, subject: Subject, *, gate: str, role: str, actor: Actor, decision: str, reason: str | None
) -> Filed:
    """File a person's decision on a model version at a gate. Nobody approves their own model, says Cedar.

    Raises QuaestorError where Cedar refuses, and for a subject that is no model version: an approval of a whole system
    would count for every version of it, whoever trained that. An unknown gate is refused too.
    """
    if subject.kind is not SubjectKind.MODEL:
        hint = f"name one: {subject.system_id}@VERSION"
        raise QuaestorError(f"`{subject.name}` is a {subject.kind}; what is approved is a model version", hint=hint)
    session.workspace.gate(gate)
    moment = Moment(session)
    content = content_of(
        "approval",
        {
            "gate": gate,
            "artifact_digest": subject.digest,
            "approver": {"id": actor.holder, "name": actor.name, "role": role},
            "role": role,
            "decision": decision,
            **({"reason": reason} if reason else {}),
            "conditions": [],
            "decided_at": format_instant(moment.at),
        },
        where="approval",
    )
    require_approve(session, moment.view(subject.system_id), content.to_json(), actor)
    return add_record(session, RecordDraft.on(subject, content, moment.at), actor=actor, moment=moment)


def grant_waiver(
    session: Session,
    subject: Subject,
    *,
    control_id: str,
    risk: str,
    risk_owner: str,
    requested_by: str,
    actor: Actor,
    expires_on: datetime,
) -> Filed:
    """File a waiver of one control for one subject, signed by its approver. Raises QuaestorError."""
    moment = Moment(session)
    at = moment.at
    control, basis = require_waive(session, control_id, actor, requested_by=requested_by, at=at, expires_on=expires_on)
    content = content_of(
        "waiver",
        {
            "control_id": control_id,
            "control_basis": basis,
            "control_severity": control.severity,
            "scope": subject.digest if subject.kind in (SubjectKind.MODEL, SubjectKind.DATASET) else subject.system_id,
            "risk": risk,
            "risk_owner": session.known(risk_owner).to_json(),
            "requested_by": session.known(requested_by).to_json(),
            "approver": {"id": actor.holder, "name": actor.name},
            "granted_at": format_instant(at),
            "expires_on": format_instant(expires_on),
        },
        where="waiver",
    )
    return add_record(session, RecordDraft.on(subject, content, at, expires_at=expires_on), actor=actor, moment=moment)


def require_waive(
    session: Session, control_id: str, principal: Principal, *, requested_by: str, at: datetime, expires_on: datetime
) -> tuple[Control, str]:
    """The control, and the basis that it has now. Raises QuaestorError unless Cedar lets the principal waive it for so
    long."""
    control = session.bundle.controls.get(control_id)
    if control is None:
        raise QuaestorError(f"unknown control `{control_id}`", hint=did_you_mean(control_id, session.bundle.controls))
    basis, waivable = _terms(session, control, at)
    session.require(
        principal,
        "waive",
        EntityRef(type="Waiver", id=control_id),
        {
            "requested_by": EntityRef(type="Person", id=requested_by),
            "severity": control.severity,
            "basis": basis,
            "waivable": waivable,
        },
    )
    longest = session.effective.values.get("waiver_max_days")
    if not isinstance(longest, int) or expires_on > add_duration(at, f"P{longest}D"):
        raise QuaestorError(f"a waiver lasts at most {longest} days", hint="choose an earlier --until")
    if expires_on <= at:
        problem = f"the waiver would end at {format_instant(expires_on)}, before it begins"
        raise QuaestorError(problem, hint="choose a later --until")
    return control, basis


def _terms(session: Session, control: Control, at: datetime) -> tuple[str, bool]:
    """Basis of a control and whether it can be waived at `at`: inside its legal scope those of the law.

    Tier and roles are left open here; the decision's own resolver judges the waiver again, for the tier that it finds.
    """
    law = control.law_scope
    if law is None:
        return control.basis, control.waivable
    binds = session.bundle.vocabulary.date_of(law.from_, "undetermined", session.effective.values)
    return ("law", control.waivable) if at.date() >= binds else ("policy", True)


def resource_of(moment: Moment, subject: Subject, actor: Actor) -> tuple[EntityRef, dict[str, Any]]:
    """A subject as Cedar sees it (policies/access/schema.cedarschema), with its attributes."""
    if subject.kind is SubjectKind.DATASET:
        return EntityRef(type="Dataset", id=subject.digest), {}
    if subject.kind is not SubjectKind.MODEL:
        return EntityRef(type="System", id=subject.system_id), {}
    return EntityRef(type="Model", id=subject.digest), made_attributes(moment.view(subject.system_id), actor)
