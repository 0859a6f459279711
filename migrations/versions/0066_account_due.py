"""What a payable account still has to give its provider, and by when."""

import sqlalchemy as sa
from alembic import op

revision = "0066_account_due"
down_revision = "0065_reward_promises"


def upgrade() -> None:
    op.add_column(
        "payout_destinations", sa.Column("due", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column(
        "payout_destinations", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("payout_destinations", "due_at")
    op.drop_column("payout_destinations", "due")
