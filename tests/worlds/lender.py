"""The policies of the lender, by which the sample of a report is decided: small controls of every status."""

from functools import cache

from engine.backends.regorus import RegorusEngine
from engine.bundle.effective import Effective
from engine.bundle.files import OVERLAY, archive
from engine.bundle.load import Bundle, bundle_from_files
from engine.deciding.decide import decide
from engine.deciding.verdict import Decision
from evidence.snapshot.model import Snapshot
from tests.worlds.policies import bench_files, effective, written

_TEXT = "parameters: {protected_attributes: [afam]}\n"
_GATES = {
    "registration": "denies: [blocker]",
    "validation": "denies: [blocker, major]\nrequires: [registration]",
    "staging": "denies: [blocker]",
}
_HELD = """\
records := input.evidence["{kind}"]

satisfied contains "held" if count(records) > 0
"""
_GAPS = """\
import data.lib.numbers

audits := input.evidence["fairness-audit"]

floor := data.parameters.min_impact_ratio

# One group after another, not what they have in common.
judged(audit) := {group: ratio |
	some group, ratio in audit.predicate.impact_ratio
	not contains(group, "&")
}

low(ratio) if numbers.micro(ratio.ci_low) < numbers.micro(floor)

satisfied contains "gaps-bounded" if {
	count(audits) > 0
	every audit in audits {
		count(judged(audit)) > 0
		every ratio in judged(audit) { not low(ratio) }
	}
}

satisfied contains "mitigation-stated" if {
	count(audits) > 0
	every audit in audits { count(audit.predicate.mitigation) > 0 }
}

findings contains finding if {
	some audit in audits
	some group, ratio in judged(audit)
	low(ratio)
	finding := {
		"objective": "gaps-bounded",
		"message": "the selection-rate ratio of group {group} may lie below the floor",
		"values": {"group": group},
		"observed": ratio,
		"expected": floor,
		"evidence": audit.id,
		"path": concat("/", ["fairness-audit/impact_ratio", group]),
	}
}

findings contains finding if {
	some audit in audits
	count(audit.predicate.mitigation) == 0
	finding := {
		"objective": "mitigation-stated",
		"message": "the audit names neither a mitigation nor a reason for none",
		"observed": audit.predicate.mitigation,
		"evidence": audit.id,
		"path": "fairness-audit/mitigation",
	}
}
"""
_DRIFT = """\
import data.lib.numbers

reports := input.evidence["drift-report"]

limit := data.parameters.max_promotion_drift

far(report) if numbers.micro(report.predicate.value.ci_high) > numbers.micro(limit)

satisfied contains "held" if {
	count(reports) > 0
	every report in reports { not far(report) }
}

findings contains finding if {
	some report in reports
	far(report)
	finding := {
		"objective": "held",
		"message": "the drift of {feature} exceeds the limit",
		"values": {"feature": report.predicate.feature},
		"observed": report.predicate.value.ci_high,
		"expected": limit,
		"evidence": report.id,
		"path": "drift-report/value/ci_high",
	}
}
"""
_BY_LAW = {"basis": "law", "waivable": "false", "applies_from": "D-HR"}


def _held(
    id: str,
    title: str,
    kind: str,
    articles: str,
    *,
    evidence_class: str = "any",
    gates: str = "[validation]",
    **more: str,
) -> tuple[str, str]:
    """A control that asks for a current record of a type."""
    given = {
        "title": title,
        "evidence": f"{{{kind}: {evidence_class}}}",
        "parameters": "[]",
        "objectives": f"{{held: {{says: {title}.}}}}",
        "frameworks": f"{{eu-ai-act: [{articles}]}}",
        "remediation": "Collect the evidence again with `quaestor validate plan.yaml` and decide once more.",
    }
    return written(id, gates, more.pop("rules", _HELD.format(kind=kind)), **{**given, **more})


CONTROLS = dict(
    [
        written(
            "FAIR-02",
            "[validation]",
            _GAPS,
            title="Fairness gaps within bounds or mitigated and accepted",
            parameters="[min_impact_ratio]",
            objectives="{gaps-bounded: {says: Every binding measure stays within its bound for every protected "
            'attribute.}, mitigation-stated: {says: "Training names a fairness term, or the audit says why no '
            'mitigation is permitted."}}',
            frameworks='{eu-ai-act: ["10(2)(g)"], nist-ai-rmf: ["MEASURE 2.11"], iso-42001: ["A.5.4"]}',
            remediation="Mitigate the gap and audit again, or have the remaining gap accepted with reason and expiry.",
        ),
        _held(
            "DRIFT-04",
            "Inputs of the test data lie close to the training data",
            "drift-report",
            '"15(4)"',
            rules=_DRIFT,
            severity="major",
            parameters="[max_promotion_drift]",
            remediation="Retrain on data of the period in which the model will be used, or restrict its use.",
        ),
        _held(
            "DOC-05",
            "Model card complete and reviewed",
            "model-card",
            '"11(1)"',
            severity="major",
            remediation='"File the model card: `quaestor evidence add model-card.json`."',
        ),
        _held(
            "RISK-07",
            "Residual risk accepted",
            "statement:residual-risk-acceptance",
            '"9(8)"',
            evidence_class="attested",
        ),
        _held("APP-04", "A second person approved", "instructions-for-use", '"14(4)(d)"', severity="minor"),
        _held(
            "PERF-02",
            "Performance above the planned thresholds",
            "validation-run",
            '"15(1)"',
            frameworks='{eu-ai-act: ["15(1)"], nist-ai-rmf: ["MEASURE 2.5"], iso-42001: ["A.6.2.4"]}',
        ),
        _held("PERF-04", "Performance holds in every slice", "validation-run", '"15(1)"'),
        _held("PERF-08", "Performance is stable over time", "validation-run", '"15(1)"'),
        _held("FAIR-01", "Group-wise fairness audit done before approval", "fairness-audit", '"10(2)(f)"'),
        _held("ROB-01", "Robust against bounded perturbation", "robustness-report", '"15(4)", "15(5)"'),
        _held(
            "INT-01",
            "The model is what was registered",
            "validation-run",
            '"15(5)"',
            gates="[registration, validation]",
        ),
        _held("EUAIA-09-5", "Tests and thresholds fixed beforehand", "validation-plan", '"9(8)"'),
        _held("INC-09", "No incident is open", "incident-record", '"9(8)"', roles="[importer]"),
        _held("RET-02", "What must be kept has been told of", "legal-hold", '"19(1)"'),
        _held("EUAIA-18-1", "Technical documentation kept ten years", "technical-file", '"11(1)"', **_BY_LAW),
        _held("EUAIA-14-3", "Human oversight built in", "technical-file", '"14(4)(d)"', **_BY_LAW),
        _held("EUAIA-19-1", "Event logs kept six months", "validation-plan", '"19(1)"', **_BY_LAW),
    ]
)


@cache
def policies() -> tuple[Bundle, Effective]:
    bundle = bundle_from_files(bench_files(CONTROLS, _GATES))
    return bundle, effective(bundle, _TEXT)


@cache
def materials() -> bytes:
    """The tar of the policies and the overlay."""
    return archive({**policies()[0].files, OVERLAY: _TEXT.encode()})


@cache
def _engine() -> RegorusEngine:
    return RegorusEngine(policies()[0].program())


def decide_sample(snapshot: Snapshot, gate: str = "validation") -> Decision:
    """What the lender's policies say of a snapshot."""
    return decide(*policies(), snapshot, gate, _engine())
