"""What somebody sees who writes a first overlay, and makes the mistakes that everybody makes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from integrations.app.settings import FILE
from tests.integrations.doors import Doors, refused
from tests.worlds.overlays import documented, written
from tests.worlds.workspaces import ROOT

pytestmark = pytest.mark.slow

SHIPPED = ROOT / "policies"
US = "packs:\n  us: {{reason: We lend to nobody there., approver: {approver}}}\n"
OFF = "disable:\n  PERF-08: {{reason: {reason}, approver: {approver}}}\n"

Lint = Callable[[dict[str, str]], str]


@pytest.fixture
def lint(quaestor: Doors, tmp_path: Path) -> Lint:
    """What lint says of the overlay that the docs show, with files of one's own."""

    def said(files: dict[str, str]) -> str:
        house = written({**documented(), **{name: text.encode() for name, text in files.items()}}, tmp_path / "house")
        found = quaestor("policy", "lint", SHIPPED, "--overlay", house)
        assert found.code == 1, found.text
        return found.out

    return said


@pytest.mark.parametrize(
    "text",
    [
        US.format(approver="n/a"),
        OFF.format(reason="judged by the risk team", approver="TBD"),
        OFF.format(reason="xxxxxxxxxx", approver="vic"),
    ],
)
def test_a_placeholder_approves_nothing(lint: Lint, text: str) -> None:
    assert "says nothing: `" in lint({"overlay.yaml": text + "parameters: {min_house_reviewers: 1}\n"})


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("overlay.yaml", "packs: {us: false}\n", "write `us: {approver: …, reason: …}`"),
        ("overlay.yaml", "disable: {PERF-08: {reason: by others, approvr: v}}\n", "did you mean `approver`"),
        ("parameters/params.yaml", "parameters: {}\n", "new parameters stand at parameters/parameters.yaml"),
        ("access/signers.yaml", "", "write `signers: …`"),
        (
            "access/signers.yaml",
            "signers: {custom/x: {signed_by: [dpo], not_by: [traner]}}\n",
            "did you mean `trainer`",
        ),
        ("overlay.yaml", "parameters:\n\tmin_house_reviewers: 3\n", "a tab, where YAML takes spaces alone"),
        ("overlay.yaml", "parameters: {required_attacks: [evasoin]}\n", "`evasoin`, which is no attack"),
        (
            "overlay.yaml",
            "disable: {PERF-08: {reason: by others, approver: vic, until: March}}\n",
            "`disable.PERF-08.until`: not an ISO 8601 day",
        ),
        ("overlay.yaml", "disable: {perf-08: {reason: by others, approver: vic}}\n", "did you mean `PERF-08`"),
        ("statements/oath.yaml", "valid_for: 90 days\n", "`90 days`, which is no duration, such as P90D"),
        (
            "statements/oath.yaml",
            "{title: An oath of fairness, signed_by: [validator], scope: version, valid_for: P90D,\n"
            " facts: {sworn: {type: happend-day, says: Day}}}\n",
            "`happend-day` is no type of a fact, did you mean `happened-day`?",
        ),
    ],
)
def test_what_is_misspelt_is_told_with_what_was_meant(lint: Lint, name: str, text: str, says: str) -> None:
    assert says in lint({name: text})


def test_a_misspelt_suffix_is_told_and_not_the_cases_that_it_leaves(quaestor: Doors, tmp_path: Path) -> None:
    house = written({**documented(), "NOTES.txt": b"ours\n", "controls/house/README.md": b"ours\n"}, tmp_path / "house")
    assert quaestor("policy", "lint", SHIPPED, "--overlay", house).code == 0
    (house / "controls/house/HOUSE-01.rego").rename(house / "controls/house/HOUSE-01.reg")
    said = quaestor("policy", "lint", SHIPPED, "--overlay", house)
    assert f"{house}/controls/house/HOUSE-01.reg:1: nothing reads this file" in said.out
    assert "1 mistake, 0 warnings" in said.out


def test_a_rule_of_the_house_is_no_proposal_of_quaestor(quaestor: Doors, tmp_path: Path) -> None:
    house = written(documented(), tmp_path / "house")
    told = " ".join(quaestor("policy", "explain", "HOUSE-01", "--overlay", house).out.split())
    assert "A rule of the organisation." in told
    assert "proposal of Quaestor" not in told


def test_a_folder_in_the_place_of_a_file(quaestor: Doors, tmp_path: Path) -> None:
    house = written(documented(), tmp_path / "house")
    (house / "parameters/parameters.yaml").unlink()
    (house / "parameters/parameters.yaml").mkdir()
    found = quaestor("policy", "lint", SHIPPED, "--overlay", house)
    assert f"{house}/parameters/parameters.yaml:1: a folder that is named as a file" in found.out
    (house / "overlay.yaml").unlink()
    (house / "overlay.yaml").mkdir()
    assert "house/overlay.yaml:1: a folder that is named" in quaestor("policy", "lint", SHIPPED, "--overlay", house).out


def test_a_link_is_told_at_its_place(quaestor: Doors, tmp_path: Path) -> None:
    house = written(documented(), tmp_path / "house")
    (house / "statements").mkdir()
    (house / "statements/oath.yaml").symlink_to("/nowhere")
    said = quaestor("policy", "lint", SHIPPED, "--overlay", house)
    assert f"{house}/statements/oath.yaml:1: a link that leads out" in said.out


def test_an_overlay_that_is_not_there(quaestor: Doors) -> None:
    settings = quaestor.folder / FILE
    settings.write_text(settings.read_text().replace('overlay = "overlay.yaml"', 'overlay = "huose"'))
    said = quaestor("policy", "lint")
    assert said.code == 1
    assert "huose:1: there is no overlay, neither a file nor a folder" in said.out
    refused(quaestor("policy", "explain", "PERF-08"), "there is no overlay", "`overlay` of quaestor.toml")


def test_explain_tells_what_the_overlay_turns_off(quaestor: Doors, tmp_path: Path) -> None:
    text = US.format(approver="vic") + OFF.format(reason="judged by the risk team", approver="vic")
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(text)
    by_pack = " ".join(quaestor("policy", "explain", "CCPA-01", "--overlay", overlay).out.split())
    assert "switched off in the organisation's overlay, with the pack us, approved by vic: We lend" in by_pack
    alone = " ".join(quaestor("policy", "explain", "PERF-08", "--overlay", overlay).out.split())
    assert "approved by vic: judged by the risk team; judged all the same where it is law" in alone
    assert "switched off" not in quaestor("policy", "explain", "PERF-01", "--overlay", overlay).out
    assert '"approver": "vic"' in quaestor("policy", "explain", "CCPA-01", "--overlay", overlay, "--format", "json").out


def test_a_case_that_fails_is_told_at_a_path_that_is_there(quaestor: Doors, tmp_path: Path) -> None:
    house = written(documented(), tmp_path / "house")
    cases = house / "controls/house/HOUSE-01_cases.yaml"
    cases.write_text(cases.read_text().replace("no card, expect: missing", "no card, expect: pass"))
    tested = quaestor("policy", "test", "HOUSE-01", "--overlay", house)
    assert tested.code == 1
    assert f"\n{cases}:" in tested.out


def test_the_tier_of_a_name_that_is_none(lab: Doors) -> None:
    refused(lab("system", "tier", "mortgage@2"), "no current risk-questionnaire", "`quaestor system tier mortgage`")
    refused(lab("system", "tier", "mortgag"), "did you mean `mortgage`", "--system mortgag --as")


def test_schema_tells_who_may_not_sign(quaestor: Doors) -> None:
    said = quaestor("policy", "schema", "statement:fairness-acceptance").out
    assert ", not by who was trainer, builder, requester\n" in said
