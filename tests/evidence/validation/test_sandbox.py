"""What a hostile model can do: nothing but fail, with a clear error, while the parent lives on."""

import pickle
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from evidence.model.errors import EvidenceError
from evidence.validation.plan.model import Plan
from evidence.validation.runner import validate
from tests.worlds.runs import MakePlan, logistic, onnx_model

pytestmark = pytest.mark.usefixtures("started_anew")
AT = datetime(2026, 11, 21, tzinfo=UTC)


def run(plan: Plan) -> Any:
    return validate(plan, started_at=AT, plan_digest=plan.digest)


def endless() -> Any:
    """A loop of 2^62 turns."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Add", ["state", "state"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [None, 2]),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, [None, 2]),
        ],
    )
    constants = [
        numpy_helper.from_array(np.array(2**62, dtype=np.int64), "turns"),
        numpy_helper.from_array(np.array(True), "yes"),
        numpy_helper.from_array(np.zeros((2, 1), dtype=np.float32), "W"),
    ]
    loop = helper.make_node("Loop", ["turns", "yes", "X"], ["last"], body=body)
    return onnx_model([loop, helper.make_node("MatMul", ["last", "W"], ["p"])], constants)


def greedy() -> Any:
    """Sixteen gigabytes of zeros for each row."""
    constants = [
        numpy_helper.from_array(np.array([4 << 30], dtype=np.int64), "size"),
        numpy_helper.from_array(np.zeros((2, 1), dtype=np.float32), "W"),
    ]
    nodes = [
        helper.make_node("ConstantOfShape", ["size"], ["zeros"]),
        helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["X", "W"], ["z"]),
        helper.make_node("Add", ["z", "sum"], ["p"]),
    ]
    return onnx_model(nodes, constants)


def boastful() -> Any:
    """A tensor whose header claims ten gigabytes and that holds none."""
    weights = numpy_helper.from_array(np.zeros((2, 1), dtype=np.float32), "W")
    weights.dims[:] = [2, 1_342_177_280]
    return onnx_model([helper.make_node("MatMul", ["X", "W"], ["p"])], [weights])


def external(path: str) -> Any:
    model = logistic()
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=path)
    return model


class TestHostileModels:
    @pytest.mark.parametrize(
        ("model", "problem"),
        [
            (greedy(), "more memory than|cannot be loaded|failed"),
            (boastful(), "cannot be loaded"),
            (external("../secret.bin"), "data outside its folder: `../secret.bin`"),
            (external("/etc/passwd"), "data outside its folder: `/etc/passwd`"),
            (external("weights.bin"), "weights lie in other files"),
            (pickle.dumps({"weights": [1]}), "not an ONNX model: a pickle file"),
            (b"words", "not an ONNX model"),
            (logistic().SerializeToString()[:-30], "not an ONNX model"),
            (
                onnx_model(
                    [helper.make_node("Evil", ["X"], ["p"], domain="com.evil")],
                    opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.evil", 1)],
                ),
                r"cannot be loaded: .*com\.evil:Evil",
            ),
        ],
        ids=["16-GB", "claims-10-GB", "dotdot", "absolute", "beside", "pickle", "words", "cut-off", "custom-operator"],
    )
    def test_are_refused_in_words(self, make_plan: MakePlan, model: Any, problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            run(make_plan(model=model))

    @pytest.mark.slow
    def test_an_endless_loop_runs_out_of_processor_time(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match="more than 3 seconds of processor time"):
            run(make_plan(model=endless(), budgets={"cpu_seconds": 3}))

    @pytest.mark.slow
    def test_an_endless_loop_runs_out_of_time(self, make_plan: MakePlan) -> None:
        started = time.monotonic()
        with pytest.raises(EvidenceError, match="longer than 3 seconds"):
            run(make_plan(model=endless(), budgets={"wall_seconds": 3}))
        assert time.monotonic() - started < 10

    def test_a_file_that_is_larger_than_the_plan_allows_is_not_read(self, make_plan: MakePlan, tmp_path: Path) -> None:
        plan = make_plan(budgets={"model_mb": 1})
        with (tmp_path / "model.onnx").open("r+b") as file:
            file.truncate(10 << 30)  # sparse
        with pytest.raises(EvidenceError, match=r"10737418240 bytes, more than `budgets\.model_mb`"):
            run(plan)
