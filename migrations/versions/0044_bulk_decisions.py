"""One decision about many applications."""

import sqlalchemy as sa
from alembic import op

revision = "0044_bulk_decisions"
down_revision = "0043_invoices"


def _id(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "bulk_decisions",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        _id("brand_id"),
        _id("by_id"),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reapply", sa.String(length=10), nullable=False),
        sa.Column("undo_seconds", sa.BigInteger(), nullable=False),
        sa.Column("application_ids", sa.JSON(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _id("id"),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_bulk_decisions_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_bulk_decisions_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_decisions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_decisions_public_id")),
    )
    op.create_index(
        op.f("ix_bulk_decisions_brand_id_bulk_decisions_at"),
        "bulk_decisions",
        ["brand_id", "at"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("bulk_decisions")
