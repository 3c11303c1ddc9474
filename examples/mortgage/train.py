"""Train the two models of the example on the Boston HMDA data, and write the splits and reference outputs beside them.

Version 1 is a logistic regression with balanced class weights. Version 2 is chosen by a fairness-constrained grid
search (Agarwal et al., "A Reductions Approach to Fair Classification", 2018; fairlearn `GridSearch` with
`DemographicParity`) as the best candidate whose selection-rate ratio on the *training* half is at least 0.95, and
refuses input outside the declared domain: its graph answers -1 ("refer to a person") there.

Both predict denial; approval is the favourable outcome. The protected attribute `afam` is no input of either.

    python examples/mortgage/train.py        # rewrites data/{train,test}.csv, models/*, metadata.json
"""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from fairlearn.reductions import DemographicParity, GridSearch
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent
SEED = 7
DOMAIN = {
    "pirat": (0.0, 3.0),
    "hirat": (0.0, 3.0),
    "lvrat": (0.0, 2.0),
    "chist": (1.0, 6.0),
    "mhist": (1.0, 4.0),
    "phist": (0.0, 1.0),
    "unemp": (0.0, 25.0),
    "selfemp": (0.0, 1.0),
    "insurance": (0.0, 1.0),
    "condomin": (0.0, 1.0),
    "single": (0.0, 1.0),
    "hschool": (0.0, 1.0),
}
FEATURES = list(DOMAIN)
MIN_TRAINING_RATIO = 0.95


def main() -> None:
    rows = list(csv.DictReader((HERE / "data" / "boston_hmda.csv").open(encoding="utf-8")))
    train, test = split(rows)
    for name, part in (("train", train), ("test", test)):
        write_rows(HERE / "data" / f"{name}.csv", part)
    x, y, group = matrix(train)
    v1 = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000)).fit(x, y)
    v2, ratio, trials = fair_choice(x, y, group)
    x_test, _, _ = matrix(test)
    for name, model in (("v1", v1), ("v2", v2)):
        graph = to_onnx(model, x[:1], options={"zipmap": False}, target_opset=17)
        graph.doc_string = "Boston HMDA mortgage denial, example of Quaestor"
        if name == "v2":
            graph = guard(graph)
        (HERE / "models" / f"mortgage-{name}.onnx").write_bytes(graph.SerializeToString(deterministic=True))
        write_golden(HERE / "models" / f"golden-{name}.csv", model.predict_proba(x_test)[:, 1])
    write_metadata(train, test, {"v1": v1, "v2": v2}, ratio, trials)


def split(rows: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Halves of the data; identical applications stay in one half, so that no record lies in both."""
    same: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in rows:
        same.setdefault(tuple(row.values()), []).append(row)
    groups = list(same.values())
    train: list[dict[str, str]] = []
    test: list[dict[str, str]] = []
    for index in np.random.default_rng(SEED).permutation(len(groups)):
        (train if len(train) < len(rows) // 2 else test).extend(groups[index])
    return train, test


def matrix(rows: list[dict[str, str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, 12) float32, label (n,) 1 for denied, group (n,) 1 for African American."""
    words = {"yes": "1", "no": "0"}
    x = np.array([[float(words.get(row[name], row[name])) for name in FEATURES] for row in rows], dtype=np.float32)
    y = np.array([row["deny"] == "yes" for row in rows], dtype=np.int64)
    group = np.array([row["afam"] == "yes" for row in rows], dtype=np.int64)
    return x, y, group


def fair_choice(x: np.ndarray, y: np.ndarray, group: np.ndarray) -> tuple[object, float, int]:
    """The candidate of best AUC on the training half among those whose selection-rate ratio there reaches the bound."""
    scaler = StandardScaler().fit(x)
    search = GridSearch(LogisticRegression(max_iter=1000), constraints=DemographicParity(), grid_size=31)
    search.fit(scaler.transform(x), y, sensitive_features=group)
    best: tuple[float, float, LogisticRegression] | None = None
    for candidate in search.predictors_:
        score = candidate.predict_proba(scaler.transform(x))[:, 1]
        approved = score < 0.5
        rates = [approved[group == value].mean() for value in (0, 1)]
        ratio = float(min(rates) / max(rates))
        auc = float(roc_auc_score(y, score))
        if ratio >= MIN_TRAINING_RATIO and (best is None or auc > best[0]):
            best = (auc, ratio, candidate)
    if best is None:
        raise SystemExit("no candidate reaches the selection-rate ratio")
    return make_pipeline(scaler, best[2]), best[1], len(search.predictors_)


def guard(model: onnx.ModelProto) -> onnx.ModelProto:
    """Add a domain check to the graph: a row outside the declared ranges, or with NaN, gets -1 in every output."""
    graph = model.graph
    source = graph.input[0].name
    for kind, index in (("low", 0), ("high", 1)):
        bounds = np.array([limits[index] for limits in DOMAIN.values()], dtype=np.float32)
        graph.initializer.append(numpy_helper.from_array(bounds, f"domain_{kind}"))
    graph.initializer.append(numpy_helper.from_array(np.array([-1], dtype=np.int64), "refer_label"))
    graph.initializer.append(numpy_helper.from_array(np.array([-1], dtype=np.float32), "refer_score"))
    graph.initializer.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "last_axis"))
    outputs = [item.name for item in graph.output]
    for node in graph.node:
        for position, name in enumerate(node.output):
            if name in outputs:
                node.output[position] = f"raw_{name}"
    nodes = [
        # A comparison with NaN is false, so a missing value falls outside the domain too.
        helper.make_node("GreaterOrEqual", [source, "domain_low"], ["above_low"]),
        helper.make_node("LessOrEqual", [source, "domain_high"], ["below_high"]),
        helper.make_node("And", ["above_low", "below_high"], ["inside"]),
        helper.make_node("Cast", ["inside"], ["inside_number"], to=TensorProto.INT32),
        helper.make_node("ReduceMin", ["inside_number"], ["row_inside_number"], axes=[1], keepdims=1),
        helper.make_node("Cast", ["row_inside_number"], ["row_inside"], to=TensorProto.BOOL),
        helper.make_node("Squeeze", ["row_inside", "last_axis"], ["label_inside"]),
        helper.make_node("Where", ["label_inside", f"raw_{outputs[0]}", "refer_label"], [outputs[0]]),
        helper.make_node("Where", ["row_inside", f"raw_{outputs[1]}", "refer_score"], [outputs[1]]),
    ]
    graph.node.extend(nodes)
    onnx.checker.check_model(model, full_check=True)
    return model


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_golden(path: Path, scores: np.ndarray) -> None:
    """The training framework's own probability of denial for each row of the test half, in order."""
    path.write_text("score\n" + "".join(f"{score:.9g}\n" for score in scores), encoding="utf-8")


def write_metadata(
    train: list[dict[str, str]],
    test: list[dict[str, str]],
    models: dict[str, object],
    ratio: float,
    trials: int,
) -> None:
    """Facts of the training run that the training-run records cite."""
    x, y, _ = matrix(train)
    x_test, y_test, _ = matrix(test)
    overlap = len({tuple(row.values()) for row in train} & {tuple(row.values()) for row in test})
    facts = {
        "seed": SEED,
        "features": FEATURES,
        "rows": {"train": len(train), "test": len(test)},
        "split_overlap": overlap,
        "minority_share": round(float(y.mean()), 6),
        "class_shares": [
            {"no": round(1 - float(half.mean()), 6), "yes": round(float(half.mean()), 6)} for half in (y, y_test)
        ],
        "training_ratio_v2": round(ratio, 6),
        "trials": {"v1": 1, "v2": trials},
        "auc": {
            name: {
                "train": round(float(roc_auc_score(y, model.predict_proba(x)[:, 1])), 6),
                "test": round(float(roc_auc_score(y_test, model.predict_proba(x_test)[:, 1])), 6),
            }
            for name, model in models.items()
        },
        "digests": {
            str(path.relative_to(HERE)): "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted([*(HERE / "data").glob("*.csv"), *(HERE / "models").glob("*")])
        },
    }
    (HERE / "metadata.json").write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
