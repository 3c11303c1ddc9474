"""The database behind the stores: SQLite by default, PostgreSQL by URL; transactions, durability, and plain errors.

`Database` is what each store of this folder takes: `begin()` to write, `reading()` to read. Tables of every store share
`evidence.store.rows.METADATA`; the schema itself is made by the migrations (`evidence.store.schema`).
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from evidence.model.errors import StoreError

WAIT_SECONDS = 30.0
_HINT_URL = "use sqlite:///<path of a file> or postgresql://user@host/database"
_HINT_FREE = "make room and try again; everything that was acknowledged is still there"
_HINT_WAIT = "another process has been writing all the while; try again when it is done"
_HINT_RIGHTS = "the folder and the database must be writable for the user that runs Quaestor"
_SQLITE = {
    "SQLITE_BUSY": ("the store was locked for too long", _HINT_WAIT),
    "SQLITE_LOCKED": ("the store was locked for too long", _HINT_WAIT),
    "SQLITE_FULL": ("the disk is full", _HINT_FREE),
    "SQLITE_READONLY": ("the store cannot be written", _HINT_RIGHTS),
    "SQLITE_CANTOPEN": ("the store cannot be opened", _HINT_RIGHTS),
    "SQLITE_PERM": ("the store cannot be written", _HINT_RIGHTS),
    "SQLITE_NOTADB": ("not a store: the file is no SQLite database", "make a store with `quaestor init`"),
    "SQLITE_CORRUPT": ("the database file is damaged", "restore it from a backup, then verify the ledger"),
    "SQLITE_IOERR": ("the store cannot be read or written", "look at the disk: it may be full, over quota or failing"),
}
_POSTGRES = {
    "53100": ("the disk of the PostgreSQL server is full", _HINT_FREE),
    "55P03": ("the store was locked for too long", _HINT_WAIT),
    "57014": ("the store was locked for too long", _HINT_WAIT),
    "25006": ("the store cannot be written: the PostgreSQL server is read-only", "write to its primary"),
    "42501": ("the PostgreSQL user may not do this", "grant it the right to create and write tables"),
    "3D000": ("no such database on the PostgreSQL server", "make it with `createdb`"),
}


class Database:
    """One database, opened. It is safe to share between threads; a forked process opens its own."""

    def __init__(self, engine: Engine, name: str, wait: float) -> None:
        self._engine = engine
        self._wait = wait
        self.name = name
        """The URL without its password, for messages."""
        self.dialect = engine.dialect.name
        """`sqlite` or `postgresql`."""

    @classmethod
    def connect(cls, url: str, *, create: bool = False, wait: float = WAIT_SECONDS, frozen: bool = False) -> "Database":
        """Open the database at `url`, and with `create` make the file of an SQLite database that is not there.

        `wait`: seconds to wait for another writer. `frozen`: an SQLite file that nobody writes to, read without its
        log, which has to be empty; nothing is written beside it. Raises StoreError.
        """
        parsed = _parsed(url)
        sqlite = parsed.drivername == "sqlite"
        engine = _sqlite(parsed, create, wait, frozen=frozen) if sqlite else _postgres(parsed)
        database = cls(engine, parsed.render_as_string(hide_password=True), wait)
        try:
            with database.reading():
                pass
        except BaseException:
            database.close()
            raise
        return database

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes: committed and durable when the block ends, undone when it raises.

        SQLite has one writer at a time from here on; PostgreSQL's writers meet at the rows that they lock.
        Raises StoreError where the database refuses, is full, or stays locked for longer than the wait.
        """
        with self._explained(), self._engine.connect() as connection:
            connection.execution_options(quaestor_writes=True)
            with connection.begin():
                if self.dialect == "postgresql":
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(self._wait * 1000))}")
                yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that reads one consistent state, whatever others write meanwhile. Raises StoreError."""
        with self._explained(), self._engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as cause:
            raise _explain(cause, self.name) from None


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("the store's URL cannot be read", hint=_HINT_URL) from None
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise StoreError(f"unknown kind of store `{parsed.drivername}`", hint=_HINT_URL)
    if not parsed.database or parsed.database == ":memory:" or parsed.host:
        raise StoreError("the URL of an SQLite store names no file", hint=_HINT_URL)
    return parsed


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for another kind. Raises StoreError."""
    parsed = _parsed(url)
    return Path(str(parsed.database)).absolute() if parsed.drivername == "sqlite" else None


def _sqlite(url: URL, create: bool, wait: float, *, frozen: bool) -> Engine:
    path = Path(str(url.database)).absolute()
    if not create and not path.is_file():
        raise StoreError("there is no store", where=str(path), hint="make one with `quaestor init`")
    if create:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise StoreError(f"the folder cannot be made: {cause.strerror}", where=str(path.parent)) from None
    mode = "ro&immutable=1" if frozen else "rwc" if create else "rw"
    target = f"file:{quote(str(path))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(target, uri=True, timeout=wait, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # FULL: a commit returns when the log is on the disk, so what is acknowledged outlives a loss of power.
        pragmas = ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF")
        for pragma in pragmas if frozen else ("journal_mode=WAL", *pragmas):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("quaestor_writes")
        # A writer takes the lock at once: one that read first and locked later could have read what is stale by then.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            # Waits for the server's disk even where the server's own setting would not.
            connect_args={"options": "-c synchronous_commit=on", "connect_timeout": 10},
            pool_pre_ping=True,
        )
    except ModuleNotFoundError:
        raise StoreError(
            "the PostgreSQL driver is not installed", hint="install it with `pip install 'quaestor[postgres]'`"
        ) from None


def _explain(cause: SQLAlchemyError | sqlite3.Error, name: str) -> StoreError:
    """The database's complaint in the user's words."""
    original: Any = cause.orig if isinstance(cause, DBAPIError) else cause
    code = getattr(original, "sqlite_errorname", None)
    if isinstance(code, str):
        family = "_".join(code.split("_")[:2])
        problem, hint = _SQLITE.get(family, (f"the database refuses: {original}", None))
        return StoreError(problem, where=name, hint=hint)
    state = getattr(original, "sqlstate", None)
    if state in _POSTGRES:
        problem, hint = _POSTGRES[state]
        return StoreError(problem, where=name, hint=hint)
    message = str(original).strip().partition("\n")[0]
    if state is None and type(original).__name__ in ("OperationalError", "ConnectionTimeout"):
        return StoreError(
            f"the PostgreSQL server cannot be reached: {message}",
            where=name,
            hint="check that it runs, and the host, port, user and password of the URL",
        )
    return StoreError(f"the database refuses: {message}", where=name)
