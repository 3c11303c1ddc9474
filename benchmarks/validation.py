"""Validation wall time and memory beside a bare onnxruntime and scikit-learn loop, on the same model and rows."""

import json
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.bare_validation import COLUMNS, NUMBERS, PROTECTED, SLICES
from benchmarks.table import Peer, Row, costs, faster, figures
from benchmarks.timing import ROOT, Run, processes

TITLE = "Validation of the mortgage model (whole processes)"
EXAMPLE = ROOT / "examples" / "mortgage"
FILLS = 100_000
"""Rows of a table that fills the batches in which it is read: a smaller one takes less memory, and tells nothing."""
TOLERANCE = 1e-3
"""Ours counts scores in bins; the ROC area that they give is this near, or nearer."""


def run(quick: bool) -> list[Row]:
    """Wall time at 10^4 to 10^7 rows (10^6 when quick), and largest memory of any process."""
    rows: list[Row] = []
    memory: dict[int, Run] = {}
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as folder:
        for power in range(4, 7 if quick else 8):
            count = 10**power
            plan, table = _prepared(Path(folder), count)
            python = sys.executable
            model = str(EXAMPLE / "models" / "mortgage-v1.onnx")
            commands = {
                "ours": [python, "-m", "benchmarks.our_validation", str(plan)],
                "bare": [python, "-m", "benchmarks.bare_validation", model, str(table)],
            }
            runs = processes(commands, rounds=3 if power < 7 else 1, warm_up=1 if power < 6 else 0)
            _check_alike(runs)
            memory[count] = runs["ours"]
            name = f"{count:,} rows; {_megabytes(runs['ours'])} beside {_megabytes(runs['bare'])} of memory"
            ours, bare = runs["ours"].seconds, Peer("bare loop", runs["bare"].seconds)
            rows.append(faster(name, ours, bare, 5) if power >= 6 else costs(name, ours, bare, 1.15))
            table.unlink()
    first, last = FILLS, max(memory)
    growth = memory[last].memory / memory[first].memory
    rows.append(
        Row(
            f"memory at {last:,} rows beside {first:,}",
            _megabytes(memory[last]),
            _megabytes(memory[first]),
            f"{figures(growth)} times the memory",
            "<= 1.5 times the memory",
            growth <= 1.5,
        )
    )
    return rows


def _prepared(folder: Path, count: int) -> tuple[Path, Path]:
    """The plan and the table of `count` rows, drawn with a fixed seed from the example's data; written in pieces."""
    import numpy as np
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    source = pacsv.read_csv(EXAMPLE / "data" / "boston_hmda.csv")
    random = np.random.default_rng(7)
    table = folder / f"rows-{count}.parquet"
    with pq.ParquetWriter(table, source.schema) as writer:
        for start in range(0, count, 250_000):
            size = min(250_000, count - start)
            writer.write_table(source.take(random.integers(0, source.num_rows, size)))
    plan = folder / f"plan-{count}.yaml"
    plan.write_text(yaml.safe_dump(_plan(table)), encoding="utf-8")
    return plan, table


def _plan(table: Path) -> dict[str, object]:
    columns = [{"name": name} if name in NUMBERS else {"name": name, "values": {"no": 0, "yes": 1}} for name in COLUMNS]
    return {
        "system": "mortgage",
        "model": {"path": str(EXAMPLE / "models" / "mortgage-v1.onnx"), "name": "mortgage", "version": "1"},
        "environment": "benchmark",
        "data": {
            "path": str(table),
            "format": "parquet",
            "label": "deny",
            "positive": "yes",
            "negative": "no",
            "split": "test",
            "population": "mortgage applications in the Boston area, resampled",
            "as_of": "1990-12-31",
        },
        "features": {"layout": "tensor", "input": "X", "columns": columns},
        "output": {"name": "probabilities", "index": 1, "threshold": 0.5, "favourable": "negative"},
        "protected_attributes": {"attributes": [PROTECTED]},
        "slices": list(SLICES),
        "seed": 7,
        "binding_measures": ["impact_ratio"],
        "plan": {
            "committed_at": "2026-11-20T00:00:00Z",
            "required_tests": ["roc_auc"],
            "thresholds": {"roc_auc": {"op": ">=", "value": 0.7, "confidence": 0.95}},
            "primary_metric": "roc_auc",
            "protected_attributes": [PROTECTED],
            "threat_models": [],
        },
    }


def _check_alike(runs: dict[str, Run]) -> None:
    """Both measured the same thing, or their times mean nothing."""
    ours, bare = (json.loads(runs[name].output) for name in ("ours", "bare"))
    for name in ours.keys() & bare.keys():
        if abs(ours[name] - bare[name]) > TOLERANCE:
            raise RuntimeError(f"`{name}` is {ours[name]} here and {bare[name]} in the bare loop")


def _megabytes(run: Run) -> str:
    return f"{figures(run.memory / 1e6)} MB"
