"""The door's side of admission: the same judgement as in a decision, before a record is filed."""

from collections.abc import Sequence

from engine.access import EntityRef
from engine.deciding.accounts import left_beside
from engine.deciding.admission import objection, ruled
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.own import model_of
from evidence.model.record import Record, read_record
from evidence.model.subject import Subject, SubjectKind, system_digest
from evidence.snapshot.filed import as_filed
from evidence.snapshot.makers import makers_of, names, unknown_author
from evidence.snapshot.model import Entry
from evidence.snapshot.superseding import beside, cannot_replace, plans_run
from evidence.snapshot.take import take_snapshot
from evidence.trust.envelopes import Sealed, SignatureState, signature_state
from integrations.app.actor import Principal
from integrations.app.moment import Moment
from integrations.app.session import Session


def issuer_of(signature: SignatureState, holder: str) -> EntityRef:
    """Who issued a record, as Cedar sees it: of several who signed it, the holder where they are among them."""
    signers = {one.signer for one in (signature, *signature.others)}
    return EntityRef(type="Person", id=holder if holder in signers else signature.signer or "nobody")


def require_counts(
    session: Session, moment: Moment, record: Record, subject_name: str, sealed: Sealed, principal: Principal
) -> None:
    """Raise QuaestorError where a decision would set the record aside, or it cannot replace what it says it does.

    A decision sets aside what names an author whom the register of people has not, and an attested record for its
    facts, scope, term, or who signed it; so it does a person's record of a type that only some may sign.
    """
    stranger = unknown_author(record.type, record.content, session.register)
    if stranger:
        hint = "name who made it as the register does: `quaestor key list`; an administrator adds people"
        raise EvidenceError(f"the {record.type} would not count: {stranger}", hint=hint)
    signature = signature_state(sealed, session.keyring, at=moment.at, where=f"new {record.type}")
    _require_admissible(session, moment, record, subject_name, signature)
    if record.envelope.replaces is not None:
        _require_replaces(session, moment, record, record.envelope.replaces, signature, principal)


def changed_beside(session: Session, records: Sequence[Record]) -> list[tuple[str, list[str]]]:
    """Ids of records that new ones of one type, filed by one person, change and so did not replace, with the fields
    that differ. Empty for types that one person alone replaces.
    """
    if not model_of(records[0].type).CHANGED_BY_TWO:
        return []
    entries = _entries_about(session, records[0])
    new = {record.id for record in records}
    found = [pair for entry in entries if entry.record.id in new for pair in beside(entry, entries)]
    return [(entry.record.id, fields) for entry, fields in found if fields]


def told_otherwise(session: Session, records: Sequence[Record]) -> list[tuple[str, list[str]]]:
    """Ids of the earlier accounts of their events of which new records of one type take something back, with the
    fields.
    """
    if model_of(records[0].type).RETOLD is None:
        return []
    entries = _entries_about(session, records[0])
    return left_beside(session.bundle.schemas, entries, {record.id for record in records})


def _entries_about(session: Session, record: Record) -> tuple[Entry, ...]:
    """What counts now about the subject of a record."""
    system_id = record.envelope.system_id
    digest = record.subject[0]
    kind = SubjectKind.SYSTEM if digest == system_digest(system_id) else SubjectKind.MODEL
    subject = Subject(kind=kind, name=digest, digest=digest, system_id=system_id)
    return take_snapshot(session.store, subject, session.now()).entries


def _require_admissible(
    session: Session, moment: Moment, record: Record, subject_name: str, signature: SignatureState
) -> None:
    if not ruled(record.type, record.envelope.evidence_class, signature, session.bundle.signers):
        return
    about = Subject(
        kind=SubjectKind.MODEL,
        name=subject_name,
        digest=record.subject[0],
        system_id=record.envelope.system_id,
    )
    made = makers_of(moment.view(record.envelope.system_id))
    filed = as_filed(record, signature, moment.at)
    why = objection(filed, about, session.bundle, made)
    if why is not None:
        hint = "who may sign what: policies/statements, policies/access/signers.yaml; roles: `quaestor key list`"
        if why.reason in ("unknown-type", "content-unfit"):
            hint = "what it holds is in schemas/custom of the workspace's policies: `quaestor evidence schema`"
        raise QuaestorError(f"the {record.type} would not count: {why.detail}", hint=hint)


def _require_replaces(
    session: Session, moment: Moment, record: Record, replaced: str, signature: SignatureState, principal: Principal
) -> None:
    view = moment.view(record.envelope.system_id)
    leaf = next((entry for entry in view.records() if entry.id == replaced), None)
    if leaf is None:
        raise EvidenceError(
            f"the system `{record.envelope.system_id}` has no record {replaced} to replace",
            hint="its records: `quaestor evidence list --system SYSTEM`",
        )
    statement, state = view.open(leaf)
    before = read_record(statement, where=f"record {replaced}")
    old = Entry(record=before, signature=state, filed_at=leaf.at, log_index=leaf.index)
    new = Entry(record=record, signature=signature, filed_at=moment.at, log_index=view.holdings.checkpoint.size)
    made = makers_of(view)
    why = cannot_replace(new, old, made, plans_run(view))
    if why:
        hint = "file it beside, or withdraw the other; a second person signs by --with"
        raise EvidenceError(f"it does not replace {replaced}: {why}", hint=hint)
    issuers = (old.signature, *old.signature.others)
    session.require(
        principal,
        "replace",
        EntityRef(type="Filed", id=replaced),
        {"issuer": issuer_of(old.signature, principal.holder), "issuer_kind": old.signature.kind},
        {
            "issuer_roles": sorted({role for one in issuers for role in one.roles}),
            "made_it": bool({*made.trainer, *made.builder} & names(signature)),
        },
    )
