"""Other people's Rego through the doors of the command: decided at a gate, made again, told and verified."""

import json
import shutil
from pathlib import Path

import pypdfium2
import pytest

from evidence.model.canonical import digest_file
from tests.integrations.doors import Doors, refused
from tests.worlds.foreign import CONFTEST, MAPPING, REGO, foreign_files
from tests.worlds.own_types import TYPE
from tests.worlds.small_bundle import write
from tests.worlds.workspaces import by_own_policies, registered, staffed

pytestmark = pytest.mark.usefixtures("wasm_cache")  # other people's Rego runs on OPA alone


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose policies have a foreign pack, with an attack on record that left something open."""
    folder = registered(staffed(tmp_path_factory.mktemp("foreign") / "lab"), b"\x08weights")
    cited = CONFTEST.replace("    query: main.deny\n", '    query: main.deny\n    frameworks: {eu-ai-act: ["15(5)"]}\n')
    write(foreign_files(**{MAPPING: cited}), folder / "policies")
    return by_own_policies(folder)


@pytest.fixture
def quaestor(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(Path(shutil.copytree(made, tmp_path / "lab")), capsys)


def attacked(lab: Doors, grave_open: int) -> None:
    content = {
        "artifact_digest": digest_file(lab.folder / "v1.onnx"),
        "tested_on": "2026-01-31",
        "tester": "Attackers Ltd",
        "grave_open": grave_open,
    }
    paper = lab.folder / "attack.json"
    paper.write_text(json.dumps(content), encoding="utf-8")
    added = lab("evidence", "add", TYPE, paper, "--subject", "mortgage@1", "--as", "omar")
    assert added.code == 0, added.text


@pytest.mark.slow
def test_a_decision_is_made_told_made_again_and_verified(quaestor: Doors) -> None:
    attacked(quaestor, 2)
    text = quaestor("gate", "decide", "attacked", "mortgage@1")
    assert text.code == 1
    assert "Attackers Ltd left 2 grave weaknesses open (0.3 each day)" in text.out
    assert "class foreign" in text.out
    told = json.loads(quaestor("gate", "decide", "attacked", "mortgage@1", "--format", "json").out)
    assert {result["control"]: result["foreign"]["class"] for result in told["results"]} == {
        "ATT-01": "foreign",
        "ATT-02": "foreign",
    }
    asked = quaestor("gate", "decide", "attacked", "mortgage@1", "--cross-check", "wasm,regorus", "--format", "json")
    assert asked.code == 1
    decision = next(line.split()[-1] for line in quaestor("gate", "list").out.splitlines() if "attacked" in line)
    for engine in ((), ("--engine", "wasm"), ("--engine", "opa")):
        again = quaestor("replay", decision, *engine)
        assert again.code == 0, again.text
    report = quaestor.folder / "report.pdf"
    assert quaestor("report", decision, "-o", report).code == 0
    document = pypdfium2.PdfDocument(report.read_bytes())
    pages = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    assert "The attack left nothing grave open (class foreign)" in pages  # under the article that it cites
    assert "class foreign: Rego of other people, which OPA alone ran" in pages
    first = " ".join(document[0].get_textpage().get_text_range().split())
    assert "Not so what other people's Rego said (ATT-01, ATT-02): there it takes the word of whoever signed" in first
    machine = json.loads(quaestor("verify", report, "--policies", quaestor.folder / "policies", "--json").out)
    assert (machine["ok"], machine["verdict"]) == (True, "consistent")
    verified = quaestor("verify", report, "--policies", quaestor.folder / "policies")
    assert verified.code == 0, verified.text
    assert "not all of it was made again: what other people's Rego said (ATT-01, ATT-02)" in verified.out
    assert "\nconsistent: mortgage@1" in verified.out
    assert "\nverified" not in verified.out
    for shape in ("markdown", "sarif", "junit"):
        assert "class foreign" in quaestor("gate", "decide", "attacked", "mortgage@1", "--format", shape).out


def test_without_opa_nothing_passes(quaestor: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    attacked(quaestor, 0)
    monkeypatch.setattr("engine.backends.foreign.find_opa", lambda: None)
    answer = quaestor("gate", "decide", "attacked", "mortgage@1")
    assert answer.code == 3
    assert "needs OPA, and none was at hand" in answer.out


def test_a_mistake_is_a_line_of_lint_and_no_decision(quaestor: Doors) -> None:
    path = quaestor.folder / "policies" / MAPPING
    path.write_text(CONFTEST.replace("main.deny", "main.dney"), encoding="utf-8")
    answer = quaestor("policy", "lint", quaestor.folder / "policies")
    assert answer.code == 1
    assert f"{MAPPING}:13: the pack has no rule `main.dney`" in answer.out
    assert "did you mean `main.deny`" in answer.out
    refused(quaestor("gate", "decide", "attacked", "mortgage@1"), "main.dney")


def test_the_workshop_knows_it(quaestor: Doors) -> None:
    explained = quaestor("policy", "explain", "ATT-01")
    assert explained.code == 0
    assert "foreign: the rule main.deny of the pack attacks" in " ".join(explained.out.split())
    tested = quaestor("policy", "test", quaestor.folder / "policies" / "foreign/attacks/ATT-01_cases.yaml")
    assert tested.code == 0, tested.text
    assert "no deletion and no corruption test of other people's Rego: ATT-01" in tested.out
    assert "not had" in tested.out
    tried = quaestor("policy", "try", "ATT-01", "--case", "two are")
    assert tried.code == 0
    assert "Attackers Ltd left 2 grave weaknesses open" in tried.out
    refused(quaestor("policy", "trace", "ATT-01", "--case", "two are"), "other people's Rego")
    rego = quaestor.folder / "policies" / REGO
    before = rego.read_bytes()
    assert quaestor("policy", "fmt", "--policies", quaestor.folder / "policies").code == 0
    assert rego.read_bytes() == before
    bundle = quaestor.folder / "bundle.tar.gz"
    assert quaestor("policy", "build", "-o", bundle).code == 0
    site = quaestor.folder / "site"
    assert quaestor("policy", "docs", "-o", site).code == 0
    assert "foreign: the rule main.deny" in (site / "controls" / "ATT-01.html").read_text(encoding="utf-8")
