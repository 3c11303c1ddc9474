"""Releases: what is compared before and while a version goes live, and how it is changed and taken back."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Amount, Count, DigestText, Happened, Name, Share, Text
from evidence.model.predicates.base import ARTIFACT, Predicate
from evidence.model.predicates.values import (
    AnnouncedChange,
    FailureMode,
    GroupOutcome,
    MetricEstimate,
    PersonRef,
    PlannedPeriod,
)


class CanaryMetrics(Predicate):
    """Candidate against incumbent on a limited share of live traffic."""

    TYPE = "canary-metrics"
    CLASSES = ("measured", "ingested")
    COLLECTOR = "rollout controller or Prometheus"
    MAX_AGE = "P7D"
    RECORD_CLASS = "quality-system"

    deployment_id: Name = Field(description="Canary deployment")
    step: Count = Field(description="Step number")
    traffic_share: Share = Field(description="Share of traffic (share)")
    window_minutes: Count = Field(description="Length of the step (minutes)")
    request_count: Count = Field(description="Requests in the step (requests)")
    candidate_metrics: dict[Name, MetricEstimate] = Field(description="Metrics of the candidate")
    baseline_metrics: dict[Name, MetricEstimate] = Field(description="Metrics of the incumbent")
    group_metrics: dict[Name, GroupOutcome] = Field(description="Cases and impact ratio per group")
    breaches: tuple[Name, ...] = Field(description="Limits broken; empty list if none")
    decision: Literal["promote", "hold", "rollback"] = Field(description="Decision at the end of the step")


class ShadowComparison(Predicate):
    """Candidate against incumbent on mirrored traffic."""

    TYPE = "shadow-comparison"
    ABOUT = ARTIFACT
    CLASSES = ("measured", "ingested")
    COLLECTOR = "mirroring proxy"
    MAX_AGE = "P30D"
    RECORD_CLASS = "technical-documentation"

    deployment_id: Name = Field(description="Shadow deployment")
    artifact_digest: DigestText = Field(description="Candidate")
    request_count: Count = Field(description="Mirrored requests (requests)")
    duration_hours: Amount = Field(description="Length (hours)")
    peak_window_covered: bool = Field(description="A traffic peak was covered")
    agreement: MetricEstimate = Field(description="Agreement with the incumbent")
    candidate_metrics: dict[Name, MetricEstimate] = Field(description="Metrics of the candidate")
    baseline_metrics: dict[Name, MetricEstimate] = Field(description="Metrics of the incumbent")
    user_impact: bool = Field(description="Any answer reached a user")


class RollbackDrill(Predicate):
    """Rehearsed or real rollback with time taken and output match."""

    TYPE = "rollback-drill"
    CLASSES = ("measured", "ingested")
    COLLECTOR = "deployment controller"
    MAX_AGE = "P90D"
    RECORD_CLASS = "quality-system"

    environment: Name = Field(description="Where")
    performed_at: Happened = Field(description="When")
    target_digest: DigestText = Field(description="Version restored")
    feature_schema_version: Name | None = Field(
        default=None, description="Feature schema for which the version restored was scanned"
    )
    recovery_seconds: Amount = Field(description="Time to recovery (seconds)")
    output_match: Share = Field(description="Reference outputs equal to those recorded before (share)")


class EmergencyMove(Predicate):
    """A version moved to production in an emergency, by two persons; somebody else reviews it afterwards."""

    TYPE = "emergency-move"
    CLASSES = ("derived",)
    COLLECTOR = "`quaestor system promote --emergency`, signed by both"
    MAX_AGE = "P10Y"  # one that nobody reviews is not settled by waiting
    RECORD_CLASS = "quality-system"

    artifact_digest: DigestText = Field(description="Version that was moved")
    version: Name = Field(description="Its label")
    moved_at: Happened = Field(description="When")
    reason: Text = Field(description="Why it could not wait")
    moved_by: PersonRef = Field(description="Who moved it")
    second: PersonRef = Field(description="Who agreed")


class ChangeRecord(Predicate):
    """Change ticket of a release."""

    TYPE = "change-record"
    CLASSES = ("ingested", "attested")
    COLLECTOR = "ServiceNow, Jira"
    MAX_AGE = "P90D"
    RECORD_CLASS = "quality-system"
    FEED = True
    EVENT = ("change_id",)

    change_id: Name = Field(description="Ticket")
    kind: Literal["standard", "normal", "emergency"] = Field(description="Kind")
    change_class: Literal["minor", "pre-determined", "substantial"] = Field(description="Class under the AI Act")
    author: PersonRef = Field(description="Who asked")
    approver: PersonRef | None = Field(default=None, description="Who classified and approved")
    window: PlannedPeriod = Field(description="Planned window")
    blackout_periods: tuple[PlannedPeriod, ...] = Field(description="Blackouts that apply; empty list if none")
    business_override: PersonRef | None = Field(default=None, description="Owner who consents to a busy period")
    board_decision: Literal["approved", "rejected", "pending"] = Field(description="Board decision")
    decided_at: Happened | None = Field(default=None, description="When")
    impact_summary: Text = Field(description="What the change means, in plain words")
    plain_language_reviewer: PersonRef | None = Field(default=None, description="Non-technical reader who signed")
    premortem: tuple[FailureMode, ...] = Field(
        description="Failure modes with mitigation and owner; empty list if none"
    )
    rollback_dependencies: dict[Name, Name] = Field(description="Pipeline and schema versions that a rollback needs")
    release_notes: Text = Field(description="Release notes")
    release_template: Name | None = Field(default=None, description="Template that the release notes follow")
    notice_days: Count = Field(description="Notice given to consumers (days)")


class InterfaceContract(Predicate):
    """Versioned interface between a model service and its callers."""

    TYPE = "interface-contract"
    SUPERSEDES = ()
    CLASSES = ("ingested",)
    COLLECTOR = "API registry or OpenAPI file"
    MAX_AGE = "P365D"
    RECORD_CLASS = "technical-documentation"

    api_version: Name = Field(description="Version, major.minor")
    standard: Name = Field(description="Interface standard followed")
    schema_digest: DigestText = Field(description="Digest of the schema")
    incumbent_schema_digest: DigestText | None = Field(default=None, description="Digest of the schema in service")
    incumbent_api_version: Name | None = Field(default=None, description="Version in service")
    compatibility: Text = Field(description="Published compatibility rule")
    breaking_changes: tuple[AnnouncedChange, ...] = Field(
        description="Breaking changes, each announced or not; empty list if none"
    )
    behaviour_changed: bool = Field(description="Behaviour changes for callers")
    consumers: tuple[Name, ...] = Field(description="Callers")
    accepted_by: tuple[Name, ...] = Field(description="Callers who accepted")
