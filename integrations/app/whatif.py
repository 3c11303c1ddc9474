"""What other policies would have decided over the evidence on record: which subjects flip at which gate, both ways.

Nothing is recorded. Each subject is judged on the snapshot of its latest decision at a gate, as of that instant.
Earlier gates are left out of it: a decision under other policies opens none, so every later gate would seem to close.
And policies are taken for signed as those are that decided: nobody signs a change before it is merged.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.backends.base import Program, RegoEngine
from engine.bundle.load import Bundle
from engine.bundle.parameters import Effective
from engine.bundle.touched import touched
from engine.deciding.decide import Standing, Wanted, decide, judged_again, standing
from engine.deciding.flips import Verdict, verdict
from engine.deciding.risk import Named
from engine.deciding.verdict import Decision, read_decision
from engine.errors import NothingAskedError
from evidence.model.notes import DecisionFacts, DecisionNote
from evidence.snapshot.model import Records
from evidence.store.records import RecordStore
from integrations.app.deciding import kept_records, kept_snapshot, note_of
from integrations.app.session import Session


@dataclass(frozen=True)
class Policies:
    """A bundle and the parameters that hold with it."""

    bundle: Bundle
    effective: Effective

    @cached_property
    def program(self) -> Program:
        return self.bundle.program()

    @cached_property
    def parameters_digest(self) -> str:
        return self.effective.digest

    def made(self, decision: Decision) -> bool:
        """Whether a decision was made under these."""
        return (decision.bundle_digest, decision.parameters_digest, decision.overlay_digest) == (
            self.bundle.digest,
            self.parameters_digest,
            self.effective.overlay_digest,
        )


@dataclass(frozen=True)
class Difference:
    """Other policies, and which of their controls it can reach that they are others (`engine.bundle.touched`)."""

    policies: Policies
    reached: frozenset[str]

    @cached_property
    def few(self) -> Program:
        """A program of these alone is compiled in a second, where all take ten."""
        return self.policies.bundle.program(self.reached)

    def program(self, asked: Collection[str]) -> Program:
        """A program that answers for the controls that are asked, one or more."""
        return self.few if self.reached.issuperset(asked) else self.policies.program


def what_if(session: Session, old: Policies, new: Policies) -> list[Verdict]:
    """A verdict for each subject and gate that was decided, in the order of subject and gate."""
    reached = touched(old.bundle, old.effective.values, new.bundle, new.effective.values)
    difference = None if reached is None else Difference(new, reached)
    found = []
    for note in latest(session.store):
        decision = read_decision(note.decision, where=f"decision {note.decision_id}")
        named = Named(decision.bundle_digest, decision.overlay_digest)
        before = decision if old.made(decision) else _decided(session, old, note, decision.gate, named)
        if before is None or difference is None:
            made = _decided(session, new, note, decision.gate, named)
            after = None if made is None else standing(new.bundle, made)
        else:
            after = _decided_again(session, difference, note, before, named)
        stood = None if before is None else standing(old.bundle, before)
        found.append((_key(note.facts), verdict(decision, stood, after)))
    return [told for _, told in sorted(found, key=lambda pair: pair[0])]


def latest(store: RecordStore) -> Iterator[DecisionNote]:
    """The decision that each gate made last on each digest as a version of each system; no previews.

    Newest first, one at a time: there may be more than fit into memory. Whatever time a decision states, the log has
    the last one last.
    """
    seen = set()
    for stored in store.find(kind="decision", newest_first=True):
        note = note_of(stored, DecisionNote)
        key = _key(note.facts)
        if key not in seen and not any(item.kind == "chosen-instant" for item in note.facts.relaxations):
            seen.add(key)
            yield note


def _key(facts: DecisionFacts) -> tuple[str, str, str, str]:
    """By subject and gate; one file may be a version of two systems."""
    return facts.subject.name, facts.subject.digest, facts.gate, facts.subject.system_id


def _decided(session: Session, policies: Policies, note: DecisionNote, gate: str, named: Named) -> Decision | None:
    """None where the policies have no such gate, or ask nothing at it."""
    if gate not in policies.bundle.gates:
        return None
    engine, snapshot = session.engines.get(policies.program), kept_snapshot(session.store, note)
    try:
        return decide(policies.bundle, policies.effective, snapshot, gate, engine, named=named)
    except NothingAskedError:
        return None


def _decided_again(
    session: Session, difference: Difference, note: DecisionNote, before: Decision, named: Named
) -> Standing | None:
    """As `_decided`, from what the policies decided from which these differ."""
    policies = difference.policies
    if before.gate not in policies.bundle.gates:
        return None

    def read(wanted: Wanted) -> Records:
        return kept_records(session.store, note, wanted)

    def engine(asked: Collection[str]) -> RegoEngine:
        return session.engines.get(difference.program(asked))

    try:
        return judged_again(before, policies.bundle, policies.effective, difference.reached, read, engine, named=named)
    except NothingAskedError:
        return None
