"""The canonical decision: the very bytes that its id is the digest of."""

from engine.deciding.verdict import Decision
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot


def render_decision(decision: Decision, snapshot: Snapshot, other: OtherPolicies | None = None) -> str:  # noqa: ARG001  (only the decision)
    """RFC 8785 form of the decision's body, without a newline at the end."""
    return decision.body.decode()
