"""What gates said, as later snapshots go by it: the decisions that were made at the present."""

from collections.abc import Collection, Iterable, Iterator
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
    """The decisions among entries that are no preview, in their order; an allowance only where the installation signed.

    Whoever signed a refusal, it counts: to be told of one too many hides nothing, and a key that is trusted no more
    would else take back what it refused.
    """
    for note, state in view.read_notes(entries, DecisionNote):
        if not note.facts.is_preview and (state.by_machine or note.facts.outcome != "allow"):
            yield note


def taken_back(view: View, entries: Iterable[Entry]) -> frozenset[str]:
    """Ids of the records that these entries withdraw or erase."""
    notes = list(entries)
    withdrawn = {note.record for note, _ in view.read_notes(notes, Withdrawal)}
    return frozenset(withdrawn | {note.erased for note, _ in view.read_notes(notes, Erasure)})


def gone(decision: DecisionNote, back: Collection[str]) -> tuple[str, ...]:
    """Of the records that a decision counted, those that were taken `back`, be it while it was being made."""
    return tuple(sorted({item.id for item in decision.facts.evidence}.intersection(back)))
