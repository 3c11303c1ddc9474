"""The validation runs of a system and what became of them: one reading of the ledger for the snapshot and for the door.

A run is logged before it starts. It ends with its record, with a note that it measured nothing, both under a machine's
key of the register, or with the word of a person who did not sign its plan that it was killed.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evidence.model.errors import EvidenceError
from evidence.model.notes import RunEnded, RunLost, RunStarted, read_note
from evidence.model.predicates import PREDICATES
from evidence.model.record import Record, read_record
from evidence.snapshot.makers import names, persons
from evidence.snapshot.view import View
from evidence.trust.envelopes import SignatureState


@dataclass(frozen=True)
class Runs:
    """The runs that were known at the instant of a view, all in ledger order."""

    started: tuple[RunStarted, ...]
    records: tuple[Record, ...]
    """`validation-run` records (`measured_runs`) that were collected and filed by then."""
    ended: frozenset[str]
    """Runs that ended before they measured anything, as a machine says."""
    lost: Mapping[str, str]
    """Runs that were told as killed, with the id of the statement that counts (`lost_runs`)."""

    def measured(self, split: str) -> dict[str, Record]:
        """The first record of each run on a split, by the run that its source names."""
        found: dict[str, Record] = {}
        for record in self.records:
            if record.content["split"] == split:
                found.setdefault(record.envelope.source.removeprefix("run "), record)
        return found

    @property
    def open(self) -> list[RunStarted]:
        """Runs of whose end the ledger does not tell."""
        closed = self.ended | self.lost.keys()
        measured = {split: self.measured(split) for split in {note.split for note in self.started}}
        return [note for note in self.started if note.run not in closed and note.run not in measured[note.split]]


def read_runs(view: View) -> Runs:
    """The runs of the view's system."""
    return Runs(
        started=tuple(note for note, _ in view.notes(RunStarted)),
        records=tuple(record for record in measured_runs(view) if record.envelope.collected_at <= view.instant),
        ended=frozenset(note.ended for note, state in view.notes(RunEnded) if state.by_machine),
        lost=lost_runs(view),
    )


def measured_runs(view: View) -> Iterator[Record]:
    """The `validation-run` records of the system that were known and a machine of the register signed, in ledger order.

    One of another release, which cannot be read, is not among them.
    """
    uri, known = PREDICATES["validation-run"].uri(), {leaf.index for leaf in view.known}
    for leaf in view.records():
        # Entries from before the map do not say what type their record is.
        if leaf.type not in (uri, None) or leaf.index not in known:
            continue
        statement, state = view.open(leaf)
        if statement.predicate_type == uri and state.by_machine:
            with contextlib.suppress(EvidenceError):
                yield read_record(statement)


def lost_runs(view: View) -> dict[str, str]:
    """Runs of which a person has signed that they were killed: the id of that statement by run.

    Whoever signed the plan of a run does not count as telling it (`plan_signers`).
    """
    known = {leaf.index for leaf in view.known}
    plans: dict[str, str] = {}
    told: list[tuple[str, RunLost, SignatureState]] = []
    for leaf in view.holdings.of("run"):
        statement, state = view.open(leaf)
        note = read_note(statement, where=f"run {leaf.id}") if leaf.index in known else None
        if isinstance(note, RunStarted):
            plans[note.run] = note.plan_digest
        elif isinstance(note, RunLost) and (state.state, state.kind, state.signer) == ("verified", "person", note.by):
            told.append((leaf.id, note, state))
    signers = plan_signers(view) if told else {}
    found = {}
    for name, note, state in told:
        signed = signers.get(plans.get(note.lost, ""))
        if signed and not signed & names(state):
            found[note.lost] = name
    return found


def plan_signers(view: View) -> dict[str, set[str]]:
    """Who signed the system's committed plans, by the plan's digest: ids and names of persons, as `plain` text.

    One person who promised what a run shall measure could else start it, kill it and bury it.
    """
    uri = PREDICATES["validation-plan"].uri()
    found: dict[str, set[str]] = {}
    for leaf in view.records():
        if leaf.type not in (uri, None):
            continue
        statement, state = view.open(leaf)
        signed = {name for one in persons(state) for name in names(one)}
        if statement.predicate_type == uri and signed:
            with contextlib.suppress(EvidenceError):
                found.setdefault(read_record(statement).content_digest, set()).update(signed)
    return found
