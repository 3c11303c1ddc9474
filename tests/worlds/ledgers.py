"""A ledger to take snapshots of, with short ways to put things into it."""

from datetime import datetime
from typing import Any

from evidence.model.base import format_instant
from evidence.model.notes import DecisionNote, EngineName, Note, RunStarted, Withdrawal, new_note
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.log import Action
from evidence.model.subject import Subject, gate_digest
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import take_snapshot
from evidence.store.entry import Kind
from evidence.store.records import RecordStore
from tests.worlds import records
from tests.worlds.people import BEGIN, DAY, NOW, key_of, register
from tests.worlds.records import DIGEST, SUBJECT, statement

ORIGIN = "test.example/log"


class Box:
    """A store and short ways to put things into it."""

    def __init__(self, store: RecordStore) -> None:
        self.store = store
        self.clock = NOW - 9 * DAY

    def put(self, envelope: bytes, kind: Kind, action: Action = "imported", at: datetime = NOW - DAY) -> str:
        """Keep it; the ledger's own time never runs back, whatever time the statement itself bears."""
        self.clock = max(self.clock, min(at, NOW + DAY))
        made = self.store.append(
            envelope, kind=kind, action=action, actor="test", at=self.clock, signer=key_of("quaestor")
        )
        return made.id

    def add(self, content: Predicate, signer: str | None = "quaestor", action: Action = "imported", **more: Any) -> str:
        filed = more.pop("filed", more.get("at", NOW - DAY))
        made = statement(content, **more)
        return self.put(records.envelope(made, signer), "record", action, filed)

    def note(
        self,
        note: Note,
        *,
        signer: str | None = "quaestor",
        subject: str = DIGEST,
        at: datetime = NOW - DAY,
        action: Action = "configured",
        gate: str | None = None,
    ) -> str:
        about = {"subject": subject} | ({} if gate is None else {"gate": gate_digest(gate)})
        return self.put(records.envelope(new_note(note, about), signer), note.KIND, action, at)

    def withdraw(
        self, record: str, at: datetime = NOW - DAY, signer: str | None = "ana", system: str = "mortgage"
    ) -> str:
        note = Withdrawal(system_id=system, record=record, reason="wrong data", by="ana", at=at)
        return self.note(note, signer=signer, at=at, action="refused")

    def decided(self, outcome: str, at: datetime = NOW - DAY, gate: str = "validation", **more: Any) -> str:
        subject = {**SUBJECT.to_json(), **more.pop("about", {})}
        chosen = more.pop("chosen", False)
        until = {"until": more.pop("until")} if "until" in more else {}
        relaxed = [{"kind": "disabled-control", "subject": name, **until} for name in more.pop("off", ())]
        counted = [{"id": name} for name in more.pop("counted", ())]
        said: dict[str, str] = more.pop("said", {})
        # Earlier releases did not tell the gate in the leaf.
        told = None if more.pop("former", False) else gate
        relaxed += [{"kind": "waiver", "subject": c, "expires_on": e} for c, e in more.pop("waived", {}).items()]
        note = DecisionNote(
            system_id=subject["system_id"],
            decision_id=f"sha256:{64 * more.pop('digit', 'a')}",
            decision={
                "gate": gate,
                "outcome": outcome,
                "instant": format_instant(at),
                "subject": subject,
                "evidence": counted,
                "relaxations": [*relaxed, *([{"kind": "chosen-instant"}] if chosen else [])],
                "bundle_digest": f"sha256:{64 * '1'}",
                "parameters_digest": f"sha256:{64 * '2'}",
                "overlay_digest": f"sha256:{64 * '5'}",
                "risk": more.pop("risk", {"tier": "minimal", "roles": ["provider"]}),
                "excluded": [{"id": name} for name in more.pop("left_out", ())],
                "results": [{"control": control, "status": status} for control, status in said.items()],
            },
            engine=EngineName(name="test", version="1"),
            recorded_at=at,
            snapshot=f"sha256:{64 * '3'}",
            materials=f"sha256:{64 * '4'}",
            other_policies=more.pop("other", None),
        )
        return self.note(note, action="decided", at=at, subject=subject["digest"], gate=told, **more)

    def run(self, name: str, *, split: str = "test", system: str = "mortgage", at: datetime = NOW - DAY) -> str:
        plan = f"sha256:{64 * '5'}"
        return self.note(RunStarted(system_id=system, run=name, plan_digest=plan, split=split, started_at=at), at=at)

    def remove_key(self, name: str, since: datetime) -> None:
        """A key of a person is removed since an instant."""
        _, envelope = register(ORIGIN, removed={name: since}, at=self.clock)
        self.store.append_people(envelope, actor="root", at=self.clock, signer=key_of("quaestor"))

    def take(self, instant: datetime = NOW, subject: Subject = SUBJECT) -> Snapshot:
        """The snapshot of the present, or as of an instant before it."""
        past = instant < max(NOW, self.clock)
        return take_snapshot(self.store, subject, instant, instant_chosen=past)


def with_people(store: RecordStore) -> Box:
    """A box whose ledger begins with the register of people."""
    (envelope,) = register(ORIGIN)
    store.append_people(envelope, actor="root", at=BEGIN, signer=key_of("quaestor"))
    return Box(store)


def without_log(taken: Snapshot) -> Snapshot:
    """The snapshot without the places in the ledger, which follow the order of filing."""
    entries = tuple(entry.model_copy(update={"log_index": 0}) for entry in taken.entries)
    return taken.model_copy(update={"entries": entries, "log": taken.log.model_copy(update={"root": 64 * "0"})})


def kept(taken: Snapshot) -> list[str]:
    return sorted(item.record.id for item in taken.entries if not item.derived_here)


def reasons(taken: Snapshot) -> dict[str, str]:
    return {item.id: item.reason for item in taken.excluded}


def derived(taken: Snapshot, kind: str) -> list[dict[str, Any]]:
    return [item.record.content for item in taken.entries if item.derived_here and item.record.type == kind]
