"""Snapshots out of a real store: what counts, what does not and why, and what the store says of itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.model.errors import EvidenceError, SignatureError, StoreError
from evidence.model.notes import RunLost, RunStarted, Withdrawal, new_note
from evidence.model.record import read_record
from evidence.model.subject import Subject, SubjectKind, system_digest
from evidence.snapshot.filed import as_filed, expiry
from evidence.snapshot.take import take_snapshot
from evidence.store.records import RecordStore
from evidence.trust.envelopes import SignatureState, seal
from evidence.trust.people import next_version, read_chain
from tests.worlds import records
from tests.worlds.ledgers import ORIGIN, Box, derived, kept, reasons, with_people, without_log
from tests.worlds.people import DAY, NOW, key_of, register
from tests.worlds.records import (
    DIGEST,
    OTHER_DIGEST,
    SUBJECT,
    approval,
    audit,
    entry_of,
    predicate,
    validation_run,
    waiver,
)


class TestTime:
    def test_a_record_counts_from_collection_until_it_expires(self, box: Box) -> None:
        record = box.add(audit(), at=NOW, expires=NOW + DAY)
        second = timedelta(seconds=1)
        assert reasons(box.take(NOW - second)) == {record: "not-yet-collected"}
        assert kept(box.take(NOW)) == kept(box.take(NOW + DAY - second)) == [record]
        assert reasons(box.take(NOW + DAY)) == {record: "expired"}

    def test_its_types_greatest_age_ends_it_where_it_says_later(self, box: Box) -> None:
        record = box.add(audit(), at=NOW, expires=NOW + 9999 * DAY)
        assert kept(box.take(NOW + 179 * DAY)) == [record]
        assert reasons(box.take(NOW + 180 * DAY)) == {record: "expired"}

    def test_a_record_from_the_end_of_time_is_refused_and_stops_no_snapshot(
        self, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        end = datetime(9999, 12, 30, tzinfo=UTC)
        with pytest.raises(EvidenceError, match="`issued_at` says 9999-12-30T00:00:00Z, and the ledger has the record"):
            box.add(audit(), at=end, expires=end + timedelta(hours=1))
        # As a store has it whose writer did not ask.
        monkeypatch.setattr("evidence.store.checks.record_ahead", lambda *_: None)
        record = box.add(audit(), at=end, expires=end + timedelta(hours=1))
        assert reasons(box.take()) == {record: "not-yet-collected"}
        late = read_record(records.statement(audit(), at=end, expires=end + timedelta(hours=1)))
        assert expiry(as_filed(late, SignatureState(state="absent"), end)) == end + timedelta(hours=1)

    def test_what_claims_a_time_after_its_filing_never_counts(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not even when that time has come: who signed it cannot have known."""
        early = waiver().model_copy(update={"granted_at": NOW - DAY / 2})
        with pytest.raises(EvidenceError, match=r"`granted_at` says .*, and the ledger has the record since"):
            box.add(early, "ana")
        monkeypatch.setattr("evidence.store.checks.record_ahead", lambda *_: None)
        record = box.add(early, "ana")
        assert reasons(box.take()) == {record: "ahead-of-filing"}
        (item,) = box.take().excluded
        assert (item.why, item.at) == ("granted_at", NOW - DAY / 2)

    def test_what_was_filed_after_a_chosen_instant_was_not_known_then(self, box: Box) -> None:
        """Nor was what the ledger says of it: a promotion does not count without its entry in the trail."""
        late = box.add(audit(), at=NOW, filed=NOW + DAY)
        then = take_snapshot(box.store, SUBJECT, NOW, instant_chosen=True)
        assert reasons(then) == {late: "not-yet-filed"}
        assert kept(take_snapshot(box.store, SUBJECT, NOW + DAY, instant_chosen=True)) == [late]

    @pytest.mark.parametrize("year", [1, 1969, 9001, 9999])
    def test_an_instant_that_makes_no_sense_is_refused(self, box: Box, year: int) -> None:
        with pytest.raises(EvidenceError, match="outside the years"):
            box.take(NOW.replace(year=year))

    def test_a_chosen_instant_is_part_of_the_digest(self, box: Box) -> None:
        chosen = take_snapshot(box.store, SUBJECT, NOW, instant_chosen=True)
        assert chosen.digest != box.take().digest


class TestRegisterThatExpires:
    """A day to come on which the register has expired can be asked about, and what that assumes is told."""

    @pytest.fixture
    def ends_soon(self, tmp_path: Path) -> Iterator[RecordStore]:
        made = register(ORIGIN, end=NOW + 30 * DAY, removed={"ana": NOW}, at=NOW)
        with RecordStore.create(
            f"sqlite:///{tmp_path}/store.db", tmp_path / "blobs", origin=ORIGIN, signer=key_of("quaestor")
        ) as store:
            for envelope, at in zip(made, (datetime(1970, 1, 1, tzinfo=UTC), NOW), strict=True):
                store.append_people(envelope, actor="root", at=at, signer=key_of("quaestor"))
            yield store

    def test_an_instant_to_come(self, ends_soon: RecordStore) -> None:
        before = take_snapshot(ends_soon, SUBJECT, NOW + 30 * DAY - timedelta(seconds=1), instant_chosen=True)
        after = take_snapshot(ends_soon, SUBJECT, NOW + 30 * DAY, instant_chosen=True)
        assert (before.renewal_assumed, after.renewal_assumed) == (None, NOW + 30 * DAY)
        silent = after.model_copy(update={"renewal_assumed": None})
        assert len({before.digest, after.digest, silent.digest}) == 3

    def test_the_present_assumes_nothing(self, ends_soon: RecordStore) -> None:
        with pytest.raises(SignatureError, match="expired at"):
            take_snapshot(ends_soon, SUBJECT, NOW + 30 * DAY)

    def test_a_time_of_which_it_is_known_that_it_had_lapsed(self, ends_soon: RecordStore) -> None:
        """A register that was renewed too late was not in force in between."""
        versions = [ends_soon.payload(entry) for entry in ends_soon.holdings(SUBJECT.digest, "mortgage").people]
        last = read_chain(versions, ORIGIN)
        late = NOW + 50 * DAY
        following = next_version(last, last.holders, issued_at=late, expires_at=late + DAY)
        signed = key_of("root").sign(following.statement().payload)
        ends_soon.append_people(signed, actor="root", at=late, signer=key_of("quaestor"))
        with pytest.raises(SignatureError, match="expired at"):
            take_snapshot(ends_soon, SUBJECT, NOW + 40 * DAY, instant_chosen=True)
        assert take_snapshot(ends_soon, SUBJECT, late, instant_chosen=True).renewal_assumed is None


class TestSignatures:
    @pytest.mark.parametrize(
        ("signer", "counts"), [("ana", True), (None, False), ("mallory", False), ("quaestor", False)]
    )
    def test_an_attested_record_needs_a_persons_key(self, box: Box, signer: str | None, counts: bool) -> None:
        record = box.add(waiver(), signer)
        assert (record in kept(box.take())) is counts
        assert reasons(box.take()) == ({} if counts else {record: "unsigned"})

    @pytest.mark.parametrize(("signer", "counts"), [("ana", True), (None, True), ("mallory", False)])
    def test_another_record_needs_a_known_key_or_none(self, box: Box, signer: str | None, counts: bool) -> None:
        record = box.add(audit(), signer)
        assert (record in kept(box.take())) is counts

    def test_a_key_that_is_no_longer_trusted_counts_no_more(self, box: Box) -> None:
        record = box.add(waiver(), "ana")
        box.remove_key("ana", NOW - 2 * DAY)
        assert reasons(box.take()) == {record: "unsigned"}


class TestWithdrawn:
    def test_from_its_withdrawal_on(self, box: Box) -> None:
        record = box.add(waiver(), "ben", at=NOW - 3 * DAY)
        box.withdraw(record)
        assert kept(box.take(NOW - DAY - timedelta(seconds=1))) == [record]
        taken = box.take()
        assert (kept(taken), reasons(taken)) == ([], {record: "withdrawn"})
        assert taken.excluded[0].detail == "withdrawn by ana: wrong data"

    def test_no_clock_set_back_makes_one_unsaid(self, box: Box) -> None:
        record = box.add(waiver(), "ben", at=NOW - 3 * DAY)
        box.withdraw(record, at=NOW)
        # As of now, by a clock within the tolerance, it counts though its time is yet to come.
        taken = take_snapshot(box.store, SUBJECT, NOW - timedelta(seconds=5))
        assert reasons(taken) == {record: "withdrawn"}
        with pytest.raises(StoreError, match="the clock went back"):
            take_snapshot(box.store, SUBJECT, NOW - timedelta(minutes=2))

    @pytest.mark.parametrize("signer", [None, "mallory", "ben"])
    def test_one_that_its_author_did_not_sign_says_so(self, box: Box, signer: str | None) -> None:
        box.withdraw(box.add(waiver(), "ben", at=NOW - 3 * DAY), signer=signer)
        assert "does not carry" in box.take().excluded[0].detail

    @pytest.mark.parametrize("author", ["ana", "ben"])
    def test_of_two_who_signed_the_author_is_found_whichever_key_comes_first(self, box: Box, author: str) -> None:
        record = box.add(waiver(), "ben", at=NOW - 3 * DAY)
        note = Withdrawal(system_id="mortgage", record=record, reason="wrong data", by=author, at=NOW - DAY)
        statement = new_note(note, {"subject": DIGEST})
        both = seal(statement, [key_of("ana"), key_of("ben")])
        box.put(both.data, note.KIND, "refused", NOW - DAY)
        assert box.take().excluded[0].signed is True

    def test_what_was_measured_is_never_taken_back(self, box: Box) -> None:
        record = box.add(audit(), at=NOW - 3 * DAY)
        box.withdraw(record)
        assert (kept(box.take()), reasons(box.take())) == ([record], {})

    @pytest.mark.parametrize(("decision", "counts"), [("approve", False), ("reject", True), ("abstain", True)])
    def test_a_rejection_is_never_taken_back(self, box: Box, decision: str, counts: bool) -> None:
        record = box.add(approval(decision), "ben", at=NOW - 3 * DAY)
        box.withdraw(record)
        assert (record in kept(box.take())) is counts

    def test_refuses_no_update_of_the_artifact(self, box: Box) -> None:
        box.withdraw(box.add(audit(), at=NOW - 3 * DAY))
        assert derived(box.take(), "audit-log") == []
        box.add(audit(7), action="refused")
        assert [entry["action"] for entry in derived(box.take(), "audit-log")] == ["refused"]


class TestErased:
    def test_what_was_erased_is_listed(self, box: Box) -> None:
        bad, good = box.add(audit(99)), box.add(audit(0))
        box.store.erase(bad, reason="cleaning up", actor="rec", at=NOW, signer=key_of("quaestor"))
        taken = box.take()
        assert (kept(taken), reasons(taken)) == ([good], {bad: "erased"})
        assert taken.excluded[0].detail == "erased at 2026-11-21T08:00:00Z by rec: cleaning up"

    def test_a_payload_that_is_gone_stops_the_snapshot(self, box: Box, tmp_path: Path) -> None:
        box.add(audit())
        for path in (tmp_path / "blobs").rglob("*"):
            if path.is_file():
                path.unlink()
        with pytest.raises(StoreError, match="cannot be read"):
            box.take()


class TestHidden:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE entry SET system_id = 'other' WHERE kind = 'withdrawal'",
            "UPDATE entry SET kind = 'charts' WHERE kind = 'withdrawal'",
            "DELETE FROM entry_subject WHERE position = 1",
            "UPDATE entry SET system_id = 'other' WHERE kind = 'run'",
        ],
    )
    def test_a_store_with_a_hidden_row_is_refused(self, box: Box, sql: str) -> None:
        box.withdraw(box.add(audit(), at=NOW - 3 * DAY))
        box.run("1")
        with box.store.database.begin() as connection:
            assert connection.exec_driver_sql(sql).rowcount == 1
        with pytest.raises(StoreError, match="the store does not verify"):
            box.take()

    def test_a_mark_of_erasure_hides_nothing(self, box: Box) -> None:
        record = box.add(audit())
        with box.store.database.begin() as connection:
            connection.exec_driver_sql("UPDATE entry SET erased_by = 0")
        assert kept(box.take()) == [record]


class TestAbout:
    def test_records_of_the_version_and_of_its_system_count_once(self, box: Box) -> None:
        records = [box.add(audit(0)), box.add(audit(1), subject=system_digest("mortgage"))]
        assert kept(box.take()) == sorted(records)
        system = Subject(
            kind=SubjectKind.SYSTEM, name="mortgage", digest=system_digest("mortgage"), system_id="mortgage"
        )
        assert kept(box.take(subject=system)) == [records[1]]

    def test_nothing_of_another_version_or_system_leaks(self, box: Box) -> None:
        record = box.add(audit())
        before = box.take()
        other = {"digest": OTHER_DIGEST, "name": "mortgage@1"}
        box.add(audit(99), subject=OTHER_DIGEST)
        box.add(audit(99), system="credit")
        box.add(audit(99), system="credit", subject=system_digest("credit"))
        box.add(waiver(), "ben", system="credit")
        box.withdraw(record, system="c")
        box.run("1", system="credit")
        box.decided("allow", about=other)
        # The same file is a version of another system too.
        box.decided("allow", about={"system_id": "credit", "name": "credit@7"})
        after = box.take()
        assert kept(after) == kept(before) == [record]
        assert (after.excluded, after.decisions) == ((), ())
        for kind in ("evidence-index", "feed-status"):
            assert derived(after, kind) == derived(before, kind)
        assert after.log.size == before.log.size + 8

    def test_a_state_is_replaced_by_a_later_one_of_the_same_hand(self, box: Box) -> None:
        first, last = (
            box.add(entry_of(stage), at=NOW - days * DAY) for stage, days in (("development", 3), ("staging", 2))
        )
        taken = box.take()
        assert (kept(taken), reasons(taken)) == ([last], {first: "superseded"})
        assert kept(box.take(NOW - 2 * DAY - timedelta(seconds=1))) == [first]

    def test_a_state_is_replaced_by_no_older_and_by_no_strangers_record(self, box: Box) -> None:
        last = box.add(entry_of("staging"), at=NOW - 2 * DAY)
        older = box.add(entry_of("production"), at=NOW - 5 * DAY)
        unsigned = box.add(entry_of("archived"), None, at=NOW - DAY)
        taken = box.take()
        assert kept(taken) == sorted([last, unsigned])
        assert reasons(taken) == {older: "superseded"}


class TestDecisions:
    def gates(self, box: Box, instant: datetime = NOW) -> list[tuple[str, str]]:
        return [(item.gate, item.outcome) for item in box.take(instant).decisions]

    def test_the_latest_of_each_gate_counts(self, box: Box) -> None:
        box.decided("allow", NOW - 3 * DAY)
        box.decided("allow", NOW - 3 * DAY, "staging")
        box.decided("deny", NOW - 2 * DAY)
        assert self.gates(box) == [("staging", "allow"), ("validation", "deny")]
        assert self.gates(box, NOW - 3 * DAY) == [("staging", "allow"), ("validation", "allow")]
        assert self.gates(box, NOW - 4 * DAY) == []

    def test_what_the_overlay_switched_off_is_told(self, box: Box) -> None:
        box.decided("allow", NOW - 3 * DAY)
        assert [item.off for item in box.take().decisions] == [None]
        box.decided("allow", NOW - 2 * DAY, off=("PERF-08", "DQ-01"))
        assert [item.off for item in box.take().decisions] == [("DQ-01", "PERF-08")]

    def test_a_preview_opens_no_gate_and_hides_no_denial(self, box: Box) -> None:
        box.decided("deny", NOW - 2 * DAY)
        box.decided("allow", NOW - DAY, chosen=True)
        assert self.gates(box) == [("validation", "deny")]

    @pytest.mark.parametrize("signer", [None, "mallory", "ana"])
    def test_one_that_no_trusted_machine_signed_does_not_count(self, box: Box, signer: str | None) -> None:
        box.decided("allow", signer=signer)
        assert self.gates(box) == []


class TestDerived:
    def runs(self, box: Box, instant: datetime = NOW) -> tuple[int, int]:
        (index,) = derived(box.take(instant), "evidence-index")
        return index["test_split_runs"], index["logged_test_split_runs"]

    def test_every_logged_run_on_the_test_split_counts(self, box: Box) -> None:
        assert self.runs(box) == (0, 0)
        for name in ("1", "2"):
            box.run(name)
            box.add(validation_run(seed=int(name)), source=f"run {name}")
        box.run("3", split="validation")
        assert self.runs(box) == (2, 2)
        box.run("4", at=NOW + DAY)
        assert (self.runs(box), self.runs(box, NOW + DAY)) == ((2, 2), (2, 3))

    def test_a_run_whose_record_was_filed_after_a_chosen_instant_was_open_then(self, box: Box) -> None:
        box.run("1")
        box.add(validation_run(seed=1), at=NOW - DAY, filed=NOW + DAY, source="run 1")
        (index,) = derived(take_snapshot(box.store, SUBJECT, NOW, instant_chosen=True), "evidence-index")
        assert (index["test_split_runs"], index["logged_test_split_runs"]) == (0, 1)
        assert index["test_runs"] == [{"plan_digest": f"sha256:{64 * '5'}"}]
        assert self.runs(box, NOW + DAY) == (1, 1)

    @pytest.mark.parametrize(
        ("seed", "source", "signer"), [(2, "run 1", "quaestor"), (2, "run 9", "quaestor"), (2, "run 2", None)]
    )
    def test_nothing_makes_up_for_a_run_that_was_not_filed(
        self, box: Box, seed: int, source: str, signer: str | None
    ) -> None:
        box.run("1")
        box.run("2")
        box.add(validation_run(seed=1), source="run 1")
        box.add(validation_run(seed=seed), signer, source=source)
        assert self.runs(box) == (1, 2)

    def test_each_run_is_listed_with_its_record_which_no_withdrawal_takes_away(self, box: Box) -> None:
        box.run("1")
        record = box.add(validation_run(seed=1), source="run 1")
        box.withdraw(record)
        box.run("2")
        taken = box.take()
        assert record in kept(taken)
        first, second = derived(taken, "evidence-index")[0]["test_runs"]
        run = validation_run(seed=1).to_json()
        assert first == {
            "plan_digest": f"sha256:{64 * '5'}",
            "artifact_digest": run["artifact_digest"],
            "dataset_digest": run["dataset_digest"],
            "record_id": record,
        }
        assert second == {"plan_digest": f"sha256:{64 * '5'}"}

    def test_data_with_the_rows_of_an_earlier_run_are_told_to_be_the_same(self, box: Box) -> None:
        keys = [f"{key:016x}" for key in range(0, 1 << 62, 1 << 55)]
        others = [f"{key:016x}" for key in range(1, 1 << 62, 1 << 55)]
        for name, (digit, sketch) in enumerate([("a", keys), ("b", keys[3:]), ("c", others), ("b", keys[3:])]):
            box.run(str(name))
            content = validation_run(seed=name, dataset_digest=f"sha256:{64 * digit}", row_sketch=sketch)
            box.add(content, source=f"run {name}")
        runs = derived(box.take(), "evidence-index")[0]["test_runs"]
        assert [run.get("same_rows_as", run["dataset_digest"])[-1] for run in runs] == ["a", "a", "c", "a"]
        assert ["same_rows_as" in run for run in runs] == [False, True, False, True]

    def test_a_run_that_was_never_logged_shows(self, box: Box) -> None:
        box.add(validation_run(), source="elsewhere")
        assert self.runs(box) == (1, 0)

    @pytest.mark.parametrize(
        ("plans", "teller", "counted"),
        [
            (("ana",), "ben", 1),
            (("ana",), "ana", 0),
            (("ana", "ben"), "ben", 0),
            ((), "ben", 0),
            (("quaestor",), "ben", 0),
            (("ana",), "quaestor", 0),
        ],
    )
    def test_a_lost_run_is_told_by_nobody_who_signed_its_plan(
        self, box: Box, plans: tuple[str, ...], teller: str, counted: int
    ) -> None:
        content = predicate(
            "validation-plan",
            committed_at="2026-11-18T08:00:00Z",
            required_tests=[],
            thresholds={},
            primary_metric="auc",
            protected_attributes=[],
            threat_models=[],
        )
        for signer in plans:
            box.add(content, signer, at=NOW - 2 * DAY, issuer=signer)
        digest = read_record(records.statement(content)).content_digest
        box.note(RunStarted(system_id="mortgage", run="1", plan_digest=digest, split="test", started_at=NOW - DAY))
        lost = RunLost(system_id="mortgage", lost="1", reason="the power failed", by=teller, at=NOW - DAY)
        box.note(lost, signer=teller)
        assert self.runs(box) == (counted, 1)

    def test_the_index_names_the_records_that_count(self, box: Box) -> None:
        records = [box.add(audit(0)), box.add(waiver(), "ben")]
        box.add(waiver(), None, at=NOW - 2 * DAY)
        (index,) = derived(box.take(), "evidence-index")
        assert index["subject_digest"] == DIGEST
        assert [item["record_id"] for item in index["records"]] == sorted(records)
        by_type = {item["type"]: item for item in index["records"]}
        assert (by_type["waiver"]["signer_kind"], by_type["waiver"]["signer_role"]) == ("person", "compliance")
        assert by_type["fairness-audit"]["signature_state"] == "verified"

    def test_the_feed_of_waivers_counts_those_that_count(self, box: Box) -> None:
        (feed,) = derived(box.take(), "feed-status")
        assert (feed["feed"], feed["count"], feed["complete"]) == ("waiver", 0, True)
        assert feed["window"] == {"start": "2025-11-01T08:00:00Z", "end": "2026-11-21T08:00:00Z"}
        box.add(waiver(), "ben")
        box.add(waiver("BEN-02"), None)
        (feed,) = derived(box.take(), "feed-status")
        assert feed["count"] == 1

    def test_the_log_is_that_of_the_subject_up_to_the_instant(self, box: Box) -> None:
        box.add(audit(), action="registered", at=NOW - 2 * DAY)
        box.add(audit(1), action="approved", at=NOW + DAY)
        box.add(audit(2), action="deployed", subject=OTHER_DIGEST)
        box.add(audit(3), action="read")
        (logged,) = derived(box.take(), "audit-log")
        assert (logged["sequence"], logged["action"], logged["object_ref"]) == (1, "registered", DIGEST)
        assert (logged["inclusion_verified"], logged["at"]) == (True, "2026-11-19T08:00:00Z")
        assert len(derived(box.take(NOW + DAY), "audit-log")) == 2

    def test_what_is_made_on_the_spot_says_so(self, box: Box) -> None:
        for item in box.take().entries:
            assert item.derived_here
            assert item.record.envelope.evidence_class == "derived"
            assert item.signature.state == "absent"


class TestSame:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(order=st.permutations(range(5)))
    def test_the_order_of_filing_changes_nothing_but_the_log(
        self, tmp_path_factory: pytest.TempPathFactory, order: list[int]
    ) -> None:
        contents = [
            (audit(0), "quaestor"),
            (audit(1), None),
            (waiver(), "ben"),
            (waiver(), "mallory"),
            (audit(2), "ana"),
        ]
        taken = []
        for places in (range(5), order):
            folder = tmp_path_factory.mktemp("order")
            signer = key_of("quaestor")
            url = f"sqlite:///{folder}/store.db"
            with RecordStore.create(url, folder / "blobs", origin=ORIGIN, signer=signer) as store:
                box = with_people(store)
                for place in places:
                    content, who = contents[place]
                    box.add(content, who, source=f"place {place}")
                taken.append(box.take())
        assert without_log(taken[0]) == without_log(taken[1])

    def test_taken_twice_it_is_the_same(self, box: Box) -> None:
        box.add(audit())
        assert box.take() == box.take()
        assert box.take().digest == box.take().digest
