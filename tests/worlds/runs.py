"""A live run: a logistic ONNX model, a table of applications and a plan that joins them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as papq
from onnx import TensorProto, helper, numpy_helper

from evidence.validation.plan.model import Plan

WEIGHTS = np.array([[2.0], [-1.0]], dtype=np.float32)


def onnx_model(nodes: list[Any], initializers: list[Any] = [], **model: Any) -> onnx.ModelProto:  # noqa: B006
    """A model from `X` (rows, 2) to `p` (rows, 1)."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])],
        initializers,
    )
    opsets = model.pop("opset_imports", [helper.make_opsetid("", 17)])
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, **model)


def logistic(guarded: bool = False, **model: Any) -> onnx.ModelProto:
    """p = sigmoid(2 income - debt); guarded: -1 for a row with a value outside [0, 1] or none."""
    nodes = [
        helper.make_node("MatMul", ["X", "W"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["raw" if guarded else "p"]),
    ]
    initializers = [numpy_helper.from_array(WEIGHTS, "W")]
    if guarded:
        constants = {"zero": [0.0], "one": [1.0], "refer": [-1.0]}
        initializers += [numpy_helper.from_array(np.array(v, dtype=np.float32), k) for k, v in constants.items()]
        nodes += [
            helper.make_node("GreaterOrEqual", ["X", "zero"], ["above"]),
            helper.make_node("LessOrEqual", ["X", "one"], ["below"]),
            helper.make_node("And", ["above", "below"], ["inside"]),
            helper.make_node("Cast", ["inside"], ["number"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMin", ["number"], ["least"], axes=[1], keepdims=1),
            helper.make_node("Cast", ["least"], ["row"], to=TensorProto.BOOL),
            helper.make_node("Where", ["row", "raw", "refer"], ["p"]),
        ]
    return onnx_model(nodes, initializers, **model)


def applications(rows: int, seed: int = 1) -> pa.Table:
    """Columns income, debt in [0, 1], sex, region, day and the label paid."""
    rng = np.random.default_rng(seed)
    income, debt = rng.random(rows).round(4), rng.random(rows).round(4)
    chance = 1 / (1 + np.exp(-(2 * income - debt)))
    days = np.datetime64("2025-01-01") + rng.integers(0, 365, rows)
    return pa.table(
        {
            "income": income,
            "debt": debt,
            "sex": rng.choice(["f", "m"], rows),
            "region": rng.choice(["north", "south", "west"], rows),
            "day": np.datetime_as_string(days),
            "paid": np.where(rng.random(rows) < chance, "yes", "no"),
        }
    )


def write_table(path: Path, table: pa.Table) -> Path:
    """The table as the file's ending says."""
    if path.suffix == ".csv":
        pacsv.write_csv(table, path)
    else:
        papq.write_table(table, path)
    return path


def plan_values(**changes: Any) -> dict[str, Any]:
    """A whole plan; a change of None takes a section away."""
    values: dict[str, Any] = {
        "system": "loans",
        "model": {"path": "model.onnx", "name": "loans", "version": "1"},
        "environment": "staging",
        "data": {
            "path": "test.csv",
            "format": "csv",
            "label": "paid",
            "positive": "yes",
            "negative": "no",
            "split": "test",
            "population": "invented applicants",
            "as_of": "2025-12-31",
        },
        "features": {
            "layout": "tensor",
            "input": "X",
            "columns": [
                {"name": "income", "range": {"low": 0, "high": 1}},
                {"name": "debt", "range": {"low": 0, "high": 1}},
            ],
        },
        "output": {"name": "p", "favourable": "positive"},
        "protected_attributes": {"attributes": ["sex"]},
        "binding_measures": ["impact_ratio"],
        "latency": {"runs": 400, "warm_up": 2},
        "seed": 3,
        "plan": {
            "committed_at": "2026-01-01T00:00:00Z",
            "required_tests": ["roc_auc"],
            "thresholds": {"roc_auc": {"op": ">=", "value": 0.5, "confidence": 0.95}},
            "primary_metric": "roc_auc",
            "protected_attributes": ["sex"],
            "threat_models": [],
        },
    }
    values |= changes
    return {name: value for name, value in values.items() if value is not None}


MakePlan = Callable[..., Plan]
"""Writes model, table and plan to a folder and loads the plan: `make_plan(model=…, table=…, **sections)`."""
