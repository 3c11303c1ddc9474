"""`evidence add` of many records at once, and of an incident that is told again as it goes on."""

import json
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import integrations.cli.shared
from tests.integrations.doors import Doors, Make, refused
from tests.worlds.workspaces import registered, staffed

ABOUT = ("--subject", "mortgage@1", "--as", "mara")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registered(staffed(tmp_path_factory.mktemp("adding") / "lab"), b"\x08weights")


@pytest.fixture
def quaestor(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(Path(shutil.copytree(made, tmp_path / "lab")), capsys)


def ago(hours: float) -> str:
    return f"{datetime.now(UTC) - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def opened(at: str, **more: Any) -> dict[str, Any]:
    """What is known of an incident when its ticket is opened."""
    return {
        "category": "drift-failure",
        "severity": "medium",
        "business_impact": "low",
        "exposed_users": 0,
        "serious_kind": "none",
        "personal_data_breach": False,
        "nonconformity_confirmed": False,
        "misuse_report": False,
        "detected_at": at,
        "triage_owner": {"id": "mara", "name": "Mara"},
        "notified": {},
        "affected_nodes": [],
        "evidence_refs": [],
        "timeline": [{"at": at, "text": "The alert fired."}],
        "factors": [],
        "corrective_actions": [],
        "rules_updated": [],
        **more,
    }


def lines(*contents: Any) -> str:
    return "".join(f"{json.dumps(content)}\n" for content in contents)


def counting(lab: Doors, subject: str = "mortgage@1") -> tuple[list[str], list[str]]:
    """The incidents that count, and what is said of those that do not."""
    shown = lab("evidence", "list", "--subject", subject, "--type", "incident-record")
    assert shown.code == 0, shown.text
    rows = [line for line in shown.out.splitlines() if line.startswith("incident-record")]
    return rows, [line for line in shown.out.splitlines() if line.startswith("does not count: incident-record")]


class TestManyAtOnce:
    @pytest.mark.parametrize(
        ("name", "begin"), [("week.jsonl", "\n"), ("week.ndjson", ""), ("WEEK.JSONL", "\ufeff")], ids=["", "nd", "bom"]
    )
    def test_each_line_is_a_record(self, quaestor: Doors, file: Make, name: str, begin: str) -> None:
        week = file(name, begin + lines(*(opened(ago(hours)) for hours in (1, 2, 3))) + "\n")
        answer = quaestor("evidence", "add", "incident-record", week, *ABOUT)
        assert answer.code == 0, answer.text
        assert [line.split()[0] for line in answer.out.splitlines()] == 3 * ["incident-record"]
        assert len({line.split()[1] for line in answer.out.splitlines()}) == 3
        assert len(counting(quaestor)[0]) == 3
        assert quaestor("doctor", "--full").code == 0

    @pytest.mark.parametrize(
        ("text", "place", "problem"),
        [
            (lines(opened(ago(1)), opened(ago(2), severity="grave")), ":2", "severity"),
            (lines(opened(ago(1))) + "{\n", ":2", "not JSON"),
            (lines(opened(ago(1)), [1]), ":2", "not a JSON object"),
            (lines(opened(ago(1)), opened(ago(-1))), ":2", "`detected_at` says"),
            ("\n \n", "week.jsonl", "no record in it"),
            ("", "week.jsonl", "no record in it"),
            (lines(opened(ago(1)))[:-2] + ', "category": "bias"}\n', ":1", "twice"),
        ],
        ids=["unfit", "broken", "no-object", "to-come", "blank", "empty", "doubled-name"],
    )
    def test_all_or_none(self, quaestor: Doors, file: Make, text: str, place: str, problem: str) -> None:
        answer = quaestor("evidence", "add", "incident-record", file("week.jsonl", text), *ABOUT)
        refused(answer)
        assert problem in answer.err
        assert place in answer.err
        assert counting(quaestor) == ([], [])

    def test_not_more_than_can_be_filed_at_once(
        self, quaestor: Doors, file: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(integrations.cli.shared, "MAX_LINES", 2)
        week = file("week.jsonl", lines(*(opened(ago(hours)) for hours in (1, 2, 3))))
        answer = quaestor("evidence", "add", "incident-record", week, *ABOUT)
        refused(answer)
        assert "week.jsonl:3" in answer.err
        assert "more than 2 records" in answer.err
        assert counting(quaestor) == ([], [])

    def test_one_is_replaced_by_one(self, quaestor: Doors, file: Make) -> None:
        two = file("two.jsonl", lines(opened(ago(1)), opened(ago(2))))
        answer = quaestor("evidence", "add", "incident-record", two, *ABOUT, "--replaces", "0123456789")
        refused(answer)
        assert "--replaces names one record, and the file has 2" in answer.err


class TestToldAgain:
    @pytest.fixture
    def tell(self, quaestor: Doors, file: Make) -> Callable[..., str]:
        def tell(content: dict[str, Any], *about: str) -> str:
            time.sleep(1)  # accounts are told apart by the second in which they were collected
            answer = quaestor("evidence", "add", "incident-record", file("i.jsonl", lines(content)), *(about or ABOUT))
            assert answer.code == 0, answer.text
            return answer.out

        return tell

    def test_a_later_account_stands_for_the_earlier(self, quaestor: Doors, tell: Callable[..., str]) -> None:
        at = ago(2)
        first = tell(opened(at)).split()[1]
        second = tell(opened(at, severity="high", exposed_users=3, resolved_at=ago(1))).split()
        assert "beside" not in second
        (counted,), (aside,) = counting(quaestor)
        assert second[1][:19] in counted
        assert first[:19] in aside
        assert f"a later account of the event stands for it: {second[1]}" in aside
        answer = quaestor("gate", "decide", "incident", "mortgage@1", "--format", "json")
        assert answer.out, answer.text
        body = json.loads(answer.out)
        assert {"kind": "replaced-evidence", "subject": first} in body["relaxations"]
        (one,) = [item for item in body["excluded"] if item["id"] == first]
        assert (one["reason"], one["by"], one["replaced_by"]) == ("superseded", "mara", second[1])
        assert (one["why"], one["past"]) == ("exposed_users, resolved_at, severity", "resolved_at")
        assert "superseded: a later account" in quaestor("evidence", "list", "--system", "mortgage").out

    def test_what_it_takes_back_is_said_and_mended(self, quaestor: Doors, tell: Callable[..., str]) -> None:
        at, over = ago(2), ago(1)
        first = tell(opened(at)).split()[1]
        told = tell(opened(at, severity="low", timeline=[], resolved_at=over))
        assert f"beside it still counts {first}, an earlier account that told otherwise of severity, timeline" in told
        assert len(counting(quaestor)[0]) == 2
        assert "beside" not in tell(opened(at, severity="high", resolved_at=over))
        assert len(counting(quaestor)[0]) == 1

    def test_another_hand_tells_another_account(self, quaestor: Doors, tell: Callable[..., str]) -> None:
        at = ago(2)
        tell(opened(at))
        assert "beside" not in tell(opened(at, resolved_at=ago(1)), "--subject", "mortgage@1", "--as", "eli")
        assert len(counting(quaestor)[0]) == 2
