"""Live operation: deployments, signals, drills, incidents, and the state of event feeds."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, JsonValue

from evidence.model.base import Amount, Count, DigestText, Happened, Instant, Int, Name, Number, Share, Text, Uri
from evidence.model.predicates.base import ARTIFACT, Predicate
from evidence.model.predicates.values import ActionItem, GuardrailState, Period, PersonRef, TimedNote


class DeploymentRecord(Predicate):
    """One deployment of one version to one environment and region."""

    TYPE = "deployment-record"
    CLASSES = (
        "ingested",
        "derived",
    )
    COLLECTOR = "Kubernetes, Argo CD, or the deployment API"
    MAX_AGE = "P30D"
    RECORD_CLASS = "quality-system"
    FEED = True
    EVENT = ("artifact_digest", "environment", "region", "started_at")

    deployment_id: Name = Field(description="Deployment")
    release_id: Name = Field(description="Release that it belongs to")
    change_id: Name = Field(description="Change ticket")
    artifact_digest: DigestText = Field(description="Digest recomputed from the deployed file")
    image_digest: DigestText = Field(description="Image")
    config_digest: DigestText = Field(description="Deployed configuration")
    config_parts: dict[Name, DigestText] | None = Field(
        default=None, description="Digest of each setting of the deployed configuration, by its key"
    )
    use_descriptor_digest: DigestText | None = Field(
        default=None, description="Digest of the deployed use-case descriptor"
    )
    runtime_limits: dict[Name, JsonValue] | None = Field(
        default=None, description="Runtime parameters, population and purpose in effect"
    )
    guardrails: tuple[GuardrailState, ...] | None = Field(default=None, description="Guardrails with active or not")
    checkpoint_digest: DigestText | None = Field(default=None, description="State checkpoint of a stateful model")
    feature_schema_version: Name = Field(description="Feature schema")
    environment: Name = Field(description="Environment")
    region: Name = Field(description="Region")
    sequence: Int | None = Field(default=None, description="Place in a regional sequence")
    predecessor_succeeded: bool | None = Field(default=None, description="The region before reported success")
    strategy: Literal["canary", "shadow", "blue-green", "rolling", "rollback", "direct"] = Field(description="Strategy")
    serving_pattern: Name = Field(description="batch, online, streaming")
    previous_environment: Name | None = Field(default=None, description="Standby environment")
    traffic_share: Share = Field(description="Share of live traffic (share)")
    addressable_versions: Count = Field(description="Versions that answer at the same time (versions)")
    flags: tuple[Name, ...] = Field(description="Capability switches in place")
    purpose: Text = Field(description="Purpose it is deployed for")
    deployed_by: PersonRef = Field(description="Who deployed")
    triggered_by: Literal["person", "automation"] = Field(description="What started it")
    logging_enabled: bool = Field(description="Event logging is on")
    started_at: Happened = Field(description="When")


class TelemetrySeries(Predicate):
    """Time series of one signal of one endpoint or service."""

    TYPE = "telemetry-series"
    CLASSES = (
        "ingested",
        "measured",
    )
    COLLECTOR = "Prometheus"
    MAX_AGE = "PT15M"
    RECORD_CLASS = "event-log"

    endpoint: Name = Field(description="Endpoint or service")
    signal: Name = Field(
        description="latency, error-rate, payload-size, queue-length, confidence, input-distribution, health, "
        "accuracy, usage, outlier-count, low-confidence-count, cold-start"
    )
    percentile: Literal["p50", "p95", "p99", "none"] = Field(description="Percentile, or none")
    value: Number = Field(description="Latest value")
    baseline_value: Number | None = Field(default=None, description="Value in the baseline window")
    counted_beyond: Number | None = Field(
        default=None,
        description="Of a count: the score above which, or the confidence below which, outputs are counted",
    )
    window: Period = Field(description="Window")
    coverage: Share = Field(description="Samples received over expected (share)")
    last_sample_at: Happened = Field(description="Newest sample")
    dashboard_ref: Uri | None = Field(default=None, description="Dashboard that shows it")


class ResilienceTest(Predicate):
    """Test of a fallback, kill switch, override, failover or continuity plan."""

    TYPE = "resilience-test"
    ABOUT = ARTIFACT
    CLASSES = (
        "ingested",
        "measured",
    )
    COLLECTOR = "test harness or chaos tool"
    MAX_AGE = "P180D"
    RECORD_CLASS = "technical-documentation"

    scenario: Literal[
        "model-unavailable",
        "stream-outage",
        "overload",
        "kill-switch",
        "override",
        "stop",
        "state-restore",
        "ai-outage",
    ] = Field(description="Scenario")
    environment: Name = Field(description="Where it was tried")
    mechanism: Name = Field(description="Mechanism used")
    processes: tuple[Name, ...] | None = Field(default=None, description="Business processes covered")
    artifact_digest: DigestText | None = Field(default=None, description="Version tested")
    passed: bool = Field(description="It worked")
    safe_state_seconds: Amount | None = Field(default=None, description="Time to the safe state (seconds)")
    declared_seconds: Amount | None = Field(default=None, description="Time declared (seconds)")
    performed_at: Happened = Field(description="When")


class IncidentRecord(Predicate):
    """Ticket of a model incident with its review, notices and clocks."""

    TYPE = "incident-record"
    CLASSES = (
        "ingested",
        "derived",
    )
    COLLECTOR = "Jira, ServiceNow, PagerDuty"
    MAX_AGE = "P30D"
    RECORD_CLASS = "quality-system"
    FEED = True
    EVENT = ("detected_at", "category", "affected_nodes")
    RETOLD: ClassVar[Mapping[str, tuple[Any, ...] | None]] = {
        "estimated_resolution_at": None,
        "triage_owner": None,
        "outage": (False,),
        "severity": ("low", "medium", "high"),
        "business_impact": ("low", "medium"),
        "exposed_users": (),
        "serious_kind": ("none",),
        "personal_data_breach": (False,),
        "nonconformity_confirmed": (False,),
        "misuse_report": (False,),
    }

    category: Name = Field(description="Category")
    outage: bool | None = Field(default=None, description="A service was out")
    deployment_id: Name | None = Field(default=None, description="Deployment that it followed, where it followed one")
    severity: Literal["critical", "high", "medium", "low"] = Field(description="Severity")
    business_impact: Literal["high", "medium", "low"] = Field(description="Business harm")
    exposed_users: Count = Field(description="Users touched (persons)")
    serious_kind: Literal[
        "none",
        "death",
        "health-harm",
        "critical-infrastructure",
        "fundamental-rights",
        "property-environment",
        "widespread",
    ] = Field(description="Art 3(49) classification")
    personal_data_breach: bool = Field(description="Personal data breach")
    no_risk_decision_by: PersonRef | None = Field(default=None, description="Who signed that a breach carries no risk")
    nonconformity_confirmed: bool = Field(description="Non-conformity confirmed")
    misuse_report: bool = Field(description="Report of misuse of a generator")
    detected_at: Happened = Field(description="Detected")
    aware_at: Happened | None = Field(
        default=None, description="When the provider or deployer became aware (legal clock)"
    )
    acknowledged_at: Happened | None = Field(default=None, description="Playbook started")
    reported_at: Happened | None = Field(default=None, description="Reported to the authority")
    reported_to: Name | None = Field(default=None, description="Authority reported to")
    authority_informed_at: Happened | None = Field(default=None, description="When authorities were first told")
    resolved_at: Happened | None = Field(default=None, description="Resolved")
    estimated_resolution_at: Instant | None = Field(default=None, description="Expected end")
    fallback_engaged_at: Happened | None = Field(default=None, description="Fallback engaged")
    triage_owner: PersonRef = Field(description="Who triages")
    dashboard_ref: Uri | None = Field(default=None, description="Dashboard")
    playbook_ref: Name | None = Field(default=None, description="Playbook used")
    snapshot_ref: DigestText | None = Field(default=None, description="Forensic snapshot")
    snapshot_at: Happened | None = Field(default=None, description="When it was taken")
    snapshot_digests: dict[Name, DigestText] | None = Field(
        default=None, description="What the snapshot holds, by part: inputs, model, environment"
    )
    notified: dict[Name, Happened] = Field(description="Who was told and when; empty map if nobody")
    notice_templates: dict[Name, Text] | None = Field(
        default=None, description="Template by which each recipient was told"
    )
    root_cause_class: Name | None = Field(default=None, description="Cause class")
    affected_nodes: tuple[Name, ...] = Field(description="Lineage nodes touched; empty list if unknown")
    evidence_refs: tuple[Name, ...] = Field(description="Evidence cited; empty list if none")
    timeline: tuple[TimedNote, ...] = Field(description="Timeline")
    factors: tuple[Literal["model", "data", "infrastructure", "people", "process"], ...] = Field(
        description="Factors examined"
    )
    corrective_actions: tuple[ActionItem, ...] = Field(description="Actions with owner, start and due date")
    rules_updated: tuple[Text, ...] = Field(description="Alert rules changed; empty list if none")
    review_completed_at: Happened | None = Field(default=None, description="Review finished")


class FeedStatus(Predicate):
    """State of an event feed for a window, so that "nothing happened" is a statement and not a silence."""

    TYPE = "feed-status"
    CLASSES = (
        "derived",
        "ingested",
    )
    COLLECTOR = "each collector, at the end of a run"
    MAX_AGE = "P1D"
    RECORD_CLASS = "event-log"

    feed: Name = Field(description="Evidence type that the feed brings")
    window: Period = Field(description="Window covered")
    count: Count = Field(description="Events in the window, each once however often it is told (events)")
    complete: bool = Field(description="The source answered for the whole window")
    last_event_at: Happened | None = Field(default=None, description="Newest event")
