"""Wrong passes that people inside the house found on the whole: one person changes what a decision goes by."""

import json
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from evidence.model.canonical import digest_json
from evidence.model.record import EvidenceClass, new_statement
from evidence.model.subject import system_digest
from evidence.store.entry import NewStatement
from evidence.trust.keys import sign_together
from integrations.app.records import content_of
from integrations.app.session import open_session
from integrations.app.settings import builtin_policies, load_settings
from integrations.app.workspace import Workspace
from tests.integrations.doors import NO_HOLDS, Answer, Doors, add_to_system, on_file, refused
from tests.worlds.running import take_in_again
from tests.worlds.workspaces import by_own_policies

pytestmark = pytest.mark.slow


def decided(lab: Doors, subject: str = "mortgage@2") -> dict[str, Any]:
    answer = lab("gate", "decide", "validation", subject, "--format", "json")
    assert answer.code != 2, answer.text
    body: dict[str, Any] = json.loads(answer.out)
    return body


def result(decision: dict[str, Any], control: str) -> dict[str, Any]:
    (found,) = [item for item in decision["results"] if item["control"] == control]
    return dict(found)


def brought_in(lab: Doors, kind: str, content: dict[str, Any], *, about: dict[str, str], signer: str | None) -> None:
    """File a record behind the doors, signed by a person or by nobody."""
    with open_session(Workspace(load_settings(lab.folder)), lambda: datetime.now(UTC).replace(microsecond=0)) as on:
        at = on.now()
        envelope = {
            "evidence_class": EvidenceClass.ATTESTED if signer else EvidenceClass.INGESTED, "system_id": "mortgage",
            "source": "a file", "collector": "nobody", "issuer": signer or "nobody", "issued_at": at,
            "collected_at": at, "expires_at": at.replace(year=at.year + 1), "ledger": on.store.ledger,
        }  # fmt: skip
        made = new_statement(content_of(kind, content, where=kind), subject=about, envelope=envelope)
        signed = sign_together([], made.payload) if signer is None else on.sign(made, on.person(signer))
        on.append_many([NewStatement(signed, "record", "imported", signer or "nobody", at)])


class TestAMilderQuestionnaire:
    @pytest.fixture
    def file_as(self, lab: Doors) -> Callable[..., Answer]:
        complete = dict(on_file(lab, "risk-questionnaire", "mortgage")[0].content)

        def add(*arguments: str, **changed: Any) -> Answer:
            path = lab.folder / "questionnaire.json"
            path.write_text(json.dumps(complete | changed), encoding="utf-8")
            return lab("evidence", "add", "risk-questionnaire", path, "--system", "mortgage", *arguments)

        return add

    def test_of_the_same_issuer_lowers_no_tier(self, lab: Doors, file_as: Callable[..., Answer]) -> None:
        strict = on_file(lab, "risk-questionnaire", "mortgage")[0]
        none = dict.fromkeys(strict.content["annex_iii_answers"], "no")
        milder = {"annex_iii_answers": none, "profiling": False, "significant_effect": False, "decisions": []}
        named = ["--replaces", strict.id[7:23]]
        refused(file_as("--as", "mara", *named, **milder), "it changes `annex_iii_answers`, `decisions`", "two persons")
        answer = file_as("--as", "mara", **milder)
        assert answer.code == 0, answer.text
        assert f"beside it still counts {strict.id}, which answers otherwise: annex_iii_answers" in answer.out
        decision = decided(lab)
        assert (decision["risk"]["tier"], decision["outcome"]) != ("minimal", "allow")
        assert {strict.id, on_file(lab, "risk-questionnaire", "mortgage")[-1].id} <= {
            item["id"] for item in decision["evidence"]
        }
        assert decision["risk"]["tier"] in ("high-annex-iii", "undetermined")

    def test_with_a_second_person_replaces_the_first(self, lab: Doors, file_as: Callable[..., Answer]) -> None:
        strict = on_file(lab, "risk-questionnaire", "mortgage")[0]
        named = ["--replaces", strict.id[7:23]]
        refused(file_as("--as", "mara", "--with", "eli", *named, size_class="large"), "would not count", "attest")
        assert file_as("--as", "mara", "--with", "omar", *named, size_class="small").code == 0
        excluded = {item["id"]: item["reason"] for item in decided(lab)["excluded"]}
        assert excluded[strict.id] == "superseded"


class TestFriendlyPolicies:
    @pytest.mark.parametrize(("subject", "outcome"), [("mortgage@2", "allow"), ("mortgage@1", "deny")])
    def test_are_named_by_the_decision_and_on_the_first_page(self, lab: Doors, subject: str, outcome: str) -> None:
        folder = lab.folder / "policies"
        shutil.copytree(builtin_policies(), folder)
        for path in folder.glob("controls/fairness/FAIR-02*"):
            path.unlink()
        control = folder / "controls" / "performance" / "PERF-04.rego"
        control.write_text(control.read_text(encoding="utf-8") + "\n# as before\n", encoding="utf-8")
        by_own_policies(lab.folder)
        overlay = lab.folder / "overlay.yaml"
        off = "disable:\n  DOC-01: {reason: papers are kept elsewhere, approver: vic}\n"
        overlay.write_text(f"{overlay.read_text(encoding='utf-8')}\n{off}", encoding="utf-8")
        told = "decided by policies that are not those of this installation of Quaestor: "
        differs = "missing: FAIR-02; changed: PERF-04"
        take_in_again(lab)
        decide = ["gate", "decide", "validation", subject, "--engine", "regorus", "--format"]
        for form in ("text", "markdown", "junit", "sarif"):
            assert f"{told}{differs}" in lab(*decide, form).out.replace("\\", "")
        answer = lab(*decide, "json")
        assert f"{told}{differs}" in answer.err
        decision = json.loads(answer.out)
        changed = [item for item in decision["relaxations"] if item["kind"] == "parameter"]
        assert len(changed) > 12
        assert decision.pop("other_policies") == f"{told}{differs}"
        assert decision["outcome"] == outcome
        assert "FAIR-02" not in {item["control"] for item in decision["results"]}
        report = lab.folder / "report.pdf"
        listed = lab("gate", "list").out.splitlines()[-1].split()[-1]
        assert digest_json(decision).removeprefix("sha256:").startswith(listed)
        assert lab("report", listed, "--output", report).code == 0
        checked = lab("verify", report)
        assert checked.code == 0, checked.text
        assert f"{differs}; parameters changed: {len(changed)}; controls switched off: DOC-01\n" in checked.out
        for item in changed:
            assert f"\n         {item['subject']} is " in checked.out
        refused(lab("verify", report, "--policies", lab.folder), "no bundle of policies lies here")
        (found,) = [c for c in json.loads(lab("verify", report, "--json").out)["checks"] if c["name"] == "policies"]
        assert [(one["name"], one["value"]) for one in found["parameters"]] == [
            (item["subject"], item["value"]) for item in changed
        ]
        assert "their words are those that the attached files give" in checked.out
        pypdfium2 = pytest.importorskip("pypdfium2")
        page = " ".join(pypdfium2.PdfDocument(report)[0].get_textpage().get_text_range().split())
        assert f"Decided by policies that are not those of this installation of Quaestor: {differs}" in page
        assert "Control switched off: DOC-01" in page
        assert f"{len(changed)} thresholds or lists replaced: in the organisation's overlay" in page
        if outcome == "deny":
            assert "1. " in page.partition("Why")[2]


class TestAnotherOperatingPoint:
    def test_its_author_alone_does_not_argue_for_it(self, lab: Doors) -> None:
        text = (lab.folder / "papers" / "plan-2.yaml").read_text(encoding="utf-8")
        for old, new in (
            ("threshold: 0.5", "threshold: 0.6"),
            ("plan:\n", "plan:\n  operating_reason: fewer denials\n"),
        ):
            assert old in text
            text = text.replace(old, new, 1)
        plan = lab.folder / "plan-moved.yaml"
        plan.write_text(text, encoding="utf-8")
        committed = lab("validate", plan, "--commit", "--as", "ana")
        assert committed.code == 0, committed.text
        digest = on_file(lab, "validation-plan", "mortgage@2")[-1].content_digest
        assert digest in committed.out
        assert lab("validate", plan).code == 0

        def argued() -> bool:
            objectives = {item["name"]: item["satisfied"] for item in result(decided(lab), "PERF-02")["objectives"]}
            return bool(objectives["operating-point-argued"])

        assert not argued()
        statement = {
            "statement_type": "operating-point", "statement": "The threshold follows from the cost of errors.",
            "scope": ["mortgage@2"], "role": "validator", "co_signers": [],
            "facts": {"plan": digest, "reason": "A denial that was wrong costs more than a default"},
        }  # fmt: skip
        path = lab.folder / "statement.json"
        path.write_text(json.dumps(statement), encoding="utf-8")
        add = ["evidence", "add", "attestation", path, "--subject", "mortgage@2", "--as", "ana"]
        refused(lab(*add), "2 persons must sign")
        refused(lab(*add, "--with", "ana"), "2 persons must sign")
        refused(lab(*add, "--with", "eli"), "would not count", "attest")
        assert not argued()
        assert lab(*add, "--with", "omar").code == 0
        assert argued()


class TestWhatNobodyMaySign:
    def test_a_schedule_behind_the_doors_lets_nothing_go(self, lab: Doors) -> None:
        schedule = {
            "record_class": "ropa", "period": "PT1S", "personal": False, "split_rule": "none",
            "trigger": "creation", "deletion_method": "crypto-erase", "legal_basis": "contract with the customer",
        }  # fmt: skip
        about = {"mortgage": system_digest("mortgage")}
        brought_in(lab, "retention-schedule", schedule, about=about, signer="eli")
        record = on_file(lab, "processing-record", "mortgage")[-1]
        answer = lab("retention", "erase", record.id, "--reason", "it is due", "--as", "theo")
        refused(answer, "0 current retention-schedule records", "set aside: retention-schedule: it is signed as")

    def test_the_stricter_answers_do_not_go_by_an_erasure(self, lab: Doors) -> None:
        schedule = {
            "record_class": "technical-documentation", "period": "PT1S", "minimum_keep": "PT1S", "personal": False,
            "regimes": ["gdpr"], "split_rule": "none", "trigger": "creation", "deletion_method": "crypto-erase",
            "legal_basis": "contract with the customer",
        }  # fmt: skip
        add_to_system(lab, "retention-schedule", schedule, "theo")
        add_to_system(lab, "feed-status", NO_HOLDS, "mara")
        time.sleep(1.1)
        # Nor does a version: without its entry nothing could be decided on it any more.
        for kind, why in (("risk-questionnaire", "two persons"), ("registry-entry", "a version leaves the inventory")):
            name = on_file(lab, kind, "mortgage@2")[-1].id
            refused(
                lab("retention", "erase", name, "--reason", "it is due", "--as", "theo"),
                f"it counts still, and is a {kind}: {why}",
            )

    def test_an_unsigned_training_run_silences_no_fairness_term(self, lab: Doors) -> None:
        run = on_file(lab, "training-run", "mortgage@2")[-1]
        about = {"mortgage@2": run.subject[0]}
        brought_in(lab, "training-run", {**run.content, "objective": ["log-loss"]}, about=about, signer=None)
        decision = decided(lab)
        assert result(decision, "FAIR-02")["status"] == "pass"
        unsigned = [item for item in decision["relaxations"] if item["kind"] == "unsigned-evidence"]
        assert [item["type"] for item in unsigned] == ["training-run"]


class TestWhoStatesAClassification:
    def test_who_could_sign_it(self, lab: Doors) -> None:
        facts = lab.folder / "papers" / "classification.yaml"
        classify = [
            "system",
            "classify",
            "mortgage",
            "--declared",
            "minimal",
            "--review",
            "2027-06-01",
            "--facts",
            facts,
        ]
        before = len(on_file(lab, "risk-classification", "mortgage"))
        refused(lab(*classify), "--as")
        for person, rule in (("eli", "attest.apart"), ("mara", "attest.by_fitting_role")):
            refused(lab(*classify, "--as", person), rule)
        assert len(on_file(lab, "risk-classification", "mortgage")) == before
