"""What was planned and what live runs of the model measured."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Count, DigestText, Happened, HappenedDay, Int, Name, Number, RowKey, Text
from evidence.model.predicates.base import ARTIFACT, ARTIFACT_ON_DATA, Predicate
from evidence.model.predicates.values import (
    ActionItem,
    Association,
    MetricEstimate,
    OperatingPoint,
    Period,
    PeriodResult,
    RowCounts,
    SliceGap,
    SliceResult,
    TestResult,
    ThreatLimit,
    Threshold,
)


class ValidationPlan(Predicate):
    """Tests, metrics and thresholds fixed before the test."""

    TYPE = "validation-plan"
    SUPERSEDES = ()
    CLASSES = ("attested",)
    COLLECTOR = "plan file under version control, signed"
    MAX_AGE = "P365D"
    RECORD_CLASS = "technical-documentation"

    committed_at: Happened = Field(description="When the signed plan was committed")
    required_tests: tuple[Name, ...] = Field(description="Ids of tests that must run")
    thresholds: dict[Name, Threshold] = Field(description="Threshold per test, with confidence")
    primary_metric: Name = Field(description="Primary metric")
    protected_attributes: tuple[Name, ...] = Field(description="Groups declared for bias examination")
    threat_models: tuple[ThreatLimit, ...] = Field(
        description="Declared threat models, each with a limit or a signed reason for leaving out"
    )
    golden_set_digest: DigestText | None = Field(default=None, description="Reference inputs for equivalence")
    dataset_digest: DigestText | None = Field(default=None, description="Data that the model will be tested on")
    training_digest: DigestText | None = Field(
        default=None, description="Data that the model is said to have learnt from"
    )
    operating_point: OperatingPoint | None = Field(
        default=None, description="Decision threshold, label, favourable class and protected columns"
    )
    operating_reason: Text | None = Field(
        default=None, description="Why the operating point is another than that of the system's first run"
    )
    settings_digest: DigestText | None = Field(
        default=None,
        description="Digest of everything else that the run goes by: files, inputs, threshold, groups, attacks",
    )


class ValidationRun(Predicate):
    """Live ONNX run of a candidate on a digest-pinned dataset."""

    TYPE = "validation-run"
    ABOUT = ARTIFACT_ON_DATA
    CLASSES = ("measured",)
    COLLECTOR = "quaestor validate (sandboxed ONNX run)"
    MAX_AGE = "P180D"
    RECORD_CLASS = "technical-documentation"

    artifact_digest: DigestText = Field(description="Model that ran")
    dataset_digest: DigestText = Field(description="Data it ran on")
    plan_digest: DigestText = Field(description="Digest of the validation plan recorded in the run")
    started_at: Happened = Field(description="Start")
    seed: Int = Field(description="Seed")
    environment: Name = Field(description="Environment, such as staging")
    hardware: Name = Field(description="Hardware it ran on")
    execution_providers: tuple[Name, ...] = Field(description="ONNX execution providers tried")
    split: Literal["validation", "test", "holdout", "golden"] = Field(description="Split")
    population: Name = Field(description="Population or locale of the data")
    population_as_of: HappenedDay = Field(description="Day the data stands for")
    primary_metric: Name = Field(description="Primary metric")
    metrics: dict[Name, MetricEstimate] = Field(description="Metrics with n and interval")
    slices: tuple[SliceResult, ...] = Field(description="Results per slice and group")
    periods: tuple[PeriodResult, ...] = Field(description="Primary metric per test period")
    baseline_metrics: dict[Name, MetricEstimate] | None = Field(
        default=None, description="Metrics of the incumbent on the same data"
    )
    test_results: dict[Name, TestResult] = Field(description="Result per test id of the plan")
    calibration_error: MetricEstimate | None = Field(
        default=None, description="Expected calibration error over bins of equal mass, debiased"
    )
    latency_ms: dict[Name, MetricEstimate] = Field(description="Latency percentiles p50, p95, p99 (ms)")
    max_output_difference: Number | None = Field(
        default=None, description="Largest difference to the reference outputs on the golden set"
    )
    golden_set_digest: DigestText | None = Field(
        default=None, description="Reference inputs on which the outputs were compared"
    )
    batch_invariant: bool | None = Field(default=None, description="Outputs do not depend on the batch")
    deterministic: bool | None = Field(default=None, description="A second run gave the same outputs")
    compressed_from: DigestText | None = Field(default=None, description="Digest of the uncompressed model")
    training_digest: DigestText | None = Field(default=None, description="Training data that the plan names")
    reference_digest: DigestText | None = Field(default=None, description="Reference that the data were compared with")
    operating_point: OperatingPoint | None = Field(
        default=None, description="Decision threshold, label, favourable class and protected columns of this run"
    )
    operating_changes: tuple[Name, ...] | None = Field(
        default=None,
        description="What of the operating point is not as in the system's first run; empty list if nothing",
    )
    operating_reason: Text | None = Field(default=None, description="Why it is another, as the committed plan says")
    row_counts: RowCounts | None = Field(default=None, description="Rows left out, abstained on, and of no known group")
    duplicate_rows: Count | None = Field(
        default=None, description="Rows that repeat the inputs and the label of another (rows)"
    )
    effective_n: Count | None = Field(
        default=None, description="Independent cases among the rows, copies and clusters counted once (Kish)"
    )
    clipped_scores: Count | None = Field(
        default=None, description="Scores a hair outside 0 to 1 that were cut to it, as rounding leaves them (rows)"
    )
    judged: dict[Name, Count] | None = Field(
        default=None, description="How many slices, periods, groups and distances the run tells, by kind"
    )
    class_sizes: dict[Literal["positive", "negative"], Count] | None = Field(
        default=None, description="Independent cases of each label among the scored rows"
    )
    row_sketch: tuple[RowKey, ...] | None = Field(
        default=None,
        max_length=128,
        description="Least 128 keys of the different rows, inputs to ten binary digits, by which copies are known",
    )
    cluster_column: Name | None = Field(default=None, description="Column whose equal values are one case, if declared")
    split_overlap_rows: Count | None = Field(
        default=None, description="Rows whose inputs and label stand in the training data too, as measured (rows)"
    )
    reference_overlap_rows: Count | None = Field(
        default=None, description="Rows whose inputs stand in the reference too, as measured (rows)"
    )
    classes: tuple[Name, ...] | None = Field(default=None, description="Classes of a model of several, in its order")
    confusion: tuple[tuple[Count, ...], ...] | None = Field(
        default=None, description="Rows by true class and by answered class, in the order of the classes (rows)"
    )
    examined: dict[Name, MetricEstimate] | None = Field(
        default=None, description="Numbers of the tests beside the pass over the data, by the ids that the plan uses"
    )
    slice_gaps: tuple[SliceGap, ...] | None = Field(
        default=None, description="Slices and periods in which the primary metric is undefined; empty list if none"
    )


class FairnessAudit(Predicate):
    """Group-wise results and gap measures for a candidate."""

    TYPE = "fairness-audit"
    ABOUT = ARTIFACT_ON_DATA
    CLASSES = ("measured",)
    COLLECTOR = "quaestor validate (group counts)"
    MAX_AGE = "P180D"
    RECORD_CLASS = "technical-documentation"

    artifact_digest: DigestText = Field(description="Model audited")
    dataset_digest: DigestText = Field(description="Data used")
    audited: Literal["model-outputs", "training-labels"] = Field(description="What was audited")
    attributes: tuple[Name, ...] = Field(description="Attributes covered")
    intersections: tuple[Name, ...] = Field(description="Intersections covered")
    group_sizes: dict[Name, Count] = Field(description="Cases per group (rows)")
    unknown_count: Count = Field(description="Cases whose group is unknown (rows)")
    group_metrics: dict[Name, dict[Name, MetricEstimate]] = Field(description="Metrics per group")
    parity_difference: dict[Name, MetricEstimate] = Field(description="Selection-rate difference per attribute")
    odds_difference: dict[Name, MetricEstimate] = Field(description="Equalised-odds difference per attribute")
    parity_ratio: dict[Name, MetricEstimate] | None = Field(
        default=None, description="Ratio of the least to the greatest selection rate per attribute"
    )
    opportunity_difference: dict[Name, MetricEstimate] | None = Field(
        default=None, description="Equal-opportunity difference per attribute"
    )
    impact_ratio: dict[Name, MetricEstimate] = Field(description="Selection-rate ratio per group to the best group")
    mean_difference: dict[Name, MetricEstimate] | None = Field(
        default=None, description="Largest difference of mean answers between groups per attribute (unit of the target)"
    )
    error_difference: dict[Name, MetricEstimate] | None = Field(
        default=None, description="Largest difference of mean absolute errors between groups per attribute (same unit)"
    )
    binding_measures: tuple[Literal["parity_difference", "odds_difference", "impact_ratio"], ...] = Field(
        description="Measures that bind for this system"
    )
    binding_gaps: tuple[Literal["mean_difference", "error_difference"], ...] | None = Field(
        default=None, description="Measures in the unit of the target that bind, where the answer is a number"
    )
    mitigation: tuple[ActionItem, ...] = Field(
        description="Mitigation done, or the reason why none; empty list if not needed"
    )
    effective_group_sizes: dict[Name, Count] | None = Field(
        default=None, description="Independent cases per group, copies counted once"
    )
    row_counts: RowCounts | None = Field(default=None, description="Rows left out, abstained on, and of no known group")
    operating_point: OperatingPoint | None = Field(
        default=None, description="Decision threshold, label, favourable class and protected columns"
    )
    associations: dict[Name, Association] | None = Field(
        default=None, description="How each protected attribute goes together with label and features in these data"
    )


class RobustnessReport(Predicate):
    """Behaviour under corrupted, hostile, poisoned, malformed or unusual input, and under faults."""

    TYPE = "robustness-report"
    ABOUT = ARTIFACT
    CLASSES = ("measured",)
    COLLECTOR = "quaestor validate (perturbation and attack suite)"
    MAX_AGE = "P180D"
    RECORD_CLASS = "technical-documentation"

    artifact_digest: DigestText = Field(description="Model tested")
    attack_kinds: tuple[Name, ...] = Field(description="Attacks tried")
    perturbation_budget: dict[Name, Number] = Field(description="Budget per attack")
    budget_in_sd: dict[Name, dict[Name, Number]] | None = Field(
        default=None,
        description="Budget per attack and feature in standard deviations of the rows tried; constant ones are absent",
    )
    tolerance: Number | None = Field(
        default=None, description="How far an answer that is a value may move (unit of the target)"
    )
    tolerance_in_sd: Number | None = Field(
        default=None,
        description="The tolerance in standard deviations of the true values tried, or of their middle half",
    )
    accuracy_drop: MetricEstimate = Field(
        description="Loss of accuracy under the worst attack; of values the share moved beyond the tolerance"
    )
    attack_success: dict[Name, MetricEstimate] = Field(description="Success rate per threat model")
    corruption_drop: dict[Name, MetricEstimate] = Field(description="Loss per corruption kind")
    poisoning_checked: bool = Field(description="A poisoning screen ran on every training set")
    poisoning_hits: Count = Field(description="Suspect rows left after the screen")
    invalid_input_rejection: MetricEstimate = Field(description="Share of malformed probes rejected")
    ood_rejection: MetricEstimate | None = Field(default=None, description="Share of out-of-domain probes rejected")
    valid_input_rejection: MetricEstimate | None = Field(default=None, description="Share of valid input rejected")
    fault_trials: Count = Field(description="Fault trials (out of schema, NaN, overflow, provider failure)")
    fault_safe_responses: Count = Field(description="Fault trials with the safe response")
    shift_bound_tested: bool | None = Field(default=None, description="Bounded-shift test for feedback loops done")
    membership_inference_advantage: MetricEstimate | None = Field(
        default=None, description="Advantage of a membership-inference attack"
    )
    extraction_rate: MetricEstimate | None = Field(default=None, description="Share of training records extracted")


class DriftReport(Predicate):
    """Distance between a live and a baseline distribution."""

    TYPE = "drift-report"
    CLASSES = (
        "measured",
        "ingested",
    )
    COLLECTOR = "quaestor validate --drift, or a monitoring tool"
    MAX_AGE = "P7D"
    RECORD_CLASS = "quality-system"

    target: Literal["input", "prediction", "confidence", "concept", "population", "environment"] = Field(
        description="What was compared"
    )
    feature: Name | None = Field(default=None, description="Input compared")
    statistic: Literal["psi", "kl", "ks", "chi2", "wasserstein", "js"] = Field(description="Statistic")
    value: MetricEstimate = Field(description="Distance with interval")
    out_of_domain_rate: MetricEstimate | None = Field(
        default=None, description="Share of inputs outside the training domain"
    )
    baseline_ref: DigestText = Field(description="Digest of the baseline")
    window: Period = Field(description="Period compared")
    alert_raised: bool = Field(description="An alert was raised")
    dismissal_reason: Text | None = Field(default=None, description="Why a breach was dismissed")
