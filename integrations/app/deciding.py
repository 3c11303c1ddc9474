"""Use cases around a decision: make it, keep all that it rests on, load it, make it again."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.backends.base import Program, RegoEngine
from engine.backends.choose import open_engine, policy_module
from engine.backends.crosscheck import CrossCheckEngine
from engine.bundle.attached import policies_of
from engine.bundle.files import OVERLAY, archive
from engine.deciding.decide import decide
from engine.deciding.replay import Replay, compare
from engine.deciding.verdict import Decision
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
from integrations.app.approvals import resource_of
from integrations.app.settings import Settings
from integrations.app.workspace import MACHINE, Workspace, present

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
    workspace: Workspace,
    store: RecordStore,
    gate: str,
    subject: Subject,
    *,
    at: datetime | None = None,
    engine: str | None = None,
    cross_check: tuple[str, str] | None = None,
    actor: str | None = None,
) -> Recorded:
    """Decide, and record the decision with its snapshot and policies before it is told to anyone.

    `at` is an instant chosen by the caller; without it the decision is made as of now. `actor` is the person who asks:
    Cedar must let them, and the log names them. Raises QuaestorError.
    """
    now = present()
    bundle, effective = workspace.bundle, workspace.effective
    workspace.gate(gate)
    if actor is not None:
        _, person = workspace.person(actor)
        resource, attributes = resource_of(store, subject, person)
        workspace.require(person, "decide", resource, attributes, {"gate": gate})
    _require_whole(store)
    snapshot = take_snapshot(store, subject, at or now, workspace.keyring, instant_chosen=at is not None)
    with engine_for(workspace.settings, bundle.program(), engine, cross_check) as running:
        decision = decide(bundle, effective, snapshot, gate, running)
        name, version = running.name, running.version
        wasm = policy_module(bundle.program(), cache_dir=workspace.settings.cache)
    overlay = {OVERLAY: workspace.settings.overlay.read_bytes()} if workspace.settings.overlay else {}
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
            "engine": {"name": name, "version": version},
            "recorded_at": format_instant(now),
            "snapshot": snapshot_statement.id,
            **kept,
        },
    )
    key = workspace.machine_key
    # One transaction: a decision is never on record without the snapshot that it rests on.
    store.append_many(
        [
            NewStatement(key.sign(snapshot_statement.payload), "snapshot", "configured", MACHINE, now),
            NewStatement(key.sign(statement.payload), "decision", "decided", actor or MACHINE, now),
        ],
        signer=key,
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
        decision=Decision.model_validate_json(canonical_bytes(predicate["decision"])),
        snapshot=Snapshot.model_validate_json(canonical_bytes(snapshot)),
        engine=predicate["engine"]["name"],
        engine_version=predicate["engine"]["version"],
        recorded_at=predicate["recorded_at"],
        statement_id=statement_id,
        envelope=stored.envelope,
        bundle=store.blobs.get(predicate["materials"]),
        wasm=store.blobs.get(predicate["wasm"]) if "wasm" in predicate else None,
    )


def replay(workspace: Workspace, recorded: Recorded, engine: str | None = None) -> Replay:
    """Make the decision again out of what was kept, and compare the bytes."""
    bundle, effective = policies_of(recorded.bundle)
    pair = tuple((engine or recorded.engine).split("+"))
    cross = (pair[0], pair[1]) if len(pair) == 2 else None
    with engine_for(workspace.settings, bundle.program(), pair[0], cross, recorded.wasm) as running:
        again = decide(bundle, effective, recorded.snapshot, recorded.decision.gate, running)
    return compare(recorded.decision, again)


@contextlib.contextmanager
def engine_for(
    settings: Settings,
    program: Program,
    name: str | None = None,
    cross_check: tuple[str, str] | None = None,
    wasm: bytes | None = None,
) -> Iterator[RegoEngine]:
    """An engine with a program loaded, closed at the end."""

    def one(which: str) -> RegoEngine:
        return open_engine(
            which,
            program,
            cache_dir=settings.cache,
            opa_url=settings.opa_url,
            opa_token=settings.opa_token,
            opa_ca=settings.opa_ca,
            wasm_bytes=wasm,
        )

    if cross_check:
        first = one(cross_check[0])
        try:
            engine: RegoEngine = CrossCheckEngine(first, one(cross_check[1]))
        except BaseException:
            first.close()
            raise
    else:
        engine = one(name or settings.engine)
    try:
        yield engine
    finally:
        engine.close()


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
        yield Decision.model_validate_json(canonical_bytes(body))
