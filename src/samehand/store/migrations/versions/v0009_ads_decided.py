"""By way of whom an ad was decided about; and versions hashed with which ad they are of, and when they were recorded."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and hash the versions that there are anew, each with the one before."""
    op.add_column("ad_versions", sa.Column("about", sa.Text(), nullable=False, server_default=""))
    link, last = op.get_bind(), ("", "")
    before = ""
    columns = "version_id, platform, ad_id, version, recorded_at, entity_id, body"
    for row in link.execute(sa.text(f"SELECT {columns} FROM ad_versions ORDER BY platform, ad_id, version")).all():
        before = before if (row.platform, row.ad_id) == last else ""
        last = (row.platform, row.ad_id)
        said = [before, row.platform, row.ad_id, str(row.version), str(row.recorded_at), row.body]
        new = hashlib.sha256("\n".join(said).encode()).hexdigest()
        link.execute(
            sa.text("UPDATE ad_versions SET before = :before, hash = :hash, about = :about WHERE version_id = :number"),
            {
                "before": before,
                "hash": new,
                "about": f"|{row.entity_id}|" if row.entity_id else "||",
                "number": row.version_id,
            },
        )
        before = new


def downgrade() -> None:
    """Drop the column; the hashes stay."""
    op.drop_column("ad_versions", "about")
