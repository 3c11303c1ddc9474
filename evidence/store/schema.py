"""The schema's version: checked whenever a store is opened, changed only when asked to."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from evidence.model.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, so long as all of Quaestor's processes take the same one.
_LOCK = 0x51756165


def latest() -> str:
    """The version that this release knows: the number of the last migration."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))[:4]


def current(connection: Connection) -> str | None:
    """The version of the database; None where it holds no store."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def require_latest(connection: Connection, name: str) -> None:
    """Raise StoreError unless the database has the schema of this release."""
    found, wanted = current(connection), latest()
    if found == wanted:
        return
    if found is None:
        raise StoreError("not a store: the database holds no ledger", where=name, hint="make one with `quaestor init`")
    if found in _known():
        raise StoreError(
            f"the store has schema {found}, and this release needs {wanted}",
            where=name,
            hint="back the store up, then bring it up to date with `quaestor doctor --migrate`",
        )
    raise StoreError(
        f"the store has the unknown schema `{found}`; this release knows up to {wanted}",
        where=name,
        hint="a newer Quaestor wrote it: use that release or a later one",
    )


def upgrade(connection: Connection, name: str) -> str:
    """Bring the schema up to date within the caller's transaction; the version that it had, or an empty text.

    Raises StoreError where the version is unknown.
    """
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = current(connection)
    if found is not None and found not in _known():
        require_latest(connection, name)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return found or ""


def _known() -> set[str]:
    return {path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
