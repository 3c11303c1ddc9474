"""Plans through the command: drafted, tried without a trace, committed only where they can run, under whose name."""

from pathlib import Path

import pytest
import yaml

from examples.mortgage.demo import Demo
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from tests.integrations.doors import Doors, refused
from tests.worlds import workspaces
from tests.worlds.workspaces import MORTGAGE, plan_of


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A workspace in which two systems have registered one model file."""
    staff = {"eli": "ml-engineer", "ana": "validator"}
    return workspaces.shop(tmp_path_factory.mktemp("plans") / "shop", staff, systems=("mortgage", "bonds"))


@pytest.fixture
def quaestor(shop: Demo, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(shop.folder, capsys)


def plan_with(demo: Demo, old: str = "", new: str = "") -> Path:
    path = plan_of(demo)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return path


def entries(folder: Path) -> int:
    with Workspace(load_settings(folder)).store() as store:
        return len(store.entries())


def test_a_draft_is_written_once(quaestor: Doors, tmp_path: Path) -> None:
    model, data = MORTGAGE / "models/mortgage-v1.onnx", MORTGAGE / "data/test.csv"
    output = tmp_path / "plan.yaml"
    arguments = ("plan", "init", model, data, "--label", "deny", "--protected", "afam", "--output", output)
    answer = quaestor(*arguments)
    assert answer.code == 0, answer.text
    assert "places to decide" in answer.out
    refused(quaestor("validate", output, "--check"), "is left blank")
    refused(quaestor(*arguments), "is there already")


def test_the_schema_lists_every_field(quaestor: Doors) -> None:
    schema = yaml.safe_load(quaestor("plan", "schema").out)
    assert {"system", "model", "data", "features", "output", "plan"} <= set(schema["properties"])


def test_a_label_has_no_roc_auc_and_nothing_is_logged(shop: Demo, quaestor: Doors) -> None:
    old = "  name: probabilities\n  kind: probability\n  index: 1\n  threshold: 0.5\n"
    path = plan_with(shop, old, "  name: label\n  kind: label\n  positive: 1\n")
    of_scores = "recalibration: {}\nuncertainty: {}\n"
    assert of_scores in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(of_scores, ""), encoding="utf-8")
    before = entries(shop.folder)
    for way in ((), ("--check",), ("--commit", "--as", "ana")):
        refused(quaestor("validate", path, *way), "plan.yaml:", "`roc_auc` needs probabilities")
    assert entries(shop.folder) == before


def test_a_check_leaves_no_trace_and_tells_no_number(shop: Demo, quaestor: Doors) -> None:
    before = entries(shop.folder)
    answer = quaestor("validate", plan_with(shop), "--check")
    assert answer.code == 0, answer.text
    assert "roc_auc" in answer.out
    assert "0." not in answer.out.replace("X.0.", "")
    assert entries(shop.folder) == before
    refused(quaestor("validate", plan_with(shop), "--check", "--commit", "--as", "ana"), "--check alone")


def test_a_part_of_a_plan_is_tried_and_never_filed(shop: Demo, quaestor: Doors) -> None:
    before = entries(shop.folder)
    path = plan_with(shop)
    whole = quaestor("validate", path, "--check")
    assert "attack_success" in whole.out
    part = quaestor("validate", path, "--check", "--only", "performance")
    assert part.code == 0, part.text
    assert "a part is no evidence" in part.out
    assert "roc_auc" in part.out
    assert "attack_success" not in part.out
    assert "0." not in part.out.replace("X.0.", "")
    refused(quaestor("validate", path, "--check", "--only", "robustnes"), "no section `robustnes`", "robustness")
    for way in ((), ("--commit", "--as", "ana"), ("--json",)):
        refused(quaestor("validate", path, "--only", "performance", *way), "never filed", "--check")
    assert entries(shop.folder) == before


def test_a_number_that_is_not_measured_names_the_near_one_and_where_all_are_listed(shop: Demo, quaestor: Doors) -> None:
    path = plan_with(shop, "impact_ratio:afam=yes", "impact_ratio:afam=yess")
    answer = quaestor("validate", path, "--check")
    refused(answer, "did you mean `impact_ratio:afam=yes`", f"quaestor validate {path} --check --only performance,")
    assert "attack_success" not in answer.text, "the others are not listed"
    parts = answer.text.split("--only ")[1].split()[0]
    listing = quaestor("validate", path, "--check", "--only", parts)
    assert listing.code == 0, listing.text
    assert "  impact_ratio: afam=no, afam=yes" in listing.out.splitlines()


def test_a_measure_that_there_is_not_names_the_near_one(shop: Demo, quaestor: Doors) -> None:
    answer = quaestor("validate", plan_with(shop, "impact_ratio:afam=yes", "impact_ration:afam=yes"), "--check")
    refused(answer, "nothing measures `impact_ration:afam=yes`; did you mean `impact_ratio`", "docs/validation.md")
    assert "balanced_accuracy" not in answer.text


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("label: deny", "label: denied", "no column `denied`"),
        ("name: probabilities", "name: probability", "the model has no output `probability`"),
        ("impact_ratio:afam=yes", "impact_ratio:afam=oui", "the run measures no `impact_ratio:afam=oui`"),
    ],
)
def test_what_cannot_run_is_not_committed(shop: Demo, quaestor: Doors, old: str, new: str, word: str) -> None:
    path = plan_with(shop, old, new)
    before = entries(shop.folder)
    refused(quaestor("validate", path, "--commit", "--as", "ana"), word)
    assert entries(shop.folder) == before


def test_data_of_a_day_to_come_burn_no_run(shop: Demo, quaestor: Doors) -> None:
    path = plan_with(shop, "as_of: ", "as_of: 3026-10-31 # ")
    before = entries(shop.folder)
    for options in (["--check"], ["--commit", "--as", "ana"], []):
        refused(quaestor("validate", path, *options), "`data.as_of` is 3026-10-31, a day to come")
    assert entries(shop.folder) == before


def test_who_forgot_to_commit_starts_no_run(shop: Demo, quaestor: Doors) -> None:
    before = entries(shop.folder)
    refused(quaestor("validate", plan_with(shop), "--as", "ana"), "--as is for --commit and --lost")
    assert entries(shop.folder) == before


class TestWhoseRun:
    """Three systems with one file: the plan says under which of them its run is filed."""

    def test_the_plans_system_decides(self, shop: Demo, quaestor: Doors) -> None:
        path = plan_with(shop, "system: mortgage", "system: bonds")
        assert quaestor("validate", path, "--commit", "--as", "ana").code == 0
        assert quaestor("validate", path).code == 0
        listed = quaestor("evidence", "list").out.splitlines()
        runs = [line.split() for line in listed if line.startswith(("validation-run", "validation-plan"))]
        assert {run[1] for run in runs} == {"bonds"}

    @pytest.mark.parametrize(
        ("old", "new", "word"),
        [
            ("system: mortgage", "system: deposits", "the plan is for deposits@1"),
            ('version: "1"', 'version: "9"', "the plan is for mortgage@9"),
            ("models/mortgage-v1.onnx", "models/mortgage-v2.onnx", "the file is not registered"),
        ],
    )
    def test_another_systems_file_is_refused(self, shop: Demo, quaestor: Doors, old: str, new: str, word: str) -> None:
        before = entries(shop.folder)
        refused(quaestor("validate", plan_with(shop, old, new), "--commit", "--as", "ana"), word)
        refused(quaestor("validate", plan_with(shop, old, new)), word)
        assert entries(shop.folder) == before

    def test_a_file_of_several_systems_names_none_of_them(self, quaestor: Doors) -> None:
        model = MORTGAGE / "models/mortgage-v1.onnx"
        refused(quaestor("gate", "decide", "validation", model), "2 systems", "bonds@1 or mortgage@1")
