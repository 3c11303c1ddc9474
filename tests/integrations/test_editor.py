"""`policy editor`: schemas that take every file we ship and turn mistakes away, and settings that lose nothing."""

import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePath
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from engine.bundle.draft import read_draft
from engine.bundle.files import read_folder
from engine.bundle.parameters import Parameter, value_problems
from evidence.model.yaml import parse_yaml
from examples.mortgage.demo import Demo
from integrations.cli.main import main
from tests.integrations.doors import Doors, process, refused
from tests.worlds import workspaces
from tests.worlds.workspaces import MORTGAGE, ROOT, plan_of

pytestmark = pytest.mark.slow

SHIPPED = ROOT / "policies"
BY_PLACE = {
    "gate": "gates/*.yaml",
    "parameters": "parameters/parameters.yaml",
    "dates": "parameters/dates.yaml",
    "vocabulary": "parameters/vocabulary.yaml",
    "framework": "frameworks/*.yaml",
    "statement": "statements/*.yaml",
    "roles": "access/roles.yaml",
    "signers": "access/signers.yaml",
    "cases": "controls/*/*_cases.yaml",
}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def helped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the schemas and settings for the shipped policies."""
    folder = tmp_path_factory.mktemp("editor")
    assert main(["policy", "editor", "--policies", str(SHIPPED), "-o", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return workspaces.shop(tmp_path_factory.mktemp("demo") / "shop")


def read(path: Path) -> Any:
    return parse_yaml(path.read_bytes()).value


@cache
def validator(schema: Path) -> Draft202012Validator:
    """Of a schema, which is found to be one."""
    value = json.loads(schema.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(value)
    return Draft202012Validator(value)


def mistakes(helped: Path, name: str, value: Any) -> list[str]:
    """Where and why a schema turns a value away."""
    found = validator(helped / ".vscode" / "quaestor" / f"{name}.json").iter_errors(json.loads(json.dumps(value)))
    return [f"{'/'.join(map(str, item.absolute_path))}: {item.message}" for item in found]


def questionnaire(demo: Demo) -> Json:
    """The content that the demo files as `risk-questionnaire`."""
    papers = read(demo.render("papers/system/basics.yaml", "basics.yaml", deployments=0, approvers={}))
    return next(dict(paper["content"]) for paper in papers if paper["type"] == "risk-questionnaire")


def lineage(demo: Demo) -> Json:
    return dict(read(demo.render("lineage/lineage.yaml", "lineage.yaml", features=demo.facts["features"])))


class TestSchemas:
    @pytest.mark.parametrize("name", sorted(BY_PLACE))
    def test_takes_every_shipped_file_of_its_kind(self, helped: Path, name: str) -> None:
        paths = sorted(SHIPPED.glob(BY_PLACE[name]))
        assert paths
        assert {str(path): found for path in paths if (found := mistakes(helped, name, read(path)))} == {}

    def test_takes_the_examples(self, helped: Path, demo: Demo) -> None:
        plans = [*sorted((ROOT / "examples").glob("*/plan.yaml")), plan_of(demo)]
        overlays = sorted((ROOT / "examples").glob("*/overlay.yaml"))
        assert min(len(plans), len(overlays)) > 5
        for name, paths in (("plan", plans), ("overlay", overlays)):
            assert {str(path): found for path in paths if (found := mistakes(helped, name, read(path)))} == {}
        assert mistakes(helped, "lineage", lineage(demo)) == []
        assert mistakes(helped, "evidence/risk-questionnaire", questionnaire(demo)) == []

    @pytest.mark.parametrize(
        ("name", "place", "change"),
        [
            ("gate", "gates/production.yaml", lambda v: v.update(denies=["blocking"])),
            ("gate", "gates/production.yaml", lambda v: v.update(select={"familys": []})),
            (
                "parameters",
                "parameters/parameters.yaml",
                lambda v: v["parameters"]["access_review_days"].update(flor=True),
            ),
            ("parameters", "parameters/parameters.yaml", lambda v: v.update(disable={})),
            ("dates", "parameters/dates.yaml", lambda v: v["dates"]["D-EIF"].pop("meaning")),
            ("vocabulary", "parameters/vocabulary.yaml", lambda v: v["tiers"]["any"].update(members="limited")),
            ("framework", "frameworks/gdpr.yaml", lambda v: v.update(articles=[])),
            ("statement", "statements/hosting.yaml", lambda v: v.update(not_by=["builders"])),
            ("statement", "statements/hosting.yaml", lambda v: v["facts"]["regions"].pop("says")),
            ("roles", "access/roles.yaml", lambda v: v["roles"].update(auditor=["reads"])),
            ("signers", "access/signers.yaml", lambda v: v["signers"]["approval"].pop("signed_by")),
            ("cases", "controls/fairness/FAIR-02_cases.yaml", lambda v: v["cases"][0].update(expect="passes")),
            ("cases", "controls/fairness/FAIR-02_cases.yaml", lambda v: v["base"].update(gates=["validation"])),
        ],
    )
    def test_refuses_a_mistake_in_a_file_of_the_bundle(
        self, helped: Path, name: str, place: str, change: Callable[[Json], object]
    ) -> None:
        value = read(SHIPPED / place)
        assert mistakes(helped, name, value) == []
        change(value)
        assert len(mistakes(helped, name, value)) == 1

    def test_refuses_a_mistake_in_a_plan_a_lineage_and_a_questionnaire(self, helped: Path, demo: Demo) -> None:
        plan = read(plan_of(demo))
        assert mistakes(helped, "plan", {**plan, "folder": "/"})  # no field of the file, but of what reads it
        assert mistakes(helped, "plan", {**plan, "data": {**plan["data"], "split": "tests"}})
        assert mistakes(helped, "plan", {name: value for name, value in plan.items() if name != "features"})
        told = lineage(demo)
        told["nodes"][0]["kind"] = "sauce"
        assert len(mistakes(helped, "lineage", told)) == 1
        answers = questionnaire(demo)
        assert mistakes(helped, "evidence/risk-questionnaire", {**answers, "profiling": "perhaps"})
        assert mistakes(helped, "evidence/risk-questionnaire", {**answers, "sice_class": "medium"})

    def test_an_overlay_knows_parameters_and_controls(self, helped: Path) -> None:
        good = {
            "parameters": {"access_review_days": 60},
            "disable": {"PERF-08": {"reason": "judged by others", "approver": "vic"}},
        }
        assert mistakes(helped, "overlay", good) == []
        for bad in (
            {"parameters": {"access_review_day": 60}},
            {"parameters": {"access_review_days": "60"}},
            {"disable": {"PERF-08": "judged by others until March"}},
            {"disable": {"PERF-88": {"reason": "judged by others", "approver": "vic"}}},
            {"disable": {"PERF-08": {"why": "judged by others until March"}}},
            {"parametres": {}},
        ):
            assert len(mistakes(helped, "overlay", bad)) >= 1, bad

    def test_an_overlay_takes_of_a_parameter_what_its_reader_takes(self, helped: Path) -> None:
        catalogue = read_draft(read_folder(SHIPPED)).catalogue
        trials: tuple[Any, ...] = (1, 0.5, "text", True, [], [1], ["a"], ["a", "a"], {}, {"a": 1}, {"a": ["b"]}, None)
        for type_ in sorted({parameter.type for parameter in catalogue.values()}):
            name, parameter = next((name, item) for name, item in catalogue.items() if item.type == type_)
            for value in (json.loads(json.dumps(parameter.default)), *trials):
                assert self._agree(helped, name, parameter, value), (name, type_, value)

    @staticmethod
    def _agree(helped: Path, name: str, parameter: Parameter, value: Any) -> bool:
        """Days and durations are text to a schema, unless its reader asks for formats."""
        fits = not any(value_problems(parameter, value))
        taken = not mistakes(helped, "overlay", {"parameters": {name: value}})
        return fits == taken or (not fits and isinstance(value, str))

    def test_a_bundle_with_mistakes_has_help_all_the_same(self, quaestor: Doors, tmp_path: Path) -> None:
        mine = Path(shutil.copytree(SHIPPED, tmp_path / "mine"))
        (mine / "gates" / "canary.yaml").write_text("gate: [", encoding="utf-8")
        said = quaestor("policy", "editor", "--policies", mine, "-o", tmp_path)
        assert said.code == 0, said.text
        settings = json.loads((tmp_path / ".vscode" / "settings.json").read_text(encoding="utf-8"))
        assert settings["opa.roots"] == ["${workspaceFolder}/mine"]


class TestSettings:
    def test_each_file_has_the_schema_of_its_kind(self, helped: Path) -> None:
        settings = json.loads((helped / ".vscode" / "settings.json").read_text(encoding="utf-8"))
        globs = settings["yaml.schemas"]
        assert all((helped / schema).is_file() for schema in globs)
        files = {path: name for name, glob in BY_PLACE.items() for path in SHIPPED.glob(glob)}
        examples = ROOT / "examples"
        files |= dict.fromkeys([*examples.glob("*/plan.yaml"), *examples.glob("*/plans/*.yaml")], "plan")
        files |= dict.fromkeys(examples.glob("*/overlay.yaml"), "overlay")
        files |= dict.fromkeys(examples.glob("*/lineage/*.yaml"), "lineage")
        files[PurePath("risk/tier_cases.yaml")] = ""
        for path, name in files.items():
            named = [schema for schema, those in globs.items() if any(PurePath(path).match(glob) for glob in those)]
            assert named == ([f"./.vscode/quaestor/{name}.json"] if name else []), path

    def test_the_same_bytes_each_time(self, helped: Path, tmp_path: Path) -> None:
        words = ("policy", "editor", "--policies", str(SHIPPED), "-o", str(tmp_path / "again"))
        for seed in ("1", "2"):  # the second over what the first wrote
            assert process(*words, cwd=tmp_path, environment={"PYTHONHASHSEED": seed}).code == 0
            assert tree(tmp_path / "again") == tree(helped)

    def test_what_is_there_is_kept(self, quaestor: Doors) -> None:
        path = quaestor.folder / ".vscode" / "settings.json"
        path.parent.mkdir()
        own = {
            "files.eol": "\n",
            "yaml.schemas": {"own.json": ["*.own.yaml"], "./.vscode/quaestor/gate.json": ["mine/gates/*.yaml"]},
            "opa.strictMode": False,
            "[rego]": {"editor.rulers": [120]},
        }
        path.write_text(json.dumps(own), encoding="utf-8")
        said = quaestor("policy", "editor")
        assert said.code == 0, said.text
        settings = json.loads(path.read_text(encoding="utf-8"))
        for name in ("files.eol", "opa.strictMode"):
            assert settings[name] == own[name]
        assert settings["yaml.schemas"].items() >= dict(own["yaml.schemas"]).items()  # type: ignore[call-overload]
        assert settings["yaml.schemas"]["./.vscode/quaestor/plan.json"]
        assert settings["[rego]"] == {
            "editor.rulers": [120], "editor.insertSpaces": False, "editor.formatOnSave": True
        }  # fmt: skip
        as_it_was = json.dumps(settings)
        path.write_text(as_it_was, encoding="utf-8")
        assert quaestor("policy", "editor").code == 0
        assert path.read_text(encoding="utf-8") == as_it_was  # nothing lacked

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('{\n  // mine\n  "files.eol": "\\n"\n}\n', ("not plain JSON", "settings.json:2:3", "comments")),
            ('{"files.eol": "\\n",}', ("not plain JSON", "last commas")),
            ('{"files.eol": "a", "files.eol": "b"}', ("not plain JSON", "stands twice")),
            ("[]", ("not a JSON object",)),
            ('{"yaml.schemas": ["a"]}', ("not a JSON object", "`yaml.schemas`")),
        ],
    )
    def test_what_cannot_be_added_to_is_refused_and_stays(
        self, quaestor: Doors, text: str, words: tuple[str, ...]
    ) -> None:
        path = quaestor.folder / ".vscode" / "settings.json"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        refused(quaestor("policy", "editor"), *words)
        assert path.read_text(encoding="utf-8") == text
        assert [item.name for item in path.parent.iterdir()] == ["settings.json"]

    def test_a_folder_that_cannot_be_made_is_refused(self, quaestor: Doors) -> None:
        (quaestor.folder / ".vscode").write_text("", encoding="utf-8")
        refused(quaestor("policy", "editor"), ".vscode")


class TestFirstLines:
    def test_what_we_write_names_its_schema_where_there_is_one(self, quaestor: Doors, tmp_path: Path) -> None:
        model, data = MORTGAGE / "models/mortgage-v1.onnx", MORTGAGE / "data/test.csv"
        for helped in (False, True):
            folder = tmp_path / f"helped-{helped}"
            mine = Path(shutil.copytree(SHIPPED, folder / "mine"))
            (folder / "papers").mkdir()
            if helped:
                assert quaestor("policy", "editor", "--policies", mine, "-o", folder).code == 0
            control = ("--family", "documentation", "--evidence", "model-card", "--gate", "staging")
            written = {
                "cases": mine / "controls" / "documentation" / "CARD-09_cases.yaml",
                "plan": folder / "plan.yaml",
                "evidence/registry-entry": folder / "papers" / "entry.yaml",
                "evidence/statement/hosting": folder / "papers" / "hosting.yaml",
                "overlay": folder / "office" / "overlay.yaml",
            }
            for words in (
                ("policy", "new", "CARD-09", *control, "--policies", mine),
                ("plan", "init", model, data, "--label", "deny", "-o", written["plan"]),
                ("evidence", "template", "registry-entry", "-o", written["evidence/registry-entry"]),
                ("evidence", "template", "statement:hosting", "-o", written["evidence/statement/hosting"]),
                ("init", folder / "office"),
            ):
                said = quaestor(*words)
                assert said.code == 0, said.text
            for name, path in written.items():
                first = path.read_text(encoding="utf-8").split("\n", 1)[0]
                assert first.startswith("# yaml-language-server: $schema=") is helped, first
                if helped:
                    schema = (path.parent / first.rpartition("=")[2]).resolve()
                    assert schema == (folder / ".vscode" / "quaestor" / f"{name}.json").resolve()
            read(written["cases"])  # still YAML
            assert "yaml-language-server" not in quaestor("evidence", "template", "model-card").out


class TestHooks:
    def test_each_runs_a_verb_on_the_files_that_it_is_for(self) -> None:
        hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_bytes())}
        assert set(hooks) == {"quaestor-lint", "quaestor-test", "quaestor-fmt"}
        for hook in hooks.values():
            program, *words = hook["entry"].split()
            assert (program, main([*words, "--help"])) == ("quaestor", 0)
        controls = re.compile(hooks["quaestor-test"]["files"])
        assert controls.search("mine/controls/fairness/FAIR-02.rego")
        assert controls.search("controls/fairness/FAIR-02_cases.yaml")
        assert not controls.search("mine/lib/metrics.rego")

    def test_a_control_is_named_by_its_files(self, quaestor: Doors, tmp_path: Path) -> None:
        mine = Path(shutil.copytree(SHIPPED, tmp_path / "mine"))
        home = mine / "controls" / "documentation"
        hook = ("policy", "test", "--policies", mine)
        said = quaestor(*hook, home / "DOC-07.rego", home / "DOC-07_cases.yaml")
        assert (said.code, said.out.count("\nDOC-07")) == (0, 1), said.text
        assert said.out.endswith("1 passed, 0 failed\n")
        cases = home / "DOC-07_cases.yaml"
        cases.write_text(cases.read_text(encoding="utf-8").replace("expect: pass", "expect: fail"), encoding="utf-8")
        assert quaestor(*hook, home / "DOC-07_cases.yaml").code == 1
        refused(quaestor(*hook, home / "DOC-99.rego"), "unknown control `DOC-99`")


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
