"""Writes a model, a table and the plan that joins them, for the live runs."""

from pathlib import Path
from typing import Any

import onnx
import pyarrow as pa
import pytest
import yaml

from evidence.validation.plan.model import Plan
from evidence.validation.plan.read import load_plan
from tests.worlds.runs import MakePlan, applications, logistic, plan_values, write_table


@pytest.fixture
def make_plan(tmp_path: Path) -> MakePlan:
    """Writes model, table and plan to a folder and loads the plan: `make_plan(model=…, table=…, **sections)`."""

    def make(*, model: onnx.ModelProto | bytes | None = None, table: pa.Table | None = None, **changes: Any) -> Plan:
        data = model if isinstance(model, bytes) else (model or logistic()).SerializeToString()
        (tmp_path / "model.onnx").write_bytes(data)
        values = plan_values(**changes)
        write_table(tmp_path / values["data"]["path"], applications(600) if table is None else table)
        (tmp_path / "plan.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
        return load_plan(tmp_path / "plan.yaml")

    return make
