"""What a brief says of reviews that come late, of deliveries, and of work that is called off."""

import sqlalchemy as sa
from alembic import op

revision = "0045_brief_clock"
down_revision = "0044_bulk_decisions"


def upgrade() -> None:
    op.add_column(
        "briefs", sa.Column("kill_fee_bp", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("briefs", sa.Column("delivery_days", sa.BigInteger(), nullable=True))
    op.add_column(
        "briefs",
        sa.Column("auto_approves", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("assignments", sa.Column("delivered_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("assignments", "delivered_on")
    for name in ("auto_approves", "delivery_days", "kill_fee_bp"):
        op.drop_column("briefs", name)
