"""Train a gradient boosting with LightGBM on the data of the mortgage example; write the model and reference outputs.

Sixty small trees. The graph keeps the ZipMap that the converter puts at the end: the plan names the key of the positive
class. Nothing but this script needs LightGBM (MIT) and onnxmltools (Apache-2.0):

    pip install lightgbm onnxmltools pandas
    python -m examples.boosting.train        # rewrites model.onnx and golden.csv
"""

import csv
from pathlib import Path

import numpy as np
import onnx
from lightgbm import LGBMClassifier
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

HERE = Path(__file__).parent
DATA = HERE.parent / "mortgage" / "data"
SEED = 7
WORDS = {"yes": "1", "no": "0"}
FEATURES = (
    *("pirat", "hirat", "lvrat", "chist", "mhist", "phist", "unemp", "selfemp", "insurance", "condomin", "single"),
    "hschool",
)


def main() -> None:
    x, y = table("train")
    model = LGBMClassifier(
        n_estimators=60, num_leaves=7, learning_rate=0.06, min_child_samples=30, random_state=SEED, verbose=-1
    ).fit(x, y)
    graph = convert_lightgbm(model, initial_types=[("X", FloatTensorType([None, len(FEATURES)]))], target_opset=15)
    floor_thresholds(graph, model.booster_.trees_to_dataframe()["threshold"].dropna().to_numpy())
    graph.doc_string = "Mortgage denial by gradient boosting, example of Quaestor"
    (HERE / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    scores = model.predict_proba(table("test")[0])[:, 1]
    (HERE / "golden.csv").write_text("score\n" + "".join(f"{score:.9g}\n" for score in scores), encoding="utf-8")


def floor_thresholds(graph: onnx.ModelProto, exact: np.ndarray) -> None:
    """Round each threshold down to 32 bits: rounded to the nearest, a value just above it would pass in the graph.

    The trainer compares 64-bit numbers; INT-06 found the three rows of the test data that fell on the other side.
    """
    nearest = exact.astype(np.float32)
    floored = np.where(nearest > exact, np.nextafter(nearest, np.float32(-np.inf)), nearest)
    known = dict(zip(nearest.tolist(), floored.tolist(), strict=True))
    (trees,) = [node for node in graph.graph.node if node.op_type == "TreeEnsembleClassifier"]
    (values,) = [item for item in trees.attribute if item.name == "nodes_values"]
    values.floats[:] = [known.get(value, value) for value in values.floats]


def table(split: str) -> tuple[np.ndarray, np.ndarray]:
    with (DATA / f"{split}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    x = [[float(WORDS.get(row[name], row[name])) for name in FEATURES] for row in rows]
    return np.array(x, dtype=np.float32), np.array([row["deny"] == "yes" for row in rows], dtype=np.int64)


if __name__ == "__main__":
    main()
