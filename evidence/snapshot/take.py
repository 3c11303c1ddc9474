"""Takes the snapshot of a subject at an instant out of the store, and says of each record whether it counts.

Three kinds of record are made on the spot, because only the store knows them: the `evidence-index`, the `audit-log`
entries of the subject, and the `feed-status` of the feeds that Quaestor itself keeps (waivers).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.duration import add_duration
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.log import AuditLog, EvidenceIndex
from evidence.model.predicates.operation import FeedStatus
from evidence.model.predicates.values import Period, RecordRef
from evidence.model.record import EvidenceClass, Record, Statement, new_statement, parse_statement, read_record
from evidence.model.subject import Subject, system_digest
from evidence.snapshot.model import Entry, Excluded, LogPosition, PriorDecision, Snapshot
from evidence.store.records import RecordStore, StoredStatement
from evidence.trust import ledger
from evidence.trust.envelopes import SignatureState, open_envelope, signature_state
from evidence.trust.keys import Keyring

COLLECTOR = "quaestor"
OWN_FEEDS = ("waiver",)
"""Feeds whose events are born in the store, so that the store can say that its list is complete."""
LOGGED_ACTIONS = ("registered", "promoted", "demoted", "deployed", "refused", "approved", "waived", "decided", "purged")


def take_snapshot(
    store: RecordStore,
    subject: Subject,
    instant: datetime,
    keyring: Keyring,
    *,
    instant_chosen: bool = False,
) -> Snapshot:
    """The snapshot of `subject` and its system at `instant`.

    A record counts when it is about the subject or its system, was collected by then, has not expired (by its own date
    or its type's greatest age), was not withdrawn, and its signature is good enough: a person's for attested records,
    and for others a known key's or none at all. What was erased is listed, since nobody can tell any more what it said.
    Raises EvidenceError for an instant outside the years 1970 to 9000, and StoreError where a payload is missing or
    altered.
    """
    if not 1970 <= instant.year <= 9000:
        raise EvidenceError(f"the instant {format_instant(instant)} is outside the years 1970 to 9000")
    withdrawn = _withdrawn(store, subject.system_id, instant, keyring)
    entries, excluded = [], _erased(store, subject)
    for stored in _about(store, subject):
        try:
            record, state = _read(stored, subject, keyring)
        except QuaestorError as cause:
            excluded.append(Excluded(id=stored.id, type="unknown", reason="unreadable", detail=str(cause)))
            continue
        objection = _objection(record, state, instant, withdrawn)
        if objection is None:
            entries.append(Entry(record=record, signature=state))
        else:
            excluded.append(objection)
    entries, replaced = _latest_states(entries)
    excluded += replaced
    position = _position(store)
    entries += _derived(store, subject, instant, keyring, entries, excluded, position)
    return Snapshot(
        subject=subject,
        instant=instant,
        instant_chosen=instant_chosen,
        entries=tuple(sorted(entries, key=lambda e: e.record.id)),
        excluded=tuple(sorted(excluded, key=lambda e: (e.id, e.reason))),
        decisions=tuple(_prior_decisions(store, subject, instant, keyring)),
        log=position,
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


def _about(store: RecordStore, subject: Subject) -> Iterator[StoredStatement]:
    """Evidence records of the system that are about the subject or the system as a whole, each once."""
    seen = set()
    for digest in dict.fromkeys((subject.digest, system_digest(subject.system_id))):
        for stored in store.find(kind="record", system_id=subject.system_id, subject=digest):
            if stored.id not in seen:
                seen.add(stored.id)
                yield stored


def _read(stored: StoredStatement, subject: Subject, keyring: Keyring) -> tuple[Record, SignatureState]:
    where = f"record {stored.id}"
    statement = parse_statement(open_envelope(stored.envelope, where=where), where=where)
    record = read_record(statement, where=where)
    about = {subject.digest, system_digest(subject.system_id)} & set(record.subject)
    # The database finds records by columns of its own: what counts is what the payload says.
    if record.id != stored.id or record.envelope.system_id != subject.system_id or not about:
        raise EvidenceError("the payload is not that of the record that the store lists", where=where)
    return record, signature_state(stored.envelope, keyring, where=where)


def _erased(store: RecordStore, subject: Subject) -> list[Excluded]:
    """Records about the subject or its system whose payload was erased."""
    result = {}
    for digest in dict.fromkeys((subject.digest, system_digest(subject.system_id))):
        records = {leaf.id for leaf in store.leaves_about(digest) if leaf.kind == "record"}
        for stored in store.find(kind="erasure", system_id=subject.system_id, subject=digest):
            predicate = _predicate(stored)
            if predicate["erased"] in records:
                detail = f"erased at {predicate['at']} by {predicate['by']}: {predicate['reason']}"
                name = predicate["erased"]
                result[name] = Excluded(
                    id=name,
                    type="unknown",
                    reason="erased",
                    detail=detail,
                    by=predicate["by"],
                    at=predicate["at"],
                    why=predicate["reason"],
                )
    return list(result.values())


def _objection(
    record: Record, state: SignatureState, instant: datetime, withdrawn: dict[str, dict[str, Any]]
) -> Excluded | None:
    """Why a record does not count; None where it does."""

    def excluded(reason: Any, detail: str, **more: Any) -> Excluded:
        return Excluded(id=record.id, type=record.type, reason=reason, detail=detail, **more)

    ends = expiry(record)
    if record.id in withdrawn:
        return excluded("withdrawn", **withdrawn[record.id])
    if record.envelope.collected_at > instant:
        collected = record.envelope.collected_at
        return excluded("not-yet-collected", f"collected at {format_instant(collected)}", at=collected)
    if ends <= instant:
        return excluded("expired", f"could be used until {format_instant(ends)}; collect it again", until=ends)
    if state.state == "unverified":
        detail = f"no key of the keyring verifies its signature (key {str(state.keyid)[:12]})"
        return excluded("unsigned", detail, keyid=state.keyid)
    attested = record.envelope.evidence_class is EvidenceClass.ATTESTED
    if attested and (state.state != "verified" or state.kind != "person"):
        return excluded("unsigned", "an attested record counts only under a person's trusted signature")
    return None


def _withdrawn(store: RecordStore, system_id: str, instant: datetime, keyring: Keyring) -> dict[str, dict[str, Any]]:
    """Record id -> who withdrew it and why (fields of `Excluded`), for withdrawals up to `instant`.

    One whose signature does not hold (a key that is no longer trusted) holds all the same, and says so: both to forget
    a withdrawal and to hide it could let a subject pass.
    """
    result = {}
    for stored in store.find(kind="withdrawal", system_id=system_id):
        predicate = _predicate(stored)
        if str(predicate["at"]) <= format_instant(instant):
            state = signature_state(stored.envelope, keyring, where=f"withdrawal {stored.id}")
            signed = state.state == "verified" and state.kind == "person" and state.signer == predicate["by"]
            doubt = "" if signed else ", whose trusted signature it does not carry"
            result[str(predicate["record"])] = {
                "detail": f"withdrawn by {predicate['by']}{doubt}: {predicate['reason']}",
                "by": predicate["by"],
                "at": predicate["at"],
                "why": predicate["reason"],
                "signed": signed,
            }
    return result


def _prior_decisions(
    store: RecordStore, subject: Subject, instant: datetime, keyring: Keyring
) -> Iterable[PriorDecision]:
    """The latest decision of each gate on this very digest in this system, up to `instant`, under a machine's key."""
    latest: dict[str, PriorDecision] = {}
    for stored in store.find(kind="decision", subject=subject.digest):
        predicate = _predicate(stored)
        body = predicate["decision"]
        # One file may be a version of two systems, whose tiers, roles and papers differ.
        same = (body["subject"]["digest"], body["subject"]["system_id"]) == (subject.digest, subject.system_id)
        if not same or body["instant"] > format_instant(instant):
            continue
        state = signature_state(stored.envelope, keyring, where=f"decision {stored.id}")
        if state.state != "verified" or state.kind != "machine":
            continue
        # What was decided as of an instant of the caller's choosing is a preview and opens no later gate.
        if any(item["kind"] == "chosen-instant" for item in body["relaxations"]):
            continue
        prior = PriorDecision.model_validate_json(
            canonical_bytes(
                {
                    "id": predicate["decision_id"],
                    "gate": body["gate"],
                    "outcome": body["outcome"],
                    "instant": body["instant"],
                    "bundle_digest": body["bundle_digest"],
                    "parameters_digest": body["parameters_digest"],
                }
            )
        )
        if prior.gate not in latest or prior.instant >= latest[prior.gate].instant:
            latest[prior.gate] = prior
    return [latest[gate] for gate in sorted(latest)]


def _predicate(stored: StoredStatement) -> dict[str, Any]:
    where = f"{stored.kind} {stored.id}"
    payload = parse_json(open_envelope(stored.envelope, where=where), where=where)
    predicate: dict[str, Any] = payload["predicate"]
    return predicate


def _position(store: RecordStore) -> LogPosition:
    checkpoint = ledger.parse_checkpoint(store.checkpoint())
    return LogPosition(origin=checkpoint.origin, size=checkpoint.size, root=f"sha256:{checkpoint.root.hex()}")


def _derived(
    store: RecordStore,
    subject: Subject,
    instant: datetime,
    keyring: Keyring,
    entries: list[Entry],
    excluded: list[Excluded],
    position: LogPosition,
) -> list[Entry]:
    # What cannot be read may have been an event of the feed.
    whole = not any(item.reason == "unreadable" for item in excluded)
    made: list[Predicate] = [
        FeedStatus(
            feed=feed,
            window=Period(start=instant.replace(year=instant.year - 1, day=1), end=instant),
            count=sum(1 for entry in entries if entry.record.type == feed),
            complete=whole,
        )
        for feed in OWN_FEEDS
    ]
    made += _audit_log(store, subject, instant, position)
    filed, logged = _test_runs(store, subject.system_id, instant, keyring)
    made.append(
        EvidenceIndex(
            records=tuple(_reference(entry) for entry in sorted(entries, key=lambda e: e.record.id)),
            subject_digest=subject.digest,
            test_split_runs=filed,
            logged_test_split_runs=logged,
            unreadable=tuple(sorted(item.id for item in excluded if item.reason == "unreadable")),
        )
    )
    absent = SignatureState(state="absent")
    return [
        Entry(record=read_record(_statement(content, subject, instant)), signature=absent, derived_here=True)
        for content in made
    ]


def _statement(content: Predicate, subject: Subject, instant: datetime) -> Statement:
    return new_statement(
        content,
        subject={subject.name: subject.digest},
        envelope={
            "evidence_class": EvidenceClass.DERIVED,
            "system_id": subject.system_id,
            "source": "store",
            "collector": COLLECTOR,
            "issuer": COLLECTOR,
            "issued_at": instant,
            "collected_at": instant,
            "expires_at": add_duration(instant, content.MAX_AGE),
        },
    )


def _reference(entry: Entry) -> RecordRef:
    record, envelope = entry.record, entry.record.envelope
    return RecordRef(
        record_id=record.id,
        type=record.type,
        evidence_class=envelope.evidence_class.value,
        subject_digests=tuple(sorted(record.subject)),
        collected_at=envelope.collected_at,
        expires_at=envelope.expires_at,
        signature_state=entry.signature.state,
        signer_kind=entry.signature.kind,
        signer_role=entry.signature.roles[0] if entry.signature.roles else None,
    )


def _audit_log(store: RecordStore, subject: Subject, instant: datetime, position: LogPosition) -> list[Predicate]:
    """The ledger's entries about the subject up to `instant`, their proofs checked against `position`.

    The chain counts as verified where each of these entries is included under the latest signed checkpoint and that
    checkpoint extends the one before it; `quaestor doctor` looks at every leaf.
    """
    root = bytes.fromhex(position.root.removeprefix("sha256:"))
    extends = _extends(store, position.size, root)
    result: list[Predicate] = []
    for leaf in store.leaves_about(subject.digest):
        # What another writer added after `position` was taken is not under its root. Withdrawing a record refuses no
        # update of the artifact, though the log has one word for both.
        late = leaf.at > instant or leaf.index >= position.size
        if late or leaf.action not in LOGGED_ACTIONS or leaf.kind == "withdrawal":
            continue
        proof = store.inclusion_proof(leaf.index, position.size)
        included = ledger.verify_inclusion(leaf.hash, leaf.index, position.size, proof, root)
        result.append(
            AuditLog(
                sequence=leaf.index,
                entry_hash=f"sha256:{leaf.hash.hex()}",
                actor=leaf.actor,
                action=leaf.action,
                object_ref=subject.digest,
                at=leaf.at,
                inclusion_verified=included,
                consistency_verified=extends,
                checkpoint_witnessed=False,
                chain_verified=included and extends,
            )
        )
    return result


def _extends(store: RecordStore, size: int, root: bytes) -> bool:
    """Whether the tree of `size` leaves extends that of the signed checkpoint before it."""
    note = store.checkpoint_before(size)
    if note is None:
        return True
    former = ledger.verify_checkpoint(note, store.public_key, store.origin)
    proof = store.consistency_proof(former.size, size)
    return ledger.verify_consistency(former.size, size, former.root, root, proof)


def _test_runs(store: RecordStore, system_id: str, instant: datetime, keyring: Keyring) -> tuple[int, int]:
    """Runs of the system's models on a test split: those whose record is on file, and those that the ledger counts.

    A run is logged before it starts, so one whose result was not liked and not filed still counts. A record stands for
    the run that its source names, so that filing one run twice, or one that never was, makes up for none; and it is
    signed by a key of the keyring.
    """
    now = format_instant(instant)
    logged = [_predicate(stored) for stored in store.find(kind="run", system_id=system_id)]
    # A run that ended before it measured anything told nobody anything.
    ended = {str(note["ended"]) for note in logged if "ended" in note}
    started = {
        str(note["run"]) for note in logged if note.get("split") == "test" and str(note["started_at"]) <= now
    } - ended
    filed = set()
    uri = PREDICATES["validation-run"].uri()
    for stored in store.find(kind="record", system_id=system_id, predicate_type=uri, until=instant):
        signed = signature_state(stored.envelope, keyring, where=f"record {stored.id}").state == "verified"
        predicate = _predicate(stored)
        if signed and predicate["content"]["split"] == "test":
            filed.add(str(predicate["source"]).removeprefix("run "))
    return len(filed if started <= filed else filed & started), len(started)
