"""Opening a store: what is none, cannot be reached, is locked, or has another schema, is said in plain words."""

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel
from store_bench import NOON, ORIGIN, Bench

from evidence.model.errors import StoreError
from evidence.store import lineage_rows, rows, schema
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey


class TestWhatIsNoStore:
    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("mysql://host/db", "unknown kind of store `mysql`"),
            ("sqlite+pysqlcipher:///x.db", "unknown kind of store"),
            ("store.db", "URL cannot be read"),
            ("", "URL cannot be read"),
            ("sqlite://", "names no file"),
            ("sqlite:///:memory:", "names no file"),
            ("sqlite:////nowhere/at/all/store.db", "there is no store"),
            ("postgresql://nobody:hush@127.0.0.1:1/none", "cannot be reached"),
        ],
    )
    def test_urls(self, url: str, message: str, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=message) as caught:
            RecordStore.open(url, tmp_path)
        assert caught.value.hint
        assert "hush" not in str(caught.value)

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "store.db").write_bytes(b"not a database at all, " * 100)
        with pytest.raises(StoreError, match="no SQLite database"):
            RecordStore.open(f"sqlite:///{tmp_path}/store.db", tmp_path)

    def test_a_database_of_something_else(self, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / "other.db") as connection:
            connection.execute("CREATE TABLE something (x)")
        with pytest.raises(StoreError, match="not a store: the database holds no ledger"):
            RecordStore.open(f"sqlite:///{tmp_path}/other.db", tmp_path)
        with pytest.raises(StoreError, match="not a store"):
            RecordStore.migrate(f"sqlite:///{tmp_path}/other.db")

    def test_an_empty_postgresql_database(self, postgres_url: str, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="not a store: the database holds no ledger"):
            RecordStore.open(postgres_url, tmp_path)

    def test_no_such_postgresql_database(self, postgres_server: str, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match='database "nothing" does not exist'):
            RecordStore.open(postgres_server.replace("/postgres?", "/nothing?"), tmp_path)

    def test_the_blob_folder_is_gone(self, bench: Bench, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="the blob folder is not there"):
            RecordStore.open(bench.url, tmp_path / "elsewhere")

    def test_the_postgresql_driver_is_not_installed(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(StoreError, match="driver is not installed") as caught:
            RecordStore.open("postgresql://localhost/x", tmp_path)
        assert "quaestor[postgres]" in str(caught.value.hint)


class TestSchema:
    def test_the_last_migration_is_the_one_that_alembic_would_run_to(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        assert ScriptDirectory.from_config(config).get_current_head() == schema.latest()

    def test_the_migrations_make_what_the_rows_say(self, bench: Bench) -> None:
        assert {rows.__name__, lineage_rows.__name__} <= sys.modules.keys()
        with bench.store.database.begin() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, SQLModel.metadata) == []

    def test_a_newer_schema_is_refused(self, bench: Bench, rows: Callable[[str], None]) -> None:
        rows("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StoreError, match="unknown schema `9999`") as caught:
            bench.reopen()
        assert "newer" in str(caught.value.hint)
        with pytest.raises(StoreError, match="unknown schema"):
            RecordStore.migrate(bench.url)
        with pytest.raises(StoreError, match="unknown schema"):
            RecordStore.create(bench.url, bench.blobs, origin=ORIGIN, signer=bench.key)

    def test_an_older_schema_is_refused_until_it_is_migrated(self, bench: Bench, rows: Callable[[str], None]) -> None:
        receipt = bench.keep(bench.record(1))
        rows("DROP TABLE lineage_edge")
        rows("DROP TABLE lineage_node")
        rows("DROP TABLE lineage_member")
        rows("UPDATE alembic_version SET version_num = '0001'")
        with pytest.raises(StoreError, match="has schema 0001") as caught:
            bench.reopen()
        assert "migrate" in str(caught.value.hint)
        assert RecordStore.migrate(bench.url) == ("0001", schema.latest())
        with bench.reopen() as store:
            assert store.get(receipt.id).index == 0
            assert store.verify().ok
        assert RecordStore.migrate(bench.url) == (schema.latest(), schema.latest())

    def test_a_creation_that_was_broken_off_can_be_done_again(self, tmp_path: Path) -> None:
        # An empty file is what a crash in the middle leaves: all of the schema is made in one transaction.
        (tmp_path / "store.db").touch()
        key = SigningKey.generate()
        url = f"sqlite:///{tmp_path}/store.db"
        with RecordStore.create(url, tmp_path / "blobs", origin=ORIGIN, signer=key) as store:
            assert store.verify().ok


class TestLocked:
    def test_a_writer_that_never_ends(self, bench: Bench) -> None:
        receipt = bench.keep(bench.record(1))
        with bench.store.database.begin() as holder, bench.reopen(wait=0.2) as store:
            holder.exec_driver_sql("UPDATE ledger SET size = size")
            bench_two = Bench(bench.url, bench.blobs, bench.key, store)
            with pytest.raises(StoreError, match="locked for too long"):
                bench_two.keep(bench.record(2))
            # Reading goes on meanwhile.
            assert store.get(receipt.id).index == 0
        bench.keep(bench.record(2))
        assert bench.store.verify().ok


class TestNotWritable:
    def test_a_folder_that_may_only_be_read(self, guarded: Path) -> None:
        key = SigningKey.generate()
        url, blobs = f"sqlite:///{guarded}/store.db", guarded / "blobs"
        with RecordStore.create(url, blobs, origin=ORIGIN, signer=key) as store:
            bench = Bench(url, blobs, key, store)
            receipt = bench.keep(bench.record(1))
        with _unprivileged(guarded), pytest.raises(StoreError, match=r"cannot be (opened|written)") as caught:
            bench.reopen()
        assert "writable" in str(caught.value.hint)
        with bench.reopen() as store:
            assert store.get(receipt.id).at == NOON

    def test_no_store_can_be_made_there(self, guarded: Path) -> None:
        url = f"sqlite:///{guarded}/new/store.db"
        with _unprivileged(guarded), pytest.raises(StoreError, match="Permission denied"):
            RecordStore.create(url, guarded / "blobs", origin=ORIGIN, signer=SigningKey.generate())

    def test_a_blob_folder_that_may_only_be_read(self, sqlite_bench: Bench, guarded: Path) -> None:
        sqlite_bench.store.blobs.folder = guarded / "blobs"
        (guarded / "blobs").mkdir()
        with _unprivileged(guarded), pytest.raises(StoreError, match="a payload cannot be written: Permission"):
            sqlite_bench.keep(sqlite_bench.record(1))
        assert sqlite_bench.store.entries() == []


@pytest.fixture
def guarded() -> Iterator[Path]:
    """A folder that everybody may pass through, unlike those that pytest makes."""
    folder = Path(tempfile.mkdtemp(prefix="quaestor-guarded-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


class _unprivileged:  # noqa: N801  (reads as a clause)
    """Within, the folder is read-only, for root too: root takes the effective id of nobody."""

    def __init__(self, folder: Path) -> None:
        self.folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]

    def __enter__(self) -> None:
        for folder in self.folders:
            folder.chmod(0o555)
        if os.getuid() == 0:
            os.seteuid(65534)

    def __exit__(self, *_: object) -> None:
        if os.getuid() == 0:
            os.seteuid(0)
        for folder in self.folders:
            folder.chmod(0o755)
