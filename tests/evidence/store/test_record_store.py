"""What every record store does, on SQLite and on PostgreSQL."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from evidence.model.canonical import canonical_bytes, digest_bytes
from evidence.model.errors import EvidenceError, QuaestorError, SignatureError, StoreError
from evidence.model.notes import Withdrawal, new_note
from evidence.model.predicates import PREDICATES
from evidence.model.record import plain_statement
from evidence.process import shares
from evidence.store import verification
from evidence.store.entry import NewStatement, leaf_bytes
from evidence.store.erasing import finish_erasures
from evidence.store.records import RecordStore
from evidence.trust import ledger
from evidence.trust.envelopes import open_envelope
from evidence.trust.keys import SigningKey, sign_together
from tests.worlds.stores import MODEL, NOON, ORIGIN, Bench

SWAPPED = ("entry 3", "the payload is statement sha256:")


class TestAppend:
    def test_what_went_in_comes_out_in_the_same_bytes(self, bench: Bench) -> None:
        statement = bench.record(1)
        envelope = bench.key.sign(statement.payload).replace(b",", b", ")
        receipt = bench.store.append(envelope, kind="record", action="imported", actor="ada", at=NOON, signer=bench.key)
        stored = bench.store.get(statement.id)
        assert stored.envelope == envelope
        assert (stored.id, stored.kind, stored.index, stored.actor, stored.at) == (
            receipt.id,
            "record",
            0,
            "ada",
            NOON,
        )
        assert (receipt.id, receipt.index, receipt.size) == (statement.id, 0, 1)

    def test_the_same_statement_again_gets_the_first_receipt_and_writes_nothing(self, bench: Bench) -> None:
        first = bench.keep(bench.record(1))
        bench.keep(bench.record(2))
        again = bench.keep(bench.record(1), at=NOON + timedelta(days=1), actor="bob")
        assert again == first
        assert len(bench.store.entries()) == 2
        assert len(bench.store.checkpoints()) == 3

    def test_bulk_is_one_checkpoint_and_each_statement_once(self, bench: Bench) -> None:
        bench.keep(bench.record(1))
        receipts = bench.keep_records(range(5))
        assert [receipt.index for receipt in receipts] == [1, 0, 2, 3, 4]
        assert {receipt.size for receipt in receipts} == {1, 5}
        assert len(bench.store.checkpoints()) == 3
        twice = [NewStatement(bench.key.sign(bench.record(9).payload), "record", "imported", "ada", NOON)] * 2
        assert [receipt.index for receipt in bench.store.append_many(twice, signer=bench.key)] == [5, 5]

    def test_one_bad_statement_keeps_the_whole_batch_out(self, bench: Bench) -> None:
        good = NewStatement(bench.key.sign(bench.record(1).payload), "record", "imported", "ada", NOON)
        bad = NewStatement(b'{"not": "an envelope"}', "record", "imported", "ada", NOON)
        with pytest.raises(SignatureError):
            bench.store.append_many([good, bad], signer=bench.key)
        assert bench.store.entries() == []
        assert not list(bench.blobs.rglob("*"))

    def test_everything_is_there_after_opening_again(self, bench: Bench) -> None:
        receipts = bench.keep_records(range(20))
        bench.store.close()
        with bench.reopen() as store:
            assert [stored.id for stored in store.find()] == [receipt.id for receipt in receipts]
            assert store.origin == ORIGIN
            assert store.verify(public_key=bench.key.public_key).ok

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"kind": "recrod"}, "unknown kind"),
            ({"action": "looked at"}, "unknown action"),
            ({"actor": ""}, "an actor is"),
            ({"actor": "a\x00b"}, "an actor is"),
            ({"actor": "x" * 300}, "an actor is"),
            ({"at": datetime(2026, 1, 1)}, "not a date-time with zone"),
        ],
    )
    def test_what_the_ledger_cannot_say_is_refused(self, bench: Bench, fields: dict[str, str], message: str) -> None:
        with pytest.raises(StoreError, match=message):
            bench.keep(bench.record(1), **fields)
        assert bench.store.entries() == []

    @pytest.mark.parametrize("payload", [b"{}", b"[]", b"\xff", b'{"_type": 1}', b"[" * 100_000])
    def test_what_is_no_statement_is_refused(self, bench: Bench, payload: bytes) -> None:
        with pytest.raises(EvidenceError):
            bench.store.append(
                sign_together([], payload), kind="decision", action="decided", actor="ada", at=NOON, signer=bench.key
            )
        assert bench.store.entries() == []

    def test_a_record_must_be_one(self, bench: Bench) -> None:
        statement = plain_statement({"model": MODEL}, "https://example.com/other", {})
        with pytest.raises(EvidenceError, match="unknown evidence type"):
            bench.keep(statement)

    def test_a_subject_that_is_no_digest_is_refused(self, bench: Bench) -> None:
        note = Withdrawal(system_id="mortgage", record=MODEL, reason="wrong data", by="ada", at=NOON)
        with pytest.raises(EvidenceError, match="not 64 lower-case"):
            bench.keep(new_note(note, {"model": "sha256:ABC"}), kind="withdrawal", action="refused")

    def test_a_note_must_be_one_and_of_its_kind(self, bench: Bench) -> None:
        with pytest.raises(EvidenceError, match="unknown kind of note"):
            bench.keep(plain_statement({"model": MODEL}, "https://example.com/other", {}), kind="run")
        with pytest.raises(EvidenceError, match="is a withdrawal, not a run"):
            bench.keep(bench.withdrawal(MODEL), kind="run")
        short = plain_statement({"model": MODEL}, Withdrawal.TYPE, {"system_id": "mortgage"})
        with pytest.raises(EvidenceError, match="the withdrawal does not fit: `record`"):
            bench.keep(short, kind="withdrawal", action="refused")

    def test_a_nul_in_what_statements_are_found_by_is_refused(self, bench: Bench) -> None:
        with pytest.raises(EvidenceError, match="NUL"):
            bench.keep(bench.record(1, system_id="a\x00b"))

    def test_another_key_cannot_sign_the_ledger(self, bench: Bench) -> None:
        with pytest.raises(StoreError, match="is not the key of this ledger"):
            bench.keep(bench.record(1), signer=SigningKey.generate())
        assert not list(bench.blobs.rglob("*"))


class TestGet:
    def test_an_unknown_statement(self, bench: Bench) -> None:
        with pytest.raises(StoreError, match="no statement `sha256:0"):
            bench.store.get("sha256:" + "0" * 64)

    def test_among_several_each_is_got_as_alone(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        bench.keep_records(range(4))
        first, second, third, fourth = (entry.id for entry in bench.store.entries())
        bench.store.erase(second, reason="due", actor="ada", at=NOON, signer=bench.key)
        bench.store.blobs.delete(bench.store.entry(third).envelope)
        for ids in ((first, second, third), ()):
            get = bench.store.among(ids)
            assert get(first) == bench.store.get(first)
            assert get(fourth) == bench.store.get(fourth)  # one that was not asked for with them
            for id, told in ((second, "was erased"), (third, "is missing"), (f"sha256:{64 * '0'}", "no statement")):
                with pytest.raises(StoreError, match=told):
                    get(id)

        def refused(_ids: object) -> None:
            raise StoreError("the database file is damaged")

        monkeypatch.setattr(bench.store, "_rows", refused)
        assert bench.store.among((first,))(first) == bench.store.get(first)

    def test_a_missing_payload_is_named(self, bench: Bench) -> None:
        receipt = bench.keep(bench.record(1))
        digest = bench.store.entries()[0].envelope
        bench.store.blobs.delete(digest)
        with pytest.raises(StoreError, match=f"record {receipt.id} cannot be read: the payload {digest} is missing"):
            bench.store.get(receipt.id)
        with pytest.raises(StoreError, match="missing"):
            list(bench.store.find())

    def test_an_altered_payload_is_named(self, bench: Bench) -> None:
        receipt = bench.keep(bench.record(1))
        _spoil(bench, bench.store.entries()[0].envelope)
        with pytest.raises(StoreError, match=f"record {receipt.id} cannot be read: the payload .* was altered"):
            bench.store.get(receipt.id)


class TestFind:
    def test_by_each_of_its_terms_and_by_all(self, bench: Bench) -> None:
        other = digest_bytes(b"other")
        a = bench.keep(bench.record(1)).id
        b = bench.keep(bench.record(2, system_id="fraud", days=1), at=NOON + timedelta(days=1)).id
        c = bench.keep(bench.record(3, subject=other, days=2), at=NOON + timedelta(days=2)).id
        d = bench.keep(bench.withdrawal(a), kind="withdrawal", action="refused", at=NOON + timedelta(days=3)).id

        def found(**terms: object) -> list[str]:
            return [stored.id for stored in bench.store.find(**terms)]  # type: ignore[arg-type]

        assert found() == [a, b, c, d]
        assert found(kind="record") == [a, b, c]
        assert found(kind="withdrawal") == [d]
        assert found(subject=MODEL) == [a, b, d]
        assert found(subject=other) == [c]
        assert found(predicate_type=PREDICATES["feed-status"].uri()) == [a, b, c]
        assert found(kind="record", subject=MODEL) == [a, b]
        assert found(kind="withdrawal", subject=other) == []

    def test_a_misspelt_kind_is_not_silently_nothing(self, bench: Bench) -> None:
        with pytest.raises(StoreError, match="unknown kind"):
            list(bench.store.find(kind="recrod"))  # type: ignore[arg-type]

    @pytest.mark.slow
    def test_more_than_a_page_in_ledger_order(self, bench: Bench) -> None:
        receipts = bench.keep_records(range(1203))
        assert [stored.index for stored in bench.store.find(kind="record", subject=MODEL)] == list(range(1203))
        found = bench.store.holdings(MODEL, "mortgage").entries
        assert [entry.id for entry in found] == [receipt.id for receipt in receipts]

    def test_the_store_can_be_written_while_it_is_read(self, bench: Bench) -> None:
        bench.keep_records(range(3))
        for stored in bench.store.find(kind="record"):
            bench.keep(bench.record(100 + stored.index, days=1), at=NOON + timedelta(days=1))
        assert len(bench.store.entries()) == 6


class TestLedger:
    def test_every_entry_is_provable_at_every_size(self, bench: Bench) -> None:
        for number in range(9):
            bench.keep(bench.record(number))
        entries = bench.store.entries()
        for note in bench.store.checkpoints():
            at = ledger.verify_checkpoint(note, bench.key.public_key, ORIGIN)
            for entry in entries[: at.size]:
                proof = bench.store.inclusion_proof(entry.index, at.size)
                assert ledger.verify_inclusion(entry.hash, entry.index, at.size, proof, at.root)

    def test_every_checkpoint_is_the_beginning_of_every_later_one(self, bench: Bench) -> None:
        bench.keep_records(range(3))
        for number in range(10, 14):
            bench.keep(bench.record(number))
        notes = [ledger.parse_checkpoint(note) for note in bench.store.checkpoints()]
        assert [note.size for note in notes] == [0, 3, 4, 5, 6, 7]
        for old in notes:
            for new in notes[notes.index(old) :]:
                proof = bench.store.consistency_proof(old.size, new.size)
                assert ledger.verify_consistency(old.size, new.size, old.root, new.root, proof)

    def test_a_receipt_names_the_first_checkpoint_over_it(self, bench: Bench) -> None:
        first = bench.keep_records(range(3))[1]
        bench.keep(bench.record(7))
        proof = bench.store.inclusion_proof(first.index, first.size)
        entry = bench.store.entries(first.index, first.index + 1)[0]
        root = bytes.fromhex(first.root.removeprefix("sha256:"))
        assert ledger.verify_inclusion(entry.hash, first.index, first.size, proof, root)
        assert first.size == 3

    def test_a_leaf_holds_digests_and_no_payload(self, bench: Bench) -> None:
        statement = bench.record(1, system_id="a-secret-system")
        bench.keep(statement)
        (entry,) = bench.store.entries()
        assert entry.data == canonical_bytes(
            {name: value for name, value in entry.to_json().items() if name != "index"}
        )
        assert b"secret" not in entry.data
        assert entry.envelope == digest_bytes(bench.store.get(statement.id).envelope)
        assert entry.subjects == (MODEL,)

    def test_an_empty_store_has_a_signed_checkpoint(self, bench: Bench) -> None:
        checkpoint = ledger.verify_checkpoint(bench.store.checkpoint(), bench.key.public_key, ORIGIN)
        assert (checkpoint.size, checkpoint.root) == (0, ledger.EMPTY_ROOT)

    def test_no_proof_beyond_the_ledger(self, bench: Bench) -> None:
        bench.keep(bench.record(1))
        with pytest.raises(StoreError, match="has 1 entries, not 2"):
            bench.store.inclusion_proof(0, 2)
        with pytest.raises(StoreError, match="has 1 entries, not 2"):
            bench.store.consistency_proof(1, 2)
        with pytest.raises(EvidenceError, match="no leaf 1"):
            bench.store.inclusion_proof(1, 1)

    @given(st.text(), st.lists(st.text(max_size=5), max_size=3))
    def test_leaves_are_canonical_json(self, actor: str, subjects: list[str]) -> None:
        fields = {"id": "i", "kind": "record", "envelope": "e", "action": "read", "actor": actor, "at": "t"}
        made = leaf_bytes(**fields, subjects=tuple(subjects))  # type: ignore[arg-type]
        assert made == canonical_bytes({**fields, "subjects": subjects})


class TestErase:
    def erase(self, bench: Bench, id: str, reason: str = "asked for under GDPR Article 17") -> int:
        return bench.store.erase(id, reason=reason, actor="dpo", at=NOON, signer=bench.key).index

    def test_the_payload_goes_and_the_ledger_still_verifies(self, bench: Bench) -> None:
        receipts = bench.keep_records(range(5))
        before = bench.store.get(receipts[2].id).envelope
        assert self.erase(bench, receipts[2].id) == 5
        held = b"".join(path.read_bytes() for path in bench.blobs.rglob("*") if path.is_file())
        assert before not in held
        report = bench.store.verify()
        assert (report.ok, report.erased, report.size, report.payloads) == (True, (receipts[2].id,), 6, 5)
        with pytest.raises(StoreError, match="was erased"):
            bench.store.get(receipts[2].id)
        assert receipts[2].id not in [stored.id for stored in bench.store.find()]

    def test_the_reason_is_on_record(self, bench: Bench) -> None:
        receipt = bench.keep(bench.record(1))
        self.erase(bench, receipt.id, "the applicant asked for it")
        (erasure,) = bench.store.find(kind="erasure", subject=MODEL)
        assert (erasure.action, erasure.actor) == ("purged", "dpo")
        assert b"the applicant asked for it" in open_envelope(erasure.envelope, where="erasure")

    def test_again_gives_the_same_receipt(self, bench: Bench) -> None:
        receipt = bench.keep(bench.record(1))
        assert self.erase(bench, receipt.id) == self.erase(bench, receipt.id, "another reason") == 1
        assert len(bench.store.entries()) == 2
        assert bench.store.verify().ok

    def test_what_was_broken_off_is_found_and_finished(self, bench: Bench) -> None:
        receipt = bench.keep(bench.record(1))
        envelope = bench.store.get(receipt.id).envelope
        self.erase(bench, receipt.id)
        # As a crash between the commit and the deletion would leave it.
        bench.store.blobs.put(envelope)
        assert "still there though it was erased" in bench.store.verify(full=False).problems[0].problem
        self.erase(bench, receipt.id)
        assert bench.store.verify().ok

    def test_many_go_in_one_act_each_with_its_entry(self, bench: Bench) -> None:
        kept = [receipt.id for receipt in bench.keep_records(range(4))]
        first = self.erase(bench, kept[0])
        said = {"reason": "retired", "actor": "dpo", "at": NOON, "signer": bench.key}
        receipts = bench.store.erase_many([kept[2], kept[0], kept[3]], **said)
        assert [receipt.index for receipt in receipts] == [5, first, 6]
        assert [receipt.size for receipt in receipts] == [7, 5, 7]
        assert bench.store.verify().erased == tuple(sorted([kept[0], kept[2], kept[3]]))
        withdrawal = bench.keep(bench.withdrawal(kept[1]), kind="withdrawal", action="refused")
        with pytest.raises(StoreError, match="no withdrawal can be erased"):
            bench.store.erase_many([kept[1], withdrawal.id], **said)
        assert bench.store.get(kept[1])
        assert bench.store.verify().ok

    def test_a_crash_is_finished_for_all(self, bench: Bench) -> None:
        receipts = bench.keep_records(range(3))
        envelopes = [bench.store.get(receipt.id).envelope for receipt in receipts]
        said = {"reason": "retired", "actor": "dpo", "at": NOON, "signer": bench.key}
        bench.store.erase_many([receipt.id for receipt in receipts], **said)
        bench.store.blobs.put_many(envelopes[1:])
        assert finish_erasures(bench.store) == [receipt.id for receipt in receipts[1:]]
        assert finish_erasures(bench.store) == []
        assert bench.store.verify().ok

    @pytest.mark.parametrize("mark", [0, 2, 3, 99])
    def test_a_mark_that_the_ledger_does_not_bear_out_deletes_nothing(
        self, bench: Bench, rows: Callable[[str], None], mark: int
    ) -> None:
        receipts = bench.keep_records(range(3))
        self.erase(bench, receipts[0].id)  # entry 3, which is an erasure, and of another
        rows(f"UPDATE entry SET erased_by = {mark} WHERE position = 1")
        with pytest.raises(StoreError, match=f"erased by entry {mark}, which does not say so"):
            finish_erasures(bench.store)
        with pytest.raises(StoreError, match=f"erased by entry {mark}, which does not say so"):
            self.erase(bench, receipts[1].id)
        rows("UPDATE entry SET erased_by = NULL WHERE position = 1")
        assert bench.store.get(receipts[1].id)

    def test_an_erased_statement_is_not_taken_in_again(self, bench: Bench) -> None:
        statement = bench.record(1)
        bench.keep(statement)
        self.erase(bench, statement.id)
        with pytest.raises(StoreError, match="was erased and is not taken in again"):
            bench.keep(statement)
        assert bench.store.verify().ok

    def test_nothing_that_others_rest_on_can_go(self, bench: Bench) -> None:
        record = bench.keep(bench.record(1))
        withdrawal = bench.keep(bench.withdrawal(record.id), kind="withdrawal", action="refused")
        with pytest.raises(StoreError, match="no withdrawal can be erased"):
            self.erase(bench, withdrawal.id)
        erasure = self.erase(bench, record.id)
        with pytest.raises(StoreError, match="no erasure can be erased"):
            self.erase(bench, bench.store.entries(erasure, erasure + 1)[0].id)
        with pytest.raises(StoreError, match="no statement"):
            self.erase(bench, "sha256:" + "1" * 64)


class TestCreate:
    def test_not_twice(self, bench: Bench) -> None:
        bench.keep(bench.record(1))
        with pytest.raises(StoreError, match="there is a store already"):
            RecordStore.create(bench.url, bench.blobs, origin="other", signer=SigningKey.generate())
        assert len(bench.store.entries()) == 1

    def test_an_ecdsa_key_cannot_sign_a_ledger(self, database_url: str, tmp_path: Path) -> None:
        key = SigningKey(ec.generate_private_key(ec.SECP256R1()))
        with pytest.raises(SignatureError, match="Ed25519"):
            RecordStore.create(database_url, tmp_path / "blobs", origin=ORIGIN, signer=key)
        assert list(tmp_path.iterdir()) == []

    def test_a_name_with_a_space_names_no_ledger(self, database_url: str, tmp_path: Path) -> None:
        with pytest.raises(QuaestorError, match="cannot name a ledger"):
            RecordStore.create(database_url, tmp_path / "blobs", origin="two words", signer=SigningKey.generate())


class TestVerification:
    """Each thing that somebody with write access could do behind the store's back."""

    @pytest.mark.parametrize(
        ("sql", "where", "problem"),
        [
            ("UPDATE entry SET actor = 'eve' WHERE position = 3", "entry 3", "its row was altered"),
            ("UPDATE entry SET kind = 'run' WHERE position = 3", "entry 3", "its row was altered"),
            ("UPDATE entry SET at = at + 60 WHERE position = 3", "entry 3", "its row was altered"),
            ("UPDATE entry SET at = 999999999999999999 WHERE position = 3", "entry 3", "its row was altered"),
            ("UPDATE entry SET envelope = 'x' WHERE position = 3", "entry 3", "is not the digest of a payload"),
            ("UPDATE entry SET envelope = 'x', erased_by = 8 WHERE position = 3", "entry 3", "is not the digest"),
            (
                "UPDATE entry SET envelope = (SELECT envelope FROM entry WHERE position = 2) WHERE position = 3",
                *SWAPPED,
            ),
            ("UPDATE entry SET system_id = 'x' WHERE position = 3", "entry 3", "is found by are not what"),
            ("UPDATE entry SET system_id = NULL WHERE position = 3", "entry 3", "is found by are not what"),
            ("UPDATE entry SET predicate_type = 'x' WHERE position = 3", "entry 3", "is found by are not what"),
            ("UPDATE entry SET collected_at = 0 WHERE position = 3", "entry 3", "is found by are not what"),
            ("DELETE FROM entry_subject WHERE position = 3", "entry 3", "its row was altered"),
            (
                "UPDATE entry_subject SET digest = replace(digest, '256', '512') WHERE position = 3",
                "entry 3",
                "its row was altered",
            ),
            ("DELETE FROM entry WHERE position = 3", "entry 4", "a gap before it: missing 3"),
            ("DELETE FROM entry WHERE position IN (3, 4, 5)", "entry 6", "a gap before it: missing 3 to 5"),
            ("DELETE FROM entry WHERE position = 8", "ledger", "its head states 9 entries, and there are 8"),
            ("UPDATE entry SET decision_id = id WHERE position = 3", "entry 3", "is found by are not what"),
            ("DELETE FROM map_node WHERE path = ''", "map", "1 are missing"),
            ("UPDATE map_node SET leaf = NOT leaf WHERE path = ''", "map", "1 stored nodes are not what"),
            ("UPDATE checkpoint SET note = replace(note, 'map ', 'mop ') WHERE size = 9", "checkpoint 9", "verify"),
            ("UPDATE ledger SET map_from = 9", "entry 3", "its row was altered"),
            ("DELETE FROM tree_node WHERE level = 1 AND position = 1", "tree", "position 1 is missing"),
            ("UPDATE tree_node SET position = 99 WHERE level = 3", "tree", "level 3, position 0 is missing"),
            ("UPDATE checkpoint SET note = replace(note, 'a', 'b') WHERE size = 4", "checkpoint 4", ""),
            ("UPDATE checkpoint SET size = 3 WHERE size = 4", "checkpoint 3", "it states size 4"),
            ("DELETE FROM checkpoint WHERE size = 9", "ledger", "its last checkpoint is of size 8"),
            ("UPDATE ledger SET size = 8", "ledger", "its head states 8 entries"),
            ("UPDATE ledger SET origin = 'other'", "checkpoint 9", "not signed by the key of `other`"),
            ("UPDATE entry SET erased_by = 8 WHERE position = 3", "entry 8", "it does not say so"),
            ("UPDATE entry SET erased_by = 99 WHERE position = 3", "entry 99", "it does not say so"),
        ],
    )
    def test_tampering_with_rows_is_found(
        self, bench: Bench, rows: Callable[[str], None], sql: str, where: str, problem: str
    ) -> None:
        self.fill(bench)
        assert bench.store.verify().ok
        rows(sql)
        found = [item for item in bench.store.verify().problems if item.where == where and problem in item.problem]
        assert found, bench.store.verify().problems

    def test_a_row_altered_together_with_its_hash_is_found(self, bench: Bench, rows: Callable[[str], None]) -> None:
        self.fill(bench)
        forged = bench.store.entries(3, 4)[0].model_copy(update={"actor": "eve"}).hash.hex()
        literal = f"X'{forged}'" if bench.store.database.dialect == "sqlite" else f"'\\x{forged}'"
        rows(f"UPDATE entry SET actor = 'eve', hash = {literal} WHERE position = 3")
        report = bench.store.verify(full=False)
        assert [item.where for item in report.problems] == ["tree", "tree", "tree", "checkpoint 4", "map", "map"]
        assert "nor those of 5 later ones" in report.problems[3].problem

    def test_a_payload_that_is_no_statement_is_found(self, bench: Bench, rows: Callable[[str], None]) -> None:
        self.fill(bench)
        forged = b'{"predicate":[]}'
        envelope = bench.store.blobs.put(sign_together([], forged))
        rows(f"UPDATE entry SET envelope = '{envelope}', id = '{digest_bytes(forged)}' WHERE position = 3")
        problems = [item.problem for item in bench.store.verify().problems]
        assert "the payload is no in-toto Statement" in problems

    def test_values_of_another_type_are_found(self, sqlite_bench: Bench) -> None:
        self.fill(sqlite_bench)
        # SQLite keeps whatever it is given.
        with sqlite_bench.store.database.begin() as connection:
            connection.exec_driver_sql("UPDATE entry SET at = 'noon' WHERE position = 2")
            connection.exec_driver_sql("UPDATE entry SET hash = 'text' WHERE position = 3")
            connection.exec_driver_sql("UPDATE checkpoint SET note = X'00' WHERE size = 4")
        places = {item.where for item in sqlite_bench.store.verify().problems}
        assert {"entry 2", "entry 3", "checkpoint 4"} <= places

    @pytest.mark.slow
    def test_erasure_marks_that_were_taken_away_are_found(self, bench: Bench, rows: Callable[[str], None]) -> None:
        self.fill(bench)
        bench.store.erase(bench.store.entries()[2].id, reason="r", actor="dpo", at=NOON, signer=bench.key)
        rows("UPDATE entry SET erased_by = NULL")
        problems = bench.store.verify().problems
        assert [item.where for item in problems] == ["entry 2", "entry 9"]
        assert "is missing" in problems[0].problem
        assert "which is not marked so" in problems[1].problem

    def test_altered_and_missing_payloads_are_found_all(self, bench: Bench) -> None:
        self.fill(bench)
        entries = bench.store.entries()
        _spoil(bench, entries[1].envelope)
        bench.store.blobs.delete(entries[4].envelope)
        report = bench.store.verify()
        assert [(item.where, item.problem.split()[-1]) for item in report.problems] == [
            ("entry 1", "altered"),
            ("entry 4", "missing"),
        ]
        assert report.payloads == 7
        assert bench.store.verify(full=False).ok

    def test_every_problem_is_reported_not_only_the_first(self, bench: Bench, rows: Callable[[str], None]) -> None:
        self.fill(bench)
        rows("UPDATE entry SET actor = 'eve' WHERE position IN (1, 6)")
        rows("DELETE FROM tree_node WHERE level = 2 AND position = 0")
        rows("UPDATE checkpoint SET note = 'nothing' WHERE size = 5")
        _spoil(bench, bench.store.entries()[2].envelope)
        places = sorted(item.where for item in bench.store.verify().problems)
        assert places == ["checkpoint 5", "entry 1", "entry 2", "entry 6", "tree"]

    def test_other_processes_find_what_one_finds(
        self, bench: Bench, rows: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.fill(bench)
        bench.store.erase(bench.store.entries()[3].id, reason="r", actor="dpo", at=NOON, signer=bench.key)
        rows("UPDATE entry SET collected_at = 5 WHERE position = 1")
        rows("UPDATE checkpoint SET note = 'nothing' WHERE size = 5")
        _spoil(bench, bench.store.entries()[2].envelope)
        alone = bench.store.verify()
        assert {item.where for item in alone.problems} == {"entry 1", "entry 2", "checkpoint 5"}
        monkeypatch.setattr(verification, "ALONE", 0)
        monkeypatch.setattr(shares, "processors", lambda: 2)
        assert bench.store.verify() == alone

    def test_a_process_that_is_lost_is_no_verification(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shares, "processors", lambda: 2)
        with shares.helpers(1, alone=0) as others, pytest.raises(StoreError, match="share of the work ended"):
            others.ask(os._exit, 0)()

    def test_a_whole_new_ledger_under_another_key_is_found_by_the_key(self, bench: Bench) -> None:
        self.fill(bench)
        assert bench.store.verify(public_key=bench.key.public_key).ok
        report = bench.store.verify(public_key=SigningKey.generate().public_key)
        assert [item.problem for item in report.problems] == ["its key is not the one that it ought to have"]

    def test_nothing_is_built_on_a_damaged_ledger(self, bench: Bench, rows: Callable[[str], None]) -> None:
        self.fill(bench)
        rows("UPDATE entry SET hash = (SELECT hash FROM entry WHERE position = 0) WHERE position = 8")
        with pytest.raises(StoreError, match="not the one that its last checkpoint was signed for"):
            bench.keep(bench.record(100))
        with pytest.raises(StoreError, match="not the one that its last checkpoint was signed for"):
            bench.reopen()
        with bench.reopen(even_damaged=True) as store:
            assert not store.verify().ok
            assert len(store.checkpoints()) == 7

    @pytest.mark.slow
    def test_a_ledger_longer_than_a_page(self, bench: Bench, rows: Callable[[str], None]) -> None:
        new = [
            NewStatement(
                sign_together([], bench.withdrawal(f"sha256:{number:064x}").payload),
                "withdrawal",
                "refused",
                "ada",
                NOON,
            )
            for number in range(4200)
        ]
        bench.store.append_many(new[:4095], signer=bench.key)
        bench.store.append_many(new[4095:], signer=bench.key)
        assert bench.store.verify(full=False).ok
        assert [entry.index for entry in bench.store.entries()] == list(range(4200))
        rows("DELETE FROM tree_node WHERE level = 12")
        assert [item.where for item in bench.store.verify(full=False).problems] == ["tree"]

    def fill(self, bench: Bench) -> None:
        """Nine entries; checkpoints of the sizes 0, 4, 5, 6, 7, 8, 9."""
        bench.keep_records(range(4))
        for number in range(4, 9):
            bench.keep(bench.record(number))


def _spoil(bench: Bench, digest: str) -> None:
    path = bench.blobs / digest[7:9] / digest[9:]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
