"""`quaestor policy coverage`: uncovered first, three formats, and exit code 1 while something is open."""

import json
import shutil
from pathlib import Path

import pytest

from tests.integrations.doors import Doors, refused
from tests.worlds.workspaces import ROOT

COVERAGE = ("policy", "coverage", "--policies", ROOT / "policies")


@pytest.fixture
def quaestor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(tmp_path, capsys)


@pytest.fixture
def fewer(tmp_path: Path) -> tuple[object, ...]:
    """The coverage of policies without the controls of the audit trail, which leave needs and articles open."""
    mine = Path(shutil.copytree(ROOT / "policies", tmp_path / "mine"))
    shutil.rmtree(mine / "controls" / "audit-trail")
    return ("policy", "coverage", "--policies", mine)


def test_every_need_and_article_is_answered(quaestor: Doors) -> None:
    for framework in ("mission", "eu-ai-act"):
        said = quaestor(*COVERAGE, "--framework", framework)
        assert said.code == 0
        assert "not covered" not in said.out


def test_text_tells_what_is_open_first(quaestor: Doors, fewer: tuple[object, ...]) -> None:
    said = quaestor(*fewer, "--framework", "mission", "--source", "S2.M6")
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


def test_a_page_for_a_repository(quaestor: Doors, fewer: tuple[object, ...], tmp_path: Path) -> None:
    page = tmp_path / "coverage.md"
    quaestor(*fewer, "--format", "markdown", "-o", page)
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
