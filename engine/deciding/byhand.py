"""What the policies of a decision were given, for whoever asks them by hand with `opa eval`.

One document that OPA loads as data: the effective parameters where policies look for them, each view of the evidence
once, and which control had which. A type that a control may read and that has no record stands as an empty list, as it
did in the decision: where it was absent, OPA would call undefined what the decision found empty.
"""

import json
from typing import Any

from engine.bundle.effective import Effective
from engine.bundle.load import Bundle
from engine.bundle.paths import placed
from engine.deciding.decide import given
from engine.deciding.verdict import Decision
from evidence.model.canonical import canonical_bytes
from evidence.snapshot.model import Snapshot


def policy_inputs(bundle: Bundle, effective: Effective, snapshot: Snapshot, decision: Decision) -> bytes:
    """Canonical JSON: `parameters`, and under `given` the `views`, `view_of` by control, and a `command` to ask with.

    The tier and roles are those of the decision. Raises PolicyError where the bundle lacks the decision's gate.
    """
    views: list[Any] = []
    view_of: dict[str, int] = {}
    for controls, view in given(bundle, effective, snapshot, decision.gate, decision.risk):
        view_of |= {control.id: len(views) for control in controls}
        views.append(json.loads(view))
    # Other people's Rego takes another input, which no one line gives.
    named = [name for name in sorted(view_of) if bundle.controls[name].foreign is None] or [""]
    package = bundle.controls[named[0]].package if named[0] else ""
    query = f'data.{package} with input as data.given.views[data.given.view_of["{named[0]}"]]'
    folders = " ".join(f"-d {name}" for name in sorted({_folder(path) for path in bundle.modules()}))
    command = f"tar xf bundle.tar && opa eval -f pretty {folders} -d input.json '{query}'"
    value = {"parameters": dict(effective.values), "given": {"views": views, "view_of": view_of, "command": command}}
    return canonical_bytes(value)


def _folder(path: str) -> str:
    """The folder that holds policies alone: what OPA finds as YAML or JSON elsewhere it would load as data."""
    return path[: len(path) - len(placed(path))] + placed(path).partition("/")[0]
