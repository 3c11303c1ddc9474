"""Gates canary, operation, incident and retirement, passed by the command on what the demo measured and filed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.deciding.verdict import HARMLESS
from examples.mortgage.demo import Demo
from tests.integrations.doors import Doors, refused
from tests.worlds import running
from tests.worlds.once import once, run_folder
from tests.worlds.workspaces import quietly

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def in_production(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's second version, promoted, with what operation asks; for copies of it."""

    def make(folder: Path) -> None:
        with quietly():
            running.operation(Demo(shutil.copytree(released / "lender", folder / "lender")))

    return once(run_folder(tmp_path_factory) / "running", make) / "lender"


def decided(doors: Doors, gate: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(doors("gate", "decide", gate, running.SUBJECT, "--format", "json").out)
    return body


def tasks(doors: Doors, gate: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(doors("gate", "todo", gate, running.SUBJECT, "--json").out)["tasks"]
    return found


def blocking(body: dict[str, Any]) -> list[str]:
    """The controls that stand against it, each with the first thing that it found."""
    return [
        f"{item['control']} {item['status']} {item['findings'][:1]}"
        for item in body["results"]
        if item["status"] not in HARMLESS and not item["advisory"] and item["severity"] != "minor"
    ]


def copied(folder: Path, to: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Demo, Doors]:
    demo = Demo(Path(shutil.copytree(folder, to / "lab")))
    return demo, Doors(demo.folder, capsys)


def test_canary(released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo, doors = copied(released / "staged", tmp_path, capsys)
    assert decided(doors, "canary")["outcome"] == "indeterminate"
    commands = [command for task in tasks(doors, "canary") for command in task["commands"]]
    added = "quaestor evidence add {} FILE --subject mortgage@2 --as PERSON"
    shadow, deployed, steps = (
        commands.index(added.format(kind)) for kind in ("shadow-comparison", "deployment-record", "canary-metrics")
    )
    assert shadow < deployed < steps, "users meet the version before the shadow is over"
    assert "quaestor validate PLAN" in commands, "the run on data of late"
    assert "quaestor evidence add notice-record FILE --system mortgage --as PERSON" in commands
    running.canary(demo)
    body = decided(doors, "canary")
    assert not blocking(body)
    assert body["outcome"] == "allow"


def test_operation(in_production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, doors = copied(in_production, tmp_path, capsys)
    assert "LOG-04" in str(blocking(decided(doors, "operation")))
    running.follow(doors, "operation", REASON="its window is too short", PERSON="omar", SECOND="mara")
    body = decided(doors, "operation")
    assert not blocking(body)
    assert body["outcome"] == "allow"


@pytest.mark.parametrize("gate", ["incident", "retirement"])
def test_incident_and_retirement(
    in_production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], gate: str
) -> None:
    demo, doors = copied(in_production, tmp_path, capsys)
    running.follow(doors, gate, REASON="its window is too short", PERSON="omar", SECOND="mara")
    assert decided(doors, gate)["outcome"] != "allow"
    steps: dict[str, Callable[[], None]] = {
        "incident": lambda: running.incident(demo),
        "retirement": lambda: running.retirement(demo, doors),
    }
    steps[gate]()
    body = decided(doors, gate)
    assert not blocking(body)
    assert body["outcome"] == "allow"
    told = [item["type"] for item in body["excluded"] if item["reason"] == "superseded" and item.get("why")]
    assert told == (["incident-record"] if gate == "incident" else []), "the account of when its ticket was opened"


def test_a_system_ends_version_by_version(released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, doors = copied(released / "lender", tmp_path, capsys)
    refused(doors("gate", "decide", "retirement", "mortgage"), "gate `retirement` judges no system", "it judges model")
