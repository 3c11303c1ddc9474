"""What gates said, as later snapshots go by it: the decisions that the installation made at the present and signed."""

from collections.abc import Iterable, Iterator
from typing import get_args

from evidence.model.notes import DecisionNote, Erasure, Withdrawal
from evidence.model.predicates.governance import GateName
from evidence.model.subject import gate_digest
from evidence.snapshot.view import View
from evidence.store.entry import Entry

_GATES = {gate_digest(gate): gate for gate in get_args(GateName)}


def gate_of(entry: Entry) -> str | None:
    """The gate of a decision by its leaf; earlier releases did not tell it there."""
    return next((_GATES[digest] for digest in entry.subjects if digest in _GATES), None)


def words_of(view: View, entries: Iterable[Entry]) -> Iterator[DecisionNote]:
    """The decisions among entries that the installation signed and that are no preview, in their order."""
    for note, state in view.read_notes(entries, DecisionNote):
        chosen = any(item.kind == "chosen-instant" for item in note.facts.relaxations)
        if state.state == "verified" and state.kind == "machine" and not chosen:
            yield note


def taken_back(view: View, later: Iterable[Entry], decision: DecisionNote) -> tuple[str, ...]:
    """Records that a decision counted and that were withdrawn or erased by entries after it."""
    entries = list(later)
    ids = {note.record for note, _ in view.read_notes(entries, Withdrawal)}
    ids |= {note.erased for note, _ in view.read_notes(entries, Erasure)}
    return tuple(sorted(ids.intersection(item.id for item in decision.facts.evidence)))
