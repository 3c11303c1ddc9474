"""Assessments that people sign: risks, rights, data protection, conformity; and agreements about data."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Count, Date, DigestText, Happened, HappenedDay, Instant, Name, Number, Share, Text
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.values import Condition, Harm, Hazard, MetricEstimate, Mitigation


class RiskRegister(Predicate):
    """Risk management file of a system."""

    TYPE = "risk-register"
    SUPERSEDES = ()
    CLASSES = ("attested", "ingested")
    COLLECTOR = "risk tool or YAML file, signed"
    MAX_AGE = "P90D"
    RECORD_CLASS = "technical-documentation"

    release_version: Name = Field(description="Release it refers to")
    reviewed_at: Happened = Field(description="Last review")
    review_interval_days: Count = Field(description="Planned interval (days)")
    hazards: tuple[Hazard, ...] = Field(
        description="Hazards with class, cause, likelihood, severity, misuse, residual, measures"
    )
    justified_absences: dict[Literal["health", "safety", "rights"], Name] = Field(
        description="Signed reason where a harm class has no entry; empty map if none"
    )
    acceptance_level: Count = Field(description="Highest residual accepted")
    systemic_risks_assessed: bool | None = Field(
        default=None, description="Systemic risks assessed and mitigated (GPAI)"
    )


class ConformityRecord(Predicate):
    """Conformity assessment, certificate, declaration, CE marking or registration of a system."""

    TYPE = "conformity-record"
    CLASSES = ("attested", "ingested")
    COLLECTOR = "compliance team, notified body, EU database"
    MAX_AGE = "P365D"
    RECORD_CLASS = "technical-documentation"

    kind: Literal["assessment", "certificate", "declaration", "registration"] = Field(description="Kind")
    route: Literal["annex-vi", "annex-vii", "sectoral", "none"] | None = Field(default=None, description="Route")
    ai_office_supervised: bool | None = Field(default=None, description="Art 75(1e) route")
    standards_applied: tuple[Name, ...] | None = Field(
        default=None, description="Standards cited in the Official Journal that were fully applied"
    )
    release_version: Name = Field(description="Release covered")
    statements_signed: tuple[Literal["qms-verified", "documentation-examined", "process-consistent"], ...] | None = (
        Field(default=None, description="Annex VI statements")
    )
    completed_at: Happened | None = Field(default=None, description="Date")
    certificate_issued_at: HappenedDay | None = Field(default=None, description="Certificate from")
    certificate_expires_at: Date | None = Field(default=None, description="Certificate until")
    notified_body_number: Name | None = Field(default=None, description="Notified body")
    annex_v_items: dict[Name, Literal["present", "absent"]] | None = Field(default=None, description="Annex V items")
    machine_readable: bool | None = Field(default=None, description="Machine-readable")
    person_signature_valid: bool | None = Field(default=None, description="Signature of a natural person verifies")
    registration_id: Name | None = Field(default=None, description="Registration number")
    registration_section: Literal["viii-a", "viii-b", "viii-c", "non-public", "national"] | None = Field(
        default=None, description="Part of the register"
    )
    payload_digest: DigestText | None = Field(default=None, description="Digest of the payload filed")
    current_payload_digest: DigestText | None = Field(
        default=None, description="Digest of the payload as it should be now"
    )
    payload_points: dict[Name, Literal["present", "absent"]] | None = Field(
        default=None, description="State per point of Annex VIII"
    )


class Dpia(Predicate):
    """Data protection impact assessment, or risk assessment under the CCPA."""

    TYPE = "dpia"
    SUPERSEDES = ("regime",)
    CLASSES = ("attested",)
    COLLECTOR = "privacy team, signed"
    MAX_AGE = "P365D"
    RECORD_CLASS = "dpia"

    regime: Literal["gdpr", "ccpa"] = Field(description="Regime")
    processing: Text = Field(description="Description and purposes")
    necessity: Text = Field(description="Necessity and proportionality")
    risks: tuple[Text, ...] = Field(description="Risks")
    measures: tuple[Text, ...] = Field(description="Measures")
    residual_risk: Literal["low", "medium", "high"] = Field(description="Residual risk")
    dpo_opinion: Text | None = Field(default=None, description="Opinion of the data protection officer")
    prior_consultation_ref: Name | None = Field(default=None, description="Prior consultation")
    instructions_digest: DigestText | None = Field(default=None, description="Instructions for use cited")
    approved_at: Happened = Field(description="Approved")
    first_approved_at: Happened | None = Field(
        default=None, description="When the first assessment of this processing was approved, which this one renews"
    )
    processing_starts_at: Instant = Field(description="Start of processing")
    material_change_at: Happened | None = Field(default=None, description="Last material change")


class Fria(Predicate):
    """Fundamental rights or algorithmic impact assessment."""

    TYPE = "fria"
    SUPERSEDES = ()
    CLASSES = ("attested",)
    COLLECTOR = "deployer, signed"
    MAX_AGE = "P365D"
    RECORD_CLASS = "technical-documentation"

    elements: dict[Literal["a", "b", "c", "d", "e", "f"], Literal["present", "by-reference", "absent"]] = Field(
        description="State per Art 27(1) element"
    )
    affected_groups: tuple[Name, ...] = Field(description="Groups")
    harms: tuple[Harm, ...] = Field(description="Harms, each with id")
    mitigations: tuple[Mitigation, ...] = Field(description="Countermeasures, each naming a harm id")
    conclusion: Literal["acceptable", "acceptable-with-conditions", "not-acceptable"] = Field(description="Conclusion")
    conditions: tuple[Condition, ...] = Field(
        description="Conditions of the conclusion, each with met or not; empty list if none"
    )
    deployed_version: Name = Field(description="Version covered")
    approved_at: Happened = Field(description="Approved")
    notified_at: Happened | None = Field(default=None, description="Market surveillance authority notified")


class DataAgreement(Predicate):
    """Sharing terms or service promise for data between parties."""

    TYPE = "data-agreement"
    SUPERSEDES = ("kind", "parties")
    CLASSES = ("attested",)
    COLLECTOR = "contract store, signed"
    MAX_AGE = "P365D"
    RECORD_CLASS = "quality-system"

    kind: Literal["sharing", "supply", "pipeline-sla"] = Field(description="Kind")
    parties: tuple[Name, ...] = Field(description="Parties")
    purposes: tuple[Name, ...] = Field(description="Purposes")
    error_rate_limit: Share | None = Field(default=None, description="Error limit (share)")
    response_minutes: Count | None = Field(default=None, description="Reaction time (minutes)")
    freshness_minutes: Count | None = Field(default=None, description="Freshness promised (minutes)")
    sources: tuple[Name, ...] | None = Field(
        default=None, description="Data sources that it covers, as datasets name them"
    )


class PrivacyTreatment(Predicate):
    """De-identification or masking applied to data or logs, with measured effect."""

    TYPE = "privacy-treatment"
    CLASSES = ("ingested", "attested")
    COLLECTOR = "privacy tooling"
    MAX_AGE = "P180D"
    RECORD_CLASS = "technical-documentation"

    dataset_digest: DigestText | None = Field(default=None, description="Dataset treated")
    technique: Name = Field(description="Technique")
    epsilon: Number | None = Field(default=None, description="Privacy budget")
    accuracy_cost: Number | None = Field(default=None, description="Metric lost")
    reidentification_risk: MetricEstimate | None = Field(default=None, description="Re-identification probability")
    pii_leaks: Count | None = Field(default=None, description="Personal data found in log samples (hits)")


class ReplayCheck(Predicate):
    """Re-evaluation of a stored decision, or a trial export for an authority."""

    TYPE = "replay-check"
    CLASSES = ("measured",)
    COLLECTOR = "quaestor replay --file, quaestor export --drill"
    MAX_AGE = "P183D"
    RECORD_CLASS = "quality-system"

    kind: Literal["replay", "export-drill"] = Field(description="What was tried")
    decision_digest: DigestText | None = Field(default=None, description="Digest of the stored decision")
    recomputed_digest: DigestText | None = Field(default=None, description="Digest found on re-evaluation")
    succeeded: bool = Field(description="It worked")
    logs_included: bool | None = Field(default=None, description="The export holds the logs")
    signatures_verified: bool = Field(description="All signatures in it verify")
    languages: tuple[Name, ...] | None = Field(default=None, description="Languages of the exported file")
    performed_at: Happened = Field(description="When")
