"""The ledger, its entries with their subjects, the interior of the tree, the checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "entry",
        sa.Column("position", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(71), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("envelope", sa.String(71), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("predicate_type", sa.Text(), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("collected_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_by", sa.BigInteger(), nullable=True),
    )
    for column in ("kind", "system_id", "predicate_type", "collected_at"):
        op.create_index(f"ix_entry_{column}", "entry", [column])
    op.create_table(
        "entry_subject",
        sa.Column("digest", sa.String(71), primary_key=True),
        sa.Column("position", WHOLE, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entry_subject_position", "entry_subject", ["position"])
    op.create_table(
        "tree_node",
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
