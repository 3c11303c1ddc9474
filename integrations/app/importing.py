"""Use case that takes in an envelope signed elsewhere: it passes every check that the door of its kind makes."""

from evidence.model.base import parse_instant
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.record import EvidenceClass, Record, read_record
from evidence.store.records import NewStatement
from evidence.store.writing import Judged
from evidence.trust.envelopes import SignatureState, signature_state, unseal
from integrations.app.actor import Principal
from integrations.app.admitting import require_counts
from integrations.app.approvals import require_waive
from integrations.app.moment import Moment
from integrations.app.records import (
    ACTIONS,
    BY_HAND,
    Filed,
    check_feed,
    check_names,
    require_approve,
    require_collect,
    require_register,
    require_version,
    versions,
)
from integrations.app.session import Session
from integrations.app.workspace import MACHINE


def import_record(session: Session, data: bytes, *, where: str) -> Filed:
    """File a DSSE envelope that another tool or installation signed, in the bytes that came.

    Its signature must verify by a key of the register, this installation's where it says that it was measured or
    derived. One that was signed for another ledger is refused; what a person attests names this one. Cedar must let the
    signer bring it, and approve, waive or register where that is what it does; an attested record must be one that a
    decision would count. Who issued it, a person or whoever registers, signed it. Raises QuaestorError.
    """
    moment = Moment(session)
    sealed = unseal(data, where=where)
    record = read_record(sealed.statement, where=where)
    names = [item.name for item in sealed.statement.subject]
    check_names(record, names, where=where)
    check_feed(session, record, where=where)
    state = signature_state(sealed, session.keyring, where=where)
    signer = _signer(session, record, state, where=where)
    _require_own(session, record, where=where)
    kind = record.envelope.evidence_class
    require_collect(session, signer, record.envelope.system_id, kind)
    require_counts(session, moment, record, min(names), sealed, signer)
    registers = record.type == RegistryEntry.TYPE
    judged = Judged(session.store.size(), RegistryEntry.uri(), "entry") if registers else None
    _require_act(session, moment, record, signer, where=where)
    action = ACTIONS.get(record.type, "imported")
    (receipt,) = session.append_many([NewStatement(sealed, "record", action, signer.holder, moment.at)], judged)
    return Filed(record=record, receipt=receipt)


def _signer(session: Session, record: Record, state: SignatureState, *, where: str) -> Principal:
    if state.state != "verified":
        known = "it carries no signature" if state.state == "absent" else f"key {str(state.keyid)[:12]} is not trusted"
        raise EvidenceError(
            f"the signature does not hold: {known}",
            where=where,
            hint="check who sent it; trust their public key with `quaestor key trust`",
        )
    issuer = record.envelope.issuer
    chosen = next((one for one in (state, *state.others) if one.signer == issuer), state)
    signer = session.keyring.find(str(chosen.keyid))
    assert signer is not None  # a key of the keyring verified it
    kind, by_person = record.envelope.evidence_class, signer.kind == "person"
    if (by_person and kind not in BY_HAND) or (not by_person and kind is EvidenceClass.ATTESTED):
        raise EvidenceError(
            f"class {kind} under the key of the {signer.kind} `{signer.holder}`",
            where=where,
            hint="persons attest; what is measured or derived carries a machine's signature",
        )
    if kind not in BY_HAND and signer.holder != MACHINE:
        # The key of another tool's machine could else say what no model was ever asked.
        raise EvidenceError(
            f"class {kind} under the key of `{signer.holder}`, and only this installation measures and derives",
            where=where,
            hint="measure it here (`quaestor validate`), or have the tool send what it found as ingested",
        )
    if (by_person or record.type == "registry-entry") and issuer != signer.holder:
        hint = "let the issuer sign it, or let the signer issue it"
        raise EvidenceError(f"the issuer is `{issuer}`, and `{signer.holder}` signed", where=where, hint=hint)
    return signer


def _require_own(session: Session, record: Record, *, where: str) -> None:
    """Raise EvidenceError for what was signed for another ledger, or is attested and does not say for which."""
    named, own = record.envelope.ledger, session.store.ledger
    if named is None and record.envelope.evidence_class is EvidenceClass.ATTESTED:
        problem = "it does not say for which ledger it was signed, and an attested record must"
        hint = f"let its signer sign it again with `ledger` = `{own}`, or add it here: `quaestor evidence add`"
        raise EvidenceError(problem, where=where, hint=hint)
    if named not in (None, own):
        hint = "what is signed in one workspace counts in no other; let its signer sign it here"
        raise EvidenceError(f"it was signed for another ledger, `{named}`; this one is `{own}`", where=where, hint=hint)


def _require_act(session: Session, moment: Moment, record: Record, signer: Principal, *, where: str) -> None:
    """Raise QuaestorError unless the signer may do what the record says that they did."""
    content = record.content
    if record.type in ("approval", "waiver") and content["approver"]["id"] != signer.holder:
        named = content["approver"]["id"]
        raise EvidenceError(
            f"the approver is `{named}`, and `{signer.holder}` signed",
            where=where,
            hint="have the approver sign it, or name who signed",
        )
    if record.type == "registry-entry":
        if content["artifact_digest"] not in record.subject:
            raise EvidenceError(
                "it is about another artifact than the one that it registers",
                where=where,
                hint="make the subject of the statement the digest that its content names",
            )
        entries = versions(session.store, system_id=record.envelope.system_id)
        require_register(session, signer, record.envelope.system_id, entries)
        require_version(session.store, record.envelope.system_id, content, entries, where=where)
    elif record.type == "approval":
        if content["artifact_digest"] not in record.subject:
            raise EvidenceError(
                "it is about another artifact than the one that it approves",
                where=where,
                hint="make the subject of the statement the digest that its content names",
            )
        session.workspace.gate(content["gate"])
        require_approve(session, moment.view(record.envelope.system_id), content, signer)
    elif record.type == "waiver":
        scope = (*record.subject, record.envelope.system_id)
        if content["scope"] not in scope:
            raise QuaestorError(
                "it is about something else than the scope of the waiver",
                where=where,
                hint="make the subject of the statement what its `scope` names",
            )
        require_waive(
            session,
            content["control_id"],
            signer,
            requested_by=content["requested_by"]["id"],
            at=moment.at,
            expires_on=parse_instant(content["expires_on"]),
        )
