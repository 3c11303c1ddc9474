"""Whether a pack leaves nothing out: every entry that the ledger holds about the subject is listed and accounted for.

The chains of the subject and of its system are hashed anew, up to the heads that the map under the signed checkpoint
has for them. Then each record among them must be one that the snapshot counts, or one that it excludes and says why; a
withdrawal or an erasure must have been heeded; and the runs on a test split are counted again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence.model.base import format_instant, parse_instant
from evidence.model.canonical import parse_json
from evidence.model.errors import QuaestorError
from evidence.model.notes import Erasure, Note, RunEnded, RunStarted, Withdrawal, read_note
from evidence.model.record import parse_statement
from evidence.model.subject import system_digest
from evidence.snapshot.model import Snapshot
from evidence.snapshot.withdrawal import answered_only
from evidence.trust import ledger
from evidence.trust import map as verifiable
from evidence.trust.envelopes import open_envelope
from evidence.trust.people import register_digest
from reports.documents import attachments as names
from reports.documents.proof import ATTACHED_NOTES, DigestListing, ListedEntry
from reports.verify.checks import Contents, FailedCheck, hashes_of, ledger_key
from reports.words.wording import plural


@dataclass(frozen=True)
class _Leaf:
    """What a listed entry says of itself, and the note that it stands for, if that is attached."""

    index: int
    id: str
    kind: str
    subjects: frozenset[str]
    at: datetime
    hash: bytes
    note: Note | None


def complete(contents: Contents) -> str:
    """All that the ledger holds about the subject and its system is listed, and the snapshot accounts for it."""
    _, checkpoint = ledger_key(contents)
    snapshot, proof = contents.snapshot, contents.proof
    if checkpoint.map_root is None:
        raise FailedCheck("the checkpoint states no root of a map, so nothing shows what else the ledger holds")
    leaves = _leaves(proof.entries)
    system, register = system_digest(snapshot.subject.system_id), register_digest(snapshot.log.origin)
    wanted = tuple(dict.fromkeys((snapshot.subject.digest, system, register)))
    if tuple(listing.digest for listing in proof.listings) != wanted:
        raise FailedCheck("the listings are not those of the subject, its system and the register of people")
    for listing in proof.listings:
        _check_listing(listing, leaves, checkpoint.map_root)
    if set(leaves) != {index for listing in proof.listings for index in listing.entries}:
        raise FailedCheck("an entry is attached that no listing names")
    seen = {index: leaf for index, leaf in leaves.items() if index < snapshot.log.size}
    indexes = {listing.digest: listing.entries for listing in proof.listings}
    of_system = [seen[index] for index in indexes[system] if index in seen]
    about = {snapshot.subject.digest, system}
    records = {leaf.id: leaf for leaf in of_system if leaf.kind == "record" and leaf.subjects & about}
    _check_records(snapshot, records, {item.index: item for item in proof.entries}, checkpoint)
    versions = [seen[index] for index in indexes[register] if index in seen and seen[index].kind == "people"]
    known = tuple(leaf.id for leaf in versions if not snapshot.instant_chosen or leaf.at <= snapshot.instant)
    if known != contents.people:
        raise FailedCheck("the ledger holds other versions of the register of people than those that are attached")
    notes = [leaf for leaf in of_system if not snapshot.instant_chosen or leaf.at <= snapshot.instant]
    _check_notes(snapshot, notes, [leaf for leaf in seen.values() if leaf.kind == "erasure"])
    later = len(leaves) - len(seen)
    return (
        f"the ledger holds no further record about this subject at this checkpoint: {plural(len(records), 'record')} "
        f"about it or its system when the decision was made, all counted or excluded with a reason; "
        f"{plural(later, 'entry', 'entries')} since, up to checkpoint {checkpoint.size}"
    )


def _leaves(entries: Iterable[ListedEntry]) -> dict[int, _Leaf]:
    result: dict[int, _Leaf] = {}
    for item in entries:
        value = parse_json(item.leaf.encode(), where=names.PROOF)
        try:
            leaf = _Leaf(
                index=item.index,
                id=str(value["id"]),
                kind=str(value["kind"]),
                subjects=frozenset(map(str, value["subjects"])),
                at=parse_instant(value["at"]),
                hash=ledger.leaf_hash(item.leaf.encode()),
                note=None if item.envelope is None else _note(item.envelope, value),
            )
        except (KeyError, TypeError, ValueError):
            raise FailedCheck(f"entry {item.index} is no leaf of a ledger") from None
        if item.index in result:
            raise FailedCheck(f"entry {item.index} is attached twice")
        result[item.index] = leaf
    return result


def _note(envelope: str, leaf: Mapping[str, Any]) -> Note:
    where = f"{names.PROOF}: {leaf['kind']} {leaf['id']}"
    statement = parse_statement(open_envelope(envelope.encode(), where=where), where=where)
    if statement.id != leaf["id"]:
        raise FailedCheck(f"the note attached to entry {leaf['id']} is another statement")
    return read_note(statement, where=where)


def _check_listing(listing: DigestListing, leaves: Mapping[int, _Leaf], root: bytes) -> None:
    absent = [index for index in listing.entries if index not in leaves]
    if absent:
        raise FailedCheck(f"entry {absent[0]}, which concerns {listing.digest}, is not attached")
    end = None if listing.end is None else verifiable.Leaf(*hashes_of((listing.end.key, listing.end.value)))
    proof = verifiable.Proof(end, tuple(hashes_of(listing.siblings)))
    try:
        entries = [(index, leaves[index].hash) for index in listing.entries]
        verifiable.check_listing(listing.digest, entries, proof, root)
    except QuaestorError as cause:
        raise FailedCheck(f"something was left out, added or changed: {cause.problem}") from None


def _check_records(
    snapshot: Snapshot,
    records: Mapping[str, _Leaf],
    listed: Mapping[int, ListedEntry],
    checkpoint: ledger.Checkpoint,
) -> None:
    counted = {entry.record.id: entry for entry in snapshot.entries if not entry.derived_here}
    excluded = {item.id for item in snapshot.excluded}
    for name, leaf in records.items():
        if name not in counted and name not in excluded:
            raise FailedCheck(f"the ledger holds record {name} (entry {leaf.index}), which the snapshot does not list")
    if unknown := sorted((counted.keys() | excluded) - records.keys()):
        raise FailedCheck(f"the ledger holds no record {unknown[0]} about the subject, and the snapshot lists it")
    for name, entry in counted.items():
        leaf = records[name]
        if (entry.log_index, entry.filed_at) != (leaf.index, leaf.at):
            filed = f"entry {leaf.index} of {format_instant(leaf.at)}"
            raise FailedCheck(f"record {name} was filed as {filed}, and the snapshot says otherwise")
        proof = hashes_of(listed[leaf.index].inclusion)
        if not ledger.verify_inclusion(leaf.hash, leaf.index, checkpoint.size, proof, checkpoint.root):
            raise FailedCheck(f"the inclusion proof does not lead from record {name} to the checkpoint")


def _check_notes(snapshot: Snapshot, known: Iterable[_Leaf], erasures: Iterable[_Leaf]) -> None:
    notes = [leaf for leaf in known if leaf.kind in ATTACHED_NOTES]
    bare = [leaf for leaf in (*notes, *erasures) if leaf.note is None]
    if bare:
        raise FailedCheck(f"the {bare[0].kind} of entry {bare[0].index} is not attached")
    said = [leaf.note for leaf in notes]
    gone = {
        "withdrawn": {note.record for note in said if isinstance(note, Withdrawal)},
        "erased": {leaf.note.erased for leaf in erasures if isinstance(leaf.note, Erasure)},
    }
    for entry in snapshot.entries:
        for reason, ids in gone.items():
            if entry.record.id in ids and not (reason == "withdrawn" and answered_only(entry.record)):
                raise FailedCheck(f"record {entry.record.id} was {reason}, and the snapshot counts it")
    for item in snapshot.excluded:
        if item.reason in gone and item.id not in gone[item.reason]:
            raise FailedCheck(f"record {item.id} is said to be {item.reason}, and no entry of the ledger says so")
    ended = {note.ended for note in said if isinstance(note, RunEnded)}
    started = {note.run for note in said if isinstance(note, RunStarted) and note.split == "test"} - ended
    for entry in snapshot.entries:
        told = entry.record.content.get("logged_test_split_runs")
        if entry.derived_here and entry.record.type == "evidence-index" and told != len(started):
            raise FailedCheck(f"the ledger counts {len(started)} runs on a test split, the snapshot {told}")
