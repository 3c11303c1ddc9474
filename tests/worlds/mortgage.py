"""The evidence on a mortgage model: signed records of all four classes, and the curves of its validation run."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from evidence.model.canonical import digest_bytes
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
    Statement,
)
from evidence.model.subject import Subject, SubjectKind, system_digest
from tests.worlds import records
from tests.worlds.records import envelope, predicate, statement

INSTANT = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
FILED = INSTANT - timedelta(hours=1)
OTHER = f"sha256:{64 * '9'}"
MODEL = "sha256:b6e3bc5aba398c53429a494174bee3fe36d2126e2fa67df4eb6ac29d64bc087a"
DATA = "sha256:2c848846afa2f096265ddf1ad88aa709b3d52c76b3b2665536303ac39eb311a1"
TRAIN = "sha256:226ba60388e8bde3dd773fedbe69e8a65710cb0789254ee8c60b8931aadcea95"
SUBJECT = Subject(kind=SubjectKind.MODEL, name="mortgage 1", digest=MODEL, system_id="mortgage")
ANNA = PersonRef(id="anna", name="Anna Müller", role="model-owner")
PIOTR = PersonRef(id="piotr", name="Piotr Żółkowski", role="validator")


def estimate(value: float, low: float, high: float, n: int = 1190) -> MetricEstimate:
    return MetricEstimate(value=value, n=n, ci_low=low, ci_high=high, confidence=0.95, excluded=0)


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


def approval(person: PersonRef, role: str) -> Predicate:
    facts = {"gate": "validation", "artifact_digest": MODEL, "decided_at": "2026-11-20T09:00:00Z"}
    return records.approval("approve", approver=person.to_json(), role=role, **facts)


def holding(matter: str) -> Predicate:
    return predicate(
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
    return predicate(
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
    return records.schedule(name, period, trigger="end of placing on the market", legal_basis="AI Act Art 18(1)")


def training(author: PersonRef) -> Predicate:
    return records.training(
        author.id, author.name, started_at="2025-01-01T08:00:00Z", finished_at="2025-01-01T09:00:00Z"
    )


def questionnaire() -> Predicate:
    """The answers of a system that evaluates the creditworthiness of natural persons."""
    return records.high_questionnaire(
        roles=["deployer", "provider"],
        task="credit-scoring",
        decisions=["credit"],
        targets=["borrowers"],
        personal_data=True,
        profiling=True,
    )


def waiver() -> Predicate:
    """Piotr waives APP-04, as Anna asked for."""
    return records.waiver(
        "APP-04",
        control_severity="minor",
        scope=MODEL,
        risk="new team, one owner so far",
        risk_owner=ANNA.to_json(),
        requested_by=ANNA.to_json(),
        approver=PIOTR.to_json(),
        granted_at="2026-11-18T08:00:00Z",
        expires_on="2026-12-31T00:00:00Z",
    )


def feed(name: str) -> Predicate:
    window = {"start": "2026-01-01T00:00:00Z", "end": "2026-11-21T00:00:00Z"}
    return predicate("feed-status", feed=name, window=window, count=0, complete=True)


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
    result += [(questionnaire(), "attested", "anna"), (waiver(), "attested", "piotr")]
    return result


def statement_of(
    content: Predicate, kind: str, age: timedelta = timedelta(days=1), subject: dict[str, str] | None = None
) -> Statement:
    """A record collected `age` before the decision, which lasts thirty days."""
    about = subject or ({"mortgage": system_digest("mortgage")} if kind == "attested" else {SUBJECT.name: MODEL})
    ((named, digest),) = about.items()
    return statement(
        content,
        evidence_class=kind,
        at=INSTANT - age,
        expires=INSTANT - age + timedelta(days=30),
        subject=digest,
        named=named,
        source={"measured": "run r1", "derived": "lineage store", "ingested": "monitoring"}.get(kind, "person"),
        collector="quaestor",
        issuer="Quaestor of Example Lender" if kind in ("measured", "derived") else "Beispielbank, Zürich",
    )


@cache
def record_envelopes() -> dict[str, bytes]:
    """The signed records by id, in the order of filing."""
    envelopes: dict[str, bytes] = {}
    for content, kind, signer in contents():
        made = statement_of(content, kind)
        envelopes[made.id] = envelope(made, signer)
    return envelopes


def old_record() -> Statement:
    """A record whose time is over."""
    return statement_of(schedule("old", "P1Y"), "attested", timedelta(days=80))


def withdrawn_record() -> Statement:
    return statement_of(schedule("withdrawn", "P1Y"), "attested")
