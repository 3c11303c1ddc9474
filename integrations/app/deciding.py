"""Use cases around a decision: make it, keep all that it rests on, load it, make it again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from engine.access import EntityRef
from engine.backends.base import RegoEngine
from engine.backends.choose import policy_module
from engine.bundle.attached import policies_of
from engine.bundle.differences import differences, file_digests
from engine.bundle.effective import Effective
from engine.bundle.files import OVERLAY, archive, read_folder
from engine.bundle.load import Bundle
from engine.bundle.paths import is_added
from engine.deciding.decide import Wanted, decide
from engine.deciding.replay import Replay, compare
from engine.deciding.verdict import Decided, Decision, read_decision
from evidence.collector import RecordDraft
from evidence.model.base import format_instant, parse_instant
from evidence.model.errors import QuaestorError, StoreError
from evidence.model.mistakes import explain
from evidence.model.notes import (
    AnyNote,
    DecisionHead,
    DecisionNote,
    EngineName,
    OtherPolicies,
    SnapshotNote,
    new_note,
    read_note,
)
from evidence.model.predicates.assessments import ReplayCheck
from evidence.model.subject import Subject, gate_digest
from evidence.snapshot.model import Records, Snapshot, SnapshotKept, records_of
from evidence.snapshot.take import take_snapshot
from evidence.store.records import NewStatement, RecordStore, StoredStatement
from evidence.trust.envelopes import kept_note, kept_statement, signature_state
from integrations.app.actor import Actor
from integrations.app.approvals import resource_of
from integrations.app.moment import Moment
from integrations.app.records import Filed, add_record
from integrations.app.session import Session
from integrations.app.settings import builtin_policies


@dataclass(frozen=True)
class Recorded:
    """A decision with everything that it rests on, as kept in the store."""

    decision: Decision
    snapshot: Snapshot
    engine: str
    recorded_at: str
    statement_id: str
    envelope: bytes
    other_policies: OtherPolicies | None
    """How they differ from the policies that come with the installation that decided."""
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

    `actor` is who asks, this installation where nobody is named: Cedar must let them, and the log names them. `at` is
    an instant chosen by the caller; without it the decision is made as of now. `engines` as for `Engines.get`. Raises
    QuaestorError.
    """
    moment = Moment(session)
    now = moment.at
    store, settings, bundle = session.store, session.settings, session.bundle
    session.workspace.gate(gate).require(subject)
    asking = actor or session.machine
    # Who made a version concerns persons: the installation is asked about as for the whole system.
    system = EntityRef(type="System", id=subject.system_id)
    resource, attributes = resource_of(moment, subject, actor) if actor is not None else (system, {})
    session.require(asking, "decide", resource, attributes, {"gate": gate})
    # One reading of the clock: what is logged as of now was made as of now.
    decision, snapshot, engine = _judged(session, gate, subject, at or now, engines, chosen=at is not None)
    wasm = policy_module(bundle.program(), cache_dir=settings.cache)
    overlay = {OVERLAY: said.text} if (said := session.workspace.overlay) is not None else {}
    materials = archive({**bundle.files, **overlay})
    about = {subject.name: subject.digest}
    snapshot_note = new_note(SnapshotNote(system_id=subject.system_id, snapshot=snapshot.to_json()), about)
    note = DecisionNote(
        system_id=subject.system_id,
        decision_id=decision.id,
        decision=decision.to_json(),
        engine=EngineName(name=engine.name, version=engine.version),
        recorded_at=now,
        snapshot=snapshot_note.id,
        materials=store.blobs.put(materials),
        wasm=None if wasm is None else store.blobs.put(wasm),
        other_policies=other_policies(bundle, settings.policies),
    )
    # The leaf tells the gate, so that nobody has to open a decision to see that a later one of it is there.
    statement = new_note(note, {f"gate {gate}": gate_digest(gate), **about})
    sign, machine = session.sign, session.machine
    sealed = sign(statement, machine)
    # One transaction: a decision is never on record without the snapshot that it rests on.
    session.append_many(
        [
            NewStatement(sign(snapshot_note, machine), "snapshot", "configured", machine.holder, now),
            NewStatement(sealed, "decision", "decided", asking.holder, now),
        ]
    )
    return Recorded(
        decision=decision,
        snapshot=snapshot,
        engine=engine.name,
        recorded_at=format_instant(now),
        statement_id=statement.id,
        envelope=sealed.data,
        other_policies=note.other_policies,
        bundle=materials,
        wasm=wasm,
    )


def other_policies(bundle: Bundle, folder: Path) -> OtherPolicies | None:
    """How the policies in force, with what the overlay adds, differ from those that come with this installation; what
    the overlay sets or turns off, the decision says itself. `folder` is where the policies come from.
    """
    own = builtin_policies()
    if folder.resolve() == own and not any(map(is_added, bundle.files)):
        return None
    return differences(file_digests(bundle.files), file_digests(read_folder(own)))


def preview_gate(
    session: Session,
    gate: str,
    subject: Subject,
    *,
    at: datetime | None = None,
    engines: Sequence[str] = (),
    policies: tuple[Bundle, Effective] | None = None,
) -> tuple[Decision, Snapshot]:
    """The decision that the gate would make, with its snapshot; nothing is recorded. Raises QuaestorError.

    `policies` stand in for those of the workspace; `at` and `engines` as for `decide_gate`.
    """
    if policies is None:
        session.workspace.gate(gate)
    instant = at or session.now()
    decision, snapshot, _ = _judged(session, gate, subject, instant, engines, chosen=at is not None, policies=policies)
    return decision, snapshot


def _judged(
    session: Session,
    gate: str,
    subject: Subject,
    at: datetime,
    engines: Sequence[str],
    *,
    chosen: bool,
    policies: tuple[Bundle, Effective] | None = None,
) -> tuple[Decision, Snapshot, RegoEngine]:
    bundle, effective = policies or (session.bundle, session.effective)
    snapshot = take_snapshot(session.store, subject, at, instant_chosen=chosen)
    engine = session.engines.get(bundle.program(), engines)
    return decide(bundle, effective, snapshot, gate, engine), snapshot, engine


def load_decision(store: RecordStore, reference: str) -> Recorded:
    """A recorded decision by its id, its statement's id, or the first digits of either. Raises QuaestorError."""
    stored, note = _find(store, reference)
    return Recorded(
        decision=body_of(note, where=f"decision {stored.id}"),
        snapshot=kept_snapshot(store.get, note),
        engine=note.engine.name,
        recorded_at=format_instant(note.recorded_at),
        statement_id=stored.id,
        envelope=stored.envelope,
        other_policies=note.other_policies,
        bundle=store.blobs.get(note.materials),
        wasm=None if note.wasm is None else store.blobs.get(note.wasm),
    )


def replay(session: Session, recorded: Recorded, engine: str | None = None) -> Replay:
    """Make the decision again out of what was kept, and compare the bytes."""
    bundle, effective = policies_of(recorded.bundle, session.workspace.settings.cache)
    names = (engine or recorded.engine).split("+")
    running = session.engines.get(bundle.program(), names, recorded.wasm)
    again = decide(bundle, effective, recorded.snapshot, recorded.decision.gate, running)
    return compare(recorded.decision, again)


def file_replay(session: Session, recorded: Recorded, result: Replay) -> Filed:
    """File what a replay gave, measured by this installation, about the subject of the decision. Raises QuaestorError.

    The signatures are those of the decision and of the records in its snapshot, as the snapshot found them.
    """
    moment = Moment(session)
    where = f"decision {recorded.statement_id}"
    filed_at = parse_instant(recorded.recorded_at)
    states = [signature_state(recorded.envelope, session.keyring, at=filed_at, where=where)]
    states += [entry.signature for entry in recorded.snapshot.entries if not entry.derived_here]
    content = ReplayCheck(
        kind="replay",
        decision_digest=result.recorded_id,
        recomputed_digest=result.again_id,
        succeeded=result.same,
        signatures_verified=all(state.state == "verified" for state in states),
        performed_at=moment.at,
    )
    draft = RecordDraft.on(recorded.decision.subject, content, moment.at)
    return add_record(session, draft, actor=session.machine, moment=moment)


Get = Callable[[str], StoredStatement]
"""Gives a kept statement by its id, as `RecordStore.get` does."""


def kept_snapshot(get: Get, note: DecisionHead) -> Snapshot:
    """The snapshot that a recorded decision was made on. Raises QuaestorError."""
    with _fitting(note):
        stored = get(note.snapshot)
        found = kept_note(stored.envelope, stored.id, SnapshotKept)
        return Snapshot.from_json(note_of(stored, SnapshotNote).snapshot) if found is None else found.snapshot


def kept_records(get: Get, note: DecisionHead, wanted: Wanted) -> Records:
    """Of that snapshot the records that are wanted. Raises QuaestorError."""
    with _fitting(note):
        return records_of(note_of(get(note.snapshot), SnapshotNote).snapshot, wanted)


@contextmanager
def _fitting(note: DecisionHead) -> Iterator[None]:
    """A note's body is read here first: it may be of another form, such as that of a later release."""
    try:
        yield
    except (ValidationError, LookupError, TypeError, AttributeError) as cause:
        told = explain(cause) if isinstance(cause, ValidationError) else "it lacks what a snapshot holds"
        hint = "ask with the release of Quaestor that wrote it, and see `quaestor doctor`"
        raise StoreError(f"the snapshot does not fit: {told}", where=f"snapshot {note.snapshot}", hint=hint) from None


def decided_of(stored: StoredStatement) -> Decided | DecisionNote:
    """A decision and what its note says beside; its body is not read where it does not fit as it stands.

    Raises QuaestorError where the statement is no decision's.
    """
    return kept_note(stored.envelope, stored.id, Decided) or note_of(stored, DecisionNote)


def body_of(note: Decided | DecisionNote, *, where: str) -> Decision:
    """The body of a decision. Raises EvidenceError where it does not fit."""
    return note.decision if isinstance(note, Decided) else read_decision(note.decision, where=where)


def note_of(stored: StoredStatement, kind: type[AnyNote]) -> AnyNote:
    """What a statement of ours says. Raises QuaestorError where it is none of this kind."""
    where = f"{stored.kind} {stored.id}"
    note = read_note(kept_statement(stored.envelope, stored.id, where=where), where=where)
    if not isinstance(note, kind):
        raise StoreError(f"it holds no {kind.KIND}", where=where)
    return note


def _find(store: RecordStore, reference: str) -> tuple[StoredStatement, Decided | DecisionNote]:
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
    note = decided_of(stored)
    # The database finds decisions by columns of its own: what counts is what the payload says.
    if not any(name.startswith(prefix) for name in (stored.id, note.decision_id)):
        raise StoreError(f"the store lists another decision as `{reference}`", hint="see `quaestor doctor --full`")
    return stored, note


def decisions(store: RecordStore) -> Iterator[Decision]:
    """Every recorded decision, oldest first."""
    for stored in store.find(kind="decision"):
        yield body_of(decided_of(stored), where=f"decision {stored.id}")
