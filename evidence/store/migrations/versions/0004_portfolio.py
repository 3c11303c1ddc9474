"""Whether the map has the listing of the portfolio. `evidence.store.writing` adds it with the next entry."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("portfolio", sa.Boolean(), nullable=False, server_default=sa.false()))
