"""The organisation is judged through the same door as a model, by the gate `portfolio` alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import digest_file
from evidence.model.subject import PORTFOLIO_LISTING
from reports.verify.checks import FailedCheck, read_contents
from reports.verify.complete import complete
from reports.verify.extract import extract_attachments
from reports.verify.taken import taken
from tests.integrations.doors import Doors, Make, refused
from tests.worlds.workspaces import ENTRY, STAFF, staffed

LINES = {
    "statement_type": "reporting-lines",
    "statement": "The head of lending directs the scoring team and settles conflicts.",
    "scope": ["organization", "scoring"],
    "role": "accountable-executive",
    "co_signers": [],
    "facts": {"conflict_resolver": {"id": "noor", "name": "Noor Haile", "role": "head of lending"}},
}


@pytest.fixture
def quaestor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(staffed(tmp_path / "house", {**STAFF, "noor": "accountable-executive"}), capsys)


def test_its_gate_reads_what_was_filed_about_it(quaestor: Doors, tmp_path: Path) -> None:
    paper = tmp_path / "lines.json"
    paper.write_text(json.dumps(LINES), encoding="utf-8")
    filed = quaestor("evidence", "add", "attestation", paper, "--system", "organization", "--as", "noor")
    assert filed.code == 0, filed.text
    answer = quaestor("gate", "decide", "portfolio", "organization", "--format", "json")
    assert answer.code in (1, 3), answer.text
    decision = json.loads(answer.out)
    assert (decision["subject"]["kind"], decision["subject"]["name"]) == ("portfolio", "organization")
    assert "attestation" in [item["type"] for item in decision["evidence"]]
    assert not [reason for reason in decision["reasons"] if reason["kind"].startswith("tier")]
    tasks = quaestor("gate", "todo", "portfolio", "organization")
    assert tasks.code == 0, tasks.text
    assert "--system organization" in tasks.out
    assert "risk-questionnaire" not in tasks.out
    # What another gate has not said of a version, that gate is asked.
    model, entry = tmp_path / "m.onnx", tmp_path / "entry.json"
    model.write_bytes(b"\x08weights")
    entry.write_text(json.dumps(ENTRY), encoding="utf-8")
    assert quaestor("system", "register", "mortgage", "--model", model, "--entry", entry, "--as", "eli").code == 0
    asked = quaestor("gate", "todo", "portfolio", "organization").out
    assert "quaestor gate decide registration mortgage@1" in asked
    again = quaestor("replay", quaestor("gate", "list").out.split()[-1])
    assert again.code == 0, again.text


CONTRACT = {
    "standard": "openapi-3.1",
    "api_version": "1.0",
    "schema_digest": f"sha256:{64 * 'a'}",
    "compatibility": "Fields are added and none is taken away within a major version.",
    "breaking_changes": [],
    "behaviour_changed": False,
    "consumers": ["origination"],
    "accepted_by": ["origination"],
}
"""An interface as the house has its interfaces."""
REPORT = {
    "systems": ["mortgage"],
    "tier_counts": {"high-annex-iii": 1},
    "unregistered": [],
    "underperforming": [],
    "legacy_models": [],
    "actions": [],
    "signers": [{"id": "noor", "name": "Noor Haile", "role": "accountable-executive"}],
    "milestones": {"mortgage": "live"},
    "cycle_time_days": {"scoring": 90},
    "defect_rate": {"scoring": 0},
    "shared_services": ["serving"],
    "shared_use_share": 1,
    "exceptions": [],
    "cumulative_return": {"mortgage": -20},
}
"""A review of the portfolio; when it was synced is filled in."""
PRESENT = "%Y-%m-%dT%H:%M:%SZ"
OVERLAY = """
parameters: {api_standard: openapi-3.1}
disable:
  APP-05: {reason: nothing of this house is in production yet, approver: noor}
"""
HISTORY = {
    "former_versions": [],
    "metrics_history": [{"name": "roc_auc", "version": "1", "value": 0.8, "at": "2026-01-01T00:00:00Z"}],
    "deprecation_status": {
        "status": "none",
        "decided_at": "2026-01-01T00:00:00Z",
        "decided_by": {"id": "eli", "name": "Eli"},
    },
}
"""What REG-03 asks of a registry entry beside the rest."""


def enrol(quaestor: Doors, file: Make, system: str, **entry: Any) -> str:
    """Register version 1 of a system, and record that it is built of nothing that others supply; its name."""
    model = file(f"{system}.onnx", f"\x08weights of {system}")
    paper = file(f"{system}.json", json.dumps({**ENTRY, "name": system, **HISTORY, **entry}))
    lineage = {
        "nodes": [
            {"id": f"{system}-data", "kind": "source", "owner": {"id": "eli", "name": "Eli"}, "origin": "bureau"},
            {"id": system, "kind": "model", "digest": digest_file(model), "owner": {"id": "eli", "name": "Eli"}},
        ],
        "edges": [{"from": f"{system}-data", "to": system, "kind": "trained"}],
    }
    drawn = file(f"{system}-lineage.yaml", json.dumps(lineage))
    for command in (
        ("system", "register", system, "--model", model, "--entry", paper, "--as", "eli"),
        ("lineage", "import", drawn, "--system", system, "--as", "eli"),
        ("lineage", "record", system, "--subject", f"{system}@1"),
    ):
        answer = quaestor(*command)
        assert answer.code == 0, answer.text
    return f"{system}@1"


def decide(quaestor: Doors, gate: str, subject: str, *more: str) -> dict[str, Any]:
    answer = quaestor("gate", "decide", gate, subject, "--format", "json", *more)
    assert answer.code in (0, 1, 3), answer.text
    decision: dict[str, Any] = json.loads(answer.out)
    return decision


def said(decision: dict[str, Any], control: str) -> tuple[str, list[str]]:
    """The status of a control, and the systems that its findings name."""
    (result,) = [item for item in decision["results"] if item["control"] == control]
    return result["status"], [finding["values"].get("system", "") for finding in result["findings"]]


@pytest.fixture
def house(quaestor: Doors, file: Make) -> Doors:
    """A house whose review of its portfolio is recent, with all else that its gate asks for but the systems."""
    (quaestor.folder / "overlay.yaml").write_text(OVERLAY, encoding="utf-8")
    review = {**LINES, "statement_type": "architecture-review", "role": "validator", "facts": {"actions": []}}
    for kind, content, signer in (
        ("attestation", review, "ana"),
        ("portfolio-report", {**REPORT, "synced_at": datetime.now(UTC).strftime(PRESENT)}, "mara"),
        ("interface-contract", CONTRACT, "eli"),
    ):
        paper = file(f"{kind}.json", json.dumps(content))
        filed = quaestor("evidence", "add", kind, paper, "--system", "organization", "--as", signer)
        assert filed.code == 0, filed.text
    return quaestor


def test_it_passes_where_every_system_was_decided_and_the_review_is_recent(house: Doors, file: Make) -> None:
    empty = decide(house, "portfolio", "organization")
    assert (empty["outcome"], said(empty, "REG-03"), said(empty, "TP-01")) == (
        "indeterminate",
        ("missing", [""]),
        ("missing", [""]),
    )
    for system in ("mortgage", "pricing"):
        decide(house, "registration", enrol(house, file, system))
    passed = decide(house, "portfolio", "organization")
    assert (passed["outcome"], passed["reasons"]) == ("allow", [])
    assert (said(passed, "REG-03"), said(passed, "TP-01")) == (("pass", []), ("pass", []))
    assert said(passed, "SUP-02") == (
        "missing",
        ["mortgage", "pricing"],
    )  # a minor matter, and nobody asked gate operation
    late = file("late.json", json.dumps({**REPORT, "synced_at": "2026-01-01T00:00:00Z"}))
    filed = house("evidence", "add", "portfolio-report", late, "--system", "organization", "--as", "mara")
    assert filed.code == 0, filed.text
    assert said(decide(house, "portfolio", "organization"), "PORT-01")[0] == "fail"


def test_what_stands_against_one_system_stands_against_the_portfolio(house: Doors, file: Make) -> None:
    decide(house, "registration", enrol(house, file, "mortgage"))
    bad = enrol(house, file, "pricing", metrics_history=[])
    undecided = decide(house, "portfolio", "organization")
    assert undecided["outcome"] == "indeterminate"
    assert said(undecided, "REG-03") == said(undecided, "TP-01") == ("missing", ["pricing"])
    decide(house, "registration", bad, "--at", datetime.now(UTC).strftime(PRESENT))  # a preview
    assert said(decide(house, "portfolio", "organization"), "REG-03") == ("missing", ["pricing"])
    assert said(decide(house, "registration", bad), "REG-03")[0] == "fail"
    failed = decide(house, "portfolio", "organization")
    assert (failed["outcome"], said(failed, "REG-03")) == ("deny", ("fail", ["pricing"]))
    assert said(failed, "TP-01") == ("pass", [])
    shown = house("gate", "decide", "portfolio", "organization")
    assert "gate registration found REG-03 in breach on pricing@1" in shown.out
    # What was decided under a milder overlay, or any other, answers for nothing.
    (house.folder / "overlay.yaml").write_text(OVERLAY.replace("parameters: {", "parameters: {max_vendor_risk: high, "))
    assert said(decide(house, "portfolio", "organization"), "TP-01") == ("missing", ["mortgage", "pricing"])


@pytest.mark.slow
def test_who_has_the_report_alone_finds_the_systems_proved(house: Doors, file: Make, tmp_path: Path) -> None:
    decide(house, "registration", enrol(house, file, "mortgage"))
    passed = decide(house, "portfolio", "organization")
    name = house("gate", "list").out.split()[-1]
    again = house("replay", name)
    assert again.code == 0, again.text
    enrol(house, file, "later")
    report = tmp_path / "portfolio.pdf"
    written = house("report", name, "-o", report)
    assert written.code == 0, written.text
    verified = house("verify", report)
    assert verified.code == 0, verified.text
    assert said(passed, "TP-01") == ("pass", [])
    contents = read_contents(extract_attachments(report.read_bytes()))
    proof, stands = contents.proof, contents.snapshot
    listings = tuple(listing for listing in proof.listings if listing.digest != PORTFOLIO_LISTING)
    assert len(listings) + 1 == len(proof.listings)
    with pytest.raises(FailedCheck, match="the portfolio"):
        complete(replace(contents, proof=proof.model_copy(update={"listings": listings})))
    # By a holder of all keys: a snapshot that leaves the standing out, or tells another.
    told = next(entry for entry in stands.entries if entry.record.type == "portfolio-standing")
    silent = stands.model_copy(update={"entries": tuple(entry for entry in stands.entries if entry != told)})
    with pytest.raises(FailedCheck, match="the listings are not those"):
        complete(replace(contents, snapshot=silent))
    with pytest.raises(FailedCheck, match="portfolio-standing made with the snapshot is not what the ledger gives"):
        taken(replace(contents, snapshot=silent))
    doctor = house("doctor", "--full")
    assert doctor.code == 0, doctor.text


@pytest.mark.parametrize("who", ["platform", "mara"])
def test_nobody_types_in_how_the_systems_stand(quaestor: Doors, file: Make, who: str) -> None:
    paper = file("standing.json", json.dumps({"versions": [], "retired": []}))
    answer = quaestor("evidence", "add", "portfolio-standing", paper, "--system", "organization", "--as", who)
    refused(answer, "`portfolio-standing` is not added by hand", "it is made with every snapshot of the organisation")


def test_no_other_gate_judges_it_and_its_gate_nothing_else(quaestor: Doors) -> None:
    refused(quaestor("gate", "decide", "production", "organization"), "judges no portfolio")
    refused(quaestor("gate", "todo", "production", "organization"), "judges no portfolio")


def test_no_system_takes_its_name(quaestor: Doors, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"\x08a model")
    entry = tmp_path / "entry.json"
    entry.write_text(json.dumps(ENTRY), encoding="utf-8")
    answer = quaestor("system", "register", "organization", "--model", model, "--entry", entry, "--as", "eli")
    refused(answer, "`organization` stands for the organisation")
