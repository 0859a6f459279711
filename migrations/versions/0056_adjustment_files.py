"""A file attached to an adjustment; where the chains ended when a month was published."""

import sqlalchemy as sa
from alembic import op

revision = "0056_adjustment_files"
down_revision = "0055_payouts_covered"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "adjustment_files",
        sa.Column("adjustment_id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media", sa.String(length=60), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("by_id", ROW_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["adjustment_id"],
            ["adjustments.id"],
            name=op.f("fk_adjustment_files_adjustment_id_adjustments"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_adjustment_files_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment_files")),
        sa.UniqueConstraint("adjustment_id", name=op.f("uq_adjustment_files_adjustment_id")),
    )
    op.add_column(
        "statement_months", sa.Column("seals", sa.JSON(), nullable=False, server_default="[]")
    )


def downgrade() -> None:
    op.drop_column("statement_months", "seals")
    op.drop_table("adjustment_files")
