"""`quaestor system tier`: the path, the articles, and what would change the tier; nothing is recorded."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.bundle.documents import read_yaml
from tests.integrations.doors import Doors, Make, refused
from tests.worlds.workspaces import ENTRY, ROOT, staffed

BASE: dict[str, Any] = read_yaml((ROOT / "policies/risk/tier_cases.yaml").read_text(encoding="utf-8"), "x").value[
    "base"
]
TREE = {**BASE, "personal_data": True, "interacts_with_persons": True}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return staffed(tmp_path_factory.mktemp("tier") / "shop", {"mara": "model-owner", "omar": "compliance"})


@pytest.fixture
def quaestor(shop: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(shop, capsys)


def file_answers(quaestor: Doors, file: Make, system: str, answers: dict[str, Any]) -> None:
    entry = file(f"{system}-entry.json", json.dumps({**ENTRY, "name": system, "role_assignments": {}}))
    model = file(f"{system}.onnx", b"\x08" + system.encode())
    assert quaestor("system", "register", system, "--model", model, "--entry", entry, "--as", "mara").code == 0
    path = file(f"{system}.json", json.dumps(answers))
    added = quaestor("evidence", "add", "risk-questionnaire", path, "--system", system, "--as", "mara")
    assert added.code == 0, added.err


def test_what_would_change_a_limited_tier(quaestor: Doors, file: Make) -> None:
    file_answers(quaestor, file, "helpdesk", TREE)
    before = quaestor("evidence", "list").out
    told = quaestor("system", "tier", "helpdesk")
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == "helpdesk: tier limited"
    assert "  roles: controller, deployer" in lines
    assert "  articles: Art 50(1)" in lines
    assert any(line.startswith("  path: scope: inside > roles: as held") for line in lines)
    assert "  minimal: interacts_with_persons = false" in lines
    assert '  high-annex-iii: annex_iii_answers.5b = "yes" (Annex III 5(b), Art 50(1), Art 6(2))' in lines
    assert "  prohibited: faces_scraped = true (Art 5(1)(e))" in lines
    assert any(line.startswith("  undetermined, as other answers") and "profiling = true" in line for line in lines)
    assert quaestor("evidence", "list").out == before


def test_what_would_settle_an_open_tier(quaestor: Doors, file: Make) -> None:
    file_answers(quaestor, file, "scorer", {**TREE, "task": "credit-scoring"})
    told = quaestor("system", "tier", "scorer").out
    assert told.startswith("scorer: tier undetermined")
    assert "no such point is answered yes" in told
    assert '  high-annex-iii: annex_iii_answers.5b = "yes"' in told
    assert "  limited: personal_data = false" in told  # then companies are scored
    assert "  minimal: " not in told


def test_several_questionnaires_that_disagree_are_told(quaestor: Doors, file: Make) -> None:
    file_answers(quaestor, file, "desk", TREE)
    assert "current questionnaires" not in quaestor("system", "tier", "desk").out
    other = file("milder.json", json.dumps({**TREE, "interacts_with_persons": False}))
    # A change of somebody else's alone replaces nothing: both count.
    assert quaestor("evidence", "add", "risk-questionnaire", other, "--system", "desk", "--as", "omar").code == 0
    told = quaestor("system", "tier", "desk").out.splitlines()
    assert told[0] == "desk: tier limited"
    assert told[1] == "  2 current questionnaires answer otherwise: the strictest tier holds"
    assert "(signed by mara) comes to limited and decides" in told[2]
    assert told[3].endswith(
        "(signed by omar) comes to minimal and stands beside it, answers otherwise: interacts_with_persons"
    )


def test_the_same_answers_signed_by_two_disagree_with_nobody(quaestor: Doors, file: Make) -> None:
    file_answers(quaestor, file, "twice", TREE)
    again = file("same.json", json.dumps(TREE))
    assert quaestor("evidence", "add", "risk-questionnaire", again, "--system", "twice", "--as", "omar").code == 0
    assert "current questionnaires" not in quaestor("system", "tier", "twice").out


def test_a_system_of_which_nothing_is_answered(quaestor: Doors) -> None:
    refused(quaestor("system", "tier", "nothing"), "no current risk-questionnaire", "quaestor evidence add")


def test_each_point_of_annex_iii_is_asked_in_words(quaestor: Doors) -> None:
    asked = quaestor("evidence", "template", "risk-questionnaire").out.splitlines()
    points = [line for line in asked if line.startswith("  ") and "yes | no | not-applicable" in line]
    assert len(points) == len(BASE["annex_iii_answers"])
    assert all("?" in line for line in points)
    answers = [line for line in asked if line[0] not in "# " and "required" in line]
    assert all("?" in line for line in answers), [line for line in answers if "?" not in line]
