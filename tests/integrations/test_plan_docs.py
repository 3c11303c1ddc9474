"""The worked examples of docs/plans.md are plans that can be read."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evidence.model.yaml import parse_yaml
from evidence.validation.plan.model import Plan
from evidence.validation.plan.read import load_plan

DOCS = Path(__file__).parents[2] / "docs/plans.md"
_, EXAMPLES = DOCS.read_text(encoding="utf-8").split("## Worked examples", 1)
FIRST, *OTHERS = re.findall(r"```yaml\n(.*?)```", EXAMPLES, re.DOTALL)


def values(text: str) -> dict[str, Any]:
    found = parse_yaml(text).value
    assert isinstance(found, dict)
    return found


def plan(tmp_path: Path, change: str = "{}") -> Plan:
    """The first example, with what another puts in the place of its fields."""
    whole = values(FIRST)
    for name, value in values(change).items():
        whole[name] = whole[name] | value if name == "plan" else value
    for file in ("loans.onnx", "test.csv", "test.npz", "train.csv"):
        (tmp_path / file).touch()
    (tmp_path / "plan.yaml").write_text(json.dumps(whole, indent=1), encoding="utf-8")
    return load_plan(tmp_path / "plan.yaml")


def test_the_whole_one(tmp_path: Path) -> None:
    read = plan(tmp_path)
    assert (read.output.kind, read.output.threshold) == ("probability", 0.4)
    assert read.plan.primary_metric == "roc_auc"


@pytest.mark.parametrize("change", OTHERS, ids=lambda text: text.split(":", 1)[0])
def test_what_stands_in_its_place(change: str, tmp_path: Path) -> None:
    read, whole = plan(tmp_path, change), plan(tmp_path)
    for name in values(change):
        assert getattr(read, name) != getattr(whole, name)


def test_they_show_each_thing() -> None:
    shown = [set(values(text)) for text in OTHERS]
    assert {"output", "reference", "slices", "protected_attributes", "training"} <= set.union(*shown)
    assert "abstain" in EXAMPLES
    assert "kind: label" in EXAMPLES
