"""Use cases around a decision: make it, keep all that it rests on, load it, make it again."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence.store.records import NewStatement, RecordStore

from engine.backends.base import Program, RegoEngine
from engine.backends.choose import open_engine
from engine.backends.crosscheck import CrossCheckEngine
from engine.bundle import Bundle, bundle_from_files
from engine.decide import decide
from engine.parameters import Effective, effective_parameters, read_overlay
from engine.policyfiles import archive, read_archive
from engine.replay import Replay, compare
from engine.verdict import Decision
from evidence.assembly import take_snapshot
from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import QuaestorError, StoreError
from evidence.model.record import plain_statement
from evidence.model.subject import Subject
from evidence.signing import open_envelope
from evidence.snapshot import Snapshot
from integrations.workspace import MACHINE, Workspace, present

DECISION = "https://quaestor.dev/decision/v1"
SNAPSHOT = "https://quaestor.dev/snapshot/v1"
OVERLAY_FILE = "overlay.yaml"
POLICIES_FOLDER = "policies/"


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
    materials: bytes
    """Deterministic tar of the policies and the overlay."""
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
) -> Recorded:
    """Decide, and record the decision with its snapshot and policies before it is told to anyone.

    `at` is an instant chosen by the caller; without it the decision is made as of now. Raises QuaestorError.
    """
    now = present()
    bundle, effective = workspace.bundle, workspace.effective
    bundle.gate(gate)
    snapshot = take_snapshot(store, subject, at or now, workspace.keyring, instant_chosen=at is not None)
    with engine_for(workspace, bundle.program(), engine, cross_check) as running:
        decision = decide(bundle, effective, snapshot, gate, running)
        name, version = running.name, running.version
        wasm = getattr(running, "module", None)
    materials = archive(_materials(bundle, workspace))
    kept = {"materials": store.blobs.put(materials)}
    if isinstance(wasm, bytes):
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
            NewStatement(key.sign(statement.payload), "decision", "decided", MACHINE, now),
        ],
        signer=key,
    )
    return load_decision(store, statement.id)


def load_decision(store: RecordStore, reference: str) -> Recorded:
    """A recorded decision by its id, its statement's id, or the first digits of either. Raises QuaestorError."""
    statement_id = _find(store, reference)
    stored = store.get(statement_id)
    predicate = _predicate(stored.envelope, f"decision {statement_id}")
    snapshot = _predicate(store.get(predicate["snapshot"]).envelope, f"snapshot {predicate['snapshot']}")["snapshot"]
    wasm = predicate.get("wasm")
    return Recorded(
        decision=Decision.model_validate_json(canonical_bytes(predicate["decision"])),
        snapshot=Snapshot.model_validate_json(canonical_bytes(snapshot)),
        engine=predicate["engine"]["name"],
        engine_version=predicate["engine"]["version"],
        recorded_at=predicate["recorded_at"],
        statement_id=statement_id,
        envelope=stored.envelope,
        materials=store.blobs.get(predicate["materials"]),
        wasm=store.blobs.get(wasm) if wasm else None,
    )


def replay(workspace: Workspace, recorded: Recorded, engine: str | None = None) -> Replay:
    """Make the decision again out of what was kept, and compare the bytes."""
    again = decide_again(
        recorded.snapshot,
        recorded.decision.gate,
        recorded.materials,
        recorded.wasm,
        workspace,
        engine or recorded.engine,
    )
    return compare(recorded.decision, again)


def decide_again(
    snapshot: Snapshot, gate: str, materials: bytes, wasm: bytes | None, workspace: Workspace, engine: str
) -> Decision:
    """The decision that the kept policies make over the kept snapshot."""
    bundle, effective = policies_of(materials)
    pair = tuple(engine.split("+"))
    cross = (pair[0], pair[1]) if len(pair) == 2 else None
    with engine_for(workspace, bundle.program(), None if cross else engine, cross, wasm) as running:
        return decide(bundle, effective, snapshot, gate, running)


def policies_of(materials: bytes) -> tuple[Bundle, Effective]:
    """Bundle and effective parameters out of a kept tar. Raises QuaestorError."""
    files = read_archive(materials)
    bundle = bundle_from_files(
        {name.removeprefix(POLICIES_FOLDER): data for name, data in files.items() if name.startswith(POLICIES_FOLDER)}
    )
    overlay = read_overlay(files[OVERLAY_FILE], OVERLAY_FILE) if OVERLAY_FILE in files else None
    return bundle, effective_parameters(bundle.catalogue, overlay, bundle.controls.values())


@contextlib.contextmanager
def engine_for(
    workspace: Workspace,
    program: Program | None = None,
    name: str | None = None,
    cross_check: tuple[str, str] | None = None,
    wasm: bytes | None = None,
) -> Iterator[RegoEngine]:
    """An engine with a program loaded (the workspace's bundle where none is given), closed at the end."""
    settings = workspace.settings
    loaded = program or workspace.bundle.program()

    def one(which: str) -> RegoEngine:
        return open_engine(which, loaded, cache_dir=settings.cache, opa_url=settings.opa_url, wasm_bytes=wasm)

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


def _materials(bundle: Bundle, workspace: Workspace) -> dict[str, bytes]:
    files = {f"{POLICIES_FOLDER}{name}": data for name, data in bundle.files.items()}
    if workspace.settings.overlay:
        files[OVERLAY_FILE] = workspace.settings.overlay.read_bytes()
    return files


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
