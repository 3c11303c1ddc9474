"""A small bundle of policies as files, and one control in it that tests change to see what is noticed."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from evidence.model.schemas import published_schemas

CONTROL = "controls/fairness/FAIR-01.rego"
CASES = "controls/fairness/FAIR-01_cases.yaml"
TEST = "controls/fairness/FAIR-01_test.rego"

METADATA = """\
# METADATA
# title: Group-wise fairness audit done before approval
# description: Every protected attribute was audited on groups large enough to judge.
# custom:
#   id: FAIR-01
#   pack: core
#   severity: major
#   basis: policy
#   waivable: true
#   mode: auto
#   tiers: [any]
#   roles: [any]
#   gates: [validation]
#   applies_from: D-POL
#   evidence: {fairness-audit: measured}
#   parameters: [min_group_size, protected_attributes]
#   objectives:
#     attributes-covered: {says: Every protected attribute was audited., covers: [S0.M3.3]}
#     groups-large-enough: {says: Each group has enough cases to judge., covers: [S0.M3.3]}
#   frameworks: {eu-ai-act: ["10(2)(f)"]}
#   remediation: Audit again on enough cases of every group.
package controls.fairness.FAIR_01
"""
RULES = """
audits := input.evidence["fairness-audit"]

satisfied contains "attributes-covered" if {
	count(audits) > 0
	count(data.parameters.protected_attributes) > 0
	every audit in audits {
		every attribute in data.parameters.protected_attributes { attribute in audit.predicate.attributes }
	}
}

satisfied contains "groups-large-enough" if {
	count(audits) > 0
	every audit in audits {
		count(audit.predicate.group_sizes) > 0
		every n in audit.predicate.group_sizes { n >= data.parameters.min_group_size }
	}
}

findings contains finding if {
	some audit in audits
	some name, n in audit.predicate.group_sizes
	n < data.parameters.min_group_size
	finding := {
		"objective": "groups-large-enough",
		"message": "group {group} is too small to judge",
		"values": {"group": name},
		"observed": n,
		"evidence": audit.id,
	}
}
"""
REGO_TEST = """\
package controls.fairness.FAIR_01_test

import data.controls.fairness.FAIR_01 as control

test_nothing_known_satisfies_nothing if {
	count(control.satisfied) == 0 with input.evidence as {} with data.parameters as {}
}
"""
PARAMETERS = """\
parameters:
  min_group_size:
    {type: int, default: 30, unit: cases, source: law, floor: true, stricter: higher, meaning: Cases needed per group.}
  protected_attributes:
    {type: "list<str>", default: [sex], unit: list, source: law, floor: true, stricter: higher, meaning: Attributes.}
  keep:
    {type: duration, default: P6M, unit: duration, source: law, floor: true, stricter: higher, meaning: Log keeping.}
  report_days:
    {type: int, default: 15, unit: days, source: law, floor: true, stricter: lower, meaning: Longest time to report.}
  from_day:
    {type: date, default: "2026-12-02", unit: date, source: law, floor: true, stricter: lower, meaning: Day from which.}
  approvals:
    {type: "map<str,list<str>>", default: {high: [owner]}, unit: map, source: law, floor: true, stricter: higher,
     meaning: Roles needed per tier.}
  tolerance: {type: float, default: 0.1, unit: share, source: proposal, meaning: Difference tolerated.}
  methods: {type: "list<str>", default: [erase], unit: list, source: proposal, meaning: Accepted methods.}
"""
DATES = """\
dates:
  D-POL: {date: "1970-01-01", meaning: Always on.}
  D-HR: {date: "2027-12-02", meaning: High risk.}
"""
VOCABULARY = """\
tiers:
  any: {kind: group, meaning: Every tier., members: [high-annex-iii, minimal, undetermined]}
  high: {kind: group, meaning: High risk., members: [high-annex-iii]}
  high-annex-iii: {kind: tier, meaning: Annex III.}
  minimal: {kind: tier, meaning: None.}
  undetermined: {kind: tier, meaning: Unknown.}
roles: {any: Every role., provider: Develops., deployer: Uses.}
"""
GATE = "gate: validation\ntitle: Validation\nmeaning: A candidate is judged.\ndenies: [blocker]\n"
FRAMEWORK = """\
framework: eu-ai-act
title: AI Act
version: "2026"
kind: law
articles:
  - {id: "10(2)(f)", title: Bias}
"""
_ESTIMATE = {"value": 0.9, "n": 100, "ci_low": 0.85, "ci_high": 0.95, "confidence": 0.95, "excluded": 0}
AUDIT = {
    "artifact_digest": f"sha256:{64 * 'c'}",
    "dataset_digest": f"sha256:{64 * 'd'}",
    "audited": "model-outputs",
    "attributes": ["sex", "age"],
    "intersections": [],
    "group_sizes": {"f": 60, "m": 70},
    "unknown_count": 0,
    "group_metrics": {},
    "parity_difference": {"sex": _ESTIMATE},
    "odds_difference": {"sex": _ESTIMATE},
    "impact_ratio": {"sex": _ESTIMATE},
    "binding_measures": ["impact_ratio"],
    "mitigation": [],
}


def case(name: str, expect: str, *audits: dict[str, object], **more: object) -> dict[str, object]:
    records = [{"predicate": audit} for audit in audits]
    return {"name": name, "gate": "validation", "expect": expect, "evidence": {"fairness-audit": records}, **more}


NOTHING = case("an audit of nothing", "fail", {**AUDIT, "attributes": ["age"], "group_sizes": {"f": 3}})
"""The case in which no objective holds, and a record of what each reads is there."""
ROLES = "roles: {validator: Judges models., compliance: Holds to law and policy.}\n"
SIGNERS = "signers: {approval: {signed_by: [validator, compliance]}}\n"


def cases(*entries: dict[str, object]) -> str:
    """JSON is YAML."""
    return json.dumps({"cases": list(entries)}, indent=1)


@cache
def schema_files() -> Mapping[str, str]:
    """The published schemas as a bundle holds them, by evidence type; making them takes longer than most tests."""
    return {kind: json.dumps(schema) for kind, schema in published_schemas().items()}


def small_bundle(*, metadata: str = METADATA, rules: str = RULES, **more: str) -> dict[str, bytes]:
    """Files by path. `more` replaces or adds files; a path is written with `__` for `/`."""
    files = {
        CONTROL: metadata + rules,
        TEST: REGO_TEST,
        CASES: cases(
            case("enough cases", "pass", AUDIT),
            case("a small group", "fail", {**AUDIT, "group_sizes": {"f": 3}}, satisfied=["attributes-covered"]),
            NOTHING,
        ),
        "parameters/parameters.yaml": PARAMETERS,
        "parameters/dates.yaml": DATES,
        "parameters/vocabulary.yaml": VOCABULARY,
        "access/roles.yaml": ROLES,
        "access/signers.yaml": SIGNERS,
        "gates/validation.yaml": GATE,
        "frameworks/eu-ai-act.yaml": FRAMEWORK,
        "schemas/fairness-audit.json": schema_files()["fairness-audit"],
        "schemas/approval.json": schema_files()["approval"],
        "schemas/purge-certificate.json": schema_files()["purge-certificate"],
        "lib/numbers.rego": "package lib.numbers\n\nmicro(number) := round(number * 1000000)\n",
        **{path.replace("__", "/"): text for path, text in more.items()},
    }
    return {path: text.encode() for path, text in files.items()}


def write(files: dict[str, bytes], folder: Path) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def line_of(text: str, part: str) -> int:
    """The line of the first occurrence of a part."""
    return text[: text.index(part)].count("\n") + 1
