"""Takes the snapshot of a subject at an instant out of a ledger, and says of each record whether it counts."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from evidence.model.base import format_instant
from evidence.model.claims import record_ahead
from evidence.model.duration import add_duration
from evidence.model.errors import EvidenceError, QuaestorError, StoreError
from evidence.model.notes import DecisionNote, Withdrawal
from evidence.model.predicates import PREDICATES
from evidence.model.record import EvidenceClass, Record, read_record
from evidence.model.subject import Subject, system_digest
from evidence.snapshot.derived import derived_entries
from evidence.snapshot.model import Entry, Excluded, LogPosition, PriorDecision, Snapshot
from evidence.snapshot.view import View
from evidence.snapshot.withdrawal import answered_only
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
    all. What was erased is listed, since nobody can tell any more what it said.
    Everything comes from the chains of the two in the ledger's map, checked under its last checkpoint: nothing that
    somebody hid, added or changed in the database goes unnoticed, and the rest of the store is not read.
    Raises EvidenceError for an instant outside the years 1970 to 9000, and StoreError where the store does not verify,
    a payload is missing or altered, or the present lies before the ledger's last entry (the clock went back).
    """
    if not 1970 <= instant.year <= 9000:
        raise EvidenceError(f"the instant {format_instant(instant)} is outside the years 1970 to 9000")
    holdings = store.holdings(subject.digest, subject.system_id)
    return snapshot_of(View(holdings, store.payload, subject, instant, instant_chosen=instant_chosen))


def snapshot_of(view: View) -> Snapshot:
    """The snapshot that a view of a ledger gives: of a store, or of what an audit pack holds of one."""
    subject, instant = view.subject, view.instant
    withdrawn = _withdrawn(view)
    entries: list[Entry] = []
    excluded: list[Excluded] = []
    for leaf in view.holdings.about("record"):
        if leaf.id in view.erased:
            excluded.append(_erased(leaf.id, view))
            continue
        try:
            statement, state = view.open(leaf)
            record = _about(read_record(statement, where=f"record {leaf.id}"), subject)
        except StoreError:
            raise
        except QuaestorError as cause:
            excluded.append(Excluded(id=leaf.id, type="unknown", reason="unreadable", detail=str(cause)))
            continue
        objection = _objection(record, state, leaf.at, view, withdrawn)
        if objection is None:
            entries.append(Entry(record=record, signature=state, filed_at=leaf.at, log_index=leaf.index))
        else:
            excluded.append(objection)
    entries, replaced = _latest_states(entries)
    excluded += replaced
    entries += derived_entries(view, entries, excluded)
    return Snapshot(
        subject=subject,
        instant=instant,
        instant_chosen=view.instant_chosen,
        entries=tuple(sorted(entries, key=lambda e: e.record.id)),
        excluded=tuple(sorted(excluded, key=lambda e: (e.id, e.reason))),
        decisions=tuple(_prior_decisions(view)),
        people=view.people,
        log=_position(view.holdings.checkpoint),
    )


def _latest_states(entries: list[Entry]) -> tuple[list[Entry], list[Excluded]]:
    """Of records that tell how something stands now, the latest of each issuer about a subject; the rest is replaced.

    The latest is the one collected last, so that taking in an old record late replaces nothing; of several collected
    at one time the one that the log has last (`entries` come in its order). None replaces what another key signed.
    """
    latest: dict[_StateKey, Record] = {}
    for entry in entries:
        key, record = _state_key(entry), entry.record
        known = latest.get(key)
        if known is None or record.envelope.collected_at >= known.envelope.collected_at:
            latest[key] = record
    kept, replaced = [], []
    for entry in entries:
        record, last = entry.record, latest[_state_key(entry)]
        if PREDICATES[record.type].STATE and last.id != record.id:
            detail = f"a later entry says how it stands: {last.id}"
            replaced.append(
                Excluded(id=record.id, type=record.type, reason="superseded", detail=detail, replaced_by=last.id)
            )
        else:
            kept.append(entry)
    return kept, replaced


_StateKey = tuple[str, str, str | None, tuple[str, ...]]


def _state_key(entry: Entry) -> _StateKey:
    record = entry.record
    return record.type, record.envelope.issuer, entry.signature.signer, tuple(sorted(record.subject))


def expiry(record: Record) -> datetime:
    """When a record stops counting: its own date, or its type's greatest age, whichever comes first."""
    try:
        oldest = add_duration(record.envelope.collected_at, PREDICATES[record.type].MAX_AGE)
    except OverflowError:  # collected, so it says, at the end of time
        return record.envelope.expires_at
    return min(record.envelope.expires_at, oldest)


def _about(record: Record, subject: Subject) -> Record:
    """The record. Raises EvidenceError where it is not about the subject or its system, as its entry says."""
    about = {subject.digest, system_digest(subject.system_id)} & set(record.subject)
    if record.envelope.system_id != subject.system_id or not about:
        raise EvidenceError("the payload is not that of the record that the ledger lists", where=f"record {record.id}")
    return record


def _erased(name: str, view: View) -> Excluded:
    note = view.erased[name]
    detail = f"erased at {format_instant(note.at)} by {note.by}: {note.reason}"
    return Excluded(id=name, type="unknown", reason="erased", detail=detail, by=note.by, at=note.at, why=note.reason)


def _objection(
    record: Record, state: SignatureState, filed_at: datetime, view: View, withdrawn: dict[str, dict[str, Any]]
) -> Excluded | None:
    """Why a record does not count; None where it does."""

    def excluded(reason: Any, detail: str, **more: Any) -> Excluded:
        return Excluded(id=record.id, type=record.type, reason=reason, detail=detail, **more)

    ends, instant = expiry(record), view.instant
    if record.id in withdrawn and not answered_only(record):
        return excluded("withdrawn", **withdrawn[record.id])
    if record.envelope.ledger not in (None, view.ledger):
        return excluded("foreign", f"it was signed for another ledger: {record.envelope.ledger}")
    if record.envelope.collected_at > instant:
        collected = record.envelope.collected_at
        return excluded("not-yet-collected", f"collected at {format_instant(collected)}", at=collected)
    early = record_ahead(record, filed_at)
    if early is not None:
        return excluded("ahead-of-filing", early.told(filed_at), at=early.claimed, why=early.path)
    if ends <= instant:
        return excluded("expired", f"could be used until {format_instant(ends)}; collect it again", until=ends)
    if state.state == "unverified":
        detail = f"no key that its ledger's people had then verifies its signature (key {str(state.keyid)[:12]})"
        return excluded("unsigned", detail, keyid=state.keyid)
    attested = record.envelope.evidence_class is EvidenceClass.ATTESTED
    if attested and (state.state != "verified" or state.kind != "person"):
        return excluded("unsigned", "an attested record counts only under a person's trusted signature")
    return None


def _withdrawn(view: View) -> dict[str, dict[str, Any]]:
    """Record id -> who withdrew it and why (fields of `Excluded`).

    One whose signature does not hold (a key that is no longer trusted) holds all the same, and says so: both to forget
    a withdrawal and to hide it could let a subject pass.
    """
    result = {}
    for note, state in view.notes(Withdrawal):
        signed = state.state == "verified" and state.kind == "person" and state.signer == note.by
        doubt = "" if signed else ", whose trusted signature it does not carry"
        result[note.record] = {
            "detail": f"withdrawn by {note.by}{doubt}: {note.reason}",
            "by": note.by,
            "at": note.at,
            "why": note.reason,
            "signed": signed,
        }
    return result


def _prior_decisions(view: View) -> list[PriorDecision]:
    """The latest decision of each gate on this very digest in this system, under a machine's key: the one that the
    ledger has last, whatever time it states.
    """
    latest: dict[str, PriorDecision] = {}
    for note, state in view.notes(DecisionNote, about=view.subject.digest):
        facts = note.facts
        # One file may be a version of two systems, whose tiers, roles and papers differ.
        same = (facts.subject.digest, facts.subject.system_id) == (view.subject.digest, view.subject.system_id)
        if not same or state.state != "verified" or state.kind != "machine":
            continue
        # What was decided as of an instant of the caller's choosing is a preview and opens no later gate.
        if any(item.kind == "chosen-instant" for item in facts.relaxations):
            continue
        latest[facts.gate] = PriorDecision(
            id=note.decision_id,
            gate=facts.gate,
            outcome=facts.outcome,
            instant=facts.instant,
            bundle_digest=facts.bundle_digest,
            parameters_digest=facts.parameters_digest,
        )
    return [latest[gate] for gate in sorted(latest)]


def _position(checkpoint: ledger.Checkpoint) -> LogPosition:
    return LogPosition(origin=checkpoint.origin, size=checkpoint.size, root=f"sha256:{checkpoint.root.hex()}")
