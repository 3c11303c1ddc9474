"""What sets policies apart from those that were expected, in words: controls by their ids."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from evidence.model.notes import OtherPolicies
from reports.words.escape import clean

SHOWN = 12


def other_policies_lines(other: OtherPolicies) -> list[str]:
    """`missing: …`, `added: …` and `changed: …`, where there are such."""
    return [
        clean(f"{word}: {shown([_name(path) for path in getattr(other, word)])}")
        for word in ("missing", "added", "changed")
        if getattr(other, word)
    ]


def other_policies_text(other: OtherPolicies) -> str:
    """One clause for whoever reads the decision first."""
    told = "; ".join(other_policies_lines(other))
    return f"decided by policies that are not those of this installation of Quaestor: {told}"


def shown(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _name(path: str) -> str:
    """A control by its id, any other file by its path."""
    pure = PurePosixPath(path)
    return pure.stem if pure.parts[0] == "controls" and pure.suffix == ".rego" else path
