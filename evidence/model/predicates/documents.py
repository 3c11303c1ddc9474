"""Documents about a model, and audits of it."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Count, DigestText, Happened, Instant, Name, Number, Text, Uri
from evidence.model.predicates.base import ARTIFACT, Predicate
from evidence.model.predicates.values import Finding, PersonRef, Range, ReviewedClaim


class ModelCard(Predicate):
    """Published facts about a model."""

    TYPE = "model-card"
    ABOUT = ARTIFACT
    CLASSES = (
        "attested",
        "derived",
    )
    COLLECTOR = "quaestor docs, completed and signed"
    MAX_AGE = "P180D"

    artifact_digest: DigestText = Field(description="Model")
    performance: dict[Name, Number] = Field(description="Declared metrics")
    training_data: Text = Field(description="Training data")
    assumptions: Text = Field(description="Assumptions")
    limitations: Text = Field(description="Limits")
    intended_use: Text = Field(description="Intended use")
    group_limitations: tuple[Name, ...] = Field(description="Groups for which a limit is declared; empty list if none")
    reviewed_by: tuple[PersonRef, ...] = Field(description="Reviewers")


class TechnicalFile(Predicate):
    """Technical documentation by item: Annex IV, XI or XII file, or the system card."""

    TYPE = "technical-file"
    ABOUT = ARTIFACT
    CLASSES = (
        "attested",
        "derived",
    )
    COLLECTOR = "quaestor docs (generated from evidence, completed by people)"
    MAX_AGE = "P365D"

    kind: Literal["annex-iv", "annex-iv-simplified", "annex-xi", "annex-xii", "system-card"] = Field(description="Kind")
    document_version: Name = Field(description="Version")
    artifact_digest: DigestText = Field(description="Model it describes")
    dataset_digests: tuple[DigestText, ...] = Field(description="Datasets it describes")
    items: dict[Name, Literal["present", "not-applicable", "absent"]] = Field(description="State per item id")
    not_applicable: tuple[ReviewedClaim, ...] = Field(
        default=(), description="Why an item is left out, each with the item as its claim and its reviewer"
    )
    sections: tuple[Name, ...] = Field(description="Sections of the regulator file")
    fairness_metrics: dict[Name, Number] = Field(description="Fairness figures stated")
    mitigation_steps: tuple[Text, ...] = Field(description="Bias countermeasures")
    feedback_loop_mitigation: Text | None = Field(default=None, description="Countermeasure for feedback loops")
    monitoring_plan_digest: DigestText | None = Field(default=None, description="Post-market monitoring plan contained")
    predetermined_changes: tuple[Text, ...] = Field(description="Changes planned in advance; empty list if none")
    reviewed_by: tuple[PersonRef, ...] = Field(description="Reviewers")


class InstructionsForUse(Predicate):
    """Instructions for use handed to deployers."""

    TYPE = "instructions-for-use"
    ABOUT = ARTIFACT
    CLASSES = (
        "attested",
        "derived",
    )
    COLLECTOR = "quaestor docs"
    MAX_AGE = "P365D"

    version: Name = Field(description="Version")
    artifact_digest: DigestText = Field(description="Model")
    provider_name: Text = Field(description="Provider name")
    provider_address: Text = Field(description="Provider address")
    items: dict[Name, Literal["present", "absent"]] = Field(description="State per Art 13(3) item")
    languages: tuple[Name, ...] = Field(description="Languages")
    accessibility_critical_open: Count = Field(description="Critical accessibility failures open (findings)")
    declared_metrics: dict[Name, Number] = Field(description="Declared metrics")
    declared_level: dict[Name, Number] = Field(description="Declared accuracy level")
    group_limitations: tuple[Name, ...] = Field(description="Groups for which a limit is declared; empty list if none")
    allowed_purposes: tuple[Name, ...] = Field(description="Purposes")
    allowed_populations: tuple[Name, ...] = Field(description="Populations")
    parameter_limits: dict[Name, Range] = Field(description="Limits of runtime parameters")
    colorado_items: dict[Name, Literal["present", "absent"]] | None = Field(
        default=None, description="Items owed to Colorado deployers"
    )


class AuditReport(Predicate):
    """Internal, scheduled or independent audit, or independent model validation."""

    TYPE = "audit-report"
    CLASSES = (
        "attested",
        "ingested",
    )
    COLLECTOR = "internal or outside auditor, signed"
    MAX_AGE = "P365D"

    kind: Literal["scheduled", "independent", "model-validation", "bias-audit"] = Field(description="Kind")
    scope: tuple[Name, ...] = Field(description="Topics")
    release_version: Name | None = Field(default=None, description="Release covered")
    independent: bool = Field(description="No developer or owner role held")
    auditor: PersonRef = Field(description="Auditor")
    due_at: Instant | None = Field(default=None, description="Due")
    completed_at: Happened | None = Field(default=None, description="Finished")
    findings: tuple[Finding, ...] = Field(description="Findings with severity, due date, status, extension")
    summary_url: Uri | None = Field(default=None, description="Public summary")
