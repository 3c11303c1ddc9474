"""The demo's own steps, once, and all that one can do with what they leave: replay, formats, verify, tampering."""

import contextlib
import html
import json
import random
import re
import shutil
import sqlite3
import xml.etree.ElementTree as ET
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.deciding.verdict import Decision, Finding, Status
from evidence.model.base import format_instant, parse_instant
from evidence.model.canonical import canonical_bytes, digest_file
from evidence.model.predicates import PREDICATES
from evidence.model.record import read_record
from evidence.trust.keys import SigningKey
from examples.mortgage.demo import DATA
from integrations.app.deciding import decisions
from integrations.app.records import find_subject, record_of, statement_of, versions
from integrations.app.session import open_session
from integrations.app.settings import load_settings
from integrations.app.todo import todo
from integrations.app.workspace import Workspace
from integrations.cli.main import main
from reports.pdf.signature import check_signature, make_signing_certificate
from reports.words.decisions import reason_text
from reports.words.findings import finding_text
from reports.words.wording import day_text
from tests.integrations.doors import Answer, Doors, process
from tests.worlds.workspaces import MORTGAGE

pytestmark = pytest.mark.slow
needs_opa = pytest.mark.skipif(find_opa() is None, reason=HOW_TO_GET_OPA)


@dataclass(frozen=True)
class Told:
    """What the demo came to."""

    folder: Path
    exits: dict[tuple[str, str], int]
    decisions: dict[tuple[str, str], Decision]
    report: Path

    def short(self, version: str, gate: str) -> str:
        return self.decisions[version, gate].id.removeprefix("sha256:")[:16]


@pytest.fixture(scope="session")
def told(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The demo from its judged versions to its report; it is the worker's own, since decisions may be added."""
    exits = {(version, gate): code for version, gate, code in json.loads((released / "exits.json").read_bytes())}
    folder = Path(shutil.copytree(released / "lender", tmp_path_factory.mktemp("demo") / "lender"))
    with Workspace.find(str(folder)).store() as store:
        every = dict(zip(exits, decisions(store), strict=True))
    return Told(folder=folder, exits=exits, decisions=every, report=folder / "mortgage-2-production.pdf")


@pytest.fixture
def lab(told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    """A copy of the demo's workspace to do anything with."""
    return Doors(Path(shutil.copytree(told.folder, tmp_path / "lab")), capsys)


@pytest.fixture
def quaestor(told: Told, capsys: pytest.CaptureFixture[str]) -> Doors:
    """The demo's workspace itself: for what only reads, and for decisions, which may be many."""
    return Doors(told.folder, capsys)


def decided(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.out)
    return found


def result(body: Any, control: str) -> dict[str, Any]:
    results = body["results"]
    (found,) = [item for item in results if item["control"] == control]
    return dict(found)


class TestTheDecisions:
    def test_version_1_is_denied_for_its_selection_rate_ratio(self, told: Told) -> None:
        decision = told.decisions["1", "validation"]
        assert told.exits["1", "validation"] == 1
        told = [reason_text(reason, decision) for reason in decision.reasons]
        assert any("FAIR-02" in reason and "selection-rate ratio of afam=yes" in reason for reason in told)
        fairness = result(decision.to_json(), "FAIR-02")
        assert fairness["status"] == "fail"
        (ratio,) = [
            item
            for item in fairness["findings"]
            if "selection-rate ratio of afam=yes in the model's" in finding_text(Finding.model_validate(item), "")
        ]
        assert ratio["expected"] == 0.8
        assert ratio["observed"]["ci_low"] < ratio["observed"]["value"] < ratio["observed"]["ci_high"] < 0.8

    def test_each_dataset_has_an_owner(self, told: Told) -> None:
        with Workspace(load_settings(told.folder)).store() as store:
            found = store.find(kind="record", predicate_type=PREDICATES["dataset-record"].uri())
            owners = [record_of(stored).envelope.owner for stored in found]
        assert [owner.id for owner in owners if owner] == ["mara"] * 2

    @pytest.mark.parametrize("part", DATA)
    def test_data_are_taken_in_before_a_model_is_judged_on_them(self, told: Told, part: str) -> None:
        assert told.exits[part, "data-intake"] == 0
        decision = told.decisions[part, "data-intake"]
        assert (decision.subject.kind, decision.subject.name) == ("dataset", f"mortgage@{part}.csv")
        assert decision.subject.digest == digest_file(MORTGAGE / f"data/{part}.csv")
        assert decision.instant <= told.decisions["1", "validation"].instant
        blockers = {item.control: item.status for item in decision.results if item.severity == "blocker"}
        assert set(blockers.values()) <= {Status.PASS, Status.NOT_APPLICABLE, Status.MISSING}
        assert [name for name, status in blockers.items() if status is Status.MISSING] == ["FAIR-01"], (
            "advice: no run yet"
        )

    def test_production_asks_what_registration_said(self, told: Told) -> None:
        """The screen of prohibited practices, among others, is asked at that gate alone."""
        met = {item.gate: item.state for item in told.decisions["2", "production"].prerequisites}
        assert met == dict.fromkeys(("registration", "validation", "staging"), "allowed")
        asked = {item.control for item in told.decisions["2", "registration"].results}
        assert {"EUAIA-05-1", "EUAIA-05-3", "EUAIA-05-4", "RISK-04", "RISK-07"} <= asked

    def test_reasons_round_numbers_for_people(self, told: Told) -> None:
        decision = told.decisions["1", "validation"]
        text = " ".join(reason_text(reason, decision) for reason in decision.reasons)
        assert re.search(r"interval 0\.\d+ to 0\.\d+", text)
        assert not re.search(r"0\.\d{5,}", text)

    @pytest.mark.parametrize("gate", ["validation", "registration", "staging", "production"])
    def test_version_2_passes(self, told: Told, gate: str) -> None:
        assert told.exits["2", gate] == 0
        results = told.decisions["2", gate].results
        assert any(item.status is Status.PASS for item in results)
        assert all(item.evidence for item in results if item.status is Status.PASS)

    def test_production_wants_a_split_test_alone(self, told: Told) -> None:
        """It takes weeks of live files: the lender's papers are invented, an experiment's result is not."""
        results = told.decisions["2", "production"].results
        assert [one.control for one in results if not one.advisory and one.status in (Status.FAIL, Status.MISSING)] == [
            "DEP-04"
        ]

    @pytest.mark.parametrize(
        ("kind", "field", "gate"),
        [
            ("rollback-drill", "performed_at", "validation"),
            ("resilience-test", "performed_at", "validation"),
            ("deployment-record", "started_at", "staging"),
            ("prediction-log", "at", "staging"),
        ],
    )
    def test_what_follows_a_gate_is_dated_after_it(self, told: Told, kind: str, field: str, gate: str) -> None:
        allowed = format_instant(told.decisions["2", gate].instant)
        with Workspace(load_settings(told.folder)).store() as store:
            records = [read_record(statement_of(item)) for item in store.find(predicate_type=PREDICATES[kind].uri())]
        assert records
        assert all(record.content[field] >= allowed for record in records)

    def test_the_waiver_is_told_as_a_relaxation(self, told: Told) -> None:
        relaxations = told.decisions["2", "staging"].to_json()["relaxations"]
        assert [item["subject"] for item in relaxations if item["kind"] == "waiver"] == ["INT-01"]
        assert result(told.decisions["2", "staging"].to_json(), "INT-01")["status"] == "waived"

    def test_the_classification_names_the_controls_of_its_clauses(self, told: Told) -> None:
        with Workspace(load_settings(told.folder)).store() as store:
            uri = PREDICATES["risk-classification"].uri()
            (record,) = [read_record(statement_of(item)) for item in store.find(predicate_type=uri)]
        assert "eu-ai-act:6(2)" in record.content["legal_clauses"]
        assert "RISK-01" in record.content["control_ids"]["eu-ai-act:6(2)"]
        assert "RISK-07" in record.content["control_ids"]["eu-ai-act:Annex III 5(b)"], "it cites Annex III as a whole"

    def test_a_model_file_names_its_version(self, told: Told, quaestor: Doors) -> None:
        answer = quaestor("gate", "decide", "validation", MORTGAGE / "models/mortgage-v1.onnx", "--format", "json")
        assert answer.code == 1
        assert decided(answer)["subject"]["name"] == "mortgage@1"


class TestEngines:
    @pytest.mark.parametrize("engine", [pytest.param("wasm", marks=needs_opa), "regorus",
                                        pytest.param("opa", marks=needs_opa)])  # fmt: skip
    def test_replay_gives_the_same_bytes(self, told: Told, quaestor: Doors, engine: str) -> None:
        answer = quaestor("replay", told.short("2", "production"), "--engine", engine)
        assert (answer.code, answer.err) == (0, "")
        assert answer.out.strip() == f"same bytes: {told.decisions['2', 'production'].id}"

    @needs_opa
    @pytest.mark.parametrize("pair", ["wasm,regorus", "regorus,opa"])
    def test_cross_check_agrees(self, told: Told, quaestor: Doors, pair: str) -> None:
        answer = quaestor(
            "gate", "decide", "production", "mortgage@2", "--cross-check", pair, "--format", "json", "--as", "ruth"
        )
        assert answer.code == 0
        recorded = told.decisions["2", "production"].to_json()
        statuses = {item["control"]: item["status"] for item in decided(answer)["results"]}
        assert statuses == {item["control"]: item["status"] for item in recorded["results"]}


class TestInstants:
    def test_a_day_to_come_binds_what_is_advice_today(self, told: Told, quaestor: Doors) -> None:
        answer = quaestor("gate", "decide", "validation", "mortgage@2", "--at", "2027-12-03", "--format", "json")
        assert answer.code == 3  # by then the evidence has expired, and nothing stands in for it
        now = result(told.decisions["2", "validation"].to_json(), "EUAIA-09-5")
        then = result(decided(answer), "EUAIA-09-5")
        assert (now["advisory"], then["advisory"]) == (True, False)
        assert {"kind": "chosen-instant", "subject": "2027-12-03T00:00:00Z"} in decided(answer)["relaxations"]

    def test_what_is_to_be_done_names_the_records_that_expired(self, told: Told) -> None:
        """What a control finds in other records may come of their absence."""
        workspace = Workspace(load_settings(told.folder))
        with open_session(workspace, lambda: parse_instant("2027-06-01T00:00:00Z")) as session:
            decision, tasks = todo(session, "validation", find_subject(session.store, "mortgage@2"))
        told_of = {line.split()[0] for task in tasks for line in task.why if "could be used until" in line}
        assert "telemetry-series" in told_of
        assert told_of <= {item.type for item in decision.excluded if item.reason == "expired"}
        assert not told_of & {item.type for item in decision.evidence}

    def test_that_the_register_of_people_is_renewed_until_then_is_told_as_an_assumption(self, quaestor: Doors) -> None:
        ask = ("gate", "decide", "validation", "mortgage@2", "--at")
        kinds = [item["kind"] for item in decided(quaestor(*ask, "2027-06-01", "--format", "json"))["relaxations"]]
        assert "chosen-instant" in kinds
        assert "assumed-renewal" not in kinds
        after = decided(quaestor(*ask, "2029-12-03", "--format", "json"))["relaxations"]
        (assumed,) = [item for item in after if item["kind"] == "assumed-renewal"]
        assert assumed["subject"] < "2029-12-03"
        text = quaestor(*ask, "2029-12-03").out
        assert f"register of people assumed renewed: {day_text(parse_instant(assumed['subject']).date())}" in text
        assert "that it is renewed as it stands is an assumption" in " ".join(text.split())

    def test_a_preview_opens_no_gate_and_a_withdrawal_closes_it(self, told: Told, lab: Doors) -> None:
        before = told.decisions["2", "staging"].to_json()["instant"]
        run = next(
            item["id"] for item in told.decisions["2", "validation"].to_json()["evidence"]
            if item["type"] == "risk-questionnaire"
        )  # fmt: skip
        gone = lab("evidence", "withdraw", run, "--reason", "traced wrongly", "--as", "mara", "--with", "omar")
        assert gone.code == 0
        again = lab("evidence", "withdraw", run, "--reason", "traced wrongly", "--as", "mara", "--with", "omar")
        assert again.code == 2
        assert "was withdrawn already" in again.err
        answer = lab("gate", "decide", "validation", "mortgage@2", "--format", "json")
        assert answer.code == 3
        excluded = {item["id"]: item for item in decided(answer)["excluded"]}
        assert excluded[run]["reason"] == "withdrawn"
        assert (excluded[run]["why"], excluded[run]["by"], excluded[run]["signed"]) == ("traced wrongly", "mara", True)
        assert "detail" not in excluded[run]
        assert lab("gate", "decide", "staging", "mortgage@2").code in (1, 3)
        refused = lab("system", "promote", "mortgage@2", "--stage", "staging", "--as", "ruth")
        assert refused.code == 2
        assert "gate staging said" in refused.err
        preview = lab("gate", "decide", "staging", "mortgage@2", "--at", before, "--format", "json")
        assert preview.code == 0
        assert lab("system", "promote", "mortgage@2", "--stage", "staging", "--as", "ruth").code == 2
        assert lab("doctor", "--full").code == 0


@pytest.fixture(scope="module")
def forms(told: Told, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Version 1 at validation in every form, read back from the files written."""
    folder = tmp_path_factory.mktemp("forms")
    for form in ("json", "junit", "sarif", "markdown", "text"):
        arguments = ["gate", "decide", "validation", "mortgage@1", "-f", form, "-o", str(folder / form)]
        assert main(["-w", str(told.folder), *arguments]) == 1
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


class TestFormats:
    @pytest.mark.parametrize("form", ["json", "junit", "sarif", "markdown", "text"])
    def test_every_form_tells_reasons_and_relaxations(self, forms: dict[str, str], form: str) -> None:
        text = html.unescape(forms[form]).replace("\\", "")
        assert "FAIR-02" in text
        assert "min_primary_metric" in text, "a replaced threshold is told in every form"

    @pytest.mark.parametrize("form", ["markdown", "text"])
    def test_the_head_says_for_whom_what_for_and_who_answers(self, forms: dict[str, str], form: str) -> None:
        head = html.unescape(forms[form]).split("Reasons")[0]
        for words in (
            "example-lender, retail lending",
            "a person decides",
            "Mara Lind (product owner)",
            "Eli Novak (development, ml engineer)",
            "Mara Lind (model-owner)",
        ):
            assert words in head

    def test_json_is_a_decision(self, forms: dict[str, str]) -> None:
        decision = Decision.model_validate_json(forms["json"])
        assert decision.outcome == "deny"

    def test_junit_counts_what_it_holds(self, forms: dict[str, str]) -> None:
        root = ET.fromstring(forms["junit"])  # written by us a moment ago
        (suite,) = root.findall("testsuite")
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "")) == len(cases) > 0
        for word, total in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(total, "")) == sum(1 for case in cases if case.find(word) is not None)
        assert any("FAIR-02" in case.get("name", "") and case.find("failure") is not None for case in cases)

    def test_sarif_has_what_its_schema_asks(self, forms: dict[str, str]) -> None:
        log = json.loads(forms["sarif"])
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
        assert run["tool"]["driver"]["name"] == "Quaestor"
        assert run["results"]
        for item in run["results"]:
            assert item["ruleId"] in rules or "ruleIndex" not in item
            assert item["level"] in {"none", "note", "warning", "error"}
            assert item["message"]["text"]
        assert any(item["ruleId"] == "FAIR-02" and item["level"] == "error" for item in run["results"])

    def test_markdown_has_no_raw_html(self, forms: dict[str, str]) -> None:
        assert forms["markdown"].startswith("## Quaestor: denied")
        assert not re.search(r"<(script|img|a|iframe)\b", forms["markdown"])


class TestVerify:
    def test_it_verifies_in_an_empty_folder_without_a_workspace(self, told: Told, tmp_path: Path) -> None:
        alone = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": "/nowhere"}
        answer = process("verify", str(told.report), cwd=tmp_path, environment=alone)
        assert answer.code == 0, answer.text
        # Nobody was trusted, so that it is in one piece, and no more.
        assert (
            f"consistent: mortgage@2 at gate production: allow ({told.decisions['2', 'production'].id})" in answer.out
        )
        assert "verified:" not in answer.out
        assert re.search(r"^ok +replay:", answer.out, re.M)
        assert answer.err == ""

    def test_under_a_certificate_of_somebody_else_it_does_not_verify(
        self, told: Told, quaestor: Doors, tmp_path: Path
    ) -> None:
        _, foreign = make_signing_certificate("Somebody Else", now=parse_instant("2026-11-21T00:00:00Z"))
        path = tmp_path / "foreign.pem"
        path.write_bytes(foreign)
        answer = quaestor("verify", told.report, "--trust", path)
        assert answer.code == 1
        assert re.search(r"^FAILED +signer:", answer.out, re.M)

    @pytest.mark.parametrize("part", ["text", "attachment", "signature"])
    def test_one_byte_flipped_in_a_part_is_found(self, told: Told, tmp_path: Path, part: str) -> None:
        data = told.report.read_bytes()
        start, stop = {"text": _page, "attachment": _attachment, "signature": _signature}[part](data)
        copy = tmp_path / "copy.pdf"
        copy.write_bytes(_flipped(data, (start + stop) // 2))
        answer = process("verify", str(copy), cwd=tmp_path)
        assert answer.code == 1
        assert "NOT verified" in answer.out
        assert "Traceback" not in answer.text
        assert "unexpected" not in answer.text

    def test_one_byte_flipped_anywhere_is_found(self, told: Told, quaestor: Doors, tmp_path: Path) -> None:
        data, chance = told.report.read_bytes(), random.Random(20261121)
        for position in [0, len(data) - 2, *(chance.randrange(len(data)) for _ in range(4))]:
            copy = tmp_path / "copy.pdf"
            copy.write_bytes(_flipped(data, position))
            answer = quaestor("verify", copy)
            assert answer.code == (1 if position else 2), f"byte {position}: {answer.text}"  # the first makes it a PDF
            assert "Traceback" not in answer.text
            assert "unexpected" not in answer.text

    def test_the_signature_covers_every_byte(self, told: Told) -> None:
        data, chance = told.report.read_bytes(), random.Random(7)
        assert check_signature(data).intact
        for position in (chance.randrange(len(data)) for _ in range(20)):
            assert not check_signature(_flipped(data, position)).intact, f"byte {position}"

    def test_half_a_report_and_no_report_do_not_verify(self, told: Told, quaestor: Doors, tmp_path: Path) -> None:
        copy = tmp_path / "copy.pdf"
        copy.write_bytes(told.report.read_bytes()[:300_000])
        answer = quaestor("verify", copy)
        assert answer.code == 1
        assert "NOT verified" in answer.out
        copy.write_bytes(b"")
        answer = quaestor("verify", copy)
        assert answer.code == 2
        assert "not a PDF" in answer.err

    def test_a_report_for_who_kept_a_checkpoint_and_knows_the_certificate(
        self, told: Told, lab: Doors, tmp_path: Path
    ) -> None:
        kept, report = tmp_path / "kept", tmp_path / "since.pdf"
        assert lab("doctor", "--keep", kept).code == 0
        assert lab("key", "new", "zoe", "--name", "Zoe Lang", "--role", "auditor").code == 0
        made = lab("report", told.short("2", "production"), "--since", kept, "--output", report)
        assert made.code == 0, made.text
        certificate = load_settings(lab.folder).keys / "report-certificate.pem"
        answer = lab("verify", report, "--checkpoint", kept, "--trust", certificate, "--json")
        assert answer.code == 0
        states = {check["name"]: check["state"] for check in json.loads(answer.out)["checks"]}
        assert {states[name] for name in ("signer", "checkpoint", "pages", "charts")} == {"ok"}


class TestDoctor:
    def test_the_store_verifies(self, lab: Doors) -> None:
        answer = lab("doctor", "--full")
        assert answer.code == 0
        assert answer.out.endswith("the store verifies\n")

    def test_an_altered_payload_is_found(self, lab: Doors) -> None:
        blob = max((p for p in (lab.folder / ".quaestor/blobs").rglob("*") if p.is_file()), key=lambda p: p.name)
        blob.chmod(0o644)
        blob.write_bytes(_flipped(blob.read_bytes(), 40))
        answer = lab("doctor", "--full")
        assert answer.code == 1
        assert "PROBLEM" in answer.out
        assert answer.out.endswith("the store does NOT verify\n")

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE entry SET actor = 'nobody' WHERE position = 3",
            "UPDATE entry SET hash = zeroblob(32) WHERE position = 5",
            "DELETE FROM entry WHERE position = (SELECT max(position) FROM entry)",
            "UPDATE entry SET kind = 'charts' WHERE kind = 'withdrawal' OR position = 2",
            "UPDATE ledger SET size = size - 1",
        ],
    )
    def test_a_changed_row_is_found(self, lab: Doors, change: str) -> None:
        with contextlib.closing(sqlite3.connect(lab.folder / ".quaestor/store.db")) as connection, connection:
            assert connection.execute(change).rowcount > 0
        answer = lab("doctor", "--full")
        assert answer.code == 1, answer.text
        assert "PROBLEM" in answer.out
        assert "Traceback" not in answer.text


class TestWhoMayAct:
    def test_the_trainer_may_not_approve(self, lab: Doors) -> None:
        assert lab("key", "role", "eli", "--grant", "validator").code == 0
        answer = lab("approve", "mortgage@2", "--gate", "production", "--role", "validator", "--as", "eli")
        assert answer.code == 2
        assert "forbidden by approve.separation_of_duties" in answer.err
        whole = lab("approve", "mortgage", "--gate", "production", "--role", "validator", "--as", "eli")
        assert whole.code == 2
        assert "what is approved is a model version" in whole.err

    def test_nobody_approves_in_a_role_that_they_do_not_hold(self, quaestor: Doors) -> None:
        answer = quaestor("approve", "mortgage@2", "--gate", "production", "--role", "dpo", "--as", "ana")
        assert answer.code == 2
        assert "approve.by_held_role" in answer.err

    def test_a_blocker_of_law_is_not_waived(self, quaestor: Doors) -> None:
        answer = quaestor(
            "waiver", "grant", "EUAIA-05-1", "--subject", "mortgage@2", "--risk", "none", "--risk-owner", "mara",
            "--requested-by", "ruth", "--until", "2026-12-24", "--as", "omar",
        )  # fmt: skip
        assert answer.code == 2
        assert "forbidden by waive.never_law" in answer.err

    def test_nobody_waives_what_they_asked_for(self, quaestor: Doors) -> None:
        answer = quaestor(
            "waiver", "grant", "INT-01", "--subject", "mortgage@2", "--risk", "none", "--risk-owner", "mara",
            "--requested-by", "omar", "--until", "2026-12-24", "--as", "omar",
        )  # fmt: skip
        assert answer.code == 2
        assert "forbidden by waive.not_own_request" in answer.err

    def test_without_an_allowance_nothing_is_promoted(self, quaestor: Doors) -> None:
        answer = quaestor("system", "promote", "mortgage@1", "--stage", "production", "--as", "ruth")
        assert answer.code == 2
        assert "gate production has not decided on mortgage@1" in answer.err
        assert "quaestor gate decide production mortgage@1" in answer.err

    def test_an_auditor_reads_and_does_not_ask_gates(self, quaestor: Doors) -> None:
        answer = quaestor("gate", "decide", "production", "mortgage@2", "--as", "vic")
        assert answer.code == 2
        assert "decide.by_member" in answer.err

    @pytest.mark.parametrize("kind", ["fairness-audit", "validation-run", "robustness-report", "lineage-graph"])
    def test_what_quaestor_measures_cannot_be_typed_in(
        self, told: Told, quaestor: Doors, tmp_path: Path, kind: str
    ) -> None:
        found = told.decisions["2", "validation"].to_json()["evidence"]
        name = next(item["id"] for item in found if item["type"] == kind)
        content = json.loads(quaestor("evidence", "show", name).out)["predicate"]["content"]
        path = tmp_path / "forged.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        answer = quaestor("evidence", "add", kind, path, "--subject", "mortgage@1", "--as", "platform")
        assert answer.code == 2
        assert f"`{kind}` is not added by hand" in answer.err

    def test_a_person_cannot_sign_a_measurement(self, told: Told, lab: Doors, tmp_path: Path) -> None:
        found = told.decisions["2", "validation"].to_json()["evidence"]
        name = next(item["id"] for item in found if item["type"] == "fairness-audit")
        statement = json.loads(lab("evidence", "show", name).out)
        statement["predicate"]["issuer"] = "eli"
        key = SigningKey.load(load_settings(lab.folder).keys / "eli.pem")
        path = tmp_path / "forged.dsse.json"
        path.write_bytes(key.sign(canonical_bytes(statement)))
        answer = lab("evidence", "import", path)
        assert answer.code == 2
        assert "class measured under the key of the person `eli`" in answer.err

    def test_a_later_stage_replaces_the_entry_of_who_registered(self, told: Told) -> None:
        with Workspace(load_settings(told.folder)).store() as store:
            digest = told.decisions["2", "staging"].subject.digest
            entries = [r for r in versions(store) if r.content["artifact_digest"] == digest]
        assert [entry.content["stage"] for entry in entries] == ["development", "development", "staging"]
        assert {entry.envelope.owner.id for entry in entries if entry.envelope.owner} == {"mara"}
        assert all(entry.envelope.owner for entry in entries), "who moves it on leaves its owner"
        counted = told.decisions["2", "production"].to_json()["evidence"]
        assert sum(1 for item in counted if item["type"] == "registry-entry") == 1


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _streams(data: bytes) -> list[tuple[bytes, int, int]]:
    """Each stream of the file: its dictionary, where its bytes begin and end."""
    found = []
    for match in re.finditer(rb"\d+ 0 obj\s*<<(.{0,600}?)>>\s*stream\r?\n", data, re.S):
        length = re.search(rb"/Length (\d+)", match[1])
        if length:
            found.append((match[1], match.end(), match.end() + int(length[1])))
    return found


def _page(data: bytes) -> tuple[int, int]:
    """A stream that draws text."""
    for head, start, stop in _streams(data):
        if b"/Filter /FlateDecode" in head and b" Tf" in zlib.decompress(data[start:stop]):
            return start, stop
    raise AssertionError("the report has no page with text")


def _attachment(data: bytes) -> tuple[int, int]:
    return next((start, stop) for head, start, stop in _streams(data) if b"/EmbeddedFile" in head)


def _signature(data: bytes) -> tuple[int, int]:
    """The hexadecimal digits of the signature itself."""
    match = re.search(rb"/Contents ?<([0-9a-fA-F]{2000,})>", data)
    assert match is not None
    digits = match[1].rstrip(b"0")
    return match.start(1) + len(digits) - 600, match.start(1) + len(digits) - 200
