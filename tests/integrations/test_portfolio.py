"""The organisation is judged through the same door as a model, by the gate `portfolio` alone."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

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


def test_it_passes_with_a_review_that_is_recent(quaestor: Doors, file: Make) -> None:
    (quaestor.folder / "overlay.yaml").write_text("parameters: {api_standard: openapi-3.1}\n", encoding="utf-8")
    review = {**LINES, "statement_type": "architecture-review", "role": "validator", "facts": {"actions": []}}
    report = {
        "systems": ["mortgage"],
        "tier_counts": {"high-annex-iii": 1},
        "unregistered": [],
        "underperforming": [],
        "legacy_models": [],
        "actions": [],
        "signers": [{"id": "noor", "name": "Noor Haile", "role": "accountable-executive"}],
        "milestones": {"mortgage": "live"},
        "synced_at": "2026-01-01T00:00:00Z",
        "cycle_time_days": {"scoring": 90},
        "defect_rate": {"scoring": 0},
        "shared_services": ["serving"],
        "shared_use_share": 1,
        "exceptions": [],
        "cumulative_return": {"mortgage": -20},
    }
    papers = (
        ("attestation", review, "ana"),
        ("portfolio-report", report, "mara"),
        ("interface-contract", CONTRACT, "eli"),
    )
    for kind, content, signer in papers:
        paper = file(f"{kind}.json", json.dumps(content))
        filed = quaestor("evidence", "add", kind, paper, "--system", "organization", "--as", signer)
        assert filed.code == 0, filed.text
    late = quaestor("gate", "decide", "portfolio", "organization")
    assert late.code == 1, late.text
    assert "PORT-01" in late.out
    present = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fresh = file("fresh.json", json.dumps({**report, "synced_at": present}))
    filed = quaestor("evidence", "add", "portfolio-report", fresh, "--system", "organization", "--as", "mara")
    assert filed.code == 0, filed.text
    passed = quaestor("gate", "decide", "portfolio", "organization")
    assert passed.code == 0, passed.text


def test_no_other_gate_judges_it_and_its_gate_nothing_else(quaestor: Doors) -> None:
    refused(quaestor("gate", "decide", "production", "organization"), "judges no portfolio")
    refused(quaestor("gate", "todo", "production", "organization"), "judges no portfolio")


def test_no_system_takes_its_name(quaestor: Doors, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"a model")
    entry = tmp_path / "entry.json"
    entry.write_text(json.dumps(ENTRY), encoding="utf-8")
    answer = quaestor("system", "register", "organization", "--model", model, "--entry", entry, "--as", "eli")
    refused(answer, "`organization` stands for the organisation")
