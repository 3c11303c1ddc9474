"""A checkpoint that somebody kept against a store: what it vouched for is still the beginning of the ledger."""

from evidence.model.errors import StoreError
from evidence.store.records import RecordStore
from evidence.trust import ledger


def require_extends(store: RecordStore, note: str) -> ledger.Checkpoint:
    """The kept checkpoint, where the store's ledger continues it.

    Raises SignatureError or EvidenceError where it is none of this ledger, and StoreError where the ledger is shorter,
    or another history.
    """
    kept = ledger.verify_checkpoint(note, store.public_key, store.origin)
    now = ledger.verify_checkpoint(store.checkpoint(), store.public_key, store.origin)
    if kept.size > now.size:
        problem = f"it has {now.size} entries, and the checkpoint that you kept has {kept.size}: it was rolled back"
        raise StoreError(problem, where="ledger", hint="restore the newer store; this one lacks what came since")
    proof = store.consistency_proof(kept.size, now.size) if kept.size else ()
    same_map = kept.size < now.size or kept.map_root in (None, now.map_root)
    if not same_map or not ledger.verify_consistency(kept.size, now.size, kept.root, now.root, proof):
        problem = f"its first {kept.size} entries are not those of the checkpoint that you kept: history was rewritten"
        raise StoreError(problem, where="ledger", hint="restore the store from a backup")
    return kept
