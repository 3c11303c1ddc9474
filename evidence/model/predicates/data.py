"""Datasets, the processing that they serve, and the graph that joins them to models."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Amount, Count, DigestText, Happened, HappenedDay, Name, Number, Share, Text
from evidence.model.predicates.base import CONTENT, DATASET, Predicate
from evidence.model.predicates.values import (
    ActionItem,
    Change,
    ColumnQuality,
    ComponentRef,
    Edge,
    FailedCheck,
    MetricEstimate,
    Node,
    Path,
    PersonRef,
)


class DatasetRecord(Predicate):
    """Datasheet of one dataset version."""

    TYPE = "dataset-record"
    ABOUT = CONTENT
    CLASSES = (
        "ingested",
        "attested",
    )
    COLLECTOR = "data catalogue, datasheet"
    MAX_AGE = "P365D"
    RECORD_CLASS = "technical-documentation"

    version: Name = Field(description="Version")
    content_digest: DigestText = Field(description="Digest recomputed from the stored content")
    sources: tuple[Name, ...] = Field(description="Sources")
    collected_how: Literal[
        "own-collection",
        "licensed",
        "public-record",
        "targeted-scrape",
        "untargeted-scrape",
        "synthetic",
        "unknown",
    ] = Field(description="How it was obtained")
    opt_out_checked: bool | None = Field(
        default=None, description="Rights-holder opt-outs were honoured for web sources"
    )
    licence: Name = Field(description="Licence")
    purposes: tuple[Name, ...] = Field(description="Purposes of collection")
    classification: Name = Field(description="Data class")
    special_category: bool = Field(description="Holds special-category data")
    offence_data: bool | None = Field(default=None, description="Holds data on criminal convictions or offences")
    used_for_bias_work: bool = Field(description="Held for bias detection or correction")
    bias_closed_at: Happened | None = Field(default=None, description="When bias work ended")
    personal: bool = Field(description="Holds personal data")
    personal_attributes: tuple[Name, ...] = Field(description="Personal attributes; empty list if none")
    phi: bool = Field(description="Holds protected health information")
    lawful_basis: Literal[
        "consent",
        "contract",
        "legal-obligation",
        "vital-interest",
        "public-task",
        "legitimate-interest",
        "none",
    ] = Field(description="GDPR Art 6 basis")
    special_ground: Text | None = Field(
        default=None, description="Ground by its article: GDPR Art 9(2) with its letter, Art 10 for offence data"
    )
    consent_status: Literal["not-needed", "given", "withdrawn", "unknown"] = Field(description="Consent")
    withdrawn_rows: Count = Field(description="Rows whose consent was withdrawn (rows)")
    collected_on: HappenedDay = Field(description="First day of collection")
    owning_unit: Name = Field(description="Unit that owns it")
    stewards: dict[Literal["labelling", "access", "updates"], PersonRef] = Field(description="Stewards")
    residency: tuple[Name, ...] = Field(description="Regions where it may lie; empty list if free")
    assumptions: Text | None = Field(default=None, description="Assumptions")
    suitability: Text | None = Field(default=None, description="Availability, quantity and suitability")
    gaps: tuple[ActionItem, ...] | None = Field(default=None, description="Gaps, each with its treatment")
    schema_version: Name = Field(description="Schema version")
    schema_compatibility: Literal["backward", "forward", "full", "none"] = Field(
        description="Compatibility of the schema"
    )
    retention_class: Name = Field(description="Retention class")
    deleted_at: Happened | None = Field(default=None, description="When deleted")


class ProcessingRecord(Predicate):
    """Entry of the record of processing for a system."""

    TYPE = "processing-record"
    SUPERSEDES = ("entry_id",)
    CLASSES = (
        "ingested",
        "attested",
    )
    COLLECTOR = "record of processing (GDPR Art 30)"
    MAX_AGE = "P365D"
    RECORD_CLASS = "ropa"

    entry_id: Name = Field(description="Entry")
    systems: tuple[Name, ...] = Field(description="Systems it names")
    version_family: Name = Field(description="Version family it names")
    purposes: tuple[Name, ...] = Field(description="Purposes")
    compatibility_memo: DigestText | None = Field(default=None, description="Memo for a compatible further purpose")
    feature_necessity: dict[Name, Text] = Field(description="Necessity per personal feature; empty map if none")
    phi_necessity: dict[Name, Name] | None = Field(default=None, description="Role-based necessity per PHI feature")
    special_category_approved: bool | None = Field(default=None, description="Art 4a processing is entered with reason")


class LineageGraph(Predicate):
    """Graph of sources, datasets, features, runs, models and deployments."""

    TYPE = "lineage-graph"
    SUPERSEDES = ()
    CLASSES = ("derived",)
    COLLECTOR = "lineage store (OpenLineage events, registry, training runs)"
    MAX_AGE = "P7D"
    RECORD_CLASS = "technical-documentation"

    nodes: tuple[Node, ...] = Field(description="Nodes with kind, digest, owner, origin, licence, purpose and times")
    edges: tuple[Edge, ...] = Field(description="Edges with kind and transformation run")
    node_versions: dict[str, str] = Field(description="Version per node")
    node_digests: dict[str, DigestText] = Field(description="Content digest per node")
    source_paths: dict[str, tuple[Path, ...]] = Field(description="Paths from each model input to its sources")
    complete_path_share: Share = Field(description="Model inputs with a gapless path to a source (share)")
    gaps: tuple[str, ...] | None = Field(
        default=None, description="Where the ancestry breaks off or lacks an owner, origin, licence, purpose or run"
    )
    orphan_nodes: tuple[str, ...] = Field(description="Nodes without an edge")
    unowned_nodes: tuple[str, ...] = Field(description="Nodes without an owner")
    duplicate_features: tuple[str, ...] = Field(description="Features defined more than once")
    upstream_components: tuple[ComponentRef, ...] = Field(
        description="Third-party components and base models, with supplier and pinned digest"
    )
    changes: tuple[Change, ...] = Field(
        description="Differences to the last approved release: kind, class, planned or not, when, author, approver"
    )
    feedback_paths: tuple[Path, ...] = Field(description="Paths from production outputs back to training inputs")
    person_level_outputs: tuple[str, ...] = Field(description="Outputs that evaluate single persons")
    cross_context_uses: tuple[str, ...] = Field(
        description="Person-level scores used outside the context of collection"
    )
    cumulative_training_exaflop: Count | None = Field(
        default=None, description="Compute summed over the training lineage (10^18 FLOP)"
    )
    systemic_threshold_met_at: Happened | None = Field(
        default=None, description="When the compute passed the threshold of systemic risk, or was known to"
    )
    base_model_exaflop: Count | None = Field(
        default=None,
        description="Compute of the base model, or the substitute threshold where unknown (10^18 FLOP)",
    )
    modification_exaflop: Count | None = Field(default=None, description="Compute of own modification (10^18 FLOP)")
    # As graphs had it before they counted in 10^18: no control reads them, and what was decided then is made again.
    cumulative_training_flop: Amount | None = Field(default=None, description="As earlier graphs have it (FLOP)")
    base_model_flop: Amount | None = Field(default=None, description="As earlier graphs have it (FLOP)")
    modification_flop: Amount | None = Field(default=None, description="As earlier graphs have it (FLOP)")


class DataQualityReport(Predicate):
    """Checks on a dataset or feature feed at a named stage, and the dataset's statistical profile."""

    TYPE = "data-quality-report"
    ABOUT = DATASET
    CLASSES = (
        "measured",
        "ingested",
    )
    COLLECTOR = "quaestor validate (data quality), or a data quality tool"
    MAX_AGE = "P30D"
    RECORD_CLASS = "technical-documentation"

    stage: Literal["ingestion", "training", "retraining", "serving", "feature-parity", "profile", "historical"] = Field(
        description="Stage"
    )
    dataset_digest: DigestText = Field(description="Dataset")
    checks: tuple[Name, ...] = Field(description="Checks that ran")
    failed_checks: tuple[FailedCheck, ...] = Field(
        description="Failed checks, each blocking or not; empty list if none"
    )
    error_rate: Share | None = Field(default=None, description="Error rate of the feed (share)")
    completeness: Share | None = Field(default=None, description="Completeness of the input (share)")
    freshness_minutes: Count | None = Field(default=None, description="Age of the newest row (minutes)")
    max_difference: Number | None = Field(
        default=None, description="Largest difference between stored and live feature values"
    )
    label_error_rate: MetricEstimate | None = Field(default=None, description="Label error rate")
    missing_rate: MetricEstimate | None = Field(default=None, description="Missingness: rows without some input")
    duplicate_rate: MetricEstimate | None = Field(default=None, description="Duplicate rate")
    group_shares: dict[Name, Share] | None = Field(default=None, description="Share per declared group (share)")
    reference_shares: dict[Name, Share] | None = Field(
        default=None, description="Share per group in the reference population (share)"
    )
    split: Literal["test", "training", "reference"] | None = Field(
        default=None, description="Which table of a validation plan it is"
    )
    rows: Count | None = Field(default=None, description="Rows (rows)")
    columns: dict[Name, ColumnQuality] | None = Field(default=None, description="Each model input by itself")
