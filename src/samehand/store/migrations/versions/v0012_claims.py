"""Claims of attribution: their evidence, their versions with signatures, and to whom each was given."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _evidence()
    _claims()
    _recipients()


def _evidence() -> None:
    op.create_table(
        "claim_evidence",
        sa.Column("evidence_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=40), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_claim_evidence_case_id_cases")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_claim_evidence")),
    )
    op.create_index(op.f("ix_claim_evidence_case_id"), "claim_evidence", ["case_id"])


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("claim_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("signer", sa.String(length=40), nullable=True),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("second_signature", sa.String(length=128), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("end_signature", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_claims_case_id_cases")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claims")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_claims_case_id_version")),
        sa.UniqueConstraint("digest", name=op.f("uq_claims_digest")),
    )


def _recipients() -> None:
    op.create_table(
        "claim_recipients",
        sa.Column("recipient_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("owed_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.claim_id"], name=op.f("fk_claim_recipients_claim_id_claims")),
        sa.PrimaryKeyConstraint("recipient_id", name=op.f("pk_claim_recipients")),
        sa.UniqueConstraint("claim_id", "kind", "name", name=op.f("uq_claim_recipients_claim_id_kind_name")),
    )
    op.create_index("ix_claim_recipients_owed", "claim_recipients", ["owed_at", "sent_at"])


def downgrade() -> None:
    """Drop them; nobody can be told any more that a claim was taken back."""
    op.drop_table("claim_recipients")
    op.drop_table("claims")
    op.drop_table("claim_evidence")
