"""The ad repository: versions of ads, and which is the newest."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ad_versions",
        sa.Column("version_id", BIG, autoincrement=True, nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("ad_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("advertiser_id", sa.Text(), nullable=False),
        sa.Column("advertiser", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.Column("first_shown", sa.BigInteger(), nullable=True),
        sa.Column("last_shown", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=10), nullable=False),
        sa.Column("spend_min", sa.Float(), nullable=True),
        sa.Column("spend_max", sa.Float(), nullable=True),
        sa.Column("impressions_min", BIG, nullable=True),
        sa.Column("impressions_max", BIG, nullable=True),
        sa.Column("reach", BIG, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_ad_versions")),
        sa.UniqueConstraint("platform", "ad_id", "version", name=op.f("uq_ad_versions_platform_ad_id_version")),
    )
    op.create_index("ix_ad_versions_advertiser", "ad_versions", ["platform", "advertiser_id"])
    op.create_index("ix_ad_versions_entity", "ad_versions", ["entity_id"])
    op.create_index("ix_ad_versions_shown", "ad_versions", ["first_shown"])
    op.create_table(
        "ad_heads",
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("ad_id", sa.Text(), nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("platform", "ad_id", name=op.f("pk_ad_heads")),
    )
    op.create_index(op.f("ix_ad_heads_version_id"), "ad_heads", ["version_id"])


def downgrade() -> None:
    """Drop them, and all ads."""
    op.drop_table("ad_heads")
    op.drop_table("ad_versions")
