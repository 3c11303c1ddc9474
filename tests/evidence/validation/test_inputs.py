"""Models as they come: logits, dictionaries, several tensors, fixed batches, half precision, images, ids of words."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from evidence.model.base import parse_instant
from evidence.model.errors import EvidenceError
from evidence.validation.child.arrays import headers, read_arrays
from evidence.validation.draft import Asked, draft_plan, kind_of
from evidence.validation.measured import Column
from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.read import load_plan
from evidence.validation.runner import look_into, validate
from tests.worlds.runs import plan_values

AT = parse_instant("2026-11-21T08:00:00Z")
WORDS = ["low", "mid", "high"]
Shape = list[int | str | None]


def model(nodes: list[Any], inputs: dict[str, tuple[int, Shape]], outputs: dict[str, Any], **weights: Any) -> bytes:
    made = [
        item if not isinstance(item, tuple) else helper.make_tensor_value_info(name, *item)
        for name, item in outputs.items()
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, *item) for name, item in inputs.items()],
        made,
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    found: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
    return found


def run(folder: Path, graph: bytes, table: dict[str, NDArray[Any]], **changes: Any) -> ValidationOutcome:
    """Runs a model on a table of arrays; the plan's sections as given."""
    (folder / "model.onnx").write_bytes(graph)
    np.savez(folder / "test.npz", **table)
    values = plan_values(protected_attributes=None, binding_measures=None, latency={"runs": 370, "warm_up": 0})
    several = {k: v for k, v in values["data"].items() if k not in ("positive", "negative")}
    values["data"] = several | {"path": "test.npz", "format": "npz", "label": "y"}
    values["plan"] |= {"protected_attributes": [], "required_tests": [], "thresholds": {}}
    values |= changes
    (folder / "plan.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    plan = load_plan(folder / "plan.yaml")
    return validate(plan, started_at=AT, plan_digest=plan.digest)


def promising(metric: str) -> dict[str, Any]:
    return plan_values()["plan"] | {
        "protected_attributes": [],
        "required_tests": [],
        "thresholds": {},
        "primary_metric": metric,
    }


def pictures(rows: int, seed: int = 4) -> dict[str, NDArray[Any]]:
    """Images of 4 x 4 shades; of which third the most light is in says the class."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 200, (rows, 2, 4, 4), dtype=np.uint8)
    level = images[:, 0].astype(np.float64).mean(axis=(1, 2)) / 255
    return {"images": images, "y": np.array(WORDS)[np.digitize(level, [0.36, 0.42])], "level": level}


SCALED = {"scale": 1 / 255, "mean": [0.4, 0.0], "std": [0.1, 1.0], "range": {"low": 0, "high": 255}}
PICTURE_NODES = [
    helper.make_node("ReduceMean", ["x"], ["light"], axes=[2, 3], keepdims=0),
    helper.make_node("MatMul", ["light", "W"], ["z"]),
    helper.make_node("Add", ["z", "b"], ["logits"]),
]
PICTURE_WEIGHTS = {
    "W": np.array([[-9, 0, 9], [0, 0, 0]], dtype=np.float32),
    "b": np.array([-2.2, 0, -0.6], dtype=np.float32),
}


def picture_model(batch: Any = None) -> bytes:
    return model(
        PICTURE_NODES,
        {"x": (TensorProto.FLOAT, [batch, 2, 4, 4])},
        {"logits": (TensorProto.FLOAT, [batch, 3])},
        **PICTURE_WEIGHTS,
    )


PICTURES: dict[str, Any] = {
    "features": {"layout": "arrays", "arrays": [{"name": "images", "input": "x", **SCALED}]},
    "output": {"name": "logits", "kind": "classes", "link": "softmax", "classes": WORDS},
    "plan": promising("f1_macro"),
}


def expected_chances(images: NDArray[Any]) -> NDArray[np.float64]:
    shades = (images.astype(np.float64) / 255 - np.array([0.4, 0.0])[:, None, None]) / np.array([0.1, 1.0])[
        :, None, None
    ]
    logits = shades.mean(axis=(2, 3)) @ PICTURE_WEIGHTS["W"] + PICTURE_WEIGHTS["b"]
    chances: NDArray[np.float64] = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return chances


class TestImages:
    def test_are_normalised_by_channel_and_logits_become_probabilities(self, tmp_path: Path) -> None:
        table = pictures(500)
        found = run(tmp_path, picture_model(), table, **PICTURES).run
        chances = expected_chances(table["images"])
        labels = np.array([WORDS.index(word) for word in table["y"]])
        loss = -np.log(chances[np.arange(500), labels]).mean()
        assert found.metrics["log_loss"].value == pytest.approx(loss, abs=1e-5)
        assert found.metrics["accuracy"].value == pytest.approx((chances.argmax(axis=1) == labels).mean())
        assert found.classes == tuple(WORDS)

    def test_a_fixed_batch_gives_the_same_numbers(self, tmp_path: Path) -> None:
        table = pictures(203)
        free = run(tmp_path, picture_model(), table, **PICTURES).run
        held = run(tmp_path, picture_model(batch=8), table, **PICTURES).run
        assert held.metrics == free.metrics
        assert held.confusion == free.confusion
        assert held.batch_invariant

    def test_attacks_and_drift(self, tmp_path: Path) -> None:
        table = pictures(300)
        np.savez(tmp_path / "reference.npz", **pictures(300, seed=5))
        window = {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
        reference = {"path": "reference.npz", "format": "npz", "window": window}
        attack = {"budgets": {"noise": 0.02, "fgsm": 0.02}, "trials": 60}
        found = run(tmp_path, picture_model(), table, **PICTURES, reference=reference, robustness=attack)
        assert {item.feature or item.target for item in found.drift} == {"images:mean", "images:sd", "prediction"}
        assert found.robustness is not None
        assert found.robustness.budget_in_sd is not None
        assert set(found.robustness.budget_in_sd["fgsm"]) == {"images"}
        assert found.robustness.attack_success["fgsm"].value > found.robustness.attack_success["noise"].value

    def test_copies_are_found_among_large_images(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(0)
        images = rng.integers(0, 255, (40, 2, 20, 20), dtype=np.uint8)
        images[30:] = images[:10]
        y = np.array(WORDS)[np.arange(40) % 3]
        y[30:] = y[:10]
        data = model(
            PICTURE_NODES,
            {"x": (TensorProto.FLOAT, [None, 2, 20, 20])},
            {"logits": (TensorProto.FLOAT, [None, 3])},
            **PICTURE_WEIGHTS,
        )
        found = run(tmp_path, data, {"images": images, "y": y}, **PICTURES).run
        assert found.duplicate_rows == 10
        assert found.effective_n == 26


class TestLogitsAndDictionaries:
    def test_two_classes_by_logistic(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(1)
        z = rng.normal(size=400).astype(np.float32)
        table = {"z": z[:, None], "y": (rng.random(400) < 1 / (1 + np.exp(-z))).astype(np.int64)}
        data = model(
            [helper.make_node("Identity", ["x"], ["p"])],
            {"x": (TensorProto.FLOAT, [None, 1])},
            {"p": (TensorProto.FLOAT, [None, 1])},
        )
        values = plan_values()
        label = values["data"] | {"path": "test.npz", "format": "npz", "label": "y", "positive": 1, "negative": 0}
        features = {"layout": "arrays", "arrays": [{"name": "z", "input": "x"}]}
        output = {"name": "p", "kind": "probability", "link": "logistic", "favourable": "positive"}
        plan = promising("roc_auc")
        found = run(tmp_path, data, table, data=label, features=features, output=output, plan=plan).run
        chance = 1 / (1 + np.exp(-z.astype(np.float64)))
        assert found.metrics["brier"].value == pytest.approx(((chance - table["y"]) ** 2).mean(), abs=1e-6)
        with pytest.raises(EvidenceError, match="no probability"):
            run(tmp_path, data, table, data=label, features=features, output=output | {"link": None}, plan=plan)

    def test_logits_taken_for_probabilities_are_refused(self, tmp_path: Path) -> None:
        bare = PICTURES | {"output": PICTURES["output"] | {"link": None}}
        with pytest.raises(EvidenceError, match="are no probabilities"):
            run(tmp_path, picture_model(), pictures(30), **bare)

    def test_a_gap_in_an_image_is_told_by_the_name_of_its_array(self, tmp_path: Path) -> None:
        table = pictures(60)
        table["images"] = table["images"].astype(np.float32)
        table["images"][3, 1, 2, 2] = np.nan
        with pytest.raises(EvidenceError, match="no finite value for `images` in data row 4"):
            run(tmp_path, picture_model(), table, **PICTURES)

    def test_a_label_that_is_a_feature_too_is_called_the_label(self, tmp_path: Path) -> None:
        rows = ["a,b,y", *(f"{n},{n % 7},{n % 3}" for n in range(60))]
        (tmp_path / "test.csv").write_text("\n".join(rows) + "\n")
        several = {k: v for k, v in plan_values()["data"].items() if k not in ("positive", "negative")}
        changes = {
            "data": several | {"path": "test.csv", "format": "csv", "label": "b"},
            "features": {"layout": "tensor", "input": "x", "columns": [{"name": "a"}, {"name": "b"}]},
        }
        data = model(
            [helper.make_node("MatMul", ["x", "W"], ["logits"])],
            {"x": (TensorProto.FLOAT, [None, 2])},
            {"logits": (TensorProto.FLOAT, [None, 3])},
            W=PICTURE_WEIGHTS["W"],
        )
        with pytest.raises(EvidenceError, match="both as number and as text") as caught:
            run(tmp_path, data, {}, **PICTURES | changes)
        assert "it is the label" in (caught.value.hint or "")

    def test_a_mistake_of_the_whole_plan_is_told_without_a_field(self, tmp_path: Path) -> None:
        plan = promising("f1_macro") | {"protected_attributes": ["sex"]}
        with pytest.raises(EvidenceError, match=r"^[^`]*`plan\.protected_attributes` names `sex`"):
            run(tmp_path, picture_model(), pictures(60), **PICTURES | {"plan": plan})

    def test_probabilities_taken_for_logits_are_refused(self, tmp_path: Path) -> None:
        nodes = [*PICTURE_NODES, helper.make_node("Softmax", ["logits"], ["p"], axis=1)]
        data = model(
            nodes,
            {"x": (TensorProto.FLOAT, [None, 2, 4, 4])},
            {"p": (TensorProto.FLOAT, [None, 3])},
            **PICTURE_WEIGHTS,
        )
        output = PICTURES["output"] | {"name": "p"}
        with pytest.raises(EvidenceError, match="gives probabilities already") as caught:
            run(tmp_path, data, pictures(60), **PICTURES | {"output": output})
        assert "output.link" in (caught.value.hint or "")
        run(tmp_path, data, pictures(60), **PICTURES | {"output": output | {"link": None}})

    @pytest.mark.parametrize("field", [{"positive": "high"}, {"index": 2}])
    def test_what_is_said_of_two_classes_alone_is_refused(self, tmp_path: Path, field: dict[str, Any]) -> None:
        with pytest.raises((EvidenceError, ValueError), match="are for two classes"):
            run(tmp_path, picture_model(), pictures(60), **PICTURES | {"output": PICTURES["output"] | field})

    @pytest.mark.parametrize("ids", [None, [0, 1, 2]])
    def test_a_zipmap(self, tmp_path: Path, ids: Any) -> None:
        keys = {"classlabels_strings": WORDS} if ids is None else {"classlabels_int64s": ids}
        nodes = [
            *PICTURE_NODES,
            helper.make_node("Softmax", ["logits"], ["p"], axis=1),
            helper.make_node("ZipMap", ["p"], ["scores"], domain="ai.onnx.ml", **keys),
        ]
        key = TensorProto.STRING if ids is None else TensorProto.INT64
        kind = helper.make_sequence_type_proto(
            helper.make_map_type_proto(key, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
        )
        outputs = {"scores": helper.make_value_info("scores", kind)}
        data = model(nodes, {"x": (TensorProto.FLOAT, [None, 2, 4, 4])}, outputs, **PICTURE_WEIGHTS)
        output = {"name": "scores", "kind": "classes", "classes": WORDS} | ({} if ids is None else {"ids": ids})
        table = pictures(200)
        found = run(tmp_path, data, table, **PICTURES | {"output": output}).run
        plain = run(tmp_path, picture_model(), table, **PICTURES).run
        assert found.confusion == plain.confusion
        assert found.metrics["log_loss"].value == pytest.approx(plain.metrics["log_loss"].value, abs=1e-6)
        if ids:
            with pytest.raises(EvidenceError, match="gives scores of `0`, `1`, `2`") as caught:
                run(tmp_path, data, table, **PICTURES | {"output": output | {"ids": [1, 2, 3]}})
            assert "output.ids" in (caught.value.hint or "")

    def test_classes_alone(self, tmp_path: Path) -> None:
        nodes = [*PICTURE_NODES, helper.make_node("ArgMax", ["logits"], ["c"], axis=1, keepdims=0)]
        data = model(
            nodes, {"x": (TensorProto.FLOAT, [None, 2, 4, 4])}, {"c": (TensorProto.INT64, [None])}, **PICTURE_WEIGHTS
        )
        output = {"name": "c", "kind": "class", "classes": WORDS, "ids": [0, 1, 2]}
        table = pictures(200)
        found = run(tmp_path, data, table, **PICTURES | {"output": output}).run
        assert found.confusion == run(tmp_path, picture_model(), table, **PICTURES).run.confusion
        assert "log_loss" not in found.metrics
        with pytest.raises(EvidenceError, match=r"say in `output\.ids`"):
            run(tmp_path, data, table, **PICTURES | {"output": {k: v for k, v in output.items() if k != "ids"}})
        with pytest.raises(EvidenceError, match="no class of the plan"):
            run(tmp_path, data, table, **PICTURES | {"output": output | {"ids": [0, 1, 5]}})


class TestSeveralInputs:
    def test_columns_of_one_input_make_a_tensor(self, tmp_path: Path) -> None:
        """`a`, `b` go into a half-precision tensor, `k` into whole numbers; the value is their sum."""
        nodes = [
            helper.make_node("ReduceSum", ["pair"], ["sum16"], keepdims=1),
            helper.make_node("Cast", ["sum16"], ["sum"], to=TensorProto.FLOAT),
            helper.make_node("Cast", ["k"], ["whole"], to=TensorProto.FLOAT),
            helper.make_node("Add", ["sum", "whole"], ["v"]),
        ]
        nodes[0] = helper.make_node("ReduceSum", ["pair", "axes"], ["sum16"], keepdims=1)
        inputs = {"pair": (TensorProto.FLOAT16, [None, 2]), "k": (TensorProto.INT64, [None, 1])}
        data = model(nodes, inputs, {"v": (TensorProto.FLOAT, [None, 1])}, axes=np.array([1]))
        (tmp_path / "model.onnx").write_bytes(data)
        rng = np.random.default_rng(3)
        a, b, k = rng.integers(0, 64, 300) / 8, rng.integers(0, 64, 300) / 4, rng.integers(0, 90, 300)
        y = a + b + k + rng.normal(0, 1, 300)
        pacsv.write_csv(pa.table({"a": a, "b": b, "k": k, "y": y}), tmp_path / "test.csv")
        values = plan_values(protected_attributes=None, binding_measures=None)
        kept = {n: v for n, v in values["data"].items() if n not in ("positive", "negative")}
        columns = [{"name": "a", "input": "pair"}, {"name": "b", "input": "pair"}, {"name": "k"}]
        values |= {
            "data": kept | {"label": "y"},
            "features": {"layout": "columns", "columns": columns},
            "output": {"name": "v", "kind": "value"},
            "plan": promising("mae"),
        }

        def measured(**more: Any) -> ValidationOutcome:
            (tmp_path / "plan.yaml").write_text(yaml.safe_dump(values | more), encoding="utf-8")
            plan = load_plan(tmp_path / "plan.yaml")
            return validate(plan, started_at=AT, plan_digest=plan.digest)

        assert measured().run.metrics["mae"].value == pytest.approx(np.abs(y - a - b - k).mean(), rel=1e-5)
        swapped = {"layout": "columns", "columns": [columns[0], columns[2], columns[1]]}
        with pytest.raises(EvidenceError, match="do not stand beside each other"):
            measured(features=swapped)

    def test_ids_of_words_cannot_be_attacked(self, tmp_path: Path) -> None:
        nodes = [
            helper.make_node("Cast", ["ids"], ["f"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["f"], ["v"], axes=[1], keepdims=1),
        ]
        data = model(nodes, {"ids": (TensorProto.INT64, [None, 5])}, {"v": (TensorProto.FLOAT, [None, 1])})
        ids = np.random.default_rng(2).integers(0, 30_000, (80, 5))
        table = {"ids": ids, "y": ids.mean(axis=1) + np.arange(80) % 3}
        array = {"name": "ids", "range": {"low": 0, "high": 30_000}}
        sections = {
            "features": {"layout": "arrays", "arrays": [array]},
            "output": {"name": "v", "kind": "value"},
            "plan": promising("mae"),
        }
        assert run(tmp_path, data, table, **sections).run.metrics["mae"].value == pytest.approx(79 / 80, rel=1e-3)
        attack = {"budgets": {"noise": 0.1}, "trials": 20, "tolerance": 5}
        with pytest.raises(EvidenceError, match="whole numbers that stand for something else"):
            run(tmp_path, data, table, **sections, robustness=attack)


class TestValuesThatAreNone:
    """What binds a classifier are shares; told as a value, limits in the unit of some target would bind it."""

    @pytest.mark.parametrize("labels", [[0.0, 1.0], [5.0]])
    def test_a_target_of_two_numbers(self, tmp_path: Path, labels: list[float]) -> None:
        data = model(
            [helper.make_node("ReduceMax", ["x"], ["v"], axes=[1], keepdims=1)],
            {"x": (TensorProto.FLOAT, [None, 2])},
            {"v": (TensorProto.FLOAT, [None, 1])},
        )
        rng = np.random.default_rng(6)
        table = {"x": rng.random((120, 2)).astype(np.float32), "y": rng.choice(labels, 120)}
        with pytest.raises(EvidenceError, match="classes, not values"):
            run(
                tmp_path,
                data,
                table,
                features={"layout": "arrays", "arrays": [{"name": "x"}]},
                output={"name": "v", "kind": "value"},
                plan=promising("mae"),
            )

    @pytest.mark.parametrize("metric", ["interval_coverage", "interval_width"])
    def test_an_interval_is_no_primary_metric(self, tmp_path: Path, metric: str) -> None:
        """An interval without end holds every true value, and clears the floor of any share."""
        output = {"name": "v", "kind": "value", "interval": {"low": "l", "high": "h", "level": 0.9}}
        layout = {"layout": "arrays", "arrays": [{"name": "x"}]}
        with pytest.raises(EvidenceError, match="says nothing of the answers; choose one of mae"):
            run(tmp_path, b"no model", {"y": np.arange(3.0)}, features=layout, output=output, plan=promising(metric))


class TestValuesUnderAttack:
    def test_the_worse_way_counts_and_no_tolerance_hides_it(self, tmp_path: Path) -> None:
        data = model(
            [helper.make_node("MatMul", ["x", "W"], ["v"])],
            {"x": (TensorProto.FLOAT, [None, 2])},
            {"v": (TensorProto.FLOAT, [None, 1])},
            W=np.array([[100.0], [-100.0]], dtype=np.float32),
        )
        rng = np.random.default_rng(6)
        x = rng.random((120, 2)).astype(np.float32)
        table = {"x": x, "y": (x @ [100.0, -100.0]).astype(np.float64) + rng.normal(0, 40, 120)}
        sections: dict[str, Any] = {
            "features": {"layout": "arrays", "arrays": [{"name": "x", "range": {"low": 0, "high": 1}}]},
            "output": {"name": "v", "kind": "value"},
            "plan": promising("mae"),
        }

        def attacked(tolerance: float) -> Any:
            attack = {"budgets": {"fgsm": 0.05}, "trials": 120, "tolerance": tolerance}
            return run(tmp_path, data, table, **sections, robustness=attack).robustness

        # A step of 0.05 on both moves the answer by 10, one way or the other; less only at a corner of the domain.
        assert attacked(9.0).attack_success["fgsm"].value > 0.95
        assert attacked(0.001).accuracy_drop.value == pytest.approx(1.0)
        assert attacked(10.5).attack_success["fgsm"].value == 0
        low, high = np.quantile(table["y"], [0.25, 0.75])
        spread = min(table["y"].std(), (high - low) / 1.3489795)
        assert attacked(9.0).tolerance_in_sd == pytest.approx(9 / spread, rel=1e-6)
        # One huge value makes the deviation huge, and no tolerance small.
        table["y"][0] = 1e9
        assert attacked(9.0).tolerance_in_sd == pytest.approx(9 / spread, rel=0.1)


def archived(head: bytes, body: bytes = b"") -> io.BytesIO:
    """An archive of one array `x` with this header, whatever it says."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + body)
    return file


class TestHostileArrays:
    def test_python_objects_are_refused(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", a=np.array([{"a": 1}], dtype=object))
        with pytest.raises(EvidenceError, match="neither numbers nor words"):
            headers((tmp_path / "x.npz").open("rb"), "x.npz")

    @pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00" + b"x" * 50])
    def test_what_is_no_archive(self, data: bytes) -> None:
        with pytest.raises(EvidenceError, match=r"not an \.npz file"):
            headers(io.BytesIO(data), "x.npz")

    def test_an_array_that_is_cut_off(self) -> None:
        whole, cut = io.BytesIO(), io.BytesIO()
        np.save(whole, np.arange(100.0))
        with zipfile.ZipFile(cut, "w") as archive:
            archive.writestr("a.npy", whole.getvalue()[:-80])
        with pytest.raises(EvidenceError, match="cut off"):
            list(read_arrays(cut, ["a"], "x.npz"))

    def test_different_lengths_and_absent_arrays(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", a=np.arange(3), b=np.arange(4))
        file = (tmp_path / "x.npz").open("rb")
        with pytest.raises(EvidenceError, match="different numbers of entries"):
            list(read_arrays(file, ["a", "b"], "x.npz"))
        with pytest.raises(EvidenceError, match="no array `c`"):
            list(read_arrays(file, ["a", "c"], "x.npz"))

    @pytest.mark.parametrize(
        ("shape", "kind"),
        [
            ("(-5,)", "<f8"), ("(5, -2)", "<f8"), ("(True,)", "<f8"), ("(2, 4294967296, 4294967296)", "<f8"),
            ("(1000000000, 0)", "<f8"), ("(1" + "0" * 30 + ",)", "<f8"), ("(5,)", "|S0"), ("(5,)", "<U0"),
        ],
    )  # fmt: skip
    def test_shapes_that_no_array_has(self, shape: str, kind: str) -> None:
        head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}".encode()
        with pytest.raises(EvidenceError, match=r"which is none|entries of"):
            headers(archived(head), "x.npz")

    @pytest.mark.parametrize("head", [b"(" * 9000, b"-" * 9000 + b"1", b"{[]: 1}", b"{\x00}"])
    def test_headers_that_are_none(self, head: bytes) -> None:
        with pytest.raises(EvidenceError, match="`x` cannot be read"):
            headers(archived(head), "x.npz")

    def test_entries_behind_the_last_one(self) -> None:
        hidden = archived(b"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", bytes(80))
        with pytest.raises(EvidenceError, match="more entries than it says"):
            list(read_arrays(hidden, ["x"], "x.npz"))

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
    def test_whatever_byte_is_altered(self, method: int) -> None:
        """A file that was damaged or forged gives its arrays or a mistake with a place, never a crash of the reader."""
        rng, arrays = np.random.default_rng(5), {"x": np.arange(40.0), "y": np.arange(40)}
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", method) as archive:
            for name, values in arrays.items():
                saved = io.BytesIO()
                np.save(saved, values)
                archive.writestr(f"{name}.npy", saved.getvalue())
        refused = 0
        for _ in range(300):
            data = bytearray(whole.getvalue())
            for place in rng.integers(len(data), size=3):
                data[place] = rng.integers(256)
            file = io.BytesIO(data)
            try:
                list(read_arrays(file, [item.name for item in headers(file, "x.npz")], "x.npz"))
            except EvidenceError:
                refused += 1
        assert refused > 150

    def test_batches_are_bounded_in_bytes(self, tmp_path: Path) -> None:
        wide = np.arange(300 * 16_384, dtype=np.uint8).reshape(300, 128, 128)
        np.savez_compressed(tmp_path / "x.npz", a=wide, y=np.arange(300))
        parts = list(read_arrays((tmp_path / "x.npz").open("rb"), ["a", "y"], "x.npz"))
        assert len(parts) > 1
        assert (np.concatenate([part["a"] for part in parts]) == wide).all()
        assert np.concatenate([part["y"] for part in parts]).tolist() == list(range(300))


def column(*words: str, numbers: bool = False, many: bool = False) -> Column:
    return Column(name="y", numbers=numbers, words=() if many else words, gaps=False, low=0.0, high=1.0)


class TestTheKindByTheFiles:
    @pytest.mark.parametrize(
        ("outputs", "label", "kind"),
        [
            ({"p": ("float32", (None, 1))}, column("no", "yes"), "probability"),
            ({"l": ("int64", (None,))}, column("no", "yes"), "label"),
            ({"l": ("int64", (None,)), "p": ("float32", (None, 3))}, column("a", "b", "c"), "classes"),
            ({"l": ("int64", (None,)), "p": ("sequence", None)}, column("a", "b", "c"), "classes"),
            ({"l": ("string", (None,))}, column("a", "b", "c"), "class"),
            ({"v": ("float32", (None, 1))}, column(numbers=True, many=True), "value"),
            ({"v": ("float32", (None,))}, column("1", "2", "3", numbers=True), "value"),
            ({"v": ("float32", (None, 1))}, column("a", "b", "c"), None),
            ({"v": ("float32", (None, 1))}, None, None),
        ],
    )
    def test_is_known_or_asked(self, outputs: dict[str, Any], label: Any, kind: str | None) -> None:
        from evidence.validation.child.scan import TensorInfo

        given = [TensorInfo(name=name, dtype=dtype, shape=shape) for name, (dtype, shape) in outputs.items()]
        assert kind_of(given, label) == kind

    def test_images_and_logits_are_drafted(self, tmp_path: Path) -> None:
        (tmp_path / "model.onnx").write_bytes(picture_model())
        np.savez(tmp_path / "test.npz", **pictures(40))
        text = draft_plan(
            look_into(tmp_path / "model.onnx", tmp_path / "test.npz"),
            Asked(model_path="model.onnx", data_path="test.npz", data_format="npz", label="y"),
        )
        read = yaml.safe_load(text)
        assert read["features"]["arrays"][0] | {"range": None} == {"name": "images", "input": "x", "range": None}
        assert (read["output"]["kind"], read["output"]["link"]) == ("classes", "softmax")
        assert sorted(read["output"]["classes"]) == sorted(WORDS)
        assert "uint8, 2 x 4 x 4 a row" in text


def test_groups_of_several_classes_are_audited_by_one_against_the_rest(tmp_path: Path) -> None:
    table = pictures(600)
    sex = np.array(["f", "m"])[np.arange(600) % 2]
    sections = PICTURES | {
        "output": PICTURES["output"] | {"favourable": "high"},
        "protected_attributes": {"attributes": ["sex"]},
        "binding_measures": ["impact_ratio"],
        "plan": promising("f1_macro") | {"protected_attributes": ["sex"]},
    }
    found = run(tmp_path, picture_model(), table | {"sex": sex}, **sections)
    (audit,) = found.fairness
    chosen = expected_chances(table["images"]).argmax(axis=1)
    rate = audit.group_metrics["sex=f"]["selection_rate"].value
    assert rate == pytest.approx((chosen == 2)[sex == "f"].mean(), abs=1e-6)
    assert audit.operating_point is not None
    assert (audit.operating_point.positive, audit.operating_point.classes) == ("high", tuple(WORDS))
    without = sections | {"output": PICTURES["output"]}
    with pytest.raises(EvidenceError, match=r"`output\.favourable` is missing"):
        run(tmp_path, picture_model(), table | {"sex": sex}, **without)


def test_onnx_is_what_the_helpers_make() -> None:
    onnx.checker.check_model(onnx.load_from_string(picture_model()))
