"""The verifiable map: one root for one content, whatever the order; proofs that hold, and none that lies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.model.errors import EvidenceError
from evidence.trust import ledger
from evidence.trust import map as proofs
from evidence.trust.map import EMPTY, Branch, Chain, Leaf, Node, Proof

LEAF = ledger.leaf_hash(b"an entry")


class Kept:
    """A map that keeps its nodes, and counts how many are read."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.root = EMPTY
        self.asked = 0

    def read(self, paths: Sequence[str]) -> Mapping[str, Node]:
        self.asked += len(paths)
        return {path: self.nodes[path] for path in paths if path in self.nodes}

    def put(self, values: Mapping[bytes, bytes]) -> None:
        self.root, made = proofs.put(values, self.root, proofs.read_paths(values, self.root, self.read))
        self.nodes |= made

    def prove(self, key: bytes) -> Proof:
        return proofs.prove(key, proofs.read_paths([key], self.root, self.read))


def naive_root(values: Mapping[bytes, bytes], depth: int = 0) -> bytes:
    """The root by its definition, with hashes written out."""
    if not values:
        return EMPTY
    if len(values) == 1:
        ((key, value),) = values.items()
        return sha256(b"\x03" + key + value).digest()
    sides: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
    for key, value in values.items():
        sides[key[depth // 8] >> (7 - depth % 8) & 1][key] = value
    return sha256(b"\x04" + naive_root(sides[0], depth + 1) + naive_root(sides[1], depth + 1)).digest()


# Keys with long common beginnings too, which hashes will hardly give.
KEYS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.tuples(st.sampled_from([b"\x00", b"\xff", b"\xaa"]), st.integers(0, 3)).map(
        lambda made: made[0] * 31 + bytes([made[1]])
    ),
)
VALUES = st.integers(0, 99).map(lambda count: Chain(count, sha256(bytes([count])).digest()).value)
HASHES = st.binary(min_size=32, max_size=32)
CONTENT = st.dictionaries(KEYS, VALUES, max_size=12)


def kept(content: Mapping[bytes, bytes]) -> Kept:
    made = Kept()
    made.put(content)
    return made


class TestRoot:
    @given(content=CONTENT, data=st.data())
    def test_one_by_one_in_batches_and_by_definition_it_is_the_same(
        self, content: dict[bytes, bytes], data: st.DataObject
    ) -> None:
        order = data.draw(st.permutations(sorted(content)))
        cut = data.draw(st.integers(0, len(order)))
        alone = Kept()
        for key in order:
            alone.put({key: content[key]})
        batches = Kept()
        for part in (order[:cut], order[cut:]):
            batches.put({key: content[key] for key in part})
        assert alone.root == batches.root == kept(content).root == naive_root(content)

    @given(content=CONTENT, changed=VALUES)
    def test_a_value_is_replaced(self, content: dict[bytes, bytes], changed: bytes) -> None:
        made = kept(content)
        for key in content:
            made.put({key: changed})
        assert made.root == naive_root(dict.fromkeys(content, changed))

    def test_known_answers(self) -> None:
        low, high = bytes(32), b"\xff" * 32
        value = Chain().extend(7, LEAF).value
        link = sha256(b"\x02" + bytes(32) + (7).to_bytes(8, "big") + LEAF).digest()
        assert value == link + (1).to_bytes(8, "big")
        leaves = [sha256(b"\x03" + key + value).digest() for key in (low, high)]
        assert kept({}).root == bytes(32)
        assert kept({low: value}).root == leaves[0]
        assert kept({low: value, high: value}).root == sha256(b"\x04" + leaves[0] + leaves[1]).digest()

    def test_an_update_touches_about_log_n_nodes(self) -> None:
        made = kept({proofs.key_of(f"sha256:{n:064x}"): Chain(n, EMPTY).value for n in range(4096)})
        key = proofs.key_of(f"sha256:{5:064x}")
        made.asked = 0
        nodes = proofs.read_paths([key], made.root, made.read)
        assert len(nodes) <= 24
        assert made.asked <= 40
        assert len(proofs.put({key: Chain(9, EMPTY).value}, made.root, nodes)[1]) == len(nodes)

    def test_no_update_over_nodes_that_were_not_read(self) -> None:
        made = kept({proofs.key_of(str(n)): Chain(n, EMPTY).value for n in range(9)})
        key = proofs.key_of("5")
        nodes = proofs.read_paths([key], made.root, made.read)
        del nodes[max(nodes)]
        with pytest.raises(EvidenceError, match="was not read"):
            proofs.put({key: Chain(9, EMPTY).value}, made.root, nodes)


class TestProof:
    @given(content=CONTENT, other=KEYS)
    def test_presence_and_absence_are_shown(self, content: dict[bytes, bytes], other: bytes) -> None:
        made = kept(content)
        for key in {*content, other}:
            shown = proofs.verify(key, made.prove(key), made.root)
            assert shown == (proofs.chain_of(content[key]) if key in content else None)

    @given(content=CONTENT, other=KEYS, wrong=VALUES, data=st.data())
    def test_no_altered_proof_shows_anything_else(
        self, content: dict[bytes, bytes], other: bytes, wrong: bytes, data: st.DataObject
    ) -> None:
        made = kept(content)
        key = data.draw(st.sampled_from([*sorted(content), other]))
        good = made.prove(key)
        truth = proofs.verify(key, good, made.root)
        siblings = good.siblings
        place = data.draw(st.integers(0, len(siblings)))
        forged = [
            replace(good, end=None),
            replace(good, end=Leaf(key, wrong)),
            replace(good, siblings=(*siblings[:place], EMPTY, *siblings[place:])),
            replace(good, siblings=(*siblings[:place], EMPTY, *siblings[place + 1 :])),
            replace(good, siblings=(*siblings[:place], *siblings[place + 1 :])),
            replace(good, siblings=siblings[::-1]),
            *(made.prove(another) for another in content),
        ]
        for proof in forged:
            try:
                assert proofs.verify(key, proof, made.root) == truth
            except EvidenceError:
                continue

    def test_a_present_key_is_not_shown_absent_by_a_neighbour(self) -> None:
        low, high = bytes(32), b"\xff" * 32
        value = Chain(1, LEAF).value
        made = kept({low: value, high: value})
        for end in (None, Leaf(high, value)):
            with pytest.raises(EvidenceError):
                proofs.verify(low, Proof(end, made.prove(low).siblings), made.root)
        with pytest.raises(EvidenceError):
            proofs.verify(low, Proof(None, ()), made.root)

    def test_a_branch_is_no_leaf(self) -> None:
        # 32 + 40 bytes of a leaf and 64 of a branch begin with different bytes, so one is never read as the other.
        pair = bytes(64)
        assert Branch(pair[:32], pair[32:]).hash != Leaf(pair[:32], pair[32:]).hash
        assert Leaf(pair[:32], pair[32:]).hash != ledger.node_hash(pair[:32], pair[32:])

    @pytest.mark.parametrize("change", ["drop", "alter", "swap"])
    def test_a_damaged_node_is_not_read_over(self, change: str) -> None:
        made = kept({proofs.key_of(str(n)): Chain(n, EMPTY).value for n in range(9)})
        path = max(path for path in made.nodes if isinstance(made.nodes[path], Leaf))
        leaf = made.nodes[path]
        assert isinstance(leaf, Leaf)
        if change == "drop":
            del made.nodes[path]
        else:
            put = {"alter": replace(leaf, value=Chain(99, EMPTY).value), "swap": made.nodes[""]}
            made.nodes[path] = put[change]
        with pytest.raises(EvidenceError, match="is missing" if change == "drop" else "computed from"):
            made.prove(leaf.key)


class TestChain:
    @given(
        entries=st.lists(st.tuples(st.integers(0, 2**53), st.binary(min_size=32, max_size=32)), max_size=8),
        data=st.data(),
    )
    def test_no_entry_can_be_dropped_added_changed_or_moved(
        self, entries: list[tuple[int, bytes]], data: st.DataObject
    ) -> None:
        def head(items: Sequence[tuple[int, bytes]]) -> Chain:
            made = Chain()
            for index, leaf in items:
                made = made.extend(index, leaf)
            return made

        whole = head(entries)
        place = data.draw(st.integers(0, len(entries)))
        others = [
            entries[:place] + entries[place + 1 :],
            [*entries[:place], (3, LEAF), *entries[place:]],
            entries[::-1],
        ]
        for other in others:
            assert (head(other) == whole) is (other == entries)

    def test_a_value_of_another_length_is_none(self) -> None:
        with pytest.raises(EvidenceError, match="not a value"):
            proofs.chain_of(bytes(39))
