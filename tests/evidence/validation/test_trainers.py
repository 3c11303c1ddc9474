"""Models as their trainers' converters write them: XGBoost here; LightGBM, scikit-learn and PyTorch are examples."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.read import load_plan
from evidence.validation.runner import validate
from tests.worlds.runs import plan_values

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "examples" / "mortgage" / "data" / "test.csv"
WORDS = {"no": 0, "yes": 1}
RANGES: dict[str, tuple[float, float] | None] = {
    "pirat": (0, 3), "hirat": (0, 3), "lvrat": (0, 2), "chist": (1, 6), "mhist": (1, 4), "phist": None,
    "unemp": (0, 25), "selfemp": None, "insurance": None,
}  # fmt: skip


def column(name: str, ends: tuple[float, float] | None) -> dict[str, Any]:
    if ends is None:
        return {"name": name, "values": dict(WORDS)}
    return {"name": name, "range": {"low": ends[0], "high": ends[1]}}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> ValidationOutcome:
    folder = tmp_path_factory.mktemp("xgboost")
    for name, place in {
        "model.onnx": HERE / "models" / "xgboost.onnx",
        "golden.csv": HERE / "models" / "xgboost.csv",
    }.items():
        (folder / name).write_bytes(place.read_bytes())
    values = plan_values(
        data=plan_values()["data"] | {"path": str(DATA), "label": "deny"},
        features={"layout": "tensor", "input": "X", "columns": [column(*item) for item in RANGES.items()]},
        output={"name": "probabilities", "kind": "probability", "index": 1, "favourable": "negative"},
        protected_attributes={"attributes": ["afam"]},
        golden={"outputs": {"path": "golden.csv", "format": "csv"}, "column": "score"},
        robustness={"budgets": {"noise": 0.02, "fgsm": 0.02}, "trials": 200},
        plan=plan_values()["plan"] | {"protected_attributes": ["afam"]},
    )
    (folder / "plan.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    plan = load_plan(folder / "plan.yaml")
    return validate(plan, started_at=datetime(2026, 11, 21, 8, tzinfo=UTC), plan_digest=plan.digest)


def test_the_graph_is_the_trainers_model(trees: ValidationOutcome) -> None:
    assert trees.run.max_output_difference is not None
    assert trees.run.max_output_difference < 1e-5
    assert trees.run.deterministic
    assert trees.run.batch_invariant


def test_it_is_judged_as_any_other(trees: ValidationOutcome) -> None:
    scores = np.loadtxt(HERE / "models" / "xgboost.csv", skiprows=1)
    assert trees.run.metrics["roc_auc"].ci_low > 0.7
    assert trees.run.row_counts is not None
    assert trees.run.row_counts.rows == len(scores)
    assert trees.robustness is not None
    assert set(trees.robustness.attack_success) == {"noise", "fgsm"}
    assert not any(note.startswith("custom operators") for note in trees.notes)
