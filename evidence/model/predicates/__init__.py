"""One frozen model an evidence type; `PREDICATES` is the register of them."""

import importlib
from collections.abc import Iterator, Mapping

from evidence.model.predicates.base import Predicate

_TYPES = {
    "artifact": ("artifact-manifest", "model-signature"),
    "assessments": (
        "risk-register",
        "conformity-record",
        "dpia",
        "fria",
        "data-agreement",
        "privacy-treatment",
        "replay-check",
    ),
    "business": ("kpi-report", "capacity-cost-report", "portfolio-report", "retraining-plan"),
    "data": ("dataset-record", "processing-record", "lineage-graph", "data-quality-report"),
    "documents": ("model-card", "technical-file", "instructions-for-use", "audit-report"),
    "governance": ("approval", "waiver", "attestation", "access-policy"),
    "inventory": ("registry-entry", "risk-questionnaire", "risk-classification"),
    "log": ("audit-log", "evidence-index"),
    "operation": ("deployment-record", "telemetry-series", "resilience-test", "incident-record", "feed-status"),
    "oversight": ("runbook", "review-queue-stats", "feedback-stats", "subject-request", "training-record"),
    "release": (
        "canary-metrics",
        "shadow-comparison",
        "rollback-drill",
        "emergency-move",
        "change-record",
        "interface-contract",
    ),
    "retention": ("retention-schedule", "retention-state", "legal-hold", "purge-certificate"),
    "serving": (
        "prediction-log",
        "decision-log",
        "access-log",
        "slo-report",
        "alert-rule",
        "alert-event",
        "logging-check",
        "interface-probe",
        "notice-record",
    ),
    "standing": ("portfolio-standing", "intake-standing"),
    "supply": ("sbom", "vulnerability-report", "infra-config", "vendor-assessment", "security-test"),
    "training": ("training-run", "ci-run"),
    "validation": (
        "validation-plan",
        "validation-run",
        "fairness-audit",
        "robustness-report",
        "drift-report",
        "explainability-report",
    ),
}
"""The types that each module of this folder defines."""


class _Register(Mapping[str, type[Predicate]]):
    """Models by type name. A module is imported when a model of it is asked for: few commands need all of them."""

    def __init__(self) -> None:
        self._module = {name: module for module, names in _TYPES.items() for name in names}
        self._models: dict[str, type[Predicate]] = {}

    def __getitem__(self, name: str) -> type[Predicate]:
        if name not in self._models:
            module = importlib.import_module(f"{__name__}.{self._module[name]}")
            found = (m for m in vars(module).values() if isinstance(m, type) and issubclass(m, Predicate))
            self._models |= {model.TYPE: model for model in found if model is not Predicate}
        return self._models[name]

    def __contains__(self, name: object) -> bool:
        return name in self._module

    def __iter__(self) -> Iterator[str]:
        return iter(self._module)

    def __len__(self) -> int:
        return len(self._module)


PREDICATES: Mapping[str, type[Predicate]] = _Register()
"""Every evidence type by name."""
