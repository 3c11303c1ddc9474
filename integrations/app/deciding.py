"""Use cases around a decision: make it, keep all that it rests on, load it, make it again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.backends.choose import policy_module
from engine.bundle.attached import policies_of
from engine.bundle.files import OVERLAY, archive
from engine.deciding.decide import decide
from engine.deciding.replay import Replay, compare
from engine.deciding.verdict import Decision, read_decision
from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import QuaestorError, StoreError
from evidence.model.record import plain_statement
from evidence.model.subject import Subject
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import take_snapshot
from evidence.store.records import NewStatement, RecordStore
from evidence.trust import ledger
from evidence.trust.envelopes import open_envelope
from integrations.app.actor import Actor
from integrations.app.approvals import resource_of
from integrations.app.session import Session

DECISION = "https://quaestor.dev/decision/v1"
SNAPSHOT = "https://quaestor.dev/snapshot/v1"
FULL_CHECK_ENTRIES = 5_000


@dataclass(frozen=True)
class Recorded:
    """A decision with everything that it rests on, as kept in the store."""

    decision: Decision
    snapshot: Snapshot
    engine: str
    engine_version: str
    recorded_at: str
    statement_id: str
    envelope: bytes
    bundle: bytes
    """Tar of the policies and the overlay: the same bytes for the same files."""
    wasm: bytes | None


def decide_gate(
    session: Session,
    gate: str,
    subject: Subject,
    *,
    actor: Actor | None = None,
    at: datetime | None = None,
    engines: Sequence[str] = (),
) -> Recorded:
    """Decide, and record the decision with its snapshot and policies before it is told to anyone.

    `actor` is the person who asks: Cedar must let them, and the log names them. `at` is an instant chosen by the
    caller; without it the decision is made as of now. `engines` as for `Engines.get`. Raises QuaestorError.
    """
    now = session.now()
    store, settings, bundle = session.store, session.settings, session.bundle
    session.workspace.gate(gate)
    if actor is not None:
        resource, attributes = resource_of(store, subject, actor)
        session.require(actor, "decide", resource, attributes, {"gate": gate})
    _require_whole(store)
    snapshot = take_snapshot(store, subject, at or now, session.keyring, instant_chosen=at is not None)
    program = bundle.program()
    engine = session.engines.get(program, engines)
    decision = decide(bundle, session.effective, snapshot, gate, engine)
    wasm = policy_module(program, cache_dir=settings.cache)
    overlay = {OVERLAY: settings.overlay.read_bytes()} if settings.overlay else {}
    kept = {"materials": store.blobs.put(archive({**bundle.files, **overlay}))}
    if wasm is not None:
        kept["wasm"] = store.blobs.put(wasm)
    about = {subject.name: subject.digest}
    snapshot_statement = plain_statement(
        about, SNAPSHOT, {"system_id": subject.system_id, "snapshot": snapshot.to_json()}
    )
    statement = plain_statement(
        about,
        DECISION,
        {
            "system_id": subject.system_id,
            "decision_id": decision.id,
            "decision": decision.to_json(),
            "engine": {"name": engine.name, "version": engine.version},
            "recorded_at": format_instant(now),
            "snapshot": snapshot_statement.id,
            **kept,
        },
    )
    sign, machine = session.sign, session.machine
    # One transaction: a decision is never on record without the snapshot that it rests on.
    session.append_many(
        [
            NewStatement(sign(snapshot_statement, machine), "snapshot", "configured", machine.holder, now),
            NewStatement(sign(statement, machine), "decision", "decided", (actor or machine).holder, now),
        ]
    )
    return load_decision(store, statement.id)


def _require_whole(store: RecordStore) -> None:
    """Refuse to decide on a store from which something was taken away or in which something was changed.

    A leaf whose row or subjects were touched shows at once; that the other columns say what the payloads say is checked
    too while the store is small. `quaestor doctor --full` checks everything at any size.
    """
    size = ledger.parse_checkpoint(store.checkpoint()).size
    report = store.verify(full=size <= FULL_CHECK_ENTRIES)
    if not report.ok:
        first = report.problems[0]
        raise StoreError(
            f"the store does not verify: {first.where}: {first.problem}",
            hint="no decision is made on it; see `quaestor doctor --full`, and restore a backup",
        )


def load_decision(store: RecordStore, reference: str) -> Recorded:
    """A recorded decision by its id, its statement's id, or the first digits of either. Raises QuaestorError."""
    statement_id = _find(store, reference)
    stored = store.get(statement_id)
    predicate = _predicate(stored.envelope, f"decision {statement_id}")
    snapshot = _predicate(store.get(predicate["snapshot"]).envelope, f"snapshot {predicate['snapshot']}")["snapshot"]
    return Recorded(
        decision=read_decision(predicate["decision"], where=f"decision {statement_id}"),
        snapshot=Snapshot.model_validate_json(canonical_bytes(snapshot)),
        engine=predicate["engine"]["name"],
        engine_version=predicate["engine"]["version"],
        recorded_at=predicate["recorded_at"],
        statement_id=statement_id,
        envelope=stored.envelope,
        bundle=store.blobs.get(predicate["materials"]),
        wasm=store.blobs.get(predicate["wasm"]) if "wasm" in predicate else None,
    )


def replay(session: Session, recorded: Recorded, engine: str | None = None) -> Replay:
    """Make the decision again out of what was kept, and compare the bytes."""
    bundle, effective = policies_of(recorded.bundle)
    names = (engine or recorded.engine).split("+")
    running = session.engines.get(bundle.program(), names, recorded.wasm)
    again = decide(bundle, effective, recorded.snapshot, recorded.decision.gate, running)
    return compare(recorded.decision, again)


def _predicate(envelope: bytes, where: str) -> dict[str, Any]:
    predicate: dict[str, Any] = parse_json(open_envelope(envelope, where=where), where=where)["predicate"]
    return predicate


def _find(store: RecordStore, reference: str) -> str:
    wanted = reference.removeprefix("sha256:")
    if len(wanted) < 6 or not all(letter in "0123456789abcdef" for letter in wanted):
        raise QuaestorError(f"`{reference}` is no decision id", hint="give at least six of its hexadecimal digits")
    found = {
        stored.id
        for stored in store.find(kind="decision")
        if stored.id.removeprefix("sha256:").startswith(wanted)
        or _predicate(stored.envelope, stored.id)["decision_id"].removeprefix("sha256:").startswith(wanted)
    }
    if not found:
        raise StoreError(f"no decision `{reference}` is recorded", hint="see `quaestor gate list`")
    if len(found) > 1:
        raise QuaestorError(f"`{reference}` fits {len(found)} decisions", hint="give more of its digits")
    return found.pop()


def decisions(store: RecordStore) -> Iterator[Decision]:
    """Every recorded decision, oldest first."""
    for stored in store.find(kind="decision"):
        body = _predicate(stored.envelope, f"decision {stored.id}")["decision"]
        yield read_decision(body, where=f"decision {stored.id}")
