"""Wide models and wide tables: the memory of a 100 MB network, and drift of 200 features beside a plain numpy loop."""

import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from benchmarks.table import Peer, Row, faster, figures
from benchmarks.timing import processes, run_process

TITLE = "Wide models and tables (whole processes)"
ROWS = 100_000
FEATURES = 200
HIDDEN = (5000, 4800)
"""Widths of the network's layers: 100 MB of weights in single precision."""
MOST_BYTES = 1e9


def run(quick: bool) -> list[Row]:
    """Memory of the largest process at 10^5 rows (10^4 when quick), and time of drift of all features."""
    count = ROWS // 10 if quick else ROWS
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as name:
        folder = Path(name)
        rows = []
        for format_ in ("parquet", "csv", "npz"):
            # The files of the other formats differ in the reading alone, which fewer rows show.
            size = count if format_ == "parquet" else count // 10
            plan = prepared(folder / format_, format_, size, HIDDEN)
            found = run_process(_ours(plan))
            aim = "<= 1,000 MB"
            told = f"{figures(found.memory / 1e6)} MB"
            title = f"memory of a 100 MB network on {size:,} rows of {FEATURES} features, {format_}"
            rows.append(Row(title, told, "", "", aim, found.memory <= MOST_BYTES))
        plan = prepared(folder / "drift", "parquet", count, (), reference=True)
        tables = [str(plan.parent / f"{part}.parquet") for part in ("reference", "data")]
        commands = {"ours": _ours(plan), "bare": [sys.executable, "-m", "benchmarks.bare_drift", *tables]}
        runs = processes(commands, rounds=3, warm_up=0)
        title = f"validation with drift of {FEATURES} features, {count:,} rows on each side"
        peer = Peer("psi, js, ks by numpy and scipy, nothing else", runs["bare"].seconds)
        rows.append(faster(title, runs["ours"].seconds, peer, 1))
    return rows


def _ours(plan: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.our_validation", str(plan)]


def prepared(folder: Path, format_: str, rows: int, hidden: tuple[int, ...], *, reference: bool = False) -> Path:
    """Writes a network, a table of normal features (and a reference) with fixed seeds, and the plan that joins them."""
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(_network(hidden))
    _write(folder / f"data.{format_}", _columns(rows, seed=1))
    plan: dict[str, Any] = {
        "system": "wide",
        "model": {"path": "model.onnx", "name": "wide", "version": "1"},
        "environment": "benchmark",
        "data": {
            "path": f"data.{format_}",
            "format": format_,
            "label": "label",
            "positive": "yes",
            "negative": "no",
            "split": "test",
            "population": "made up",
            "as_of": "2026-01-01",
        },
        "features": {"layout": "tensor", "input": "X", "columns": [{"name": f"f{i}"} for i in range(FEATURES)]},
        "output": {"name": "p", "threshold": 0.5, "favourable": "positive"},
        "protected_attributes": {"attributes": ["sex"]},
        "slices": ["region"],
        "seed": 7,
        "binding_measures": ["impact_ratio"],
        "plan": {
            "committed_at": "2026-11-20T00:00:00Z",
            "required_tests": ["roc_auc"],
            "thresholds": {"roc_auc": {"op": ">=", "value": 0.4, "confidence": 0.95}},
            "primary_metric": "roc_auc",
            "protected_attributes": ["sex"],
            "threat_models": [],
        },
    }
    if reference:
        _write(folder / f"reference.{format_}", _columns(rows, seed=2))
        plan["reference"] = {
            "path": f"reference.{format_}",
            "format": format_,
            "statistics": ["psi", "js", "ks"],
            "window": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        }
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    return folder / "plan.yaml"


def _network(hidden: tuple[int, ...]) -> bytes:
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(3)
    nodes, weights, last = [], [], "X"
    widths = [FEATURES, *hidden, 1]
    for place, (size, wide) in enumerate(pairwise(widths)):
        numbers = (random.normal(size=(size, wide)) / np.sqrt(size)).astype(np.float32)
        weights.append(numpy_helper.from_array(numbers, f"w{place}"))
        end = place == len(hidden)
        nodes.append(helper.make_node("MatMul", [last, f"w{place}"], [f"z{place}"]))
        nodes.append(helper.make_node("Sigmoid" if end else "Relu", [f"z{place}"], ["p" if end else f"a{place}"]))
        last = f"a{place}"
    graph = helper.make_graph(
        nodes,
        "wide",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, FEATURES])],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])],
        weights,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    found: bytes = made.SerializeToString()
    return found


def _columns(rows: int, seed: int) -> dict[str, Any]:
    import numpy as np

    random = np.random.default_rng(seed)
    found: dict[str, Any] = {f"f{i}": random.normal(size=rows) for i in range(FEATURES)}
    found["label"] = np.where(random.random(rows) < 0.4, "yes", "no")
    found["sex"] = np.where(random.random(rows) < 0.5, "female", "male")
    found["region"] = np.array(["north", "east", "south", "west"])[random.integers(0, 4, rows)]
    return found


def _write(path: Path, columns: dict[str, Any]) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    if path.suffix == ".npz":
        np.savez(path, **columns)
    elif path.suffix == ".csv":
        pacsv.write_csv(pa.table(columns), path)
    else:
        pq.write_table(pa.table(columns), path)
