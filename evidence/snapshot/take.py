"""Takes the snapshot of a subject at an instant out of a ledger, and says of each record whether it counts."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from evidence.model.base import format_instant
from evidence.model.errors import EvidenceError, QuaestorError, StoreError
from evidence.model.notes import DecisionNote, Withdrawal
from evidence.model.predicates import PREDICATES
from evidence.model.record import Record, read_record
from evidence.model.subject import Subject, SubjectKind
from evidence.snapshot.accounts import told_anew
from evidence.snapshot.derived import derived_entries
from evidence.snapshot.filed import as_filed, concerns, not_current
from evidence.snapshot.makers import MADE_BY, makers_of, persons
from evidence.snapshot.model import Entry, Excluded, LogPosition, PriorDecision, Refusal, Snapshot
from evidence.snapshot.superseding import successors
from evidence.snapshot.view import View
from evidence.snapshot.withdrawal import answered_only, was_taken_back
from evidence.snapshot.words import gate_of
from evidence.store.entry import Entry as Leaf
from evidence.trust import ledger
from evidence.trust.envelopes import SignatureState

if TYPE_CHECKING:
    from evidence.store.records import RecordStore


def take_snapshot(
    store: "RecordStore",
    subject: Subject,
    instant: datetime,
    *,
    instant_chosen: bool = False,
) -> Snapshot:
    """The snapshot of `subject` and its system at `instant`.

    A record counts when it is about the subject or its system, was collected by then, claims nothing that lies after
    its filing, has not expired (by its own date or its type's greatest age), was not withdrawn nor signed for another
    ledger, and its signature is good enough: a person's for attested records, and for others a known key's or none at
    all. What was erased is listed, since nobody can tell any more what it said, and where it said who made another
    version of the system too.
    Everything comes from the chains of the two in the ledger's map, checked under its last checkpoint: nothing that
    somebody hid, added or changed in the database goes unnoticed, and the rest of the store is not read. Of the
    organisation, so is what tells how its systems stand (`evidence.snapshot.standing`).
    Raises EvidenceError for an instant outside the years 1970 to 9000, and StoreError where the store does not verify,
    a payload is missing or altered, or the present lies before the ledger's last entry (the clock went back).
    """
    if not 1970 <= instant.year <= 9000:
        problem = f"the instant {format_instant(instant)} is outside the years 1970 to 9000"
        raise EvidenceError(problem, hint="choose one within them")
    holdings = store.holdings(subject.digest, subject.system_id, portfolio=subject.kind is SubjectKind.PORTFOLIO)
    return snapshot_of(View(holdings, store.payload, subject, instant, instant_chosen=instant_chosen))


def snapshot_of(view: View, unlisted: Collection[str] = (), untold: Collection[str] = ()) -> Snapshot:
    """The snapshot that a view of a ledger gives: of a store, or of what an audit pack holds of one.

    `unlisted` are erased records of other versions that the release which took it did not list, and `untold` types of
    record that it did not make (`evidence.snapshot.derived`).
    """
    subject, instant = view.subject, view.instant
    withdrawn, makers = _withdrawn(view), makers_of(view)
    filed: list[Entry] = []
    excluded: dict[str, Excluded] = {}
    for leaf in view.holdings.about("record"):
        if leaf.id in view.erased:
            excluded[leaf.id] = _erased(leaf.id, view)
            continue
        try:
            statement, state = view.open(leaf)
            record = _about(read_record(statement, where=f"record {leaf.id}"), subject)
        except StoreError:
            raise
        except QuaestorError as cause:
            excluded[leaf.id] = Excluded(id=leaf.id, type="unknown", reason="unreadable", detail=str(cause))
            continue
        objection = _objection(record, state, leaf.at, view, withdrawn)
        if objection is not None:
            excluded[leaf.id] = objection
        if objection is None or objection.reason == "expired":
            filed.append(Entry(record=record, signature=state, filed_at=leaf.at, log_index=leaf.index))
    excluded |= {name: item for name, item in forgotten_makers(view, excluded).items() if name not in unlisted}
    followed = successors(view, filed, makers)
    for entry in filed:
        if entry.record.id in followed:
            excluded.setdefault(entry.record.id, _superseded(entry, followed[entry.record.id]))
    entries = [entry for entry in filed if entry.record.id not in excluded]
    refusals = _refusals(view, excluded, entries)
    entries += derived_entries(view, entries, list(excluded.values()), but=untold)
    return Snapshot(
        subject=subject,
        instant=instant,
        instant_chosen=view.instant_chosen,
        entries=tuple(sorted(entries, key=lambda e: e.record.id)),
        excluded=tuple(sorted(excluded.values(), key=lambda e: (e.id, e.reason))),
        decisions=tuple(_prior_decisions(view, excluded)),
        refusals=refusals,
        makers=makers,
        people=view.people,
        renewal_assumed=view.renewal_assumed,
        log=_position(view.holdings.checkpoint),
    )


def _superseded(entry: Entry, successor: str) -> Excluded:
    record, signature = entry.record, entry.signature
    detail = f"a later entry says how it stands: {successor}"
    by = signature.signer if signature.kind == "person" else None
    return Excluded(id=record.id, type=record.type, reason="superseded", detail=detail, by=by, replaced_by=successor)


def _about(record: Record, subject: Subject) -> Record:
    """The record. Raises EvidenceError where it is not about the subject or its system, as its entry says."""
    if not concerns(record.subject, record.envelope.system_id, subject):
        raise EvidenceError("the payload is not that of the record that the ledger lists", where=f"record {record.id}")
    return record


def _erased(name: str, view: View) -> Excluded:
    note = view.erased[name]
    detail = f"erased at {format_instant(note.at)} by {note.by}: {note.reason}"
    return Excluded(id=name, type="unknown", reason="erased", detail=detail, by=note.by, at=note.at, why=note.reason)


def forgotten_makers(view: View, listed: Collection[str]) -> dict[str, Excluded]:
    """Erased records of the system's other versions that said who made them: who may sign hangs on these too."""
    types = {PREDICATES[name].uri() for name in MADE_BY}
    gone = (leaf.id for leaf in view.holdings.of("record") if leaf.id in view.erased and leaf.type in types)
    return {name: _erased(name, view) for name in gone if name not in listed}


def _objection(
    record: Record, state: SignatureState, filed_at: datetime, view: View, withdrawn: dict[str, dict[str, Any]]
) -> Excluded | None:
    """Why a record does not count; None where it does."""

    def excluded(reason: Any, **more: Any) -> Excluded:
        return Excluded(id=record.id, type=record.type, reason=reason, **more)

    if record.id in withdrawn and not answered_only(record):
        return excluded("withdrawn", **withdrawn[record.id])
    if record.envelope.ledger not in (None, view.ledger):
        return excluded("foreign", detail=f"it was signed for another ledger: {record.envelope.ledger}")
    filed = as_filed(record, state, filed_at)
    return not_current(filed, view.instant, instant_chosen=view.instant_chosen, register=view.register)


def _withdrawn(view: View) -> dict[str, dict[str, Any]]:
    """Record id -> who withdrew it and why (fields of `Excluded`).

    One whose signature does not hold (a key that is no longer trusted) holds all the same, and says so: both to forget
    a withdrawal and to hide it could let a subject pass.
    """
    result = {}
    for note, state in view.notes(Withdrawal):
        # With a second person's signature beside it, whose key id comes first is chance.
        signed = note.by in {one.signer for one in persons(state)}
        doubt = "" if signed else ", whose trusted signature it does not carry"
        result[note.record] = {
            "detail": f"withdrawn by {note.by}{doubt}: {note.reason}",
            "by": note.by,
            "at": note.at,
            "why": note.reason,
            "signed": signed,
        }
    return result


def _prior_decisions(view: View, excluded: Mapping[str, Excluded]) -> list[PriorDecision]:
    """The latest decision of each gate on this very digest in this system, under a machine's key: the one that the
    ledger has last, whatever time it states.
    """
    latest: dict[str, PriorDecision] = {}
    # From the last one back: an earlier one of a gate is not read, where its leaf tells the gate.
    earlier = (entry for entry in reversed(_on_it(view)) if gate_of(entry) not in latest)
    for note, state in _of_the_present(view.read_notes(earlier, DecisionNote), view):
        facts = note.facts
        # One file may be a version of two systems, whose tiers, roles and papers differ.
        if facts.gate in latest or facts.subject.system_id != view.subject.system_id or not state.by_machine:
            continue
        counted = {item.id for item in facts.evidence}
        gone = sorted(name for name in counted & excluded.keys() if was_taken_back(excluded[name]))
        off = sorted(str(item.subject) for item in facts.relaxations if item.kind == "disabled-control")
        latest[facts.gate] = PriorDecision(
            id=note.decision_id,
            gate=facts.gate,
            outcome=facts.outcome,
            instant=facts.instant,
            bundle_digest=facts.bundle_digest,
            parameters_digest=facts.parameters_digest,
            gone=tuple(gone) or None,
            off=tuple(off) or None,
        )
    return [latest[gate] for gate in sorted(latest)]


def _refusals(view: View, excluded: Collection[str], entries: Sequence[Entry]) -> tuple[Refusal, ...]:
    """The earlier decisions that did not allow and counted records that count no more, in ledger order; then the last
    words of other systems on this very digest that did not allow.

    What counts no more is excluded, or an account of an event for which a later one stands. Whoever signed them: to be
    told of one too many hides nothing.
    """
    found: dict[str, Refusal] = {}
    past = {*excluded, *told_anew(entries)}
    told = (entry for entry in _on_it(view) if view.mentions(entry, past))
    for note, _ in _of_the_present(view.read_notes(told, DecisionNote), view):
        gone = tuple(sorted({item.id for item in note.facts.evidence} & past))
        if note.facts.outcome != "allow" and gone:
            found[note.decision_id] = _refusal(note, gone)
    elsewhere: dict[tuple[str, str], Refusal | None] = {}
    for note, _ in _of_the_present(view.notes_elsewhere(DecisionNote), view):
        key = (note.facts.subject.system_id, note.facts.gate)
        elsewhere[key] = None if note.facts.outcome == "allow" else _refusal(note, (), system_id=key[0])
    others = [elsewhere[key] for key in sorted(elsewhere)]
    return (*found.values(), *(item for item in others if item is not None))


def _on_it(view: View) -> list[Leaf]:
    """The entries of decisions on this very digest, in ledger order."""
    return [entry for entry in view.of("decision") if view.subject.digest in entry.subjects]


def _refusal(note: DecisionNote, gone: tuple[str, ...], *, system_id: str | None = None) -> Refusal:
    facts = note.facts
    assert facts.outcome != "allow"
    return Refusal(
        id=note.decision_id,
        gate=facts.gate,
        outcome=facts.outcome,
        instant=facts.instant,
        gone=gone,
        system_id=system_id,
    )


def _of_the_present(
    notes: Iterable[tuple[DecisionNote, SignatureState]], view: View
) -> Iterator[tuple[DecisionNote, SignatureState]]:
    """The decisions on this very digest as of the time when each was made.

    What was decided as of an instant of the caller's choosing is a preview: it opens no later gate and refuses nothing.
    """
    for note, state in notes:
        facts = note.facts
        if facts.subject.digest == view.subject.digest and not facts.is_preview:
            yield note, state


def _position(checkpoint: ledger.Checkpoint) -> LogPosition:
    return LogPosition(origin=checkpoint.origin, size=checkpoint.size, root=f"sha256:{checkpoint.root.hex()}")
