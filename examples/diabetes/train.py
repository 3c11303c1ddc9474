"""Train the regression of the example on the diabetes data of Efron et al.; write splits, model and reference outputs.

Three small gradient boostings share one graph: the expected progression of the disease after a year, and the 5 % and
95 % quantiles as the ends of an interval around it.

    python -m examples.diabetes.train        # rewrites train.csv, test.csv, model.onnx, golden.csv
"""

import csv
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from skl2onnx import to_onnx
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
SEED = 7
NAMES = ("age", "sex", "bmi", "blood_pressure", "tc", "ldl", "hdl", "tch", "ltg", "glucose")
WORDS = {1.0: "one", 2.0: "two"}
"""The source codes sex as 1 and 2 and does not say which is which."""


def main() -> None:
    data = load_diabetes(scaled=False)
    x_train, x_test, y_train, y_test = train_test_split(
        data.data.astype(np.float32), data.target, test_size=0.5, random_state=SEED, stratify=data.data[:, 1]
    )
    size = {"n_estimators": 60, "max_depth": 2, "learning_rate": 0.08, "random_state": SEED}
    models = {
        "progression": GradientBoostingRegressor(loss="squared_error", **size),
        "low": GradientBoostingRegressor(loss="quantile", alpha=0.05, **size),
        "high": GradientBoostingRegressor(loss="quantile", alpha=0.95, **size),
    }
    for model in models.values():
        model.fit(x_train, y_train)
    write(HERE / "train.csv", x_train, y_train)
    write(HERE / "test.csv", x_test, y_test)
    answers = models["progression"].predict(x_test)
    (HERE / "golden.csv").write_text("progression\n" + "".join(f"{v:.9g}\n" for v in answers), encoding="utf-8")
    graph = together({name: to_onnx(model, x_train[:1], target_opset=17) for name, model in models.items()})
    (HERE / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))


def together(parts: dict[str, onnx.ModelProto]) -> onnx.ModelProto:
    """One graph over the same input, with an output a part. The ends of the interval hold the answer between them."""
    nodes, tensors, outputs = [], [], []
    for name, part in parts.items():
        graph = onnx.compose.add_prefix(part, f"{name}_", rename_inputs=False).graph
        for node in graph.node:
            node.output[:] = [f"raw_{name}" if item == graph.output[0].name else item for item in node.output]
            node.input[:] = [f"raw_{name}" if item == graph.output[0].name else item for item in node.input]
        nodes += list(graph.node)
        tensors += list(graph.initializer)
        outputs.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 1]))
    nodes += [
        helper.make_node("Identity", ["raw_progression"], ["progression"]),
        helper.make_node("Min", ["raw_low", "raw_progression"], ["low"]),
        helper.make_node("Max", ["raw_high", "raw_progression"], ["high"]),
    ]
    first = next(iter(parts.values()))
    graph = helper.make_graph(nodes, "progression", list(first.graph.input), outputs, tensors)
    model = helper.make_model(graph, opset_imports=first.opset_import, ir_version=9)
    model.doc_string = "Progression of diabetes, example of Quaestor"
    onnx.checker.check_model(model, full_check=True)
    return model


def write(path: Path, table: np.ndarray, labels: np.ndarray) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*NAMES, "progression"])
        for row, label in zip(table, labels, strict=True):
            values = [f"{value:.7g}" for value in row]
            values[1] = WORDS[float(row[1])]
            writer.writerow([*values, f"{label:g}"])


if __name__ == "__main__":
    main()
