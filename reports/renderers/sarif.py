"""A decision as SARIF 2.1.0 (OASIS): a rule and a result a control; relaxations are notifications of the run."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from engine.bundle.control import Control
from engine.deciding.verdict import Decision, Outcome, Status
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot
from reports.documents.describe import describe
from reports.documents.view import ControlView, DecisionView
from reports.renderers.lines import control_lines

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_KINDS = {
    Status.PASS: "pass",
    Status.FAIL: "fail",
    Status.MISSING: "fail",
    Status.WAIVED: "fail",
    Status.NOT_APPLICABLE: "notApplicable",
    Status.ERROR: "fail",
}
_LEVELS = {"blocker": "error", "major": "warning", "minor": "note"}


def render_decision(
    decision: Decision, snapshot: Snapshot, other: OtherPolicies | None, controls: Mapping[str, Control]
) -> str:
    """A SARIF log with one run. A control that denies has the level of its severity (`error` where missing evidence
    denies); one that denies nothing is a `note`; a waived one is suppressed."""
    view = describe(decision, snapshot, other=other, controls=controls)
    shown = view.controls
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Quaestor", "rules": [_rule(control) for control in shown]}},
                "automationDetails": {"id": f"quaestor/{view.system}/{view.gate}/"},
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "exitCode": decision.exit_code,
                        "exitCodeDescription": view.verdict,
                        "toolExecutionNotifications": _notifications(view),
                    }
                ],
                "results": [_result(control, place) for place, control in enumerate(shown)],
                "columnKind": "unicodeCodePoints",
                "properties": {
                    "outcome": view.outcome.value,
                    "summary": view.summary,
                    "reasons": [reason.text for reason in view.reasons],
                    "subject": {"name": view.name, "digest": view.digest, "system": view.system},
                    "gate": view.gate,
                    "instant": view.instant_iso,
                    "tier": view.tier,
                    "digests": {item.label: item.value for item in view.digests},
                    "relaxations": [item.to_json() for item in view.relaxations],
                    "earlierGates": [item.to_json() for item in view.prerequisites],
                    "excludedRecords": [item.to_json() for item in view.excluded],
                },
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _notifications(view: DecisionView) -> list[dict[str, Any]]:
    found = [{"level": "warning", "message": {"text": f"Relaxation: {item.line}"}} for item in view.relaxations]
    if view.outcome is not Outcome.ALLOW:
        found.append({"level": "error", "message": {"text": view.summary}})
    return found


def _rule(control: ControlView) -> dict[str, Any]:
    return {
        "id": control.control,
        "name": control.control,
        "shortDescription": {"text": control.title},
        "help": {"text": control.remediation},
        "defaultConfiguration": {"level": _LEVELS[control.severity]},
        "properties": {"basis": control.basis, "severity": control.severity, "tags": list(control.articles)},
    }


def _result(control: ControlView, place: int) -> dict[str, Any]:
    kind = _KINDS[control.status]
    level = "none"
    file = f"controls/{control.family}/{control.control}.rego"
    if control.foreign:
        file = f"foreign/{control.foreign}/mapping.yaml"
    if kind == "fail":
        level = _LEVELS[control.severity] if control.decisive else "note"
    found: dict[str, Any] = {
        "ruleId": control.control,
        "ruleIndex": place,
        "kind": kind,
        "level": level,
        "message": {"text": _message(control)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(f"policies/{file}", safe="/-_.")},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {"name": control.control, "fullyQualifiedName": f"{control.family}/{control.control}"}
                ],
            }
        ],
        "properties": {
            "status": control.status.value,
            "advisory": control.advisory,
            "decisive": control.decisive,
            "evidence": list(control.evidence),
            "findings": [finding.to_json() for finding in control.findings],
        },
    }
    if control.status is Status.WAIVED:
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": control.reason}]
    return found


def _message(control: ControlView) -> str:
    binds = control.binds or ("" if control.decisive or control.status is Status.PASS else "does not deny this gate")
    head = f"{control.status_words}{f' ({binds})' if binds else ''}: {control.reason}"
    return "\n".join([head, *control_lines(control)])
