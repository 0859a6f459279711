"""What of an order counts: parts beside the goods, what credit paid, what was given back of each."""

import sqlalchemy as sa
from alembic import op

revision = "0053_what_counts"
down_revision = "0052_referrals"

COLUMNS = (("orders", "beside"), ("orders", "beside_taken"), ("refunds", "beside"))


def upgrade() -> None:
    op.add_column(
        "commission_terms", sa.Column("base", sa.JSON(), nullable=False, server_default="{}")
    )
    for table, name in COLUMNS:
        op.add_column(table, sa.Column(name, sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    for table, name in reversed(COLUMNS):
        op.drop_column(table, name)
    op.drop_column("commission_terms", "base")
