"""What a program's tiers promise, for its public page."""

import sqlalchemy as sa
from alembic import op

revision = "0062_tier_offer"
down_revision = "0061_points_for_sales"


def upgrade() -> None:
    column = sa.Column("tier_offer", sa.String(length=400), nullable=False, server_default="")
    op.add_column("programs", column)


def downgrade() -> None:
    op.drop_column("programs", "tier_offer")
