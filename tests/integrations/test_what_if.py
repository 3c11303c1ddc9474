"""Which decisions `policy diff --what-if` asks about, and of which it cannot tell."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import PolicyError, PolicyErrors
from evidence.model.errors import StoreError
from evidence.model.notes import DecisionNote, SnapshotNote
from evidence.process import shares
from evidence.store.records import RecordStore
from integrations.app import whatif
from integrations.app.deciding import kept_records, kept_snapshot, note_of
from integrations.app.workspace import Workspace
from tests.integrations.doors import Doors
from tests.worlds.ledgers import ORIGIN, with_people
from tests.worlds.people import NOW, key_of
from tests.worlds.policies import POLICIES


def test_the_last_of_each_system_and_no_preview(tmp_path: Path) -> None:
    with RecordStore.create(
        f"sqlite:///{tmp_path}/store.db", tmp_path / "blobs", origin=ORIGIN, signer=key_of("quaestor")
    ) as store:
        box = with_people(store)
        box.decided("deny", digit="1")
        box.decided("deny", digit="2", about={"system_id": "credit", "name": "credit@7"})
        box.decided("deny", gate="staging", digit="3")
        box.decided("allow", digit="4")  # the log has it last, whatever time it states
        box.decided("allow", NOW, digit="5", chosen=True)
        (ids,) = store.shares("decision", 1)
        found = list(whatif.latest(store, ids))
        assert [note.decision_id[-1] for _, note in found] == ["4", "3", "2"]
        places = [place for place, _ in found]
        assert places == sorted(places, reverse=True)
        shares = store.shares("decision", 2)
        assert sorted(id for share in shares for id in share) == sorted(ids)
        alone = [{note.system_id for _, note in whatif.latest(store, share)} for share in shares]
        assert sorted(alone, key=sorted) == [{"credit"}, {"mortgage"}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entries": {}, "makers": None},
        {"entries": [{}], "makers": {}},
        {"entries": [1], "makers": {}},
        {"entries": 1, "makers": {}},
        {"entries": [{"record": {"type": "x", "envelope": []}}], "makers": {}},
    ],
)
def test_a_snapshot_of_another_form_is_told(body: dict[str, Any], tmp_path: Path) -> None:
    """A note's body is not read with the note."""
    with RecordStore.create(
        f"sqlite:///{tmp_path}/store.db", tmp_path / "blobs", origin=ORIGIN, signer=key_of("quaestor")
    ) as store:
        box = with_people(store)
        kept = box.note(SnapshotNote(system_id="mortgage", snapshot=body), action="decided", at=NOW)
        made = note_of(store.get(box.decided("deny")), DecisionNote)
        note = made.model_copy(update={"snapshot": kept})
        with pytest.raises(StoreError, match="the snapshot does not fit"):
            kept_records(store.get, note, lambda type_, content: True)
        with pytest.raises(StoreError, match="the snapshot does not fit"):
            kept_snapshot(store.get, note)


def minor(mine: Path) -> Path:
    """Policies by which what stopped the first version stops nobody."""
    for name in ("fairness/FAIR-02", "performance/PERF-02", "robustness/ROB-01"):
        path = mine / "controls" / f"{name}.rego"
        path.write_text(path.read_text().replace("#   severity: blocker", "#   severity: minor", 1))
    return mine


def for_systems(mine: Path) -> Path:
    """Policies whose gate judges no model, and which differ in a control besides."""
    gate = mine / "gates" / "validation.yaml"
    gate.write_text(f"{gate.read_text()}subjects: [system]\n")
    return minor(mine)


def erased(lab: Doors, version: str) -> str:
    """The snapshot of the decision on a version is erased; its id."""
    workspace = Workspace.find(str(lab.folder))
    with workspace.store() as store:
        notes = [note_of(item, DecisionNote) for item in store.find(kind="decision")]
        (snapshot,) = [note.snapshot for note in notes if note.facts.subject.name == f"mortgage@{version}"]
        store.erase(snapshot, reason="due", actor="quaestor", at=notes[-1].recorded_at, signer=workspace.machine_key)
    return snapshot


@pytest.mark.slow
class TestWhatCannotBeToldOfOne:
    def test_an_erased_snapshot_hides_nobody_else(self, lab: Doors, mine: Path) -> None:
        snapshot = erased(lab, "2")
        asked = ("policy", "diff", POLICIES, minor(mine), "--what-if")
        said = lab(*asked)
        assert said.code == 1, said.text
        lines = said.out.splitlines()
        first = lines.index(
            "of 4 latest decisions on record, 1 cannot be judged again, 0 would be refused now, 1 allowed now"
        )
        assert "earlier gates are left out" in lines[first + 1]
        assert lines[first + 2].startswith("unknown mortgage@2 at gate validation: cannot be judged again, because ")
        assert f"the payload of snapshot {snapshot} was erased" in lines[first + 2]
        assert lines[first + 3] == "opens   mortgage@1 at gate validation: deny -> allow"
        told = json.loads(lab(*asked, "--format", "json").out)
        assert {item["subject"] for item in told["verdicts"]} == {
            "mortgage@1",
            "mortgage@test.csv",
            "mortgage@train.csv",
        }
        (unknown,) = told["unjudged"]
        assert (unknown["subject"], unknown["system"], unknown["gate"]) == ("mortgage@2", "mortgage", "validation")
        page = lab(*asked, "--format", "markdown").out
        assert page.index("| mortgage&#64;2 | validation |") < page.index("| mortgage&#64;1 | validation | deny |")
        assert "cannot be judged again, because" in page
        assert "earlier gates are left out" in page

    def test_where_none_flips_it_is_not_clean(self, lab: Doors, mine: Path) -> None:
        erased(lab, "1")
        said = lab("policy", "diff", POLICIES, minor(mine), "--what-if")
        assert said.code == 3, said.text
        assert "1 cannot be judged again, 0 would be refused now, 0 allowed now" in said.out

    def test_what_needs_no_snapshot_is_told_without_it(self, lab: Doors) -> None:
        erased(lab, "1")
        said = lab("policy", "diff", POLICIES, POLICIES, "--what-if")
        assert said.code == 0, said.text
        assert "of 4 latest decisions on record, 0 would be refused now, 0 allowed now" in said.out

    def test_a_gate_that_judges_other_subjects(self, lab: Doors, mine: Path) -> None:
        said = lab("policy", "diff", POLICIES, for_systems(mine), "--what-if")
        assert said.code == 3, said.text
        for version in ("1", "2"):
            told = f"unknown mortgage@{version} at gate validation: cannot be judged again, because "
            assert f"{told}gates/validation.yaml:1: gate `validation` judges no model" in said.out
        back = lab("policy", "diff", mine, POLICIES, "--what-if")  # the policies that decided are neither of these
        assert back.code == 3, back.text
        assert "2 cannot be judged again" in back.out

    def test_what_stops_everybody_is_an_error(self, lab: Doors, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An engine that cannot be had is no fault of one decision."""
        monkeypatch.setenv("QUAESTOR_ENGINE", "opa")
        monkeypatch.setenv("QUAESTOR_OPA_URL", "http://127.0.0.1:9")
        said = lab("policy", "diff", POLICIES, minor(mine), "--what-if")
        assert said.code == 2, said.text
        assert "cannot be judged again" not in said.text


@pytest.mark.slow
@pytest.mark.parametrize("change", [minor, for_systems])
def test_processes_tell_what_one_tells(
    lab: Doors, mine: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], Path]
) -> None:
    asked = ("policy", "diff", POLICIES, change(mine), "--what-if", "--format", "json")
    alone = lab(*asked)
    monkeypatch.setattr(whatif, "ALONE", 0)
    monkeypatch.setattr(shares, "processors", lambda: 2)
    shared = lab(*asked)
    assert (shared.code, shared.out) == (alone.code, alone.out)
    assert len(json.loads(alone.out)["verdicts"]) + len(json.loads(alone.out)["unjudged"]) == 4


def test_an_error_of_a_process_is_the_error() -> None:
    first = PolicyError("odd", path="gates/a.yaml", line=3, hint="mend it")
    with shares.helpers(1, alone=0) as others:
        assert others.number == shares.processors()
        for error in (first, PolicyErrors([first, PolicyError("odder", path="b", line=1)])):
            with pytest.raises(type(error)) as caught:
                others.ask(fail, error)()
            assert (str(caught.value), caught.value.hint) == (str(error), error.hint)


def fail(error: Exception) -> None:
    raise error
