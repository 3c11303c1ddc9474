"""What a package and its platform are made of, who supplies it, and how it was attacked."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Amount, Count, DigestText, Happened, Instant, Name, Number
from evidence.model.predicates.base import ARTIFACT, Predicate
from evidence.model.predicates.values import ComponentRef, Finding, MetricEstimate, Scaling


class Sbom(Predicate):
    """Bill of materials of a package."""

    TYPE = "sbom"
    ABOUT = ARTIFACT
    CLASSES = ("ingested",)
    COLLECTOR = "Syft or the build system"
    MAX_AGE = "P90D"
    RECORD_CLASS = "technical-documentation"

    artifact_digest: DigestText = Field(description="Package")
    format: Literal["cyclonedx", "spdx"] = Field(description="Format")
    components: tuple[ComponentRef, ...] = Field(description="Components with version and support status")


class VulnerabilityReport(Predicate):
    """Scan of a package against a vulnerability database."""

    TYPE = "vulnerability-report"
    ABOUT = ARTIFACT
    CLASSES = ("ingested",)
    COLLECTOR = "Grype, Trivy or pip-audit"
    MAX_AGE = "P7D"
    RECORD_CLASS = "technical-documentation"

    artifact_digest: DigestText = Field(description="Package")
    database_date: Happened = Field(description="Date of the database")
    counts_by_severity: dict[Literal["critical", "high", "medium", "low"], Count] = Field(
        description="Open findings per severity"
    )
    oldest_open: dict[Name, Happened] | None = Field(
        default=None, description="First sighting of the oldest open finding per severity"
    )
    outdated_components: tuple[ComponentRef, ...] = Field(description="Outdated components; empty list if none")
    upgrade_paths: dict[Name, Name] = Field(description="Target version per component")
    conflicts: tuple[Name, ...] = Field(description="Version conflicts; empty list if none")


class InfraConfig(Predicate):
    """Declared configuration of a serving or storage component."""

    TYPE = "infra-config"
    SUPERSEDES = ("component", "environment", "region")
    CLASSES = ("ingested",)
    COLLECTOR = "Terraform state, Kubernetes, service mesh"
    MAX_AGE = "P7D"
    RECORD_CLASS = "quality-system"

    component: Name = Field(description="Component")
    kind: Name = Field(description="serverless, dedicated, container, vm, store, stream, router")
    environment: Name = Field(description="Environment")
    region: Name = Field(description="Region")
    isolation: Literal["container", "vm", "process", "none"] = Field(description="Isolation")
    network_policy: Literal["default-deny", "restricted", "open"] = Field(description="Network policy")
    network_zone: Name = Field(description="Network boundary that it lies in")
    storage_encrypted: bool = Field(description="Storage is encrypted")
    personal_data: bool = Field(description="Holds personal data")
    tls_version: Name = Field(description="Lowest TLS version accepted")
    mutual_tls: bool = Field(description="Both ends are authenticated")
    rate_limit: Amount | None = Field(default=None, description="Rate limit (requests/s)")
    circuit_breaker: bool = Field(description="Circuit breaker in place")
    routing: dict[Name, Number] | None = Field(default=None, description="Declared share per target")
    scaling_policy: Scaling | None = Field(default=None, description="Signals, ceiling, forecast used")
    storage_tiers: dict[Name, Name] | None = Field(default=None, description="Tier and age rule per dataset")
    template_id: Name | None = Field(default=None, description="Template")
    policy_hooks_intact: bool = Field(description="Policy hooks of the template are unaltered")


class VendorAssessment(Predicate):
    """Risk assessment of a supplier, and the agreement with it."""

    TYPE = "vendor-assessment"
    SUPERSEDES = ("vendor",)
    CLASSES = ("attested", "ingested")
    COLLECTOR = "procurement, signed"
    MAX_AGE = "P365D"
    RECORD_CLASS = "quality-system"

    vendor: Name = Field(description="Supplier")
    services: tuple[Name, ...] = Field(description="Services or components")
    risk_rating: Literal["low", "medium", "high", "critical"] = Field(description="Rating")
    agreement_ref: Name | None = Field(default=None, description="Written agreement")
    cooperation_terms: bool | None = Field(default=None, description="Art 25 cooperation terms are in it")
    foss_exempt: bool = Field(description="Free and open-source component exempt from the agreement")
    gpai_component: bool = Field(description="The component is a general-purpose model")
    next_review: Instant = Field(description="Next review")


class SecurityTest(Predicate):
    """Red-team, penetration or safeguard test of a model or its interface."""

    TYPE = "security-test"
    CLASSES = ("ingested", "measured")
    COLLECTOR = "red team, penetration tester, or safeguard harness"
    MAX_AGE = "P365D"
    RECORD_CLASS = "technical-documentation"

    kind: Literal["red-team", "penetration", "safeguard", "adversarial-evaluation"] = Field(description="Kind")
    attack_scenarios: tuple[Name, ...] = Field(description="Scenarios tried")
    prompts_tried: Count | None = Field(default=None, description="Prompts tried (prompts)")
    reproduction_rate: MetricEstimate | None = Field(
        default=None, description="Share of prompts that gave forbidden content"
    )
    findings: tuple[Finding, ...] = Field(description="Findings")
    highest_open_severity: Literal["none", "low", "medium", "high", "critical"] = Field(
        description="Worst open finding"
    )
    performed_at: Happened = Field(description="When")
