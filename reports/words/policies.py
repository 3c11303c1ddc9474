"""What sets policies apart from those that were expected, in words: controls by their ids, parameters by name."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from engine.bundle.effective import Override
from engine.bundle.paths import is_added, placed
from evidence.model.canonical import canonical_bytes
from evidence.model.notes import OtherPolicies
from reports.words.escape import clean
from reports.words.wording import value_text

SHOWN = 12
"""Names that a sentence lists before it says how many more there are."""
MAX_VALUE = 80
"""Letters of a parameter's value that are shown."""
OWN = "the organisation's overlay"


def other_policies_lines(other: OtherPolicies, *, cut: bool) -> list[str]:
    """`missing: …`, `added: …` and `changed: …`, where there are such; apart from these what an overlay adds.

    Every name, or as many as fit into a sentence.
    """
    told = {word: getattr(other, word) for word in ("missing", "added", "changed")}
    by_overlay = {word: [path for path in paths if is_added(path)] for word, paths in told.items()}
    lines = {word: [path for path in paths if not is_added(path)] for word, paths in told.items()}
    lines |= {f"{word} by {OWN}" if word == "added" else f"{word} in {OWN}": own for word, own in by_overlay.items()}
    told_of = shown if cut else ", ".join
    return [clean(f"{word}: {told_of(_names(paths))}") for word, paths in lines.items() if paths]


def other_policies_text(other: OtherPolicies, *, cut: bool = True) -> str:
    """One clause for whoever reads the decision first."""
    told = "; ".join(other_policies_lines(other, cut=cut))
    if not other.missing and not other.changed and all(is_added(path) for path in other.added):
        return f"decided by the policies of this installation of Quaestor and by what is {told}"
    return f"decided by policies that are not those of this installation of Quaestor: {told}"


def changed_parameter_text(one: Override) -> str:
    """What a parameter is and would be without the overlay: in words, as JSON where both read alike (0.8 and 0.799)."""
    texts = [value_text(value) or "nothing" for value in (one.value, one.default)]
    if texts[0] == texts[1]:
        texts = [canonical_bytes(value).decode() for value in (one.value, one.default)]
    now, before = (text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…" for text in texts)
    return clean(f"{one.name} is {now} instead of {before}")


def shown(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _names(paths: Sequence[str]) -> list[str]:
    """Controls first: of a long list the rest is cut off."""
    return (
        sorted(map(_name, paths), key=lambda name: "/" in name) if any(map(is_added, paths)) else [*map(_name, paths)]
    )


def _name(path: str) -> str:
    """A control by its id, any other file by its path."""
    pure = PurePosixPath(placed(path))
    return pure.stem if pure.parts[0] == "controls" and pure.suffix == ".rego" else path
