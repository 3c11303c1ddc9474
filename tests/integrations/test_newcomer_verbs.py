"""What a newcomer asks: what is lacking, what does a record hold, what is on file. None of it leaves a trace."""

import dataclasses
import itertools
import json
import shlex
import subprocess
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from engine.backends.compile import find_opa
from engine.bundle.files import read_archive
from engine.bundle.load import load_bundle
from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError
from evidence.model.yaml import parse_yaml
from examples.mortgage.demo import Demo
from integrations.app.deciding import decide_gate
from integrations.app.records import find_subject
from integrations.app.reporting import decision_pack, materials
from integrations.app.session import open_session
from integrations.app.settings import builtin_policies, cache_folder, load_settings
from integrations.app.skeletons import record_template, written_by_hand
from integrations.app.workspace import Workspace
from integrations.cli.shared import present
from reports.verify.checks import read_contents
from reports.verify.extract import extract_attachments
from reports.verify.replay import replay
from tests.integrations.doors import Doors, Make, refused
from tests.worlds import workspaces


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    staff = {"eli": "ml-engineer", "mara": "model-owner", "omar": "compliance"}
    return workspaces.shop(tmp_path_factory.mktemp("newcomer") / "shop", staff)


@pytest.fixture
def quaestor(shop: Demo, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(shop.folder, capsys)


def trace(folder: Path) -> tuple[int, list[str]]:
    """The length of the log, and every file of the workspace but the compiled policies."""
    with Workspace(load_settings(folder)).store() as store:
        log = len(store.entries())
    return log, sorted(str(path) for path in folder.rglob("*"))


class TestTodo:
    def test_says_what_is_lacking_and_records_nothing(self, shop: Demo, quaestor: Doors) -> None:
        before = trace(shop.folder)
        answer = quaestor("gate", "todo", "validation", "mortgage@1", "--json")
        assert answer.code == 0, answer.text
        assert trace(shop.folder) == before
        told = json.loads(answer.out)
        assert told["outcome"] in ("deny", "indeterminate")
        tasks = {task["what"]: task for task in told["tasks"]}
        questions = tasks["no current risk-questionnaire record"]
        assert questions["command"] == "quaestor evidence add risk-questionnaire FILE --system mortgage --as PERSON"
        assert questions["skeleton"] == "quaestor evidence template risk-questionnaire"
        assert "compliance" in questions["signed_by"]
        assert questions["not_by"] == ["trainer", "builder"]
        run = tasks["no current validation-run record"]
        assert (run["command"], run["skeleton"]) == ("quaestor validate PLAN", "quaestor plan init MODEL DATA")

    def test_names_every_control_that_blocks(self, quaestor: Doors) -> None:
        told = json.loads(quaestor("gate", "todo", "validation", "mortgage@1", "--json").out)
        decided = json.loads(quaestor("gate", "decide", "validation", "mortgage@1", "--format", "json").out)
        reasons = decided.get("decision", decided)["reasons"]
        blocked = {reason["control"] for reason in reasons if reason["kind"] == "control"}
        assert blocked
        assert blocked <= {name for task in told["tasks"] for name in task["controls"]}

    def test_an_earlier_gate_is_a_task(self, quaestor: Doors) -> None:
        answer = quaestor("gate", "todo", "production", "mortgage@1")
        assert "quaestor gate todo staging mortgage@1" in answer.out
        assert "nothing was recorded" in answer.out

    def test_an_unknown_gate_is_corrected(self, quaestor: Doors) -> None:
        refused(quaestor("gate", "todo", "validaton", "mortgage@1"), "did you mean `validation`")


class TestTemplates:
    def test_each_type_that_people_write_has_one_that_no_record_accepts_unfilled(self) -> None:
        bundle = load_bundle(builtin_policies(), cache_folder())
        kinds = [kind for kind in bundle.schemas if written_by_hand(kind)]
        assert {"model-card", "risk-questionnaire", "statement:prohibited-screen"} <= set(kinds)
        for kind in kinds:
            value = parse_yaml(record_template(bundle, kind)).value
            schema = bundle.schemas[kind]
            assert set(value) == set(schema["required"]), kind  # type: ignore[call-overload]

    def test_a_filled_one_is_filed(self, quaestor: Doors, file: Make) -> None:
        text = quaestor("evidence", "template", "statement:prohibited-screen").out
        assert "Signed as" in text
        values = yaml.safe_load(text)
        refused(
            quaestor("evidence", "add", "attestation", file("a.yaml", text), "--system", "mortgage", "--as", "omar"),
            "does not fit",
        )
        assert values["statement_type"] == "prohibited-screen"
        values |= {"statement": "None of the practices of Article 5(1) is part of it.", "scope": ["mortgage"]}
        values |= {"role": "compliance", "co_signers": []}
        assert values["facts"] == {"answers": None}
        values["facts"]["answers"] = dict.fromkeys("abcdefgh", "no")
        path = file("b.yaml", yaml.safe_dump(values))
        answer = quaestor("evidence", "add", "attestation", path, "--system", "mortgage", "--as", "omar")
        assert answer.code == 0, answer.text

    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            ("model-crd", ("did you mean `model-card`",)),
            ("fairness-audit", ("not written by hand", "quaestor validate")),
        ],
    )
    def test_what_has_none(self, quaestor: Doors, kind: str, words: tuple[str, ...]) -> None:
        refused(quaestor("evidence", "template", kind), *words)

    def test_statements_have_schemas(self, quaestor: Doors) -> None:
        schema = json.loads(quaestor("statement", "schema", "prohibited-screen").out)
        assert schema["properties"]["statement_type"]["const"] == "prohibited-screen"
        assert "prohibited-screen" in quaestor("statement", "list").out
        refused(quaestor("statement", "schema", "prohibited-scren"), "did you mean `prohibited-screen`")
        assert "nodes" in json.loads(quaestor("lineage", "schema").out)["properties"]


class TestLists:
    def test_by_type_and_system(self, shop: Demo, quaestor: Doors) -> None:
        listed = quaestor("evidence", "list", "--type", "registry-entry", "--system", "mortgage")
        assert listed.code == 0, listed.text
        rows = listed.out.splitlines()[1:]
        assert rows
        assert all(row.split()[:2] == ["registry-entry", "mortgage"] for row in rows)
        refused(quaestor("evidence", "list", "--type", "registry-entri"), "did you mean `registry-entry`")
        refused(quaestor("evidence", "list", "--system", "mortage"), "did you mean `mortgage`")

    def test_every_list_says_what_counts(self, shop: Demo, quaestor: Doors) -> None:
        head, *rows = quaestor("evidence", "list").out.splitlines()
        assert head.split() == ["type", "system", "by", "collected", "id", "now"]
        assert rows
        assert all(row.endswith("counts") or ": " in row for row in rows)

    def test_a_replaced_record_says_by_which(self, shop: Demo, quaestor: Doors) -> None:
        before = quaestor("evidence", "list", "--type", "registry-entry", "--system", "mortgage").out.splitlines()
        assert quaestor("system", "promote", "mortgage@1", "--stage", "archived", "--as", "mara").code == 0
        rows = quaestor("evidence", "list", "--type", "registry-entry", "--system", "mortgage").out.splitlines()
        assert len(rows) == len(before) + 1
        (old,) = [row for row in rows if "superseded" in row]
        new = next(row for row in rows[1:] if row.endswith("counts"))
        assert new.split()[4] in old.split("superseded", 1)[1]


class TestByHand:
    """The pack says what the policies were given: OPA alone comes to what the decision says."""

    @pytest.fixture(scope="class")
    @staticmethod
    def files(shop: Demo) -> dict[str, bytes]:
        space = Workspace(load_settings(shop.folder))
        with open_session(space, present) as opened:
            recorded = decide_gate(opened, "validation", find_subject(opened.store, "mortgage@1"))
            pdf = decision_pack(opened, recorded).make(materials(opened, recorded))
        return dict(extract_attachments(pdf))

    def test_absent_types_are_empty_lists(self, files: dict[str, bytes]) -> None:
        told = json.loads(files["input.json"])
        (view, *_) = told["given"]["views"]
        assert view["gate"] == "validation"
        assert view["evidence"]["validation-run"] == []
        assert "FAIR-02" in told["given"]["view_of"]
        assert told["parameters"]["min_group_size"] > 0

    @pytest.mark.skipif(find_opa() is None, reason="needs the opa program")
    def test_opa_says_the_same(self, files: dict[str, bytes], tmp_path: Path) -> None:
        for name, data in read_archive(files["bundle.tar"]).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        (tmp_path / "input.json").write_bytes(files["input.json"])
        opa = find_opa()
        assert opa is not None
        command = json.loads(files["input.json"])["given"]["command"]
        shell = command.partition(" && ")[2].replace("opa eval -f pretty", "eval -f json")
        done = subprocess.run(
            [str(opa.path), *shlex.split(shell)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        value = json.loads(done.stdout)["result"][0]["expressions"][0]["value"]
        control = command.partition('view_of["')[2].partition('"')[0]
        (result,) = [item for item in json.loads(files["decision.json"])["results"] if item["control"] == control]
        assert sorted(value["satisfied"]) == sorted(o["name"] for o in result["objectives"] if o["satisfied"])

    def test_another_input_is_found_out(self, files: dict[str, bytes]) -> None:
        contents = read_contents(files)
        assert replay(contents)[1] == contents.decision
        forged = json.loads(files["input.json"])
        forged["given"]["views"][0]["system"]["tier"] = "minimal"
        with pytest.raises(QuaestorError, match=r"input\.json"):
            replay(dataclasses.replace(contents, inputs=canonical_bytes(forged)))


def test_a_decision_bears_one_time(shop: Demo) -> None:
    """However long it takes: verify refuses a decision of the present that the ledger had before its instant."""
    start, ticks = present(), itertools.count()
    with open_session(Workspace(load_settings(shop.folder)), lambda: start + timedelta(seconds=next(ticks))) as opened:
        recorded = decide_gate(opened, "validation", find_subject(opened.store, "mortgage@1"))
    assert format_instant(recorded.snapshot.instant) == recorded.recorded_at


class TestNoAnswer:
    """Exit code 2 leaves no decision: what CI uploads then says so, in the form that it asked for."""

    @pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "markdown"])
    def test_the_file_says_the_mistake(self, quaestor: Doors, tmp_path: Path, form: str) -> None:
        output = tmp_path / "decision"
        output.write_text("allowed, long ago")
        arguments = ("gate", "decide", "validaton", "mortgage@1", "--format", form)
        refused(quaestor(*arguments, "--output", output), "unknown gate")
        text = output.read_text(encoding="utf-8")
        assert "validaton" in text
        assert "did you mean" in text
        assert "long ago" not in text
        printed = quaestor(*arguments).out
        assert printed == ("" if form == "text" else text)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (("--bogus",), "No such option"),
            (("--at", "yesterday"), "--at"),
            (("--engine", "prolog"), "prolog"),
            (("--cross-check", "wasm"), "two of wasm, regorus, opa"),
            (("one", "more"), "unexpected extra arguments"),
        ],
    )
    def test_so_it_does_of_options_that_cannot_be_read(
        self, quaestor: Doors, tmp_path: Path, wrong: tuple[str, ...], said: str
    ) -> None:
        output = tmp_path / "decision.xml"
        output.write_text("allowed, long ago")
        answer = quaestor("gate", "decide", "validation", "mortgage@1", *wrong, "-f", "junit", "--output", output)
        assert answer.code == 2
        assert said in answer.err
        suite = ElementTree.fromstring(output.read_text(encoding="utf-8"))
        assert suite.attrib["errors"] == "1"
        (error,) = suite.iter("error")
        assert said in (error.text or "")

    def test_and_where_the_form_itself_is_none(self, quaestor: Doors, tmp_path: Path) -> None:
        output = tmp_path / "decision.xml"
        assert quaestor("gate", "decide", "staging", "m@1", "-f", "junt", "-o", output).code == 2
        assert "'junt' is not one of" in output.read_text(encoding="utf-8")

    def test_junit_is_red_and_no_form_has_an_outcome(self, quaestor: Doors) -> None:
        suite = ElementTree.fromstring(quaestor("gate", "decide", "staging", "x<&>@1", "-f", "junit").out)
        assert suite.attrib["errors"] == "1"
        (error,) = suite.iter("error")
        assert "`x<&>`" in (error.text or "")
        told = json.loads(quaestor("gate", "decide", "staging", "x@1", "-f", "json").out)
        assert told["exit_code"] == 2
        assert "outcome" not in told
        log = json.loads(quaestor("gate", "decide", "staging", "x@1", "-f", "sarif").out)
        assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False
