"""Tables of the record store. Their rows never leave this folder.

An entry's row holds the fields of its ledger leaf, so that the leaf is made from the row: whoever changes one changes
the root. The other columns (`collected_at`, `decision_id`, `erased_by`, and in entries from before the map also
`predicate_type` and `system_id`) repeat what payloads say, for finding; nothing is decided on their word, and a full
verification compares them. Instants are seconds since 1970.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

# SQLite makes a key its row number, and so needs no index for it, only where the type says INTEGER.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")
HEAD = 1
"""The key of the one row of `ledger`."""
METADATA = MetaData()
"""Every table of every store of this folder."""

LEDGER = Table(
    "ledger",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("map_from", BigInteger, nullable=False),
    Column("portfolio", Boolean, nullable=False),
)
"""The one ledger of the store; PostgreSQL's writers queue for its row. `map_from` is the number of entries from before
there was a map, whose leaves name neither type nor system. `portfolio` says that the map has the listing of the
portfolio; a store of an earlier release gets it with its next entry.
"""

ENTRY = Table(
    "entry",
    METADATA,
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    Column("id", String(71), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("envelope", String(71), nullable=False),
    Column("action", String(16), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("predicate_type", Text, nullable=False),
    Column("system_id", Text, nullable=True),
    Column("collected_at", BigInteger, nullable=False),
    Column("erased_by", BigInteger, nullable=True),
    Column("decision_id", String(71), nullable=True),
    Index("ix_entry_kind", "kind"),
    Index("ix_entry_system_id", "system_id"),
    Index("ix_entry_predicate_type", "predicate_type"),
    Index("ix_entry_collected_at", "collected_at"),
    Index("ix_entry_decision_id", "decision_id"),
)
"""A leaf of the ledger and the statement that it stands for."""

SUBJECT = Table(
    "entry_subject",
    METADATA,
    Column("digest", String(71), primary_key=True),
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    Index("ix_entry_subject_position", "position"),
    sqlite_with_rowid=False,
)
"""A subject digest of an entry."""

NODE = Table(
    "tree_node",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
"""Root of a perfect subtree of two leaves or more; the leaf hashes stand in `entry`."""

MAP_NODE = Table(
    "map_node",
    METADATA,
    Column("path", Text, primary_key=True),
    Column("leaf", Boolean, nullable=False),
    Column("left", LargeBinary(32), nullable=False),
    Column("right", LargeBinary(40), nullable=False),
    sqlite_with_rowid=False,
)
"""A node of the map at its path (text of `0` and `1`): its subtrees by their hashes, or, of a leaf, key and value."""

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("size", WHOLE, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)
"""A signed checkpoint, by the size that it states."""
