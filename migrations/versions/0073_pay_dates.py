"""A run is sent on its pay date."""

import sqlalchemy as sa
from alembic import op

revision = "0073_pay_dates"
down_revision = "0072_bank_prints"


def upgrade() -> None:
    op.add_column("payout_runs", sa.Column("pay_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("payout_runs", "pay_on")
