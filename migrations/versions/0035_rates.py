"""Rates beside the usual one in terms; what decides them in orders and their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0035_rates"
down_revision = "0034_sealed_shops"


def upgrade() -> None:
    op.add_column(
        "commission_terms", sa.Column("rates", sa.JSON(), nullable=False, server_default="{}")
    )
    op.add_column(
        "order_lines",
        sa.Column("category", sa.String(length=200), nullable=False, server_default=""),
    )
    op.add_column("order_lines", sa.Column("tags", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("orders", sa.Column("tags", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "orders", sa.Column("action", sa.String(length=20), nullable=False, server_default="sale")
    )


def downgrade() -> None:
    op.drop_column("orders", "action")
    op.drop_column("orders", "tags")
    op.drop_column("order_lines", "tags")
    op.drop_column("order_lines", "category")
    op.drop_column("commission_terms", "rates")
