"""Rows of the lineage graph. They never leave this folder.

They are models of SQLModel, since people read and change them by their fields; the record store, which every decision
reads, speaks SQLAlchemy Core, and does without this import.
"""

from sqlalchemy import Column, Index, String, Text
from sqlmodel import Field, SQLModel

from evidence.store.rows import METADATA


class _Row(SQLModel):
    metadata = METADATA


class LineageNodeRow(_Row, table=True):
    """A node; `body` is its JSON."""

    __tablename__ = "lineage_node"

    id: str = Field(sa_column=Column(Text, primary_key=True))
    body: str = Field(sa_column=Column(Text, nullable=False))


class LineageMemberRow(_Row, table=True):
    """A system that a node was imported for; a dataset may serve several."""

    __tablename__ = "lineage_member"
    __table_args__ = ({"sqlite_with_rowid": False},)

    system_id: str = Field(sa_column=Column(Text, primary_key=True))
    node: str = Field(sa_column=Column(Text, primary_key=True))


class LineageEdgeRow(_Row, table=True):
    """An edge from what was read to what was made of it; `run` is empty where none is named."""

    __tablename__ = "lineage_edge"
    __table_args__ = (
        Index("ix_lineage_edge_target", "target", "source"),
        Index("ix_lineage_edge_run", "run"),
        {"sqlite_with_rowid": False},
    )

    source: str = Field(sa_column=Column(Text, primary_key=True))
    target: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_column=Column(String(16), primary_key=True))
    run: str = Field(sa_column=Column(Text, primary_key=True))
