"""Where a list of events may not be whole, its users are told which of its statuses does not hold, and in what."""

import json
import re
from typing import Any

import pytest

from evidence.model.yaml import parse_yaml
from tests.integrations.doors import Doors, Make
from tests.worlds.policies import POLICIES

YEAR = {"start": "2025-11-20T00:00:00Z", "end": "2026-11-20T05:00:00Z"}


def status(number: int, **changes: Any) -> dict[str, Any]:
    """A status of the feed of incidents, the `number`-th of the log, which lacks nothing but what `changes` say."""
    content = {"feed": "incident-record", "count": 0, "complete": True, "window": YEAR}
    filed = {"filed_at": f"2026-11-20T06:0{number}:00Z", "expires_at": f"2026-11-21T06:0{number}:00Z"}
    return {**filed, "log_index": number, "predicate": {**content, **changes}}


NOT_WHOLE = "says that its source did not answer for the whole window"
CAUSES = {
    "another feed alone": (
        [status(1, feed="alert-event")],
        "no current feed-status of incident-record over 365 days: nothing says that its list of events is whole",
    ),
    "not complete": ([status(1, complete=False)], f"the newest feed-status of incident-record {NOT_WHOLE}"),
    "ends before the day of filing": (
        [status(1, window={"start": "2025-11-19T00:00:00Z", "end": "2026-11-19T23:59:59Z"})],
        "the window of the newest feed-status of incident-record ends at 2026-11-19T23:59:59Z, before 2026-11-20, "
        "on which it was filed",
    ),
    "too short": (
        [status(1, window={**YEAR, "start": "2026-11-01T00:00:00Z"})],
        "the window of the newest feed-status of incident-record, 2026-11-01T00:00:00Z to 2026-11-20T05:00:00Z, "
        "is shorter than 365 days",
    ),
    "too short and not complete": (
        [status(1, complete=False, window={**YEAR, "start": "2026-11-01T00:00:00Z"})],
        "the window of the newest feed-status of incident-record, 2026-11-01T00:00:00Z to 2026-11-20T05:00:00Z, "
        "is shorter than 365 days",
    ),
    "fewer than counted": (
        [status(1, count=7)],
        "the newest feed-status of incident-record counts 7 events, of which 0 are here, filed since "
        "2025-11-20T00:00:00Z",
    ),
    "an older one": (
        [status(1, complete=False), status(2)],
        "a newer feed-status of incident-record holds, but the one filed at 2026-11-20T06:01:00Z, which counts until "
        "2026-11-21T06:01:00Z, does not",
    ),
    "the newest of two": (
        [status(1, count=7), status(2, complete=False)],
        f"the newest feed-status of incident-record {NOT_WHOLE}",
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_cause_is_told_with_its_values(quaestor: Doors, file: Make, cause: str) -> None:
    statuses, told = CAUSES[cause]
    runbook = {"scenario": "data-leak", "steps": ["Stop the export."]}
    case = {"gate": "incident", "evidence": {"incident-record": [], "feed-status": statuses, "runbook": [runbook]}}
    given = ("policy", "try", "INC-03", "--input", file("case.json", json.dumps(case)))
    result = json.loads(quaestor(*given, "--format", "json").out)["result"]
    assert result["status"] == "missing"
    (finding,) = result["findings"]
    assert finding["gap"] is True
    assert finding["path"] == "evidence/feed-status"
    assert f"  evidence missing at gate incident: {told}\n" in quaestor(*given).out


@pytest.mark.parametrize(
    ("control", "begins", "told"),
    [
        ("RISK-11", "2027-11-01T00:00:00Z", "begins at 2027-11-01T00:00:00Z, less than P6M ago"),
        ("REG-02", "2026-11-19T00:00:00Z", "begins at 2026-11-19T00:00:00Z, and is wanted since 20"),
    ],
)
def test_a_window_that_begins_too_late(quaestor: Doors, file: Make, control: str, begins: str, told: str) -> None:
    """What the cases of the control start from, but for the window of its feed."""
    (path,) = (POLICIES / "controls").rglob(f"{control}_cases.yaml")
    base = parse_yaml(path.read_bytes()).value["base"]
    for one in base["evidence"]["feed-status"]:
        one.get("predicate", one)["window"]["start"] = begins
    case = file("case.json", json.dumps(base))
    assert told in quaestor("policy", "try", control, "--input", case).out


def test_a_finding_asks_what_the_rule_asks() -> None:
    """The gap of a feed is given what `all_seen…` of its name was given, so that it never tells of another window."""
    apart = []
    for module in sorted((POLICIES / "controls").rglob("*.rego")):
        text = module.read_text(encoding="utf-8")
        asked = {(name, tuple(words)) for name, words in _calls(text, "feeds.all_seen")}
        explained = {(name, tuple(words[1:])) for name, words in _calls(text, "feeds.gap")}
        apart += [module.stem for call in explained - asked if call[0] in ("_for", "_back", "_since_each")]
    assert sorted(set(apart)) == [
        "APP-04",
        "ARCH-03",
        "EUAIA-19-1",
        "MON-02",
    ]  # which ask of each, by rules of their own


def _calls(text: str, name: str) -> list[tuple[str, list[str]]]:
    """What the calls of functions are given, by what follows `name` in theirs."""
    found = []
    for match in re.finditer(rf"{re.escape(name)}(\w*)\(", text):
        words, depth, place = [""], 0, match.end()
        while depth >= 0:
            letter = text[place]
            depth += (letter in "([{") - (letter in ")]}")
            if letter == "," and depth == 0:
                words.append("")
            elif depth >= 0:
                words[-1] += letter
            place += 1
        found.append((match[1], [word.strip() for word in words]))
    return found
