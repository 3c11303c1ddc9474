"""Detached signatures on files: what is signed, and what the verification of one found."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evidence.collector import Collected, RecordDraft
from evidence.model.base import format_instant
from evidence.model.canonical import digest_file
from evidence.model.errors import EvidenceError
from evidence.model.predicates.artifact import ModelSignature
from evidence.model.record import Statement, plain_statement
from evidence.model.subject import Subject
from evidence.trust.envelopes import signature_state, unseal
from evidence.trust.keys import Keyring

SIGNATURE = "https://quaestor.dev/artifact-signature/v1"


def file_statement(file: Path, signer: str, *, at: datetime) -> Statement:
    """An in-toto statement whose subject is the file's digest; its DSSE envelope is the detached signature."""
    return plain_statement(
        {file.name: digest_file(file)}, SIGNATURE, {"signer": signer, "signed_at": format_instant(at)}
    )


@dataclass(frozen=True)
class FileSignature:
    """Verifies a detached signature on a file against the keyring: the `model-signature` record, good or bad."""

    signature: Path
    keyring: Keyring
    subject: Subject
    kind: str
    """What the file is, as `signed_kind` of the record names it."""
    at: datetime
    content_digest: str | None = None
    """Digest of what the file says, where it is a policy bundle or an overlay."""

    def collect(self, source: Path) -> Collected:
        """Raises EvidenceError where the signature file holds no signature at all."""
        data, where = self.signature.read_bytes(), str(self.signature)
        sealed = unseal(data, where=where)
        statement = sealed.statement
        if statement.predicate_type != SIGNATURE:
            raise EvidenceError(
                f"a {statement.predicate_type}, not a signature on a file",
                where=where,
                hint="give the file that `quaestor artifact sign` wrote",
            )
        state = signature_state(sealed, self.keyring, where=where)
        key = self.keyring.find(state.keyid or "")
        digest = digest_file(source)
        content = {
            "artifact_digest": digest,
            "signed_kind": self.kind,
            "algorithm": "DSSE, Ed25519 or ECDSA",
            "key_id": state.keyid or "none",
            "key_custody": key.custody if key else "unknown",
            "signer": state.signer or "unknown",
            "signer_roles": list(state.roles),
            "verified": state.state == "verified" and statement.subject_digests == (digest,),
            "verified_at": format_instant(self.at),
        }
        if self.content_digest is not None:
            content["content_digest"] = self.content_digest
        found = ModelSignature.from_json(content)
        return Collected(records=(RecordDraft.on(self.subject, found, self.at, source=source.name),))
