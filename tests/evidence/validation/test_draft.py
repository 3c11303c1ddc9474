"""The first plan of a model: what the files say, blanks for the rest, and never a line of its own out of a file."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
import yaml
from onnx import TensorProto, helper

from evidence.model.errors import EvidenceError
from evidence.validation.draft import Asked, draft_plan
from evidence.validation.plan.read import load_plan
from evidence.validation.runner import look_into
from tests.worlds.runs import applications, logistic, write_table


def drafted(tmp_path: Path, table: pa.Table, *, model: onnx.ModelProto | bytes | None = None, **asked: Any) -> Path:
    data = model if isinstance(model, bytes) else (model or logistic()).SerializeToString()
    (tmp_path / "model.onnx").write_bytes(data)
    name = asked.pop("name", "test.csv")
    write_table(tmp_path / name, table)
    known = {"model_path": "model.onnx", "data_path": name, "data_format": name.rpartition(".")[2]}
    text = draft_plan(look_into(tmp_path / "model.onnx", tmp_path / name), Asked(**known, **asked))
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "plan.yaml"


def two_columns(rows: int = 50) -> pa.Table:
    return applications(rows).select(["income", "debt", "paid"])


def columns_model() -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info("income", TensorProto.FLOAT, [None, 1]),
        helper.make_tensor_value_info("region", TensorProto.STRING, [None, 1]),
        helper.make_tensor_value_info("wealth", TensorProto.FLOAT, [None, 1]),
    ]
    output = helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])
    graph = helper.make_graph([helper.make_node("Sigmoid", ["income"], ["p"])], "g", inputs, [output])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.mark.parametrize("name", ["test.csv", "test.parquet"])
def test_inputs_label_and_split_are_filled_in(tmp_path: Path, name: str) -> None:
    path = drafted(tmp_path, two_columns(), label="paid", split="test", name=name)
    plan = yaml.safe_load(path.read_text(encoding="utf-8").replace("positive: yes", "positive: 'yes'"))
    assert plan["features"]["layout"] == "tensor"
    assert plan["features"]["input"] == "X"
    assert [column["name"] for column in plan["features"]["columns"]] == ["income", "debt"]
    assert (plan["data"]["label"], plan["data"]["positive"], plan["data"]["split"]) == ("paid", "yes", "test")
    assert plan["output"]["name"] == "p"
    assert "takes 2 columns" in path.read_text(encoding="utf-8")


def test_a_blank_is_refused_at_its_line(tmp_path: Path) -> None:
    path = drafted(tmp_path, two_columns(), label="paid")
    with pytest.raises(EvidenceError, match="is left blank") as caught:
        load_plan(path)
    line = (
        path.read_text(encoding="utf-8")
        .splitlines()
        .index("system:   # decide: as it stands in the inventory: quaestor system list")
        + 1
    )
    assert f"plan.yaml:{line}: " in str(caught.value)
    assert "`data.split`" in str(caught.value)


def test_a_blank_domain_is_not_taken_from_the_test_data(tmp_path: Path) -> None:
    text = drafted(tmp_path, two_columns(), label="paid").read_text(encoding="utf-8")
    assert "range: {low: , high: }" in text


def test_the_filled_in_draft_is_a_plan(tmp_path: Path) -> None:
    path = drafted(tmp_path, two_columns(), label="paid", split="test", system="loans", version="1")
    values = yaml.safe_load(path.read_text(encoding="utf-8").replace(": yes", ": 'yes'").replace(": no", ": 'no'"))
    values["environment"], values["data"]["population"] = "staging", "invented applicants"
    values["data"]["as_of"] = "2025-12-31"
    for column in values["features"]["columns"]:
        column["range"] = {"low": 0, "high": 1}
    values["output"]["favourable"] = "positive"
    del values["artifact"]
    values["plan"]["committed_at"] = "2026-01-01T00:00:00Z"
    values["plan"]["thresholds"]["roc_auc"]["value"] = 0.5
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    assert load_plan(path).system == "loans"


def test_one_input_a_column(tmp_path: Path) -> None:
    table = applications(30).select(["income", "region", "paid"])
    text = drafted(tmp_path, table, model=columns_model(), label="paid").read_text(encoding="utf-8")
    assert "layout: columns" in text
    assert "{name: region, text: true}" in text
    assert "{name: , input: wealth}   # decide" in text


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no column `paidd`") as caught:
        drafted(tmp_path, two_columns(), label="paidd")
    assert "income" in (caught.value.hint or "")


@pytest.mark.parametrize("evil", ["x\nplan: {}", "a: b #", "{", "no", "1e3", "- q", "\x07", "null", "*a", "\u202e"])
def test_names_and_words_stay_what_they_are(tmp_path: Path, evil: str) -> None:
    table = pa.table({evil: np.arange(40) / 40, "word": [evil, "b"] * 20, "paid": [evil, "z"] * 20})
    path = drafted(tmp_path, table, label="paid", name="test.parquet", protected=("word",))
    read = [item for item in path.read_text(encoding="utf-8").splitlines() if item.startswith("plan:")]
    assert len(read) == 1
    from evidence.model.yaml import parse_yaml

    values = parse_yaml(path.read_bytes()).value
    assert [column["name"] for column in values["features"]["columns"]] == [evil]


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="not an ONNX model"):
        drafted(tmp_path, two_columns(), model=b"\x80\x04K\x01.", label="paid")
