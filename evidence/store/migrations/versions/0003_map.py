"""The verifiable map, and the ids of decisions. `evidence.store.adopt` fills both from what the ledger holds."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("map_from", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE ledger SET map_from = size")
    op.add_column("entry", sa.Column("decision_id", sa.String(71), nullable=True))
    op.create_index("ix_entry_decision_id", "entry", ["decision_id"])
    op.create_table(
        "map_node",
        sa.Column("path", sa.Text(), primary_key=True),
        sa.Column("leaf", sa.Boolean(), nullable=False),
        sa.Column("left", sa.LargeBinary(32), nullable=False),
        sa.Column("right", sa.LargeBinary(40), nullable=False),
        sqlite_with_rowid=False,
    )
