"""Paths of a bundle's files: what an organisation's overlay adds stands under `overlay/`, laid out as the bundle is.

So the digest of a bundle covers what was added and that it was added, and so does whatever is kept with a decision.
"""

ADDED = "overlay/"


CONTROLS = "controls/"


def is_added(path: str) -> bool:
    """Whether a file of a bundle comes from the organisation's overlay."""
    return path.startswith(ADDED)


def placed(path: str) -> str:
    """The place of a file in the layout of a bundle, whoever it comes from."""
    return path.removeprefix(ADDED)


def of_controls(path: str) -> bool:
    """Whether a file is a control or proves one; all else but foreign packs is what controls share."""
    return placed(path).startswith(CONTROLS)
