from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.model.canonical import digest_json
from evidence.model.errors import EvidenceError
from evidence.validation.catalogue import MEASURES, measure_of
from evidence.validation.plan.read import load_plan
from tests.worlds.runs import MakePlan, plan_values
from tests.worlds.workspaces import ROOT


def write(tmp_path: Path, values: dict[str, Any]) -> Path:
    for name in ("model.onnx", "test.csv"):
        (tmp_path / name).write_text("x")
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(values, sort_keys=False))
    return path


def section(name: str, **changes: Any) -> dict[str, Any]:
    return {name: plan_values()[name] | changes}


class TestLoading:
    def test_paths_are_meant_from_the_plans_folder(self, make_plan: MakePlan, tmp_path: Path) -> None:
        assert make_plan().file("model.onnx") == tmp_path / "model.onnx"

    def test_the_digest_is_that_of_the_committed_content(self, make_plan: MakePlan) -> None:
        plan = make_plan()
        assert plan.digest == digest_json(plan.plan.to_json())

    def test_the_digest_does_not_depend_on_anything_else(self, make_plan: MakePlan) -> None:
        assert make_plan().digest == make_plan(seed=99).digest

    def test_a_bare_name_is_a_dimension(self, make_plan: MakePlan) -> None:
        assert make_plan(slices=["region"]).slices[0].label == "region"


class TestSealing:
    def test_another_setting_is_another_commitment(self, make_plan: MakePlan) -> None:
        seal = make_plan().sealed()
        assert seal.plan.settings_digest
        assert make_plan(seed=99).sealed().digest != seal.digest
        assert make_plan(**section("output", threshold=0.4)).sealed().digest != seal.digest

    def test_other_data_under_the_same_name_are_another_commitment(self, make_plan: MakePlan, tmp_path: Path) -> None:
        plan = make_plan()
        before = plan.sealed().digest
        data = plan.file(plan.data.path)
        data.write_bytes(data.read_bytes() + b"\n")
        assert plan.sealed().digest != before

    def test_where_the_files_lie_does_not_matter(self, tmp_path: Path) -> None:
        digests = set()
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            digests.add(load_plan(write(tmp_path / name, plan_values())).sealed().digest)
        assert len(digests) == 1


class TestMistakes:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            (section("model", path="gone.onnx"), "`model.path` names .*gone.onnx`, which is no file"),
            (section("data", split="train"), "data.split"),
            (section("data", negative="yes"), "the same value"),
            (section("data", as_of="yesterday"), "data.as_of"),
            ({"sed": 1}, "`sed`: is no field here"),
            ({"system": None}, "`system`: is missing"),
            ({"folder": "/etc"}, "unknown field `folder`"),
            ({"seed": "three"}, "seed"),
            ({"binding_measures": []}, "at least one fairness measure"),
            (
                {"protected_attributes": {"attributes": ["region"]}},
                "names `sex`, which `protected_attributes` leaves out",
            ),
            ({"protected_attributes": {"attributes": ["sex"], "intersections": [["sex", "age"]]}}, "an intersection"),
            ({"slices": ["sex"]}, "stands twice"),
            ({"latency": {"runs": 100}}, "at least 368"),
            (
                {"robustness": {"budgets": {"noise": 0.1}}, **section("features", columns=[{"name": "income"}])},
                "the column `income` has none",
            ),
            (section("features", columns=[{"name": "income"}, {"name": "income"}]), "the column `income` stands twice"),
        ],
    )
    def test_are_named(self, tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            load_plan(write(tmp_path, plan_values(**changes)))

    def test_the_line_is_that_of_the_value(self, tmp_path: Path) -> None:
        path = write(tmp_path, {"system": "loans", **plan_values(**section("data", split="train"))})
        line = next(i for i, text in enumerate(path.read_text().splitlines(), 1) if "split" in text)
        with pytest.raises(EvidenceError) as caught:
            load_plan(path)
        assert caught.value.where == f"{path}:{line}"

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"latency": {"runs": 100}}, "runs:", "at least 368"),
            ({"recalibration": {"groups": ["gender"]}}, "groups:", "names `gender`"),
            ({"hiden_slices": {}}, "hiden_slices:", "is no field here; did you mean `hidden_slices`"),
            ({"drivers": {"repeat": 3}}, "repeat:", "is no field here; did you mean `repeats`"),
            ({"robustness": {"budgets": {"serch": 0.1}}}, "serch:", r"`robustness.budgets.serch`: is `serch`; it must"),
            ({"quality": {"tolerated": {"missing": 0.1}}}, "missing:", r"`quality.tolerated.missing`: is `missing`"),
        ],
    )
    def test_the_line_is_that_of_the_field_that_is_named(
        self, tmp_path: Path, changes: dict[str, Any], field: str, words: str
    ) -> None:
        path = write(tmp_path, plan_values(**changes))
        lines = [i for i, text in enumerate(path.read_text().splitlines(), 1) if text.strip().startswith(field)]
        with pytest.raises(EvidenceError, match=words) as caught:
            load_plan(path)
        assert int(str(caught.value.where).rpartition(":")[2]) - lines[-1] in (0, 1), "the value may stand a line below"

    def test_all_sections_that_no_model_of_the_kind_takes_are_told_with_those_that_it_does(
        self, tmp_path: Path
    ) -> None:
        text = (ROOT / "examples" / "postings" / "plan.yaml").read_text(encoding="utf-8")
        path = tmp_path / "plan.yaml"
        path.write_text(f"{text}baselines: {{}}\ndrivers: {{}}\n", encoding="utf-8")
        with pytest.raises(EvidenceError) as caught:
            load_plan(path)
        told = str(caught.value)
        assert "`baselines`, `drivers` are not for a model of the kind ranking; of this battery it takes" in told
        assert "takes out_of_time, quality" in told

    def test_all_are_told_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(EvidenceError, match=r"(?s)`data.split`.*`nonsense`|`nonsense`.*`data.split`"):
            load_plan(write(tmp_path, plan_values(nonsense=1, **section("data", split="train"))))


def promise(test: str, op: str | None = None, value: float = 0.5, level: float = 0.95, **more: Any) -> dict[str, Any]:
    row = MEASURES.get(measure_of(test))
    side = row.side if row else ">="
    threshold = {"op": op or side, "value": value, "confidence": level}
    return section("plan", required_tests=[test], thresholds={test: threshold}, primary_metric="accuracy", **more)


REFERENCE = {
    "reference": {
        "path": "test.csv",
        "format": "csv",
        "window": {"start": "2025-01-01T00:00:00Z", "end": "2025-12-31T00:00:00Z"},
    }
}


def test_what_is_compared_on_is_filled_in(make_plan: MakePlan, tmp_path: Path) -> None:
    golden = {"golden": {"outputs": {"path": "test.csv", "format": "csv"}, "column": "income"}}
    plan = make_plan(**golden).sealed().plan
    assert plan.golden_set_digest == plan.dataset_digest
    assert make_plan().sealed().plan.golden_set_digest is None


class TestPromisesThatNoRunCouldKeep:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            (section("output", kind="label", positive=1), "`plan.primary_metric`: `roc_auc` needs probabilities"),
            (
                promise("calibration_error") | section("output", kind="label", positive=1),
                "`plan.thresholds`: `calibration_error` needs probabilities",
            ),
            (section("plan", primary_metric="auc"), "`auc` is no metric; choose one of accuracy"),
            (promise("gini"), "nothing measures `gini`"),
            (section("plan", required_tests=["recall"]), "`recall` has no threshold"),
            (promise("accuracy_drop"), "needs the section `robustness`"),
            (promise("attack_success:fgsm") | {"robustness": {"budgets": {"noise": 0.1}}}, "no attack `fgsm`"),
            (promise("drift:psi:income"), "needs the section `reference`"),
            (promise("impact_ratio:age=old"), "`protected_attributes` has no `age`"),
            (promise("training-labels:impact_ratio:sex=f"), "needs the section `training`"),
            (promise("log_loss", ">="), "`log_loss`: of log_loss less is better, so its threshold is `<=`, not `>=`"),
            (promise("accuracy", "<="), "`accuracy`: of accuracy more is better, so its threshold is `>=`, not `<=`"),
            (promise("drift:psi:income", ">=") | REFERENCE, "of drift less is better"),
            (promise("accuracy", value=71), "71 is no value of accuracy, which lies from 0 to 1"),
            (promise("latency_p99", value=-1), "-1 is no value of latency_p99, which lies not below 0"),
            (promise("accuracy", level=0.99), "asks for a confidence of 0.99, and `confidence` is 0.95"),
            (section("plan", golden_set_digest=f"sha256:{64 * 'a'}"), "add the section `golden`"),
            (section("plan", threat_models=[{"id": "fgsm", "limit": 0.1}]), "needs the section `robustness`"),
            (section("plan", threat_models=[{"id": "fgsm", "limit": 2}]), "no share of attacks that succeed"),
            (section("plan", threat_models=[{"id": "fgsm"}]), "neither a `limit` nor a `not_applicable_reason`"),
            ({"robustness": {"budgets": {"noise": -0.1}}}, "`robustness.budgets.noise`: is -0.1; it must be above 0"),
            (
                {"robustness": {"budgets": {"noise": 0.1}, "categories": 1}},
                "`categories` are changed by `search` and `certify`, and neither is asked for",
            ),
            (
                {"robustness": {"budgets": {"search": 0.1}, "categories": 1}},
                "`robustness.categories` changes columns that have `values`, and none has",
            ),
            (
                promise("certified_share") | {"robustness": {"budgets": {"noise": 0.1}}},
                "`certified_share` needs `robustness.certify`",
            ),
            ({"robustness": {"budgets": {"noise": 0.1}, "scale": "iqr"}}, "`robustness.scale`"),
            ({"robustness": {"budgets": {"noise": 2}}}, "`robustness.budgets.noise`: is 2; it must be at most 1"),
        ],
    )
    def test_are_refused_when_the_plan_is_read(self, tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
        with pytest.raises(EvidenceError, match=r"plan\.yaml:[0-9]+") as caught:
            load_plan(write(tmp_path, plan_values(**changes)))
        assert problem in str(caught.value)

    @pytest.mark.parametrize(
        "test",
        ["f1", "calibration_error", "abstention_rate", "latency_p99", "impact_ratio:sex=f", "odds_difference:sex"],
    )
    def test_others_are_not(self, tmp_path: Path, test: str) -> None:
        assert load_plan(write(tmp_path, plan_values(**promise(test)))).plan.required_tests == (test,)
