"""Train the classifier of the example on scikit-learn's wine data, and write splits, model and reference outputs.

A logistic regression over thirteen chemical measurements answers with one of three cultivars. The graph keeps the
ZipMap that converters put at the end: its scores come as a dictionary a row.

    python -m examples.wine.train        # rewrites train.csv, test.csv, model.onnx, golden.csv
"""

import csv
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent
SEED = 7
CULTIVARS = ("class_0", "class_1", "class_2")
"""The data do not name the three; the model calls them 0, 1 and 2."""


def main() -> None:
    data = load_wine()
    names = [name.replace("/", "_") for name in data.feature_names]
    x_train, x_test, y_train, y_test = train_test_split(
        data.data.astype(np.float32), data.target, test_size=0.6, random_state=SEED, stratify=data.target
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5, max_iter=1000)).fit(x_train, y_train)
    write(HERE / "train.csv", [*names, "cultivar"], x_train, [CULTIVARS[code] for code in y_train])
    write(HERE / "test.csv", [*names, "cultivar"], x_test, [CULTIVARS[code] for code in y_test])
    write(HERE / "golden.csv", CULTIVARS, model.predict_proba(x_test))
    graph = to_onnx(model, x_train[:1], target_opset=17)
    graph.doc_string = "Cultivar of a wine, example of Quaestor"
    (HERE / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))


def write(
    path: Path, header: "list[str] | tuple[str, ...]", table: np.ndarray, labels: "list[str] | None" = None
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for place, row in enumerate(table):
            writer.writerow([f"{value:.7g}" for value in row] + ([labels[place]] if labels else []))


if __name__ == "__main__":
    main()
