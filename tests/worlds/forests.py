"""Tree ensembles as ONNX, data that they were fitted to, and all that a row within reach can be answered."""

from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pyarrow as pa
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

COLUMNS = ("age", "income", "debt")
LOW, HIGH = np.array([18.0, 0.0, -1.0]), np.array([90.0, 5000.0, 1.0])
KINDS = {"car": 0, "house": 1, "trip": 2}


def people(rows: int, seed: int = 1, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Three numbers of different size and the number of a kind (rows, 4), and a class that goes by them."""
    rng = np.random.default_rng(seed)
    x = LOW + rng.random((rows, 3)) * (HIGH - LOW)
    x[:, 0] = np.rint(x[:, 0])
    kind = rng.integers(0, 3, rows)
    told = (x[:, 1] - 1000 * x[:, 2]) / 5000 + 0.3 * np.sin(x[:, 0] / 7) + 0.2 * (kind == 2) + rng.normal(0, 0.1, rows)
    edges = np.quantile(told, np.arange(1, classes) / classes)
    return np.column_stack([x, kind]).astype(np.float32), np.searchsorted(edges, told)


def table(x: np.ndarray, y: np.ndarray) -> pa.Table:
    """The people as a table, with the class as `paid`."""
    words = list(KINDS)
    columns = {name: x[:, place].astype(np.float64) for place, name in enumerate(COLUMNS)}
    return pa.table({**columns, "kind": [words[int(k)] for k in x[:, 3]], "paid": y})


FEATURES: dict[str, Any] = {
    "layout": "tensor",
    "input": "X",
    "columns": [
        *(
            {"name": name, "range": {"low": low, "high": high}}
            for name, low, high in zip(COLUMNS, LOW.tolist(), HIGH.tolist(), strict=True)
        ),
        {"name": "kind", "values": KINDS},
    ],
}  # fmt: skip


def fitted(kind: str, seed: int = 1) -> onnx.ModelProto:
    """A small ensemble: `tree`, `forest`, `boosting`, `classes` (a forest of three), `value` (boosted)."""
    classes = 3 if kind == "classes" else 2
    x, y = people(1500, seed + 10, classes)
    model = {
        "tree": DecisionTreeClassifier(max_depth=6, random_state=seed),
        "forest": RandomForestClassifier(12, max_depth=4, random_state=seed),
        "boosting": GradientBoostingClassifier(n_estimators=20, max_depth=3, random_state=seed),
        "classes": RandomForestClassifier(9, max_depth=4, random_state=seed),
        "value": GradientBoostingRegressor(n_estimators=20, max_depth=3, random_state=seed),
    }[kind]
    target = x[:, 1] / 1000 + y if kind == "value" else y
    model.fit(x, target)
    options = {} if kind == "value" else {"zipmap": False}
    made: onnx.ModelProto = to_onnx(model, x[:1], options=options, target_opset={"": 17, "ai.onnx.ml": 1})
    return made


def ensemble(model: onnx.ModelProto) -> onnx.NodeProto:
    """The one operator that holds the trees."""
    (found,) = [node for node in model.graph.node if node.op_type.startswith("TreeEnsemble")]
    return found


def attribute(node: onnx.NodeProto, name: str) -> Any:
    """An attribute of an operator; None where it has none of the name."""
    return next((helper.get_attribute_value(item) for item in node.attribute if item.name == name), None)


def splits(model: onnx.ModelProto) -> dict[int, np.ndarray]:
    """Every threshold by column, in single precision."""
    node = ensemble(model)
    columns, values, modes = (np.asarray(attribute(node, f"nodes_{n}")) for n in ("featureids", "values", "modes"))
    inner = modes != b"LEAF"
    return {int(c): np.unique(values[inner & (columns == c)]).astype(np.float32) for c in np.unique(columns[inner])}


def every_answer(model: onnx.ModelProto, row: np.ndarray, step: np.ndarray, changes: int, output: str) -> np.ndarray:
    """All that the model answers within reach of a row: by brute force, both sides of every threshold tried.

    `step` (3,): how far each number may move, within its range; `changes`: 1 where the kind may be another.
    """
    sides = []
    for place in range(3):
        low, high = (
            np.float32(np.clip(np.float64(row[place]) + way * step[place], LOW[place], HIGH[place])) for way in (-1, 1)
        )
        cuts = splits(model).get(place, np.zeros(0, np.float32))
        near = np.concatenate([cuts, np.nextafter(cuts, np.float32(-np.inf)), np.nextafter(cuts, np.float32(np.inf))])
        sides.append(np.unique([low, high, row[place], *near[(near >= low) & (near <= high)]]))
    sides.append(np.arange(3) if changes else row[3:4])
    rows = np.asarray(list(product(*sides)), dtype=np.float32)
    answered: np.ndarray = _session(model.SerializeToString()).run([output], {"X": rows})[0]
    return answered


@lru_cache(maxsize=2)
def _session(data: bytes) -> ort.InferenceSession:
    return ort.InferenceSession(data, providers=["CPUExecutionProvider"])


def in_mode(model: onnx.ModelProto, mode: str) -> onnx.ModelProto:
    """The same model with its splits told as `x < t`, `x >= t` or `x > t`."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    node = ensemble(made)
    values = np.asarray(attribute(node, "nodes_values"), dtype=np.float32)
    if mode in ("BRANCH_LT", "BRANCH_GTE"):
        values = np.nextafter(values, np.float32(np.inf))
    true, false = attribute(node, "nodes_truenodeids"), attribute(node, "nodes_falsenodeids")
    if mode in ("BRANCH_GTE", "BRANCH_GT"):
        true, false = false, true
    modes = [item if item == b"LEAF" else mode.encode() for item in attribute(node, "nodes_modes")]
    changed = {
        "nodes_values": values.tolist(),
        "nodes_truenodeids": true,
        "nodes_falsenodeids": false,
        "nodes_modes": modes,
    }
    kept = [item for item in node.attribute if item.name not in changed]
    del node.attribute[:]
    node.attribute.extend([*kept, *(helper.make_attribute(name, value) for name, value in changed.items())])
    return made


def modern(model: onnx.ModelProto) -> onnx.ModelProto:
    """A regressor's trees as the operator TreeEnsemble of ai.onnx.ml 5."""
    node = ensemble(model)
    given = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    keys = list(zip(given["nodes_treeids"], given["nodes_nodeids"], strict=True))
    inner = [key for key, mode in zip(keys, given["nodes_modes"], strict=True) if mode != b"LEAF"]
    leaves = [key for key, mode in zip(keys, given["nodes_modes"], strict=True) if mode == b"LEAF"]
    place = {key: at for at, key in enumerate(keys)}
    weight = {
        key: value
        for *key_, value in zip(given["target_treeids"], given["target_nodeids"], given["target_weights"], strict=True)
        for key in [tuple(key_)]
    }

    def child(name: str) -> tuple[list[int], list[int]]:
        ids, flags = [], []
        for key in inner:
            to = (key[0], given[name][place[key]])
            flags.append(int(to in leaves))
            ids.append(leaves.index(to) if to in leaves else inner.index(to))
        return ids, flags

    (true, true_leaf), (false, false_leaf) = child("nodes_truenodeids"), child("nodes_falsenodeids")
    floats = [given["nodes_values"][place[key]] for key in inner]
    weights = [weight[key] for key in leaves]
    first = {key[0]: inner.index(key) for key in reversed(inner)}
    made = helper.make_node(
        "TreeEnsemble", ["X"], ["sum"], domain="ai.onnx.ml", n_targets=1, aggregate_function=1, post_transform=0,
        tree_roots=[first[tree] for tree in sorted(first)],
        nodes_splits=helper.make_tensor("s", TensorProto.FLOAT, [len(floats)], floats),
        nodes_featureids=[given["nodes_featureids"][place[key]] for key in inner],
        nodes_modes=helper.make_tensor("m", TensorProto.UINT8, [len(inner)], [0] * len(inner)),
        nodes_truenodeids=true, nodes_trueleafs=true_leaf, nodes_falsenodeids=false, nodes_falseleafs=false_leaf,
        leaf_targetids=[0] * len(leaves),
        leaf_weights=helper.make_tensor("w", TensorProto.FLOAT, [len(weights)], weights),
    )  # fmt: skip
    base = np.asarray(given.get("base_values", [0.0]), dtype=np.float32)
    graph = helper.make_graph(
        [made, helper.make_node("Add", ["sum", "base"], ["variable"])],
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("variable", TensorProto.FLOAT, [None, 1])],
        [onnx.numpy_helper.from_array(base, "base")],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 5)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)
