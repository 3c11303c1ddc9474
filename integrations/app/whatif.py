"""What other policies would have decided over the evidence on record: which subjects flip at which gate, both ways.

Nothing is recorded. Each subject is judged on the snapshot of its latest decision at a gate, as of that instant.
Earlier gates are left out of it: a decision under other policies opens none, so every later gate would seem to close.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bundle.load import Bundle
from engine.bundle.parameters import Effective
from engine.deciding.decide import decide
from engine.deciding.flips import Verdict, verdict
from engine.deciding.verdict import Decision, read_decision
from engine.errors import NothingAskedError
from evidence.model.canonical import digest_json
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

    def made(self, decision: Decision) -> bool:
        """Whether a decision was made under these."""
        return (decision.bundle_digest, decision.parameters_digest, decision.overlay_digest) == (
            self.bundle.digest,
            digest_json(dict(self.effective.values)),
            self.effective.overlay_digest,
        )


def what_if(session: Session, old: Policies, new: Policies) -> Iterator[Verdict]:
    """A verdict for each subject and gate that was decided, in the order of subject and gate."""
    for decision, note in _latest(session.store):
        snapshot = kept_snapshot(session.store, note)
        before = decision if old.made(decision) else _decided(session, old, snapshot, decision.gate)
        yield verdict(decision, before, _decided(session, new, snapshot, decision.gate))


def _latest(store: RecordStore) -> list[tuple[Decision, DecisionNote]]:
    """The decision that each gate made last on each digest as a version of each system, with its note; no previews."""
    found: dict[tuple[str, str, str], tuple[Decision, DecisionNote]] = {}
    for stored in store.find(kind="decision"):
        note = note_of(stored, DecisionNote)
        decision = read_decision(note.decision, where=f"decision {stored.id}")
        # One file may be a version of two systems; whatever time a decision states, the log has the last one last.
        if not any(item.kind == "chosen-instant" for item in decision.relaxations):
            found[decision.subject.system_id, decision.subject.digest, decision.gate] = decision, note
    return sorted(found.values(), key=lambda pair: (pair[0].subject.name, pair[0].subject.digest, pair[0].gate))


def _decided(session: Session, policies: Policies, snapshot: Snapshot, gate: str) -> Decision | None:
    """None where the policies have no such gate, or ask nothing at it."""
    if gate not in policies.bundle.gates:
        return None
    engine = session.engines.get(policies.bundle.program())
    try:
        return decide(policies.bundle, policies.effective, snapshot, gate, engine)
    except NothingAskedError:
        return None
