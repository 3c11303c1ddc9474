"""Values that several predicates share; names and fields follow the control catalogue."""

from typing import Literal, Self

from pydantic import Field, model_validator

from evidence.model.base import (
    Amount,
    Count,
    Date,
    DigestText,
    Frozen,
    Happened,
    HappenedDay,
    Instant,
    Name,
    Number,
    Share,
    Text,
)


class MetricEstimate(Frozen):
    """A measured value with its interval; policies judge the worse end.

    `confidence` is the level (0.95; from 0.8 on, since a low one makes an interval as short as one likes), `excluded`
    the number of rows left out. The value lies inside its interval. `method` names the definition of the value and its
    interval where there is more than one (docs/validation.md lists them).
    """

    value: Number
    n: Count = Field(ge=1)
    ci_low: Number
    ci_high: Number
    confidence: Share = Field(ge=0.8, lt=1)
    excluded: Count
    method: Name | None = None

    @model_validator(mode="after")
    def _inside(self) -> "MetricEstimate":
        if not self.ci_low <= self.value <= self.ci_high:
            raise ValueError(f"the value {self.value} lies outside its interval {self.ci_low} to {self.ci_high}")
        return self


MaskingSign = Literal["labels-only", "steps", "flat", "few-scores", "outdone"]
"""Why the slopes of a model may say nothing about its robustness."""


class Certificate(Frozen):
    """On how many rows it was decided, not tried, whether any perturbation of the size `budget` turns the answer.

    `method`: trees (exact: every reachable combination of splits was bounded, asked or ruled out by a mixed-integer
    programme), interval-bounds (of a network: rows not proved may be robust all the same), or none, with the `reason`.
    `rows` are those answered rightly; `turned` those with a perturbation that the model was seen to answer wrongly,
    `found` those of them that the search had found; `proved` those that nothing can turn.
    """

    method: Literal["trees", "interval-bounds", "none"]
    reason: Text | None = None
    budget: Number
    rows: Count
    turned: Count
    found: Count
    proved: Count
    undecided: Count

    @model_validator(mode="after")
    def _whole(self) -> "Certificate":
        if self.turned + self.proved + self.undecided != self.rows or self.found > self.turned:
            raise ValueError("the rows turned, proved and undecided are not the rows that were judged")
        if (self.method == "none") != (self.reason is not None):
            raise ValueError("a reason stands where no method fits, and nowhere else")
        return self


class MetricPoint(Frozen):
    """One past value of a metric."""

    name: Name
    version: Name
    value: Number
    at: Happened


class SliceResult(Frozen):
    """Metric of one slice or group."""

    dimension: Name
    value: str
    n: Count
    metric: MetricEstimate


class SliceGap(Frozen):
    """A slice or period in which the primary metric is undefined: its scored and left-out rows, and why."""

    dimension: Name
    value: str
    n: Count
    excluded: Count
    reason: Text


class CalibrationFit(Frozen):
    """Calibration slope and intercept of a group (`column=value`), or of all rows where there is no group.

    One that is absent cannot be told: too few rows, one label alone, or labels that the scores separate.
    """

    group: Name | None = None
    n: Count
    slope: MetricEstimate | None = None
    intercept: MetricEstimate | None = None


class RowCounts(Frozen):
    """Rows of a table: all, those left out for a gap, those on which the model abstained, those of no known group.

    `unknown` is by dimension; a blank or a placeholder such as `?` is no group. Shares are of all rows.
    """

    rows: Count
    excluded: Count
    abstained: Count
    unknown: dict[Name, Count]
    excluded_share: Share
    abstained_share: Share
    unknown_share: dict[Name, Share]


class WeightedGroup(Frozen):
    """A group of rows that count by a weight: its rows, its share of all rows and of all weight, its primary metric.

    `metric` is absent where it is undefined, or the group too small.
    """

    dimension: Name
    value: str
    n: Count
    row_share: Share
    weight_share: Share
    metric: MetricEstimate | None = None


class Weighting(Frozen):
    """What a run tells where a column says how much each row counts, beside the numbers in which each counts once.

    `weightless` rows have the weight 0; `abstained_share` of all weight lies on rows on which the model abstained;
    `effective_n` is Kish's number of independent cases, `largest_share` the part of all weight that one case has.
    `metrics` are those of the run, weighted; `groups` those of each dimension and period.
    """

    column: Name
    weightless: Count
    abstained_share: Share
    effective_n: Count
    largest_share: Share
    metrics: dict[Name, MetricEstimate]
    groups: tuple[WeightedGroup, ...]


class OperatingPoint(Frozen):
    """What was called positive, favourable and selected, and which columns were protected.

    `threshold` is absent for a model that gives classes, and where each of several labels has its own in `thresholds`;
    `protected` says for each attribute which column it is, and where it is cut; `weight` is the column that says how
    much each row counts. `kind` is absent where there are two classes. Of several `classes` or labels the positive one
    is the one that fairness is about, and the negative one stands for all others; of a value they stand for a higher
    and a lower one, in words. Where nobody is said to want either, `favourable` is positive and says nothing.
    `judged_by` says what else decides how good an answer looks, such as the cutoff of a ranking.
    """

    label: Name
    positive: str
    negative: str
    favourable: Literal["positive", "negative"]
    threshold: Number | None = None
    protected: dict[Name, str]
    kind: Literal["classes", "class", "labels", "value", "ranking"] | None = None
    classes: tuple[Name, ...] | None = None
    thresholds: tuple[Number, ...] | None = None
    weight: Name | None = None
    judged_by: Name | None = None


class Association(Frozen):
    """How a protected attribute goes together with the label and each numeric feature, as correlation ratios (0 to 1).

    `strongest` is the largest; a column without any association stays below `chance_level` in 95 of 100 tables, the
    number of comparisons allowed for.
    """

    n: Count
    label: Share | None = None
    features: dict[Name, Share]
    strongest: Share
    chance_level: Share


class PlannedPeriod(Frozen):
    """Half-open period that may lie ahead; it does not end before it begins."""

    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the period ends before it begins, or at once")
        return self


class Period(PlannedPeriod):
    """Half-open period; it does not end before it begins."""

    start: Happened
    end: Happened


class PeriodResult(Frozen):
    """Metric of one test period."""

    period: Period
    n: Count
    metric: MetricEstimate


class TestResult(Frozen):
    """Result of one planned test; of one on many numbers `judged` is how many there were, `met` how many met it.

    `observed` is then the number that decides.
    """

    passed: bool
    observed: MetricEstimate
    threshold_digest: DigestText
    judged: Count | None = None
    met: Count | None = None


class LoggedRun(Frozen):
    """A run against a test split that the ledger counts; `record_id` where its record is on file, withdrawn or not.

    Of a run that was killed, `record_id` is the statement in which a person says what became of it.
    An entry of an earlier release does not say what ran on which data.
    """

    plan_digest: DigestText
    artifact_digest: DigestText | None = None
    dataset_digest: DigestText | None = None
    same_rows_as: DigestText | None = None
    """The data of an earlier run that hold mostly the same rows, in another order or another file."""
    record_id: DigestText | None = None


class Threshold(Frozen):
    """Threshold of one planned test.

    `family` says how many numbers are judged by it at once, of a test that ends with `*`: each by itself, each after
    Holm's correction, or so that a `share` of them meets it.
    """

    op: Literal[">=", "<="]
    value: Number
    confidence: Share
    family: Literal["each", "holm", "share"] | None = None
    share: Share | None = Field(default=None, ge=0.8)

    @model_validator(mode="after")
    def _of_a_family(self) -> "Threshold":
        if (self.family == "share") != (self.share is not None):
            raise ValueError("`share` goes with `family: share`, and with nothing else")
        return self


class ThreatLimit(Frozen):
    """Limit of one threat model, or the signed reason for leaving it out."""

    id: Name
    limit: Number | None = None
    not_applicable_reason: Text | None = None


class Range(Frozen):
    """Closed range."""

    low: Number
    high: Number

    @model_validator(mode="after")
    def _forward(self) -> "Range":
        if self.high < self.low:
            raise ValueError("the high end lies below the low end")
        return self


class PersonRef(Frozen):
    """A natural person by stable identifier."""

    id: Name
    name: Name
    role: Name | None = None


class ComponentRef(Frozen):
    """A component or dependency; released_on is the day on which this version of it came out."""

    name: Name
    version: Name
    digest: DigestText | None = None
    supplier: Name | None = None
    kind: Literal["model", "dataset", "library", "service"]
    licence: Name | None = None
    supported: bool | None = None
    released_on: HappenedDay | None = None


class Node(Frozen):
    """Node of the lineage graph. A blank or a placeholder among its facts is a gap of the graph, not a mistake."""

    id: str
    kind: Literal["source", "dataset", "feature", "run", "model", "deployment", "output", "decision"]
    digest: DigestText | None = None
    owner: PersonRef | None = None
    origin: str | None = None
    licence: str | None = None
    purpose: str | None = None
    started_at: Happened | None = None
    finished_at: Happened | None = None
    legal_ground: str | None = None
    consent: str | None = None
    personal_data: tuple[str, ...] | None = None
    collected_on: HappenedDay | None = None
    retain_until: Date | None = None
    dtype: str | None = None


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
    at: Happened
    in_house: bool
    change_id: Name | None = None
    """Ticket of its change-record."""


class ActionItem(Frozen):
    """Action with owner and date."""

    text: Text
    owner: PersonRef
    started_at: Happened | None = None
    due_at: Instant
    done_at: Happened | None = None


class ReasonedClaim(Frozen):
    """A claim or exception with its reason."""

    claim: Name
    reason: Text
    approver: PersonRef | None = None
    at: Happened | None = None


class ReviewedClaim(Frozen):
    """A ground of the law by its name, why it holds here, and the second person who signed for it."""

    claim: str
    reason: str
    reviewed_by: PersonRef | None = None


class ReasonRef(Frozen):
    """Reason with its article."""

    text: Text
    reference: Name


class LimitRule(Frozen):
    """Numeric limit with what follows."""

    signal: Name
    op: Literal[">=", "<="]
    value: Number
    procedure: Text


class Deprecation(Frozen):
    """End-of-life decision."""

    status: Literal["none", "retrain", "deprecated", "decommissioned"]
    decided_at: Happened
    decided_by: PersonRef


class Condition(Frozen):
    """Condition of an approval."""

    text: Text
    met: bool


class RecordRef(Frozen):
    """Entry of the evidence index."""

    record_id: DigestText
    type: Name
    evidence_class: Literal["measured", "derived", "ingested", "attested"]
    subject_digests: tuple[DigestText, ...]
    collected_at: Happened
    expires_at: Instant
    signature_state: Literal["verified", "unverified", "absent"]
    signer_kind: Literal["person", "machine", "none"]
    signer_role: Name | None = None
    trusted_time: Instant | None = None


class SchemaField(Frozen):
    """Field of a model interface."""

    name: Name
    dtype: Name
    unit: Name | None = None
    classification: Name
    sensitive_label: Name | None = None


class GuardrailState(Frozen):
    """Guardrail in the deployed configuration."""

    name: Name
    active: bool


class Finding(Frozen):
    """Finding of a test or audit."""

    id: Name
    severity: Literal["low", "medium", "high", "critical"]
    open: bool
    due_at: Instant | None = None
    extension_by: PersonRef | None = None
    extended_until: Instant | None = None


class Override(Frozen):
    """Emergency right."""

    reason: Text
    second_person: PersonRef
    expires_at: Instant


class TimedNote(Frozen):
    """Entry of a timeline."""

    at: Happened
    text: Text


class Measure(Frozen):
    """Oversight measure."""

    text: Text
    interface_element: Name


class DocumentRef(Frozen):
    """Controlled document."""

    digest: DigestText
    approved_at: Happened
    expires_at: Instant


class PlannedMetric(Frozen):
    """Metric of a monitoring plan."""

    name: Name
    source: Name
    frequency_days: Count
    owner: PersonRef


class AnnouncedChange(Frozen):
    """Breaking change of an interface."""

    change: Text
    announced: bool


class Contact(Frozen):
    """Contact."""

    name: Name
    department: Name
    channel: Name


class FailureMode(Frozen):
    """Imagined failure of a release."""

    text: Text
    mitigation: Text
    owner: PersonRef
    at: Happened


class GroupOutcome(Frozen):
    """Outcome of one group."""

    n: Count
    impact_ratio: MetricEstimate


class Harm(Frozen):
    """Harm of an impact assessment."""

    id: Name
    text: Text
    group: Name


class Hazard(Frozen):
    """Hazard of the risk register."""

    id: Name
    harm_class: Literal["health", "safety", "rights"]
    cause: Text
    likelihood: Count
    severity: Count
    misuse: bool
    residual: Count
    measure_ids: tuple[Name, ...]


class Mitigation(Frozen):
    """Countermeasure."""

    harm_id: Name
    text: Text
    owner: PersonRef


class Overload(Frozen):
    """Time of overload of a review queue."""

    at: Happened
    backlog: Count
    fallback_at: Happened | None = None


class OwnerConsent(Frozen):
    """Consent of a pipeline owner."""

    pipeline: Name
    owner: PersonRef
    consented: bool


class RoleDuty(Frozen):
    """Duty in a procedure."""

    role: Name
    holder: PersonRef
    order: Count


class Scaling(Frozen):
    """Scaling policy."""

    enabled: bool
    signals: tuple[Name, ...]
    ceiling: Number
    uses_forecast: bool


class FailedCheck(Frozen):
    """Failed data check."""

    check: Name
    blocking: bool


class ColumnQuality(Frozen):
    """One model input in a table, as shares of its rows; what was not looked for is absent.

    `missing`: rows without a finite value. `out_of_range`: values outside the declared range. `unseen`: categories that
    the baseline does not hold. `constant`: it has one value, or none.
    """

    missing: MetricEstimate
    out_of_range: MetricEstimate | None = None
    unseen: MetricEstimate | None = None
    constant: bool


class LegacyDecision(Frozen):
    """What becomes of an old system, and from which figures that was decided."""

    decision: Literal["keep", "replace", "retire"]
    upkeep_cost: Amount
    replacement: Text
    owner: PersonRef
    decided_at: Happened
