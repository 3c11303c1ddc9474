"""Tables of the lineage graph. Their rows never leave this folder."""

from sqlalchemy import Column, Index, String, Table, Text

from evidence.store.rows import METADATA

LINEAGE_NODE = Table(
    "lineage_node",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("body", Text, nullable=False),
)
"""A node; `body` is its JSON."""

LINEAGE_MEMBER = Table(
    "lineage_member",
    METADATA,
    Column("system_id", Text, primary_key=True),
    Column("node", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""A system that a node was imported for; a dataset may serve several."""

LINEAGE_EDGE = Table(
    "lineage_edge",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("run", Text, primary_key=True),
    Index("ix_lineage_edge_target", "target", "source"),
    Index("ix_lineage_edge_run", "run"),
    sqlite_with_rowid=False,
)
"""An edge from what was read to what was made of it; `run` is empty where none is named."""
