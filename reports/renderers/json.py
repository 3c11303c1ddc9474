"""The canonical decision: the very bytes that its id is the digest of."""

from engine.deciding.verdict import Decision


def render_decision(decision: Decision) -> str:
    """RFC 8785 form of the decision's body, without a newline at the end."""
    return decision.body.decode()
