"""The evidence about the evidence: the log and the index of a snapshot."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Count, DigestText, Happened, Int, Name
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.values import LoggedRun, RecordRef

Action = Literal[
    "registered",
    "promoted",
    "demoted",
    "deployed",
    "refused",
    "approved",
    "waived",
    "configured",
    "purged",
    "exported",
    "imported",
    "decided",
    "read",
]
"""What was done; the store's ledger uses the same words."""


class AuditLog(Predicate):
    """Append-only trail of actions with proofs."""

    TYPE = "audit-log"
    CLASSES = (
        "derived",
        "ingested",
    )
    COLLECTOR = "the ledger (RFC 6962 Merkle tree)"
    MAX_AGE = "P1D"

    sequence: Int = Field(description="Position in the log, without gaps")
    entry_hash: DigestText = Field(description="Leaf hash")
    previous_hash: DigestText | None = Field(
        default=None, description="Hash of the entry before, where a chained external log is taken in"
    )
    actor: Name = Field(description="Who acted")
    action: Action = Field(description="What was done")
    object_ref: Name = Field(description="What it was done to, digest or id")
    at: Happened = Field(description="When")
    inclusion_verified: bool = Field(description="Inclusion proof verifies against the checkpoint")
    consistency_verified: bool = Field(description="Consistency with the former checkpoint verifies")
    checkpoint_witnessed: bool = Field(description="The checkpoint carries an outside witness or timestamp")
    chain_verified: bool = Field(description="No gap or break from first to last entry")


class EvidenceIndex(Predicate):
    """Index of the records of the snapshot, read by the evidence controls."""

    TYPE = "evidence-index"
    CLASSES = ("derived",)
    COLLECTOR = "engine, when the snapshot is taken"
    MAX_AGE = "P1D"

    records: tuple[RecordRef, ...] = Field(
        description="Id, type, class, subject digests, times, signature state, signer kind and role of each record"
    )
    subject_digest: DigestText = Field(description="Digest of the release candidate")
    test_split_runs: Count = Field(description="Runs against the test split that the snapshot lists")
    logged_test_split_runs: Count = Field(
        description="Runs against the test split of the model family that the ledger counts"
    )
    test_runs: tuple[LoggedRun, ...] = Field(description="Each of these runs, withdrawn ones too, in ledger order")
    unreadable: tuple[Name, ...] = Field(description="Records that could not be read")
