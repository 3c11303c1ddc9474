"""Verifiable map beside the log: of each key, all the entries that concern it, and nothing left out. Pure: hashes only.

Sources: CONIKS (Melara et al., USENIX Security 2015), whose Merkle prefix tree proves presence and absence; the
log-backed map of Trillian ("Verifiable Data Structures", Eijdenberg, Laurie, Cutter 2015) and the prefix tree of IETF
Key Transparency, where the map's root stands under the same signature as the log's; the compressed sparse Merkle tree
of Jellyfish (Gao, Hu, Wu 2021) for its form.

A key's place is the path that the bits of its 256-bit hash spell from the root. A subtree without keys is EMPTY, one
with a single key is that key's leaf, any other is a branch: so the root follows from keys and values alone, whatever
the order in which they came, and a node is found on a path of about log n. A value is the head of a hash chain over
the key's entries, so that no entry of it can be dropped, added, changed or moved under the root.

Every hash begins with a byte of its own (0 and 1 are the log's), so that none of a kind can stand for another's.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

from evidence.model.errors import EvidenceError
from evidence.trust.ledger import HASH_BYTES

EMPTY = bytes(HASH_BYTES)
"""Hash of a subtree without keys, and the root of the empty map."""
BITS = 256
STRIDE = 8
"""Levels of a path that are read in one go."""
_LINK, _LEAF, _BRANCH = b"\x02", b"\x03", b"\x04"
_COUNT_BYTES = 8


class Chain(NamedTuple):
    """The entries of one key, each hashed onto those before: how many there are, and the head."""

    length: int = 0
    head: bytes = EMPTY

    def extend(self, index: int, leaf: bytes) -> "Chain":
        """The chain with the log's entry `index`, whose leaf hash is `leaf`, behind the others."""
        link = sha256(_LINK + self.head + index.to_bytes(_COUNT_BYTES, "big") + leaf).digest()
        return Chain(self.length + 1, link)

    @property
    def value(self) -> bytes:
        """What the map holds for the key: head and count, 40 bytes."""
        return self.head + self.length.to_bytes(_COUNT_BYTES, "big")


def chain_of(value: bytes) -> Chain:
    """The chain that a value of the map states. Raises EvidenceError where it is none."""
    if len(value) != HASH_BYTES + _COUNT_BYTES:
        raise EvidenceError("not a value of the map")
    return Chain(int.from_bytes(value[HASH_BYTES:], "big"), value[:HASH_BYTES])


@dataclass(frozen=True)
class Branch:
    """A node over two subtrees, by their hashes."""

    left: bytes
    right: bytes

    @property
    def hash(self) -> bytes:
        return sha256(_BRANCH + self.left + self.right).digest()

    def child(self, bit: str) -> bytes:
        return self.right if bit == "1" else self.left


@dataclass(frozen=True)
class Leaf:
    """The only key of its subtree, with its value."""

    key: bytes
    value: bytes

    @property
    def hash(self) -> bytes:
        return sha256(_LEAF + self.key + self.value).digest()


Node = Branch | Leaf
NodeReader = Callable[[Sequence[str]], Mapping[str, Node]]
"""Gives the stored nodes at these paths, those that there are. A path is text of `0` and `1`; the root's is empty."""


@dataclass(frozen=True)
class Proof:
    """What stands at the end of a key's path, and the hashes beside the path, from the root down.

    The key is in the map with a value, where the end is its own leaf; it is absent, where the end is empty (None) or
    another key's leaf.
    """

    end: Leaf | None
    siblings: tuple[bytes, ...]


def key_of(digest: str) -> bytes:
    """The key of a subject's digest (`sha256:` and 64 digits): hashed, so that nobody can choose where it lies."""
    return sha256(digest.encode()).digest()


def bits_of(key: bytes) -> str:
    """The whole path that a key spells."""
    return f"{int.from_bytes(key, 'big'):0{BITS}b}"


def read_paths(keys: Iterable[bytes], root: bytes, read: NodeReader) -> dict[str, Node]:
    """The root's node and every one on the paths of `keys`, each checked to have the hash that the one above it states.

    Raises EvidenceError where one is missing or is not the node that the root was computed from.
    """
    found: dict[str, Node] = {}
    wanted = {"": root}
    alive = [bits_of(key) for key in dict.fromkeys(keys)]
    if root == EMPTY:
        return found
    for start in range(0, BITS + 1, STRIDE):
        paths = sorted({"", *(path[:depth] for path in alive for depth in range(start, start + STRIDE))} - found.keys())
        if not paths:
            break
        stored = read(paths)
        for path in paths:  # sorted, so that a node comes before those below it
            if path not in wanted:
                continue
            node = stored.get(path)
            if node is None or node.hash != wanted[path]:
                what = "is missing" if node is None else "is not the one that its root was computed from"
                raise EvidenceError(f"the node of the map at `{path or 'root'}` {what}")
            found[path] = node
            if isinstance(node, Branch):
                below = {path + "0": node.left, path + "1": node.right}
                wanted |= {under: value for under, value in below.items() if value != EMPTY}
        alive = [path for path in alive if path[: start + STRIDE] in wanted]
    return found


def put(
    values: Mapping[bytes, bytes], root: bytes = EMPTY, known: Mapping[str, Node] = MappingProxyType({})
) -> tuple[bytes, dict[str, Node]]:
    """The root once the map under `root` holds `values` too (key -> value), and the nodes that are new or changed.

    `known` are the nodes on the paths of these keys (`read_paths`). Nothing is ever removed from the map.
    """
    made: dict[str, Node] = {}
    items = sorted((bits_of(key), Leaf(key, value)) for key, value in values.items())
    if not items:
        return root, made

    def grow(path: str, items: Sequence[tuple[str, Leaf]]) -> bytes:
        node = known.get(path)
        if isinstance(node, Leaf) and all(leaf.key != node.key for _, leaf in items):
            items = sorted([*items, (bits_of(node.key), node)])
        if not isinstance(node, Branch) and len(items) == 1:
            made[path] = items[0][1]
            return made[path].hash
        middle = bisect_left(items, path + "1", key=lambda item: item[0])
        sides = []
        for bit, side in (("0", items[:middle]), ("1", items[middle:])):
            old = node.child(bit) if isinstance(node, Branch) else EMPTY
            if side and old != EMPTY and path + bit not in known:
                raise EvidenceError(f"the node of the map at `{path + bit}` was not read")
            sides.append(grow(path + bit, side) if side else old)
        made[path] = Branch(*sides)
        return made[path].hash

    return grow("", items), made


def prove(key: bytes, known: Mapping[str, Node]) -> Proof:
    """Proof of what the map holds for `key`; `known` are the nodes on its path (`read_paths`)."""
    path = bits_of(key)
    siblings: list[bytes] = []
    for depth in range(BITS + 1):
        node = known.get(path[:depth])
        if not isinstance(node, Branch):
            return Proof(node, tuple(siblings))
        siblings.append(node.left if path[depth] == "1" else node.right)
    raise EvidenceError("a path of the map has no end")


def verify(key: bytes, proof: Proof, root: bytes) -> Chain | None:
    """What `proof` shows that the map under `root` holds for `key`: its chain, or None where the key is absent.

    `root` comes from a checkpoint whose signature was verified. Raises EvidenceError where it shows neither.
    """
    path, end = bits_of(key), proof.end
    depth = len(proof.siblings)
    whole = depth <= BITS and all(len(item) == HASH_BYTES for item in (root, key, *proof.siblings))
    if end is not None:
        whole = whole and len(end.key) == HASH_BYTES and bits_of(end.key)[:depth] == path[:depth]
    if not whole:
        raise EvidenceError("not a proof of the map for this key")
    value = EMPTY if end is None else end.hash
    for place in range(depth - 1, -1, -1):
        beside = proof.siblings[place]
        pair = (beside, value) if path[place] == "1" else (value, beside)
        value = Branch(*pair).hash
    if value != root:
        raise EvidenceError("the proof does not lead to the root of the map")
    return chain_of(end.value) if end is not None and end.key == key else None


def check_listing(digest: str, entries: Iterable[tuple[int, bytes]], proof: Proof, root: bytes) -> None:
    """Raise EvidenceError unless these (index, leaf hash) are all entries that the map under `root` has of `digest`."""
    chain = Chain()
    for index, leaf in entries:
        chain = chain.extend(index, leaf)
    held = verify(key_of(digest), proof, root) or Chain()
    if held.length != chain.length:
        raise EvidenceError(f"the ledger holds {held.length} entries about {digest}, and {chain.length} are shown")
    if held != chain:
        raise EvidenceError(f"the entries about {digest} are not those that the ledger holds: one was changed or moved")
