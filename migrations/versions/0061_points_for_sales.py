"""Points that sales give: whose sales, and what returns took back."""

import sqlalchemy as sa
from alembic import op

revision = "0061_points_for_sales"
down_revision = "0060_tiers_answers"


def upgrade() -> None:
    op.add_column("rewards", sa.Column("ambassador_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "rewards", sa.Column("taken_back", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.create_index("ix_rewards_ambassador", "rewards", ["ambassador_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_rewards_ambassador", "rewards")
    op.drop_column("rewards", "taken_back")
    op.drop_column("rewards", "ambassador_id")
