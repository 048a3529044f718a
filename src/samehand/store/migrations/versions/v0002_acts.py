"""What is done on platforms: acts, and the switch that stops them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "acts",
        sa.Column("act_id", BIG, autoincrement=True, nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("member_id", BIG, nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.decision_id"], name=op.f("fk_acts_decision_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_acts_member_id")),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_acts")),
        sa.UniqueConstraint("decision_id", "member_id", "action", name=op.f("uq_acts_decision_id_member_id_action")),
    )
    op.create_index("ix_acts_state", "acts", ["decision_id", "state", "act_id"])
    op.create_table(
        "enforcement_switch",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_enforcement_switch")),
    )


def downgrade() -> None:
    """Drop them, and all that is in them."""
    op.drop_table("enforcement_switch")
    op.drop_index("ix_acts_state", table_name="acts")
    op.drop_table("acts")
