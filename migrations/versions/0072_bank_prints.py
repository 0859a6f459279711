"""Whether the bank behind a provider's account is the same, and which report is the newest."""

import sqlalchemy as sa
from alembic import op

revision = "0072_bank_prints"
down_revision = "0071_payouts_apart"


def upgrade() -> None:
    op.add_column(
        "payout_destinations",
        sa.Column("bank_print", sa.String(64), nullable=False, server_default=""),
    )
    op.add_column(
        "payout_destinations", sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("payout_destinations", "reported_at")
    op.drop_column("payout_destinations", "bank_print")
