"""The inventory: systems, their risk questionnaire and their tier."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Count, Date, DigestText, Instant, Int, Name, Text, Uri
from evidence.model.predicates.base import ARTIFACT, Predicate
from evidence.model.predicates.values import (
    ActionItem,
    ComponentRef,
    Deprecation,
    LimitRule,
    MetricPoint,
    PersonRef,
    ReasonRef,
    ReviewedClaim,
)


class RegistryEntry(Predicate):
    """Inventory and registry record of a system and one of its versions."""

    TYPE = "registry-entry"
    ABOUT = ARTIFACT
    SUPERSEDES = ()
    CLASSES = (
        "ingested",
        "derived",
    )
    COLLECTOR = "model registry (MLflow or the built-in one)"
    MAX_AGE = "P90D"
    RECORD_CLASS = "technical-documentation"

    name: Name = Field(description="System name, unique in the inventory")
    version: Name = Field(description="Version label, never reused")
    stage: Literal["development", "staging", "production", "archived"] = Field(
        description="Stage of this version in the registry"
    )
    status: Literal["draft", "active", "suspended", "retired"] = Field(
        description="Status of the system in the inventory"
    )
    intended_use: Text = Field(description="Intended purpose in plain words")
    intended_use_digest: DigestText | None = Field(
        default=None, description="Digest of the approved intended-purpose statement"
    )
    use_case_category: Name = Field(description="Kind of AI task, from the organisation's list")
    business_unit: Name = Field(description="Unit that answers for the system")
    role_assignments: dict[Name, PersonRef] = Field(
        description="Holder per lifecycle stage and per role such as product-owner"
    )
    training_data_refs: tuple[DigestText, ...] = Field(description="Digests of the training datasets")
    bias_assessment_ref: DigestText | None = Field(
        default=None, description="Digest of the fairness audit that was filed"
    )
    dependencies: tuple[ComponentRef, ...] = Field(
        description="Upstream models, services and libraries; empty list if there are none"
    )
    member_states: tuple[Name, ...] | None = Field(
        default=None,
        description="Member States where the system is offered or used, ISO 3166 codes; empty list if in none",
    )
    first_placed_on: Date | None = Field(
        default=None,
        description="Day of first placing on the market or putting into service of this type and model",
    )
    last_placed_on: Date | None = Field(default=None, description="Day of last placing of this version")
    metrics_history: tuple[MetricPoint, ...] = Field(description="Metrics of this and former versions over time")
    former_versions: tuple[Name, ...] | None = Field(
        default=None, description="Labels of all earlier versions of the system, the oldest first; empty list if none"
    )
    artifact_digest: DigestText = Field(description="SHA-256 of the model file")
    template_id: Name | None = Field(default=None, description="Template that the system started from")
    debt_items: tuple[ActionItem, ...] | None = Field(
        default=None, description="Recorded technical debt with owner and date"
    )
    opt_out_channel: Uri | None = Field(default=None, description="Where affected persons can opt out")
    materiality_tier: Literal["high", "medium", "low"] | None = Field(
        default=None, description="Model-risk materiality tier in a bank"
    )
    materiality_drivers: tuple[Text, ...] | None = Field(default=None, description="Reasons for the materiality tier")
    sunset_criteria: tuple[LimitRule, ...] = Field(
        description="Limits of use, accuracy, upkeep, decay and drift that end the version, with procedure"
    )
    deprecation_status: Deprecation | None = Field(
        default=None, description="Dated decision to retrain, deprecate or withdraw"
    )
    verified_safe: bool | None = Field(default=None, description="Marked by a named person as a safe rollback target")


class RiskQuestionnaire(Predicate):
    """Facts that decide scope, role and tier; unknown decisive facts give tier undetermined.

    Its words (`task`, `decisions`, `targets`, `targeting_features`, `categorised_traits`) are those of
    policies/risk/vocabulary.rego. A claim (an exclusion, an exception, a point that is not applicable) counts where it
    names a ground of policies/risk/grounds.rego, and where `reviewed_by` has filed the same content, signed, as well.
    """

    TYPE = "risk-questionnaire"
    SUPERSEDES = ()
    CHANGED_BY_TWO = True
    CLASSES = ("attested",)
    COLLECTOR = "web form or YAML file signed by the system owner"
    MAX_AGE = "P365D"
    RECORD_CLASS = "technical-documentation"

    inference_based: bool = Field(description="The system infers outputs from input")
    scope_trigger: Literal[
        "provider-eu-market",
        "deployer-in-eu",
        "output-used-in-eu",
        "importer",
        "distributor",
        "product-manufacturer",
        "representative",
        "none",
    ] = Field(description="Art 2(1) trigger")
    exclusions: tuple[ReviewedClaim, ...] = Field(
        description="Art 2 exclusions claimed, each with its reason and reviewer; empty list if none"
    )
    roles: tuple[
        Literal[
            "provider",
            "deployer",
            "importer",
            "distributor",
            "representative",
            "product-manufacturer",
            "gpai-provider",
            "controller",
            "processor",
            "employer",
            "bank",
        ],
        ...,
    ] = Field(description="Roles of the organisation for this system")
    rebranded: bool = Field(description="Own name or trademark put on a high-risk system")
    substantially_modified: bool = Field(description="Substantial modification since first placing")
    purpose_changed: bool = Field(description="Intended purpose changed so that the system becomes high-risk")
    provider_country: Name = Field(description="Country of establishment of the provider, ISO 3166 code")
    deployer_kind: Literal["private", "public-authority", "private-public-service", "none"] = Field(
        description="Kind of deployer"
    )
    law_enforcement: bool = Field(description="Used by or for a law enforcement authority, for its tasks")
    size_class: Literal["micro", "small", "medium", "small-mid-cap", "large"] = Field(
        description="Size class of the organisation"
    )
    first_use_at: Instant | None = Field(default=None, description="Planned or real first use")
    annex_i_entry: Name = Field(description="Annex I entry number or none")
    annex_i_section: Literal["a", "b", "none"] = Field(description="Section of Annex I")
    product_itself: bool | None = Field(
        default=None, description="The system is itself the product that is assessed under Annex I"
    )
    safety_function_intended: bool = Field(description="Intended to prevent or mitigate health or safety risk")
    failure_endangers: bool = Field(description="Failure endangers health, safety or property")
    infrastructure: Literal["none", "digital", "road-traffic", "water", "gas", "heating", "electricity"] = Field(
        description="Critical infrastructure that it helps to manage or operate"
    )
    third_party_assessment_reason: Literal["health-safety", "radio-emc", "none"] = Field(
        description="Why a third-party assessment is required"
    )
    annex_iii_answers: dict[Name, Literal["yes", "no", "not-applicable"]] = Field(
        description="Answer per Annex III sub-point (1a to 8b)"
    )
    not_applicable: tuple[ReviewedClaim, ...] = Field(
        default=(), description="Why a point is not applicable, each with the point as its claim and its reviewer"
    )
    derogation_claimed: bool = Field(description="Art 6(3) derogation claimed")
    derogation_conditions: tuple[Literal["a", "b", "c", "d"], ...] = Field(
        description="Conditions of Art 6(3) relied on"
    )
    no_significant_risk: bool = Field(description="No significant risk of harm to health, safety or rights")
    profiling: bool = Field(description="Profiles natural persons")
    task: Name = Field(
        description="Task kind, such as credit-scoring, emotion-inference, face-recognition, offence-risk"
    )
    sole_use: bool | None = Field(default=None, description="The task is the only use; no output serves another")
    decisions: tuple[Name, ...] = Field(
        description="What its output decides about persons or helps to decide, such as credit; empty if nothing"
    )
    targets: tuple[Name, ...] = Field(description="Whom or what its output is about, such as borrowers")
    context: Literal["general", "workplace", "education", "public-space", "border", "justice", "health", "finance"] = (
        Field(description="Setting of use")
    )
    targeting_features: tuple[Name, ...] = Field(description="Persuasion or targeting features, empty if none")
    influence_harms: bool | None = Field(
        default=None, description="Its influence on behaviour causes significant harm, or is likely to"
    )
    biometric_kind: Literal[
        "none",
        "verification",
        "remote-identification",
        "real-time-remote",
        "post-remote",
        "categorisation",
        "emotion",
    ] = Field(description="Kind of biometric use")
    categorised_traits: tuple[Name, ...] = Field(
        default=(), description="What a biometric categorisation tells of a person, such as age"
    )
    medical_or_safety_ground: ReviewedClaim | None = Field(
        default=None, description="Ground for emotion inference at work or in education"
    )
    lawful_exception: ReviewedClaim | None = Field(
        default=None, description="Legal exception claimed for a biometric use"
    )
    interacts_with_persons: bool = Field(description="Natural persons interact with it directly")
    generates: tuple[Literal["text", "image", "audio", "video"], ...] = Field(
        description="Kinds of synthetic content generated, empty if none"
    )
    intimate_output: Literal["impossible", "safeguarded", "consented", "unguarded", "intended"] | None = Field(
        default=None, description="Intimate material of identifiable persons as output, by Art 5(1a)"
    )
    abuse_output: Literal["impossible", "safeguarded", "unguarded", "intended"] | None = Field(
        default=None, description="Child sexual abuse material as output, by Art 5(1a)"
    )
    marking_exception: ReviewedClaim | None = Field(default=None, description="Art 50(2) exception claimed")
    notice_exception: ReviewedClaim | None = Field(default=None, description="Art 50(1) exception claimed")
    solely_automated: bool = Field(description="Decisions are taken without human involvement")
    significant_effect: bool = Field(description="Decisions have legal or similarly significant effect")
    automated_decision_ground: Literal["contract", "law", "explicit-consent", "none"] = Field(
        description="GDPR Art 22(2) ground"
    )
    contest_channels: tuple[Literal["intervention", "view", "contest"], ...] = Field(
        description="Safeguards offered to persons"
    )
    personal_data: bool = Field(description="Processes personal data")
    wp248_criteria: tuple[Name, ...] = Field(description="WP248 criteria that hold")
    art35_triggers: tuple[Literal["a", "b", "c"], ...] = Field(description="GDPR Art 35(3) triggers that hold")
    labelled_anonymous: bool = Field(description="The model is claimed to be anonymous")
    learns_online: bool = Field(description="Keeps learning after deployment")
    sector_equivalence: Text | None = Field(
        default=None, description="Sector law that stands in for Art 17 or 18 duties"
    )
    gpai: bool = Field(description="The model is a general-purpose AI model")
    gpai_systemic: bool = Field(description="It has systemic risk by presumption or designation")
    model_origin: Literal["own", "modified", "third-party"] | None = Field(
        default=None, description="Whose general-purpose model it is: trained here, modified here, or taken as it is"
    )
    training_exaflop: Count | None = Field(
        default=None, ge=0, le=10**15, description="Training compute of the original model (10^18 FLOP)"
    )
    modification_exaflop: Count | None = Field(
        default=None, ge=0, le=10**15, description="Compute of the modification (10^18 FLOP)"
    )
    open_source_release: bool = Field(description="Released under a free and open-source licence")
    legacy_claimed: bool = Field(description="Art 111(2) legacy status claimed")
    us_flags: tuple[Literal["ccpa-admt", "co-admt", "nyc-aedt", "feha-ads", "hipaa-phi"], ...] = Field(
        description="United States regimes that apply"
    )
    bank_scope: Literal["in-scope", "generative-separate", "out-of-scope", "not-a-bank"] = Field(
        description="Model-risk scope decision"
    )


class RiskClassification(Predicate):
    """Risk tier with its inputs and the legal clauses and controls that follow."""

    TYPE = "risk-classification"
    SUPERSEDES = ()
    CLASSES = (
        "derived",
        "attested",
    )
    COLLECTOR = "policies/risk on the questionnaire"
    MAX_AGE = "P365D"
    RECORD_CLASS = "technical-documentation"

    tier: Literal[
        "prohibited",
        "high-annex-i-a",
        "high-annex-i-b",
        "high-annex-iii",
        "derogated",
        "limited",
        "minimal",
        "undetermined",
    ] = Field(description="Tier computed by policy")
    declared_tier: Literal[
        "prohibited",
        "high-annex-i-a",
        "high-annex-i-b",
        "high-annex-iii",
        "derogated",
        "limited",
        "minimal",
        "undetermined",
    ] = Field(description="Tier declared by the owner")
    reasons: tuple[ReasonRef, ...] = Field(description="Reasons with articles")
    impact_level: Literal["low", "medium", "high"] = Field(description="Impact on persons and business")
    automation_level: Int = Field(description="0 advice only, 1 human decides, 2 human can stop, 3 acts alone")
    sensitive_domain: Literal[
        "none",
        "hiring",
        "employment",
        "lending",
        "credit",
        "insurance",
        "health",
        "education",
        "law-enforcement",
        "migration",
        "justice",
    ] = Field(description="Sensitive use")
    complexity: Literal["low", "medium", "high"] = Field(description="Technical complexity")
    legal_clauses: tuple[Name, ...] = Field(description="Clauses that apply, as framework:reference")
    control_ids: dict[Name, tuple[Name, ...]] = Field(description="Controls per clause")
    rationale: Text = Field(description="Why this tier and automation level")
    supervising_authority: (
        Literal["national-msa", "ai-office", "financial-supervisor", "data-protection-authority"] | None
    ) = Field(default=None, description="Authority by the routing table")
    monitoring_interval_days: Count = Field(description="Interval of monitoring set for the tier (days)")
    next_review: Instant = Field(description="When the classification must be reviewed")
