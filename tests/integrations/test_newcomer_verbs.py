"""What a newcomer asks: what is lacking, what does a record hold, what is on file. None of it leaves a trace."""

import dataclasses
import itertools
import json
import shlex
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest
import yaml

from engine.backends.compile import find_opa
from engine.bundle.files import read_archive
from engine.bundle.load import load_bundle
from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError
from evidence.model.subject import Subject, SubjectKind
from evidence.model.yaml import parse_yaml
from examples.mortgage.demo import Demo
from integrations.app.deciding import decide_gate
from integrations.app.records import find_subject
from integrations.app.reporting import decision_pack, materials
from integrations.app.session import open_session
from integrations.app.settings import builtin_policies, cache_folder, load_settings
from integrations.app.skeletons import record_template, written_by_hand
from integrations.app.todo import SECTIONS, commands_for
from integrations.app.workspace import Workspace
from integrations.cli.main import main
from integrations.cli.shared import present
from reports.verify.checks import read_contents
from reports.verify.extract import extract_attachments
from reports.verify.replay import replay
from reports.words.wording import EDITION, framework_name
from tests.integrations.doors import Doors, Make, refused
from tests.worlds import workspaces
from tests.worlds.workspaces import ENTRY, MORTGAGE


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
        assert questions["commands"] == ["quaestor evidence add risk-questionnaire FILE --system mortgage --as PERSON"]
        assert questions["skeleton"] == "quaestor evidence template risk-questionnaire"
        assert "compliance" in questions["signed_by"]
        assert questions["not_by"] == ["trainer", "builder"]
        training = tasks["no current training-run record"]
        assert training["commands"] == ["quaestor evidence add training-run FILE --subject mortgage@1 --as PERSON"]
        plan = tasks["no current validation-plan record"]
        assert plan["commands"] == [
            "quaestor plan init MODEL DATA --subject mortgage@1 --output PLAN",
            "quaestor validate PLAN --check",
            "quaestor validate PLAN --commit --as PERSON",
        ]
        (run,) = [task for task in told["tasks"] if task["commands"] == ["quaestor validate PLAN"]]
        assert run["what"].startswith("no current validation-run, fairness-audit, robustness-report")
        assert {"FAIR-02", "ROB-01"} <= set(run["controls"])
        assert "`robustness` for the robustness-report" in run["advice"]

    def test_the_sections_that_it_names_are_of_a_plan(self, quaestor: Doors) -> None:
        assert set(SECTIONS.values()) <= set(json.loads(quaestor("plan", "schema").out)["properties"])

    def test_says_each_thing_once(self, quaestor: Doors) -> None:
        for gate in ("validation", "production"):
            tasks = json.loads(quaestor("gate", "todo", gate, "mortgage@1", "--json").out)["tasks"]
            commands = [command for task in tasks for command in task["commands"]]
            filed = [c for c in commands if "evidence add attestation" not in c]  # one skeleton each
            assert len(set(filed)) == len(filed)
            advised = [tuple(task["controls"]) for task in tasks if task["why"] and not task["commands"]]
            assert len(set(advised)) == len(advised)
            assert all(len(set(task["why"])) == len(task["why"]) for task in tasks)

    def test_names_the_roles_that_must_approve(self, quaestor: Doors) -> None:
        tasks = json.loads(quaestor("gate", "todo", "production", "mortgage@1", "--json").out)["tasks"]
        (approvals,) = [task for task in tasks if task["what"].startswith("approvals")]
        assert "quaestor approve mortgage@1 --gate production --role dpo --as PERSON" in approvals["commands"]

    def test_what_only_an_exception_needs_comes_last(self, quaestor: Doors) -> None:
        tasks = json.loads(quaestor("gate", "todo", "validation", "mortgage@1", "--json").out)["tasks"]
        perhaps = [task["what"].startswith("perhaps: ") for task in tasks]
        assert perhaps == sorted(perhaps)
        named = {task["skeleton"].rpartition(" ")[2] for task in tasks if task["what"].startswith("perhaps: ")}
        assert {"statement:fairness-acceptance", "statement:rerun-reason"} <= named

    def test_a_feed_that_may_not_be_whole_is_a_record_to_file(self, quaestor: Doors) -> None:
        """Of the one feed that Quaestor keeps there is a status, so that the type is not absent."""
        tasks = json.loads(quaestor("gate", "todo", "operation", "mortgage@1", "--json").out)["tasks"]
        (task,) = [task for task in tasks if "feed-status" in task["what"]]
        asking = {"ACC-01", "ACC-02", "ACC-03", "DEP-03", "HO-03", "LOG-04", "RB-01", "RET-02"}
        assert asking <= set(task["controls"])
        assert task["commands"] == ["quaestor evidence add feed-status FILE --system mortgage --as MACHINE"]
        assert task["skeleton"] == "quaestor evidence template feed-status"
        assert (
            "no current feed-status of access-log over 1 days: nothing says that its list of events is whole"
            in task["why"]
        )
        assert "DEP-03" not in {name for other in tasks if other is not task for name in other["controls"]}

    def test_names_a_command_for_whatever_somebody_files(self) -> None:
        bundle = load_bundle(builtin_policies(), cache_folder())
        subject = Subject(kind=SubjectKind.MODEL, name="m@1", digest="sha256:" + "0" * 64, system_id="m")
        without = {
            kind for kind in bundle.schemas if not commands_for(bundle, kind, subject, "production", (), "o.yaml")
        }
        assert without == {
            "emergency-move",
            "evidence-index",
            "intake-standing",
            "interface-probe",
            "portfolio-standing",
            "waiver",
        }

    @pytest.mark.slow
    @pytest.mark.parametrize("gate", ["validation", "production", "operation"])
    def test_every_command_runs_as_printed(
        self, shop: Demo, tmp_path: Path, capsys: pytest.CaptureFixture[str], gate: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is in capitals is the user's; nothing else is to be guessed or corrected."""
        quaestor = Doors(Path(shutil.copytree(shop.folder, tmp_path / "own")), capsys)
        monkeypatch.chdir(quaestor.folder)
        Path("empty.yaml").write_text("name: nothing\n", encoding="utf-8")
        stands_for = {
            "MODEL": str(MORTGAGE / "models/mortgage-v1.onnx"),
            "DATA": str(MORTGAGE / "data/test.csv"),
            "PLAN": "empty.yaml" if gate == "operation" else "plan.yaml",  # another gate asks for it
            "FILE": "empty.yaml",
            "PERSON": "mara",
        }
        for task in json.loads(quaestor("gate", "todo", gate, "mortgage@1", "--json").out)["tasks"]:
            if task["skeleton"]:
                answer = quaestor(*shlex.split(task["skeleton"])[1:])
                assert answer.code == 0, task["skeleton"]
                (command,) = task["commands"]
                assert command.replace("mortgage@1", "SYSTEM@VERSION").replace("mortgage", "SYSTEM") in answer.out
            for command in task["commands"]:
                words = [stands_for.get(word, word) for word in shlex.split(command)[1:]]
                answer = quaestor(*words)
                assert "Usage:" not in answer.err, f"{command}: {answer.err}"
                assert "unexpected" not in answer.err, f"{command}: {answer.err}"
                if words[0] in ("plan", "policy", "artifact"):
                    assert answer.code == 0, f"{command}: {answer.err}"

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
        assert "quaestor gate todo registration mortgage@1" in answer.out, "what is asked there alone is not passed by"
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

    def test_names_that_a_parameter_lists_are_written_out(self, quaestor: Doors) -> None:
        questions = parse_yaml(quaestor("evidence", "template", "risk-questionnaire").out).value
        assert {"1a", "2", "8b"} <= set(questions["annex_iii_answers"])
        items = parse_yaml(quaestor("evidence", "template", "technical-file").out).value["items"]
        assert {"1a", "9"} <= set(items)

    def test_who_asked_is_required_where_they_may_not_sign(self, quaestor: Doors) -> None:
        for kind, required in (("no-fairness-term", True), ("prohibited-screen", False)):
            template = parse_yaml(quaestor("evidence", "template", f"statement:{kind}").out).value
            schema = json.loads(quaestor("statement", "schema", kind).out)
            assert ("requested_by" in template) is required, kind
            assert ("requested_by" in schema["required"]) is required, kind

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
        points = load_bundle(builtin_policies(), cache_folder()).catalogue["prohibited_points"].default
        assert values["facts"] == {"answers": dict.fromkeys(points)}, "each point is named"
        values["facts"]["answers"] = dict.fromkeys(points, "no")
        path = file("b.yaml", yaml.safe_dump(values))
        answer = quaestor("evidence", "add", "attestation", path, "--system", "mortgage", "--as", "omar")
        assert answer.code == 0, answer.text

    def test_one_of_a_registry_entry_registers_a_version(self, quaestor: Doors, file: Make) -> None:
        text = quaestor("evidence", "template", "registry-entry").out
        assert "quaestor system register SYSTEM --model MODEL --entry FILE --owner PERSON --as PERSON" in text
        values = yaml.safe_load(text)
        model = MORTGAGE / "models/mortgage-v2.onnx"
        register = ("system", "register", "loans", "--model", model, "--as", "eli", "--entry")
        refused(quaestor(*register, file("blank.yaml", text)), "blank.yaml")
        assert set(values) <= set(ENTRY)
        filled = {name: ENTRY[name] for name in values} | {"version": "of-a-template"}
        entry = file("entry.yaml", yaml.safe_dump(filled))
        refused(quaestor(*register, entry, "--owner", "nobody"), "`nobody` is no person of the register")
        answer = quaestor(*register, entry, "--owner", "mara")
        assert answer.code == 0, answer.text
        assert "registered loans@of-a-template" in answer.out
        again = quaestor(*register, entry)  # it keeps its owner
        assert again.code == 0, again.text
        (record,) = [word for word in again.out.split() if word.startswith("sha256:")][-1:]
        assert json.loads(quaestor("evidence", "show", record).out)["predicate"]["owner"]["id"] == "mara"
        assert "system register" in quaestor("system", "register", "--help").out
        assert "evidence template registry-entry" in quaestor("system", "register", "--help").out

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


@pytest.mark.slow
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

    def test_a_misspelt_command_names_the_near_one(self, quaestor: Doors, tmp_path: Path) -> None:
        output = tmp_path / "decision.xml"
        output.write_text("allowed, long ago")
        answer = quaestor("gate", "decyde", "validation", "mortgage@1", "-f", "junit", "--output", output)
        refused(answer, "No such command 'decyde'. Did you mean 'decide'?")
        suite = ElementTree.fromstring(output.read_text(encoding="utf-8"))
        assert suite.attrib["errors"] == "1"
        assert "decyde" in output.read_text(encoding="utf-8")
        refused(quaestor("gaet", "decide"), "No such command 'gaet'. Did you mean 'gate'?")
        refused(quaestor("evidence", "lst"), "Did you mean 'list'?")

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


class TestLint:
    """An author is told every mistake at once: those of one METADATA block, and those of the cases."""

    @pytest.fixture
    def own(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(builtin_policies(), tmp_path / "policies"))

    def test_every_mistake_of_a_metadata_block(self, quaestor: Doors, own: Path) -> None:
        path = own / "controls/fairness/FAIR-01.rego"
        text = path.read_text(encoding="utf-8")
        changes = {
            "severity: blocker": "severity: huge",
            "gates: [data-intake, validation, staging]": "gates: [data-intake, validaton, staging]",
            "roles: [provider], from: D-HR": "roles: [providers], from: D-HRR",
            "parameters: [independent_attributes,": "parameters: [independent_atributes,",
            "iso-42001: [": "iso-42002: [",
            "reads: [approval, fairness-audit]": "reads: [aproval, fairness-audit]",
            "applies: [fairness-audit, risk-questionnaire]": "applies: [fairness-audit, questionnaire]",
            "    approval.gate: an": "    aproval.gate: an",
        }
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        answer = quaestor("policy", "lint", own)
        assert answer.code == 1
        for word in (
            "`custom.severity`: is `huge`; it must be one of blocker, major, minor",
            "unknown gate `validaton`",
            "did you mean `validation`",
            "unknown role `providers`",
            "unknown date `D-HRR`",
            "unknown parameter `independent_atributes`",
            "unknown framework `iso-42002`",
            "`evidence` does not name the type `aproval`",
            "`evidence` does not name the type `questionnaire`",
            "`aproval.gate` begins with no evidence type",
        ):
            assert word in answer.out, word
        lines = [line for line in answer.out.splitlines() if line.startswith("controls/fairness/FAIR-01.rego:")]
        assert len({line.split(":")[1] for line in lines}) >= 8, "each at its own line"

    def test_mistakes_of_cases(self, quaestor: Doors, own: Path) -> None:
        path = own / "controls/fairness/FAIR-01_cases.yaml"
        text = path.read_text(encoding="utf-8")
        wrong = text.replace("expect: pass", "expect: passes", 1) + "\n  - {name: another}\n"
        assert wrong.count("passes") > text.count("passes")
        path.write_text(wrong, encoding="utf-8")
        answer = quaestor("policy", "lint", own)
        assert answer.code == 1
        assert "controls/fairness/FAIR-01_cases.yaml:" in answer.out
        assert "is `passes`; it must be one of pass, fail, missing" in answer.out
        assert "`expect` is missing" in answer.out


@pytest.mark.slow
class TestReport:
    """What a report tells besides its decision: nothing is unreadable in silence, and each thing has one name."""

    @pytest.fixture(scope="class")
    @staticmethod
    def folder(tmp_path_factory: pytest.TempPathFactory, shop: Demo) -> Path:
        folder = Path(shutil.copytree(shop.folder, tmp_path_factory.mktemp("report") / "own"))
        entry = folder / "entry.yaml"
        purpose = {"name": "loans", "intended_use": "\u62b5\u62bc\u8d37\u6b3e decision support \u20ac"}
        entry.write_text(yaml.safe_dump({**ENTRY, **purpose}), encoding="utf-8")
        model = str(MORTGAGE / "models/mortgage-v2.onnx")
        arguments = ("system", "register", "loans", "--model", model, "--entry", str(entry), "--as", "eli")
        assert main(["-w", str(folder), *arguments]) == 0
        return folder

    def test_letters_that_no_font_has_are_told(
        self, folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        quaestor = Doors(folder, capsys)
        assert quaestor("gate", "decide", "validation", "loans@1").code == 3
        decision = quaestor("gate", "list").out.split()[-1]
        answer = quaestor("report", decision, "--output", tmp_path / "r.pdf")
        assert answer.code == 0, answer.text
        assert "letters `\u62b5\u62bc\u8d37\u6b3e` of `decision.parties.purpose`" in answer.err
        assert "to mend it" in answer.err
        assert "\u20ac`" not in answer.err, "the fonts have the sign"
        verified = quaestor("verify", tmp_path / "r.pdf")
        assert verified.code == 0, verified.text
        assert "no gate answered before, 0 earlier refusals" in verified.out
        words = _words(tmp_path / "r.pdf")
        assert "advisory" in words[0]
        assert "ISO/IEC TS 4213" in " ".join(words)
        assert "iso-ts-4213 " not in " ".join(words)

    def test_others_are_not(self, shop: Demo, quaestor: Doors, tmp_path: Path) -> None:
        assert quaestor("gate", "decide", "validation", "mortgage@1").code == 3
        decision = quaestor("gate", "list").out.split()[-1]
        answer = quaestor("report", decision, "--output", tmp_path / "r.pdf")
        assert (answer.code, answer.err) == (0, "")


def _words(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path.read_bytes())
    return [document[number].get_textpage().get_text_range() for number in range(len(document))]


def test_every_text_that_comes_along_has_a_name() -> None:
    for path in sorted((builtin_policies() / "frameworks").glob("*.yaml")):
        assert framework_name(path.stem, {}, EDITION) != path.stem
    assert framework_name("house-rules", {"house-rules": {"title": "House rules, 3rd"}}, EDITION) == "House rules"
    assert framework_name("iso-ts-4213", {}, 1) == "iso-ts-4213", "as the pages of the first edition have it"
