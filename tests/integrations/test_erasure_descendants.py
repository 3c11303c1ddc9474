"""`quaestor retention erase --node`: an erasure that reaches what was made of the data, and only what may go."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import digest_bytes
from evidence.snapshot.makers import makers_of
from evidence.snapshot.model import Makers
from integrations.app import erasing
from integrations.app.moment import Moment
from integrations.app.session import open_session
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from tests.integrations.doors import Doors, on_file, refused
from tests.worlds.once import once, run_folder
from tests.worlds.records import training
from tests.worlds.workspaces import ENTRY, ROOT, quietly, registered, run, staffed

pytestmark = pytest.mark.slow

STAFF = {
    "eli": "ml-engineer", "mara": "model-owner", "ana": "validator", "omar": "compliance", "dora": "dpo",
    "theo": "records-manager",
}  # fmt: skip
MODELS = {"mortgage@1": b"\x08weights one", "mortgage@2": b"\x08weights two", "cards@1": b"\x08weights of cards"}
LAID_DOWN = {"split_rule": "none", "deletion_method": "crypto-erase", "trigger": "end of the processing"}
SCHEDULES = (
    {"record_class": "ropa", "period": "PT1S", "personal": True, "legal_basis": "GDPR Art 30", **LAID_DOWN},
    {
        "record_class": "technical-documentation", "period": "PT1S", "minimum_keep": "PT1S", "personal": False,
        "regimes": ["gdpr"], "legal_basis": "contract", **LAID_DOWN,
    },
)  # fmt: skip
FEED = {
    "feed": "legal-hold", "count": 0, "complete": True,
    "window": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
}  # fmt: skip
ERASE = ("retention", "erase", "--node", "data/train", "--reason", "consent was withdrawn", "--as", "theo")
PLAN = ("retention", "erase", "--node", "data/train", "--plan")


def ropa(number: int) -> dict[str, Any]:
    return {
        "entry_id": str(number), "systems": ["mortgage"], "version_family": "mortgage", "purposes": ["credit"],
        "feature_necessity": {},
    }  # fmt: skip


def hold(scope: list[str]) -> dict[str, Any]:
    return {
        "matter_id": "M-7", "ground": "litigation", "scope": scope, "issued_by": {"id": "omar", "name": "Omar"},
        "held_from": "2026-01-01T00:00:00Z", "review_at": "2036-01-01T00:00:00Z", "service_reachable": True,
        "fail_closed_tested_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def graph(system: str) -> dict[str, Any]:
    """Two versions of `mortgage` and one of `cards` are trained on one dataset; another model of neither is not."""
    owner = {"id": "ada", "name": "Ada"}
    data = [
        {"id": "source/crm", "kind": "source", "owner": owner},
        {
            "id": "data/train",
            "kind": "dataset",
            "owner": owner,
            "digest": digest_bytes(b"rows"),
            "personal_data": ["income"],
        },
        {"id": "data/other", "kind": "dataset", "owner": owner},
    ]
    models = [
        {"id": f"model/{name}", "kind": "model", "owner": owner, "digest": digest_bytes(weights)}
        for name, weights in MODELS.items()
        if name.startswith(system)
    ]
    edges = [{"from": "source/crm", "to": "data/train", "kind": "derived"}]
    edges += [{"from": "data/train", "to": item["id"], "kind": "trained"} for item in models]
    return {"nodes": [*data, *models], "edges": edges}


def add(folder: Path, kind: str, content: Any, person: str, *about: str, name: str = "") -> None:
    path = folder / f"{name or kind}.json"
    path.write_text(json.dumps(content if isinstance(content, dict) else content.to_json()), encoding="utf-8")
    run(folder, ["evidence", "add", kind, path, *about, "--as", person])


def lending(folder: Path) -> Path:
    """Two systems on one dataset; of each version a processing record, due at once, and schedules of both systems."""
    staffed(folder, STAFF)
    registered(folder, MODELS["mortgage@1"])
    registered(folder, MODELS["mortgage@2"], version="2")
    model, entry = folder / "cards.onnx", folder / "cards.json"
    model.write_bytes(MODELS["cards@1"])
    entry.write_text(json.dumps({**ENTRY, "name": "cards"}), encoding="utf-8")
    run(folder, ["system", "register", "cards", "--model", model, "--entry", entry, "--as", "eli"])
    for system in ("mortgage", "cards"):
        path = folder / f"{system}.yaml"
        path.write_text(json.dumps(graph(system)), encoding="utf-8")
        run(folder, ["lineage", "import", path, "--system", system, "--as", "eli"])
        add(folder, "feed-status", FEED, "mara", "--system", system)
        for schedule in SCHEDULES[: 2 if system == "mortgage" else 1]:
            add(folder, "retention-schedule", schedule, "theo", "--system", system)
    for number, version in enumerate(MODELS):
        add(folder, "processing-record", ropa(number), "dora", "--subject", version)
    add(folder, "processing-record", ropa(9), "dora", "--system", "mortgage")
    add(folder, "training-run", training("eli", "Eli"), "eli", "--subject", "mortgage@1")
    # The versions stay in the inventory, so that they can be decided on.
    add(folder, "legal-hold", hold(["registry-entry"]), "omar", "--system", "mortgage")
    time.sleep(1.1)
    return folder


@pytest.fixture(scope="session")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        with quietly():
            lending(folder / "lender")

    return once(run_folder(tmp_path_factory) / "lending", make) / "lender"


@pytest.fixture
def shop(lent: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(Path(shutil.copytree(lent, tmp_path / "shop")), capsys)


def log_size(shop: Doors) -> int:
    ledger = next(line for line in shop("doctor").out.splitlines() if line.startswith("ledger"))
    return int(ledger.split(" entries")[0].split()[-1])


def planned(shop: Doors, *more: str) -> dict[str, Any]:
    answer = shop(*PLAN, "--json", *more)
    assert answer.code == 0, answer.text
    found: dict[str, Any] = json.loads(answer.out)
    return found


def verdicts(plan: dict[str, Any]) -> dict[tuple[str, str, str], list[str]]:
    """Verdicts by type, system and the node that the record is about."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for item in plan["items"]:
        found.setdefault((item["type"], item["system_id"], ",".join(item["about"])), []).append(item["verdict"])
    return found


class TestPlan:
    def test_every_descendant_and_every_record_with_what_decides(self, shop: Doors) -> None:
        before = log_size(shop)
        plan = planned(shop)
        nodes = {item["id"]: (item["start"], item["systems"]) for item in plan["nodes"]}
        assert nodes == {
            "data/train": (True, ["cards", "mortgage"]),
            "model/cards@1": (False, ["cards"]),
            "model/mortgage@1": (False, ["mortgage"]),
            "model/mortgage@2": (False, ["mortgage"]),
        }
        told = verdicts(plan)
        # Each by the schedule of its class in its own system; cards has none for its technical documentation.
        assert told["processing-record", "mortgage", "model/mortgage@1"] == ["erase"]
        assert told["processing-record", "cards", "model/cards@1"] == ["erase"]
        assert told["training-run", "mortgage", "model/mortgage@1"] == ["erase"]
        assert told["registry-entry", "cards", "model/cards@1"] == ["keep"]
        (kept,) = [item for item in plan["items"] if item["type"] == "registry-entry" and item["system_id"] == "cards"]
        assert kept["why"] == ["0 current retention-schedule records of class `technical-documentation`"]
        # What is about the whole system is about none of them.
        assert ("processing-record", "mortgage", "") not in told
        said = shop(*PLAN)
        assert "nothing was erased" in said.out
        assert "model/cards@1" in said.out
        assert log_size(shop) == before

    def test_of_a_record_it_is_what_the_record_is_about(self, shop: Doors) -> None:
        record = on_file(shop, "training-run", "mortgage@1")[-1]
        answer = shop("retention", "erase", record.id, "--descendants", "--plan", "--json")
        plan = json.loads(answer.out)
        assert [item["id"] for item in plan["nodes"]] == ["model/mortgage@1"]
        assert {item["system_id"] for item in plan["items"]} == {"mortgage"}

    def test_a_person_is_asked_about_too(self, shop: Doors) -> None:
        refused(shop(*PLAN, "--as", "omar"), "omar may not purge")
        assert planned(shop, "--as", "theo")["items"]

    def test_what_is_said_wrongly(self, shop: Doors) -> None:
        refused(shop("retention", "erase", "--node", "data/nix", "--plan"), "no node `data/nix`")
        refused(shop("retention", "erase", "--plan"), "one of them")
        refused(shop("retention", "erase", "abcdef12", "--node", "data/train", "--plan"), "one of them")
        refused(shop("retention", "erase", "abcdef12", "--plan"), "--descendants")
        refused(shop("retention", "erase", "--node", "data/train", "--as", "theo"), "--reason")
        refused(shop(*ERASE[:5], "n/a", *ERASE[6:]), "the reason `n/a` says nothing")


class TestAct:
    def test_all_that_is_due_goes_in_one_act_and_decisions_tell_it(self, shop: Doors) -> None:
        before, plan = log_size(shop), planned(shop)
        due = [item["id"] for item in plan["items"] if item["verdict"] == "erase"]
        answer = shop(*ERASE)
        assert answer.code == 0, answer.text
        assert f"{len(due)} payloads erased" in answer.out
        assert log_size(shop) == before + len(due)
        assert "the store verifies" in shop("doctor", "--full").out
        for name in due:
            refused(shop("evidence", "show", name), "was erased")
        # Every version hears of it: of its own records, and of what said who made another version.
        trained = next(item["id"] for item in plan["items"] if item["type"] == "training-run")
        for version in sorted(MODELS):
            answer = shop("gate", "decide", "validation", version, "--format", "json")
            assert answer.code in (1, 3), answer.err
            decision = json.loads(answer.out)
            told = {item["subject"] for item in decision["relaxations"] if item["kind"] == "withdrawn-evidence"}
            system = version.split("@")[0]
            own = {
                item["id"]
                for item in plan["items"]
                if item["verdict"] == "erase" and f"model/{version}" in item["about"]
            }
            assert own <= told, version
            assert (trained in told) == (system == "mortgage"), version
        again = shop(*ERASE)
        assert again.code == 0, again.text
        assert "nothing more is due" in again.out
        # A pack of such a decision is taken again from what the ledger holds, the erased too.
        report, name = shop.folder / "report.pdf", shop("gate", "list").out.splitlines()[-1].split()[-1]
        assert shop("report", name, "-o", report).code == 0
        checked = shop("verify", report, "--trust", shop.folder / ".quaestor/keys/report-certificate.pem")
        assert checked.code == 0, checked.out

    def test_what_was_decided_stays_and_can_be_made_again(self, shop: Doors) -> None:
        assert shop("gate", "decide", "validation", "mortgage@1").code == 1
        (copy,) = [item for item in planned(shop)["items"] if item["kind"] == "snapshot"]
        assert copy["verdict"] == "keep"
        assert "of gate validation on mortgage@1 rests on it" in copy["why"][0]
        assert shop(*ERASE).code == 0
        decision = shop("gate", "list").out.splitlines()[-1].split()[-1]
        assert shop("replay", decision).out.startswith("same bytes")
        refused(shop("report", decision, "-o", shop.folder / "late.pdf"), "was erased", "`quaestor replay`")
        # Erased or not, there are copies of it.
        assert [item["id"] for item in planned(shop)["items"] if item["kind"] == "snapshot"] == [copy["id"]]

    def test_without_the_role_nothing_goes_by_any_way(self, shop: Doors) -> None:
        before = log_size(shop)
        record = on_file(shop, "processing-record", "cards@1")[-1]
        for way in (["--node", "data/train"], ["--node", "model/cards@1"], [record.id, "--descendants"], [record.id]):
            refused(shop("retention", "erase", *way, "--reason", "it is due", "--as", "dora"), "dora may not purge")
        assert log_size(shop) == before

    @pytest.mark.parametrize("scope", ["data/train", digest_bytes(b"rows")])
    def test_a_hold_on_the_data_holds_what_was_made_of_it(self, shop: Doors, scope: str) -> None:
        add(shop.folder, "legal-hold", hold([scope]), "omar", "--system", "mortgage")
        plan = planned(shop)
        assert {item["verdict"] for item in plan["items"]} == {"keep"}
        why = next(item["why"] for item in plan["items"] if item["type"] == "processing-record")
        assert why.count("held for matter M-7") == 1
        assert "nothing was erased" in shop(*ERASE).out

    def test_a_hold_on_one_version_holds_it_alone(self, shop: Doors) -> None:
        # Filed about the version itself: the system's own snapshot does not show it.
        add(shop.folder, "legal-hold", hold(["model/mortgage@2"]), "omar", "--subject", "mortgage@2")
        told = verdicts(planned(shop))
        assert told["processing-record", "mortgage", "model/mortgage@2"] == ["keep"]
        assert told["processing-record", "mortgage", "model/mortgage@1"] == ["erase"]
        record = next(
            r for r in on_file(shop, "processing-record", "x") if r.subject[0] == digest_bytes(b"\x08weights two")
        )
        refused(
            shop("retention", "erase", record.id, "--reason", "it is due", "--as", "theo"), "purge.never_under_hold"
        )

    def test_a_hold_in_force_does_not_go_itself(self, shop: Doors) -> None:
        laid = {**SCHEDULES[1], "record_class": "quality-system"}
        add(shop.folder, "retention-schedule", laid, "theo", "--system", "mortgage", name="quality")
        add(shop.folder, "legal-hold", hold(["another matter"]), "omar", "--subject", "mortgage@1")
        time.sleep(1.1)
        assert verdicts(planned(shop))["legal-hold", "mortgage", "model/mortgage@1"] == ["keep"]


class TestWhoeverHides:
    def test_a_descendant_taken_out_of_the_tables_is_noticed(self, shop: Doors) -> None:
        with sqlite3.connect(shop.folder / ".quaestor/store.db") as database:
            gone = database.execute("DELETE FROM lineage_edge WHERE target = 'model/cards@1'").rowcount
        assert gone == 1
        refused(shop(*PLAN), "the lineage is not what the ledger tells", "lineage_edge")
        refused(shop(*ERASE), "the lineage is not what the ledger tells")

    def test_a_node_told_to_be_another_file_is_still_the_one_that_it_was(self, shop: Doors) -> None:
        told = graph("cards")
        told["nodes"][-1]["digest"] = digest_bytes(b"another file")
        path = shop.folder / "cards.yaml"
        path.write_text(json.dumps(told), encoding="utf-8")
        time.sleep(1.1)
        run(shop.folder, ["lineage", "import", path, "--system", "cards", "--as", "eli"])
        assert verdicts(planned(shop))["processing-record", "cards", "model/cards@1"] == ["erase"]


KILLED = """
import os, sys
from evidence.store import records
from evidence.store.blobs import BlobStore
from integrations.cli.main import main

def killed(*given, **named):
    os.kill(os.getpid(), 9)

delete, done = BlobStore.delete, []

def delete_once(self, digest):
    if done:
        killed()
    done.append(digest)
    delete(self, digest)

if sys.argv[1] == "before":
    records.write_erasures = killed
else:
    BlobStore.delete = delete_once
main(sys.argv[2:])
"""


class TestKilled:
    @pytest.mark.parametrize("when", ["before", "amid"])
    def test_the_store_opens_and_verifies_and_the_command_goes_on(self, shop: Doors, when: str) -> None:
        before = log_size(shop)
        due = [item["id"] for item in planned(shop)["items"] if item["verdict"] == "erase"]
        done = subprocess.run(
            [sys.executable, "-c", KILLED, when, "-w", str(shop.folder), *ERASE],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=shop.folder,
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == -9, done.stderr.decode()
        if when == "amid":
            # The ledger has said so of all, and some payloads still lie there: the next look at the store ends it.
            told = shop("doctor", "--full")
            assert f"{len(due) - 1} that were broken off" in told.out
            assert "the store verifies" in told.out
        else:
            assert "the store verifies" in shop("doctor", "--full").out
            assert log_size(shop) == before
        answer = shop(*ERASE)
        assert answer.code == 0, answer.text
        assert log_size(shop) == before + len(due)
        for name in due:
            refused(shop("evidence", "show", name), "was erased")
        assert "the store verifies" in shop("doctor", "--full").out

    def test_the_command_itself_finishes_what_was_broken_off(self, shop: Doors) -> None:
        arguments = [sys.executable, "-c", KILLED, "amid", "-w", str(shop.folder), *ERASE]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        assert (
            subprocess.run(arguments, env=environment, capture_output=True, timeout=300, check=False).returncode == -9
        )
        assert shop(*ERASE).code == 0
        assert "broken off" not in shop("doctor", "--full").out


class TestCurves:
    def test_stay_with_the_record_of_their_run_and_go_with_it(
        self, lab: Doors, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(lab.folder, "feed-status", FEED, "mara", "--system", "mortgage")
        add(lab.folder, "retention-schedule", SCHEDULES[1], "theo", "--system", "mortgage")
        time.sleep(1.1)
        run_id = on_file(lab, "validation-run", "mortgage@2")[-1].id
        asked = ("retention", "erase", run_id, "--descendants")
        planned = json.loads(lab(*asked, "--plan", "--json").out)["items"]
        assert {item["verdict"] for item in planned if item["kind"] == "charts"} == {"keep"}
        (run_itself,) = [item for item in planned if item["id"] == run_id]
        assert "it counts still, and is a validation-run that was measured" in run_itself["why"][0]
        # As once its time has run out.
        monkeypatch.setattr(erasing, "firm", lambda *_: "")
        planned = json.loads(lab(*asked, "--plan", "--json").out)["items"]
        verdict = {item["id"]: item["verdict"] for item in planned if item["kind"] == "charts"}
        assert set(verdict.values()) == {"erase"}
        add(lab.folder, "legal-hold", hold([run_id, "registry-entry"]), "omar", "--system", "mortgage")
        held = {item["id"]: item for item in json.loads(lab(*asked, "--plan", "--json").out)["items"]}
        assert held[run_id]["verdict"] == "keep"
        kept = [item for name, item in held.items() if name in verdict and item["verdict"] == "keep"]
        assert [item["why"] for item in kept] == [[f"part of the validation-run {run_id[:19]}, which stays"]]
        answer = lab(*asked, "--reason", "the model was retired", "--as", "theo")
        assert answer.code == 0, answer.err
        gone = [name for name, item in held.items() if item["verdict"] == "erase"]
        assert f"{len(gone)} payloads erased" in answer.out
        assert "the store verifies" in lab("doctor", "--full").out
        again = {item["id"]: item["verdict"] for item in json.loads(lab(*asked, "--plan", "--json").out)["items"]}
        # Of what only its content told, nobody knows any more what it was about.
        assert {again.get(name, "erased") for name in gone if held[name]["kind"] == "record"} == {"erased"}
        assert not [name for name in gone if held[name]["kind"] == "charts" and name in again]


def schedules(shop: Doors, *classes: str) -> None:
    """The records manager files, alone, that all records of these classes go after a second."""
    for name in classes:
        add(shop.folder, "retention-schedule", {**SCHEDULES[1], "record_class": name}, "theo", "--system", "mortgage")


def rejection(shop: Doors) -> str:
    answer = shop(
        "approve", "mortgage@1", "--gate", "validation", "--role", "validator", "--reject",
        "--reason", "it is unfair to applicants over sixty", "--as", "ana",
    )  # fmt: skip
    assert answer.code == 0, answer.text
    return str(on_file(shop, "approval", "mortgage@1")[-1].id)


class TestWhoeverGains:
    def test_a_rejection_that_counts_is_not_erased_by_any_way(self, shop: Doors) -> None:
        schedules(shop, "quality-system")
        name = rejection(shop)
        time.sleep(1.1)
        refused(
            shop("retention", "erase", name, "--reason", "it is due", "--as", "theo"),
            "it counts still, and is a rejection",
        )
        (item,) = [item for item in planned(shop)["items"] if item["id"] == name]
        assert item["verdict"] == "keep"
        assert "it counts still, and is a rejection" in item["why"][0]

    def test_what_a_record_replaced_does_not_come_back(self, shop: Doors) -> None:
        # A milder paper of before would count again, were its successor alone erased.
        old = on_file(shop, "processing-record", "mortgage@1")[0].id
        changed = {**ropa(0), "purposes": ["credit", "marketing"]}
        add(shop.folder, "processing-record", changed, "dora", "--subject", "mortgage@1")
        new = on_file(shop, "processing-record", "mortgage@1")[-1].id
        assert new != old
        time.sleep(1.1)
        refused(shop("retention", "erase", new, "--reason", "it is due", "--as", "theo"), f"it replaces {old[:19]}")
        add(shop.folder, "legal-hold", hold([old]), "omar", "--system", "mortgage")
        kept = {item["id"]: item for item in planned(shop)["items"]}
        assert kept[new]["why"] == [f"it replaces {old[:19]}, which would count again without it"]

    def test_both_may_go_in_one_act(self, shop: Doors) -> None:
        changed = {**ropa(0), "purposes": ["credit", "marketing"]}
        add(shop.folder, "processing-record", changed, "dora", "--subject", "mortgage@1")
        time.sleep(1.1)
        told = verdicts(planned(shop))
        assert told["processing-record", "mortgage", "model/mortgage@1"] == ["erase", "erase"]

    def test_who_made_a_version_is_known_after_the_record_is_gone(self, shop: Doors) -> None:
        def made() -> Makers:
            with open_session(Workspace(load_settings(shop.folder)), lambda: datetime.now(UTC)) as session:
                return makers_of(Moment(session).view("mortgage"))

        before, run_id = made(), on_file(shop, "training-run", "mortgage@1")[-1].id
        assert "eli" in before.trainer
        assert shop(*ERASE).code == 0
        refused(shop("evidence", "show", run_id), "was erased")
        assert made() == before
        assert "the store verifies" in shop("doctor", "--full").out


class TestHoldsElsewhere:
    def test_starting_further_down_evades_no_hold_on_the_data(self, shop: Doors) -> None:
        add(shop.folder, "legal-hold", hold(["data/train"]), "omar", "--system", "mortgage")
        record = on_file(shop, "processing-record", "mortgage@1")[0].id
        refused(shop("retention", "erase", record, "--reason", "it is due", "--as", "theo"), "purge.never_under_hold")
        other = on_file(shop, "processing-record", "cards@1")[0].id
        refused(shop("retention", "erase", other, "--reason", "it is due", "--as", "theo"), "purge.never_under_hold")
        for start in ("model/mortgage@1", "model/cards@1"):
            plan = json.loads(shop("retention", "erase", "--node", start, "--plan", "--json").out)
            assert {item["verdict"] for item in plan["items"]} == {"keep"}, start

    def test_a_hold_that_comes_while_it_is_judged_stops_it(self, shop: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = erasing.plan_erasure

        def slowly(*asked: Any, **named: Any) -> Any:
            found = plan(*asked, **named)
            add(shop.folder, "legal-hold", hold([]), "omar", "--system", "mortgage")
            return found

        monkeypatch.setattr(erasing, "plan_erasure", slowly)
        refused(shop(*ERASE), "was filed while the erasure was judged")
        monkeypatch.undo()
        assert "nothing was erased" in shop(*ERASE).out
        assert "the store verifies" in shop("doctor", "--full").out

    @pytest.mark.parametrize("scope", [[], ["mortgage"], ["processing-record"]])
    def test_a_hold_of_the_organisation_holds_every_system(self, shop: Doors, scope: list[str]) -> None:
        add(shop.folder, "legal-hold", hold(scope), "omar", "--system", "organization")
        told = verdicts(planned(shop))
        assert told["processing-record", "mortgage", "model/mortgage@1"] == ["keep"]
        record = on_file(shop, "processing-record", "mortgage@1")[0].id
        refused(shop("retention", "erase", record, "--reason", "it is due", "--as", "theo"), "purge.never_under_hold")

    def test_a_hold_whose_time_ran_out_holds_until_it_is_released(self, shop: Doors) -> None:
        soon = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        add(shop.folder, "legal-hold", hold(["data/train"]), "omar", "--system", "mortgage", "--expires", soon)
        time.sleep(2.1)
        assert {item["verdict"] for item in planned(shop)["items"]} == {"keep"}
        # Neither a narrower one of the same matter, nor another person's word, ends it.
        add(shop.folder, "legal-hold", hold(["nothing of it"]), "omar", "--system", "mortgage")
        released = {**hold(["data/train"]), "released_at": "2026-06-01T00:00:00Z"}
        add(shop.folder, "legal-hold", released, "theo", "--system", "mortgage")
        assert {item["verdict"] for item in planned(shop)["items"]} == {"keep"}
        add(shop.folder, "legal-hold", released, "omar", "--system", "mortgage")
        assert "erase" in {item["verdict"] for item in planned(shop)["items"]}
