"""Merkle tree, proofs and checkpoints: known answers, and properties for every tree up to some hundred leaves."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import assume, given
from hypothesis import strategies as st

from evidence.model.errors import EvidenceError, SignatureError
from evidence.trust import ledger
from evidence.trust.keys import SigningKey

# The reference leaves and roots of Certificate Transparency (google/certificate-transparency, merkle_tree_test.cc).
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
N01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N03 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
L1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
L4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
ORIGIN = "example.com/quaestor"
KEY = SigningKey.generate()


class Kept:
    """A log that keeps the hashes of its perfect subtrees, and counts how many are read."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = [ledger.leaf_hash(leaf) for leaf in leaves]
        self.frontier, made = ledger.Frontier().extend(self.leaves)
        self.hashes = {(run.level, at): value for run in made for at, value in enumerate(run.hashes, run.first)}
        self.reads = 0

    def read(self, nodes: Sequence[ledger.Node]) -> list[bytes]:
        self.reads += len(nodes)
        return [self.hashes[node] for node in nodes]

    def root(self, size: int) -> bytes:
        return ledger.Frontier().extend(self.leaves[:size])[0].root


def definition(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash as RFC 6962 section 2.1 defines it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + definition(leaves[:k]) + definition(leaves[k:])).digest()


def log(size: int) -> Kept:
    return Kept([b"leaf %d" % number for number in range(size)])


def flipped(value: bytes, place: int) -> bytes:
    changed = bytearray(value)
    changed[place % len(value)] ^= 1
    return bytes(changed)


def broken(proof: Sequence[bytes], other: bytes, place: int) -> list[list[bytes]]:
    """Proofs near a right one: longer, and where there is something in it, shorter, changed, swapped or cut."""
    result = [[*proof, other], [other, *proof]]
    if proof:
        at = place % len(proof)
        result += [
            list(proof[:-1]),
            list(proof[1:]),
            [flipped(item, place) if number == at else item for number, item in enumerate(proof)],
            [item[:-1] if number == at else item for number, item in enumerate(proof)],
        ]
    if len(proof) > 1:
        result.append([proof[1], proof[0], *proof[2:]])
    return result


class TestKnownAnswers:
    @pytest.mark.parametrize("size", range(9))
    def test_roots_of_certificate_transparency(self, size: int) -> None:
        assert Kept(LEAVES[:size]).frontier.root.hex() == ROOTS[size]
        assert Kept(LEAVES).root(size).hex() == ROOTS[size]

    @pytest.mark.parametrize(
        ("index", "size", "proof"),
        [
            (0, 1, []),
            (0, 8, [L1, N23, N47]),
            (5, 8, [L4, N67, N03]),
            (2, 3, [N01]),
            (1, 5, ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", N23, L4]),
        ],
    )
    def test_inclusion(self, index: int, size: int, proof: list[str]) -> None:
        kept = Kept(LEAVES)
        made = ledger.inclusion_proof(index, size, kept.read)
        assert [item.hex() for item in made] == proof
        assert ledger.verify_inclusion(kept.leaves[index], index, size, made, bytes.fromhex(ROOTS[size]))

    @pytest.mark.parametrize(
        ("old", "new", "proof"),
        [(1, 1, []), (1, 8, [L1, N23, N47]), (6, 8, [N45, N67, N03]), (2, 5, [N23, L4]), (4, 8, [N47])],
    )
    def test_consistency(self, old: int, new: int, proof: list[str]) -> None:
        made = ledger.consistency_proof(old, new, Kept(LEAVES).read)
        assert [item.hex() for item in made] == proof
        assert ledger.verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), made)

    def test_a_note_of_the_go_implementation(self) -> None:
        # golang.org/x/mod/sumdb/note: its documented example key and note.
        seed = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
        key = SigningKey(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
        text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
        signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
        note = f"{text}\n\u2014 PeterNeumann {signature}\n"
        assert ledger.sign_note(text, "PeterNeumann", key) == note
        assert ledger.open_note(note, "PeterNeumann", key.public_key) == text


class TestTree:
    @given(st.lists(st.binary(max_size=8), max_size=80), st.integers(0, 80))
    def test_appending_in_two_steps_gives_the_root_of_the_definition(self, leaves: list[bytes], cut: int) -> None:
        hashes = [ledger.leaf_hash(leaf) for leaf in leaves]
        first, _ = ledger.Frontier().extend(hashes[:cut])
        both, _ = first.extend(hashes[cut:])
        assert both.root == definition(leaves)
        assert both.size == len(leaves)

    @given(st.integers(0, 300), st.integers(0, 300))
    def test_any_former_root_follows_from_what_is_kept(self, size: int, more: int) -> None:
        kept = log(size + more)
        assert tuple(kept.read(ledger.frontier_nodes(size))) == log(size).frontier.peaks

    def test_work_grows_with_the_logarithm(self) -> None:
        kept = log(100_000)
        for index in (0, 77_777, 99_999):
            kept.reads = 0
            proof = ledger.inclusion_proof(index, 100_000, kept.read)
            assert len(proof) <= 17
            assert kept.reads <= 34
        kept.reads = 0
        ledger.consistency_proof(65_537, 100_000, kept.read)
        assert kept.reads <= 51
        _, made = kept.frontier.extend([kept.leaves[0]])
        assert sum(len(run.hashes) for run in made) <= 17


class TestInclusion:
    @given(st.data())
    def test_every_proof_verifies_and_nothing_near_it_does(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(1, 200))
        index = data.draw(st.integers(0, size - 1))
        other = data.draw(st.integers(0, size - 1))
        place = data.draw(st.integers(0, 63))
        kept = log(size)
        leaf, root = kept.leaves[index], kept.root(size)
        proof = ledger.inclusion_proof(index, size, kept.read)
        assert ledger.verify_inclusion(leaf, index, size, proof, root)
        assert not ledger.verify_inclusion(flipped(leaf, place), index, size, proof, root)
        assert not ledger.verify_inclusion(leaf, index, size, proof, flipped(root, place))
        for near in broken(proof, kept.leaves[other], place):
            assert not ledger.verify_inclusion(leaf, index, size, near, root)
        if other != index:
            assert not ledger.verify_inclusion(leaf, other, size, proof, root)
            assert not ledger.verify_inclusion(kept.leaves[other], index, size, proof, root)

    @given(st.integers(1, 120), st.integers(1, 120), st.integers(0, 119))
    def test_a_proof_for_one_size_is_none_for_another(self, size: int, other: int, index: int) -> None:
        assume(index < min(size, other) and size != other)
        kept = log(max(size, other))
        proof = ledger.inclusion_proof(index, size, kept.read)
        assert not ledger.verify_inclusion(kept.leaves[index], index, other, proof, kept.root(other))

    @pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 4), (9, 4)])
    def test_no_proof_beyond_the_tree(self, index: int, size: int) -> None:
        kept = log(8)
        with pytest.raises(EvidenceError, match="no leaf"):
            ledger.inclusion_proof(index, size, kept.read)
        assert not ledger.verify_inclusion(kept.leaves[0], index, size, [], kept.root(1))

    def test_an_endless_proof_is_refused(self) -> None:
        kept = log(4)
        proof = ledger.inclusion_proof(0, 4, kept.read) + [kept.leaves[0]] * 1000
        assert not ledger.verify_inclusion(kept.leaves[0], 0, 4, proof, kept.root(4))


class TestConsistency:
    @given(st.data())
    def test_every_proof_verifies_and_nothing_near_it_does(self, data: st.DataObject) -> None:
        new = data.draw(st.integers(1, 200))
        old = data.draw(st.integers(1, new))
        place = data.draw(st.integers(0, 63))
        kept = log(new)
        before, after = kept.root(old), kept.root(new)
        proof = ledger.consistency_proof(old, new, kept.read)
        assert ledger.verify_consistency(old, new, before, after, proof)
        assert not ledger.verify_consistency(old, new, flipped(before, place), after, proof)
        assert not ledger.verify_consistency(old, new, before, flipped(after, place), proof)
        for near in broken(proof, kept.leaves[place % new], place):
            assert not ledger.verify_consistency(old, new, before, after, near)
        other = data.draw(st.integers(1, new))
        if other != old:
            assert not ledger.verify_consistency(other, new, kept.root(other), after, proof)

    @given(st.integers(2, 100), st.integers(0, 99), st.integers(0, 60))
    def test_a_rewritten_leaf_has_no_proof(self, old: int, at: int, more: int) -> None:
        honest = log(old + more)
        leaves = [b"leaf %d" % number for number in range(old + more)]
        leaves[at % old] = b"another"
        forged = Kept(leaves)
        proof = ledger.consistency_proof(old, old + more, forged.read)
        assert not ledger.verify_consistency(old, old + more, honest.root(old), forged.root(old + more), proof)

    def test_the_empty_tree_is_the_beginning_of_all(self) -> None:
        kept = log(5)
        assert ledger.consistency_proof(0, 5, kept.read) == []
        assert ledger.verify_consistency(0, 5, ledger.EMPTY_ROOT, kept.root(5), [])
        assert not ledger.verify_consistency(0, 5, kept.root(1), kept.root(5), [])
        assert not ledger.verify_consistency(0, 5, ledger.EMPTY_ROOT, kept.root(5), [kept.root(1)])

    def test_no_proof_backwards(self) -> None:
        kept = log(5)
        with pytest.raises(EvidenceError, match="not the beginning"):
            ledger.consistency_proof(5, 4, kept.read)
        assert not ledger.verify_consistency(5, 4, kept.root(5), kept.root(4), [])


class TestCheckpoints:
    def note(self) -> str:
        return ledger.sign_checkpoint(ledger.Checkpoint(ORIGIN, 8, bytes.fromhex(ROOTS[8])), KEY)

    def test_what_is_signed_is_read_again(self) -> None:
        checkpoint = ledger.verify_checkpoint(self.note(), KEY.public_key, ORIGIN)
        assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (ORIGIN, 8, ROOTS[8])
        assert ledger.parse_checkpoint(self.note()) == checkpoint

    def test_the_form(self) -> None:
        lines = self.note().split("\n")
        assert lines[:4] == [ORIGIN, "8", b64encode(bytes.fromhex(ROOTS[8])).decode(), ""]
        assert lines[4].startswith(f"\u2014 {ORIGIN} ")
        assert lines[5:] == [""]

    @given(st.data())
    def test_no_changed_character_verifies(self, data: st.DataObject) -> None:
        note = self.note()
        place = data.draw(st.integers(0, len(note) - 1))
        letter = data.draw(st.characters(codec="utf-8"))
        assume(letter != note[place])
        with pytest.raises((EvidenceError, SignatureError)):
            ledger.verify_checkpoint(note[:place] + letter + note[place + 1 :], KEY.public_key, ORIGIN)

    def test_another_key_does_not_verify_it(self) -> None:
        with pytest.raises(SignatureError, match="not signed by the key"):
            ledger.verify_checkpoint(self.note(), SigningKey.generate().public_key, ORIGIN)

    def test_another_ledger_is_not_this_one(self) -> None:
        note = ledger.sign_note(ledger.Checkpoint("other.example", 1, bytes(32)).text, ORIGIN, KEY)
        with pytest.raises(SignatureError, match=r"of the ledger `other\.example`"):
            ledger.verify_checkpoint(note, KEY.public_key, ORIGIN)

    def test_signatures_of_unknown_keys_are_passed_over(self) -> None:
        witness = ledger.sign_note(self.note().partition("\n\n")[0] + "\n", "witness.example", SigningKey.generate())
        both = self.note() + witness.partition("\n\n")[2]
        assert ledger.verify_checkpoint(both, KEY.public_key, ORIGIN).size == 8

    def test_an_ecdsa_key_cannot_sign_a_ledger(self) -> None:
        key = SigningKey(ec.generate_private_key(ec.SECP256R1()))
        with pytest.raises(SignatureError, match="Ed25519"):
            ledger.sign_checkpoint(ledger.Checkpoint(ORIGIN, 0, ledger.EMPTY_ROOT), key)

    @pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak", "no\u00a0break"])
    def test_names_that_cannot_be_key_names(self, name: str) -> None:
        with pytest.raises(SignatureError, match="cannot name a ledger"):
            ledger.check_origin(name, KEY)

    @pytest.mark.parametrize(
        "text",
        [
            f"{ORIGIN}\n8\n",
            f"{ORIGIN}\n08\n{b64encode(bytes(32)).decode()}\n",
            f"{ORIGIN}\n-1\n{b64encode(bytes(32)).decode()}\n",
            f"{ORIGIN}\n8\n{b64encode(bytes(31)).decode()}\n",
            f"{ORIGIN}\n\n8\n{b64encode(bytes(32)).decode()}\n",
            f"{ORIGIN}\n{'9' * 400}\n{b64encode(bytes(32)).decode()}\n",
            f"{ORIGIN}\n\u0668\n{b64encode(bytes(32)).decode()}\n",
        ],
    )
    def test_what_is_no_checkpoint(self, text: str) -> None:
        with pytest.raises(EvidenceError, match="not a checkpoint"):
            ledger.verify_checkpoint(ledger.sign_note(text, ORIGIN, KEY), KEY.public_key, ORIGIN)

    @pytest.mark.parametrize("note", ["", "text\n", "a\n\nb\n", "\n\n\u2014 x AAAA\n", "x" * 70_000])
    def test_what_is_no_note(self, note: str) -> None:
        with pytest.raises(EvidenceError, match="not a signed note"):
            ledger.parse_checkpoint(note)
