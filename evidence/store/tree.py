"""The ledger's tree in the database: its hashes, its frontier, its checkpoints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, insert, select, update

from evidence.model.errors import QuaestorError, StoreError
from evidence.store.held import HINT
from evidence.store.rows import CHECKPOINT, ENTRY, HEAD, LEDGER, NODE
from evidence.trust import ledger
from evidence.trust.keys import SigningKey

MANY = 500  # SQLite takes at most some thousand parameters in one statement
_PAIRS = 100
Item = TypeVar("Item")
VERIFY = "see all that is wrong with `quaestor doctor`, and restore the store from a backup"


@dataclass(frozen=True)
class Head:
    """The ledger as a transaction finds it: name, key, size, how many entries are from before the map, and whether the
    map has the listing of the portfolio.
    """

    origin: str
    public_key: str
    size: int
    map_from: int
    portfolio: bool


def batched(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """`items` in slices of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


def read_head(connection: Connection, *, lock: bool = False) -> Head | None:
    """The head row; with `lock`, other writers wait until this transaction ends."""
    columns = (LEDGER.c.origin, LEDGER.c.public_key, LEDGER.c.size, LEDGER.c.map_from, LEDGER.c.portfolio)
    query = select(*columns).where(LEDGER.c.id == HEAD)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else Head(*row)


def read_hashes(connection: Connection, nodes: Sequence[ledger.Node]) -> list[bytes]:
    """The stored hashes of these nodes, in their order. Raises StoreError where one is missing."""
    found: dict[ledger.Node, bytes] = {}
    leaves = [position for level, position in nodes if level == 0]
    for some in batched(leaves, MANY):
        query = select(ENTRY.c.position, ENTRY.c.hash).where(ENTRY.c.position.in_(some))
        found.update({(0, position): value for position, value in connection.execute(query)})
    interior = sorted(node for node in nodes if node[0] > 0)
    for pairs in batched(interior, _PAIRS):
        # Each level with each position: more than asked for, yet few, and an index serves it. SQLite would read the
        # whole table for pairs.
        rows = connection.execute(
            select(NODE.c.level, NODE.c.position, NODE.c.hash).where(
                NODE.c.level.in_({level for level, _ in pairs}),
                NODE.c.position.in_({position for _, position in pairs}),
            )
        )
        found.update({(level, position): value for level, position, value in rows})
    missing = [node for node in nodes if node not in found]
    if missing:
        level, position = missing[0]
        raise StoreError(f"the ledger has lost a hash (level {level}, position {position})", hint=VERIFY)
    return [found[node] for node in nodes]


def read_checkpoint(connection: Connection, head: Head) -> tuple[str, ledger.Checkpoint]:
    """The last checkpoint, as signed and as read. Raises StoreError where it is not the head's, or not signed."""
    note = connection.execute(select(CHECKPOINT.c.note).where(CHECKPOINT.c.size == head.size)).scalar()
    if note is None:
        raise StoreError(f"the ledger has no checkpoint of its size {head.size}", hint=VERIFY)
    try:
        checkpoint = ledger.verify_checkpoint(note, head.public_key, head.origin)
    except QuaestorError as cause:
        raise StoreError(f"the ledger's last checkpoint is not right: {cause.problem}", hint=VERIFY) from None
    if checkpoint.size != head.size:
        raise StoreError("the ledger is not the one that its last checkpoint was signed for", hint=VERIFY)
    return note, checkpoint


def read_frontier(connection: Connection, head: Head, checkpoint: ledger.Checkpoint) -> ledger.Frontier:
    """The right edge of the tree, checked against the last checkpoint.

    Raises StoreError where the two differ: what is built on a damaged tree could never be proved.
    """
    peaks = tuple(read_hashes(connection, ledger.frontier_nodes(head.size)))
    frontier = ledger.Frontier(head.size, peaks)
    if checkpoint.root != frontier.root:
        raise StoreError("the ledger is not the one that its last checkpoint was signed for", hint=VERIFY)
    return frontier


def included(
    connection: Connection, leaves: Mapping[int, bytes], checkpoint: ledger.Checkpoint
) -> dict[int, tuple[bytes, ...]]:
    """The inclusion proofs of these leaf hashes, by index, under the checkpoint. Raises StoreError where one is not
    in it there.
    """
    beyond = [index for index in leaves if index >= checkpoint.size]
    if beyond:
        raise StoreError(f"entry {beyond[0]} stands outside the ledger's last checkpoint", hint=HINT)
    indexes = sorted(leaves)
    proofs = ledger.inclusion_proofs(indexes, checkpoint.size, lambda nodes: read_hashes(connection, nodes))
    for index, proof in zip(indexes, proofs, strict=True):
        if not ledger.verify_inclusion(leaves[index], index, checkpoint.size, proof, checkpoint.root):
            raise StoreError(
                f"the store does not verify: entry {index} is not the one that the ledger's checkpoint was signed for",
                hint=HINT,
            )
    return {index: tuple(proof) for index, proof in zip(indexes, proofs, strict=True)}


def write_growth(
    connection: Connection,
    head: Head,
    frontier: ledger.Frontier,
    hashes: Sequence[bytes],
    map_root: bytes,
    key: SigningKey,
) -> ledger.Checkpoint:
    """Keep the interior hashes that new leaves complete, the new size, and a checkpoint signed over it and the map."""
    grown, made = frontier.extend(hashes)
    interior = [
        {"level": run.level, "position": position, "hash": value}
        for run in made
        if run.level > 0
        for position, value in enumerate(run.hashes, run.first)
    ]
    if interior:
        connection.execute(insert(NODE), interior)
    checkpoint = ledger.Checkpoint(head.origin, grown.size, grown.root, map_root)
    write_checkpoint(connection, checkpoint, key)
    moved = connection.execute(
        update(LEDGER).where(LEDGER.c.id == HEAD, LEDGER.c.size == frontier.size).values(size=grown.size)
    )
    if moved.rowcount != 1:
        raise StoreError("another process wrote to the ledger at the same time", hint="try again")
    return checkpoint


def write_checkpoint(connection: Connection, checkpoint: ledger.Checkpoint, key: SigningKey) -> None:
    connection.execute(insert(CHECKPOINT), [{"size": checkpoint.size, "note": ledger.sign_checkpoint(checkpoint, key)}])
