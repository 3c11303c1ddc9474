"""Decisions in the form that a reader or a machine asks for; all tell the same facts, from one `DecisionView`."""

from collections.abc import Callable
from importlib import import_module

from engine.deciding.verdict import Decision
from evidence.model.errors import QuaestorError
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot

FORMATS = {
    "text": "reports.renderers.text",
    "json": "reports.renderers.json",
    "junit": "reports.renderers.junit",
    "sarif": "reports.renderers.sarif",
    "markdown": "reports.renderers.markdown",
}
"""Format -> module with `render_decision(decision, snapshot, other) -> str`, imported when its format is asked for."""


def render(form: str, decision: Decision, snapshot: Snapshot, other: OtherPolicies | None = None) -> str:
    """A decision, made on `snapshot`, in a format of FORMATS. Raises QuaestorError for another.

    `other`: as for `describe`.
    """
    if form not in FORMATS:
        raise QuaestorError(f"unknown format `{form}`", hint=f"one of: {', '.join(FORMATS)}")
    renderer: Callable[[Decision, Snapshot, OtherPolicies | None], str] = import_module(FORMATS[form]).render_decision
    return renderer(decision, snapshot, other)
