"""The proof out of the ledger that travels in a pack: the decision stands in it, and it holds nothing else about it."""

from evidence.model.base import DigestText, Frozen, Int
from evidence.model.errors import StoreError
from evidence.snapshot.model import Snapshot
from evidence.store.entry import Entry
from evidence.store.holdings import Listing
from evidence.store.records import RecordStore

ATTACHED_NOTES = ("withdrawal", "erasure", "run")
"""Notes that travel whole, since what they say decides whether a record counts, and how many runs there were."""


class ListedEntry(Frozen):
    """A ledger entry that concerns the subject or its system.

    `leaf` is `evidence.store.entry.Entry.data`. `inclusion` leads from it to the checkpoint's root, where the snapshot
    holds the entry's record; of the other entries the chain is proof enough. `envelope` is the signed statement, where
    the entry is a note of ATTACHED_NOTES.
    """

    index: Int
    leaf: str
    inclusion: tuple[str, ...] = ()
    envelope: str | None = None


class MapEnd(Frozen):
    """The leaf at the end of a digest's path through the map: its key and value, in hexadecimal digits."""

    key: str
    value: str


class DigestListing(Frozen):
    """Indexes of all entries that concern a digest, and the map's proof of it (`evidence.trust.map.Proof`)."""

    digest: DigestText
    entries: tuple[Int, ...]
    end: MapEnd | None = None
    siblings: tuple[str, ...]


class LedgerProof(Frozen):
    """That the decision stands in the ledger, and that nothing about its subject was left out.

    Hashes are 64 hexadecimal digits. `leaf` is the entry of the decision's statement; `inclusion` leads from it at
    `index` to the root of the signed `checkpoint` (RFC 6962), `consistency` from the tree that the snapshot saw to the
    checkpoint's. `listings`, of the subject and of its system, name all of `entries`, under the checkpoint's map.
    """

    checkpoint: str
    index: Int
    leaf: str
    inclusion: tuple[str, ...]
    consistency: tuple[str, ...] = ()
    entries: tuple[ListedEntry, ...]
    listings: tuple[DigestListing, ...]


def prove(store: RecordStore, statement_id: str, snapshot: Snapshot) -> LedgerProof:
    """The proof for the decision kept as `statement_id`, under the ledger's last checkpoint. Raises StoreError."""
    subject, seen = snapshot.subject, snapshot.log.size
    holdings = store.holdings(subject.digest, subject.system_id)
    proofs = {entry.index: _hex(proof) for entry, proof in zip(holdings.entries, holdings.inclusion, strict=True)}
    decision = next((entry for entry in holdings.entries if entry.id == statement_id), None)
    if decision is None:
        raise StoreError(f"the ledger has no entry of decision {statement_id} about {subject.name}")
    used = {entry.record.id for entry in snapshot.entries if not entry.derived_here}

    def listed(entry: Entry) -> ListedEntry:
        attached = entry.kind in ATTACHED_NOTES and entry.index < seen
        return ListedEntry(
            index=entry.index,
            leaf=entry.data.decode(),
            inclusion=proofs[entry.index] if entry.id in used else (),
            envelope=store.payload(entry).decode() if attached else None,
        )

    return LedgerProof(
        checkpoint=holdings.note,
        index=decision.index,
        leaf=decision.data.decode(),
        inclusion=proofs[decision.index],
        consistency=_hex(store.consistency_proof(seen, holdings.checkpoint.size)) if seen else (),
        entries=tuple(listed(entry) for entry in holdings.entries),
        listings=tuple(_listing(listing) for listing in holdings.listings),
    )


def _listing(listing: Listing) -> DigestListing:
    end = listing.proof.end
    return DigestListing(
        digest=listing.digest,
        entries=listing.indexes,
        end=None if end is None else MapEnd(key=end.key.hex(), value=end.value.hex()),
        siblings=_hex(listing.proof.siblings),
    )


def _hex(hashes: tuple[bytes, ...] | list[bytes]) -> tuple[str, ...]:
    return tuple(item.hex() for item in hashes)
