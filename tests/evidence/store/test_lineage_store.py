"""The lineage store on SQLite and PostgreSQL: closure, merging, cycles, hostile names, size."""

import random
import threading
import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.lineage.graph import Facet, Lineage, LineageNode
from evidence.model.errors import EvidenceError, StoreError
from evidence.store.database import Database
from evidence.store.lineage import SMALL_BATCH, LineageStore
from tests.worlds.lineage import dataset, document, event, facet, plain_graph, told, training_events
from tests.worlds.stores import Bench

Edges = list[tuple[str, str]]
shared = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def lineage(bench: Bench) -> LineageStore:
    return bench.store.lineage


def ids(graph: Lineage) -> list[str]:
    return [item.id for item in graph.nodes]


def pairs(graph: Lineage) -> set[tuple[str, str]]:
    return {(edge.from_, edge.to) for edge in graph.edges}


def contents(bench: Bench) -> list[list[Any]]:
    """Every row of the three tables."""
    with bench.store.database.reading() as connection:
        return [
            sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {table}")))
            for table in ("lineage_node", "lineage_edge", "lineage_member")
        ]


def wipe(bench: Bench) -> None:
    with bench.store.database.begin() as connection:
        for table in ("lineage_node", "lineage_edge", "lineage_member"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


def dags(size: int = 12) -> st.SearchStrategy[Edges]:
    """Edges of graphs without a cycle: each from a smaller number to a greater."""
    ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda pair: pair[0] < pair[1])
    return st.lists(ends.map(lambda pair: (f"n{pair[0]}", f"n{pair[1]}")), unique=True, max_size=40)


class TestClosure:
    @shared
    @given(edges=dags(), batches=st.integers(1, 4), data=st.data())
    def test_it_is_what_networkx_says(self, bench: Bench, edges: Edges, batches: int, data: st.DataObject) -> None:
        wipe(bench)
        nodes = tuple(f"n{number}" for number in range(12))
        for start in range(batches):  # in parts, in any order, all known at the end
            bench.store.lineage.add(plain_graph(data.draw(st.permutations(edges[start::batches])), nodes), "mortgage")
        graph: nx.DiGraph[str] = nx.DiGraph(edges)
        graph.add_nodes_from(nodes)
        for name in data.draw(st.sets(st.sampled_from(nodes), max_size=4)):
            above, below = nx.ancestors(graph, name), nx.descendants(graph, name)
            up = bench.store.lineage.closure(name, upstream=True)
            down = bench.store.lineage.closure(name, upstream=False)
            assert ids(up) == sorted(above | {name})
            assert ids(down) == sorted(below | {name})
            assert pairs(up) == {edge for edge in edges if edge[1] in above | {name}}
            assert pairs(down) == {edge for edge in edges if edge[0] in below | {name}}
            family = bench.store.lineage.family(name)
            assert ids(family) == sorted(above | below | {name})
            assert pairs(family) == pairs(up) | pairs(down)
            assert len(family.edges) == len(up.edges) + len(down.edges)

    def test_runs_come_with_the_edges_that_they_made(self, lineage: LineageStore) -> None:
        lineage.add(told(*training_events()), "mortgage")
        found = lineage.closure("db/loans", upstream=True)
        assert ids(found) == ["db/bureau", "db/crm", "db/loans", "run:load"]
        assert {edge.run for edge in found.edges} == {"run:load"}

    def test_an_unknown_node(self, lineage: LineageStore) -> None:
        for name in ("nowhere", "' OR 1=1 --", ""):
            with pytest.raises(EvidenceError, match="the lineage has no node"):
                lineage.closure(name, upstream=True)

    def test_a_diamond_of_many_paths_is_walked_once(self, lineage: LineageStore) -> None:
        # 2^40 paths, 160 edges.
        edges = [(f"a{n}", f"{side}{n}") for n in range(40) for side in "bc"]
        edges += [(f"{side}{n}", f"a{n + 1}") for n in range(40) for side in "bc"]
        lineage.add(plain_graph(edges), "s")
        assert len(lineage.closure("a40", upstream=True).edges) == 160

    @pytest.mark.slow
    def test_a_chain_of_ten_thousand(self, lineage: LineageStore) -> None:
        chain = list(pairwise(f"n{number:05}" for number in range(10_001)))
        lineage.add(plain_graph(chain), "s")
        assert len(lineage.closure("n10000", upstream=True).nodes) == 10_001
        with pytest.raises(EvidenceError, match=r"cycle: .*…"):
            lineage.add(plain_graph([("n10000", "n00000")]), "s")
        lineage.add(plain_graph([("n10000", "end")]), "s")
        assert len(lineage.closure("n00000", upstream=False).nodes) == 10_002


class TestMerging:
    @shared
    @given(order=st.permutations(training_events()), cuts=st.sets(st.integers(1, 9), max_size=4))
    def test_imports_in_any_order_and_in_parts_leave_the_same(
        self, bench: Bench, order: list[dict[str, Any]], cuts: set[int]
    ) -> None:
        wipe(bench)
        bench.store.lineage.add(told(*training_events()), "mortgage")
        expected = contents(bench)
        wipe(bench)
        for start, end in pairwise([0, *sorted(cuts), len(order)]):
            bench.store.lineage.add(told(*order[start:end]), "mortgage")
        assert contents(bench) == expected
        bench.store.lineage.add(told(*order), "mortgage")
        assert contents(bench) == expected

    def test_start_and_complete_of_two_imports_make_edges(self, lineage: LineageStore) -> None:
        lineage.add(told(event("START", "r1", [dataset("a")])), "s")
        assert lineage.closure("db/a", upstream=False).edges == ()
        lineage.add(told(event("COMPLETE", "r1", None, [dataset("b")], minute=1)), "s")
        assert pairs(lineage.closure("db/b", upstream=True)) == {("db/a", "db/b")}

    def test_a_later_failure_takes_the_edges_of_its_run_and_no_others(self, lineage: LineageStore) -> None:
        for run in ("r1", "r2"):
            lineage.add(told(event("COMPLETE", run, [dataset(run)], [dataset("b")])), "s")
        lineage.add(told(event("FAIL", "r1", minute=1)), "s")
        assert pairs(lineage.closure("db/b", upstream=True)) == {("db/r2", "db/b")}

    def test_the_kind_of_an_edge_follows_what_is_told_later_of_its_target(self, lineage: LineageStore) -> None:
        lineage.add(told(event("COMPLETE", "r1", [dataset("a")], [dataset("m")])), "s")
        assert [edge.kind for edge in lineage.closure("db/m", upstream=True).edges] == ["derived"]
        model = told(event("OTHER", "r2", [dataset("m", quaestor=facet(kind="model"))], minute=1))
        lineage.add(model, "s")
        assert [edge.kind for edge in lineage.closure("db/m", upstream=True).edges] == ["trained"]

    def test_a_document_completes_what_events_tell(self, lineage: LineageStore, tmp_path: Path) -> None:
        owned = dataset("a", ownership=facet(owners=[{"name": "user:ada"}]))
        lineage.add(told(event("COMPLETE", "r1", [owned], [dataset("b")])), "s")
        lineage.add(document(tmp_path, "nodes: [{id: db/a, kind: source, licence: internal}]"), "s")
        node = next(item.node for item in lineage.closure("db/b", upstream=True).nodes if item.id == "db/a")
        assert (node.kind, node.licence, node.owner and node.owner.name) == ("source", "internal", "ada")

    def test_what_a_newer_document_leaves_out_is_taken_back(self, lineage: LineageStore, tmp_path: Path) -> None:
        old = document(tmp_path, "nodes: [{id: a, kind: source, licence: internal}]")
        new = document(tmp_path, "nodes: [{id: a, kind: source}]", hours=1)
        for order in ((old, new), (new, old)):
            for graph in order:
                lineage.add(graph, "s")
            assert lineage.closure("a", upstream=True).nodes[0].node.licence is None

    def test_a_dataset_may_serve_two_systems(self, lineage: LineageStore) -> None:
        lineage.add(plain_graph([], ("lonely",)), "mortgage")
        lineage.add(plain_graph([("x", "y")], ("lonely",)), "cards")
        assert lineage.orphans("mortgage") == lineage.orphans("cards") == ["lonely"]
        assert [item.id for item in lineage.members("cards")] == ["lonely", "x", "y"]
        assert lineage.orphans("nobody") == []

    def test_a_run_that_made_nothing_is_no_orphan(self, lineage: LineageStore) -> None:
        lineage.add(told(event("FAIL", "r1", [dataset("a")])), "s")
        assert lineage.orphans("s") == ["db/a"]


class TestCycles:
    @shared
    @given(edges=dags(8), back=st.tuples(st.integers(0, 7), st.integers(0, 7)))
    def test_one_is_always_refused_and_nothing_added(self, bench: Bench, edges: Edges, back: tuple[int, int]) -> None:
        wipe(bench)
        bench.store.lineage.add(plain_graph(edges, tuple(f"n{number}" for number in range(8))), "s")
        before = contents(bench)
        start, end = f"n{back[0]}", f"n{back[1]}"
        graph: nx.DiGraph[str] = nx.DiGraph([*edges, (start, end)])
        new = plain_graph([(start, end), ("other", start)])
        if nx.is_directed_acyclic_graph(graph):
            bench.store.lineage.add(new, "t")
            assert (start, end) in pairs(bench.store.lineage.closure(end, upstream=True))
        else:
            with pytest.raises(EvidenceError, match="the lineage has a cycle"):
                bench.store.lineage.add(new, "t")
            assert contents(bench) == before

    def test_one_within_a_large_import(self, bench: Bench) -> None:
        chain = list(pairwise(f"n{number}" for number in range(SMALL_BATCH + 10)))
        with pytest.raises(EvidenceError, match="the lineage has a cycle"):
            bench.store.lineage.add(plain_graph([*chain, (chain[-1][1], "n0")]), "s")
        assert contents(bench) == [[], [], []]

    def test_one_of_a_large_import_and_what_is_there(self, bench: Bench) -> None:
        bench.store.lineage.add(plain_graph([("z", "n0")]), "s")
        chain = list(pairwise(f"n{number}" for number in range(SMALL_BATCH + 10)))
        with pytest.raises(EvidenceError, match="the lineage has a cycle"):
            bench.store.lineage.add(plain_graph([*chain, (chain[-1][1], "z")]), "s")

    def test_a_person_who_says_that_data_are_made_of_themselves(self, lineage: LineageStore) -> None:
        with pytest.raises(EvidenceError, match="cycle: a -> a") as caught:
            lineage.add(plain_graph([("a", "a")]), "s")
        assert "version" in str(caught.value.hint)

    @pytest.mark.parametrize("more", [0, SMALL_BATCH + 10])
    def test_a_change_in_place_is_kept_and_is_no_cycle(self, lineage: LineageStore, more: int) -> None:
        merge = event("COMPLETE", "merge", [dataset("a"), dataset("new")], [dataset("a")])
        rest = [event("COMPLETE", f"r{n}", [dataset(f"x{n}")], [dataset(f"x{n + 1}")]) for n in range(more)]
        lineage.add(told(merge, *rest), "s")
        lineage.add(told(event("COMPLETE", "train", [dataset("a")], [dataset("m")])), "s")
        found = lineage.closure("db/m", upstream=True)
        pairs = [(edge.from_, edge.to, edge.run) for edge in found.edges]
        assert ("db/a", "db/a", "run:merge") in pairs
        assert {node.id for node in found.nodes} == {"db/a", "db/new", "db/m", "run:merge", "run:train"}

    @pytest.mark.parametrize("more", [0, SMALL_BATCH + 10])
    def test_a_real_cycle_beside_a_change_in_place(self, lineage: LineageStore, more: int) -> None:
        lineage.add(told(event("COMPLETE", "merge", [dataset("a")], [dataset("a")])), "s")
        rest = [event("COMPLETE", f"r{n}", [dataset(f"x{n}")], [dataset(f"x{n + 1}")]) for n in range(more)]
        forth = event("COMPLETE", "forth", [dataset("a")], [dataset("b")])
        back = event("COMPLETE", "back", [dataset("b")], [dataset("a"), dataset("b")])
        with pytest.raises(EvidenceError, match="cycle: db/a -> db/b -> db/a"):
            lineage.add(told(forth, back, *rest), "s")

    def test_two_imports_at_once_do_not_add_half_a_cycle_each(self, bench: Bench) -> None:
        nodes = tuple(f"{side}{number}" for number in range(12) for side in "ab")
        bench.store.lineage.add(plain_graph([], nodes), "s")
        outcomes: list[str] = []

        def run(first: str, second: str) -> None:
            database = Database.connect(bench.url)
            for number in range(12):
                try:
                    LineageStore(database).add(plain_graph([(f"{first}{number}", f"{second}{number}")]), "s")
                    outcomes.append("added")
                except EvidenceError:
                    outcomes.append("refused")
            database.close()

        threads = [threading.Thread(target=run, args=ends) for ends in (("a", "b"), ("b", "a"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["added"] * 12 + ["refused"] * 12


class TestWhatIsRefused:
    @pytest.mark.parametrize("name", ["", " ", "a\x00b", "a\x1b[31m", "é" * 401, "x" * 801])
    def test_odd_ids(self, bench: Bench, name: str) -> None:
        with pytest.raises(EvidenceError, match=r"blank id|cannot be printed|more than 800"):
            bench.store.lineage.add(plain_graph([], (name,)), "s")
        assert contents(bench) == [[], [], []]

    def test_the_longest_ids_fit_the_index(self, lineage: LineageStore) -> None:
        # Letters that an index cannot compress.
        letters = random.Random(7)
        a, b = ("".join(letters.choice("abcdefghijklmnop0123456789ABCDEF") for _ in range(796)) for _ in range(2))
        read, run = told(event("COMPLETE", a, [dataset(b[:797])], [dataset(a[::-1][:797])])), f"run:{a}"
        lineage.add(read, "s")
        assert {edge.run for edge in lineage.closure(f"db/{b}", upstream=False).edges} == {run}

    def test_text_with_nul_in_a_fact(self, lineage: LineageStore) -> None:
        lineage.add(told(event("OTHER", "r", [dataset("a", quaestor=facet(purpose="a\x00b"))])), "s")
        assert lineage.closure("db/a", upstream=True).nodes[0].node.purpose == "a\x00b"

    def test_an_edge_to_nowhere(self, bench: Bench) -> None:
        graph = plain_graph([("a", "b")])
        with pytest.raises(EvidenceError, match="unknown node `b`"):
            bench.store.lineage.add(Lineage(nodes=graph.nodes[:1], edges=graph.edges), "s")
        assert contents(bench) == [[], [], []]

    def test_an_edge_to_a_node_that_came_before(self, lineage: LineageStore) -> None:
        graph = plain_graph([("a", "b")])
        lineage.add(plain_graph([], ("b",)), "s")
        lineage.add(Lineage(nodes=graph.nodes[:1], edges=graph.edges), "s")
        assert ids(lineage.closure("b", upstream=True)) == ["a", "b"]

    def test_a_damaged_row(self, bench: Bench, rows: Callable[[str], None]) -> None:
        bench.store.lineage.add(plain_graph([("a", "b")]), "s")
        rows("UPDATE lineage_node SET body = '{' WHERE id = 'a'")
        with pytest.raises(StoreError, match="the lineage node `a` is damaged"):
            bench.store.lineage.closure("b", upstream=True)

    def test_nothing_is_nothing(self, lineage: LineageStore) -> None:
        assert lineage.add(Lineage(nodes=(), edges=()), "s") == (0, 0)


def test_the_closure_goes_by_indexes(sqlite_bench: Bench) -> None:
    sqlite_bench.store.lineage.add(plain_graph([(f"a{n}", f"a{n + 1}") for n in range(50)]), "s")
    plans = []
    with sqlite_bench.store.database.reading() as connection:
        for near, far in (("target", "source"), ("source", "target")):
            query = (
                f"EXPLAIN QUERY PLAN WITH RECURSIVE reached(id) AS (SELECT id FROM lineage_node WHERE id IN ('a9') "
                f"UNION SELECT e.{far} FROM lineage_edge e JOIN reached r ON e.{near} = r.id) "
                f"SELECT e.source, e.target, e.kind, e.run FROM lineage_edge e JOIN reached r ON e.{near} = r.id"
            )
            plans += [row[-1] for row in connection.exec_driver_sql(query)]
    searches = [step for step in plans if " e " in step or step.endswith(" e")]
    assert len(searches) == 4
    assert all(step.startswith("SEARCH e USING") for step in searches), plans


@pytest.mark.slow
def test_a_hundred_thousand_edges(bench: Bench) -> None:
    """Import in seconds, the closure of one model in milliseconds, memory that a laptop does not notice."""
    said = {"quaestor": Facet(at="2026-11-21T12:00:00Z", fields={"kind": "dataset", "licence": "internal"})}
    names = [f"layer{layer:02}/table{number:04}" for layer in range(20) for number in range(1000)]
    edges = [
        (names[layer * 1000 + number], names[(layer + 1) * 1000 + (number * 7 + step) % 1000])
        for layer in range(19)
        for number in range(1000)
        for step in range(6)
    ]
    graph = Lineage(nodes=tuple(LineageNode(id=name, facets=said) for name in names), edges=plain_graph(edges).edges)
    start = time.perf_counter()
    bench.store.lineage.add(graph, "s")
    seconds = time.perf_counter() - start
    bench.store.lineage.add(plain_graph([(names[0], "model"), (names[1001], "model")]), "s")
    start = time.perf_counter()
    found = bench.store.lineage.closure("model", upstream=True)
    closure = time.perf_counter() - start
    tracemalloc.start()
    bench.store.lineage.add(graph, "s")  # again: every row is looked up, none is new
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{len(edges)} edges in {seconds:.1f} s, peak {peak >> 20} MiB, closure {closure * 1000:.1f} ms")
    assert len(edges) >= 100_000
    assert peak < 200 << 20
    assert 3 <= len(found.nodes) < 20
