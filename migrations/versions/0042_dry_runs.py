"""Proposed terms tried on real orders."""

import sqlalchemy as sa
from alembic import op

revision = "0042_dry_runs"
down_revision = "0041_click_floods"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dry_runs",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", ROW_ID, nullable=False),
        sa.Column("program_id", ROW_ID, nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("orders_done", sa.BigInteger(), nullable=False),
        sa.Column("orders_total", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", ROW_ID, nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["users.id"], name=op.f("fk_dry_runs_asked_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_dry_runs_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_dry_runs_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dry_runs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dry_runs_public_id")),
    )
    op.create_index(op.f("ix_dry_runs_asked_at"), "dry_runs", ["asked_at"])
    op.create_index(op.f("ix_dry_runs_program_id_dry_runs_id"), "dry_runs", ["program_id", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_dry_runs_program_id_dry_runs_id"), table_name="dry_runs")
    op.drop_index(op.f("ix_dry_runs_asked_at"), table_name="dry_runs")
    op.drop_table("dry_runs")
