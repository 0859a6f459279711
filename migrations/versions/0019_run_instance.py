"""A run remembers which installation last asked the rails about it."""

import sqlalchemy as sa
from alembic import op

revision = "0019_run_instance"
down_revision = "0018_shops"


def upgrade() -> None:
    op.add_column(
        "payout_runs",
        sa.Column("instance", sa.String(length=120), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_column("payout_runs", "instance")
