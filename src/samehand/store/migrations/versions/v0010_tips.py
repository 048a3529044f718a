"""Tips, what they name, and the collections that partners read."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "tips",
        sa.Column("tip_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("ref", sa.String(length=300), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("published", sa.String(length=10), nullable=True),
        sa.Column("reliability", sa.String(length=1), nullable=False),
        sa.Column("credibility", sa.Integer(), nullable=False),
        sa.Column("tlp", sa.String(length=12), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("retracted_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("forgotten", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tip_id", name=op.f("pk_tips")),
        sa.UniqueConstraint("source", "ref", name=op.f("uq_tips_source_ref")),
    )
    op.create_table(
        "tip_indicators",
        sa.Column(
            "indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=True),
        sa.Column("technique", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("seen", sa.String(length=10), nullable=True),
        sa.Column("disarm", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.tip_id"], name=op.f("fk_tip_indicators_tip_id_tips")),
        sa.PrimaryKeyConstraint("indicator_id", name=op.f("pk_tip_indicators")),
        sa.UniqueConstraint("tip_id", "digest", name=op.f("uq_tip_indicators_tip_id_digest")),
    )
    op.create_index(op.f("ix_tip_indicators_what"), "tip_indicators", ["what"])
    op.create_table(
        "collections",
        sa.Column("collection_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("clearance", sa.String(length=12), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("collection_id", name=op.f("pk_collections")),
        sa.UniqueConstraint("title", name=op.f("uq_collections_title")),
    )
    op.create_table(
        "collection_readers",
        sa.Column("collection_id", sa.String(length=36), nullable=False),
        sa.Column("key_name", sa.String(length=80), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.collection_id"],
            name=op.f("fk_collection_readers_collection_id_collections"),
        ),
        sa.PrimaryKeyConstraint("collection_id", "key_name", name=op.f("pk_collection_readers")),
    )
    op.create_table(
        "shared_objects",
        sa.Column("added_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("collection_id", sa.String(length=36), nullable=False),
        sa.Column("stix_id", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("version", sa.String(length=30), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("tlp", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.collection_id"], name=op.f("fk_shared_objects_collection_id_collections")
        ),
        sa.PrimaryKeyConstraint("added_id", name=op.f("pk_shared_objects")),
        sa.UniqueConstraint(
            "collection_id", "stix_id", "version", name=op.f("uq_shared_objects_collection_id_stix_id_version")
        ),
    )
    op.create_index("ix_shared_objects_page", "shared_objects", ["collection_id", "latest", "added_id"])
    op.create_index("ix_shared_objects_subject", "shared_objects", ["subject"])


def downgrade() -> None:
    """Drop them, and all tips and collections."""
    op.drop_table("shared_objects")
    op.drop_table("collection_readers")
    op.drop_table("collections")
    op.drop_table("tip_indicators")
    op.drop_table("tips")
