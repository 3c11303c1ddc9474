"""How long records are kept, what holds them, and proof that they went."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from evidence.model.base import Count, DigestText, Duration, Happened, Instant, Name, Text
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.values import PersonRef, ReasonedClaim


class RetentionSchedule(Predicate):
    """Keeping period and deletion rule of a record class."""

    TYPE = "retention-schedule"
    SUPERSEDES = ("record_class",)
    CLASSES = ("attested",)
    COLLECTOR = "records manager, signed"
    MAX_AGE = "P365D"
    RECORD_CLASS = "quality-system"

    record_class: Name = Field(description="Record class")
    period: Duration = Field(description="Keeping period")
    minimum_keep: Duration | None = Field(default=None, description="Statutory minimum")
    storage_limit: Duration | None = Field(default=None, description="Limit by purpose or law")
    personal: bool = Field(description="Rows of this class may hold personal payload")
    split_rule: Literal["none", "hash-and-metrics-kept", "pseudonymised"] = Field(
        description="What stays after personal payload goes"
    )
    trigger: Name = Field(description="What starts the period")
    deletion_method: Text = Field(description="Method")
    legal_basis: Text = Field(description="Legal basis")
    regimes: (
        tuple[
            Literal[
                "eu-ai-act",
                "eu-financial-services",
                "gdpr",
                "mdr",
                "ivdr",
                "ccpa",
                "colorado",
                "ecoa",
                "eeoc",
                "feha",
                "hipaa",
                "nyc-ll144",
                "internal",
            ],
            ...,
        ]
        | None
    ) = Field(default=None, min_length=1, description="Regimes that apply to the class; absent: all that keep it")
    conflict_decision: DigestText | None = Field(
        default=None, description="Signed decision that the minimum goes before a limit or a request"
    )


class RetentionState(Predicate):
    """Retention as it stands in the store."""

    TYPE = "retention-state"
    CLASSES = (
        "ingested",
        "measured",
    )
    COLLECTOR = "object store lock, log index"
    MAX_AGE = "P7D"
    RECORD_CLASS = "quality-system"

    record_class: Name = Field(description="Record class")
    store: Name = Field(description="Store")
    configured: Duration = Field(description="Configured retention")
    lock_until: Instant | None = Field(default=None, description="Retention lock")
    documents: tuple[DigestText, ...] | None = Field(
        default=None, description="Digests of what was found under the lock: contents of records, model files"
    )
    oldest_available_at: Happened | None = Field(default=None, description="Oldest record found")
    retrievable: bool = Field(description="A sample was read back")
    overdue_items: Count = Field(description="Items past their limit and not deleted (items)")
    regime: Literal["eu-ai-act", "gdpr", "ccpa", "colorado", "feha", "hipaa", "internal"] = Field(description="Regime")


class LegalHold(Predicate):
    """Hold that suspends deletion for a scope."""

    TYPE = "legal-hold"
    CLASSES = (
        "ingested",
        "attested",
    )
    COLLECTOR = "legal hold register"
    MAX_AGE = "P30D"
    RECORD_CLASS = "quality-system"
    FEED = True
    EVENT = ("matter_id", "held_from", "scope")

    matter_id: Name = Field(description="Matter")
    ground: Literal["litigation", "incident", "authority-order", "internal"] = Field(description="Ground of the hold")
    scope: tuple[Annotated[Name, StringConstraints(pattern=r"\S")], ...] = Field(
        description="Digests, classes or versions held; an empty list holds everything"
    )
    issued_by: PersonRef = Field(description="Issuer")
    held_from: Happened = Field(description="From")
    released_at: Happened | None = Field(default=None, description="Released")
    review_at: Instant = Field(description="Review date")
    service_reachable: bool = Field(description="The hold service answered")
    fail_closed_tested_at: Happened = Field(description="When purge was last seen to refuse with the service down")


class PurgeCertificate(Predicate):
    """Proof that a purge took place, with exceptions."""

    TYPE = "purge-certificate"
    CLASSES = (
        "ingested",
        "measured",
    )
    COLLECTOR = "purge job"
    MAX_AGE = "P30D"
    RECORD_CLASS = "quality-system"
    FEED = True
    EVENT = ("record_class", "scope", "object_digests", "due_at")

    record_class: Name = Field(description="Record class")
    scope: tuple[Name, ...] = Field(description="What was purged")
    object_digests: tuple[DigestText, ...] = Field(description="Digests of objects deleted")
    policy_id: Name = Field(description="Retention rule applied")
    actor: Name = Field(description="Who or what deleted")
    due_at: Instant = Field(description="Due")
    completed_at: Happened | None = Field(default=None, description="Done")
    method: Text = Field(description="Method")
    exceptions: tuple[ReasonedClaim, ...] = Field(
        description="Items kept with reason, such as a legal hold; empty list if none"
    )
