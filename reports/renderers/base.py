"""Decisions in the form that a reader or a machine asks for; all tell the same facts, from one `DecisionView`."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from engine.bundle.control import Control
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
"""Format -> module with `render_decision(decision, snapshot, other, controls)`, imported when it is asked for."""


def render(
    form: str,
    decision: Decision,
    snapshot: Snapshot,
    other: OtherPolicies | None = None,
    controls: Mapping[str, Control] = MappingProxyType({}),
) -> str:
    """A decision, made on `snapshot`, in a format of FORMATS. Raises QuaestorError for another.

    `other` and `controls`: as for `describe`.
    """
    if form not in FORMATS:
        raise QuaestorError(f"unknown format `{form}`", hint=f"one of: {', '.join(FORMATS)}")
    renderer: Callable[[Decision, Snapshot, OtherPolicies | None, Mapping[str, Control]], str]
    renderer = import_module(FORMATS[form]).render_decision
    return renderer(decision, snapshot, other, controls)
