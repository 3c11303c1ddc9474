"""Out of real stores: what a later record replaces, who made the versions, which refusals and runs are told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.model.notes import RunEnded, RunStarted, Withdrawal, new_note
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.record import read_record
from evidence.model.subject import system_digest, system_subject
from evidence.snapshot.model import Makers, Refusal
from evidence.snapshot.runs import read_runs
from evidence.snapshot.view import View
from evidence.store.records import RecordStore
from evidence.trust.envelopes import seal
from tests.worlds.ledgers import ORIGIN, Box, derived, kept, reasons, with_people
from tests.worlds.people import DAY, NOW, key_of
from tests.worlds.records import (
    DIGEST,
    OTHER_DIGEST,
    approval,
    audit,
    classification,
    predicate,
    questionnaire,
    schedule,
    statement,
    training,
    validation_run,
)

BEFORE = NOW - 3 * DAY
ALERT = {
    "signal": "input-drift",
    "value": 2,
    "threshold": 1,
    "fired_at": "2026-11-15T08:00:00Z",
    "art79_risk": False,
    "notified": {},
}


@pytest.fixture
def box(database_url: str, tmp_path: Path) -> Iterator[Box]:
    """A ledger on SQLite and on PostgreSQL."""
    with RecordStore.create(database_url, tmp_path / "blobs", origin=ORIGIN, signer=key_of("quaestor")) as store:
        yield with_people(store)


def predicate_changes(changes: dict[str, Any]) -> dict[str, Any]:
    """Lists of a change as tuples, as predicates hold them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}


def partial() -> Predicate:
    """A questionnaire that leaves most points of Annex III open."""
    return questionnaire(annex_iii_answers={"1b": "no"})


def processing(entry: str, purpose: str) -> Predicate:
    return predicate(
        "processing-record",
        entry_id=entry,
        systems=["mortgage"],
        version_family="mortgage",
        purposes=[purpose],
        feature_necessity={},
    )


def plan(metric: str) -> Predicate:
    return predicate(
        "validation-plan",
        committed_at="2026-11-18T08:00:00Z",
        required_tests=[metric],
        thresholds={},
        primary_metric=metric,
        protected_attributes=[],
        threat_models=[],
    )


class TestReplaced:
    @pytest.mark.parametrize(
        ("first", "second", "signer"),
        [
            (partial(), questionnaire(), "ana"),
            (classification("undetermined", "minimal"), classification("minimal", "minimal"), "quaestor"),
            (schedule("ropa", "P1Y"), schedule("ropa", "P2Y"), "ben"),
            (processing("7", "credit decisions"), processing("7", "marketing"), "ben"),
            (plan("recall"), plan("precision"), "ben"),
        ],
        ids=lambda value: getattr(value, "TYPE", ""),
    )
    def test_a_later_one_of_the_same_hand_replaces_it(
        self, box: Box, first: Predicate, second: Predicate, signer: str
    ) -> None:
        old, new = box.add(first, signer, at=BEFORE), box.add(second, signer)
        taken = box.take()
        assert (kept(taken), reasons(taken)) == ([new], {old: "superseded"})
        assert taken.excluded[0].replaced_by == new
        assert taken.excluded[0].by == (None if signer == "quaestor" else signer)
        assert kept(box.take(NOW - 2 * DAY)) == [old]

    def test_the_types_that_do_are_those_that_tell_how_something_stands(self) -> None:
        assert {name for name, model in PREDICATES.items() if model.SUPERSEDES is not None} == {
            "alert-rule",
            "data-agreement",
            "dpia",
            "fria",
            "infra-config",
            "interface-contract",
            "lineage-graph",
            "portfolio-report",
            "processing-record",
            "registry-entry",
            "retention-schedule",
            "retraining-plan",
            "risk-classification",
            "risk-questionnaire",
            "risk-register",
            "runbook",
            "validation-plan",
            "vendor-assessment",
        }

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (schedule("ropa", "P1Y"), schedule("dpia", "P1Y")),
            (processing("7", "credit decisions"), processing("8", "credit decisions")),
            (audit(51), audit(0)),
            (approval("reject"), approval("approve")),
        ],
        ids=["class", "entry", "measured", "rejection"],
    )
    def test_what_tells_of_something_else_or_happened_stands_beside(
        self, box: Box, first: Predicate, second: Predicate
    ) -> None:
        signer = "quaestor" if first.TYPE == "fairness-audit" else "ben"
        old = box.add(first, signer, at=BEFORE)
        # Not even where the later one says that it replaces it.
        new = box.add(second, signer, replaces=old)
        assert (kept(box.take()), reasons(box.take())) == (sorted([old, new]), {})

    def test_another_scope_stands_beside(self, box: Box) -> None:
        of_version = box.add(questionnaire(), "ana", at=BEFORE)
        of_system = box.add(questionnaire(), "ana", subject=system_digest("mortgage"), replaces=of_version)
        assert kept(box.take()) == sorted([of_version, of_system])

    def test_an_old_record_brought_in_late_replaces_nothing(self, box: Box) -> None:
        new = box.add(questionnaire(), "ana", at=NOW - 2 * DAY)
        old = box.add(partial(), "ana", at=NOW - 5 * DAY)
        assert (kept(box.take()), reasons(box.take())) == ([new], {old: "superseded"})


class TestWhoReplaces:
    @pytest.mark.parametrize(("signer", "replaces"), [("dan", True), ("cleo", False), ("ana", False), (None, False)])
    def test_who_names_it_and_held_every_role_of_its_issuer(self, box: Box, signer: str | None, replaces: bool) -> None:
        old = box.add(processing("7", "credit decisions"), "ben", at=BEFORE)
        new = box.add(processing("7", "marketing"), signer, evidence_class="ingested", replaces=old)
        assert reasons(box.take()) == ({old: "superseded"} if replaces else {})
        assert kept(box.take()) == ([new] if replaces else sorted([old, new]))

    def test_nobody_replaces_anothers_record_without_naming_it(self, box: Box) -> None:
        records = [box.add(processing("7", who), who, at=at) for who, at in (("ben", BEFORE), ("dan", NOW - DAY))]
        assert kept(box.take()) == sorted(records)

    def test_who_made_a_version_replaces_nothing_of_others(self, box: Box) -> None:
        old = box.add(partial(), "ben", at=BEFORE)
        new = box.add(questionnaire(), "dan", replaces=old)
        assert reasons(box.take()) == {old: "superseded"}
        # It does not matter when it becomes known, nor of which version.
        box.add(training("dan"), subject=OTHER_DIGEST, at=NOW)
        assert (kept(box.take()), reasons(box.take())) == (sorted([old, new]), {})

    def test_what_was_filed_later_is_not_replaced(self, box: Box) -> None:
        later = read_record(statement(processing("7", "marketing"))).id
        first = box.add(processing("7", "credit decisions"), "dan", at=BEFORE, replaces=later)
        assert box.add(processing("7", "marketing"), "ben") == later
        assert kept(box.take()) == sorted([first, later])

    def test_a_replaced_one_comes_back_when_its_successor_is_withdrawn_and_not_when_it_ends(self, box: Box) -> None:
        old = box.add(processing("7", "credit decisions"), "ben", at=BEFORE)
        ends = NOW - timedelta(hours=1)
        new = box.add(processing("7", "marketing"), "ben", at=NOW - 2 * DAY, expires=ends)
        assert reasons(box.take()) == {old: "superseded", new: "expired"}
        box.withdraw(new)
        assert (kept(box.take()), reasons(box.take())) == ([old], {new: "withdrawn"})


class TestAnswersThatOnePersonChanges:
    """The tier follows from the questionnaire: what was answered nobody answers anew alone."""

    @staticmethod
    def signed(box: Box, content: Predicate, *signers: str, **more: Any) -> str:
        made = statement(content, **more)
        return box.put(seal(made, [key_of(name) for name in signers]).data, "record", at=NOW - DAY)

    @pytest.mark.parametrize("named", [True, False])
    @pytest.mark.parametrize(
        "changes",
        [
            {"personal_data": False},
            {"annex_iii_answers": {"1b": "no"}},
            {"targets": ["companies"]},
            {"sole_use": True},
            {"us_flags": []},
        ],
        ids=lambda value: next(iter(value)),
    )
    def test_stand_beside_the_earlier_ones(self, box: Box, changes: dict[str, Any], named: bool) -> None:
        strict = questionnaire(personal_data=True, us_flags=["nyc-aedt"])
        old = box.add(strict, "ana", at=BEFORE)
        milder = strict.model_copy(update=predicate_changes(changes))
        new = box.add(milder, "ana", replaces=old if named else None)
        assert (kept(box.take()), reasons(box.take())) == (sorted([old, new]), {})

    def test_are_replaced_where_a_second_person_signs(self, box: Box) -> None:
        old = box.add(questionnaire(personal_data=True), "ana", at=BEFORE)
        new = self.signed(box, questionnaire(), "ana", "ben")
        assert (kept(box.take()), reasons(box.take())) == ([new], {old: "superseded"})

    def test_do_not_end_with_a_copy_that_ends_at_once(self, box: Box) -> None:
        strict = box.add(questionnaire(personal_data=True), "ana", at=BEFORE)
        copied = questionnaire(personal_data=True)
        copy = box.add(copied, "ana", at=NOW - 2 * DAY, expires=NOW - timedelta(hours=1), source="again")
        mild = box.add(questionnaire(), "ana")
        assert (kept(box.take()), reasons(box.take())) == (sorted([strict, mild]), {copy: "expired"})

    def test_are_not_by_way_of_one_that_leaves_them_open(self, box: Box) -> None:
        strict = box.add(questionnaire(personal_data=True), "ana", at=BEFORE)
        unanswered = box.add(partial(), "ana", at=NOW - 2 * DAY)
        mild = box.add(questionnaire(), "ana")
        assert (kept(box.take()), reasons(box.take())) == (sorted([strict, mild]), {unanswered: "superseded"})

    def test_stay_replaced_when_one_person_completes_what_two_signed(self, box: Box) -> None:
        old = box.add(questionnaire(personal_data=True), "ana", at=BEFORE)
        two = self.signed(box, partial(), "ana", "ben", at=NOW - 2 * DAY)
        new = box.add(questionnaire(), "ana", replaces=two)
        # Who completes what two signed is not in the place of both.
        assert (kept(box.take()), reasons(box.take())) == (sorted([two, new]), {old: "superseded"})

    @pytest.mark.parametrize("second", ["dan", "cleo"])
    def test_a_maker_is_no_second_person(self, box: Box, second: str) -> None:
        box.add(training(second), subject=OTHER_DIGEST, at=BEFORE)
        old = box.add(questionnaire(personal_data=True), "ana", at=BEFORE)
        new = self.signed(box, questionnaire(), "ana", second, replaces=old)
        assert kept(box.take()) == sorted([old, new])


class TestWithdrawnByTwo:
    @pytest.mark.parametrize(
        ("by", "second", "signed"), [("ana", "ben", True), ("ben", "ana", True), ("cleo", "", False)]
    )
    def test_whose_key_comes_first_is_chance(self, box: Box, by: str, second: str, signed: bool) -> None:
        record = box.add(questionnaire(), "ana", at=BEFORE)
        note = Withdrawal(system_id="mortgage", record=record, reason="wrong data", by=by, second=second, at=BEFORE)
        made = new_note(note, {"subject": DIGEST})
        box.put(seal(made, [key_of("ana"), key_of("ben")]).data, "withdrawal", "refused")
        (item,) = box.take().excluded
        assert (item.reason, item.by, item.signed) == ("withdrawn", by, signed)


class TestPlans:
    def test_a_plan_under_which_a_run_was_logged_stays(self, box: Box) -> None:
        lenient = plan("recall")
        old = box.add(lenient, "ben", at=BEFORE)
        digest = read_record(statement(lenient)).content_digest
        new = box.add(plan("precision"), "ben", at=NOW - 2 * DAY, replaces=old)
        assert reasons(box.take()) == {old: "superseded"}
        box.note(RunStarted(system_id="mortgage", run="1", plan_digest=digest, split="test", started_at=NOW))
        assert kept(box.take()) == sorted([old, new])


class TestMakers:
    def test_every_record_tells_whatever_became_of_it(self, box: Box) -> None:
        assert box.take().makers == Makers()
        box.add(training("cleo"), at=NOW - 400 * DAY)
        withdrawn = box.add(training("dan"), at=BEFORE)
        box.withdraw(withdrawn)
        box.add(training("ben"), subject=OTHER_DIGEST, signer=None)
        box.add(training("ana"), system="credit")
        taken = box.take()
        assert kept(taken) == []
        assert taken.makers == Makers(trainer=("ben", "cleo", "dan"))
        assert taken.model_copy(update={"makers": Makers()}).digest != taken.digest

    def test_who_signs_it_is_one_too(self, box: Box) -> None:
        box.add(training("cleo"), "dan")
        assert box.take().makers == Makers(trainer=("cleo", "dan"))

    @pytest.mark.parametrize(
        ("author", "name"), [("nobody", "Cleo"), ("cleo", "Ana"), ("quaestor", "Quaestor"), ("CLEO", "Cleo")]
    )
    def test_an_author_whom_the_register_has_not_is_set_aside(self, box: Box, author: str, name: str) -> None:
        record = box.add(training(author, name))
        taken = box.take()
        assert reasons(taken) == {record: "unknown-person"}
        assert (taken.excluded[0].by, taken.excluded[0].why) == (author, name)
        # Whoever is named is kept from signing all the same.
        assert taken.makers is not None
        assert name.lower() in taken.makers.trainer


class TestRefusals:
    def decided(self, box: Box, **more: Any) -> tuple[str, list[str]]:
        records = [
            box.add(partial(), "ana", at=NOW - 5 * DAY),
            box.add(approval("approve"), "ben", at=NOW - 5 * DAY),
            box.add(audit(51), at=NOW - 5 * DAY),
            box.add(audit(7), at=NOW - 5 * DAY, expires=NOW - timedelta(hours=1)),
        ]
        index = f"sha256:{64 * '9'}"
        box.decided(more.pop("outcome", "deny"), BEFORE, counted=[*records, index], **more)
        return f"sha256:{64 * 'a'}", records

    @pytest.mark.parametrize("outcome", ["deny", "indeterminate"])
    def test_one_is_told_with_what_it_counted_and_counts_no_more(self, box: Box, outcome: str) -> None:
        decision, (asked, approved, _, ended) = self.decided(box, outcome=outcome)
        assert box.take(NOW - 2 * DAY).refusals == ()
        box.withdraw(approved)
        box.add(questionnaire(), "ana")
        gone = tuple(sorted([asked, approved, ended]))
        refusal = Refusal(id=decision, gate="validation", outcome=outcome, instant=BEFORE, gone=gone)  # type: ignore[arg-type]
        taken = box.take()
        assert taken.refusals == (refusal,)
        assert taken.model_copy(update={"refusals": ()}).digest != taken.digest

    def test_one_that_counted_an_account_for_which_a_later_one_stands_is_told(self, box: Box) -> None:
        first = box.add(predicate("alert-event", **ALERT), at=NOW - 5 * DAY)
        again = box.add(predicate("alert-event", **ALERT), at=NOW - 4 * DAY)
        box.decided("deny", BEFORE, counted=[first, again])
        assert box.take().refusals == ()
        box.add(predicate("alert-event", **ALERT, reviewed_at="2026-11-15T09:00:00Z"))
        (told,) = box.take().refusals or ()
        assert told.gone == tuple(sorted([first, again]))

    def test_one_that_counted_what_is_told_again_in_the_same_words_is_not(self, box: Box) -> None:
        box.decided("deny", BEFORE, counted=[box.add(predicate("alert-event", **ALERT), at=NOW - 5 * DAY)])
        box.add(predicate("alert-event", **ALERT))
        assert box.take().refusals == ()

    def test_an_erased_one_is_told_too(self, box: Box) -> None:
        decision, (asked, *_, ended) = self.decided(box)
        box.store.erase(asked, reason="cleaning up", actor="rec", at=NOW, signer=key_of("quaestor"))
        (told,) = box.take().refusals or ()
        assert (told.id, told.gone) == (decision, tuple(sorted([asked, ended])))

    def test_one_of_the_same_digest_in_another_system_is_told_until_that_one_allows(self, box: Box) -> None:
        """Else the file that was refused is registered under another name, and nobody hears of it."""
        about = {"system_id": "credit", "name": "credit@7"}
        self.decided(box, about=about)
        (told,) = box.take().refusals or ()
        assert (told.system_id, told.outcome, told.gone) == ("credit", "deny", ())
        box.decided("allow", NOW - DAY, digit="b", about=about)
        assert box.take().refusals == ()

    def test_an_allowance_whose_records_were_taken_back_says_so(self, box: Box) -> None:
        _, (asked, approved, _, _) = self.decided(box, outcome="allow")
        (before,) = box.take(NOW - 2 * DAY).decisions
        assert before.gone is None
        box.withdraw(approved)
        box.add(questionnaire(), "ana")
        (after,) = box.take().decisions
        # What only aged was not taken back.
        assert after.gone == tuple(sorted([asked, approved]))

    @pytest.mark.parametrize(
        "more",
        [{"outcome": "allow"}, {"chosen": True}],
        ids=["allowed", "preview"],
    )
    def test_no_other_decision_is(self, box: Box, more: dict[str, Any]) -> None:
        self.decided(box, **more)
        assert box.take().refusals == ()


class TestRunsThatEnded:
    def counted(self, box: Box) -> int:
        (index,) = derived(box.take(), "evidence-index")
        return int(index["logged_test_split_runs"])

    def still_open(self, box: Box) -> list[str]:
        """The runs that the door would let somebody tell as lost."""
        subject = system_subject("mortgage")
        holdings = box.store.holdings(subject.digest, subject.system_id)
        view = View(holdings, box.store.payload, subject, NOW, instant_chosen=False)
        return [note.run for note in read_runs(view).open]

    @pytest.mark.parametrize(("signer", "counts"), [("quaestor", 0), ("ana", 1), ("mallory", 1), (None, 1)])
    def test_only_this_installation_says_so(self, box: Box, signer: str | None, counts: int) -> None:
        box.run("1")
        box.note(RunEnded(system_id="mortgage", ended="1", reason="no such column", at=NOW), signer=signer)
        assert self.counted(box) == counts
        assert len(self.still_open(box)) == counts, "what does not count as its end leaves it open"

    def test_one_that_measured_something_did_not(self, box: Box) -> None:
        box.run("1")
        box.add(validation_run(), source="run 1")
        box.note(RunEnded(system_id="mortgage", ended="1", reason="no such column", at=NOW))
        assert self.counted(box) == 1
        assert self.still_open(box) == []

    @pytest.mark.parametrize("signer", ["ana", "mallory", None])
    def test_a_record_that_no_machine_signed_makes_up_for_no_run(self, box: Box, signer: str | None) -> None:
        box.run("1")
        box.add(validation_run(), signer, source="run 1")
        (index,) = derived(box.take(), "evidence-index")
        assert (index["test_split_runs"], index["logged_test_split_runs"]) == (0, 1)
        assert self.still_open(box) == ["1"]
