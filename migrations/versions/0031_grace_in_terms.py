"""The days of grace of ended memberships are the terms' own; programs' settings drop theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0031_grace_in_terms"
down_revision = "0030_book_checks"


def upgrade() -> None:
    # No trigger hangs on this table, so that rebuilding it on SQLite loses nothing.
    with op.batch_alter_table("tracking_settings") as table:
        table.drop_constraint(op.f("ck_tracking_settings_grace"), type_="check")
        table.drop_column("end_grace_days")


def downgrade() -> None:
    with op.batch_alter_table("tracking_settings") as table:
        table.add_column(
            sa.Column("end_grace_days", sa.BigInteger(), nullable=False, server_default="0")
        )
        table.create_check_constraint(
            op.f("ck_tracking_settings_grace"), "end_grace_days BETWEEN 0 AND 30"
        )
