"""From a graph to the `lineage-graph` record: what is known, what is missing."""

from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.lineage.ancestry import lineage_graph
from evidence.lineage.graph import Facet, Lineage, LineageNode
from evidence.model.errors import EvidenceError
from tests.worlds.lineage import (
    DIGEST,
    MODEL,
    dataset,
    described,
    event,
    graph_of,
    plain_graph,
    record_of,
    told,
    training_events,
)


def kinds(edges: list[tuple[str, str]], **given: str) -> Lineage:
    """A graph whose nodes are datasets but for those that `given` names."""
    plain = plain_graph(edges)
    nodes = tuple(
        LineageNode(id=item.id, facets={"d": Facet(at="x", fields={"kind": given.get(item.id, "dataset")})})
        for item in plain.nodes
    )
    return Lineage(nodes=nodes, edges=plain.edges)


class TestACompleteLineage:
    def test_nothing_is_missing(self) -> None:
        found = graph_of()
        assert found.gaps == ()
        assert found.unowned_nodes == ()
        assert found.complete_path_share == 1.0
        assert {edge.kind for edge in found.edges} == {"derived", "trained", "served", "produced"}
        assert found.node_digests == {MODEL: DIGEST}

    def test_each_input_is_traced_to_each_source(self) -> None:
        found = graph_of().source_paths
        assert sorted(found) == ["db/debt", "db/income"]
        assert [path.nodes for path in found["db/debt"]] == [
            ("db/bureau", "db/loans", "db/debt"),
            ("db/crm", "db/loans", "db/debt"),
        ]

    def test_what_came_of_the_model_is_told_too(self) -> None:
        found = graph_of()
        assert {node.kind for node in found.nodes} >= {"deployment", "decision"}
        assert found.person_level_outputs == ("db/decision",)
        assert found.feedback_paths == ()


class TestGaps:
    @pytest.mark.parametrize(
        ("field", "blank"),
        [
            ("owner", None),
            *((name, blank) for name in ("origin", "licence", "purpose") for blank in (None, " ", "n/a")),
        ],
    )
    def test_a_missing_or_blank_fact_is_named(self, field: str, blank: Any) -> None:
        found = graph_of(loans=described(**{field: blank}))
        assert found.gaps == (f"db/loans: no {field}",)
        assert found.unowned_nodes == (("db/loans",) if field == "owner" else ())

    def test_an_owner_without_a_name_is_refused(self) -> None:
        with pytest.raises(EvidenceError, match=r"owner\.name`: is blank"):
            graph_of(loans=described(owner={"id": "ada", "name": " "}))

    def test_a_root_that_is_no_source(self) -> None:
        found = graph_of(crm=described())
        assert found.gaps == ("db/crm: not a source system, and nothing upstream of it is known",)
        assert found.complete_path_share == 0.0
        assert [path.complete for path in found.source_paths["db/debt"]] == [True, False]

    def test_personal_data_ask_for_ground_consent_and_dates(self) -> None:
        found = graph_of(loans=described(personal_data=["age"]))
        wanted = ["collected on", "consent", "legal ground", "retain until"]
        assert found.gaps == tuple(f"db/loans: personal data, and no {name}" for name in wanted)

    def test_runs_have_owners_too(self) -> None:
        found = graph_of(job_owner={})
        assert found.unowned_nodes == tuple(f"run:{run}" for run in ("decide", "deploy", "features", "load", "train"))
        assert found.gaps == tuple(f"run:{run}: no owner" for run in ("features", "load", "train"))

    def test_a_step_without_a_run(self) -> None:
        found = lineage_graph(kinds([("s", "d"), ("d", "m")], s="source", m="model"), "m")
        assert {"s -> d: no run is named", "d -> m: no run is named"} <= set(found.gaps or ())

    def test_a_model_of_which_nothing_is_known(self) -> None:
        found = lineage_graph(kinds([("m", "out")], m="model", out="output"), "m")
        assert found.complete_path_share == 0.0
        assert found.source_paths == {}
        assert "m: nothing upstream of it is known" in (found.gaps or ())


class TestInputs:
    def test_data_beside_the_features_are_inputs_too(self) -> None:
        found = lineage_graph(
            kinds([("s", "f"), ("f", "m"), ("unknown", "m")], s="source", f="feature", m="model"), "m"
        )
        assert sorted(found.source_paths) == ["f", "unknown"]
        assert found.complete_path_share == 0.5

    def test_a_base_model_of_which_nothing_is_known_is_a_gap(self) -> None:
        found = lineage_graph(kinds([("s", "m"), ("base", "m")], s="source", base="model", m="model"), "m")
        assert found.complete_path_share == 0.5

    def test_a_run_in_between_is_looked_through(self) -> None:
        found = lineage_graph(kinds([("s", "run"), ("x", "run"), ("run", "m")], s="source", run="run", m="model"), "m")
        assert sorted(found.source_paths) == ["s", "x"]

    def test_a_run_that_read_nothing_is_where_it_ends(self) -> None:
        found = lineage_graph(kinds([("run", "m"), ("s", "m")], s="source", run="run", m="model"), "m")
        assert found.complete_path_share == 0.5

    def test_feedback_is_found(self) -> None:
        found = lineage_graph(
            kinds([("s", "old"), ("old", "out"), ("out", "m")], s="source", out="output", m="model"), "m"
        )
        assert [path.nodes for path in found.feedback_paths] == [("out", "m")]

    def test_the_same_feature_twice(self) -> None:
        found = lineage_graph(
            kinds([("a/age", "m"), ("b/age", "m")], m="model", **{"a/age": "feature", "b/age": "feature"}), "m"
        )
        assert found.duplicate_features == ("a/age", "b/age")

    @given(
        edges=st.lists(
            st.tuples(st.integers(0, 8), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]), unique=True
        ),
        chosen=st.lists(st.sampled_from(["source", "dataset", "feature", "run"]), min_size=9, max_size=9),
    )
    def test_all_is_traced_only_where_every_root_is_a_source(
        self, edges: list[tuple[int, int]], chosen: list[str]
    ) -> None:
        named = [(f"n{a}", f"n{b}") for a, b in edges] + [("n0", "n9")]
        graph = kinds(named, n9="model", **{f"n{n}": kind for n, kind in enumerate(chosen)})
        found = lineage_graph(graph, "n9")
        net: nx.DiGraph[str] = nx.DiGraph(named)
        above = nx.ancestors(net, "n9")
        kind = {item.id: item.node.kind for item in graph.nodes}
        roots = {name for name in above if net.in_degree(name) == 0}
        on_paths = {path.nodes[0] for paths in found.source_paths.values() for path in paths}
        assert on_paths == roots
        assert (found.complete_path_share == 1.0) == all(kind[root] == "source" for root in roots)
        for name, paths in found.source_paths.items():
            for path in paths:
                assert path.nodes[-1] == name
                assert nx.is_path(net, list(path.nodes))


class TestLimits:
    def test_what_is_not_there(self) -> None:
        with pytest.raises(EvidenceError, match="no node `nowhere`"):
            lineage_graph(plain_graph([("a", "b")]), "nowhere")

    def test_what_is_no_model(self) -> None:
        with pytest.raises(EvidenceError, match="`b` is a dataset and no model"):
            lineage_graph(plain_graph([("a", "b")]), "b")

    def test_too_many_nodes(self) -> None:
        with pytest.raises(EvidenceError, match="20002 nodes, more than"):
            lineage_graph(kinds([(f"d{n}", "m") for n in range(20_001)], m="model"), "m")

    def test_too_many_paths(self) -> None:
        edges = [(f"r{n}", "hub") for n in range(800)] + [("hub", f"f{n}") for n in range(400)]
        edges += [(f"f{n}", "m") for n in range(400)]
        with pytest.raises(EvidenceError, match="more than 500000 steps"):
            lineage_graph(kinds(edges, m="model", **{f"f{n}": "feature" for n in range(400)}), "m")

    @pytest.mark.slow
    def test_a_deep_chain(self) -> None:
        edges = [(f"n{n}", f"n{n + 1}") for n in range(10_000)]
        found = lineage_graph(kinds(edges, n0="source", n10000="model"), "n10000")
        assert len(found.source_paths["n9999"][0].nodes) == 10_000


def test_the_record_does_not_depend_on_the_order_of_anything() -> None:
    graph = kinds(
        [("s", "f"), ("t", "f"), ("f", "m"), ("t", "g"), ("g", "m")], s="source", f="feature", g="feature", m="model"
    )
    turned = Lineage(nodes=graph.nodes[::-1], edges=graph.edges[::-1])
    assert lineage_graph(graph, "m") == lineage_graph(turned, "m")


def test_a_change_in_place_stays_in_the_record_with_its_run() -> None:
    update = event("COMPLETE", "update", [dataset("loans")], [dataset("loans")], minute=7)
    found = told(*training_events(), update)
    record = record_of(found)
    assert ("db/loans", "db/loans", "run:update") in [(edge.from_, edge.to, edge.run) for edge in record.edges]
    assert "run:update: no owner" in record.gaps
    before = record_of(told(*training_events()))
    assert record.source_paths == before.source_paths
    assert [gap for gap in record.gaps if not gap.startswith("run:update")] == list(before.gaps)


def test_what_was_only_changed_in_place_comes_from_no_source() -> None:
    steps = [
        event("COMPLETE", "update", [dataset("table")], [dataset("table")]),
        event("COMPLETE", "train", [dataset("table")], [dataset("model", quaestor=described(kind="model"))]),
    ]
    record = record_of(told(*steps))
    assert "db/table: not a source system, and nothing upstream of it is known" in record.gaps
