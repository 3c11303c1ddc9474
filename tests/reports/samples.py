"""A mortgage model that was denied at gate `validation`, with signed evidence of all four classes.

`decide_sample` is a pure function of a snapshot, so that a report made of it can be replayed.
"""

import contextlib
import json
import pathlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from engine.deciding.relaxations import (
    ChosenInstantRelaxation,
    ParameterRelaxation,
    UnsignedEvidenceRelaxation,
    WaiverRelaxation,
)
from engine.deciding.verdict import (
    ControlReason,
    ControlResult,
    Decision,
    EvidenceItem,
    ExcludedItem,
    Finding,
    FindingCause,
    NoRecordCause,
    ObjectiveResult,
    Outcome,
    OutsideCause,
    Prerequisite,
    RiskTier,
    Status,
)
from evidence.model.canonical import digest_bytes
from evidence.model.notes import (
    NOTES,
    DecisionNote,
    EngineName,
    Note,
    RunCharts,
    RunStarted,
    SnapshotNote,
    Withdrawal,
    new_note,
)
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.data import LineageGraph
from evidence.model.predicates.validation import (
    DriftReport,
    FairnessAudit,
    RobustnessReport,
    ValidationPlan,
    ValidationRun,
)
from evidence.model.predicates.values import (
    Edge,
    MetricEstimate,
    Node,
    Path,
    Period,
    PeriodResult,
    PersonRef,
    SliceResult,
    ThreatLimit,
    Threshold,
)
from evidence.model.predicates.values import TestResult as PlannedResult
from evidence.model.record import (
    EvidenceClass,
    Record,
    Statement,
    new_statement,
    parse_statement,
)
from evidence.model.subject import Subject, SubjectKind, system_digest
from evidence.snapshot.model import Entry, Snapshot
from evidence.snapshot.take import take_snapshot
from evidence.store.entry import Kind
from evidence.store.records import NewStatement, RecordStore
from evidence.trust import ledger
from evidence.trust.envelopes import open_envelope, wrap_unsigned
from evidence.trust.keys import Grant, Keyring, SigningKey
from evidence.trust.people import Holder, HolderKey, Register
from evidence.validation.measured import Charts as MeasuredCharts
from evidence.validation.measured import ReliabilityBin, RocPoint
from reports.documents.attachments import Materials
from reports.documents.proof import Continued, LedgerProof, prove
from reports.documents.report import DecisionPack
from reports.pdf.signature import make_signing_certificate
from reports.verify.checks import Contents
from reports.verify.pages import compare, pack_of

INSTANT = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
FILED = INSTANT - timedelta(hours=1)
ORIGIN = "example-lender"
SEEN = 41
FOUNDED = INSTANT - timedelta(days=300)
"""When the register of people was signed."""
OTHER = f"sha256:{64 * '9'}"
MODEL = "sha256:b6e3bc5aba398c53429a494174bee3fe36d2126e2fa67df4eb6ac29d64bc087a"
DATA = "sha256:2c848846afa2f096265ddf1ad88aa709b3d52c76b3b2665536303ac39eb311a1"
TRAIN = "sha256:226ba60388e8bde3dd773fedbe69e8a65710cb0789254ee8c60b8931aadcea95"
BUNDLE_TAR = b"policies of the sample\n" * 40
WASM = b"\0asm compiled policies of the sample"
BUNDLE_DIGEST = digest_bytes(BUNDLE_TAR)
SUBJECT = Subject(kind=SubjectKind.MODEL, name="mortgage 1", digest=MODEL, system_id="mortgage")
LIMITS: dict[str, Any] = {
    "min_impact_ratio": 0.8,
    "max_promotion_drift": 0.1,
    "max_adversarial_drop": 0.1,
    "protected_attributes": ["afam"],
}
FRAMEWORKS: dict[str, dict[str, Any]] = {
    "eu-ai-act": {
        "title": "EU Artificial Intelligence Act, Regulation (EU) 2024/1689",
        "version": "as amended in 2026",
        "articles": {
            "9(5)": "Residual risk is judged acceptable",
            "9(8)": "Testing against metrics defined beforehand",
            "10(2)(f)": "Examination for possible biases",
            "10(2)(g)": "Measures to detect, prevent and mitigate biases",
            "10(3)": "Data relevant, representative, complete",
            "11(1)": "Technical documentation",
            "12(1)": "Record-keeping",
            "14(3)": "Human oversight measures",
            "15(1)": "Accuracy, robustness and cybersecurity",
            "15(4)": "Resilience to errors and faults",
            "15(5)": "Resilience to attempts to alter use or output",
        },
    },
    "nist-ai-rmf": {
        "title": "NIST AI Risk Management Framework",
        "version": "1.0",
        "articles": {
            "MEASURE 2.11": "Fairness and bias are evaluated",
            "MEASURE 2.5": "The system is valid and reliable",
        },
    },
    "iso-42001": {
        "title": "ISO/IEC 42001",
        "version": "2023",
        "articles": {"A.5.4": "Impact on individuals and groups", "A.6.2.4": "Verification and validation"},
    },
}
ROC = (
    (0, 0), (0.02, 0.14), (0.05, 0.29), (0.09, 0.41), (0.14, 0.53), (0.2, 0.63), (0.28, 0.71),
    (0.37, 0.79), (0.47, 0.85), (0.58, 0.9), (0.7, 0.945), (0.83, 0.98), (1, 1),
)  # fmt: skip
RELIABILITY = (
    (0.06, 0.03, 212, 0.01, 0.06), (0.15, 0.06, 240, 0.04, 0.1), (0.25, 0.08, 208, 0.05, 0.13),
    (0.35, 0.11, 166, 0.07, 0.17), (0.45, 0.17, 121, 0.11, 0.25), (0.55, 0.2, 86, 0.13, 0.3),
    (0.66, 0.31, 71, 0.21, 0.42), (0.76, 0.42, 48, 0.29, 0.56), (0.9, 0.68, 38, 0.53, 0.81),
)  # fmt: skip
ANNA = PersonRef(id="anna", name="Anna Müller", role="model-owner")
PIOTR = PersonRef(id="piotr", name="Piotr Żółkowski", role="validator")


def estimate(value: float, low: float, high: float, n: int = 1190) -> MetricEstimate:
    return MetricEstimate(value=value, n=n, ci_low=low, ci_high=high, confidence=0.95, excluded=0)


@cache
def keys() -> dict[str, SigningKey]:
    return {name: SigningKey.generate() for name in ("quaestor", "anna", "piotr")}


def holder(name: str, full_name: str, kind: Literal["machine", "person"], *roles: str) -> Holder:
    """An entry of the register for the key of that name."""
    made = keys()[name]
    return Holder(
        id=name,
        name=full_name,
        kind=kind,
        keys=(HolderKey(keyid=made.keyid, public_key=made.public_key, since=FOUNDED),),
        grants=tuple(Grant(role=role, since=FOUNDED) for role in roles),
    )


@cache
def register() -> Register:
    """The register of people of the lender's ledger: Anna administers it."""
    return Register(
        origin=ORIGIN,
        version=1,
        issued_at=FOUNDED,
        expires_at=FOUNDED + timedelta(days=700),
        threshold=1,
        holders=(
            holder("anna", "Anna Müller", "person", "administrator", "model-owner"),
            holder("piotr", "Piotr Żółkowski", "person", "compliance", "validator"),
            holder("quaestor", "Quaestor of Example Lender", "machine", "collector"),
        ),
    )


@cache
def people() -> bytes:
    """The first version of the register as Anna signed it."""
    return keys()["anna"].sign(register().statement().payload)


def keyring() -> Keyring:
    return register().keyring


def fairness() -> FairnessAudit:
    return FairnessAudit(
        artifact_digest=MODEL,
        dataset_digest=DATA,
        audited="model-outputs",
        attributes=("afam",),
        intersections=("afam&single",),
        group_sizes={"afam=0": 1017, "afam=1": 173},
        unknown_count=0,
        group_metrics={
            "afam=0": {"selection_rate": estimate(0.803, 0.777, 0.826, 1017)},
            "afam=1": {"selection_rate": estimate(0.555, 0.48, 0.627, 173)},
        },
        parity_difference={"afam": estimate(0.248, 0.17, 0.33)},
        odds_difference={"afam": estimate(0.21, 0.11, 0.31)},
        impact_ratio={
            "afam=0": estimate(1.0, 1.0, 1.0, 1017),
            "afam=1": estimate(0.69, 0.59, 0.8, 173),
            "afam=0&single=0": estimate(1.0, 0.96, 1.0, 612),
            "afam=0&single=1": estimate(0.93, 0.87, 0.99, 405),
            "afam=1&single=0": estimate(0.74, 0.61, 0.87, 88),
            "afam=1&single=1": estimate(0.62, 0.48, 0.76, 85),
        },
        binding_measures=("impact_ratio",),
        mitigation=(),
    )


def run() -> ValidationRun:
    quarters = [(2025, 11), (2026, 2), (2026, 5), (2026, 8), (2026, 11)]
    at = [datetime(year, month, 1, tzinfo=UTC) for year, month in quarters]
    return ValidationRun(
        artifact_digest=MODEL,
        dataset_digest=DATA,
        plan_digest=digest_bytes(b"plan"),
        started_at=INSTANT - timedelta(days=1, hours=2),
        seed=7,
        environment="staging",
        hardware="x86_64, 2 cores",
        execution_providers=("CPUExecutionProvider",),
        split="test",
        population="Boston, mortgage applicants",
        population_as_of=date(2026, 10, 1),
        primary_metric="balanced_accuracy",
        metrics={
            "accuracy": estimate(0.782, 0.757, 0.804),
            "balanced_accuracy": estimate(0.733, 0.694, 0.77),
            "precision": estimate(0.944, 0.927, 0.957, 912),
            "recall": estimate(0.799, 0.773, 0.823, 1045),
            "f1": estimate(0.866, 0.85, 0.881),
            "roc_auc": estimate(0.795, 0.75, 0.839),
            "brier": estimate(0.147, 0.138, 0.157),
            "log_loss": estimate(0.461, 0.43, 1.02),
        },
        slices=(
            SliceResult(dimension="region", value="inner city", n=310, metric=estimate(0.71, 0.64, 0.78, 310)),
            SliceResult(dimension="region", value="suburbs", n=880, metric=estimate(0.74, 0.7, 0.78, 880)),
            SliceResult(dimension="segment", value="self-employed", n=139, metric=estimate(0.68, 0.57, 0.78, 139)),
        ),
        periods=tuple(
            PeriodResult(period=Period(start=at[i], end=at[i + 1]), n=300, metric=estimate(v, v - 0.06, v + 0.06, 300))
            for i, v in enumerate((0.741, 0.736, 0.729, 0.726))
        ),
        test_results={
            "auc": PlannedResult(
                passed=True, observed=estimate(0.795, 0.75, 0.839), threshold_digest=digest_bytes(b"t")
            )
        },
        calibration_error=estimate(0.182, 0.16, 0.21),
        latency_ms={"p50": estimate(0.041, 0.04, 0.043), "p99": estimate(0.093, 0.088, 0.12)},
        max_output_difference=1.2e-7,
        batch_invariant=True,
        deterministic=True,
    )


def robustness() -> RobustnessReport:
    return RobustnessReport(
        artifact_digest=MODEL,
        attack_kinds=("bounded-noise",),
        perturbation_budget={"bounded-noise": 0.05},
        accuracy_drop=estimate(0.062, 0.041, 0.088),
        attack_success={"bounded-noise": estimate(0.11, 0.09, 0.13)},
        corruption_drop={"missing": estimate(0.03, 0.01, 0.05), "out-of-range": estimate(0.048, 0.02, 0.071)},
        poisoning_checked=True,
        poisoning_hits=0,
        invalid_input_rejection=estimate(1.0, 0.98, 1.0, 200),
        fault_trials=40,
        fault_safe_responses=40,
    )


def drift(feature: str, value: float, high: float) -> DriftReport:
    return DriftReport(
        target="input",
        feature=feature,
        statistic="psi",
        value=estimate(value, max(0.0, 2 * value - high), high),
        baseline_ref=TRAIN,
        window=Period(start=INSTANT - timedelta(days=30), end=FILED),
        alert_raised=high > 0.1,
    )


def lineage() -> LineageGraph:
    def node(name: str, kind: Any, **more: Any) -> Node:
        return Node(id=name, kind=kind, **more)

    whole = {"owner": ANNA, "origin": "lender", "licence": "internal", "purpose": "credit decisions"}
    nodes = (
        node("source/hmda-filings", "source", **whole),
        node("source/credit-bureau", "source", owner=ANNA, origin="Bureau", licence="contract"),
        node("dataset/applications", "dataset", **whole),
        node("dataset/train", "dataset", digest=TRAIN, **whole),
        node("dataset/test", "dataset", digest=DATA, **whole),
        node("feature/pirat", "feature"),
        node("feature/lvrat", "feature"),
        node("feature/chist", "feature"),
        node("run/train-7", "run"),
        node("model/mortgage-1", "model", digest=MODEL),
        node("deployment/shadow", "deployment"),
    )
    pairs = (
        ("source/hmda-filings", "dataset/applications", "derived"),
        ("source/credit-bureau", "dataset/applications", "derived"),
        ("dataset/applications", "dataset/train", "derived"),
        ("dataset/applications", "dataset/test", "derived"),
        ("dataset/train", "feature/pirat", "derived"),
        ("dataset/train", "feature/lvrat", "derived"),
        ("dataset/train", "feature/chist", "derived"),
        ("feature/pirat", "run/train-7", "read"),
        ("feature/lvrat", "run/train-7", "read"),
        ("feature/chist", "run/train-7", "read"),
        ("run/train-7", "model/mortgage-1", "trained"),
        ("model/mortgage-1", "deployment/shadow", "served"),
    )
    return LineageGraph(
        nodes=nodes,
        edges=tuple(Edge(from_=a, to=b, kind=kind, run="split-1") for a, b, kind in pairs),  # type: ignore[arg-type]
        node_versions={},
        node_digests={"model/mortgage-1": MODEL},
        source_paths={"feature/pirat": (Path(nodes=("source/hmda-filings", "feature/pirat"), complete=True),)},
        complete_path_share=0.75,
        gaps=("source/credit-bureau: no purpose",),
        orphan_nodes=(),
        unowned_nodes=(),
        duplicate_features=(),
        upstream_components=(),
        changes=(),
        feedback_paths=(),
        person_level_outputs=(),
        cross_context_uses=(),
    )


def plan() -> ValidationPlan:
    return ValidationPlan(
        committed_at=INSTANT - timedelta(days=20),
        required_tests=("auc",),
        thresholds={"auc": Threshold(op=">=", value=0.7, confidence=0.95)},
        primary_metric="balanced_accuracy",
        protected_attributes=("afam",),
        threat_models=(ThreatLimit(id="bounded-noise", limit=0.1),),
    )


def typed(kind: str, **content: Any) -> Predicate:
    return PREDICATES[kind].model_validate_json(json.dumps(content))


def approval(person: PersonRef, role: str) -> Predicate:
    return typed(
        "approval",
        gate="validation",
        artifact_digest=MODEL,
        approver=person.to_json(),
        role=role,
        decision="approve",
        conditions=[],
        decided_at="2026-11-20T09:00:00Z",
    )


def holding(matter: str) -> Predicate:
    return typed(
        "legal-hold",
        matter_id=matter,
        ground="internal",
        scope=["mortgage"],
        issued_by=ANNA.to_json(),
        held_from="2026-01-01T00:00:00Z",
        review_at="2027-01-01T00:00:00Z",
        service_reachable=True,
        fail_closed_tested_at="2026-10-01T00:00:00Z",
    )


def telemetry(signal: str, value: float) -> Predicate:
    return typed(
        "telemetry-series",
        endpoint="shadow",
        signal=signal,
        percentile="p95",
        value=value,
        window={"start": "2026-11-01T00:00:00Z", "end": "2026-11-20T00:00:00Z"},
        coverage=0.99,
        last_sample_at="2026-11-20T00:00:00Z",
    )


def schedule(name: str, period: str) -> Predicate:
    return typed(
        "retention-schedule",
        record_class=name,
        period=period,
        personal=False,
        split_rule="none",
        trigger="end of placing on the market",
        deletion_method="crypto-erase",
        legal_basis="AI Act Art 18(1)",
    )


def training(author: PersonRef) -> Predicate:
    return typed(
        "training-run",
        started_at="2025-01-01T08:00:00Z",
        finished_at="2025-01-01T09:00:00Z",
        author=author.to_json(),
        code_commit="4f0c21a",
        dataset_digests=[TRAIN],
        split_digests={"train": TRAIN},
        purposes=["credit decisions"],
        data_window={"start": "2024-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"},
        sample_weighting="none",
        features=["pirat"],
        hyperparameters={},
        trial_count=1,
        objective=["log_loss"],
        environment_digest=OTHER,
        split_strategy="random",
        data_structure=["independent"],
        split_overlap=0,
        retraining=False,
        metrics={},
    )


def feed(name: str) -> Predicate:
    window = {"start": "2026-01-01T00:00:00Z", "end": "2026-11-21T00:00:00Z"}
    return typed("feed-status", feed=name, window=window, count=0, complete=True)


def contents() -> list[tuple[Predicate, str, str | None]]:
    """Content, class and key of every record that is filed."""
    measured: list[Predicate] = [fairness(), run(), robustness()]
    measured += [
        drift(name, value, high)
        for name, value, high in (
            ("pirat", 0.021, 0.044),
            ("hirat", 0.018, 0.039),
            ("lvrat", 0.062, 0.091),
            ("chist", 0.008, 0.02),
            ("unemp", 0.084, 0.127),
        )
    ]
    result: list[tuple[Predicate, str, str | None]] = [(item, "measured", "quaestor") for item in measured]
    result += [(lineage(), "derived", "quaestor")]
    result += [(holding("none-2026"), "ingested", None), (telemetry("latency", 12.5), "ingested", "quaestor")]
    result += [(telemetry("errors", 0.002), "ingested", "quaestor")]
    result += [(feed(name), "ingested", "quaestor") for name in ("incident-record", "legal-hold", "purge-certificate")]
    result += [(plan(), "attested", "piotr"), (approval(ANNA, "model-owner"), "attested", "anna")]
    result += [(approval(PIOTR, "validator"), "attested", "piotr")]
    result += [
        (schedule(name, "P10Y"), "attested", "anna")
        for name in ("technical-documentation", "quality-system", "declaration-of-conformity")
    ]
    result += [(schedule("event-logs", "P6M"), "attested", "anna")]
    return result


def statement_of(
    content: Predicate, kind: str, age: timedelta = timedelta(days=1), subject: dict[str, str] | None = None
) -> Statement:
    return new_statement(
        content,
        subject=subject or ({"mortgage": system_digest("mortgage")} if kind == "attested" else {SUBJECT.name: MODEL}),
        envelope={
            "evidence_class": EvidenceClass(kind),
            "system_id": "mortgage",
            "source": {"measured": "run r1", "derived": "lineage store", "ingested": "monitoring"}.get(kind, "person"),
            "collector": "quaestor",
            "issuer": "Quaestor of Example Lender" if kind in ("measured", "derived") else "Beispielbank, Zürich",
            "issued_at": INSTANT - age,
            "collected_at": INSTANT - age,
            "expires_at": INSTANT - age + timedelta(days=30),
        },
    )


@dataclass(frozen=True)
class Sample:
    """A denied decision with everything that a report of it holds."""

    decision: Decision
    snapshot: Snapshot
    evidence: dict[str, bytes]


@cache
def record_envelopes() -> dict[str, bytes]:
    """The signed records by id, in the order of filing."""
    envelopes: dict[str, bytes] = {}
    for content, kind, signer in contents():
        statement = statement_of(content, kind)
        envelopes[statement.id] = keys()[signer].sign(statement.payload) if signer else wrap_unsigned(statement.payload)
    return envelopes


def sample() -> Sample:
    made = materials()
    return Sample(made.decision, made.snapshot, record_envelopes())


def _of(snapshot: Snapshot, kind: str) -> list[Record]:
    return [entry.record for entry in snapshot.entries if entry.record.type == kind]


def _result(control: str, title: str, status: Status, articles: tuple[str, ...], **more: Any) -> ControlResult:
    says = more.pop("says", f"{title}.")
    values: dict[str, Any] = {
        "control": control,
        "title": title,
        "family": control.split("-", maxsplit=1)[0].lower(),
        "status": status,
        "cause": FindingCause(finding=0) if more.get("findings") else None,
        "severity": "blocker",
        "basis": "policy",
        "advisory": False,
        "objectives": (ObjectiveResult(name="held", says=says, satisfied=status is Status.PASS),),
        "remediation": "Collect the evidence again with `quaestor validate plan.yaml` and decide once more.",
        "frameworks": {"eu-ai-act": articles},
    }
    return ControlResult(**{**values, **more})


WAIVED = WaiverRelaxation(
    subject="APP-04",
    evidence=digest_bytes(b"waiver"),
    status="missing",
    risk="new team, one owner so far",
    risk_owner=ANNA,
    requested_by=ANNA,
    approver=PIOTR,
    granted_at=INSTANT - timedelta(days=3),
    expires_on=datetime(2026, 12, 31, tzinfo=UTC),
)


def decide_sample(snapshot: Snapshot, bundle_digest: str = BUNDLE_DIGEST) -> Decision:
    """What the sample's policies make of a snapshot. Pure: FAIR-02 compares the impact ratio with 0.8."""
    audit = _of(snapshot, "fairness-audit")[0]
    ratio = audit.content["impact_ratio"]["afam=1"]
    breach = ratio["ci_low"] < 0.8
    results = [_fair_02(audit.id, ratio, breach), *_others(snapshot)]
    reasons = [
        ControlReason(control=r.control, status=r.status, objective=r.findings[0].objective, finding=0)
        for status in (Status.FAIL, Status.MISSING)
        for r in results
        if not r.advisory and r.status is status
    ]
    outcome = Outcome.DENY if breach else Outcome.INDETERMINATE
    unsigned = [e.record.id for e in snapshot.entries if e.signature.state != "verified" and not e.derived_here]
    return Decision(
        outcome=outcome,
        gate="validation",
        subject=snapshot.subject,
        instant=snapshot.instant,
        bundle_digest=bundle_digest,
        overlay_digest=digest_bytes(b"overlay"),
        parameters_digest=digest_bytes(b"parameters"),
        snapshot_digest=snapshot.digest,
        risk=RiskTier(
            tier="high-annex-iii",
            path=("in scope", "not prohibited", "Annex III"),
            articles=("6(2)", "Annex III 5(b)"),
            reasons=("evaluates the creditworthiness of natural persons", "profiles persons: no derogation"),
            roles=("deployer", "provider"),
        ),
        reasons=tuple(reasons),
        counts={},
        results=tuple(results),
        prerequisites=(
            Prerequisite(
                gate="registration",
                state="allowed",
                decision=digest_bytes(b"r"),
                outcome=Outcome.ALLOW,
                instant=INSTANT - timedelta(days=2),
            ),
        ),
        relaxations=(
            ChosenInstantRelaxation(subject=snapshot.instant),
            ParameterRelaxation(subject="protected_attributes", default=["sex"], value=["afam"]),
            *(
                UnsignedEvidenceRelaxation(subject=i, type="legal-hold", evidence_class="ingested")
                for i in sorted(unsigned)
            ),
            WAIVED,
        ),
        evidence=tuple(sorted((_item(entry) for entry in snapshot.entries), key=lambda i: (i.type, i.id))),
        excluded=tuple(
            ExcludedItem(**{name: getattr(e, name) for name in ExcludedItem.model_fields}) for e in snapshot.excluded
        ),
    )


def _item(entry: Entry) -> EvidenceItem:
    envelope = entry.record.envelope
    return EvidenceItem(
        id=entry.record.id,
        type=entry.record.type,
        evidence_class=envelope.evidence_class.value,
        collected_at=envelope.collected_at,
        expires_at=envelope.expires_at,
        source=envelope.source,
        issuer=envelope.issuer,
        signature=entry.signature.state,
        signer=entry.signature.signer,
    )


def _fair_02(audit: str, ratio: dict[str, Any], breach: bool) -> ControlResult:
    finding = Finding(
        objective="gaps-bounded",
        message="the selection-rate ratio of group {group} may lie below the floor",
        values={"group": "afam=1"},
        evidence=audit,
        observed=ratio,
        expected=0.8,
        path="fairness-audit/impact_ratio/afam=1",
    )
    second = Finding(
        objective="mitigation-stated",
        message="the audit names neither a mitigation nor a reason for none",
        evidence=audit,
        observed=[],
        path="fairness-audit/mitigation",
    )
    return _result(
        "FAIR-02",
        "Fairness gaps within bounds or mitigated and accepted",
        Status.FAIL if breach else Status.PASS,
        ("10(2)(g)",),
        objectives=(
            ObjectiveResult(
                name="gaps-bounded",
                says="Every binding measure stays within its bound for every protected attribute.",
                satisfied=not breach,
            ),
            ObjectiveResult(
                name="mitigation-stated",
                says="Training names a fairness term, or the audit says why no mitigation is permitted.",
                satisfied=not breach,
            ),
        ),
        findings=(finding, second) if breach else (),
        evidence=(audit,),
        frameworks={"eu-ai-act": ("10(2)(g)",), "nist-ai-rmf": ("MEASURE 2.11",), "iso-42001": ("A.5.4",)},
        remediation="Mitigate the gap and audit again, or have the remaining gap accepted with reason and expiry.",
    )


def _absent(kind: str, least: str = "") -> Finding:
    """The engine's own finding where no record of a type is there."""
    values: dict[str, str | bool | int] = {"type": kind, **({"class": least} if least else {})}
    return Finding(objective="held", gap=True, code="no-record", values=values, path=f"evidence/{kind}")


def _others(snapshot: Snapshot) -> list[ControlResult]:
    runs = tuple(r.id for r in _of(snapshot, "validation-run"))
    drifting = tuple(sorted(r.id for r in _of(snapshot, "drift-report")))
    gap = [_absent("technical-file")]
    late = {"advisory": True, "applies_from": "2027-12-02", "basis": "law"}
    plans = tuple(r.id for r in _of(snapshot, "validation-plan"))
    both = {"eu-ai-act": ("15(1)",), "nist-ai-rmf": ("MEASURE 2.5",), "iso-42001": ("A.6.2.4",)}
    return [
        _result(
            "DRIFT-04",
            "Inputs of the test data lie close to the training data",
            Status.FAIL,
            ("15(4)",),
            severity="major",
            evidence=drifting,
            findings=(
                Finding(
                    objective="held",
                    message="the drift of unemp exceeds the limit",
                    evidence=drifting[0],
                    observed=0.127,
                    expected=0.1,
                    path="drift-report/value/ci_high",
                ),
            ),
            remediation="Retrain on data of the period in which the model will be used, or restrict its use.",
        ),
        _result(
            "DOC-05",
            "Model card complete and reviewed",
            Status.MISSING,
            ("11(1)",),
            severity="major",
            findings=(_absent("model-card"),),
            remediation="File the model card: `quaestor evidence add model-card.json`.",
        ),
        _result(
            "RISK-07",
            "Residual risk accepted",
            Status.MISSING,
            ("9(5)",),
            findings=(_absent("attestation", least="attested"),),
        ),
        _result(
            "APP-04",
            "A second person approved",
            Status.WAIVED,
            ("14(3)",),
            severity="minor",
            cause=NoRecordCause(),
            waiver=digest_bytes(b"waiver"),
        ),
        _result(
            "PERF-02",
            "Performance above the planned thresholds",
            Status.PASS,
            (),
            evidence=runs,
            frameworks=both,
        ),
        _result("PERF-04", "Performance holds in every slice", Status.PASS, ("15(1)",), evidence=runs),
        _result("PERF-08", "Performance is stable over time", Status.PASS, ("15(1)",), evidence=runs),
        _result(
            "FAIR-01",
            "Group-wise fairness audit done before approval",
            Status.PASS,
            ("10(2)(f)",),
            evidence=runs,
        ),
        _result("ROB-01", "Robust against bounded perturbation", Status.PASS, ("15(4)", "15(5)"), evidence=runs),
        _result("INT-01", "The model is what was registered", Status.PASS, ("15(5)",), evidence=runs),
        _result("EUAIA-09-5", "Tests and thresholds fixed beforehand", Status.PASS, ("9(8)",), evidence=plans),
        _result(
            "INC-09",
            "No incident is open",
            Status.NOT_APPLICABLE,
            ("9(5)",),
            cause=OutsideCause(what="role", concerns=("importer",), has=("deployer", "provider")),
        ),
        _result(
            "EUAIA-18-1",
            "Technical documentation kept ten years",
            Status.MISSING,
            ("11(1)",),
            findings=tuple(gap),
            **late,
        ),
        _result(
            "EUAIA-14-3",
            "Human oversight built in",
            Status.MISSING,
            ("14(3)",),
            findings=tuple(gap),
            **late,
        ),
        _result("EUAIA-19-1", "Event logs kept six months", Status.PASS, ("12(1)",), evidence=plans, **late),
    ]


def decision_envelope(made: Decision, signer: SigningKey, wasm: bytes | None = WASM) -> bytes:
    """The signed statement of a decision, as the store keeps it."""
    note = DecisionNote(
        system_id="mortgage",
        decision_id=made.id,
        decision=made.to_json(),
        engine=EngineName(name="sample", version="1"),
        recorded_at=INSTANT + timedelta(seconds=1),
        snapshot=digest_bytes(b"snapshot"),
        materials=digest_bytes(BUNDLE_TAR),
        wasm=digest_bytes(wasm) if wasm else None,
    )
    return signer.sign(new_note(note, {SUBJECT.name: MODEL}).payload)


def statement_id(envelope: bytes) -> str:
    return parse_statement(open_envelope(envelope, where="decision"), where="decision").id


def old_record() -> Statement:
    """A record whose time is over."""
    return statement_of(schedule("old", "P1Y"), "attested", timedelta(days=80))


def withdrawn_record() -> Statement:
    return statement_of(schedule("withdrawn", "P1Y"), "attested")


def ledger_proof(envelope: bytes, signer: SigningKey, more: Sequence[bytes] = ()) -> LedgerProof:
    """Out of a ledger under the key of `signer`: the snapshot saw 41 entries, and entry 42 is the decision.

    `more` stand in it too, behind those that the snapshot lists.
    """
    with _ledger(signer, more) as store:
        _finish(store, envelope, signer)
        return prove(store, statement_id(envelope), sample().snapshot)


def keep(store: RecordStore, envelopes: Iterable[bytes], signer: SigningKey) -> None:
    """Append statements under one checkpoint, each as what its predicate type says that it is."""
    new = []
    for envelope in envelopes:
        statement = parse_statement(open_envelope(envelope, where="sample"), where="sample")
        kind: Kind = NOTES[statement.predicate_type].KIND if statement.predicate_type in NOTES else "record"
        new.append(NewStatement(envelope, kind, "configured", "quaestor", FILED))
    store.append_many(new, signer=signer)


@contextlib.contextmanager
def _ledger(signer: SigningKey, more: Sequence[bytes] = ()) -> Iterator[RecordStore]:
    """A store of the 41 entries that the snapshot saw: the register, the records, what they were excluded by, and
    others' entries.
    """
    envelopes = list(record_envelopes().values())
    envelopes += [keys()["anna"].sign(item.payload) for item in (old_record(), withdrawn_record())]
    envelopes += [withdrawal_of(withdrawn_record().id), run_note("r1"), *more, charts_note()]
    envelopes += [_note(_filler(place), OTHER) for place in range(len(envelopes) + 1, SEEN)]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.db"
        with RecordStore.create(url, pathlib.Path(folder) / "blobs", origin=ORIGIN, signer=signer) as store:
            store.append_people(people(), actor="anna", at=FOUNDED, signer=signer)
            keep(store, envelopes, signer)
            yield store


def _finish(store: RecordStore, envelope: bytes, signer: SigningKey) -> None:
    """The rest of the ledger: the snapshot's note, the decision, and an entry of others."""
    keep(store, [_note(SnapshotNote(system_id="mortgage", snapshot={}))], signer)
    keep(store, [envelope], signer)
    keep(store, [_note(_filler(SEEN), OTHER)], signer)


def place(record: str) -> int:
    """The index in the sample's ledger of a record, where it is none of the sample's own: of the first of `more`."""
    order = ["register", *record_envelopes(), old_record().id, withdrawn_record().id]
    return order.index(record) if record in order else len(order) + 2


def withdrawal_of(record: str) -> bytes:
    reason = "signed for the wrong version"
    note = Withdrawal(system_id="mortgage", record=record, reason=reason, by="anna", at=FILED)
    return _note(note, system_digest("mortgage"), "anna")


def run_note(run: str) -> bytes:
    return _note(RunStarted(system_id="mortgage", run=run, plan_digest=DATA, split="test", started_at=FILED))


@cache
def charts_note(run: str | None = None) -> bytes:
    """The curves of the sample's validation run (or of `run`), as the ledger keeps them."""
    of_run = next(
        name for name, envelope in record_envelopes().items()
        if parse_statement(open_envelope(envelope, where=name), where=name).predicate_type
        == PREDICATES["validation-run"].uri()
    )  # fmt: skip
    charts = MeasuredCharts(
        roc=tuple(RocPoint(false_positive_rate=x, true_positive_rate=y) for x, y in ROC),
        reliability=tuple(
            ReliabilityBin(mean_score=score, observed=estimate(rate, low, high, n))
            for score, rate, n, low, high in RELIABILITY
        ),
        batch_difference=0,
        rows=1190,
        excluded=0,
        abstained=0,
        isolation=(),
        libraries={},
    )
    return _note(RunCharts(system_id="mortgage", run=run or of_run, charts=charts.to_json()))


def _filler(place: int) -> Note:
    """A note about something else."""
    return Withdrawal(system_id="other", record=f"sha256:{place:064x}", reason="other", by="anna", at=FILED)


def _note(note: Note, subject: str = MODEL, signer: str = "quaestor") -> bytes:
    return keys()[signer].sign(new_note(note, {"subject": subject}).payload)


Forge = Callable[[Snapshot], Snapshot]


def materials_of(more: Sequence[bytes] = (), forge: Forge = lambda taken: taken) -> Materials:
    """What a report is made of, out of a real store in which `more` stand besides.

    `forge` is what a holder of all the keys makes of the snapshot before it is decided on, signed and logged.
    """
    machine = keys()["quaestor"]
    with _ledger(machine, more) as store:
        snapshot = forge(take_snapshot(store, SUBJECT, INSTANT, instant_chosen=True))
        made = decide_sample(snapshot)
        envelope = decision_envelope(made, machine)
        _finish(store, envelope, machine)
        counted = sorted(entry.record.id for entry in snapshot.entries if not entry.derived_here)
        return Materials(
            decision=made,
            decision_envelope=envelope,
            snapshot=snapshot,
            evidence={name: store.get(name).envelope for name in counted},
            bundle=BUNDLE_TAR,
            wasm=WASM,
            people=(people(),),
            proof=prove(store, statement_id(envelope), snapshot),
            charts=charts_note(),
        )


@cache
def materials() -> Materials:
    return materials_of()


@contextlib.contextmanager
def kept(size: int) -> Iterator[tuple[str, Continued]]:
    """A checkpoint of the sample's ledger at an earlier size, and the proof that the report's continues it."""
    machine = keys()["quaestor"]
    made = materials()
    with _ledger(machine) as store:
        _finish(store, made.decision_envelope, machine)
        hashes = [entry.hash for entry in store.entries()]
        root = ledger.Frontier().extend(hashes[:size])[0].root
        proof = store.consistency_proof(size, len(hashes))
        note = ledger.sign_checkpoint(ledger.Checkpoint(ORIGIN, size, root), machine)
        yield note, Continued(size=size, consistency=tuple(item.hex() for item in proof))


@cache
def certificate() -> tuple[bytes, bytes]:
    """Key and certificate that sign the sample's reports."""
    return make_signing_certificate("Quaestor reports of Example Lender", now=INSTANT)


@cache
def report() -> bytes:
    """The signed report of the sample."""
    key, cert = certificate()
    pack = DecisionPack(frameworks=FRAMEWORKS, limits=LIMITS, key_pem=key, cert_pem=cert, signing_time=INSTANT)
    return pack.make(materials())


def replay(contents: Contents) -> tuple[str, Decision]:
    """What a policy engine does in earnest: the bundle's digest, and the decision out of the attached snapshot."""
    digest = digest_bytes(contents.bundle)
    return digest, decide_sample(contents.snapshot, digest)


def pages(pdf: bytes, contents: Contents, certificate: str) -> str:
    """The printed pages compared with the attached files, by the titles and limits of the sample."""
    return compare(pdf, pack_of(contents, certificate, frameworks=FRAMEWORKS, limits=LIMITS))
