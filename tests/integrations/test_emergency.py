"""A change freeze, and the emergency that passes over it and over no gate; CHG-06 asks for the review."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.bundle.documents import read_yaml
from tests.integrations.doors import Answer, Doors, refused
from tests.worlds.policies import POLICIES
from tests.worlds.workspaces import registered, run

pytestmark = pytest.mark.slow

STAFF = {
    "eli": "ml-engineer",
    "mara": "model-owner",
    "ruth": "release-manager",
    "rosa": "risk-officer",
    "omar": "compliance",
}
FREEZE = "parameters:\n  freeze_periods: [{start: 2026-01-01, end: 2099-12-31}]\n"
GATE = """gate: production
title: Production
meaning: Only the review of emergencies is asked here.
denies: [blocker, major]
select: {controls: [CHG-06]}
"""
MOVE = ("system", "promote", "mortgage@1", "--stage", "production", "--as")
URGENT = ("--emergency", "the scores of the old version are wrong", "--second")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version that its gate has allowed, in a freeze."""
    folder = tmp_path_factory.mktemp("emergency")
    policies = Path(shutil.copytree(POLICIES, folder / "policies"))
    (policies / "gates/production.yaml").write_text(GATE, encoding="utf-8")
    lab = folder / "lab"
    run(lab, ["init", lab, "--policies", policies], workspace=False)
    for holder, role in STAFF.items():
        run(lab, ["key", "new", holder, "--name", holder.title(), "--role", role])
    (lab / "overlay.yaml").write_text(FREEZE, encoding="utf-8")
    registered(lab, b"\x08weights 1")
    answers = read_yaml((POLICIES / "risk/tier_cases.yaml").read_text(encoding="utf-8"), "cases").value["base"]
    (lab / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    run(lab, ["evidence", "add", "risk-questionnaire", lab / "answers.json", "--system", "mortgage", "--as", "mara"])
    return lab


@pytest.fixture
def lab(made: Path, copied: Callable[[Path], Doors], monkeypatch: pytest.MonkeyPatch) -> Doors:
    monkeypatch.setenv("QUAESTOR_ENGINE", "regorus")  # else a module would be compiled for these tests alone
    return copied(made)


def allowed(lab: Doors) -> Answer:
    return lab("gate", "decide", "production", "mortgage@1")


def test_nothing_goes_to_production_in_a_freeze(lab: Doors) -> None:
    assert allowed(lab).code == 0
    said = lab(*MOVE, "ruth")
    refused(said, "ruth may not promote", "mortgage@1: forbidden by promote.not_in_freeze")
    refused(said, "lasts until the end of 2099-12-31", "`--emergency REASON --second PERSON`")
    assert "sha256:" not in said.text
    assert lab("system", "promote", "mortgage@1", "--stage", "archived", "--as", "ruth").code == 0


def test_a_freeze_that_does_not_say_when(lab: Doors) -> None:
    (lab.folder / "overlay.yaml").write_text("parameters: {freeze_periods: [{from: 2026-01-01}]}\n", encoding="utf-8")
    refused(lab(*MOVE, "ruth"), "`freeze_periods.0` has no `start` and no `end`", "write `{start")
    turned = "parameters: {freeze_periods: [{start: 2099-12-31, end: 2026-01-01}]}\n"
    (lab.folder / "overlay.yaml").write_text(turned, encoding="utf-8")
    refused(lab(*MOVE, "ruth"), "ends on 2026-01-01, before it starts on 2099-12-31", "write `{start")
    refused(allowed(lab), "ends on 2026-01-01, before it starts on 2099-12-31", "write `{start")
    tried = lab("policy", "try", "CHG-03", "--system", "mortgage@1", "--gate", "production")
    refused(tried, "ends on 2026-01-01, before it starts on 2099-12-31", "write `{start")


def test_what_an_emergency_brought_in_is_taken_down(lab: Doors) -> None:
    """The two persons signed the emergency, and not the entry: else no later move, signed without them, replaces it."""
    assert allowed(lab).code == 0
    assert lab(*MOVE, "ruth", *URGENT, "rosa").code == 0
    assert lab("system", "promote", "mortgage@1", "--stage", "archived", "--as", "ruth").code == 0
    assert "1 of 1 objective satisfied on 2 records" in allowed(lab).out  # the move and the entry that stands


def test_an_emergency_passes_over_no_gate(lab: Doors) -> None:
    refused(lab(*MOVE, "ruth", *URGENT, "rosa"), "gate production has not decided")


@pytest.mark.parametrize(
    ("second", "words"), [("mara", "promote.emergency_by_two"), ("ruth", "promote.emergency_by_two")]
)
def test_an_emergency_has_a_second_person_who_watches(lab: Doors, second: str, words: str) -> None:
    assert allowed(lab).code == 0
    refused(lab(*MOVE, "ruth", *URGENT, second), words)
    refused(lab(*MOVE, "ruth", "--emergency", "it burns"), "a reason and a second person")
    refused(lab(*MOVE, "ruth", "--emergency", "n/a", "--second", "rosa"), "says nothing")


def test_an_emergency_is_recorded_and_reviewed(lab: Doors) -> None:
    assert allowed(lab).code == 0
    moved = lab(*MOVE, "ruth", *URGENT, "rosa")
    assert moved.code == 0, moved.err
    (row,) = [line.split() for line in lab("evidence", "list", "--type", "emergency-move").out.splitlines()[-1:]]
    shown = json.loads(lab("evidence", "show", row[4]).out)["predicate"]["content"]
    assert (shown["moved_by"]["id"], shown["second"]["id"], shown["version"]) == ("ruth", "rosa", "1")
    taken = lab("evidence", "withdraw", row[4], "--reason", "it never was", "--as", "omar", "--with", "mara")
    refused(taken, "cannot be withdrawn")
    assert allowed(lab).code == 0  # there is time to review it
    registered(lab.folder, b"\x08weights 2", version="2")
    week = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    for version in ("mortgage@1", "mortgage@2"):
        late = lab("gate", "decide", "production", version, "--at", week)
        assert late.code == 1
        assert "the emergency move of version 1 on" in late.out
        assert "was not reviewed in time by somebody without part in it" in late.out
    assert lab("doctor", "--full").code == 0
