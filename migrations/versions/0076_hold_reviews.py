"""Since when a commission is on hold: finance looks again after 30 days."""

import sqlalchemy as sa
from alembic import op

revision = "0076_hold_reviews"
down_revision = "0075_sending_stops"


def upgrade() -> None:
    op.add_column("commissions", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    # What is held now was held when its trail says so last.
    op.execute(
        "UPDATE commissions SET held_at = (SELECT max(audit_entries.at) FROM audit_entries "
        "WHERE audit_entries.subject_kind = 'commission' "
        "AND audit_entries.subject_id = commissions.id "
        "AND audit_entries.act = 'commission.held') WHERE status = 'on_hold'"
    )


def downgrade() -> None:
    op.drop_column("commissions", "held_at")
