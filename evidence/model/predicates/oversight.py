"""People around a live system: procedures, review queues, feedback, requests of persons, and training."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Amount, Count, Happened, Instant, Name, Share, Text
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.values import Contact, Overload, Period, PersonRef, RoleDuty


class Runbook(Predicate):
    """Versioned procedure for a named scenario."""

    TYPE = "runbook"
    SUPERSEDES = ("scenario", "category")
    CLASSES = ("attested",)
    COLLECTOR = "document store, signed by its owner"
    MAX_AGE = "P365D"
    RECORD_CLASS = "quality-system"

    scenario: Name = Field(description="Scenario")
    category: Name | None = Field(default=None, description="Use-case category, for deployment playbooks")
    roles: tuple[RoleDuty, ...] = Field(description="Ordered roles with holder")
    contacts: tuple[Contact, ...] = Field(description="Contacts")
    steps: tuple[Text, ...] = Field(description="Ordered steps with triggers and service level")
    templates: tuple[Text, ...] = Field(description="Message templates")
    last_exercised: Happened | None = Field(default=None, description="Last exercise")


class ReviewQueueStats(Predicate):
    """Figures of a human review queue."""

    TYPE = "review-queue-stats"
    CLASSES = ("ingested",)
    COLLECTOR = "case system"
    MAX_AGE = "P7D"
    RECORD_CLASS = "quality-system"

    queue: Name = Field(description="Queue")
    routed: dict[Name, Count] = Field(description="Cases routed per reason (cases)")
    turnaround_p95_minutes: Amount = Field(description="Turnaround at the 95th percentile (minutes)")
    reviewers: tuple[PersonRef, ...] = Field(description="Reviewers")
    reviewer_agreement: Share = Field(description="Agreement between reviewers (share)")
    overload_events: tuple[Overload, ...] = Field(
        description="Times of overload with backlog and fallback time; empty list if none"
    )
    window: Period | None = Field(default=None, description="Window that the figures are of")
    case_system: Name = Field(description="Case system")
    cases_without_reference: Count = Field(description="Cases without a reference (cases)")


class FeedbackStats(Predicate):
    """Figures of a feedback or label channel."""

    TYPE = "feedback-stats"
    CLASSES = ("ingested",)
    COLLECTOR = "feedback tool, label store"
    MAX_AGE = "P31D"
    RECORD_CLASS = "quality-system"

    channel: Name = Field(
        description="Channel: end-user, frontline, operations, in-product, reviewer (corrections of reviewers), …"
    )
    window: Period | None = Field(default=None, description="Window that the figures are of")
    active: bool = Field(description="In use")
    received: Count = Field(description="Received (reports)")
    triaged: Count = Field(description="Triaged (reports)")
    response_days_p95: Amount | None = Field(default=None, description="Response time (days)")
    ingest_hours_p95: Amount | None = Field(default=None, description="Time to ingestion (hours)")
    closed_with_change: Count | None = Field(default=None, description="Closed with a change (reports)")
    label_coverage: Share | None = Field(default=None, description="Predictions with a true label (share)")
    label_latency_days: Amount | None = Field(default=None, description="Delay of true labels (days)")
    converted_to_labels: Count | None = Field(default=None, description="Turned into labels (labels)")


class SubjectRequest(Predicate):
    """Opt-out, appeal, erasure, correction, review or access request of a person."""

    TYPE = "subject-request"
    CLASSES = ("ingested",)
    COLLECTOR = "privacy request tool"
    MAX_AGE = "P31D"
    RECORD_CLASS = "quality-system"
    FEED = True

    kind: Literal["opt-out", "appeal", "erasure", "access", "correction", "human-review"] = Field(description="Kind")
    regime: Literal["gdpr", "ccpa", "colorado", "internal"] = Field(description="Law it rests on")
    opened_at: Happened = Field(description="Opened")
    extended_until: Instant | None = Field(default=None, description="Extension recorded")
    closed_at: Happened | None = Field(default=None, description="Closed")
    outcome: Text | None = Field(default=None, description="Outcome")
    reviewer_can_change: bool | None = Field(default=None, description="The reviewer could change the outcome")
    infeasibility_reason: Text | None = Field(default=None, description="Why review was not feasible")
    instructions_given: bool | None = Field(default=None, description="Data access and correction instructions given")
    descendant_outcomes: (
        dict[Name, Literal["deleted", "retrained", "unlearned-verified", "exempt", "retired"]] | None
    ) = Field(default=None, description="Outcome per descendant artifact")
    nodes: tuple[Name, ...] | None = Field(default=None, description="Lineage nodes that held data of the person")
    descendants: tuple[Name, ...] | None = Field(default=None, description="Descendants found through lineage")


class TrainingRecord(Predicate):
    """Course or literacy measure completed by a person."""

    TYPE = "training-record"
    CLASSES = ("ingested",)
    COLLECTOR = "learning platform"
    MAX_AGE = "P365D"
    RECORD_CLASS = "quality-system"

    person: PersonRef = Field(description="Person")
    role: Name = Field(description="Role held")
    course: Name = Field(description="Course or measure")
    score: Share | None = Field(default=None, description="Score (share)")
    completed_at: Happened = Field(description="Completed")
    valid_until: Instant = Field(description="Valid until")
