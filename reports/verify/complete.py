"""Whether a pack leaves nothing out: every entry that the ledger holds about the subject is listed and accounted for.

The chains of the subject and of its system are hashed anew, up to the heads that the map under the signed checkpoint
has for them. Then each record among them must be one that the snapshot counts, or one that it excludes and says why.
Whether it does so by the rules is the next check (`taken`).
"""

from collections.abc import Collection, Iterable, Mapping

from pydantic import ValidationError

from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import QuaestorError
from evidence.model.subject import PORTFOLIO_LISTING, system_digest
from evidence.snapshot.derived import tells_portfolio
from evidence.snapshot.model import Snapshot
from evidence.store.entry import Entry
from evidence.trust import ledger
from evidence.trust import map as verifiable
from evidence.trust.people import register_digest
from reports.documents import attachments as names
from reports.documents.proof import DigestListing, ListedEntry
from reports.verify.checks import Contents, FailedCheck, hashes_of, ledger_key
from reports.words.wording import plural


def complete(contents: Contents) -> str:
    """All that the ledger holds about the subject and its system is listed, and the snapshot accounts for it."""
    _, checkpoint = ledger_key(contents)
    snapshot, proof = contents.snapshot, contents.proof
    if checkpoint.map_root is None:
        raise FailedCheck("the checkpoint states no root of a map, so nothing shows what else the ledger holds")
    leaves = listed_entries(proof.entries)
    system, register = system_digest(snapshot.subject.system_id), register_digest(snapshot.log.origin)
    # An earlier release did not say how the systems stand; where that is not told, a control that asks for it fails.
    told = tells_portfolio(snapshot)
    listed = (PORTFOLIO_LISTING,) if told else ()
    wanted = tuple(dict.fromkeys((snapshot.subject.digest, system, register, *listed)))
    if tuple(listing.digest for listing in proof.listings) != wanted:
        raise FailedCheck(
            "the listings are not those of the subject, its system and the register of people, and of the portfolio "
            "where the snapshot tells how the systems stand"
        )
    for listing in proof.listings:
        _check_listing(listing, leaves, checkpoint.map_root)
    if set(leaves) != {index for listing in proof.listings for index in listing.entries}:
        raise FailedCheck("an entry is attached that no listing names")
    seen = {index: leaf for index, leaf in leaves.items() if index < snapshot.log.size}
    indexes = {listing.digest: listing.entries for listing in proof.listings}
    of_system = [seen[index] for index in indexes[system] if index in seen]
    about = {snapshot.subject.digest, system}
    records = {leaf.id: leaf for leaf in of_system if leaf.kind == "record" and about.intersection(leaf.subjects)}
    # Of other versions the snapshot lists what was erased and said who made them; that it was is the next check's.
    others = {leaf.id for leaf in of_system if leaf.kind == "record"}
    forgotten = {item.id for item in snapshot.excluded if item.reason == "erased"} & others - records.keys()
    _check_records(snapshot, forgotten, records, {item.index: item for item in proof.entries}, checkpoint)
    versions = [seen[index] for index in indexes[register] if index in seen and seen[index].kind == "people"]
    known = tuple(leaf.id for leaf in versions if not snapshot.instant_chosen or leaf.at <= snapshot.instant)
    if known != contents.people:
        raise FailedCheck("the ledger holds other versions of the register of people than those that are attached")
    later = len(leaves) - len(seen)
    return (
        f"the ledger holds no further record about this subject at this checkpoint: {plural(len(records), 'record')} "
        f"about it or its system when the decision was made, all counted or excluded with a reason; "
        f"{plural(later, 'entry', 'entries')} since, up to checkpoint {checkpoint.size}"
    )


def listed_entries(listed: Iterable[ListedEntry]) -> dict[int, Entry]:
    """The entries of a proof by index, each the one whose leaf is attached. Raises FailedCheck or QuaestorError."""
    result: dict[int, Entry] = {}
    for item in listed:
        value = parse_json(item.leaf.encode(), where=names.PROOF)
        try:
            entry = Entry.model_validate_json(canonical_bytes({**value, "index": item.index}))
        except (ValidationError, QuaestorError, TypeError):
            entry = None
        if entry is None or entry.data != item.leaf.encode():
            raise FailedCheck(f"entry {item.index} is no leaf of a ledger")
        if item.index in result:
            raise FailedCheck(f"entry {item.index} is attached twice")
        result[item.index] = entry
    return result


def _check_listing(listing: DigestListing, leaves: Mapping[int, Entry], root: bytes) -> None:
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
    forgotten: Collection[str],
    records: Mapping[str, Entry],
    listed: Mapping[int, ListedEntry],
    checkpoint: ledger.Checkpoint,
) -> None:
    counted = {entry.record.id: entry for entry in snapshot.entries if not entry.derived_here}
    excluded = {item.id for item in snapshot.excluded} - set(forgotten)
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
