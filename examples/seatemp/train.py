"""Train the forecaster of the example on sea surface temperatures; write history, splits, model and reference outputs.

From each month the temperature of the Pacific Ocean between 0-10 degrees south and 90-80 west is forecast one to three
months ahead: small gradient boostings of its change since the same month of the year before, one for the middle and two
for the ends of an interval. The graph takes what was known at the origin.

    python -m examples.seatemp.train        # rewrites history, splits, model and golden.csv, from temperatures.csv
"""

import csv
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor

HERE = Path(__file__).parent
SEED = 5
HORIZON = 3
SERIES = "nino-1-2"
LAST_TRAINED = 1980
FEATURES = ("latest", "before", "season_ago", "season_gap", "month", "ahead")
HELD = {"low": 0.04, "high": 0.96}


def main() -> None:
    months = read(HERE / "temperatures.csv")
    known = [place for place, (year, _, _) in enumerate(months) if year <= LAST_TRAINED]
    rows = [row for origin in range(12, len(months) - 1) for row in forecasts(months, origin)]
    train = [row for row in rows if row["place"] <= known[-1]]
    test = [row for row in rows if row["from"] >= known[-1]]
    write(HERE / "train.csv", train)
    write(HERE / "test.csv", test)
    with (HERE / "history.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["region", "month_start", "celsius"])
        writer.writerows([SERIES, day(months[place]), f"{months[place][2]:g}"] for place in known)
    size = {"n_estimators": 60, "max_depth": 3, "learning_rate": 0.08, "random_state": SEED}
    parts = {"celsius": GradientBoostingRegressor(loss="absolute_error", **size)}
    parts |= {name: GradientBoostingRegressor(loss="quantile", alpha=alpha, **size) for name, alpha in HELD.items()}
    truth = np.asarray([row["celsius"] for row in train])
    for model in parts.values():
        model.fit(table(train), truth)
    graph = together({name: to_onnx(model, table(train)[:1], target_opset=17) for name, model in parts.items()})
    (HERE / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    answers = parts["celsius"].predict(table(test))
    (HERE / "golden.csv").write_text("celsius\n" + "".join(f"{value:.9g}\n" for value in answers), encoding="utf-8")


def read(path: Path) -> list[tuple[int, int, float]]:
    """Year, month and temperature, in their order."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [(int(row[0]), at + 1, float(value)) for row in rows for at, value in enumerate(row[1:])]


def forecasts(months: list[tuple[int, int, float]], origin: int) -> list[dict[str, object]]:
    """The rows of one origin, one for each horizon of which the truth is known."""
    found = []
    for ahead in range(1, HORIZON + 1):
        place = origin + ahead
        if place >= len(months):
            break
        latest, season = months[origin][2], months[place - 12][2]
        features = (latest, months[origin - 1][2], season, latest - months[origin - 12][2], months[place][1], ahead)
        row: dict[str, object] = {"region": SERIES, "made_on": day(months[origin]), "month_start": day(months[place])}
        row |= dict(zip(FEATURES, (f"{value:.5g}" for value in features), strict=True))
        found.append(row | {"celsius": months[place][2], "from": origin, "place": place})
    return found


def day(month: tuple[int, int, float]) -> str:
    return f"{month[0]}-{month[1]:02d}-01"


def table(rows: list[dict[str, object]]) -> np.ndarray:
    return np.asarray([[float(str(row[name])) for name in FEATURES] for row in rows], dtype=np.float32)


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
        helper.make_node("Identity", ["raw_celsius"], ["celsius"]),
        helper.make_node("Min", ["raw_low", "raw_celsius"], ["low"]),
        helper.make_node("Max", ["raw_high", "raw_celsius"], ["high"]),
    ]
    first = next(iter(parts.values()))
    graph = helper.make_graph(nodes, "seatemp", list(first.graph.input), outputs, tensors)
    model = helper.make_model(graph, opset_imports=first.opset_import, ir_version=9)
    model.doc_string = "Sea surface temperature one to three months ahead, example of Quaestor"
    onnx.checker.check_model(model, full_check=True)
    return model


def write(path: Path, rows: list[dict[str, object]]) -> None:
    columns = ["region", "made_on", "month_start", *FEATURES, "celsius"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
