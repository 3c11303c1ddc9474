"""The lineage graph."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lineage_node",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "lineage_member",
        sa.Column("system_id", sa.Text(), primary_key=True),
        sa.Column("node", sa.Text(), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lineage_edge",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("target", sa.Text(), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("run", sa.Text(), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lineage_edge_target", "lineage_edge", ["target", "source"])
    op.create_index("ix_lineage_edge_run", "lineage_edge", ["run"])
