"""Until when a rail's time is taken, shared by all workers (ADR 0038)."""

import sqlalchemy as sa
from alembic import op

revision = "0064_rail_paces"
down_revision = "0063_asked_for_accounts"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rail_paces",
        sa.Column("rail", sa.String(20), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rail_paces")),
        sa.UniqueConstraint("rail", name=op.f("uq_rail_paces_rail")),
    )


def downgrade() -> None:
    op.drop_table("rail_paces")
