"""`gate todo` on feeds of events: followed as it is printed it leads to their end, and asks nobody for an event."""

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.model.base import format_instant
from tests.integrations.doors import Doors
from tests.worlds.workspaces import shop

WINDOW = re.compile(r"([a-z/-]+): from (\S+) or earlier up to the end of the run")
STANDS_FOR = {"MACHINE": "ci", "REASON": "its window is too short", "PERSON": "omar", "SECOND": "mara"}


def tasks(lab: Doors, version: str = "mortgage@2") -> list[dict[str, Any]]:
    answer = lab("gate", "todo", "operation", version, "--json")
    assert answer.code == 0, answer.text
    found: list[dict[str, Any]] = json.loads(answer.out)["tasks"]
    return found


def feeds(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is asked of feeds: statuses to file first, then those to take back."""
    return [task for task in found if "feed-status" in task["what"]]


def follow(lab: Doors, command: str, **stands_for: str) -> None:
    """Run a command as it is printed; what is in capitals is the user's."""
    words = [{**STANDS_FOR, **stands_for}.get(word, word) for word in shlex.split(command)]
    answer = lab(*words[1:])
    assert answer.code == 0, answer.text


def report(lab: Doors, task: dict[str, Any], days: int | None = None) -> None:
    """File a status of each feed that the task names, since then or for so many days only."""
    now = datetime.now(UTC)
    for text in task["windows"]:
        found = WINDOW.fullmatch(text)
        feed = found[1] if found else text.partition(":")[0]
        start = found[2] if found and days is None else format_instant(now - timedelta(days=days or 1))
        content = {"feed": feed, "count": 0, "complete": True, "window": {"start": start, "end": format_instant(now)}}
        (lab.folder / "status.json").write_text(json.dumps(content), encoding="utf-8")
        (command,) = task["commands"]
        follow(lab, command, FILE=str(lab.folder / "status.json"))


def test_each_feed_is_named_with_the_window_that_all_its_controls_need(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = Doors(shop(tmp_path / "fresh").folder, capsys)
    (task,) = feeds(tasks(lab, "mortgage@1"))
    assert task["signed_by"] == ["collector"]
    assert task["not_by"] == []
    assert task["commands"] == ["quaestor evidence add feed-status FILE --system mortgage --as MACHINE"]
    starts = {found[1]: found[2] for text in task["windows"] if (found := WINDOW.fullmatch(text))}
    assert {"access-log", "deployment-record", "incident-record"} <= starts.keys()
    asked = {
        (feed, int(days)) for feed, days in re.findall(r"no current feed-status of (\S+) over (\d+) days", str(task))
    }
    assert len(asked) > len({feed for feed, _ in asked}), "no feed is asked for several windows"
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for feed, days in asked:
        assert starts[feed] <= format_instant(today - timedelta(days=days))
    told = lab("gate", "todo", "operation", "mortgage@1").out
    assert f"   window:    {task['windows'][0]}\n" in told
    assert "quaestor key new MACHINE --machine --role collector --name NAME" in told


def collector(lab: Doors) -> None:
    assert lab("key", "new", "ci", "--name", "CI runner", "--machine", "--role", "collector").code == 0


def test_followed_once_no_feed_is_wanting(lab: Doors) -> None:
    """The demo's own statuses are too short for some controls: what is filed beside them does not mend it."""
    collector(lab)
    task, *others = feeds(tasks(lab))
    report(lab, task)
    left = feeds(tasks(lab))
    assert left == others
    for other in others:
        follow(lab, *other["commands"])
    assert "feed-status" not in json.dumps(tasks(lab))


def test_a_status_that_is_too_short_is_taken_back(lab: Doors) -> None:
    collector(lab)
    task, *_ = feeds(tasks(lab))
    report(lab, task, days=10)
    task, *others = feeds(tasks(lab))
    assert any(re.search(r"is shorter than \d+ days", line) for line in task["why"]), task["why"]
    named = {text.partition(":")[0] for text in task["windows"]}
    for other in others:
        found = re.fullmatch(
            r"a feed-status of (\S+) that does not hold goes on counting beside a newer one", other["what"]
        )
        assert found is not None
        assert found[1] in named
        assert re.fullmatch(r"or wait until \S+Z, when it stops counting", other["advice"])
        (command,) = other["commands"]
        assert re.match(
            r"quaestor evidence withdraw sha256:[0-9a-f]{64} --reason REASON --as PERSON --with SECOND", command
        )
    report(lab, task)
    for _ in range(3):  # of two that do not hold a control names the newer one first
        for other in feeds(tasks(lab)):
            assert other["windows"] == []
            follow(lab, *other["commands"])
    assert "feed-status" not in json.dumps(tasks(lab))


def test_nobody_is_asked_for_an_incident(lab: Doors) -> None:
    """DRIFT-03 and RISK-03 read incidents, and hold where there was none."""
    found = tasks(lab)
    for kind in ("incident-record", "purge-certificate", "subject-request"):
        assert f"quaestor evidence template {kind}" not in {task["skeleton"] for task in found}
    decided = json.loads(lab("gate", "decide", "operation", "mortgage@2", "--dry-run", "--format", "json").out)
    blocked = {reason["control"] for reason in decided["reasons"] if reason["kind"] == "control"}
    assert {"RISK-03"} <= blocked
    assert blocked <= {name for task in found for name in task["controls"]}


def test_under_an_overlay_to_come(lab: Doors) -> None:
    """As `gate decide --dry-run` takes it: who shortens a window is told the shorter one."""
    text = (lab.folder / "overlay.yaml").read_text(encoding="utf-8")
    other = lab.folder / "other.yaml"
    other.write_text(text.replace("parameters:\n", "parameters:\n  incident_window_days: 3\n", 1), encoding="utf-8")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    told = lab("gate", "todo", "operation", "mortgage@2", "--overlay", other)
    assert told.code == 0, told.text
    assert f"incident-record: from {format_instant(today - timedelta(days=365))}" in str(tasks(lab))
    assert f"incident-record: from {format_instant(today - timedelta(days=365))}" not in told.out
