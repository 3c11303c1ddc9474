import pickle
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from evidence.model.errors import EvidenceError
from evidence.validation.child.needs import Needs
from evidence.validation.child.scan import Scan, scan_model
from evidence.validation.child.session import Model
from evidence.validation.runner import validate
from tests.worlds.runs import MakePlan, logistic, onnx_model


def scan(model: onnx.ModelProto) -> Scan:
    return scan_model(model.SerializeToString())


def external(path: str) -> onnx.ModelProto:
    weights = numpy_helper.from_array(np.zeros((2, 1), dtype=np.float32), "W")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=path)
    return onnx_model([helper.make_node("MatMul", ["X", "W"], ["p"])], [weights])


class TestAModel:
    def test_structure(self) -> None:
        found = scan(logistic())
        assert (found.format, found.ir_version, found.opset, found.nodes) == ("onnx", 9, 17, 2)
        assert [(item.name, item.dtype, item.shape) for item in found.inputs] == [("X", "float32", (None, 2))]
        assert [item.name for item in found.outputs] == ["p"]
        assert not found.custom_operators + found.executable_content + found.external_data

    def test_operators_from_outside_the_standard(self) -> None:
        model = onnx_model(
            [helper.make_node("Evil", ["X"], ["p"], domain="com.evil")],
            opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.evil", 1)],
        )
        assert scan(model).custom_operators == ("com.evil:Evil",)

    def test_operators_hidden_in_a_branch(self) -> None:
        inner = helper.make_graph([helper.make_node("PyOp", ["X"], ["y"], domain="ai.onnx.contrib")], "i", [], [])
        model = onnx_model([helper.make_node("If", ["c"], ["p"], then_branch=inner, else_branch=inner)])
        found = scan(model)
        assert found.custom_operators == ("ai.onnx.contrib:PyOp",)
        assert found.executable_content == ("Python operator",)

    def test_a_function_of_the_model_is_no_custom_operator_but_what_it_calls_is(self) -> None:
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
        body = [helper.make_node("Evil", ["a"], ["b"], domain="com.evil")]
        function = helper.make_function("own", "F", ["a"], ["b"], body, opsets)
        model = onnx_model(
            [helper.make_node("F", ["X"], ["p"], domain="own")], opset_imports=opsets, functions=[function]
        )
        assert scan(model).custom_operators == ("com.evil:Evil",)

    @pytest.mark.parametrize(
        ("path", "escapes"),
        [
            ("weights.bin", False),
            ("sub/weights.bin", False),
            ("../weights.bin", True),
            ("sub/../../w", True),
            ("/etc/passwd", True),
            ("C:\\w", True),
            ("..\\w", True),
        ],
    )
    def test_outside_files(self, path: str, escapes: bool) -> None:
        found = scan(external(path))
        assert found.external_data == (path,)
        assert found.escaping_data == ((path,) if escapes else ())

    def test_outside_files_in_what_a_function_gives_by_default(self) -> None:
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
        body = [helper.make_node("Constant", [], ["b"])]
        body[0].attribute.add(name="value", ref_attr_name="w", type=onnx.AttributeProto.TENSOR)
        hidden = external("../secret.bin").graph.initializer[0]
        function = helper.make_function(
            "own", "F", ["a"], ["b"], body, opsets, attribute_protos=[helper.make_attribute("w", hidden)]
        )
        model = onnx_model(
            [helper.make_node("F", ["X"], ["p"], domain="own")], opset_imports=opsets, functions=[function]
        )
        assert scan(model).escaping_data == ("../secret.bin",)

    def test_a_program_inside_a_tensor(self) -> None:
        hidden = numpy_helper.from_array(np.frombuffer(b"\x7fELF" + bytes(60), dtype=np.uint8), "w")
        model = onnx_model([helper.make_node("Identity", ["X"], ["p"])], [hidden])
        assert scan(model).executable_content == ("ELF program in the tensor `w`",)

    def test_personal_data_left_in_the_words(self) -> None:
        model = logistic()
        model.metadata_props.add(key="author", value="mail jane.doe@example.org or 078-05-1120")
        assert scan(model).pii_scan_hits == 2

    def test_graphs_nested_too_deep(self) -> None:
        graph = helper.make_graph([helper.make_node("Identity", ["X"], ["y"])], "g", [], [])
        for _ in range(17):
            graph = helper.make_graph(
                [helper.make_node("If", ["c"], ["y"], then_branch=graph, else_branch=graph)], "g", [], []
            )
            del graph.node[0].attribute[1]
        with pytest.raises(EvidenceError, match="nested deeper"):
            scan(onnx_model(list(graph.node)))


class TestTwoFormatsAtOnce:
    """What is scanned is what runs."""

    def test_a_file_of_both_formats_is_none_of_ours(self) -> None:
        data = b"\xf8\x80\x80\x00ORTM" + bytes(ord("T") - 1) + logistic().SerializeToString()
        model = onnx.load_model_from_string(data)
        assert [node.op_type for node in model.graph.node] == ["MatMul", "Sigmoid"]
        found = scan_model(data)
        assert (found.format, found.nodes) == ("ort", 0)

    def test_the_runtime_takes_no_other_format_than_was_scanned(self, make_plan: MakePlan, tmp_path: Path) -> None:
        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.optimized_model_filepath = str(tmp_path / "model.ort")
        options.add_session_config_entry("session.save_model_format", "ORT")
        ort.InferenceSession(logistic().SerializeToString(), options)
        data = (tmp_path / "model.ort").read_bytes()
        assert ort.InferenceSession(data).get_inputs()[0].name == "X"
        with pytest.raises(EvidenceError, match="cannot be loaded"):
            Model(data, scan(logistic()), make_plan(), Needs(logistic().SerializeToString()))
        plan = make_plan(model=data)
        with pytest.raises(EvidenceError, match="in onnxruntime's own format"):
            validate(plan, started_at=datetime(2026, 11, 21, tzinfo=UTC), plan_digest=plan.digest)


class TestNoModel:
    @pytest.mark.parametrize(
        ("data", "kind", "content"),
        [
            (pickle.dumps({"a": 1}), "pickle", ("pickle opcodes",)),
            (pickle.dumps(Exception("x"), protocol=0), "pickle", ("pickle opcodes",)),
            (b"PK\x03\x04rest", "zip", ("zip archive",)),
            (b"\x7fELF" + bytes(60), "elf", ("ELF program",)),
            (b"\xcf\xfa\xed\xfe" + bytes(60), "mach-o", ("Mach-O program",)),
            (b"\x14\0\0\0ORTM", "ort", ()),
            (b"#!/bin/sh\n", "script", ("script",)),
            (b"just words", "unknown", ()),
            (b"", "unknown", ()),
            (logistic().SerializeToString()[:-30], "unknown", ()),
        ],
    )
    def test_is_named(self, data: bytes, kind: str, content: tuple[str, ...]) -> None:
        found = scan_model(data)
        assert (found.format, found.executable_content) == (kind, content)

    @given(st.binary(max_size=400))
    def test_no_bytes_break_the_scan(self, data: bytes) -> None:
        assert scan_model(data).format

    @given(st.integers(0, 150), st.integers(0, 255))
    def test_no_changed_byte_breaks_the_scan(self, place: int, value: int) -> None:
        data = bytearray(logistic().SerializeToString())
        data[place % len(data)] = value
        assert scan_model(bytes(data)).format
