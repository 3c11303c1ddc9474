"""The proof out of the ledger that travels in a pack: the decision stands in it, and it holds nothing else about it."""

from typing import TYPE_CHECKING

from evidence.model.base import DigestText, Frozen, Int
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import StoreError
from evidence.snapshot.derived import tells_portfolio, untold
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import snapshot_of
from evidence.snapshot.view import View, as_seen
from evidence.store.entry import Entry
from evidence.store.held import Holdings, Listing
from evidence.trust.envelopes import MAX_ENVELOPE_BYTES
from evidence.trust.ledger import Checkpoint

if TYPE_CHECKING:
    from evidence.store.records import RecordStore


class ListedEntry(Frozen):
    """A ledger entry that concerns the subject or its system.

    `leaf` is `evidence.store.entry.Entry.data`. `inclusion` leads from it to the checkpoint's root, where the snapshot
    holds the entry's record; of the other entries the chain is proof enough. `envelope` is the signed statement in the
    bytes that came, where taking the snapshot reads it, and it is not attached in these bytes elsewhere in the pack.
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


class Continued(Frozen):
    """That the tree of `size` entries, of a checkpoint that somebody kept, is the beginning of the checkpoint's."""

    size: Int
    consistency: tuple[str, ...]


class LedgerProof(Frozen):
    """That the decision stands in the ledger, and that nothing about its subject was left out.

    Hashes are 64 hexadecimal digits. `leaf` is the entry of the decision's statement; `inclusion` leads from it at
    `index` to the root of the signed `checkpoint` (RFC 6962), `consistency` from the tree that the snapshot saw to the
    checkpoint's. `listings`, of the subject and of its system, and of the portfolio where the snapshot tells how all
    systems stand, name all of `entries`, under the checkpoint's map. `since` is for who kept an earlier checkpoint.
    """

    checkpoint: str
    index: Int
    leaf: str
    inclusion: tuple[str, ...]
    consistency: tuple[str, ...] = ()
    entries: tuple[ListedEntry, ...]
    listings: tuple[DigestListing, ...]
    since: Continued | None = None


def prove(
    store: "RecordStore", statement_id: str, snapshot: Snapshot, *, since: Checkpoint | None = None
) -> LedgerProof:
    """The proof for the decision kept as `statement_id`, under the ledger's last checkpoint. Raises StoreError.

    `since` is an earlier checkpoint of this ledger, whose holder can then see that it is continued.
    """
    subject, seen = snapshot.subject, snapshot.log.size
    # As the snapshot saw it: one of an earlier release does not say how the systems stand.
    told = tells_portfolio(snapshot)
    holdings = store.holdings(subject.digest, subject.system_id, portfolio=told)
    proofs = {entry.index: _hex(proof) for entry, proof in zip(holdings.entries, holdings.inclusion, strict=True)}
    decision = next((entry for entry in holdings.entries if entry.id == statement_id), None)
    if decision is None:
        raise StoreError(f"the ledger has no entry of decision {statement_id} about {subject.name}")
    used = {entry.record.id for entry in snapshot.entries if not entry.derived_here}
    read = _read_by(store, holdings, snapshot)

    def listed(entry: Entry) -> ListedEntry:
        payload = read.get(entry.index)
        elsewhere = entry.id in used or entry.kind == "people"
        attached = payload is not None and not (elsewhere and _canonical(payload))
        return ListedEntry(
            index=entry.index,
            leaf=entry.data.decode(),
            inclusion=proofs[entry.index] if entry.id in used else (),
            envelope=payload.decode() if payload is not None and attached else None,
        )

    return LedgerProof(
        checkpoint=holdings.note,
        index=decision.index,
        leaf=decision.data.decode(),
        inclusion=proofs[decision.index],
        consistency=_hex(store.consistency_proof(seen, holdings.checkpoint.size)) if seen else (),
        entries=tuple(listed(entry) for entry in holdings.entries),
        listings=tuple(_listing(listing) for listing in holdings.listings),
        since=None if since is None else _continued(store, since.size, holdings.checkpoint.size),
    )


def _continued(store: "RecordStore", old: int, new: int) -> Continued:
    return Continued(size=old, consistency=_hex(store.consistency_proof(old, new)) if old else ())


def _read_by(store: "RecordStore", holdings: Holdings, snapshot: Snapshot) -> dict[int, bytes]:
    """Envelopes by index of the entries that are read to take the snapshot: what whoever takes it again must have."""
    read: dict[int, bytes] = {}

    def payload(entry: Entry) -> bytes:
        read[entry.index] = store.payload(entry)
        return read[entry.index]

    seen, _ = as_seen(holdings, snapshot.log.checkpoint, payload)
    view = View(seen, payload, snapshot.subject, snapshot.instant, instant_chosen=snapshot.instant_chosen)
    snapshot_of(view, untold=untold(snapshot))
    return read


def _canonical(envelope: bytes) -> bool:
    return canonical_bytes(parse_json(envelope, where="envelope", limit=MAX_ENVELOPE_BYTES)) == envelope


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
