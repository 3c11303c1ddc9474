"""Kinds of attestation: what each one states, and the facts that it must hold."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Date, DigestText, Frozen, Instant, Int, Number
from evidence.model.predicates.values import ActionItem, DocumentRef, Measure, PersonRef, PlannedMetric


class NoFacts(Frozen):
    """A statement that holds no further fact."""


class ReportingLines(Frozen):
    """Who directs matrixed AI staff and who settles conflicts."""

    conflict_resolver: PersonRef = Field(description="Who settles priority conflicts")


class TeamComposition(Frozen):
    """Skills and size of each team."""

    skills: dict[str, tuple[str, ...]] = Field(description="Skills per team")
    headcount: dict[str, Int] = Field(description="People per team")


class MetricChoice(Frozen):
    """Metric chosen from the cost of errors."""

    error_costs: dict[str, Number] = Field(description="Cost per kind of error")


class IngestionMode(Frozen):
    """Batch or streaming intake."""

    max_age_minutes: Int = Field(description="Oldest data that the decision tolerates")


class InterpretabilityRequirement(Frozen):
    """Interpretability needed, stated at scoping."""

    required: bool = Field(description="Needed")
    reason: str = Field(description="Why")


class HandoffAccepted(Frozen):
    """The receiving team accepts the handoff pack."""

    receiving_team: str = Field(description="Team")


class ServingPattern(Frozen):
    """Batch scoring or online service."""

    latency_need_ms: Int = Field(description="Response time needed")
    running_cost: Number = Field(description="Running cost")


class RuntimePlatform(Frozen):
    """Container runtime and orchestrator."""

    scale: str = Field(description="Scale")
    team_skill: str = Field(description="Skill of the team")


class Hosting(Frozen):
    """Hosting location."""

    regions: tuple[str, ...] = Field(description="Regions compared")


class HardwareAssessment(Frozen):
    """Processor and memory limits."""

    target_hardware: str = Field(description="Target hardware")


class InferencePattern(Frozen):
    """Blocking or queued inference."""

    load: str = Field(description="Load that backends carry")


class HostingMode(Frozen):
    """On-demand or dedicated serving."""

    traffic: dict[str, Number] = Field(description="Measured or forecast traffic")


class EndpointType(Frozen):
    """On-demand or always-on endpoint."""

    start_delay_ms: Int = Field(description="Start delay tolerated")


class BuildOrBuy(Frozen):
    """Own model or bought interface."""

    horizon_months: Int = Field(description="Cost horizon")


class CalibrationSession(Frozen):
    """Developers and reviewers compared cases."""

    cases: Int = Field(description="Cases compared")


class ProcessChangePlan(Frozen):
    """Move from manual work to AI."""

    replaced_tasks: tuple[str, ...] = Field(description="Tasks replaced")
    redefined_roles: dict[str, str] = Field(description="New duties per role")


class ProcessOwnerInvolvement(Frozen):
    """Process owners took part in design and validation."""

    topics: tuple[str, ...] = Field(description="Topics discussed")


class StakeholderImpact(Frozen):
    """Who is affected and what they need to hear."""

    affected_groups: tuple[str, ...] = Field(description="Groups")
    communication_needs: dict[str, str] = Field(description="Need per group")


class UserCoDesign(Frozen):
    """Operational users accept interface and workflow."""

    accepted: tuple[str, ...] = Field(description="What they accepted")


class WorkflowSimulation(Frozen):
    """Procedures rehearsed with AI advice."""

    procedures: tuple[str, ...] = Field(description="Procedures")
    deviations: tuple[str, ...] = Field(description="Deviations")
    resolutions: tuple[str, ...] = Field(description="Resolutions")


class RoleRedesign(Frozen):
    """Duties and appraisal measures include oversight of AI."""

    duties: dict[str, tuple[str, ...]] = Field(description="Duties per role")


class WorkforceCommunication(Frozen):
    """Staff were told what the AI is for."""

    message: str = Field(description="Message")
    audience: str = Field(description="Audience")
    date: Date = Field(description="Day")


class ServiceAgreement(Frozen):
    """Accuracy, speed and uptime promised before building."""

    accuracy: Number = Field(description="Accuracy")
    response_ms: Int = Field(description="Response time")
    uptime: Number = Field(description="Availability")


class PlatformTco(Frozen):
    """Cost of managed and self-run platforms."""

    months: Int = Field(description="Horizon")
    costs: dict[str, Number] = Field(description="Cost per option")


class UseCaseSelection(Frozen):
    """Scores of the use case."""

    impact: Int = Field(description="Impact")
    feasibility: Int = Field(description="Feasibility")
    return_: Int = Field(alias="return", description="Return")
    data: Int = Field(description="Data")


class RoadmapMapping(Frozen):
    """Strategic goal per system."""

    goals: dict[str, tuple[str, ...]] = Field(description="Goals per system")


class DataFeasibility(Frozen):
    """Past data suffices."""

    delivery_date: Date = Field(description="Agreed delivery date")


class PrioritisationSession(Frozen):
    """Joint ranking of AI work."""

    ranking: tuple[str, ...] = Field(description="Ranking")


class RelevanceReview(Frozen):
    """Continue, change or retire."""

    reason: str = Field(description="Reason")


class SharedOwnership(Frozen):
    """Business, operations and IT own the system together."""

    shares: dict[str, str] = Field(description="Duty per party")


class ArchitectureReview(Frozen):
    """Review of the platform design."""

    actions: tuple[ActionItem, ...] = Field(description="Actions")


class CentreOfExcellenceCharter(Frozen):
    """Standards owned by the centre of excellence."""

    standards: tuple[str, ...] = Field(description="Standards")


class ReuseFeasibility(Frozen):
    """Separate, federated or transferred training."""

    costs: dict[str, Number] = Field(description="Cost per option")


class ProhibitedScreen(Frozen):
    """Answers to the ten points of Art 5(1)."""

    answers: dict[str, Literal["yes", "no"]] = Field(description="Answer per point")


class ManipulationReview(Frozen):
    """Harm review of persuasion and targeting features."""

    significant_harm: bool = Field(description="Significant harm found")
    features: tuple[str, ...] = Field(description="Features reviewed")


class HumanAssessment(Frozen):
    """Who assesses each case before a decision."""

    assessor_role: str = Field(description="Role")


class BiometricAuthorisation(Frozen):
    """Authorisation of biometric identification."""

    objective: str = Field(description="Listed objective")
    authorisation_ref: str = Field(description="Authorisation")
    requested_at: Instant = Field(description="When it was requested")
    refused: bool = Field(description="Refused")


class DerogationAssessment(Frozen):
    """Why an Annex III system is not high risk (Art 6(4))."""

    conditions: tuple[str, ...] = Field(description="Conditions relied on")
    reasoning: str = Field(description="Reasoning")


class SpecialCategoryNecessity(Frozen):
    """Six conditions of Art 4a."""

    conditions: dict[str, bool] = Field(description="Condition a to f")
    allowed_roles: tuple[str, ...] = Field(description="Roles with access")


class ResidualRiskAcceptance(Frozen):
    """The overall residual risk is acceptable."""

    residual: Int = Field(description="Residual accepted")


class FairnessAcceptance(Frozen):
    """A remaining fairness gap is accepted for a time."""

    measure: str = Field(description="Measure")
    gap: Number = Field(description="Gap accepted")
    reason: str = Field(description="Reason")


class VulnerableGroups(Frozen):
    """Effect on minors and vulnerable groups."""

    impact_likely: bool = Field(description="Effect is likely")
    measure_ids: tuple[str, ...] = Field(description="Measures")


class OversightDesign(Frozen):
    """Measure and interface element per oversight capability."""

    capabilities: dict[Literal["a", "b", "c", "d", "e"], Measure] = Field(
        description="Measure and element per capability"
    )


class QualitySystem(Frozen):
    """Document per aspect of Art 17(1)."""

    documents: dict[str, DocumentRef] = Field(description="Document per aspect a to m")


class MonitoringPlan(Frozen):
    """Post-market monitoring plan."""

    metrics: tuple[PlannedMetric, ...] = Field(description="Metric, source, frequency, owner")


class RepresentativeMandate(Frozen):
    """Mandate of the authorised representative."""

    representative: str = Field(description="Name and address")
    tasks: tuple[str, ...] = Field(description="Tasks of Art 22(3)")


class OperatorVerification(Frozen):
    """Checks of importer or distributor."""

    checks: dict[str, bool] = Field(description="Result per check")


class RealWorldTestPlan(Frozen):
    """Plan of a test in real-world conditions."""

    approval_ref: str = Field(description="Approval, or tacit after the term")
    submitted_at: Instant = Field(description="When submitted")
    registration_ref: str = Field(description="Registration")
    ends_at: Instant = Field(description="End")
    extended: bool = Field(description="Extended once")
    reversible: bool = Field(description="Effects can be reversed")


class CopyrightPolicy(Frozen):
    """Policy to honour rights reservations."""

    policy_digest: DigestText = Field(description="Policy")


class AnonymityReview(Frozen):
    """Legal review of the claim that a model is anonymous."""

    conclusion: str = Field(description="Conclusion")


class CompatibilityMemo(Frozen):
    """A further purpose is compatible with the first."""

    original: str = Field(description="First purpose")
    further: str = Field(description="Further purpose")


class RetentionConflict(Frozen):
    """Decision on a retention conflict."""

    record_class: str = Field(description="Class")
    decision: str = Field(description="Decision")


class RerunReason(Frozen):
    """Why a test on the test split was repeated."""

    runs: tuple[DigestText, ...] = Field(description="Runs")
    reason: str = Field(description="Reason")


StatementType = Literal[
    "operating-model",
    "reporting-lines",
    "team-composition",
    "metric-choice",
    "ingestion-mode",
    "interpretability-requirement",
    "handoff-accepted",
    "serving-pattern",
    "runtime-platform",
    "hosting",
    "hardware-assessment",
    "inference-pattern",
    "hosting-mode",
    "endpoint-type",
    "build-or-buy",
    "calibration-session",
    "process-change-plan",
    "process-owner-involvement",
    "stakeholder-impact",
    "user-co-design",
    "workflow-simulation",
    "role-redesign",
    "workforce-communication",
    "service-agreement",
    "platform-tco",
    "use-case-selection",
    "roadmap-mapping",
    "data-feasibility",
    "prioritisation-session",
    "relevance-review",
    "shared-ownership",
    "architecture-review",
    "centre-of-excellence-charter",
    "reuse-feasibility",
    "prohibited-screen",
    "manipulation-review",
    "human-assessment",
    "biometric-authorisation",
    "derogation-assessment",
    "special-category-necessity",
    "residual-risk-acceptance",
    "fairness-acceptance",
    "vulnerable-groups",
    "oversight-design",
    "quality-system",
    "monitoring-plan",
    "representative-mandate",
    "operator-verification",
    "real-world-test-plan",
    "copyright-policy",
    "anonymity-review",
    "compatibility-memo",
    "retention-conflict",
    "rerun-reason",
]

FACTS: dict[str, type[Frozen]] = {
    "operating-model": NoFacts,
    "reporting-lines": ReportingLines,
    "team-composition": TeamComposition,
    "metric-choice": MetricChoice,
    "ingestion-mode": IngestionMode,
    "interpretability-requirement": InterpretabilityRequirement,
    "handoff-accepted": HandoffAccepted,
    "serving-pattern": ServingPattern,
    "runtime-platform": RuntimePlatform,
    "hosting": Hosting,
    "hardware-assessment": HardwareAssessment,
    "inference-pattern": InferencePattern,
    "hosting-mode": HostingMode,
    "endpoint-type": EndpointType,
    "build-or-buy": BuildOrBuy,
    "calibration-session": CalibrationSession,
    "process-change-plan": ProcessChangePlan,
    "process-owner-involvement": ProcessOwnerInvolvement,
    "stakeholder-impact": StakeholderImpact,
    "user-co-design": UserCoDesign,
    "workflow-simulation": WorkflowSimulation,
    "role-redesign": RoleRedesign,
    "workforce-communication": WorkforceCommunication,
    "service-agreement": ServiceAgreement,
    "platform-tco": PlatformTco,
    "use-case-selection": UseCaseSelection,
    "roadmap-mapping": RoadmapMapping,
    "data-feasibility": DataFeasibility,
    "prioritisation-session": PrioritisationSession,
    "relevance-review": RelevanceReview,
    "shared-ownership": SharedOwnership,
    "architecture-review": ArchitectureReview,
    "centre-of-excellence-charter": CentreOfExcellenceCharter,
    "reuse-feasibility": ReuseFeasibility,
    "prohibited-screen": ProhibitedScreen,
    "manipulation-review": ManipulationReview,
    "human-assessment": HumanAssessment,
    "biometric-authorisation": BiometricAuthorisation,
    "derogation-assessment": DerogationAssessment,
    "special-category-necessity": SpecialCategoryNecessity,
    "residual-risk-acceptance": ResidualRiskAcceptance,
    "fairness-acceptance": FairnessAcceptance,
    "vulnerable-groups": VulnerableGroups,
    "oversight-design": OversightDesign,
    "quality-system": QualitySystem,
    "monitoring-plan": MonitoringPlan,
    "representative-mandate": RepresentativeMandate,
    "operator-verification": OperatorVerification,
    "real-world-test-plan": RealWorldTestPlan,
    "copyright-policy": CopyrightPolicy,
    "anonymity-review": AnonymityReview,
    "compatibility-memo": CompatibilityMemo,
    "retention-conflict": RetentionConflict,
    "rerun-reason": RerunReason,
}
"""Model of `facts` per statement type."""

ALSO_REQUIRED: dict[str, tuple[str, ...]] = {
    "operating-model": (
        "options",
        "choice",
    ),
    "metric-choice": ("choice",),
    "serving-pattern": (
        "criteria",
        "choice",
    ),
    "runtime-platform": (
        "criteria",
        "choice",
    ),
    "hosting": ("criteria",),
    "inference-pattern": (
        "options",
        "criteria",
    ),
    "hosting-mode": ("choice",),
    "build-or-buy": (
        "criteria",
        "choice",
    ),
    "platform-tco": ("options",),
    "prioritisation-session": ("options",),
    "relevance-review": ("choice",),
    "reuse-feasibility": (
        "options",
        "criteria",
    ),
}
"""Optional fields of an attestation that its statement type makes required."""
