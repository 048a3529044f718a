"""Notices, appeals, accounts that one cleared, cases kept beyond their time, and who carries a decision out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and columns."""
    roster = sa.text("kind = 'roster'")
    op.create_index("ix_audit_roster", "audit", ["number"], sqlite_where=roster, postgresql_where=roster)
    op.create_index("ix_audit_case_kind", "audit", ["case_id", "kind"])
    op.drop_index("ix_audit_case_id", table_name="audit")
    op.create_table(
        "notices",
        sa.Column("notice_id", BIG, autoincrement=True, nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("member_id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.decision_id"], name=op.f("fk_notices_decision_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.member_id"], name=op.f("fk_notices_member_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notices")),
        sa.UniqueConstraint("decision_id", "member_id", name=op.f("uq_notices_decision_id_member_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_notices_reference")),
    )
    op.create_index("ix_notices_written", "notices", ["written_at", "notice_id"])
    op.create_table(
        "appeals",
        sa.Column("appeal_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("signature", sa.String(length=128), nullable=True),
        sa.Column("reversal_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.notice_id"], name=op.f("fk_appeals_notice_id")),
        sa.ForeignKeyConstraint(["reversal_id"], ["decisions.decision_id"], name=op.f("fk_appeals_reversal_id")),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_appeals")),
    )
    op.create_index(op.f("ix_appeals_notice_id"), "appeals", ["notice_id"])
    op.create_index(op.f("ix_appeals_state"), "appeals", ["state"])
    op.create_table(
        "execution_leases",
        sa.Column("decision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_execution_leases_decision_id")
        ),
        sa.PrimaryKeyConstraint("decision_id", "platform", name=op.f("pk_execution_leases")),
    )
    with op.batch_alter_table("members") as members:
        members.add_column(sa.Column("cleared_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_members_cleared", "members", ["cleared_at"])
    op.create_index("ix_acts_member", "acts", ["member_id"])
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("hold", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Drop them, and all that is in them."""
    with op.batch_alter_table("cases") as cases:
        cases.drop_column("hold")
    op.drop_index("ix_acts_member", table_name="acts")
    op.drop_index("ix_members_cleared", table_name="members")
    with op.batch_alter_table("members") as members:
        members.drop_column("cleared_at")
    op.drop_table("execution_leases")
    op.drop_table("appeals")
    op.drop_table("notices")
    op.create_index("ix_audit_case_id", "audit", ["case_id"])
    op.drop_index("ix_audit_case_kind", table_name="audit")
    op.drop_index("ix_audit_roster", table_name="audit")
