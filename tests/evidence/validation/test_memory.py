"""Memory of a run: flat in the rows, and bounded by bytes where model or table are wide."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from benchmarks.timing import run_process
from evidence.validation.child.data import BATCH_ROWS, batch_rows
from evidence.validation.child.needs import Needs
from tests.worlds.runs import MakePlan, applications, onnx_model

pytestmark = pytest.mark.slow

ROWS = 40_000
WIDE = 4096


def lookup(words: int, wide: int) -> onnx.ModelProto:
    """A network that looks up `words` vectors of `wide` numbers: 100 MB of weights, and much in between each row."""
    random = np.random.default_rng(0)
    table = random.standard_normal((words, wide), dtype=np.float32)
    nodes = [
        helper.make_node("Cast", ["X"], ["places"], to=TensorProto.INT64),
        helper.make_node("Gather", ["vectors", "places"], ["found"]),
        helper.make_node("Tanh", ["found"], ["bent"]),
        helper.make_node("ReduceMean", ["bent"], ["z"], axes=[1, 2], keepdims=0),
        helper.make_node("Sigmoid", ["z"], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], ["p"]),
    ]
    shape = numpy_helper.from_array(np.array([-1, 1], dtype=np.int64), "shape")
    return onnx_model(nodes, [numpy_helper.from_array(table, "vectors"), shape])


class TestNeeds:
    def test_of_a_row_are_counted_what_lies_between_the_operators_at_once(self) -> None:
        needs = Needs(lookup(10, WIDE).SerializeToString())
        # Found and bent of two words together, and the words themselves in both types.
        assert 2 * 2 * 4 * WIDE <= needs.of_row({"X": (1, 2)}) <= 2 * 2 * 4 * WIDE + 100
        assert needs.of_row({"X": (500, 2)}) == needs.of_row({"X": (1, 2)})

    def test_weights_are_no_part_of_it_and_are_not_kept(self) -> None:
        small, large = (Needs(lookup(words, WIDE).SerializeToString()) for words in (2, 2000))
        assert small.of_row({"X": (1, 2)}) == large.of_row({"X": (1, 2)})
        assert len(large._graph) < 10_000

    def test_a_shape_that_nobody_knows_counts_as_the_largest_known(self) -> None:
        nodes = [
            helper.make_node("Unheard", ["X"], ["y"], domain="somewhere"),
            helper.make_node("Identity", ["y"], ["p"]),
        ]
        model = onnx_model(
            nodes, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("somewhere", 1)]
        ).SerializeToString()
        assert Needs(model).of_row({"X": (1, 300)}) >= 3 * 4 * 300


def test_a_batch_of_a_wide_table_has_fewer_rows() -> None:
    assert batch_rows(10) == BATCH_ROWS
    assert batch_rows(200) * 200 == pytest.approx(batch_rows(2000) * 2000, rel=0.01)
    assert batch_rows(10**9) == 1


@pytest.mark.parametrize("format_", ["parquet", "csv", "npz"])
def test_a_network_of_100_mb_stays_under_a_gigabyte(make_plan: MakePlan, tmp_path: Path, format_: str) -> None:
    """In one batch the results between its operators would take up 2.6 GB."""
    table = applications(ROWS)
    data: dict[str, Any] = {
        "path": f"test.{format_}", "format": format_, "label": "paid", "positive": "yes", "negative": "no",
        "split": "test", "population": "invented applicants", "as_of": "2025-12-31",
    }  # fmt: skip
    model = lookup(25_000_000 // WIDE, WIDE)
    if format_ == "npz":
        make_plan(model=model, data=data, features={"layout": "arrays", "arrays": [{"name": "X"}]})
        columns = {name: np.array(table.column(name).to_pylist()) for name in ("income", "debt", "sex", "paid")}
        inputs = np.column_stack([columns.pop("income"), columns.pop("debt")])
        np.savez(tmp_path / "test.npz", X=inputs, **columns)
    else:
        make_plan(model=model, table=table, data=data)
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from evidence.validation.plan.read import load_plan; from evidence.validation.runner import validate\n"
        "plan = load_plan(Path(sys.argv[1]))\n"
        "run = validate(plan, started_at=datetime(2026, 11, 21, tzinfo=UTC), plan_digest=plan.digest).run\n"
        "print(run.row_counts.rows)"
    )
    found = run_process([sys.executable, "-c", script, str(tmp_path / "plan.yaml")])
    assert found.output.decode().strip() == str(ROWS)
    assert found.memory < 1e9
