"""Evidence for the worlds of the tests: contents by type, and statements and envelopes of them."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import yaml

from evidence.model.canonical import canonical_bytes
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.record import EvidenceClass, Statement, new_statement
from evidence.model.subject import Subject, SubjectKind
from evidence.trust.keys import sign_together
from tests.worlds.people import DAY, NOW, key_of
from tests.worlds.policies import POLICIES

DIGEST = f"sha256:{64 * 'c'}"
OTHER_DIGEST = f"sha256:{64 * 'd'}"
SUBJECT = Subject(kind=SubjectKind.MODEL, name="mortgage@2", digest=DIGEST, system_id="mortgage")


PERSON = {"id": "mara", "name": "Mara"}
DATASHEET = {
    "version": "1",
    "sources": ["survey"],
    "collected_how": "public-record",
    "licence": "public",
    "purposes": ["lending"],
    "classification": "internal",
    "special_category": False,
    "used_for_bias_work": False,
    "personal": False,
    "personal_attributes": [],
    "phi": False,
    "lawful_basis": "none",
    "consent_status": "not-needed",
    "withdrawn_rows": 0,
    "collected_on": "2020-01-01",
    "owning_unit": "lending",
    "stewards": {"labelling": PERSON, "access": PERSON, "updates": PERSON},
    "residency": [],
    "schema_version": "1",
    "schema_compatibility": "full",
    "retention_class": "training-data",
}
"""A dataset-record, but for the digest of its content."""


def predicate(kind: str, **content: Any) -> Predicate:
    return PREDICATES[kind].model_validate_json(canonical_bytes(content))


def audit(unknown: int = 0, digest: str = DIGEST) -> Predicate:
    """A fairness audit. The bench's controls ask that few cases are of an unknown group."""
    return predicate(
        "fairness-audit",
        artifact_digest=digest,
        dataset_digest=OTHER_DIGEST,
        audited="model-outputs",
        attributes=["sex"],
        intersections=[],
        group_sizes={"sex=f": 60, "sex=m": 70},
        unknown_count=unknown,
        group_metrics={},
        parity_difference={},
        odds_difference={},
        impact_ratio={},
        binding_measures=["impact_ratio"],
        mitigation=[],
    )


def questionnaire(**facts: Any) -> Predicate:
    """A risk questionnaire of a system with minimal risk; `facts` say otherwise."""
    return predicate("risk-questionnaire", **{**_minimal_risk(), **facts})


def high_questionnaire(**facts: Any) -> Predicate:
    answers = {**_minimal_risk()["annex_iii_answers"], "5b": "yes"}
    return questionnaire(
        **{"roles": ["provider"], "scope_trigger": "provider-eu-market", "annex_iii_answers": answers, **facts}
    )


@cache
def _minimal_risk() -> Mapping[str, Any]:
    """The facts that the cases of the tier start from, for reading only; the file is long."""
    base: dict[str, Any] = yaml.safe_load((POLICIES / "risk" / "tier_cases.yaml").read_bytes())["base"]
    return base


def classification(tier: str, declared: str) -> Predicate:
    return predicate(
        "risk-classification",
        tier=tier,
        declared_tier=declared,
        impact_level="low",
        automation_level=1,
        sensitive_domain="none",
        complexity="low",
        rationale="as the questionnaire has it",
        monitoring_interval_days=30,
        reasons=[],
        legal_clauses=[],
        control_ids={},
        next_review="2027-06-01T00:00:00Z",
    )


def waiver(control: str = "BEN-01", **more: Any) -> Predicate:
    """A waiver asked for by Ana and granted by Ben for sixty days from five days ago."""
    content = {
        "control_id": control,
        "control_basis": "policy",
        "control_severity": "blocker",
        "scope": DIGEST,
        "risk": "some cases are of an unknown group",
        "risk_owner": {"id": "ana", "name": "Ana"},
        "requested_by": {"id": "ana", "name": "Ana"},
        "approver": {"id": "ben", "name": "Ben"},
        "granted_at": "2026-11-16T08:00:00Z",
        "expires_on": "2027-01-15T08:00:00Z",
    }
    return predicate("waiver", **{**content, **more})


def statement(
    content: Predicate,
    *,
    evidence_class: str | None = None,
    at: datetime = NOW - DAY,
    expires: datetime | None = None,
    subject: str = DIGEST,
    named: str = "subject",
    system: str = "mortgage",
    issuer: str = "quaestor",
    source: str = "test",
    collector: str = "test",
    replaces: str | None = None,
) -> Statement:
    """The statement of a record that was issued when it was collected, `at`; it lasts sixty days."""
    return new_statement(
        content,
        subject={named: subject},
        envelope={
            "evidence_class": EvidenceClass(evidence_class or content.CLASSES[0]),
            "system_id": system,
            "source": source,
            "collector": collector,
            "issuer": issuer,
            "replaces": replaces,
            "issued_at": at,
            "collected_at": at,
            "expires_at": expires or at + 60 * DAY,
        },
    )


def envelope(made: Statement, signer: str | None) -> bytes:
    """The DSSE envelope of a statement, signed by the key of that name, or by none."""
    return sign_together([key_of(signer)] if signer else [], made.payload)


def entry_of(stage: str) -> Predicate:
    return predicate(
        "registry-entry",
        name="mortgage",
        version="2",
        stage=stage,
        status="active",
        intended_use="scoring of applications",
        use_case_category="credit",
        business_unit="lending",
        role_assignments={},
        training_data_refs=[],
        dependencies=[],
        metrics_history=[],
        artifact_digest=DIGEST,
        sunset_criteria=[],
    )


def validation_run(**more: Any) -> Predicate:
    content = {
        "artifact_digest": DIGEST,
        "dataset_digest": OTHER_DIGEST,
        "plan_digest": OTHER_DIGEST,
        "started_at": "2026-11-20T08:00:00Z",
        "seed": 1,
        "environment": "staging",
        "hardware": "cpu",
        "execution_providers": ["CPUExecutionProvider"],
        "split": "test",
        "population": "all",
        "population_as_of": "2026-01-01",
        "primary_metric": "auc",
        "metrics": {},
        "slices": [],
        "periods": [],
        "test_results": {},
        "latency_ms": {},
    }
    return predicate("validation-run", **{**content, **more})


def schedule(record_class: str, period: str, **more: Any) -> Predicate:
    content = {
        "record_class": record_class,
        "period": period,
        "personal": False,
        "split_rule": "none",
        "trigger": "creation",
        "deletion_method": "shredded",
        "legal_basis": "contract",
    }
    return predicate("retention-schedule", **{**content, **more})


def approval(decision: str, **more: Any) -> Predicate:
    """Ben's word on the model at gate `staging`."""
    content = {
        "gate": "staging",
        "artifact_digest": DIGEST,
        "approver": {"id": "ben", "name": "Ben"},
        "role": "compliance",
        "decision": decision,
        "conditions": [],
        "decided_at": "2026-11-15T08:00:00Z",
    }
    return predicate("approval", **{**content, **more})


def training(author: str = "cleo", name: str | None = None, **more: Any) -> Predicate:
    content = {
        "started_at": "2026-11-01T08:00:00Z",
        "finished_at": "2026-11-01T09:00:00Z",
        "author": {"id": author, "name": name or author.title()},
        "code_commit": "4f0c21a",
        "dataset_digests": [],
        "split_digests": {},
        "purposes": ["credit decisions"],
        "data_window": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        "sample_weighting": "none",
        "features": ["income"],
        "hyperparameters": {},
        "trial_count": 1,
        "objective": ["log_loss"],
        "environment_digest": OTHER_DIGEST,
        "split_strategy": "random",
        "data_structure": ["independent"],
        "split_overlap": 0,
        "retraining": False,
        "metrics": {},
    }
    return predicate("training-run", **{**content, **more})
