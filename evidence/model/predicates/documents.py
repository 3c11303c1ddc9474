"""Documents about a model, and audits of it."""

from typing import Literal

from pydantic import Field

from evidence.model.base import DigestText, Instant, Int, Number, Uri
from evidence.model.predicates.base import ARTIFACT, Predicate
from evidence.model.predicates.values import Finding, PersonRef, Range


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
    performance: dict[str, Number] = Field(description="Declared metrics")
    training_data: str = Field(description="Training data")
    assumptions: str = Field(description="Assumptions")
    limitations: str = Field(description="Limits")
    intended_use: str = Field(description="Intended use")
    group_limitations: tuple[str, ...] = Field(description="Groups for which a limit is declared; empty list if none")
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
    document_version: str = Field(description="Version")
    artifact_digest: DigestText = Field(description="Model it describes")
    dataset_digests: tuple[DigestText, ...] = Field(description="Datasets it describes")
    items: dict[str, Literal["present", "not-applicable", "absent"]] = Field(description="State per item id")
    not_applicable_reasons: dict[str, str] = Field(description="Signed reason per item left out; empty map if none")
    sections: tuple[str, ...] = Field(description="Sections of the regulator file")
    fairness_metrics: dict[str, Number] = Field(description="Fairness figures stated")
    mitigation_steps: tuple[str, ...] = Field(description="Bias countermeasures")
    feedback_loop_mitigation: str | None = Field(default=None, description="Countermeasure for feedback loops")
    monitoring_plan_digest: DigestText | None = Field(default=None, description="Post-market monitoring plan contained")
    predetermined_changes: tuple[str, ...] = Field(description="Changes planned in advance; empty list if none")
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

    version: str = Field(description="Version")
    artifact_digest: DigestText = Field(description="Model")
    provider_name: str = Field(description="Provider name")
    provider_address: str = Field(description="Provider address")
    items: dict[str, Literal["present", "absent"]] = Field(description="State per Art 13(3) item")
    languages: tuple[str, ...] = Field(description="Languages")
    accessibility_critical_open: Int = Field(description="Critical accessibility failures open (findings)")
    declared_metrics: dict[str, Number] = Field(description="Declared metrics")
    declared_level: dict[str, Number] = Field(description="Declared accuracy level")
    group_limitations: tuple[str, ...] = Field(description="Groups for which a limit is declared; empty list if none")
    allowed_purposes: tuple[str, ...] = Field(description="Purposes")
    allowed_populations: tuple[str, ...] = Field(description="Populations")
    parameter_limits: dict[str, Range] = Field(description="Limits of runtime parameters")
    colorado_items: dict[str, Literal["present", "absent"]] | None = Field(
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
    scope: tuple[str, ...] = Field(description="Topics")
    release_version: str | None = Field(default=None, description="Release covered")
    independent: bool = Field(description="No developer or owner role held")
    auditor: PersonRef = Field(description="Auditor")
    due_at: Instant | None = Field(default=None, description="Due")
    completed_at: Instant | None = Field(default=None, description="Finished")
    findings: tuple[Finding, ...] = Field(description="Findings with severity, due date, status, extension")
    summary_url: Uri | None = Field(default=None, description="Public summary")
