"""A store on each database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.worlds.stores import Bench, opened


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    """An empty store; each test that asks for it runs on SQLite and on PostgreSQL."""
    yield from opened(database_url, tmp_path)


@pytest.fixture
def sqlite_bench(tmp_path: Path) -> Iterator[Bench]:
    yield from opened(f"sqlite:///{tmp_path}/store.db", tmp_path)


@pytest.fixture
def rows(bench: Bench) -> Callable[[str], None]:
    """Runs SQL on the database behind the store's back, as somebody with its password could."""

    def run(statement: str) -> None:
        with bench.store.database.begin() as connection:
            connection.exec_driver_sql(statement)

    return run
