"""Use cases of artifact integrity: sign a file, verify a signature, file what the verification found."""

from pathlib import Path

from evidence.collector import RecordDraft
from evidence.model.base import format_instant
from evidence.model.canonical import digest_file
from evidence.model.errors import EvidenceError
from evidence.model.record import parse_statement, plain_statement
from evidence.model.subject import Subject
from evidence.trust.envelopes import open_envelope, signature_state
from integrations.app.actor import Actor
from integrations.app.records import Filed, add_record, content_of
from integrations.app.session import Session

SIGNATURE = "https://quaestor.dev/artifact-signature/v1"


def sign_file(session: Session, file: Path, *, actor: Actor) -> bytes:
    """A detached signature: a DSSE envelope around an in-toto statement whose subject is the file's digest."""
    at = format_instant(session.now())
    statement = plain_statement({file.name: digest_file(file)}, SIGNATURE, {"signer": actor.holder, "signed_at": at})
    return session.sign(statement, actor)


def verify_file(
    session: Session, file: Path, signature: bytes, subject: Subject, *, kind: str, where: str
) -> tuple[Filed, bool]:
    """Verify a detached signature on a file against the keyring and file the result, good or bad.

    Raises EvidenceError for what is no signature at all.
    """
    at = session.now()
    statement = parse_statement(open_envelope(signature, where=where), where=where)
    if statement.predicate_type != SIGNATURE:
        raise EvidenceError(f"a {statement.predicate_type}, not a signature on a file", where=where)
    state = signature_state(signature, session.keyring, where=where)
    key = session.keyring.find(state.keyid or "")
    digest = digest_file(file)
    verified = state.state == "verified" and statement.subject_digests == (digest,)
    content = content_of(
        "model-signature",
        {
            "artifact_digest": digest,
            "signed_kind": kind,
            "algorithm": "DSSE, Ed25519 or ECDSA",
            "key_id": state.keyid or "none",
            "key_custody": key.custody if key else "unknown",
            "signer": state.signer or "unknown",
            "verified": verified,
            "verified_at": format_instant(at),
        },
        where=where,
    )
    draft = RecordDraft.on(subject, content, at, source=file.name)
    return add_record(session, draft, actor=session.machine), verified
