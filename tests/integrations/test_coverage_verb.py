"""`quaestor policy coverage`: uncovered first, three formats, and exit code 1 while something is open."""

import json
from pathlib import Path

import pytest

from tests.integrations.doors import Doors, refused
from tests.worlds.workspaces import ROOT

COVERAGE = ("policy", "coverage", "--policies", ROOT / "policies")


@pytest.fixture
def quaestor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(tmp_path, capsys)


def test_text_tells_what_is_open_first(quaestor: Doors) -> None:
    said = quaestor(*COVERAGE, "--framework", "mission", "--source", "S2.M6")
    assert said.code == 1
    lines = [line.strip() for line in said.out.splitlines()]
    opened = [index for index, line in enumerate(lines) if line.startswith("not covered")]
    answered = [index for index, line in enumerate(lines) if line.startswith("S2.M6.")]
    assert opened
    assert answered
    assert max(opened) < min(answered)


def test_what_is_whole_exits_0(quaestor: Doors) -> None:
    said = quaestor(*COVERAGE, "--framework", "iso-24029", "--format", "json")
    assert said.code == 0
    (framework,) = json.loads(said.out)
    assert framework["rows"][0]["answers"][0]["control"] == "ROB-01"


def test_a_page_for_a_repository(quaestor: Doors, tmp_path: Path) -> None:
    page = tmp_path / "coverage.md"
    quaestor(*COVERAGE, "--format", "markdown", "-o", page)
    text = page.read_text(encoding="utf-8")
    assert text.count("| article | what it asks | answered by | least evidence |") == text.count("\n## ")
    assert "**nobody**" in text


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--framework", "eu"], "unknown framework `eu`"),
        (["--framework", "mission", "--source", "S9"], "no article begins with `S9`"),
    ],
)
def test_what_is_not_there_is_refused(quaestor: Doors, arguments: list[str], problem: str) -> None:
    refused(quaestor(*COVERAGE, *arguments), problem)
