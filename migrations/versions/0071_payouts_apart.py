"""Payouts that leave their run in review: paid another way, or left to the next run."""

import sqlalchemy as sa
from alembic import op

revision = "0071_payouts_apart"
down_revision = "0070_lighter_payout_runs"

NEW = ("is_apart", "rolled_reason", "outside_on", "outside_note")


def upgrade() -> None:
    no, nothing = sa.false(), ""
    op.add_column("payouts", sa.Column("is_apart", sa.Boolean(), nullable=False, server_default=no))
    for name in ("rolled_reason", "outside_note"):
        text = sa.Column(name, sa.Text(), nullable=False, server_default=nothing)
        op.add_column("payouts", text)
    op.add_column("payouts", sa.Column("outside_on", sa.Date(), nullable=True))


def downgrade() -> None:
    for name in NEW:
        op.drop_column("payouts", name)
