"""What is looked up is all that there is: each way to hide, change or add a row is refused, whatever is asked for."""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from evidence.model.canonical import digest_bytes
from evidence.model.errors import StoreError
from evidence.model.predicates import PREDICATES
from evidence.model.subject import system_digest
from evidence.store.erasing import finish_erasures
from evidence.store.lineage_check import require_lineage
from evidence.store.rows import LEDGER
from evidence.store.writing import Judged
from tests.worlds.records import entry_of, statement
from tests.worlds.stores import MODEL, NOON, Bench

OTHER = digest_bytes(b"another model")
REGISTERED = PREDICATES["registry-entry"].uri()
FEED = PREDICATES["feed-status"].uri()
ASKED: list[dict[str, Any]] = [
    {"kind": "record", "predicate_type": REGISTERED},
    {"kind": "record", "predicate_type": REGISTERED, "system_id": "mortgage"},
    {"kind": "record", "predicate_type": REGISTERED, "subject": MODEL},
    {"kind": "record"},
    {"predicate_type": REGISTERED},
    {},
]
"""Ways to ask for the registration at 2."""
HIDDEN = [
    "UPDATE entry SET predicate_type = 'x' WHERE position = 2",
    "UPDATE entry SET kind = 'charts' WHERE position = 2",
    "DELETE FROM entry WHERE position = 2",
    "UPDATE entry SET position = 99 WHERE position = 2",
    "UPDATE entry SET predicate_type = 'x', system_id = 'other', kind = 'charts' WHERE position = 2; "
    "DELETE FROM entry_subject WHERE position = 2",
]
"""Ways to hide it from each of these."""


def fill(bench: Bench) -> list[str]:
    """Records of two systems at 0 and 1, a registration of the first at 2, of the second at 3, a withdrawal at 4."""
    made = [
        bench.record(0),
        bench.record(1, system_id="credit", subject=OTHER),
        registration("mortgage", MODEL),
        registration("credit", OTHER),
    ]
    ids = [bench.keep(one).id for one in made]
    return [*ids, bench.keep(bench.withdrawal(ids[0]), kind="withdrawal", action="refused").id]


def registration(system_id: str, digest: str) -> Any:
    return statement(entry_of("development"), system=system_id, subject=digest, at=NOON, issuer="test")


def indexes(bench: Bench, **asked: Any) -> list[int]:
    return [stored.index for stored in bench.store.find(**asked)]


class TestFind:
    def test_of_a_system_and_of_a_subject(self, bench: Bench) -> None:
        fill(bench)
        assert indexes(bench, system_id="mortgage") == [0, 2, 4]
        assert indexes(bench, system_id="credit", kind="record") == [1, 3]
        assert indexes(bench, system_id="credit", newest_first=True) == [3, 1]
        assert indexes(bench, system_id="credit", subject=MODEL) == []
        assert indexes(bench, predicate_type=REGISTERED, subject=OTHER) == [3]
        assert indexes(bench, kind="record", predicate_type=REGISTERED) == [2, 3]
        assert indexes(bench, system_id="nowhere") == indexes(bench, subject=digest_bytes(b"never")) == []

    def test_the_digest_of_a_system_is_a_subject_as_any_other(self, bench: Bench) -> None:
        fill(bench)
        about = bench.keep(bench.record(5, subject=system_digest("mortgage")))
        assert indexes(bench, subject=system_digest("mortgage")) == [about.index]
        assert indexes(bench, subject=system_digest("credit")) == []

    @pytest.mark.parametrize("sql", HIDDEN)
    def test_a_hidden_entry_is_refused(self, bench: Bench, rows: Callable[[str], None], sql: str) -> None:
        fill(bench)
        assert all(2 in indexes(bench, **asked) for asked in ASKED)
        for one in sql.split(";"):
            rows(one)
        for asked in ASKED:
            with pytest.raises(StoreError, match="does not verify") as caught:
                indexes(bench, **asked)
            assert "doctor --full" in str(caught.value.hint)

    def test_nor_is_one_hidden_by_a_mark_of_erasure(self, bench: Bench, rows: Callable[[str], None]) -> None:
        fill(bench)
        rows("UPDATE entry SET erased_by = 4 WHERE position = 2")
        assert all(2 in indexes(bench, **asked) for asked in ASKED)

    def test_what_the_ledger_says_was_erased_is_left_out_without_its_mark(
        self, bench: Bench, rows: Callable[[str], None]
    ) -> None:
        ids = fill(bench)
        envelope = bench.store.get(ids[2]).envelope
        bench.store.erase(ids[2], reason="due", actor="ada", at=NOON, signer=bench.key)
        bench.store.blobs.put(envelope)  # as somebody could who kept it
        rows("UPDATE entry SET erased_by = NULL")
        assert not any(2 in indexes(bench, **asked) for asked in ASKED)

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE entry SET system_id = 'mortgage' WHERE position = 3",
            f"UPDATE entry_subject SET digest = '{MODEL}' WHERE position = 3",
        ],
    )
    def test_an_entry_of_somebody_else_is_no_answer(self, bench: Bench, rows: Callable[[str], None], sql: str) -> None:
        fill(bench)
        rows(sql)
        asked = {"system_id": "mortgage"} if "system_id" in sql else {"subject": MODEL}
        with pytest.raises(StoreError, match="does not verify"):
            indexes(bench, predicate_type=REGISTERED, **asked)

    def test_a_listing_of_the_portfolio_that_is_denied_hides_nothing(
        self, bench: Bench, rows: Callable[[str], None]
    ) -> None:
        fill(bench)
        with bench.store.database.begin() as connection:
            connection.execute(update(LEDGER).values(portfolio=False))
        assert indexes(bench, kind="record", predicate_type=REGISTERED) == [2, 3]
        rows("UPDATE entry SET predicate_type = 'x' WHERE position = 2")
        with pytest.raises(StoreError, match="does not verify"):
            indexes(bench, kind="record", predicate_type=REGISTERED)

    def test_the_parts_of_all_decisions_leave_none_out(self, bench: Bench, rows: Callable[[str], None]) -> None:
        ids = fill(bench)
        assert bench.store.shares("withdrawal", 2) == [[ids[4]], []]
        rows("UPDATE entry SET kind = 'charts' WHERE position = 4")
        with pytest.raises(StoreError, match="does not verify"):
            bench.store.shares("withdrawal", 2)

    @pytest.mark.parametrize(
        "index",
        [
            "ix_entry_predicate_type ON entry (predicate_type) WHERE position <> 2",
            "ix_entry_kind ON entry (kind) WHERE position <> 2",
            "ix_entry_system_id ON entry (system_id) WHERE position <> 2",
        ],
    )
    def test_an_index_that_leaves_a_row_out_hides_nothing(
        self, sqlite_bench: Bench, tmp_path: Path, index: str
    ) -> None:
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
            for asked in ASKED:
                with contextlib.suppress(StoreError):  # refused, or found by another way
                    assert 2 in [stored.index for stored in store.find(**asked)]


class TestGet:
    """One statement by its id is the ledger's too, with the envelope that came."""

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE entry SET envelope = (SELECT envelope FROM entry WHERE position = 1) WHERE position = 2",
            "UPDATE entry SET kind = 'decision' WHERE position = 2",
            "UPDATE entry SET actor = 'eve' WHERE position = 2",
            "UPDATE entry SET at = at - 60 WHERE position = 2",
        ],
    )
    def test_a_changed_row_is_refused(self, bench: Bench, rows: Callable[[str], None], sql: str) -> None:
        ids = fill(bench)
        rows(sql)
        tries: list[Callable[[], object]] = [
            lambda: bench.store.get(ids[2]),
            lambda: list(bench.store.each(ids)),
            lambda: bench.store.among(ids)(ids[2]),
            lambda: bench.store.entry(ids[2]),
            lambda: bench.store.is_erased(ids[2]),
            lambda: bench.store.erase(ids[2], reason="due", actor="ada", at=NOON, signer=bench.key),
        ]
        for attempt in tries:
            with pytest.raises(StoreError, match="entry 2 is not the one that the ledger's checkpoint was signed for"):
                attempt()
        assert len(bench.store.entries()) == len(ids)

    def test_an_erasure_that_is_finished_deletes_no_other_payload(
        self, bench: Bench, rows: Callable[[str], None]
    ) -> None:
        ids = fill(bench)
        bench.store.erase(ids[2], reason="due", actor="ada", at=NOON, signer=bench.key)
        rows("UPDATE entry SET envelope = (SELECT envelope FROM entry WHERE position = 1) WHERE position = 2")
        with pytest.raises(StoreError, match="entry 2 is not the one"):
            finish_erasures(bench.store)
        assert bench.store.get(ids[1]).index == 1


class TestErasures:
    @pytest.mark.parametrize("sql", ["", "UPDATE entry SET predicate_type = 'x' WHERE position = 5"])
    def test_what_came_while_one_was_judged_stops_it(self, bench: Bench, rows: Callable[[str], None], sql: str) -> None:
        ids = fill(bench)
        judged = Judged(bench.store.size(), FEED)
        bench.keep(bench.record(5))
        if sql:
            rows(sql)
        with pytest.raises(StoreError, match="entry 5 is not the one" if sql else "entry 5 was filed while"):
            bench.store.erase_many([ids[2]], reason="due", actor="ada", at=NOON, signer=bench.key, judged=judged)
        assert bench.store.get(ids[2]).index == 2


def test_an_import_of_lineage_that_is_hidden_is_noticed(bench: Bench, rows: Callable[[str], None]) -> None:
    fill(bench)
    require_lineage(bench.store)
    rows("UPDATE entry SET kind = 'charts' WHERE position = 0")
    with pytest.raises(StoreError, match="does not verify"):
        require_lineage(bench.store)


def test_entries_that_were_moved_apart_are_refused(bench: Bench, rows: Callable[[str], None]) -> None:
    """Where one stands says when it came: an approval counts by it."""
    fill(bench)
    for table in ("entry", "entry_subject"):
        rows(f"UPDATE {table} SET position = position + 1000 WHERE position > 1")
    with pytest.raises(StoreError, match="does not verify"):
        indexes(bench)
