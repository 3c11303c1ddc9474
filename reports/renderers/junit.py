"""A decision as JUnit XML: a test case a control, and one for the decision itself.

Only what denies the gate is a failure (it failed) or an error (it could not be said); a control that advises, is
waived, does not apply, or is not satisfied without denying this gate is skipped with its reason. So a run is red
exactly when the gate says no. What passed by signature says so in `system-out`.
"""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from engine.bundle.control import Control
from engine.deciding.verdict import Decision, Outcome, Status
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot
from reports.documents.describe import describe
from reports.documents.view import ControlView, DecisionView
from reports.renderers.lines import control_lines


def render_decision(
    decision: Decision, snapshot: Snapshot, other: OtherPolicies | None, controls: Mapping[str, Control]
) -> str:
    """One `testsuite`; properties hold the digests and every relaxation."""
    view = describe(decision, snapshot, other=other, controls=controls)
    cases = [_decision(view), *(_case(control, view) for control in view.controls)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    root = ET.Element("testsuites", {"name": "quaestor", **counts})
    suite = ET.SubElement(
        root, "testsuite", {"name": f"{view.name} at gate {view.gate}", **counts, "timestamp": view.instant_iso[:-1]}
    )
    suite.append(_properties(view))
    suite.extend(cases)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _properties(view: DecisionView) -> ET.Element:
    found = ET.Element("properties")
    values = [
        ("outcome", view.outcome.value),
        ("summary", view.summary),
        ("subject", view.digest),
        ("instant", view.instant_iso),
        ("tier", view.tier),
        *((f"digest of {item.label}", item.value) for item in view.digests),
        *(("relaxation", item.line) for item in view.relaxations),
        *(("earlier gate", item.line) for item in view.prerequisites),
        *(("excluded record", item.line) for item in view.excluded),
    ]
    for name, value in values:
        ET.SubElement(found, "property", {"name": name, "value": value})
    return found


def _decision(view: DecisionView) -> ET.Element:
    case = ET.Element("testcase", {"classname": f"quaestor.{view.gate}", "name": "decision"})
    if view.outcome is not Outcome.ALLOW:
        kind = "failure" if view.outcome is Outcome.DENY else "error"
        told = ET.SubElement(case, kind, {"message": view.summary, "type": view.outcome.value})
        told.text = "\n".join(reason.text for reason in view.reasons)
    return case


def _case(control: ControlView, view: DecisionView) -> ET.Element:
    case = ET.Element(
        "testcase",
        {"classname": f"quaestor.{view.gate}.{control.family}", "name": f"{control.control} {control.title}"},
    )
    if control.status is Status.PASS and not control.advisory:
        if control.signed:
            ET.SubElement(case, "system-out").text = f"passed {control.signed}"
        return case
    words = f"{control.status_words}: {control.reason}"
    if control.decisive:
        kind = "failure" if control.status is Status.FAIL else "error"
        told = ET.SubElement(case, kind, {"message": words, "type": control.status.value})
    else:
        short = control.binds or (
            "" if control.status in (Status.WAIVED, Status.NOT_APPLICABLE) else "does not deny this gate"
        )
        told = ET.SubElement(case, "skipped", {"message": f"{words} ({short})" if short else words})
    told.text = "\n".join(control_lines(control)) or None
    return case
