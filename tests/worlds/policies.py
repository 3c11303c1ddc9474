"""Policies of the worlds: the shipped ones with a few small controls and gates, the bench, in place of their own."""

from functools import cache
from pathlib import Path

from engine.bundle.effective import Effective, effective_parameters, read_overlay
from engine.bundle.files import read_folder
from engine.bundle.load import Bundle, bundle_from_files

POLICIES = Path(__file__).parents[2] / "policies"


def effective(bundle: Bundle, overlay: str | None = None) -> Effective:
    document = read_overlay(overlay, "overlay.yaml") if overlay else None
    return effective_parameters(bundle.catalogue, document, bundle.controls.values())


_HEAD = """\
# METADATA
# title: {title}
# description: {description}
# custom:
#   id: {id}
#   pack: core
#   severity: {severity}
#   basis: {basis}
#   waivable: {waivable}
#   mode: auto
#   tiers: {tiers}
#   roles: {roles}
#   gates: {gates}
#   applies_from: {applies_from}
{more}#   evidence: {evidence}
#   parameters: {parameters}
#   objectives: {objectives}
#   frameworks: {frameworks}
#   remediation: {remediation}
package controls.bench.{name}

"""
_AUDITS = 'audits := input.evidence["fairness-audit"]\n\n'
_KNOWN = """\
satisfied contains "{objective}" if {{
	count(audits) > 0
	every audit in audits {{
		audit.predicate.unknown_count <= data.parameters.min_group_size
	}}
}}

findings contains finding if {{
	some audit in audits
	audit.predicate.unknown_count > data.parameters.min_group_size
	finding := {{
		"objective": "{objective}",
		"message": "too many cases are of an unknown group",
		"observed": audit.predicate.unknown_count,
		"expected": data.parameters.min_group_size,
		"evidence": audit.id,
	}}
}}
"""
KNOWN = _KNOWN.format(objective="known")
# Two values of one rule: an evaluation error in every engine, once an audit counts seven.
_CONFLICT = """\
verdict := "fine" if count(audits) > 0

verdict := "conflict" if {
	some audit in audits
	audit.predicate.unknown_count == 7
}

satisfied contains "known" if {
	count(audits) > 0
	verdict == "fine"
}
"""
_FEED = """\
statuses := input.evidence["feed-status"]

applies := count(audits) > 0

satisfied contains "known" if {
	count(statuses) > 0
	every status in statuses {
		status.predicate.complete == true
	}
}
"""


def control(id: str, gates: str, rules: str = KNOWN, **more: str) -> tuple[str, str]:
    """Path and text of a control of the bench, which reads audits."""
    return written(id, gates, _AUDITS + rules, **more)


def written(id: str, gates: str, rules: str, **more: str) -> tuple[str, str]:
    """Path and text of a control; `more` is METADATA as YAML, else that of the bench."""
    values = {
        "title": f"Bench control {id}",
        "description": "The audits count few cases of an unknown group.",
        "severity": "blocker",
        "basis": "policy",
        "waivable": "true",
        "tiers": "[any]",
        "roles": "[any]",
        "applies_from": "D-POL",
        "more": "",
        "evidence": "{fairness-audit: measured}",
        "parameters": "[min_group_size]",
        "objectives": "{known: {says: Few cases are of an unknown group.}}",
        "frameworks": '{eu-ai-act: ["10(2)(f)"]}',
        "remediation": "Audit again and name the groups.",
        **more,
    }
    head = _HEAD.format(id=id, name=id.replace("-", "_"), gates=gates, **values)
    return f"controls/bench/{id}.rego", head + rules


BENCH = dict(
    [
        control("BEN-01", "[validation, staging, clash, aged, lax]"),
        control(
            "BEN-02",
            "[law]",
            KNOWN + _KNOWN.format(objective="known-by-law"),
            basis="law",
            waivable="false",
            more="#   law_scope: {tiers: [high], roles: [provider], from: D-HR}\n",
            objectives="{known: {says: Few cases are of an unknown group.}, "
            "known-by-law: {says: Few cases are unknown as the law asks., only: law-scope}}",
        ),
        control(
            "BEN-03",
            "[facts]",
            _FEED,
            evidence="{fairness-audit: any, feed-status: any}",
            more="#   applies: [fairness-audit]\n",
            objectives="{known: {says: Few cases are of an unknown group., reads: [feed-status]}}",
            parameters="[]",
        ),
        control("BEN-04", "[open]", basis="law", waivable="false", applies_from="D-HR-OPEN", tiers="[high]"),
        control("BEN-05", "[clash]", _CONFLICT, parameters="[]"),
        control("BEN-06", "[strict, lax]", severity="major"),
        control("BEN-07", "[aged]", evidence="{fairness-audit: {class: measured, max_age: P7D}}"),
        control("BEN-08", "[deployers]", roles="[deployer]"),
    ]
)
GATES = {
    "validation": "denies: [blocker]",
    "staging": "denies: [blocker]\nrequires: [validation]",
    "clash": "denies: [blocker]",
    "aged": "denies: [blocker]",
    "law": "denies: [blocker]",
    "facts": "denies: [blocker]",
    "open": "denies: [blocker]",
    "strict": "denies: [blocker, major]",
    "lax": "denies: [blocker]",
    "deployers": "denies: [blocker]",
    "empty": "denies: [blocker]",
}


def bench_files(controls: dict[str, str] | None = None, gates: dict[str, str] = GATES) -> dict[str, bytes]:
    """The shipped policies with the bench's controls and gates in place of theirs; no tests and cases."""
    files = {
        path: content
        for path, content in read_folder(POLICIES).items()
        if not path.startswith(("controls/", "gates/")) and not path.endswith(("_test.rego", "_cases.yaml"))
    }
    files |= {path: text.encode() for path, text in (BENCH if controls is None else controls).items()}
    files |= {
        f"gates/{name}.yaml": f"gate: {name}\ntitle: Gate\nmeaning: A gate of the bench.\n{text}\n".encode()
        for name, text in gates.items()
    }
    return files


@cache
def bench_bundle() -> Bundle:
    return bundle_from_files(bench_files())
