"""Merkle tree of an append-only log, its proofs, and signed checkpoints. Pure: hashes in, hashes out.

Sources: RFC 6962 and RFC 9162 section 2.1 (tree, proofs, their verification); C2SP signed-note and tlog-checkpoint.

A node is named by (level, position): level 0 holds the leaf hashes, and node (l, p) is the root of the perfect subtree
over the leaves p·2^l up to, not including, (p+1)·2^l. Such a hash never changes once its leaves are there, so a log
keeps them, and every root and proof of any size is folded from O(log n) of them.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.model.errors import EvidenceError, SignatureError
from evidence.trust.keys import SigningKey

Node = tuple[int, int]
HashReader = Callable[[Sequence[Node]], Sequence[bytes]]
"""Gives the stored hashes of perfect subtrees, in the order asked for."""

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32
MAX_NOTE_CHARS = 1 << 16
MAX_SIZE = 2**53 - 1
MAP_LINE = "map "
_ED25519 = b"\x01"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH = "\u2014 "


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an interior node (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


class Run(NamedTuple):
    """Hashes of adjoining nodes of one level, from position `first` on."""

    level: int
    first: int
    hashes: list[bytes]


@dataclass(frozen=True)
class Frontier:
    """The right edge of a tree: all that appending needs. `peaks` are its greatest perfect subtrees, left to right."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def extend(self, leaves: Sequence[bytes]) -> tuple["Frontier", list["Run"]]:
        """The frontier after these leaf hashes, and the perfect subtrees (leaves too) that they complete, by level."""
        peaks, late = list(self.peaks), []
        made: list[Run] = []
        level, first, values = 0, self.size, list(leaves)
        while values:
            made.append(Run(level, first, values))
            if first & 1:
                values = [peaks.pop(), *values]
            if len(values) & 1:
                late.append(values[-1])
            values = [node_hash(left, right) for left, right in zip(values[::2], values[1::2], strict=False)]
            level, first = level + 1, first >> 1
        return Frontier(self.size + len(leaves), (*peaks, *reversed(late))), made

    @property
    def root(self) -> bytes:
        """Merkle tree hash of all leaves."""
        return _fold(self.peaks) if self.peaks else EMPTY_ROOT


def frontier_nodes(size: int) -> list[Node]:
    """The nodes that are the peaks of a tree of `size` leaves."""
    return _cover(0, size)


def inclusion_proof(index: int, size: int, read: HashReader) -> list[bytes]:
    """Proof that leaf `index` is in the tree of `size` leaves, from the leaf up (RFC 9162 section 2.1.3.1).

    Raises EvidenceError unless 0 <= index < size.
    """
    return inclusion_proofs([index], size, read)[0]


def inclusion_proofs(indexes: Sequence[int], size: int, read: HashReader) -> list[list[bytes]]:
    """The inclusion proof of each of these leaves, out of one reading. Raises as `inclusion_proof` does."""
    covers = [[_cover(start, stop) for start, stop in _inclusion_ranges(index, size)] for index in indexes]
    nodes = list(dict.fromkeys(node for proof in covers for cover in proof for node in cover))
    found = dict(zip(nodes, read(nodes), strict=True))
    return [[_fold([found[node] for node in cover]) for cover in proof] for proof in covers]


def _inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    if not 0 <= index < size:
        raise EvidenceError(f"no leaf {index} in a ledger of size {size}")
    start, stop = 0, size
    ranges: list[tuple[int, int]] = []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_proof(old: int, new: int, read: HashReader) -> list[bytes]:
    """Proof that the tree of `old` leaves is the beginning of that of `new` leaves (RFC 9162 section 2.1.4.1).

    It is empty where the sizes are equal or `old` is 0. Raises EvidenceError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise EvidenceError(f"size {old} is not the beginning of a ledger of size {new}")
    if old in (0, new):
        return []
    start, stop, whole = 0, new, True
    ranges: list[tuple[int, int]] = []
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, stop))
    return _range_hashes(ranges[::-1], read)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf hash `leaf` is at `index` under `root` (RFC 9162 section 2.1.3.2).

    `size` and `root` come from one checkpoint: a root alone does not bind the size.
    """
    if not 0 <= index < size or not _are_hashes((leaf, root, *proof)):
        return False
    node, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the older tree is the beginning of the newer (RFC 9162 section 2.1.4.2).

    Each size and root come from one checkpoint. The empty tree is the beginning of every tree.
    """
    if not 0 <= old <= new or not _are_hashes((old_root, new_root, *proof)):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


@dataclass(frozen=True)
class Checkpoint:
    """Where a log stands: its name, its number of leaves, their root; and the root of the map over them.

    The map's root is None in checkpoints from before there was a map.
    """

    origin: str
    size: int
    root: bytes
    map_root: bytes | None = None

    @property
    def text(self) -> str:
        """The note text of C2SP tlog-checkpoint; the map's root stands in an extension line."""
        text = f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"
        return text if self.map_root is None else f"{text}{MAP_LINE}{b64encode(self.map_root).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The checkpoint as a signed note; the key bears the log's name. Raises SignatureError unless it is Ed25519."""
    return sign_note(checkpoint.text, checkpoint.origin, key)


def parse_checkpoint(note: str) -> Checkpoint:
    """What a checkpoint says; its signatures are not looked at. Raises EvidenceError."""
    text, _ = _split_note(note)
    return _checkpoint(text)


def verify_checkpoint(note: str, public_key: str, origin: str) -> Checkpoint:
    """What a checkpoint of the log `origin` says, signed by `public_key` (PEM).

    Raises EvidenceError where it is none, and SignatureError where it is another log's or the key did not sign it.
    """
    checkpoint = _checkpoint(open_note(note, origin, public_key))
    if checkpoint.origin != origin:
        raise SignatureError(f"the checkpoint is of the ledger `{checkpoint.origin}`, not of `{origin}`")
    return checkpoint


def sign_note(text: str, name: str, key: SigningKey) -> str:
    """`text` as a signed note (C2SP signed-note), signed in the key name `name`.

    Raises SignatureError where the key is not Ed25519, the name cannot be a key name, or the text cannot be signed.
    """
    _check_name(name)
    if not text.endswith("\n") or _has_control(text):
        raise SignatureError("a signed note is text without control characters that ends in a newline")
    signature = _key_id(name, key.public_key) + key.sign_raw(text.encode())
    return f"{text}\n{_DASH}{name} {b64encode(signature).decode()}\n"


def open_note(note: str, name: str, public_key: str) -> str:
    """The text of a note that the key signed in the name `name`; signatures of other keys are passed over.

    Raises EvidenceError where it is no note, SignatureError where the key did not sign it.
    """
    text, signatures = _split_note(note)
    key, keyid = _ed25519(public_key), _key_id(name, public_key)
    known = [value[4:] for owner, value in signatures if owner == name and value[:4] == keyid]
    if not known:
        raise SignatureError(f"the note is not signed by the key of `{name}`")
    for signature in known:
        try:
            key.verify(signature, text.encode())
        except InvalidSignature:
            raise SignatureError(f"the signature of `{name}` on the note does not verify") from None
    return text


def check_origin(origin: str, key: SigningKey) -> None:
    """Raise SignatureError unless `origin` can name a ledger and `key` can sign it."""
    _check_name(origin)
    _ed25519(key.public_key)


def _split(count: int) -> int:
    """The greatest power of two below `count` (count > 1)."""
    return 1 << (count - 1).bit_length() - 1


def _cover(start: int, stop: int) -> list[Node]:
    """The fewest perfect subtrees over the leaves [start, stop), left to right."""
    nodes = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Root over adjoining perfect subtrees, the greatest first."""
    value = hashes[-1]
    for left in reversed(hashes[:-1]):
        value = node_hash(left, value)
    return value


def _range_hashes(ranges: Sequence[tuple[int, int]], read: HashReader) -> list[bytes]:
    covers = [_cover(start, stop) for start, stop in ranges]
    hashes = iter(read([node for cover in covers for node in cover]))
    return [_fold([next(hashes) for _ in cover]) for cover in covers]


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _checkpoint(text: str) -> Checkpoint:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise EvidenceError("not a checkpoint: fewer than three lines, or an empty one")
    origin, size, root = lines[:3]
    digits = size.isascii() and size.isdigit() and len(size) <= 16 and (size == "0" or size[0] != "0")
    if not digits or int(size) > MAX_SIZE:
        raise EvidenceError("not a checkpoint: the second line is no tree size")
    decoded = _base64(root)
    if len(decoded) != HASH_BYTES:
        raise EvidenceError("not a checkpoint: the third line is no root hash")
    maps = [_base64(line.removeprefix(MAP_LINE)) for line in lines[3:] if line.startswith(MAP_LINE)]
    if len(maps) > 1 or any(len(value) != HASH_BYTES for value in maps):
        raise EvidenceError("not a checkpoint: its map line is no root hash, or stands there twice")
    return Checkpoint(origin=origin, size=int(size), root=decoded, map_root=maps[0] if maps else None)


def _split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Text and signatures (key name, key id and signature) of a note."""
    if len(note) > MAX_NOTE_CHARS:
        raise EvidenceError(f"not a signed note: longer than {MAX_NOTE_CHARS} characters")
    cut = note.rfind("\n\n")
    if cut < 0 or not note.endswith("\n") or _has_control(note):
        raise EvidenceError("not a signed note: no text and signatures with an empty line between them")
    signatures = []
    for line in note[cut + 2 : -1].split("\n"):
        name, _, value = line.removeprefix(_DASH).partition(" ")
        decoded = _base64(value)
        if not line.startswith(_DASH) or not name or len(decoded) < 5:
            raise EvidenceError("not a signed note: a signature line is malformed")
        signatures.append((name, decoded))
    return note[: cut + 1], signatures


def _base64(text: str) -> bytes:
    """Strict base64, empty where it is none: two texts for one value would be two notes for one statement."""
    try:
        value = b64decode(text, validate=True)
    except ValueError:
        return b""
    return value if b64encode(value).decode() == text else b""


def _has_control(text: str) -> bool:
    return _CONTROL.search(text) is not None


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name):
        raise SignatureError(
            f"`{name}` cannot name a ledger",
            hint="a name has no spaces and no `+`, such as `example.com/quaestor`",
        )


@lru_cache(maxsize=64)
def _key_id(name: str, public_key: str) -> bytes:
    raw = _ed25519(public_key).public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return sha256(name.encode() + b"\n" + _ED25519 + raw).digest()[:4]


@lru_cache(maxsize=64)
def _ed25519(public_key: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(public_key.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise SignatureError("not a public key in PEM form") from None
    if not isinstance(key, Ed25519PublicKey):
        raise SignatureError(
            "a ledger's checkpoints are signed with an Ed25519 key, and this one is of another kind",
            hint="make one with `openssl genpkey -algorithm ed25519`; records may still be signed with ECDSA keys",
        )
    return key
