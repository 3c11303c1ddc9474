"""Trains the gradient boosting that `test_trainers.py` runs: XGBoost, on the data of the mortgage example.

Nothing but this script needs XGBoost and onnxmltools (both Apache-2.0):

    pip install xgboost-cpu onnxmltools skl2onnx
    python -m tests.evidence.validation.models.xgboost_trees      # rewrites xgboost.onnx and xgboost.csv beside it
"""

import csv
from pathlib import Path

import numpy as np
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from xgboost import XGBClassifier

HERE = Path(__file__).parent
DATA = HERE.parents[3] / "examples" / "mortgage" / "data"
WORDS = {"yes": "1", "no": "0"}
FEATURES = ("pirat", "hirat", "lvrat", "chist", "mhist", "phist", "unemp", "selfemp", "insurance")


def main() -> None:
    x, y = table("train")
    model = XGBClassifier(n_estimators=40, max_depth=3, learning_rate=0.1, min_child_weight=20, random_state=7)
    model.fit(x, y)
    graph = convert_xgboost(model, initial_types=[("X", FloatTensorType([None, len(FEATURES)]))], target_opset=15)
    (HERE / "xgboost.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    scores = model.predict_proba(table("test")[0])[:, 1]
    (HERE / "xgboost.csv").write_text("score\n" + "".join(f"{score:.9g}\n" for score in scores), encoding="utf-8")


def table(split: str) -> tuple[np.ndarray, np.ndarray]:
    with (DATA / f"{split}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    x = [[float(WORDS.get(row[name], row[name])) for name in FEATURES] for row in rows]
    return np.array(x, dtype=np.float32), np.array([row["deny"] == "yes" for row in rows], dtype=np.int64)


if __name__ == "__main__":
    main()
