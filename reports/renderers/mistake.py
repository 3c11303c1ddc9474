"""That a gate gave no answer, for want of a fit question: what CI files where exit code 2 leaves no decision.

No form of it can be taken for a decision: it has no outcome, and is red wherever a reader knows colours.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from evidence.model.errors import QuaestorError
from reports.renderers.markdown import literal
from reports.renderers.sarif import SCHEMA
from reports.words.escape import clean

EXIT_CODE = 2


@dataclass(frozen=True)
class Mistake:
    """Which gate was asked on which subject, as the caller wrote them, and what was wrong, in lines."""

    gate: str
    subject: str
    lines: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"gate {self.gate} gave no answer on {self.subject}"


def render_mistake(form: str, gate: str, subject: str, lines: Sequence[str]) -> str:
    """The mistake in a format of `base.FORMATS`. Raises QuaestorError for another."""
    if form not in _FORMS:
        raise QuaestorError(f"unknown format `{form}`", hint=f"one of: {', '.join(_FORMS)}")
    return _FORMS[form](Mistake(clean(gate), clean(subject), tuple(map(clean, lines))))


def _text(mistake: Mistake) -> str:
    return "\n".join([f"NO ANSWER: {mistake.title}", *mistake.lines]) + "\n"


def _json(mistake: Mistake) -> str:
    value = {"error": list(mistake.lines), "exit_code": EXIT_CODE, "gate": mistake.gate, "subject": mistake.subject}
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _markdown(mistake: Mistake) -> str:
    return "\n".join([f"## No answer: {literal(mistake.title)}", "", *map(_item, mistake.lines)]) + "\n"


def _item(line: str) -> str:
    return f"- {literal(line.strip())}"


def _junit(mistake: Mistake) -> str:
    counts = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0"}
    root = ET.Element("testsuites", {"name": "quaestor", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": f"{mistake.subject} at gate {mistake.gate}", **counts})
    case = ET.SubElement(suite, "testcase", {"classname": f"quaestor.{mistake.gate}", "name": "decision"})
    told = ET.SubElement(case, "error", {"message": mistake.lines[0], "type": "mistake"})
    told.text = "\n".join(mistake.lines)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _sarif(mistake: Mistake) -> str:
    run = {
        "tool": {"driver": {"name": "Quaestor"}},
        "invocations": [
            {
                "executionSuccessful": False,
                "exitCode": EXIT_CODE,
                "exitCodeDescription": mistake.title,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": "\n".join(mistake.lines)}},
                ],
            }
        ],
        "results": [],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


_FORMS: dict[str, Callable[[Mistake], str]] = {
    "text": _text,
    "json": _json,
    "junit": _junit,
    "sarif": _sarif,
    "markdown": _markdown,
}
