"""Rows of the record store. They never leave this folder.

An entry's row holds the fields of its ledger leaf, so that the leaf is made from the row: whoever changes one changes
the root. The other columns (`collected_at`, `decision_id`, `erased_by`, and in entries from before the map also
`predicate_type` and `system_id`) repeat what payloads say, for finding; nothing is decided on their word, and a full
verification compares them.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Text
from sqlmodel import Field, SQLModel

# SQLite makes a key its row number, and so needs no index for it, only where the type says INTEGER.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")
HEAD = 1
"""The key of the one row of `ledger`."""


class LedgerRow(SQLModel, table=True):
    """The one ledger of the store; PostgreSQL's writers queue for its row."""

    __tablename__ = "ledger"

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    origin: str = Field(sa_column=Column(Text, nullable=False))
    public_key: str = Field(sa_column=Column(Text, nullable=False))
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    map_from: int = Field(sa_column=Column(BigInteger, nullable=False))
    """Number of entries from before there was a map, whose leaves name neither type nor system."""


class EntryRow(SQLModel, table=True):
    """A leaf of the ledger and the statement that it stands for. Instants are seconds since 1970."""

    __tablename__ = "entry"
    __table_args__ = (
        Index("ix_entry_kind", "kind"),
        Index("ix_entry_system_id", "system_id"),
        Index("ix_entry_predicate_type", "predicate_type"),
        Index("ix_entry_collected_at", "collected_at"),
        Index("ix_entry_decision_id", "decision_id"),
    )

    position: int = Field(sa_column=Column(WHOLE, primary_key=True, autoincrement=False))
    id: str = Field(sa_column=Column(String(71), nullable=False, unique=True))
    kind: str = Field(sa_column=Column(String(16), nullable=False))
    envelope: str = Field(sa_column=Column(String(71), nullable=False))
    action: str = Field(sa_column=Column(String(16), nullable=False))
    actor: str = Field(sa_column=Column(Text, nullable=False))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    predicate_type: str = Field(sa_column=Column(Text, nullable=False))
    system_id: str | None = Field(sa_column=Column(Text, nullable=True))
    collected_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    erased_by: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    decision_id: str | None = Field(sa_column=Column(String(71), nullable=True))


class SubjectRow(SQLModel, table=True):
    """A subject digest of an entry."""

    __tablename__ = "entry_subject"
    __table_args__ = (Index("ix_entry_subject_position", "position"), {"sqlite_with_rowid": False})

    digest: str = Field(sa_column=Column(String(71), primary_key=True))
    position: int = Field(sa_column=Column(WHOLE, primary_key=True, autoincrement=False))


class NodeRow(SQLModel, table=True):
    """Root of a perfect subtree of two leaves or more; the leaf hashes stand in `entry`."""

    __tablename__ = "tree_node"
    __table_args__ = ({"sqlite_with_rowid": False},)

    level: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class MapNodeRow(SQLModel, table=True):
    """A node of the map at its path (text of `0` and `1`): two subtrees by their hashes, or a key with its value."""

    __tablename__ = "map_node"
    __table_args__ = ({"sqlite_with_rowid": False},)

    path: str = Field(sa_column=Column(Text, primary_key=True))
    leaf: bool = Field(sa_column=Column(Boolean, nullable=False))
    left: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    """Hash of the left subtree; of a leaf, the key."""
    right: bytes = Field(sa_column=Column(LargeBinary(40), nullable=False))
    """Hash of the right subtree; of a leaf, the value."""


class CheckpointRow(SQLModel, table=True):
    """A signed checkpoint, by the size that it states."""

    __tablename__ = "checkpoint"

    size: int = Field(sa_column=Column(WHOLE, primary_key=True, autoincrement=False))
    note: str = Field(sa_column=Column(Text, nullable=False))
