"""Values that several predicates share; names and fields follow the control catalogue."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Date, DigestText, Frozen, Instant, Int, Number


class MetricEstimate(Frozen):
    """A measured value with its interval; policies judge the worse end.

    `confidence` is the level (0.95), `excluded` the number of rows left out.
    """

    value: Number
    n: Int
    ci_low: Number
    ci_high: Number
    confidence: Number
    excluded: Int


class MetricPoint(Frozen):
    """One past value of a metric."""

    name: str
    version: str
    value: Number
    at: Instant


class SliceResult(Frozen):
    """Metric of one slice or group."""

    dimension: str
    value: str
    n: Int
    metric: MetricEstimate


class Period(Frozen):
    """Half-open period."""

    start: Instant
    end: Instant


class PeriodResult(Frozen):
    """Metric of one test period."""

    period: Period
    n: Int
    metric: MetricEstimate


class TestResult(Frozen):
    """Result of one planned test."""

    passed: bool
    observed: MetricEstimate
    threshold_digest: DigestText


class Threshold(Frozen):
    """Threshold of one planned test."""

    op: Literal[">=", "<="]
    value: Number
    confidence: Number


class ThreatLimit(Frozen):
    """Limit of one threat model, or the signed reason for leaving it out."""

    id: str
    limit: Number | None = None
    not_applicable_reason: str | None = None


class Range(Frozen):
    """Closed range."""

    low: Number
    high: Number


class PersonRef(Frozen):
    """A natural person by stable identifier."""

    id: str
    name: str
    role: str | None = None


class ComponentRef(Frozen):
    """A component or dependency."""

    name: str
    version: str
    digest: DigestText | None = None
    supplier: str | None = None
    kind: Literal["model", "dataset", "library", "service"]
    licence: str | None = None
    supported: bool | None = None


class Node(Frozen):
    """Node of the lineage graph."""

    id: str
    kind: Literal["source", "dataset", "feature", "run", "model", "deployment", "output", "decision"]
    digest: DigestText | None = None
    owner: PersonRef | None = None
    origin: str | None = None
    licence: str | None = None
    purpose: str | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None
    legal_ground: str | None = None
    consent: str | None = None
    personal_data: tuple[str, ...] | None = None
    collected_on: Date | None = None
    retain_until: Date | None = None


class Edge(Frozen):
    """Edge of the lineage graph; run is the transformation that made it."""

    from_: str = Field(alias="from")
    to: str
    kind: Literal["derived", "trained", "read", "served", "produced"]
    run: str | None = None


class Path(Frozen):
    """Path through the lineage graph."""

    nodes: tuple[str, ...]
    complete: bool


class Change(Frozen):
    """Difference to the last approved release."""

    kind: Literal["purpose", "base-model", "training-population", "decision-context", "data", "code", "configuration"]
    change_class: Literal["minor", "pre-determined", "substantial", "unclassified"]
    at: Instant
    in_house: bool


class ActionItem(Frozen):
    """Action with owner and date."""

    text: str
    owner: PersonRef
    started_at: Instant | None = None
    due_at: Instant
    done_at: Instant | None = None


class ReasonedClaim(Frozen):
    """A claim or exception with its reason."""

    claim: str
    reason: str
    approver: PersonRef | None = None
    at: Instant | None = None


class ReviewedClaim(Frozen):
    """A ground of the law by its name, why it holds here, and the second person who signed for it."""

    claim: str
    reason: str
    reviewed_by: PersonRef | None = None


class ReasonRef(Frozen):
    """Reason with its article."""

    text: str
    reference: str


class LimitRule(Frozen):
    """Numeric limit with what follows."""

    signal: str
    op: Literal[">=", "<="]
    value: Number
    procedure: str


class Deprecation(Frozen):
    """End-of-life decision."""

    status: Literal["none", "retrain", "deprecated", "decommissioned"]
    decided_at: Instant
    decided_by: PersonRef


class Condition(Frozen):
    """Condition of an approval."""

    text: str
    met: bool


class RecordRef(Frozen):
    """Entry of the evidence index."""

    record_id: DigestText
    type: str
    evidence_class: Literal["measured", "derived", "ingested", "attested"]
    subject_digests: tuple[DigestText, ...]
    collected_at: Instant
    expires_at: Instant
    signature_state: Literal["verified", "unverified", "absent"]
    signer_kind: Literal["person", "machine", "none"]
    signer_role: str | None = None
    trusted_time: Instant | None = None


class SchemaField(Frozen):
    """Field of a model interface."""

    name: str
    dtype: str
    unit: str | None = None
    classification: str
    sensitive_label: str | None = None


class GuardrailState(Frozen):
    """Guardrail in the deployed configuration."""

    name: str
    active: bool


class Finding(Frozen):
    """Finding of a test or audit."""

    id: str
    severity: Literal["low", "medium", "high", "critical"]
    open: bool
    due_at: Instant | None = None
    extension_by: PersonRef | None = None


class Override(Frozen):
    """Emergency right."""

    reason: str
    second_person: PersonRef
    expires_at: Instant


class TimedNote(Frozen):
    """Entry of a timeline."""

    at: Instant
    text: str


class Measure(Frozen):
    """Oversight measure."""

    text: str
    interface_element: str


class DocumentRef(Frozen):
    """Controlled document."""

    digest: DigestText
    approved_at: Instant
    expires_at: Instant


class PlannedMetric(Frozen):
    """Metric of a monitoring plan."""

    name: str
    source: str
    frequency_days: Int
    owner: PersonRef
