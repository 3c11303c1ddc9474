"""What a live system logs, promises and shows: requests, decisions about persons, alerts, probes and notices."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, JsonValue

from evidence.model.base import Count, DigestText, Happened, Instant, Name, Number, Share, Text
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.values import MetricEstimate, Period, PersonRef


class PredictionLog(Predicate):
    """Logged requests and answers, or a sample of them."""

    TYPE = "prediction-log"
    CLASSES = ("ingested", "measured")
    COLLECTOR = "log store, sampled"
    MAX_AGE = "P7D"
    RECORD_CLASS = "event-log"

    request_id: Name = Field(description="Request")
    trace_id: Name = Field(description="Trace")
    trace_resolves: bool = Field(description="The trace resolves end to end")
    deployment_id: Name = Field(description="Deployment")
    artifact_digest: DigestText = Field(description="Model that answered")
    environment: Name = Field(description="Environment")
    tenant: Name = Field(description="Customer or unit")
    input_ref: Name = Field(description="Reference to the input")
    output: JsonValue = Field(description="Answer, or its reference")
    endpoint: Name | None = Field(default=None, description="Endpoint that answered, as telemetry calls it")
    replay_difference: Number | None = Field(
        default=None,
        description="How far the same model answered otherwise when its input was run again; 0 for the same words",
        ge=0,
    )
    confidence: Number | None = Field(default=None, description="Confidence")
    outcome: JsonValue | None = Field(default=None, description="True outcome, once known")
    explanation_ref: Name | None = Field(default=None, description="Stored explanation")
    high_stakes: bool = Field(description="Counts as high-stakes")
    data_class: Name = Field(description="Class of the row")
    pii_masked: bool = Field(description="Personal payload is masked or pseudonymised")
    retention_class: Name = Field(description="Retention class")
    coverage: Share = Field(description="Rows logged over requests counted (share)")
    row_count: Count = Field(description="Rows in the period (rows)")
    default_share: Share | None = Field(default=None, description="Share of default answers (share)")
    at: Happened = Field(description="When")


class DecisionLog(Predicate):
    """Decisions about persons, with notices, reviews and overrides."""

    TYPE = "decision-log"
    CLASSES = ("ingested",)
    COLLECTOR = "case system or decision service"
    MAX_AGE = "P7D"
    RECORD_CLASS = "event-log"
    FEED = True
    EVENT = ("request_id", "decided_at")

    decision_id: Name = Field(description="Decision")
    request_id: Name = Field(description="Request in the prediction log")
    artifact_digest: DigestText = Field(description="Model used")
    adverse: bool = Field(description="Adverse for the person")
    annex_iii_point: Name | None = Field(default=None, description="Annex III point it falls under")
    notice_delivered_at: Happened | None = Field(
        default=None, description="When the person was informed that AI is used"
    )
    adverse_info_sent_at: Happened | None = Field(
        default=None, description="When information on the adverse outcome was sent"
    )
    decided_at: Happened = Field(description="When decided")
    explanation_ref: Name | None = Field(default=None, description="Explanation produced")
    explanation_digest: DigestText | None = Field(default=None, description="Model digest that the explanation names")
    verifier_ids: tuple[Name, ...] = Field(description="Distinct persons who verified; empty list if none")
    verifiers_competent: bool | None = Field(default=None, description="All verifiers held valid competence")
    legal_exemption: Text | None = Field(default=None, description="Legal exemption relied on")
    authorisation_ref: Name | None = Field(default=None, description="Authorisation of a biometric search")
    case_ref: Name | None = Field(default=None, description="Criminal case or case file")
    reviewer: PersonRef | None = Field(default=None, description="Who overrode")
    original_output: JsonValue | None = Field(default=None, description="Answer before the override")
    final_output: JsonValue | None = Field(default=None, description="Answer after the override")
    rationale: Text | None = Field(default=None, description="Reason for the override")


class AccessLog(Predicate):
    """Who did what to which resource, and whether it was allowed."""

    TYPE = "access-log"
    CLASSES = ("ingested",)
    COLLECTOR = "cloud audit log, gateway"
    MAX_AGE = "P7D"
    RECORD_CLASS = "event-log"
    FEED = True
    EVENT = ("at", "actor", "action", "resource", "request_id")

    actor: Name = Field(description="Who; anonymous where unknown")
    role: Name = Field(description="Role used")
    resource: Name = Field(description="Resource")
    action: Name = Field(description="Action")
    allowed: bool = Field(description="Allowed")
    request_id: Name | None = Field(default=None, description="Request")
    at: Happened = Field(description="When")


class SloReport(Predicate):
    """Service objective with target and measured value."""

    TYPE = "slo-report"
    CLASSES = ("ingested", "measured")
    COLLECTOR = "SLO tool or Prometheus"
    MAX_AGE = "P7D"
    RECORD_CLASS = "quality-system"

    objective: Name = Field(
        description="latency, availability, throughput, feature-retrieval-latency, pipeline-success"
    )
    target: Number = Field(description="Target")
    actual: Number = Field(description="Measured value")
    higher_is_better: bool = Field(description="Direction")
    window: Period = Field(description="Window")
    error_budget_left: Number = Field(description="Error budget left (share); below 0 where more was spent", le=1)


class AlertRule(Predicate):
    """Monitoring rule with its route and consequence."""

    TYPE = "alert-rule"
    SUPERSEDES = ("signal",)
    CLASSES = ("ingested",)
    COLLECTOR = "Prometheus Alertmanager, Grafana"
    MAX_AGE = "P90D"
    RECORD_CLASS = "quality-system"

    signal: Name = Field(
        description="Signal watched, such as input-drift, prediction-outlier, confidence-drop, default-value-share"
    )
    threshold: Number = Field(description="Threshold")
    action: Literal["notify", "retrain", "human-review", "rollback", "suspend"] = Field(description="Consequence")
    route: Name = Field(description="Where it goes")
    accountable_role: Name = Field(description="Who answers")
    enabled: bool = Field(description="On")
    last_tested: Happened | None = Field(default=None, description="Last test")
    last_changed: Happened = Field(description="Last change")


class AlertEvent(Predicate):
    """One alert that fired, and what followed."""

    TYPE = "alert-event"
    CLASSES = ("ingested", "measured")
    COLLECTOR = "Alertmanager, or drift and performance sweeps"
    MAX_AGE = "P30D"
    RECORD_CLASS = "event-log"
    FEED = True
    EVENT = ("signal", "fired_at")
    RETOLD: ClassVar[Mapping[str, tuple[Any, ...] | None]] = {"art79_risk": (False,)}

    signal: Name = Field(description="Signal")
    value: Number = Field(description="Value")
    threshold: Number = Field(description="Threshold")
    fired_at: Happened = Field(description="When it fired")
    art79_risk: bool = Field(description="Judged a risk to health, safety or rights (Art 79(1))")
    risk_id: Name | None = Field(default=None, description="Entry of the risk register")
    suspended_at: Happened | None = Field(default=None, description="When use was suspended")
    notified: dict[Name, Happened] = Field(description="Who was told and when; empty map if nobody")
    reviewed_at: Happened | None = Field(default=None, description="When the analysis was reviewed")


class LoggingCheck(Predicate):
    """Probe of event logging: is it on, what does it emit, which fields."""

    TYPE = "logging-check"
    CLASSES = ("measured", "ingested")
    COLLECTOR = "quaestor probe logging (scripted run)"
    MAX_AGE = "P7D"
    RECORD_CLASS = "quality-system"

    enabled: bool = Field(description="Logging is on in the deployed configuration")
    heartbeat_at: Happened = Field(description="Newest log event")
    required_event_classes: tuple[Name, ...] = Field(
        description="Event classes mapped to Art 12(2), each as purpose:event"
    )
    emitted_event_classes: tuple[Name, ...] = Field(description="Event classes seen in a scripted run")
    biometric_fields_nonnull: dict[Name, bool] | None = Field(
        default=None,
        description="Art 12(3) fields: period-of-use, reference-database, matched-input, verifying-persons",
    )


class InterfaceProbe(Predicate):
    """Probe of what users and the public see: AI notice, content marks, CE marking, published documents."""

    TYPE = "interface-probe"
    CLASSES = ("measured",)
    COLLECTOR = "quaestor probe (browser or API run)"
    MAX_AGE = "P30D"
    RECORD_CLASS = "quality-system"

    target: Literal["ai-notice", "content-mark", "ce-mark", "public-document"] = Field(description="What was probed")
    modality: Literal["text", "image", "audio", "video", "none"] = Field(description="Modality")
    present: bool = Field(description="Found")
    first_turn: bool | None = Field(default=None, description="Found in the first interactive turn")
    accessible: bool | None = Field(default=None, description="Accessible")
    sample_size: Count | None = Field(default=None, description="Outputs sampled (items)")
    mark_presence: MetricEstimate | None = Field(default=None, description="Share of outputs with a mark")
    detector_recall: MetricEstimate | None = Field(default=None, description="Recall of the detector")
    document_kind: Literal["training-content-summary", "bias-audit-summary", "model-card", "none"] | None = Field(
        default=None, description="Document probed"
    )
    resolves: bool | None = Field(default=None, description="The address resolves")
    document_digest: DigestText | None = Field(default=None, description="Digest found")
    approved_digest: DigestText | None = Field(default=None, description="Digest approved")
    notified_body_number_shown: bool | None = Field(default=None, description="Notified body number shown")


class NoticeRecord(Predicate):
    """Notices given, disclosures made and labels put on content."""

    TYPE = "notice-record"
    CLASSES = ("ingested", "attested")
    COLLECTOR = "messaging system, case system, publishing system"
    MAX_AGE = "P90D"
    RECORD_CLASS = "quality-system"
    FEED = True
    EVENT = ("delivered_at", "kind", "audience")

    kind: Literal[
        "ai-use",
        "pre-use",
        "workers",
        "candidates",
        "emotion-biometric",
        "adverse-outcome",
        "content-label",
        "developer-update",
        "commission-notification",
        "test-consent",
        "authority",
    ] = Field(description="Kind")
    audience: Name = Field(description="Who")
    delivered_at: Happened = Field(description="When")
    before_event_at: Instant | None = Field(default=None, description="Event that the notice must precede")
    business_days_ahead: Count | None = Field(default=None, description="Lead time (business days)")
    coverage: Share = Field(description="Persons or items reached over those owed (share)")
    opt_out_offered: bool | None = Field(default=None, description="Opt-out, or recorded exception, offered")
    access_workflow: bool | None = Field(default=None, description="Access to logic offered")
    items: dict[Name, Literal["present", "absent"]] | None = Field(default=None, description="Content items")
    exception_reason: Text | None = Field(default=None, description="Exception relied on")
    responsible_editor: PersonRef | None = Field(default=None, description="Editor who answers for a published text")
    accessible: bool | None = Field(default=None, description="Clear, distinguishable, accessible")
