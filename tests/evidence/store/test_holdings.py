"""What the ledger holds about a subject, proved whole: each way to hide, add or change a row is refused."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.model.canonical import digest_bytes
from evidence.model.errors import StoreError
from evidence.model.subject import system_digest
from evidence.trust import ledger
from evidence.trust import map as verifiable
from evidence.trust.people import register_digest
from tests.worlds.stores import MODEL, NOON, Bench

OTHER = digest_bytes(b"another model")
DAMAGES = [
    "DELETE FROM entry_subject WHERE position = 3",
    "DELETE FROM entry_subject WHERE position = 3; DELETE FROM entry WHERE position = 3",
    "UPDATE entry SET system_id = 'other' WHERE position = 3",
    "UPDATE entry SET system_id = NULL WHERE position = 3",
    "UPDATE entry SET kind = 'charts' WHERE position = 3",
    "UPDATE entry SET predicate_type = 'x' WHERE position = 3",
    "UPDATE entry SET actor = 'eve' WHERE position = 3",
    "UPDATE entry SET at = at - 60 WHERE position = 3",
    "UPDATE entry SET system_id = 'mortgage' WHERE position = 4",
    "UPDATE entry_subject SET position = 2 WHERE position = 4",
    "DELETE FROM map_node WHERE path = ''",
    "UPDATE map_node SET leaf = NOT leaf WHERE path = '1' OR path = '0'",
    "UPDATE ledger SET size = 6",
    "UPDATE ledger SET map_from = 4",
]


def fill(bench: Bench) -> None:
    """Records at 0 to 3 about the model, one of another system at 4, a withdrawal at 5, another version's at 6."""
    receipts = bench.keep_records(range(4))
    bench.keep(bench.record(4, system_id="credit", subject=OTHER))
    bench.keep(bench.withdrawal(receipts[1].id), kind="withdrawal", action="refused")
    bench.keep(bench.record(6, subject=digest_bytes(b"older")))
    bench.keep(bench.record(7, system_id="credit", subject=OTHER))


class TestWhole:
    def test_all_of_the_subject_and_its_system_and_nothing_else(self, bench: Bench) -> None:
        fill(bench)
        found = bench.store.holdings(MODEL, "mortgage")
        assert [entry.index for entry in found.entries] == [0, 1, 2, 3, 5, 6]
        assert [entry.index for entry in found.about("record")] == [0, 1, 2, 3]
        assert [entry.index for entry in found.of("withdrawal")] == [5]
        other = bench.store.holdings(OTHER, "credit")
        assert [entry.index for entry in other.entries] == [4, 7]

    def test_a_subject_that_the_ledger_never_saw_is_shown_absent(self, bench: Bench) -> None:
        fill(bench)
        found = bench.store.holdings(digest_bytes(b"never"), "nowhere")
        assert found.entries == ()
        root = found.checkpoint.map_root or b""
        for listing in found.listings:
            assert verifiable.verify(verifiable.key_of(listing.digest), listing.proof, root) is None

    def test_the_proofs_hold_under_the_signed_checkpoint_alone(self, bench: Bench) -> None:
        fill(bench)
        found = bench.store.holdings(MODEL, "mortgage")
        checkpoint = ledger.verify_checkpoint(found.note, bench.key.public_key, bench.store.origin)
        hashes = {entry.index: entry.hash for entry in found.entries}
        people = register_digest(bench.store.origin)
        assert [listing.digest for listing in found.listings] == [MODEL, system_digest("mortgage"), people]
        for listing in found.listings:
            leaves = [(index, hashes[index]) for index in listing.indexes]
            verifiable.check_listing(listing.digest, leaves, listing.proof, checkpoint.map_root or b"")
        for entry, proof in zip(found.entries, found.inclusion, strict=True):
            assert ledger.verify_inclusion(entry.hash, entry.index, checkpoint.size, proof, checkpoint.root)


class TestPortfolio:
    """What tells how every system stands, whosever it is, is one listing more."""

    def test_it_is_there_where_it_is_asked_for(self, bench: Bench) -> None:
        fill(bench)
        assert bench.store.holdings(OTHER, "credit").portfolio is None
        found = bench.store.holdings(OTHER, "credit", portfolio=True)
        assert [entry.index for entry in found.portfolio or ()] == [5]
        assert [entry.index for entry in found.own] == [4, 7]

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE entry SET kind = 'charts' WHERE position = 5",
            "UPDATE entry SET kind = 'withdrawal' WHERE position = 3",
            "DELETE FROM entry WHERE position = 5",
            "UPDATE ledger SET portfolio = NOT portfolio",
        ],
    )
    def test_a_row_hidden_or_added_is_noticed(self, bench: Bench, rows: Callable[[str], None], sql: str) -> None:
        fill(bench)
        rows(sql)
        if "ledger" in sql:  # it then has no listing, so that nothing is told, and does not verify
            assert bench.store.holdings(OTHER, "credit", portfolio=True).portfolio is None
            assert {item.where for item in bench.store.verify().problems} == {"map"}
            with pytest.raises(StoreError, match="listing of the portfolio"):  # nor is it made a second time
                bench.keep(bench.record(8))
            return
        with pytest.raises(StoreError):
            bench.store.holdings(OTHER, "credit", portfolio=True)


class TestDamage:
    @pytest.mark.parametrize("sql", DAMAGES)
    def test_a_row_hidden_flipped_or_added_is_refused(
        self, bench: Bench, rows: Callable[[str], None], sql: str
    ) -> None:
        fill(bench)
        for statement in sql.split(";"):
            rows(statement)
        with pytest.raises(StoreError):
            bench.store.holdings(MODEL, "mortgage")

    def test_a_row_flipped_back_and_forth_leaves_no_gap(self, bench: Bench, rows: Callable[[str], None]) -> None:
        # Whoever flips a row between a check and its use gains nothing, as one reading does both.
        fill(bench)
        before = bench.store.holdings(MODEL, "mortgage")
        rows("UPDATE entry SET system_id = 'other' WHERE position = 5")
        with pytest.raises(StoreError, match="entry 5 is not the one"):
            bench.store.holdings(MODEL, "mortgage")
        rows("UPDATE entry SET system_id = 'mortgage' WHERE position = 5")
        assert bench.store.holdings(MODEL, "mortgage") == before

    def test_one_hidden_row_among_more_than_5000_is_refused(self, sqlite_bench: Bench) -> None:
        sqlite_bench.keep_records(range(5_100))
        with sqlite_bench.store.database.begin() as connection:
            connection.exec_driver_sql("UPDATE entry SET system_id = 'other' WHERE position = 2500")
        with pytest.raises(StoreError, match="the store does not verify"):
            sqlite_bench.store.holdings(MODEL, "mortgage")

    @pytest.mark.parametrize(
        "index",
        [
            "ix_entry_system_id ON entry (system_id) WHERE position <> 6",
            "ix_entry_subject_position ON entry_subject (position) WHERE position <> 5",
        ],
    )
    def test_an_index_that_leaves_a_row_out_is_refused(self, sqlite_bench: Bench, tmp_path: Path, index: str) -> None:
        fill(sqlite_bench)
        name = index.split(maxsplit=1)[0]
        connection = sqlite3.connect(tmp_path / "store.db")
        honest = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [name]).fetchone()[0]
        connection.execute(f"DROP INDEX {name}")
        connection.execute(f"CREATE INDEX {index}")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", [honest, name])
        connection.commit()
        connection.close()
        with sqlite_bench.reopen() as store:
            with pytest.raises(StoreError, match="the store does not verify"):
                store.holdings(MODEL, "mortgage")
            assert [item.where for item in store.verify().problems]


class TestClock:
    def test_an_entry_before_the_last_one_is_refused(self, bench: Bench) -> None:
        bench.keep(bench.record(1))
        with pytest.raises(StoreError, match="the clock went back: it is 2026-11-21T11:58:00Z") as caught:
            bench.keep(bench.record(2, days=-1), at=NOON - timedelta(minutes=2))
        assert "clock" in str(caught.value.hint)
        # Clocks of several writers differ by a little.
        bench.keep(bench.record(2), at=NOON - timedelta(seconds=5))
        assert bench.store.verify().ok

    def test_times_that_run_backwards_are_reported(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        bench.keep(bench.record(1))
        # As a writer would do that does not ask the clock.
        monkeypatch.setattr("evidence.store.writing._check_times", lambda *_: None)
        bench.keep(bench.record(2, days=-1), at=NOON - timedelta(minutes=2))
        assert [(item.where, "the clock went back" in item.problem) for item in bench.store.verify().problems] == [
            ("entry 1", True)
        ]
