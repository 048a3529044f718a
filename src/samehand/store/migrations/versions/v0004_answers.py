"""Answers to appeals: when somebody was told what came of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("appeals") as appeals:
        appeals.add_column(sa.Column("told_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("appeals") as appeals:
        appeals.drop_column("told_at")
