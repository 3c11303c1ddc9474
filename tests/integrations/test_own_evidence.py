"""An organisation's own evidence types through the doors of the command: filed, decided by, replayed and verified."""

import json
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import canonical_bytes, digest_bytes, digest_file
from evidence.model.own import model_of
from evidence.model.record import EvidenceClass, new_statement
from evidence.store.entry import NewStatement
from evidence.trust.keys import SigningKey
from integrations.app.records import find_subject
from integrations.app.session import open_session
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from integrations.cli.shared import present
from tests.integrations.doors import NO_HOLDS, Doors, refused
from tests.worlds.own_types import CASES_PATH, CONTROL_PATH, PATH, SCHEMA, TYPE, own_files
from tests.worlds.small_bundle import write
from tests.worlds.workspaces import by_own_policies, registered, staffed

ADD = ("evidence", "add", TYPE)
ABOUT = ("--subject", "mortgage@1", "--as", "omar")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose policies have the type, with people and a registered version."""
    folder = registered(staffed(tmp_path_factory.mktemp("own") / "lab"), b"\x08weights")
    write(own_files(), folder / "policies")
    return by_own_policies(folder)


@pytest.fixture
def quaestor(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(Path(shutil.copytree(made, tmp_path / "lab")), capsys)


def content(lab: Doors, **changes: Any) -> dict[str, Any]:
    given = {
        "artifact_digest": digest_file(lab.folder / "v1.onnx"),
        "tested_on": "2026-01-31",
        "tester": "Attackers Ltd",
        "grave_open": 0,
        **changes,
    }
    return {name: value for name, value in given.items() if value is not ...}


def paper(lab: Doors, name: str = "attack.json", **changes: Any) -> Path:
    path = lab.folder / name
    path.write_text(json.dumps(content(lab, **changes), indent=1), encoding="utf-8")
    return path


def schema(lab: Doors, changed: Mapping[str, Any]) -> None:
    """Another schema of the type in the policies of the workspace."""
    (lab.folder / "policies" / PATH).write_text(json.dumps(changed, indent=1), encoding="utf-8")


def decided(lab: Doors) -> dict[str, Any]:
    answer = lab("gate", "decide", "attacked", "mortgage@1", "--format", "json")
    assert answer.code in (0, 1, 3), answer.text
    found: dict[str, Any] = json.loads(answer.out)
    return found.get("decision", found)


def status(decision: Mapping[str, Any]) -> str:
    (result,) = decision["results"]
    return str(result["status"])


class TestFiling:
    def test_from_the_skeleton_to_the_decision(self, quaestor: Doors) -> None:
        tasks = json.loads(quaestor("gate", "todo", "attacked", "mortgage@1", "--json").out)["tasks"]
        (task,) = [task for task in tasks if TYPE in task["what"]]
        assert task["commands"] == [f"quaestor evidence add {TYPE} FILE --subject mortgage@1 --as PERSON"]
        assert task["skeleton"] == f"quaestor evidence template {TYPE}"
        assert task["signed_by"] == ["compliance", "auditor"]
        assert task["not_by"] == ["trainer", "builder"]

        begun = quaestor("evidence", "template", TYPE)
        assert begun.code == 0, begun.text
        for part in (
            f"# What a tester from outside found when attacking a version. ({TYPE})",
            "# Signed as compliance or auditor; not by who was trainer, builder.",
            f"# Filed by: quaestor evidence add {TYPE} FILE --subject SYSTEM@VERSION --as PERSON",
            "tested_on:   # required, day, such as 2026-01-31: Last day of the test.",
            "grave_open:   # required, whole number from 0: Grave weaknesses that are not mended.",
            "# method:   # optional, black-box | grey-box | white-box",
        ):
            assert part in begun.out.splitlines()
        blank = quaestor.folder / "blank.yaml"
        blank.write_text(begun.out, encoding="utf-8")
        refused(quaestor(*ADD, blank, *ABOUT), "blank.yaml:", "is left blank")

        filed = quaestor(*ADD, paper(quaestor), *ABOUT)
        assert filed.code == 0, filed.text
        assert status(decided(quaestor)) == "pass"
        listed = quaestor("evidence", "list", "--type", TYPE)
        assert (listed.out.count(TYPE), "counts" in listed.out) == (1, True)
        assert "attested" in quaestor("evidence", "list", "--subject", "mortgage@1", "--type", TYPE).out
        shown = json.loads(quaestor("evidence", "show", filed.out.split()[1]).out)
        assert shown["predicateType"] == f"https://quaestor.dev/evidence/{TYPE}/v1"

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"grave_open": -1}, "line 5: `grave_open`: is -1; it must be at least 0"),
            ({"grave_open": 10**300}, "attack.json: no canonical JSON form"),
            ({"tester": "TBD"}, "`tester`: says nothing"),
            ({"tester": ...}, "`tester`: is missing"),
            ({"unknown": 1}, "`unknown`: is no field here"),
            ({"field_0": 1}, "`field_0`: is no field here"),
            ({"tested_on": "soon"}, "`tested_on`"),
            ({"tested_on": "2999-01-01"}, "tested_on"),
            ({"artifact_digest": "sha256:1"}, "`artifact_digest`"),
            ({"method": "\x1b[31mred"}, "`method`"),
            ({"hosts": [{"copy": "a", "share": 2}]}, "`hosts.0.share`: is 2; it must be at most 1"),
        ],
    )
    def test_what_does_not_fit_is_refused_with_its_field(
        self, quaestor: Doors, changes: dict[str, Any], words: str
    ) -> None:
        answer = quaestor(*ADD, paper(quaestor, **changes), *ABOUT)
        refused(answer, words.removeprefix("line 5: "))
        if words.startswith("line"):
            assert "attack.json:5" in answer.err

    def test_deep_and_repeated_content(self, quaestor: Doors) -> None:
        path = quaestor.folder / "deep.json"
        for text in (
            '{"hosts": ' + "[" * 500 + "]" * 500 + "}",
            '{"tester": "a", "tester": "b"}',
            '{"grave_open": 1e999}',
        ):
            path.write_text(text, encoding="utf-8")
            refused(quaestor(*ADD, path, *ABOUT), "deep.json")

    def test_who_may_not_and_what_nobody_may(self, quaestor: Doors) -> None:
        good = paper(quaestor)
        refused(quaestor(*ADD, good, "--subject", "mortgage@1", "--as", "mara"), "would not count", TYPE)
        refused(quaestor(*ADD, good, "--subject", "mortgage@1", "--as", "quaestor"), "")
        for other in ("measured", "derived"):
            assert quaestor(*ADD, good, *ABOUT, "--class", other).code == 2
        late = quaestor(*ADD, good, *ABOUT, "--expires", "2999-01-01T00:00:00Z")
        assert late.code == 0, late.text  # as ours: it ends when the type's greatest age is reached

    @pytest.mark.parametrize(
        "name", ["custom/penetration", "custom/../approval", "custom/", "penetration-test", "custom/Ä"]
    )
    def test_a_type_that_the_policies_do_not_have(self, quaestor: Doors, name: str) -> None:
        refused(quaestor("evidence", "add", name, paper(quaestor), *ABOUT), "unknown evidence type")
        refused(quaestor("evidence", "template", name), "unknown evidence type")
        refused(quaestor("evidence", "schema", name), "unknown evidence type")

    def test_its_schema_is_printed_and_listed(self, quaestor: Doors) -> None:
        assert json.loads(quaestor("evidence", "schema", TYPE).out) == SCHEMA
        listed = quaestor("evidence", "schema").out
        assert f"{TYPE} " in listed
        assert "approval " in listed

    def test_it_may_be_the_events_of_a_feed(self, quaestor: Doors) -> None:
        paper = quaestor.folder / "status.json"
        add = ("evidence", "add", "feed-status", paper, "--system", "mortgage", "--as", "eli")
        paper.write_text(json.dumps({**NO_HOLDS, "feed": TYPE}), encoding="utf-8")
        answer = quaestor(*add)
        assert answer.code == 0, answer.text
        paper.write_text(json.dumps({**NO_HOLDS, "feed": f"{TYPE}s"}), encoding="utf-8")
        refused(quaestor(*add), "no evidence type of events", f"did you mean `{TYPE}`")


@pytest.mark.slow
class TestBroughtIn:
    """What another tool signed, in the bytes that came; and what a store took in under other policies."""

    def envelope(self, lab: Doors, evidence_class: str = "attested", holder: str = "omar", **changes: Any) -> bytes:
        with open_session(Workspace(load_settings(lab.folder)), present) as session:
            subject = find_subject(session.store, "mortgage@1")
            now = session.now()
            statement = new_statement(
                model_of(TYPE).from_json(content(lab, **changes)),
                subject={subject.name: subject.digest},
                envelope={
                    "evidence_class": EvidenceClass(evidence_class),
                    "system_id": "mortgage",
                    "source": "another tool",
                    "collector": "another tool",
                    "issuer": holder,
                    "issued_at": now,
                    "collected_at": now,
                    "expires_at": now + timedelta(days=30),
                    "ledger": session.store.ledger,
                },
            )
            return SigningKey.load(session.settings.keys / f"{holder}.pem").sign(statement.payload)

    def brought(self, lab: Doors, data: bytes) -> Any:
        path = lab.folder / "brought.json"
        path.write_bytes(data)
        return lab("evidence", "import", path)

    def forced(self, lab: Doors, data: bytes) -> None:
        """Appended to the ledger past the door, as an older bundle or a careless program would."""
        with open_session(Workspace(load_settings(lab.folder)), present) as session:
            session.append_many([NewStatement(data, "record", "imported", "omar", session.now())])

    def test_a_fitting_one_is_filed_and_counts(self, quaestor: Doors) -> None:
        answer = self.brought(quaestor, self.envelope(quaestor))
        assert answer.code == 0, answer.text
        assert status(decided(quaestor)) == "pass"

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"grave_open": "none"}, "`grave_open`"),
            ({"again_at": "2026-01-01T00:00:00+02:00"}, "write instants as"),
            ({"method": None}, "leave out what is null"),
            ({"x\u202e": 1}, "would not count"),
        ],
    )
    def test_one_that_does_not_fit_is_refused_at_the_door(
        self, quaestor: Doors, changes: dict[str, Any], words: str
    ) -> None:
        refused(self.brought(quaestor, self.envelope(quaestor, **changes)), "would not count", words, "schemas/custom")

    def test_past_the_door_it_is_turned_away_and_told(self, quaestor: Doors) -> None:
        self.forced(quaestor, self.envelope(quaestor, method="\x1b[2Jnone"))
        decision = decided(quaestor)
        assert status(decision) == "missing"
        assert [(item["reason"], item["why"]) for item in decision["excluded"]] == [("content-unfit", "method")]
        for words in (("--subject", "mortgage@1"), ("--system", "mortgage")):
            listed = quaestor("evidence", "list", *words)
            assert "content-unfit" in listed.out
            assert "\x1b" not in listed.out

    def test_a_schema_changed_after_the_fact(self, quaestor: Doors) -> None:
        """Tightened, it counts the record no more; gone, nobody knows the type. Old decisions stay as they were."""
        assert quaestor(*ADD, paper(quaestor), *ABOUT).code == 0
        first = decided(quaestor)
        assert status(first) == "pass"
        tight = json.loads(json.dumps(SCHEMA))
        tight["required"].append("method")
        schema(quaestor, tight)
        second = decided(quaestor)
        assert status(second) == "missing"
        assert [item["reason"] for item in second["excluded"]] == ["content-unfit"]
        assert first["bundle_digest"] != second["bundle_digest"]
        folder = quaestor.folder / "policies"
        for path in (PATH, CONTROL_PATH, CASES_PATH):
            (folder / path).unlink()
        signers = folder / "access/signers.yaml"
        lines = signers.read_text(encoding="utf-8").splitlines(keepends=True)
        signers.write_text("".join(line for line in lines if TYPE not in line), encoding="utf-8")
        (folder / CONTROL_PATH).parent.mkdir(exist_ok=True)
        begun = quaestor("policy", "new", "OTH-01", "--family", "security-own", "--evidence", "approval", "--gate",
                         "attacked", "--policies", folder)  # fmt: skip
        assert begun.code == 0, begun.text
        third = decided(quaestor)
        assert [item["reason"] for item in third["excluded"]] == ["unknown-type"]
        assert "unknown-type" in quaestor("evidence", "list", "--system", "mortgage").out
        refused(quaestor("evidence", "list", "--type", TYPE), "unknown evidence type")
        for decision in (first, second, third):
            again = quaestor("replay", self.id_of(quaestor, decision))
            assert (again.code, again.out[:10]) == (0, "same bytes"), again.text

    def id_of(self, lab: Doors, decision: Mapping[str, Any]) -> str:
        body = {name: value for name, value in decision.items() if name != "other_policies"}
        return digest_bytes(canonical_bytes(body))

    def test_a_report_of_it_verifies(self, quaestor: Doors) -> None:
        assert quaestor(*ADD, paper(quaestor), *ABOUT).code == 0
        self.forced(quaestor, self.envelope(quaestor, grave_open="none"))
        decision = decided(quaestor)
        assert status(decision) == "pass"
        report = quaestor.folder / "report.pdf"
        made = quaestor("report", self.id_of(quaestor, decision), "--output", report)
        assert made.code == 0, made.text
        answer = quaestor("verify", report, "--policies", quaestor.folder / "policies")
        assert answer.code == 0, answer.text


class TestAuthors:
    def test_a_control_is_begun_explained_and_shown(self, quaestor: Doors, tmp_path: Path) -> None:
        folder = quaestor.folder / "policies"
        begun = quaestor("policy", "new", "PEN-02", "--family", "security-own", "--evidence", TYPE,
                         "--gate", "attacked", "--policies", folder)  # fmt: skip
        assert begun.code == 0, begun.text
        assert quaestor("policy", "lint", folder).out.endswith("0 mistakes, 0 warnings\n")
        said = " ".join(quaestor("policy", "explain", "PEN-01").out.split())
        assert (
            f"reads {TYPE}: What a tester from outside found when attacking a version (class attested or ingested; at"
            in said
        )
        assert "signed by compliance or auditor" in said
        assert "grave_open Grave weaknesses that are not mended." in said
        assert quaestor("policy", "docs", "-o", tmp_path / "site").code == 0
        assert TYPE in (tmp_path / "site/controls/PEN-01.html").read_text(encoding="utf-8")

    def test_lint_tells_the_line_of_a_mistaken_schema_and_nothing_is_decided(self, quaestor: Doors) -> None:
        changed = json.loads(json.dumps(SCHEMA))
        changed["properties"]["tester"]["pattern"] = "x"
        schema(quaestor, changed)
        line = json.dumps(changed, indent=1)
        place = line[: line.index('"pattern"')].count("\n") + 1
        for words in (("policy", "lint", quaestor.folder / "policies"), ("gate", "decide", "attacked", "mortgage@1")):
            answer = quaestor(*words)
            assert answer.code in (1, 2)
            assert f"{PATH}:{place}: `/properties/tester/pattern`" in answer.text
        refused(quaestor(*ADD, paper(quaestor), *ABOUT), PATH)

    def test_a_difference_of_policies_names_what_was_loosened(self, quaestor: Doors) -> None:
        old = Path(shutil.copytree(quaestor.folder / "policies", quaestor.folder / "old"))
        changed = json.loads(json.dumps(SCHEMA))
        del changed["properties"]["grave_open"]["minimum"]
        schema(quaestor, changed)
        told = quaestor("policy", "diff", old, quaestor.folder / "policies")
        assert TYPE in told.out
        assert "grave_open" in told.out
