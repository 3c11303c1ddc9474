"""The canonical decision: the very bytes that its id is the digest of, unless something has to be told beside it."""

from collections.abc import Mapping

from engine.bundle.control import Control
from engine.deciding.verdict import Decision
from evidence.model.canonical import canonical_bytes
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot
from reports.words.policies import other_policies_text


def render_decision(
    decision: Decision,
    snapshot: Snapshot,  # noqa: ARG001  (only the decision)
    other: OtherPolicies | None,
    controls: Mapping[str, Control],  # noqa: ARG001  (the class of each record that a pass rests on stands in the body)
) -> str:
    """RFC 8785 form of the decision's body, without a newline at the end.

    Where the policies are others than the installation's, a field `other_policies` says so, and without it the form is
    again the body.
    """
    if other is None:
        return decision.body.decode()
    return canonical_bytes({**decision.to_json(), "other_policies": other_policies_text(other, cut=False)}).decode()
