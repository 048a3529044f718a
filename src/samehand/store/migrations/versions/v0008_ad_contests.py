"""Contests of assessments."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ad_contests",
        sa.Column("contest_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("assessments", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("contest_id", name=op.f("pk_ad_contests")),
    )
    op.create_index(op.f("ix_ad_contests_entity_id"), "ad_contests", ["entity_id"])


def downgrade() -> None:
    """Drop it, and all contests."""
    op.drop_table("ad_contests")
