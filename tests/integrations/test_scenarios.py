"""Ways through the gate that people inside the house tried: each is refused, and the refusal says by which rule."""

import contextlib
import csv
import hashlib
import io
import json
import random
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import digest_file
from evidence.model.predicates import PREDICATES
from evidence.model.record import Record, read_record
from evidence.snapshot.take import take_snapshot
from examples.mortgage.demo import Demo
from integrations.app.records import find_subject, statement_of
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from tests.integrations.doors import MORTGAGE, Doors, refused

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's workspace after both versions were measured and judged at gate `validation`."""
    demo = Demo(tmp_path_factory.mktemp("scenarios") / "lender")
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")):
        demo.set_up()
        for version in ("1", "2"):
            demo.judge(version, ["validation"])
    return demo.folder


@pytest.fixture
def lab(lender: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    """A copy of it to do anything with."""
    return Doors(Path(shutil.copytree(lender, tmp_path / "lab")), capsys)


def on_file(lab: Doors, kind: str, about: str) -> list[Record]:
    """Records of a type about a version (`mortgage@1`) or the system, in the order of filing."""
    with Workspace(load_settings(lab.folder)).store() as store:
        found = [read_record(statement_of(item)) for item in store.find(predicate_type=PREDICATES[kind].uri())]
    _, _, version = about.partition("@")
    return [record for record in found if not version or record.envelope.model_version in (version, None)]


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
            ("budgets: {noise: 0.02, fgsm: 0.02}", "budgets: {noise: 0.000000001, fgsm: 0.000000001}"),
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


class TestErasureUnderAnotherClass:
    def test_an_invented_class_of_one_second_erases_nothing(self, lab: Doors) -> None:
        schedule = {
            "record_class": "scratch", "period": "PT1S", "personal": False, "split_rule": "none",
            "trigger": "creation", "deletion_method": "crypto-erase", "legal_basis": "contract with the customer",
        }  # fmt: skip
        feed = {
            "feed": "legal-hold", "count": 0, "complete": True,
            "window": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        }  # fmt: skip
        for kind, content, person in (("retention-schedule", schedule, "theo"), ("feed-status", feed, "eli")):
            path = lab.folder / f"{kind}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            assert lab("evidence", "add", kind, path, "--system", "mortgage", "--as", person).code == 0
        record = on_file(lab, "technical-file", "mortgage@2")[-1]
        answer = lab("retention", "erase", record.id, "--class", "scratch", "--reason", "it is due", "--as", "theo")
        refused(answer, "theo may not purge", "purge.by_records_manager_when_due")
        answer = lab(
            "retention", "erase", record.id, "--class", "technical-documentation", "--reason", "due", "--as", "theo"
        )
        refused(answer, "0 current retention-schedule records of class `technical-documentation`")
