"""A checkpoint that the reader kept against that of a report: its ledger is the one that the reader knows, grown."""

from evidence.model.errors import QuaestorError
from evidence.trust import ledger
from reports.verify.checks import Contents, FailedCheck, hashes_of, ledger_key


def continues(contents: Contents, note: str) -> str:
    """The report's checkpoint continues the kept one, under the same key."""
    keyid, now = ledger_key(contents)
    key = contents.keyring.find(keyid)
    assert key is not None  # it verified the checkpoint
    try:
        kept = ledger.verify_checkpoint(note, key.public_key, now.origin)
    except QuaestorError as cause:
        raise FailedCheck(f"the checkpoint that you kept is none of the report's ledger: {cause.problem}") from None
    if kept.size > now.size:
        raise FailedCheck(
            f"the report's ledger ends at entry {now.size}, and you kept a checkpoint of {kept.size}: it was rolled "
            "back, or the report is older than your checkpoint"
        )
    if not _is_beginning(contents, kept, now):
        raise FailedCheck(f"its first {kept.size} entries are not those of the checkpoint that you kept")
    return f"the ledger of {now.size} entries continues the one of {kept.size} that you kept"


def _is_beginning(contents: Contents, kept: ledger.Checkpoint, now: ledger.Checkpoint) -> bool:
    """Whether the kept tree begins the report's. Raises FailedCheck where the report does not show it."""
    if kept.size == now.size:
        return kept.root == now.root and kept.map_root in (None, now.map_root)
    if kept.size == contents.snapshot.log.size:  # which the check `ledger` has shown to begin it
        return kept.root == contents.snapshot.log.checkpoint.root
    since = contents.proof.since
    if since is None or since.size != kept.size:
        raise FailedCheck(
            f"the report does not show whether it continues your checkpoint of {kept.size} entries: ask for one made "
            "with `quaestor report … --since CHECKPOINT`"
        )
    return ledger.verify_consistency(kept.size, now.size, kept.root, now.root, hashes_of(since.consistency))
