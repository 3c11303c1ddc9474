"""Rows of the lineage graph. They never leave this folder."""

from sqlalchemy import Column, Index, String, Text
from sqlmodel import Field, SQLModel


class LineageNodeRow(SQLModel, table=True):
    """A node; `body` is its JSON. `system_id` is empty where the import named none."""

    __tablename__ = "lineage_node"
    __table_args__ = (Index("ix_lineage_node_system_id", "system_id"),)

    id: str = Field(sa_column=Column(Text, primary_key=True))
    system_id: str = Field(sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))


class LineageEdgeRow(SQLModel, table=True):
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
