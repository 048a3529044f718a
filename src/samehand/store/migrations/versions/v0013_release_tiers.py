"""Of which tier a release is, for whom, its mark, and what it told with noise."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; releases that were made before are public."""
    op.add_column("releases", sa.Column("tier", sa.String(length=10), nullable=False, server_default="public"))
    op.add_column("releases", sa.Column("recipient", sa.Text(), nullable=True))
    op.add_column("releases", sa.Column("mark", sa.String(length=16), nullable=True))
    op.add_column("releases", sa.Column("numbers", sa.Text(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Drop them; who has which release is forgotten."""
    for name in ("numbers", "mark", "recipient", "tier"):
        op.drop_column("releases", name)
