"""What a store from before the map gets when it is migrated: the map of its entries, under a checkpoint signed anew."""

from sqlalchemy import Connection, bindparam, update

from evidence.model.errors import StoreError
from evidence.store import mapping, tree
from evidence.store.blobs import BlobStore
from evidence.store.rows import CHECKPOINT, ENTRY
from evidence.store.verification import Verification
from evidence.trust import ledger
from evidence.trust.keys import SigningKey


def adopt(connection: Connection, blobs: BlobStore, signer: SigningKey) -> None:
    """Build the map and the ids of decisions from the ledger's entries and their payloads, unless there is a map.

    Leaves of such a store name no system, so that their system is taken from the payload, whose digest the leaf holds.
    Therefore all is verified first. Raises StoreError where it does not verify, or `signer` is not the ledger's key.
    """
    head = tree.read_head(connection, lock=True)
    if head is None:
        raise StoreError("not a store: it has no ledger")
    _, checkpoint = tree.read_checkpoint(connection, head)
    if checkpoint.map_root is not None:
        return
    if signer.public_key != head.public_key:
        raise StoreError(f"key {signer.keyid[:12]} is not the key of this ledger", hint=f"`{head.origin}` has its own")
    found = Verification(connection, blobs, head, full=True, mapped=False)
    report = found.run(None)
    if not report.ok:
        first = report.problems[0]
        raise StoreError(
            f"the store does not verify, and is not migrated: {first.where}: {first.problem}",
            hint="restore it from a backup that verifies",
        )
    if found.decisions:
        ids = [{"of": position, "decided": id} for position, id in found.decisions.items()]
        change = update(ENTRY).where(ENTRY.c.position == bindparam("of"))
        connection.execute(change.values(decision_id=bindparam("decided")), ids)
    root = mapping.fill(connection, found.chains)
    signed = ledger.sign_checkpoint(ledger.Checkpoint(head.origin, head.size, checkpoint.root, root), signer)
    connection.execute(update(CHECKPOINT).where(CHECKPOINT.c.size == head.size).values(note=signed))
