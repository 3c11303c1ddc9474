"""The inventory: systems, their risk questionnaire and their tier."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Count, Date, DigestText, Instant, Int, Name, Text, Uri
from evidence.model.predicates.annex_iii import ANNEX_III_QUESTIONS
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
    former_artifacts: dict[Name, DigestText] | None = Field(
        default=None, description="Model files of the other versions registered before, by label; filled in"
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

    inference_based: bool = Field(
        description="Does it infer how to make its outputs, rather than apply rules that people wrote? (Art 3(1))"
    )
    scope_trigger: Literal[
        "provider-eu-market",
        "deployer-in-eu",
        "output-used-in-eu",
        "importer",
        "distributor",
        "product-manufacturer",
        "representative",
        "none",
    ] = Field(description="What links the organisation's part in it to the Union? (Art 2(1))")
    exclusions: tuple[ReviewedClaim, ...] = Field(
        description="Which exclusions of Art 2 are claimed, why, and who reviewed each? Empty list if none"
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
    ] = Field(description="What is the organisation for this system? (Art 3(3) to (8)); answers below may add to it")
    rebranded: bool = Field(
        description="Did the organisation put its own name on a high-risk system of somebody else? (Art 25(1)(a))"
    )
    substantially_modified: bool = Field(
        description="Did the organisation modify it substantially since it was first placed? (Art 25(1)(b))"
    )
    purpose_changed: bool = Field(
        description="Did the organisation change its purpose so that it becomes high-risk? (Art 25(1)(c))"
    )
    provider_country: Name = Field(description="Where is its provider established? ISO 3166 code such as IT")
    deployer_kind: Literal["private", "public-authority", "private-public-service", "none"] = Field(
        description="Who uses it: a private body, an authority, a private body in public service, or nobody yet?"
    )
    law_enforcement: bool = Field(description="Is it used by or for a law enforcement authority, for its tasks?")
    size_class: Literal["micro", "small", "medium", "small-mid-cap", "large"] = Field(
        description="How large is the organisation? (Art 3(14a), (14b))"
    )
    first_use_at: Instant | None = Field(default=None, description="When was it first used, or when will it be?")
    annex_i_entry: Name = Field(
        description="Which point of Annex I covers the product that it is, or is part of? `none` if no product of it"
    )
    annex_i_section: Literal["a", "b", "none"] = Field(description="In which section of Annex I is that point?")
    product_itself: bool | None = Field(
        default=None, description="Is the system itself the product that is assessed under Annex I? (Art 6(1)(a))"
    )
    safety_function_intended: bool = Field(
        description="Is it meant to prevent or lessen a risk to health or safety? (Art 3(14))"
    )
    failure_endangers: bool = Field(
        description="Would its failure endanger health, safety or property? (Art 3(14), 6(1b))"
    )
    infrastructure: Literal["none", "digital", "road-traffic", "water", "gas", "heating", "electricity"] = Field(
        description="Which critical infrastructure does it help to manage or operate? (Annex III 2)"
    )
    third_party_assessment_reason: Literal["health-safety", "radio-emc", "none"] = Field(
        description="Why must a third party assess the product, if one must? (Art 6(1)(b), 6(1c))"
    )
    annex_iii_answers: dict[Name, Literal["yes", "no", "not-applicable"]] = Field(
        description="Is it meant for a use of Annex III? One answer for each point",
        json_schema_extra={"x-questions": dict(ANNEX_III_QUESTIONS)},
    )
    not_applicable: tuple[ReviewedClaim, ...] = Field(
        default=(), description="Why is a point not applicable? Each with the point as its claim, and its reviewer"
    )
    derogation_claimed: bool = Field(
        description="Is it claimed to be no high risk although a point of Annex III names it? (Art 6(3))"
    )
    derogation_conditions: tuple[Literal["a", "b", "c", "d"], ...] = Field(
        description="Does it only do a narrow procedural task (a), improve what a human finished (b), find patterns in "
        "past decisions without replacing their human assessment (c), prepare an assessment (d)? (Art 6(3))"
    )
    no_significant_risk: bool = Field(
        description="Is it without significant risk of harm to health, safety or rights, also by what it makes people "
        "decide? (Art 6(3))"
    )
    profiling: bool = Field(description="Does it profile natural persons? (GDPR Art 4(4); Art 6(3), last sentence)")
    task: Name = Field(
        description="What does it do, in a word of policies/risk/vocabulary.rego? Such as credit-scoring"
    )
    sole_use: bool | None = Field(
        default=None, description="Is that task its only use, so that no output serves another?"
    )
    decisions: tuple[Name, ...] = Field(
        description="What does its output decide about persons or help to decide? Such as credit; empty if nothing"
    )
    targets: tuple[Name, ...] = Field(description="Whom or what is its output about? Such as borrowers")
    context: Literal["general", "workplace", "education", "public-space", "border", "justice", "health", "finance"] = (
        Field(description="In which setting is it used?")
    )
    targeting_features: tuple[Name, ...] = Field(
        description="By which means does it persuade or target persons? Empty if by none (Art 5(1)(a), (b))"
    )
    influence_harms: bool | None = Field(
        default=None,
        description="Does its influence on behaviour cause significant harm, or is it likely to? (Art 5(1)(a), (b))",
    )
    biometric_kind: Literal[
        "none",
        "verification",
        "remote-identification",
        "real-time-remote",
        "post-remote",
        "categorisation",
        "emotion",
    ] = Field(description="What does it do with biometric data? (Art 3(35) to (43), 5(1)(f) to (h), Annex III 1)")
    categorised_traits: tuple[Name, ...] = Field(
        default=(),
        description="What does a biometric categorisation tell of a person? Such as age (Art 5(1)(g))",
    )
    faces_scraped: bool | None = Field(
        default=None,
        description="Was a face database built or widened by untargeted scraping, by it or for it? (Art 5(1)(e))",
    )
    medical_or_safety_ground: ReviewedClaim | None = Field(
        default=None,
        description="On which medical or safety ground does it infer emotions at work or in education? (Art 5(1)(f))",
    )
    lawful_exception: ReviewedClaim | None = Field(
        default=None,
        description="Which exception of the law lets a biometric use be? (Art 5(1)(g), (h), 50(3))",
    )
    interacts_with_persons: bool = Field(description="Do natural persons interact with it directly? (Art 50(1))")
    generates: tuple[Literal["text", "image", "audio", "video"], ...] = Field(
        description="Which kinds of synthetic content does it generate? Empty if none (Art 50(2), 50(4))"
    )
    intimate_output: Literal["impossible", "safeguarded", "consented", "unguarded", "intended"] | None = Field(
        default=None,
        description="Can it put out intimate material of identifiable persons? (Art 5(1)(ba), (1a))",
    )
    abuse_output: Literal["impossible", "safeguarded", "unguarded", "intended"] | None = Field(
        default=None, description="Can it put out child sexual abuse material? (Art 5(1)(bb), (1a))"
    )
    marking_exception: ReviewedClaim | None = Field(
        default=None, description="Why need its content not be marked, where that is claimed? (Art 50(2))"
    )
    notice_exception: ReviewedClaim | None = Field(
        default=None, description="Why need persons not be told that it is AI, where that is claimed? (Art 50(1))"
    )
    solely_automated: bool = Field(description="Are its decisions taken without any human? (GDPR Art 22)")
    significant_effect: bool = Field(description="Have they legal or similarly significant effect on persons?")
    automated_decision_ground: Literal["contract", "law", "explicit-consent", "none"] = Field(
        description="On which ground may decisions be taken without a human? (GDPR Art 22(2))"
    )
    contest_channels: tuple[Literal["intervention", "view", "contest"], ...] = Field(
        description="Which safeguards have persons against such decisions? (GDPR Art 22(3))"
    )
    personal_data: bool = Field(description="Does it process personal data? (GDPR Art 4(1))")
    wp248_criteria: tuple[Name, ...] = Field(description="Which criteria of WP248 for a DPIA hold?")
    art35_triggers: tuple[Literal["a", "b", "c"], ...] = Field(description="Which cases of GDPR Art 35(3) hold?")
    labelled_anonymous: bool = Field(description="Is the model claimed to be anonymous? (EDPB 28/2024)")
    learns_online: bool = Field(description="Does it go on learning after deployment? (Art 15(4))")
    sector_equivalence: Text | None = Field(
        default=None, description="Which sector law stands in for duties of Art 17 or 18?"
    )
    gpai: bool = Field(description="Is the model a general-purpose AI model? (Art 3(63))")
    gpai_systemic: bool = Field(
        description="Has it systemic risk, by its capabilities, by designation or by its compute? (Art 51, 52)"
    )
    model_origin: Literal["own", "modified", "third-party"] | None = Field(
        default=None, description="Whose model is it: trained here, modified here, or taken as it is? (Art 3(63))"
    )
    training_exaflop: Count | None = Field(
        default=None,
        ge=0,
        le=10**15,
        description="How much compute went into training the original model? In 10^18 FLOP (Art 51(2))",
    )
    modification_exaflop: Count | None = Field(
        default=None, ge=0, le=10**15, description="How much compute went into modifying it? In 10^18 FLOP"
    )
    open_source_release: bool = Field(
        description="Is it released under a free and open-source licence? (Art 2(12), 53(2), 54(6))"
    )
    legacy_claimed: bool = Field(description="Is it claimed to have been placed before its duties began? (Art 111(2))")
    us_flags: tuple[Literal["ccpa-admt", "co-admt", "nyc-aedt", "feha-ads", "hipaa-phi"], ...] = Field(
        description="Which laws of the United States apply?"
    )
    bank_scope: Literal["in-scope", "generative-separate", "out-of-scope", "not-a-bank"] = Field(
        description="Is it in scope of a bank's model-risk guidance? (SR 26-2)"
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
