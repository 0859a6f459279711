"""Calendar periods whose tier's rate is for every sale of them."""

import sqlalchemy as sa
from alembic import op

revision = "0054_tier_periods"
down_revision = "0053_what_counts"


def upgrade() -> None:
    op.create_table(
        "tier_periods",
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "ladder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("settled_minor >= 0", name=op.f("ck_tier_periods_adds")),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_tier_periods_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["tier_ladders.id"], name=op.f("fk_tier_periods_ladder_id_tier_ladders")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_tier_periods_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_periods")),
        sa.UniqueConstraint(
            "ladder_id",
            "starts_at",
            "ambassador_id",
            "currency",
            name=op.f("uq_tier_periods_ladder_id_starts_at_ambassador_id_currency"),
        ),
    )
    op.create_index(
        op.f("ix_tier_periods_program_id"), "tier_periods", ["program_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_tier_periods_program_id"), table_name="tier_periods")
    op.drop_table("tier_periods")
