"""The controls and the plans know one table of measures: directions, ranges and units are the same in both."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from evidence.validation.catalogue import MEASURES, metrics_of, promises_of
from evidence.validation.kinds import EVERY

POLICIES = Path(__file__).parents[2] / "policies"
NO_END = 9_000_000_000
"""Stands for "no end" in the policies."""


def test_rego_has_the_table_of_the_catalogue() -> None:
    opa = find_opa()
    if opa is None:
        assert os.environ.get("CI") != "true", HOW_TO_GET_OPA
        pytest.skip(HOW_TO_GET_OPA)
    asked = [str(opa.path), "eval", "--format", "raw", "--data", str(POLICIES / "lib"), "data.lib.metrics.table"]
    table = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    assert table == {
        name: {
            "better": row.better,
            "lowest": row.lowest,
            "highest": NO_END if row.highest is None else row.highest,
            "unit": row.unit,
        }
        for name, row in MEASURES.items()
    }


@pytest.mark.parametrize("kind", sorted(EVERY))
def test_every_kind_has_metrics_and_tests(kind: str) -> None:
    metrics = metrics_of(kind)  # type: ignore[arg-type]
    assert set(metrics) <= set(promises_of(kind))  # type: ignore[arg-type]
    assert len(metrics) >= 4


def test_every_measure_says_what_it_is() -> None:
    for name, row in MEASURES.items():
        assert row.says.endswith((".", ").")), name
        assert row.lowest < (row.highest if row.highest is not None else NO_END), name
