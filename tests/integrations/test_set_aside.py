"""What no decision would count does not count in a case either, and `policy try` and `policy test` tell why."""

import json
from pathlib import Path
from typing import Any

import pytest

from evidence.model.yaml import parse_yaml
from tests.integrations.doors import Doors, Make
from tests.worlds.policies import POLICIES

WAYS: dict[str, tuple[dict[str, Any], str]] = {
    "of another version": (
        {"subject": ["sha256:e"]},
        "elsewhere: it is about sha256:eeeeeeeeeeee, as a record of `system`, and neither about candidate nor about "
        "its system",
    ),
    "of another system": (
        {"system_id": "cards"},
        "elsewhere: it is about sha256:cccccccccccc, as a record of `cards`, and neither about candidate nor about "
        "its system",
    ),
    "that expired": (
        {"expires_at": "2027-12-03T00:00:00Z"},
        "expired: could be used until 2027-12-03T00:00:00Z; collect it again",
    ),
    "older than its type may be": (
        {"collected_at": "2027-11-26T00:00:00Z", "issued_at": "2027-11-26T00:00:00Z"},
        "expired: could be used until 2027-12-03T00:00:00Z; collect it again",
    ),
    "of a day to come": (
        {"collected_at": "2027-12-03T00:00:01Z"},
        "not-yet-collected: collected at 2027-12-03T00:00:01Z",
    ),
    "filed on a day to come": (
        {"filed_at": "2027-12-03T00:00:01Z"},
        "not-yet-filed: filed at 2027-12-03T00:00:01Z",
    ),
    "that claims what is later than its filing": (
        {"issued_at": "2027-12-02T12:00:00Z"},
        "ahead-of-filing: `issued_at` says 2027-12-02T12:00:00Z, and the ledger has the record since "
        "2027-12-02T00:00:00Z",
    ),
    "whose signature does not verify": (
        {"signature": {"state": "unverified", "kind": "none"}},
        "unsigned: no key that its ledger's people had then verifies its signature",
    ),
    "of too low a class": (
        {"class": "ingested"},
        "class: it is ingested, and the control asks for measured or better",
    ),
    "that a person signed who may not": (
        {"class": "ingested", "signature": {"kind": "person", "signer": "omar", "roles": ["auditor"]}},
        "not-permitted: signed by omar: logging-check: it is signed as ml-engineer or model-owner or validator",
    ),
}


def base(control: str) -> dict[str, Any]:
    """What the cases of a control share."""
    (path,) = (POLICIES / "controls").rglob(f"{control}_cases.yaml")
    found: dict[str, Any] = parse_yaml(path.read_bytes()).value["base"]
    return found


@pytest.mark.parametrize("way", WAYS)
def test_a_record_that_no_decision_counts(quaestor: Doors, file: Make, way: str) -> None:
    change, told = WAYS[way]
    case = base("EUAIA-12-2")
    given = ("policy", "try", "EUAIA-12-2", "--input")
    assert "  passed at gate staging\n" in quaestor(*given, file("good.json", json.dumps(case))).out
    case["evidence"]["logging-check"][0] |= change
    path = file("case.json", json.dumps(case))
    said = quaestor(*given, path).out
    assert f"; 1 record set aside: {told}" in said.splitlines()[1]
    assert said.splitlines()[1].startswith("  evidence missing at gate staging: no ")
    assert "    no record of type logging-check that counts; 1 set aside\n  set aside\n    logging-check " in said
    answer = json.loads(quaestor(*given, path, "--format", "json").out)
    assert answer["result"]["status"] == "missing"
    (aside,) = answer["set_aside"]
    assert aside["type"] == "logging-check"
    assert f"{aside['reason']}: {aside['detail']}".startswith(told)


def test_a_record_of_the_system_is_there(quaestor: Doors, file: Make) -> None:
    """A snapshot has it; that it is not about the version is for the control to say."""
    case = base("EUAIA-12-2")
    case["evidence"]["logging-check"][0]["subject"] = ["system"]
    said = quaestor("policy", "try", "EUAIA-12-2", "--input", file("case.json", json.dumps(case))).out
    assert "  evidence missing at gate staging: no scripted run of this version was measured\n" in said
    assert "input/evidence/logging-check/0/subject/0 = " in said
    assert "set aside" not in said


def test_a_record_whose_content_is_about_something_else(quaestor: Doors, file: Make) -> None:
    case = base("FAIR-01")
    for audit in case["evidence"]["fairness-audit"]:
        audit["artifact_digest"] = "sha256:e"
    said = quaestor("policy", "try", "FAIR-01", "--input", file("case.json", json.dumps(case))).out
    assert ": about: its content is about something else than what is judged\n" in said


def test_whoever_trained_another_version(quaestor: Doors, file: Make) -> None:
    """Who made one version knows the next: the record does not count, its author does."""
    case = base("SLO-01")
    signature = {"kind": "person", "signer": "eli", "roles": ["ml-engineer"]}
    case["evidence"]["slo-report"] = [{**report, "signature": signature} for report in case["evidence"]["slo-report"]]
    case["evidence"]["training-run"].append(
        {"subject": ["sha256:e"], "author": {"id": "eli", "name": "Eli Novak"}, "started_at": "2026-06-01T00:00:00Z"}
    )
    said = quaestor("policy", "try", "SLO-01", "--input", file("case.json", json.dumps(case))).out
    assert "4 records set aside: apart: signed by eli: slo-report: whoever is trainer may not sign it" in said


def test_a_case_that_fails_tells_what_does_not_count(quaestor: Doors, mine: Path) -> None:
    cases = mine / "controls" / "eu-high-risk" / "EUAIA-12-2_cases.yaml"
    text = cases.read_text(encoding="utf-8")
    old = "  - {name: filed for the system, expect: missing, change: {logging-check/0/subject: [system]}}\n"
    assert old in text
    new = "  - {name: of another version, expect: pass, change: {logging-check/0/subject: [sha256:e]}}\n"
    cases.write_text(text.replace(old, new), encoding="utf-8")
    said = quaestor("policy", "test", "EUAIA-12-2", "--policies", mine)
    assert said.code == 1
    assert (
        "of another version: expected pass, came to missing: no scripted run of this version was "
        "measured; 1 record set aside: elsewhere: it is about sha256:eeeeeeeeeeee"
    ) in said.out
