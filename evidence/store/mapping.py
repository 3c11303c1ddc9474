"""The map in the database: its nodes on the paths of some keys, and how it grows."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, or_, select, update

from evidence.model.errors import EvidenceError, StoreError
from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.subject import PORTFOLIO_LISTING, system_digest
from evidence.store.rows import ENTRY, MAP_NODE
from evidence.store.tree import MANY, VERIFY, batched
from evidence.trust import map as verifiable
from evidence.trust.map import Branch, Chain, Leaf, Node

_CHANGE = (
    update(MAP_NODE)
    .where(MAP_NODE.c.path == bindparam("new_path"))
    .values(leaf=bindparam("new_leaf"), left=bindparam("new_left"), right=bindparam("new_right"))
)
_NEW = Chain()
PORTFOLIO_KINDS = ("decision", "withdrawal", "erasure")
REGISTERED = RegistryEntry.uri()
"""With the kinds, what the listing of the portfolio holds: leaves tell both, so that nobody can keep one out of it."""
Located = tuple[int, bytes, Iterable[str]]
"""An entry's index, its leaf hash and the digests under which the map has it."""


def digests_of(subjects: Iterable[str], system_id: str | None, *, listed: bool) -> tuple[str, ...]:
    """The digests under which the map has an entry: its subjects and its system, sorted, each once; with `listed` the
    listing of the portfolio too.
    """
    system = () if system_id is None else (system_digest(system_id),)
    listing = (PORTFOLIO_LISTING,) if listed else ()
    return tuple(sorted({*subjects, *system, *listing}))


def of_portfolio(kind: str, predicate_type: str) -> bool:
    """Whether an entry tells how a system stands: that it was registered or decided on, or that something was taken
    back on which a decision may rest.
    """
    return kind in PORTFOLIO_KINDS or (kind == "record" and predicate_type == REGISTERED)


def in_portfolio() -> ColumnElement[bool]:
    """As `of_portfolio`, of rows. Columns only suggest where to look: the map's chain has the last word."""
    return or_(ENTRY.c.kind.in_(PORTFOLIO_KINDS), and_(ENTRY.c.kind == "record", ENTRY.c.predicate_type == REGISTERED))


def map_root(checkpoint_root: bytes | None) -> bytes:
    """The map's root of a checkpoint. Raises StoreError where it has none."""
    if checkpoint_root is None:
        raise StoreError("the ledger's last checkpoint states no root of the map", hint=VERIFY)
    return checkpoint_root


def read_paths(connection: Connection, keys: Iterable[bytes], root: bytes) -> dict[str, Node]:
    """The nodes on the paths of `keys`, checked from `root` down. Raises StoreError where one is not right."""
    try:
        return verifiable.read_paths(keys, root, lambda paths: _read(connection, paths))
    except EvidenceError as cause:
        raise StoreError(f"{cause.problem}", hint=VERIFY) from None


def grow(connection: Connection, root: bytes, entries: Sequence[Located], *, anew: Collection[str] = ()) -> bytes:
    """Put new entries behind the chains of their digests; the root of the map with them. Chains `anew` begin here.

    Raises StoreError where what the map holds so far is not what `root` was computed from.
    """
    keys = {digest: verifiable.key_of(digest) for _, _, digests in entries for digest in digests}
    known = read_paths(connection, keys.values(), root)
    chains = {digest: _NEW if digest in anew else held(key, known) for digest, key in keys.items()}
    values = {keys[digest]: chain.value for digest, chain in extended(chains, entries).items()}
    root, made = verifiable.put(values, root, known)
    _write(connection, made, known)
    return root


def extended(chains: Mapping[str, Chain], entries: Iterable[Located]) -> dict[str, Chain]:
    """The chains, by digest, with the entries behind them."""
    grown = dict(chains)
    for index, leaf, digests in entries:
        for digest in digests:
            grown[digest] = grown.get(digest, _NEW).extend(index, leaf)
    return grown


def held(key: bytes, known: Mapping[str, Node]) -> Chain:
    """The chain that the map holds for `key`, empty where it holds none; `known` are the nodes on its path."""
    end = verifiable.prove(key, known).end
    return verifiable.chain_of(end.value) if end is not None and end.key == key else Chain()


def fill(connection: Connection, chains: Mapping[str, Chain]) -> bytes:
    """Write a whole map into a database that has none; its root."""
    root, made = verifiable.put({verifiable.key_of(digest): chain.value for digest, chain in chains.items()})
    _write(connection, made, {})
    return root


def to_node(leaf: object, left: object, right: object) -> Node:
    """The node of a row; one with another hash where the row holds no bytes (SQLite takes any type anywhere)."""
    one, other = (value if isinstance(value, bytes) else b"" for value in (left, right))
    return Leaf(one, other) if leaf else Branch(one, other)


def _read(connection: Connection, paths: Sequence[str]) -> dict[str, Node]:
    found = {}
    for some in batched(paths, MANY):
        query = select(MAP_NODE.c.path, MAP_NODE.c.leaf, MAP_NODE.c.left, MAP_NODE.c.right).where(
            MAP_NODE.c.path.in_(some)
        )
        for path, leaf, left, right in connection.execute(query):
            found[path] = to_node(leaf, left, right)
    return found


def _write(connection: Connection, nodes: Mapping[str, Node], known: Mapping[str, Node]) -> None:
    rows = [
        {"path": path, "leaf": True, "left": node.key, "right": node.value}
        if isinstance(node, Leaf)
        else {"path": path, "leaf": False, "left": node.left, "right": node.right}
        for path, node in nodes.items()
    ]
    new = [row for row in rows if row["path"] not in known]
    if new:
        connection.execute(insert(MAP_NODE), new)
    changed = [{f"new_{name}": value for name, value in row.items()} for row in rows if row["path"] in known]
    if changed:
        connection.execute(_CHANGE, changed)
