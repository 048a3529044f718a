"""Reviews of advertisers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ad_reviews",
        sa.Column("review_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("advertiser", sa.String(length=64), nullable=False),
        sa.Column("advertiser_id", sa.Text(), nullable=False),
        sa.Column("policy", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_ad_reviews")),
    )
    op.create_index(op.f("ix_ad_reviews_advertiser"), "ad_reviews", ["advertiser"])


def downgrade() -> None:
    """Drop it, and all reviews."""
    op.drop_table("ad_reviews")
