"""The door's side of admission: the same judgement as in a decision, before a record is filed."""

from engine.deciding.admission import MADE_BY, Makers, makers, objection, signed
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.predicates import PREDICATES
from evidence.model.record import Record, parse_statement, read_record
from evidence.model.subject import Subject, SubjectKind, system_digest
from evidence.store.records import RecordStore
from evidence.trust.envelopes import open_envelope, signature_state
from evidence.trust.keys import Keyring
from integrations.app.session import Session


def makers_of(store: RecordStore, keyring: Keyring, system_id: str) -> Makers:
    """Who trained and built the versions of a system, by all that the ledger holds about it, withdrawn or not."""
    types = {PREDICATES[name].uri() for name in MADE_BY}
    found = []
    for entry in store.holdings(system_digest(system_id), system_id).of("record"):
        if entry.type not in types:
            continue
        where = f"record {entry.id}"
        envelope = store.payload(entry)
        try:
            record = read_record(parse_statement(open_envelope(envelope, where=where), where=where), where=where)
        except EvidenceError:
            continue
        found.append(signed(record, signature_state(envelope, keyring, at=entry.at, where=where), entry.at))
    subject = Subject(kind=SubjectKind.SYSTEM, name=system_id, digest=system_digest(system_id), system_id=system_id)
    return makers(found, subject)


def require_admissible(session: Session, record: Record, subject_name: str, envelope: bytes) -> None:
    """Raise QuaestorError where a decision would set the record aside: facts, scope, term, or who signed it."""
    about = Subject(
        kind=SubjectKind.MODEL,
        name=subject_name,
        digest=record.subject[0],
        system_id=record.envelope.system_id,
    )
    now = session.now()
    signature = signature_state(envelope, session.keyring, at=now, where=f"new {record.type}")
    made_by = makers_of(session.store, session.keyring, record.envelope.system_id)
    why = objection(
        signed(record, signature, now), about, session.bundle.signers, made_by, lambda: session.bundle.access
    )
    if why is not None:
        hint = "who may sign what: policies/statements, policies/access/signers.yaml; roles: `quaestor key list`"
        raise QuaestorError(f"the {record.type} would not count: {why.detail}", hint=hint)
