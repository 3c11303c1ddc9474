"""What other policies would have decided over the evidence on record: which subjects flip at which gate, both ways.

Nothing is recorded. Each subject is judged on the snapshot of its latest decision at a gate, as of that instant.
Earlier gates are left out of it: a decision under other policies opens none, so every later gate would seem to close.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.backends.base import Program
from engine.bundle.load import Bundle
from engine.bundle.parameters import Effective
from engine.deciding.decide import decide
from engine.deciding.flips import Verdict, verdict
from engine.deciding.verdict import Decision, read_decision
from engine.errors import NothingAskedError
from evidence.model.notes import DecisionNote
from evidence.snapshot.model import Snapshot
from evidence.store.records import RecordStore
from integrations.app.deciding import kept_snapshot, note_of
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


def what_if(session: Session, old: Policies, new: Policies) -> Iterator[Verdict]:
    """A verdict for each subject and gate that was decided, in the order of subject and gate."""
    for name in _latest(session.store):
        note = note_of(session.store.get(name), DecisionNote)
        decision = read_decision(note.decision, where=f"decision {name}")
        snapshot = kept_snapshot(session.store, note)
        before = decision if old.made(decision) else _decided(session, old, snapshot, decision.gate)
        yield verdict(decision, before, _decided(session, new, snapshot, decision.gate))


def _latest(store: RecordStore) -> list[str]:
    """Ids of the decision that each gate made last on each digest as a version of each system, by subject; no previews.

    Decisions are not held: there may be more than fit into memory.
    """
    found: dict[tuple[str, str, str, str], str] = {}
    for stored in store.find(kind="decision"):
        facts = note_of(stored, DecisionNote).facts
        # One file may be a version of two systems; whatever time a decision states, the log has the last one last.
        if not any(item.kind == "chosen-instant" for item in facts.relaxations):
            subject = facts.subject
            found[subject.name, subject.digest, facts.gate, subject.system_id] = stored.id
    return [found[key] for key in sorted(found)]


def _decided(session: Session, policies: Policies, snapshot: Snapshot, gate: str) -> Decision | None:
    """None where the policies have no such gate, or ask nothing at it."""
    if gate not in policies.bundle.gates:
        return None
    engine = session.engines.get(policies.program)
    try:
        return decide(policies.bundle, policies.effective, snapshot, gate, engine)
    except NothingAskedError:
        return None
