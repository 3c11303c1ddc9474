"""Use cases of artifact integrity: sign a file, verify a signature, file what the verification found."""

from datetime import datetime
from pathlib import Path

from evidence.model.base import format_instant
from evidence.model.canonical import digest_file
from evidence.model.errors import EvidenceError
from evidence.model.record import parse_statement, plain_statement
from evidence.model.subject import Subject
from evidence.store.records import RecordStore
from evidence.trust.envelopes import open_envelope, signature_state
from integrations.app.records import Filed, add_record, content_of
from integrations.app.workspace import Workspace

SIGNATURE = "https://quaestor.dev/artifact-signature/v1"


def sign_file(workspace: Workspace, file: Path, *, actor: str, at: datetime) -> bytes:
    """A detached signature: a DSSE envelope around an in-toto statement whose subject is the file's digest."""
    key, trusted = workspace.person(actor)
    statement = plain_statement(
        {file.name: digest_file(file)}, SIGNATURE, {"signer": trusted.holder, "signed_at": format_instant(at)}
    )
    return key.sign(statement.payload)


def verify_file(
    workspace: Workspace,
    store: RecordStore,
    file: Path,
    signature: bytes,
    subject: Subject,
    *,
    kind: str,
    where: str,
    at: datetime,
) -> tuple[Filed, bool]:
    """Verify a detached signature on a file against the keyring and file the result, good or bad.

    Raises EvidenceError for what is no signature at all.
    """
    statement = parse_statement(open_envelope(signature, where=where), where=where)
    if statement.predicate_type != SIGNATURE:
        raise EvidenceError(f"a {statement.predicate_type}, not a signature on a file", where=where)
    state = signature_state(signature, workspace.keyring, where=where)
    key = workspace.keyring.find(state.keyid or "")
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
    filed = add_record(
        workspace,
        store,
        content,
        {subject.name: subject.digest},
        system_id=subject.system_id,
        at=at,
        source=file.name,
    )
    return filed, verified
