"""Use cases around a decision: make it, keep all that it rests on, load it, make it again."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from engine.backends.base import Program, RegoEngine
from engine.backends.choose import open_engine, policy_module
from engine.backends.crosscheck import CrossCheckEngine
from engine.bundle.files import OVERLAY, archive, read_archive
from engine.bundle.load import Bundle, bundle_from_archive
from engine.bundle.parameters import Effective, effective_parameters, read_overlay
from engine.deciding.decide import decide
from engine.deciding.replay import Replay, compare
from engine.deciding.verdict import Decision
from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError, StoreError
from evidence.model.notes import DecisionNote, EngineName, Note, SnapshotNote, new_note, read_note
from evidence.model.subject import Subject
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import take_snapshot
from evidence.store.records import NewStatement, RecordStore, StoredStatement
from integrations.app.approvals import resource_of
from integrations.app.records import statement_of
from integrations.app.settings import Settings
from integrations.app.workspace import MACHINE, Workspace, present

AnyNote = TypeVar("AnyNote", bound=Note)


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
    snapshot = take_snapshot(store, subject, at or now, workspace.keyring, instant_chosen=at is not None)
    with engine_for(workspace.settings, bundle.program(), engine, cross_check) as running:
        decision = decide(bundle, effective, snapshot, gate, running)
        name, version = running.name, running.version
        wasm = policy_module(bundle.program(), cache_dir=workspace.settings.cache)
    overlay = {OVERLAY: workspace.settings.overlay.read_bytes()} if workspace.settings.overlay else {}
    materials = archive({**bundle.files, **overlay})
    about = {subject.name: subject.digest}
    kept_snapshot = new_note(SnapshotNote(system_id=subject.system_id, snapshot=snapshot.to_json()), about)
    note = DecisionNote(
        system_id=subject.system_id,
        decision_id=decision.id,
        decision=decision.to_json(),
        engine=EngineName(name=name, version=version),
        recorded_at=now,
        snapshot=kept_snapshot.id,
        materials=store.blobs.put(materials),
        wasm=None if wasm is None else store.blobs.put(wasm),
    )
    statement = new_note(note, about)
    key = workspace.machine_key
    # One transaction: a decision is never on record without the snapshot that it rests on.
    envelope = key.sign(statement.payload)
    store.append_many(
        [
            NewStatement(key.sign(kept_snapshot.payload), "snapshot", "configured", MACHINE, now),
            NewStatement(envelope, "decision", "decided", actor or MACHINE, now),
        ],
        signer=key,
    )
    return Recorded(
        decision=decision,
        snapshot=snapshot,
        engine=name,
        engine_version=version,
        recorded_at=format_instant(now),
        statement_id=statement.id,
        envelope=envelope,
        bundle=materials,
        wasm=wasm,
    )


def load_decision(store: RecordStore, reference: str) -> Recorded:
    """A recorded decision by its id, its statement's id, or the first digits of either. Raises QuaestorError."""
    stored, note = _find(store, reference)
    kept = _note(store.get(note.snapshot), SnapshotNote)
    return Recorded(
        decision=Decision.model_validate_json(canonical_bytes(note.decision)),
        snapshot=Snapshot.model_validate_json(canonical_bytes(kept.snapshot)),
        engine=note.engine.name,
        engine_version=note.engine.version,
        recorded_at=format_instant(note.recorded_at),
        statement_id=stored.id,
        envelope=stored.envelope,
        bundle=store.blobs.get(note.materials),
        wasm=None if note.wasm is None else store.blobs.get(note.wasm),
    )


def replay(workspace: Workspace, recorded: Recorded, engine: str | None = None) -> Replay:
    """Make the decision again out of what was kept, and compare the bytes."""
    bundle, effective = policies_of(recorded.bundle)
    pair = tuple((engine or recorded.engine).split("+"))
    cross = (pair[0], pair[1]) if len(pair) == 2 else None
    with engine_for(workspace.settings, bundle.program(), pair[0], cross, recorded.wasm) as running:
        again = decide(bundle, effective, recorded.snapshot, recorded.decision.gate, running)
    return compare(recorded.decision, again)


def policies_of(data: bytes) -> tuple[Bundle, Effective]:
    """Bundle and effective parameters out of a kept or attached tar. Raises QuaestorError."""
    bundle = bundle_from_archive(data)
    overlay = read_archive(data).get(OVERLAY)
    document = read_overlay(overlay, OVERLAY) if overlay is not None else None
    return bundle, effective_parameters(bundle.catalogue, document, bundle.controls.values())


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


def _note(stored: StoredStatement, kind: type[AnyNote]) -> AnyNote:
    where = f"{stored.kind} {stored.id}"
    note = read_note(statement_of(stored), where=where)
    if not isinstance(note, kind):
        raise StoreError(f"it holds no {kind.KIND}", where=where)
    return note


def _find(store: RecordStore, reference: str) -> tuple[StoredStatement, DecisionNote]:
    wanted = reference.removeprefix("sha256:")
    if len(wanted) < 6 or not all(letter in "0123456789abcdef" for letter in wanted):
        raise QuaestorError(f"`{reference}` is no decision id", hint="give at least six of its hexadecimal digits")
    prefix = f"sha256:{wanted}"
    found = list(dict.fromkeys([*store.ids(prefix, kind="decision"), *store.decision_ids(prefix)]))
    if not found:
        raise StoreError(f"no decision `{reference}` is recorded", hint="see `quaestor gate list`")
    if len(found) > 1:
        raise QuaestorError(f"`{reference}` fits {len(found)} decisions", hint="give more of its digits")
    stored = store.get(found[0])
    note = _note(stored, DecisionNote)
    # The database finds decisions by columns of its own: what counts is what the payload says.
    if not any(name.startswith(prefix) for name in (stored.id, note.decision_id)):
        raise StoreError(f"the store lists another decision as `{reference}`", hint="see `quaestor doctor --full`")
    return stored, note


def decisions(store: RecordStore) -> Iterator[Decision]:
    """Every recorded decision, oldest first."""
    for stored in store.find(kind="decision"):
        yield Decision.model_validate_json(canonical_bytes(_note(stored, DecisionNote).decision))
