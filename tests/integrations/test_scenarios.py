"""Ways through the gate that people inside the house tried: each is refused, and the refusal says by which rule."""

import csv
import hashlib
import json
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import digest_file
from evidence.model.record import new_statement
from evidence.snapshot.take import take_snapshot
from evidence.store.entry import NewStatement
from evidence.trust.keys import sign_together
from integrations.app.records import content_of, find_subject
from integrations.app.session import open_session
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from tests.integrations.doors import NO_HOLDS, Answer, Doors, add_to_system, on_file, refused
from tests.worlds.running import take_in_again
from tests.worlds.workspaces import MORTGAGE

pytestmark = pytest.mark.slow


class TestVersion1LetThroughByItsEngineer:
    """The protected column shuffled in the data, a plan that the engineer signs, unfavourable records taken back."""

    @pytest.fixture
    def shuffled(self, lab: Doors) -> Callable[..., Path]:
        """A plan of version 1 whose named tables have the protected column shuffled."""

        def make(*tables: str, change: Callable[[str], str] = str) -> Path:
            text = (lab.folder / "papers" / "plan-1.yaml").read_text(encoding="utf-8")
            for name in tables:
                original = MORTGAGE / "data" / f"{name}.csv"
                with original.open(encoding="utf-8", newline="") as file:
                    rows = list(csv.DictReader(file))
                column = [row["afam"] for row in rows]
                random.Random(11).shuffle(column)
                copy = lab.folder / f"{name}-shuffled.csv"
                with copy.open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, fieldnames=list(rows[0]))
                    writer.writeheader()
                    writer.writerows({**row, "afam": value} for row, value in zip(rows, column, strict=True))
                place = "data:\n  path" if name == "test" else "training: {path"
                text = text.replace(f'{place}: "{original}"', f'{place}: "{copy}"', 1)
                assert str(copy) in text
            if "test" in tables:
                pinned = hashlib.sha256((lab.folder / "test-shuffled.csv").read_bytes()).hexdigest()
                text = re.sub(r'golden_set_digest: "[^"]+"', f'golden_set_digest: "sha256:{pinned}"', text)
            path = lab.folder / "plan-eli.yaml"
            path.write_text(change(text), encoding="utf-8")
            return path

        return make

    def test_other_test_data_are_refused_by_what_the_training_run_pins(
        self, lab: Doors, shuffled: Callable[..., Path]
    ) -> None:
        plan = shuffled("test", "train")
        refused(
            lab("validate", plan, "--commit", "--as", "ana"), "the training-run of mortgage@1 pins", "its test split"
        )
        refused(lab("validate", plan), "the training-run of mortgage@1 pins")

    def test_other_training_data_are_refused_too(self, lab: Doors, shuffled: Callable[..., Path]) -> None:
        refused(lab("validate", shuffled("train"), "--commit", "--as", "ana"), "did not read `training.path`")

    def test_the_engineer_signs_no_plan(self, lab: Doors) -> None:
        answer = lab("validate", lab.folder / "papers" / "plan-1.yaml", "--commit", "--as", "eli")
        refused(answer, "validation-plan", "eli")

    def test_another_threshold_is_refused_unless_the_plan_says_why(
        self, lab: Doors, shuffled: Callable[..., Path]
    ) -> None:
        def stricter(text: str) -> str:
            return text.replace("threshold: 0.5", "threshold: 0.98")

        refused(
            lab("validate", shuffled(change=stricter), "--commit", "--as", "ana"),
            "the operating point is not that of the first run of `mortgage`",
            "`threshold` was 0.5, is 0.98",
        )

        def explained(text: str) -> str:
            return stricter(text).replace("plan:\n", "plan:\n  operating_reason: fewer denials are wanted\n")

        plan = shuffled(change=explained)
        assert lab("validate", plan, "--commit", "--as", "ana").code == 0
        assert lab("validate", plan).code == 0
        run = on_file(lab, "validation-run", "mortgage@1")[-1].content
        assert (run["operating_changes"], run["operating_point"]["threshold"]) == (["threshold"], 0.98)
        assert run["operating_reason"] == "fewer denials are wanted"

    def test_another_column_under_the_name_of_the_attribute(self, lab: Doors, shuffled: Callable[..., Path]) -> None:
        def aliased(text: str) -> str:
            text = text.replace("attributes: [afam]", "attributes: [{column: condomin, name: afam}]", 1)
            return text.replace("plan:\n", "plan:\n  operating_reason: the column was renamed\n")

        plan = shuffled(change=aliased)
        assert lab("validate", plan, "--commit", "--as", "ana").code == 0
        assert lab("validate", plan).code == 0
        audit = on_file(lab, "fairness-audit", "mortgage@1")[-1].content
        assert (audit["attributes"], audit["operating_point"]["protected"]) == (["afam"], {"afam": "condomin"})
        decision = json.loads(lab("gate", "decide", "validation", "mortgage@1", "--format", "json").out)
        (fairness,) = [item for item in decision["results"] if item["control"] == "FAIR-02"]
        assert "was read from the column" in json.dumps(fairness)

    @pytest.mark.parametrize("signer", [None, "eli"])
    def test_no_run_that_nobody_measured_is_the_first_one(self, lab: Doors, signer: str | None) -> None:
        """Brought into the store behind the doors, it would let another threshold pass without a reason."""
        papers = lab.folder / "papers"
        model = MORTGAGE / "models" / "mortgage-v1.onnx"
        entry = papers / "registry-entry-1.yaml"
        answer = lab("system", "register", "other", "--model", model, "--entry", entry, "--as", "eli")
        assert answer.code == 0, answer.text
        run = on_file(lab, "validation-run", "mortgage@1")[0]
        point = {**run.content["operating_point"], "threshold": 0.98}
        with open_session(Workspace(load_settings(lab.folder)), lambda: datetime.now(UTC).replace(microsecond=0)) as on:
            content = content_of("validation-run", {**run.content, "operating_point": point}, where="run")
            envelope = {**run.envelope.model_dump(exclude={"content"}), "system_id": "other"}
            made = new_statement(content, subject={"other@1": run.subject[0]}, envelope=envelope)
            signed = sign_together([], made.payload) if signer is None else on.sign(made, on.person(signer))
            on.append_many([NewStatement(signed, "record", "imported", "eli", on.now())])
        text = (papers / "plan-1.yaml").read_text(encoding="utf-8")
        plan = papers / "plan-other.yaml"
        plan.write_text(text.replace("system: mortgage", "system: other", 1), encoding="utf-8")
        answer = lab("validate", plan, "--commit", "--as", "ana")
        assert answer.code == 0, answer.text

    @pytest.mark.parametrize("kind", ["validation-run", "fairness-audit", "robustness-report"])
    def test_what_was_measured_is_not_withdrawn(self, lab: Doors, kind: str) -> None:
        record = on_file(lab, kind, "mortgage@1")[0]
        answer = lab("evidence", "withdraw", record.id, "--reason", "superseded", "--as", "eli", "--with", "mara")
        refused(answer, "it cannot be withdrawn", "measure again, the runs are counted")

    def test_the_validators_plan_is_not_the_engineers_to_withdraw(self, lab: Doors) -> None:
        record = on_file(lab, "validation-plan", "mortgage@1")[0]
        answer = lab("evidence", "withdraw", record.id, "--reason", "superseded", "--as", "eli", "--with", "mara")
        refused(answer, "eli may not withdraw", "withdraw.by_issuer_and_second")

    def test_the_version_stays_denied(self, lab: Doors) -> None:
        answer = lab("gate", "decide", "validation", "mortgage@1")
        assert answer.code == 1
        assert "FAIR-02" in answer.out

    def test_runs_on_the_same_data_count_whatever_the_version(self, lab: Doors) -> None:
        data = digest_file(MORTGAGE / "data" / "test.csv")
        assert lab("validate", lab.folder / "papers" / "plan-2.yaml").code == 0
        with Workspace(load_settings(lab.folder)).store() as store:
            subject = find_subject(store, "mortgage@1")
            entries = take_snapshot(store, subject, datetime.now(UTC) + timedelta(seconds=2)).entries
        (index,) = [entry.record.content for entry in entries if entry.record.type == "evidence-index"]
        assert [run["dataset_digest"] for run in index["test_runs"]] == 3 * [data]

    def test_a_plan_for_another_system_or_version_is_refused(self, lab: Doors, shuffled: Callable[..., Path]) -> None:
        for old, new in (("system: mortgage", "system: cards"), ('version: "1"', 'version: "2"')):
            plan = shuffled(change=lambda text, old=old, new=new: text.replace(old, new, 1))
            refused(lab("validate", plan, "--commit", "--as", "ana"), "the file is registered as mortgage@1")


class TestNumbersThatFlatter:
    """A committed plan may measure what flatters; the gate reads the numbers that tell so."""

    def test_a_plan_that_asks_little_is_denied_by_name(self, lab: Doors) -> None:
        text = (lab.folder / "papers" / "plan-2.yaml").read_text(encoding="utf-8")
        for old, new in (
            (
                "slices: [",
                "slices: [{column: hirat, name: burden, bins: [0.8]}, ",
            ),  # above 0.8 lie three rows of a class
            ("budgets: {noise: 0.02, fgsm: 0.02,", "budgets: {noise: 0.000000001, fgsm: 0.000000001,"),
            ("seed: 7", "seed: 7\nconfidence: 0.8"),
            ("confidence: 0.95}", "confidence: 0.8}"),
        ):
            assert old in text
            text = text.replace(old, new)
        plan = lab.folder / "plan-flattering.yaml"
        plan.write_text(text, encoding="utf-8")
        assert lab("validate", plan, "--commit", "--as", "ana").code == 0
        assert lab("validate", plan).code == 0
        answer = lab("gate", "decide", "validation", "mortgage@2")
        assert answer.code == 1
        said = " ".join(answer.out.split())
        for reason in (
            "the primary metric is not defined in burden=",
            "roc_auc does not clear its level at the worse end of an interval of enough confidence",
            "has no metric with an interval of enough confidence",
            "the budget of the attack fgsm is too small to do harm",
            "the attack noise moves pirat by too little of its spread",
            "the validation plan changed between runs",
        ):
            assert reason in said, reason


class TestARejectionTakenBack:
    def test_a_rejection_is_answered_not_withdrawn(self, lab: Doors) -> None:
        reject = ["--gate", "staging", "--role", "compliance", "--as", "omar", "--reject", "--reason", "biased labels"]
        assert lab("approve", "mortgage@2", *reject).code == 0
        rejection = on_file(lab, "approval", "mortgage@2")[-1]
        for person, second in (("eli", "mara"), ("omar", "mara")):
            answer = lab(
                "evidence", "withdraw", rejection.id, "--reason", "a mistake", "--as", person, "--with", second
            )
            refused(answer, "it cannot be withdrawn, being a rejection")
        assert lab("gate", "decide", "staging", "mortgage@2").code == 1

    def test_the_auditor_takes_no_questionnaire_back(self, lab: Doors) -> None:
        record = on_file(lab, "risk-questionnaire", "mortgage")[0]
        answer = lab("evidence", "withdraw", record.id, "--reason", "no use", "--as", "vic", "--with", "mara")
        refused(answer, "vic may not withdraw", "withdraw.by_issuer_and_second")

    def test_the_issuer_and_a_second_person_do_with_a_reason_that_says_something(self, lab: Doors) -> None:
        record = on_file(lab, "risk-questionnaire", "mortgage")[0]
        arguments = ["evidence", "withdraw", record.id, "--as", "mara"]
        refused(lab(*arguments, "--with", "eli", "--reason", "superseded"), "withdraw.second_apart")
        refused(lab(*arguments, "--with", "omar", "--reason", "x"), "the reason `x` says nothing")
        assert lab(*arguments, "--with", "omar", "--reason", "superseded").code == 0


class TestAnEngineerTiersTheSystemAnew:
    def test_the_owners_questionnaire_stays(self, lab: Doors) -> None:
        record = on_file(lab, "risk-questionnaire", "mortgage")[0]
        answer = lab("evidence", "withdraw", record.id, "--reason", "superseded", "--as", "eli", "--with", "mara")
        refused(answer, "eli may not withdraw", "withdraw.by_issuer_and_second")
        classification = on_file(lab, "risk-classification", "mortgage")[0]
        answer = lab(
            "evidence", "withdraw", classification.id, "--reason", "superseded", "--as", "eli", "--with", "mara"
        )
        refused(answer, "it cannot be withdrawn")

    def test_his_own_questionnaire_does_not_count(self, lab: Doors) -> None:
        content: dict[str, Any] = dict(on_file(lab, "risk-questionnaire", "mortgage")[0].content)
        content |= {"profiling": False, "derogation_claimed": True, "derogation_conditions": ["d"]}
        content |= {"no_significant_risk": True, "roles": ["controller"]}
        path = lab.folder / "q.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        answer = lab("evidence", "add", "risk-questionnaire", path, "--system", "mortgage", "--as", "eli")
        refused(answer, "risk-questionnaire", "eli")


class TestReplacing:
    """What is so now replaces what was; it is told, and hides nothing that happened."""

    @pytest.fixture
    def file_as(self, lab: Doors) -> Callable[..., Answer]:
        """Files a questionnaire as a person: that of the demo, changed."""
        complete = dict(on_file(lab, "risk-questionnaire", "mortgage")[0].content)

        def add(person: str, *arguments: str, **changed: Any) -> Answer:
            path = lab.folder / "questionnaire.json"
            path.write_text(json.dumps(complete | changed), encoding="utf-8")
            return lab(
                "evidence", "add", "risk-questionnaire", path, "--system", "mortgage", "--as", person, *arguments
            )

        return add

    def test_a_complete_questionnaire_after_a_partial_one_passes(
        self, lab: Doors, file_as: Callable[..., Answer]
    ) -> None:
        assert file_as("mara", annex_iii_answers={"1b": "no"}).code == 0
        partial = on_file(lab, "risk-questionnaire", "mortgage")[-1].id
        answer = lab("gate", "decide", "validation", "mortgage@2")
        assert answer.code in (1, 3), answer.text
        named = (
            f"the risk tier is undetermined, by risk-questionnaire {partial[7:19]}: Annex III point 1a is not answered"
        )
        assert named in answer.out
        assert file_as("mara").code == 0
        take_in_again(lab)
        answer = lab("gate", "decide", "validation", "mortgage@2")
        assert answer.code == 0, answer.text
        # The allowance names the refusal before it, what that counted, and what was replaced.
        assert "refused before" in answer.out
        # The partial one took no answer of the demo's back, so that both counted until the complete one.
        assert "count no more: 2 replaced (risk-questionnaire " in answer.out
        assert partial[7:19] in answer.out
        assert "evidence replaced" in answer.out
        assert "risk-questionnaire that mara signed" in answer.out

    def test_anothers_is_replaced_by_name_and_with_the_same_right(
        self, lab: Doors, file_as: Callable[..., Answer]
    ) -> None:
        assert file_as("omar", annex_iii_answers={"1b": "no"}).code == 0
        partial = on_file(lab, "risk-questionnaire", "mortgage")[-1].id
        assert file_as("mara").code == 0
        assert lab("gate", "decide", "validation", "mortgage@2").code in (1, 3)
        refused(file_as("mara", "--replaces", partial[7:23]), "it does not replace", "held every role of whoever did")
        assert lab("key", "new", "petra", "--name", "Petra Holm", "--role", "compliance").code == 0
        assert file_as("petra", "--replaces", partial[7:23]).code == 0
        take_in_again(lab)
        answer = lab("gate", "decide", "validation", "mortgage@2")
        assert answer.code == 0, answer.text

    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            ("validation-run", "being a validation-run that was measured: measure again"),
            ("attestation", "it is never replaced: later ones stand beside it"),
            ("validation-plan", "it is another type of record, or about something else"),
        ],
    )
    def test_nothing_else_is_replaced(self, lab: Doors, file_as: Callable[..., Answer], kind: str, words: str) -> None:
        record = on_file(lab, kind, "mortgage@2")[-1].id
        refused(file_as("mara", "--replaces", record), "it does not replace", words)

    def test_what_quaestor_derives_replaces_itself(self, lab: Doors) -> None:
        facts = lab.folder / "papers" / "classification.yaml"
        again = ["system", "classify", "mortgage", "--declared", "high-annex-iii", "--review", "2027-06-01"]
        assert lab(*again, "--facts", facts, "--as", "omar").code == 0
        assert lab("lineage", "record", "model/mortgage-v2", "--subject", "mortgage@2").code == 0
        assert lab("gate", "decide", "validation", "mortgage@2").code == 0
        rows = lab("evidence", "list", "--system", "mortgage").out.splitlines()
        for kind, count in (("risk-classification", 1), ("lineage-graph", 1)):
            assert sum(row.startswith(kind) and "superseded" in row for row in rows) == count

    def test_a_plan_that_was_run_stays(self, lab: Doors) -> None:
        plan = lab.folder / "papers" / "plan-2.yaml"
        text = plan.read_text(encoding="utf-8")
        plan.write_text(text.replace("plan:\n", "plan:\n  operating_reason: no other\n"), encoding="utf-8")
        assert lab("validate", plan, "--commit", "--as", "ana").code == 0
        rows = lab("evidence", "list", "--system", "mortgage", "--type", "validation-plan").out.splitlines()[1:]
        assert len(rows) == 3
        assert not any("superseded" in row for row in rows)

    def test_a_classification_rests_on_what_counts(self, lab: Doors, file_as: Callable[..., Answer]) -> None:
        """The owner turns out to have trained a version: her questionnaire counts no more, for nobody."""
        content: dict[str, Any] = dict(on_file(lab, "training-run", "mortgage@1")[0].content)
        path = lab.folder / "run.json"
        path.write_text(json.dumps(content | {"author": {"id": "mara", "name": "Mara Lind"}}), encoding="utf-8")
        assert lab("evidence", "add", "training-run", path, "--subject", "mortgage@1", "--as", "platform").code == 0
        facts = lab.folder / "papers" / "classification.yaml"
        answer = lab(
            "system", "classify", "mortgage", "--declared", "minimal", "--review", "2027-06-01", "--facts", facts,
            "--as", "omar",
        )  # fmt: skip
        refused(answer, "no current risk-questionnaire that counts", "whoever is trainer may not sign it")


class TestAnEngineerWhoWasNotThere:
    """Who trained or built is kept from signing, whatever became of the record that says so."""

    def write(self, lab: Doors, author: dict[str, str]) -> Path:
        content: dict[str, Any] = dict(on_file(lab, "training-run", "mortgage@1")[0].content)
        path = lab.folder / "run.json"
        path.write_text(json.dumps(content | {"author": author}), encoding="utf-8")
        return path

    @pytest.mark.parametrize(
        ("author", "word"),
        [
            ({"id": "somebody", "name": "Eli Novak"}, "`somebody` is no person of the register"),
            ({"id": "eli", "name": "Some Body"}, "`eli` is called `Some Body`, and `Eli Novak` in the register"),
            ({"id": "quaestor", "name": "quaestor"}, "`quaestor` is no person of the register"),
        ],
    )
    @pytest.mark.parametrize("kind", ["training-run", "ci-run"])
    def test_an_author_is_a_person_of_the_register(
        self, lab: Doors, kind: str, author: dict[str, str], word: str
    ) -> None:
        content: dict[str, Any] = dict(on_file(lab, kind, "mortgage@1")[0].content)
        path = lab.folder / "run.json"
        path.write_text(json.dumps(content | {"author": author}), encoding="utf-8")
        refused(lab("evidence", "add", kind, path, "--subject", "mortgage@1", "--as", "platform"), word)

    def test_a_run_of_an_earlier_version_that_expired_is_remembered(self, lab: Doors) -> None:
        path = self.write(lab, {"id": "omar", "name": "Omar Haddad"})
        at = datetime.now(UTC) + timedelta(seconds=2)
        ends = ["--expires", at.strftime("%Y-%m-%dT%H:%M:%SZ")]
        assert (
            lab("evidence", "add", "training-run", path, "--subject", "mortgage@1", "--as", "platform", *ends).code == 0
        )
        time.sleep(2.1)
        answer = lab("gate", "decide", "validation", "mortgage@2", "--format", "json")
        decision = json.loads(answer.out)
        screen = next(item for item in on_file(lab, "attestation", "") if item.envelope.issuer == "omar")
        aside = {item["id"]: item for item in decision["excluded"]}
        assert (aside[screen.id]["reason"], aside[screen.id]["why"]) == ("apart", "trainer")
        refused(
            lab("approve", "mortgage@2", "--gate", "validation", "--role", "compliance", "--as", "omar"),
            "approve.separation_of_duties",
        )


class TestPaperCalledIngested:
    """A paper that the data protection officer signs, brought by an engineer as if a tool had delivered it."""

    def test_is_refused_whatever_class_it_names(self, lab: Doors) -> None:
        entry = {
            "entry_id": "7", "systems": ["mortgage"], "version_family": "mortgage", "purposes": ["credit decisions"],
            "feature_necessity": {},
        }  # fmt: skip
        path = lab.folder / "ropa.json"
        path.write_text(json.dumps(entry), encoding="utf-8")
        add = ["evidence", "add", "processing-record", path, "--system", "mortgage"]
        for chosen in ([], ["--class", "ingested"], ["--class", "attested"]):
            refused(lab(*add, "--as", "eli", *chosen), "processing-record would not count", "attest.apart")
            refused(lab(*add, "--as", "mara", *chosen), "processing-record would not count", "dpo or legal")
        # Nor without a name, under the installation's key, which whoever is at the machine can use.
        refused(lab(*add), "--as")
        refused(lab(*add, "--as", "quaestor"), "measures, derives and decides, and nothing else")
        refused(lab(*add, "--as", "platform"), "a processing-record is signed by a person", "dpo or legal")
        assert lab(*add, "--as", "dora").code == 0
        assert on_file(lab, "processing-record", "mortgage")[-1].envelope.evidence_class == "attested"


class TestErasureUnderAnotherClass:
    def test_an_invented_class_of_one_second_erases_nothing(self, lab: Doors) -> None:
        schedule = {
            "record_class": "scratch", "period": "PT1S", "personal": False, "split_rule": "none",
            "trigger": "creation", "deletion_method": "crypto-erase", "legal_basis": "contract with the customer",
        }  # fmt: skip
        add_to_system(lab, "retention-schedule", schedule, "theo")
        add_to_system(lab, "feed-status", NO_HOLDS, "mara")
        record = on_file(lab, "technical-file", "mortgage@2")[-1]
        # The class is the type's, and nobody names another.
        arguments = ["retention", "erase", record.id, "--reason", "it is due", "--as", "theo"]
        refused(lab(*arguments, "--class", "scratch"), "No such option", "--class")
        entry = on_file(lab, "processing-record", "mortgage")[-1]
        unscheduled = lab("retention", "erase", entry.id, "--reason", "it is due", "--as", "theo")
        refused(unscheduled, "0 current retention-schedule records of class `ropa`")
        add_to_system(lab, "retention-schedule", schedule | {"record_class": "technical-documentation"}, "theo")
        refused(lab(*arguments), "theo may not purge", "purge.by_records_manager_when_due")

    def test_what_is_due_under_its_own_class_goes_and_is_told(self, lab: Doors) -> None:
        schedule = {
            "record_class": "ropa", "period": "PT1S", "personal": True, "split_rule": "none",
            "trigger": "end of the processing", "deletion_method": "crypto-erase", "legal_basis": "GDPR Art 30",
        }  # fmt: skip
        entry = {
            "entry_id": "7", "systems": ["mortgage"], "version_family": "mortgage", "purposes": ["credit decisions"],
            "feature_necessity": {},
        }  # fmt: skip
        feed = {
            "feed": "legal-hold", "count": 0, "complete": True,
            "window": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        }  # fmt: skip
        papers = {"retention-schedule": (schedule, "theo"), "processing-record": (entry, "dora")}
        for kind, (content, person) in {**papers, "feed-status": (feed, "mara")}.items():
            path = lab.folder / f"{kind}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            assert lab("evidence", "add", kind, path, "--system", "mortgage", "--as", person).code == 0
        record = on_file(lab, "processing-record", "mortgage")[-1]
        assert record.envelope.evidence_class == "attested", "the officer signed it"
        time.sleep(1.1)
        answer = lab("retention", "erase", record.id, "--reason", "the processing ended", "--as", "theo")
        assert answer.code == 0, answer.text
        assert "erased" in lab("gate", "decide", "validation", "mortgage@2").out
        assert lab("doctor", "--full").code == 0
