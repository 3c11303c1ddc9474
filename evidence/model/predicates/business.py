"""What a system is worth, what it costs, and how the portfolio of systems stands."""

from typing import Literal

from pydantic import Field

from evidence.model.base import (
    Amount,
    Count,
    DigestText,
    Happened,
    HappenedDay,
    Instant,
    Name,
    Number,
    Share,
    Text,
    Uri,
)
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.values import ActionItem, LegacyDecision, OwnerConsent, PersonRef, ReasonedClaim


class KpiReport(Predicate):
    """Business indicator, how it is tied to a model, and any measured effect."""

    TYPE = "kpi-report"
    CLASSES = ("ingested",)
    COLLECTOR = "business intelligence tool"
    MAX_AGE = "P31D"
    RECORD_CLASS = "quality-system"

    system: Name | None = Field(default=None, description="System that it is of, where filed about the organisation")
    kpi: Name = Field(description="Indicator")
    baseline: Number | None = Field(default=None, description="Before")
    baseline_at: HappenedDay | None = Field(default=None, description="Day of the baseline")
    target: Number | None = Field(default=None, description="Target")
    actual: Number | None = Field(default=None, description="Actual")
    actual_at: HappenedDay | None = Field(default=None, description="Day of the actual")
    below_target_since: HappenedDay | None = Field(default=None, description="Since when the target is missed")
    model_metric: Name | None = Field(default=None, description="Model metric it is tied to")
    method: Literal["ab-test", "counterfactual", "before-after", "correlation", "none"] = Field(
        description="How the effect was found"
    )
    sample_size: Count | None = Field(default=None, description="Cases (cases)")
    effect_low: Number | None = Field(default=None, description="Lower end of the measured effect")
    link_strength: Number | None = Field(default=None, description="Link between outputs and outcomes")
    value_per_inference: Amount | None = Field(default=None, description="Value of one prediction (currency)")
    dashboard_ref: Uri | None = Field(default=None, description="Dashboard")
    actions: tuple[ActionItem, ...] = Field(description="Actions; empty list if none")


class CapacityCostReport(Predicate):
    """Demand, provision, quota and spending of a service or team."""

    TYPE = "capacity-cost-report"
    CLASSES = ("ingested", "attested")
    COLLECTOR = "cloud billing, capacity planning"
    MAX_AGE = "P31D"
    RECORD_CLASS = "quality-system"

    unit: Name = Field(description="Service or team")
    artifact_digest: DigestText | None = Field(default=None, description="Version that the unit cost is of")
    forecast: Number | None = Field(default=None, description="Forecast peak demand")
    provisioned: Number = Field(description="Provided")
    used: Number = Field(description="Used")
    peak_used: Number = Field(description="Peak use")
    idle_share: Share = Field(description="Idle capacity (share)")
    quota: Number | None = Field(default=None, description="Quota")
    cost_per_inference: Amount | None = Field(default=None, description="Unit cost (currency)")
    incumbent_cost_per_inference: Amount | None = Field(
        default=None, description="Unit cost of the incumbent (currency)"
    )
    spend: Amount = Field(description="Spending (currency)")
    storage_spend: Amount | None = Field(default=None, description="Spending on storage (currency)")
    budget: Amount = Field(description="Budget (currency)")
    storage_budget: Amount | None = Field(default=None, description="Budget for storage (currency)")
    budget_alert: bool = Field(description="Alarm is on")
    tag_coverage: Share = Field(description="Spending with a team tag (share)")


class PortfolioReport(Predicate):
    """State of all systems at a review date."""

    TYPE = "portfolio-report"
    SUPERSEDES = ()
    CLASSES = ("derived", "ingested")
    COLLECTOR = "engine, portfolio tool"
    MAX_AGE = "P92D"
    RECORD_CLASS = "quality-system"

    systems: tuple[Name, ...] = Field(description="Systems")
    tier_counts: dict[Name, Count] = Field(description="Systems per tier (systems)")
    unregistered: tuple[Name, ...] = Field(description="Running models that nobody registered; empty list if none")
    underperforming: tuple[Name, ...] = Field(description="Weak or non-compliant models")
    legacy_models: tuple[Name, ...] = Field(description="Models past the legacy age")
    actions: tuple[ActionItem, ...] = Field(description="Actions and decisions")
    signers: tuple[PersonRef, ...] = Field(description="Signers")
    milestones: dict[Name, Name] = Field(description="Milestones")
    synced_at: Happened = Field(description="Last sync")
    cycle_time_days: dict[Name, Amount] = Field(description="Idea to live per team (days)")
    defect_rate: dict[Name, Number] = Field(description="Production defects per team")
    shared_services: tuple[Name, ...] = Field(description="Shared services")
    shared_use_share: Share = Field(description="Systems on shared services (share)")
    exceptions: tuple[ReasonedClaim, ...] = Field(description="Exceptions with approver and date")
    cumulative_return: dict[Name, Number] = Field(description="Return per system, below 0 for a loss (currency)")
    live_since: dict[Name, HappenedDay] | None = Field(default=None, description="Day on which each system went live")
    legacy_decisions: dict[Name, LegacyDecision] | None = Field(default=None, description="What becomes of old systems")
    use_case_categories: tuple[Name, ...] | None = Field(
        default=None, description="Kinds of AI task that systems in production serve, as the inventory names them"
    )


class RetrainingPlan(Predicate):
    """When and why a model is retrained."""

    TYPE = "retraining-plan"
    SUPERSEDES = ()
    CLASSES = ("attested",)
    COLLECTOR = "plan file, signed"
    MAX_AGE = "P180D"
    RECORD_CLASS = "quality-system"

    trigger: Literal["calendar", "drift", "both"] = Field(description="Trigger")
    drift_trigger: Number | None = Field(default=None, description="Drift that starts retraining")
    cadence_days: Count | None = Field(default=None, description="Cadence (days)")
    data_refresh_days: Count = Field(description="How often data is renewed (days)")
    rationale: tuple[Text, ...] = Field(description="Reasons and figures cited")
    planned_drift: dict[Name, Number] | None = Field(
        default=None, description="Drift that the cadence reckons with, per statistic of drift reports"
    )
    volatility: Text | None = Field(default=None, description="How fast the data change")
    business_cycle: Text | None = Field(default=None, description="Rhythm of the business that the cadence follows")
    dependencies: tuple[OwnerConsent, ...] = Field(description="Pipelines with their owner's consent")
    labels_ready_at: Instant | None = Field(default=None, description="When labels are ready")
    last_run_at: Happened | None = Field(default=None, description="Last run")
    next_run_at: Instant | None = Field(default=None, description="Next run")
