"""The real control LIN-01 on lineage that was imported: what is complete passes, and nothing that lacks a part does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.backends.regorus import RegorusEngine
from engine.bundle.load import Bundle
from engine.deciding.verdict import ControlResult, Status
from engine.proofs.cases import Questions, read_cases, run_case
from evidence.lineage.ancestry import lineage_graph
from evidence.lineage.eventfiles import read_openlineage
from evidence.model.predicates.data import LineageGraph
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey
from tests.worlds.lineage import MODEL, described, facet, graph_of, training_events, write_lines

GATES = ("data-intake", "validation", "staging", "operation")
Judge = Callable[[LineageGraph, str], ControlResult]


@pytest.fixture(scope="module")
def judge(shipped: Bundle) -> Iterator[Judge]:
    """LIN-01 by regorus, on the records of its own passing cases with the content replaced."""
    control = shipped.controls["LIN-01"]
    cases = {case.name: case for case in read_cases(shipped, control)}
    engine = RegorusEngine(shipped.program())

    def run(content: LineageGraph, gate: str) -> ControlResult:
        case = cases[f"traced and documented, {gate}"]
        records = {kind: [dict(item) for item in items] for kind, items in case.records.items()}
        records["lineage-graph"][0]["predicate"] = content.to_json()
        # The run read what the graph knows by digest: here it is the graph that is judged.
        records["training-run"][0]["predicate"] = {"dataset_digests": sorted(content.node_digests.values())}
        return run_case(control, replace(case, records=records), Questions(control, engine))

    yield run
    engine.close()


@pytest.mark.parametrize("gate", GATES)
def test_a_complete_lineage_passes(judge: Judge, gate: str) -> None:
    result = judge(graph_of(), gate)
    assert (result.status, result.findings) == (Status.PASS, ())


@pytest.mark.parametrize(
    ("facets", "objective"),
    [
        ({"crm": described(kind="source", owner=None)}, "every-node-owned"),
        ({"job_owner": {}}, "every-node-owned"),
        ({"loans": described(licence=None)}, "ancestors-documented"),
        ({"loans": described(purpose=" ")}, "ancestors-documented"),
        ({"bureau": described(kind="source", origin=None)}, "ancestors-documented"),
        ({"crm": described()}, "inputs-reach-sources"),
        ({"crm": facet()}, "inputs-reach-sources"),
    ],
)
def test_what_lacks_a_part_fails(judge: Judge, facets: dict[str, Any], objective: str) -> None:
    result = judge(graph_of(**facets), "validation")
    assert result.status is Status.FAIL
    assert objective in {finding.objective for finding in result.findings}
    assert objective not in {item.name for item in result.objectives if item.satisfied}


@pytest.mark.parametrize("gate", GATES)
def test_by_way_of_a_file_and_the_store(judge: Judge, tmp_path: Path, gate: str) -> None:
    """The same events pass; where the last event of the training says that it failed, they do not, at any gate."""
    events = training_events()
    failed = [value | {"eventType": "FAIL"} if value["run"]["runId"] == "train" else value for value in events]
    url = f"sqlite:///{tmp_path}/store.db"
    for given, passes in ((events, True), (failed, False)):
        path = write_lines(tmp_path / "events.ndjson", given)
        Path(tmp_path / "store.db").unlink(missing_ok=True)
        with RecordStore.create(url, tmp_path / "blobs", origin="example.com/q", signer=SigningKey.generate()) as store:
            store.lineage.add(read_openlineage(path), "mortgage")
            found = lineage_graph(store.lineage.family(MODEL), MODEL, orphans=store.lineage.orphans("mortgage"))
        assert (judge(found, gate).status is Status.PASS) is passes
        assert found.orphan_nodes == ()
