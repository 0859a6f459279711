"""Ladders of tiers, standings, their moves, and lists of moves to come."""

import sqlalchemy as sa
from alembic import op

revision = "0050_tiers"
down_revision = "0049_credits"


def upgrade() -> None:
    op.create_table(
        "tier_ladders",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("window", sa.String(length=40), nullable=False),
        sa.Column("window_days", sa.BigInteger(), nullable=False),
        sa.Column("automation", sa.String(length=40), nullable=False),
        sa.Column("grace_days", sa.BigInteger(), nullable=False),
        sa.Column("review", sa.String(length=40), nullable=False),
        sa.Column("review_days", sa.BigInteger(), nullable=False),
        sa.Column("lock_days", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "published_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("grace_days BETWEEN 0 AND 180", name=op.f("ck_tier_ladders_grace")),
        sa.CheckConstraint("window_days BETWEEN 1 AND 730", name=op.f("ck_tier_ladders_window")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tier_ladders_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_tier_ladders_program_id_programs")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["users.id"], name=op.f("fk_tier_ladders_published_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_ladders")),
        sa.UniqueConstraint(
            "program_id", "version", name=op.f("uq_tier_ladders_program_id_version")
        ),
    )
    op.create_index(op.f("ix_tier_ladders_brand_id"), "tier_ladders", ["brand_id"], unique=False)
    op.create_table(
        "tier_lists",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "ladder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("runs_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tier_lists_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["users.id"], name=op.f("fk_tier_lists_done_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["tier_ladders.id"], name=op.f("fk_tier_lists_ladder_id_tier_ladders")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_tier_lists_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_lists")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tier_lists_public_id")),
    )
    op.create_index(
        op.f("ix_tier_lists_program_id_tier_lists_status_tier_lists_id"),
        "tier_lists",
        ["program_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "tier_standings",
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("falls_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pinned_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pin_reason", sa.String(length=300), nullable=False),
        sa.Column("pinned_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_tier_standings_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["pinned_by"], ["users.id"], name=op.f("fk_tier_standings_pinned_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_tier_standings_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_standings")),
        sa.UniqueConstraint("ambassador_id", name=op.f("uq_tier_standings_ambassador_id")),
    )
    op.create_index(
        op.f("ix_tier_standings_program_id_tier_standings_falls_at"),
        "tier_standings",
        ["program_id", "falls_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tier_standings_program_id_tier_standings_step_tier_standings_id"),
        "tier_standings",
        ["program_id", "step", "id"],
        unique=False,
    )
    op.create_table(
        "tier_list_lines",
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_step", sa.BigInteger(), nullable=False),
        sa.Column("to_step", sa.BigInteger(), nullable=False),
        sa.Column("figure_minor", sa.BigInteger(), nullable=False),
        sa.Column("sales", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_tier_list_lines_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["tier_lists.id"], name=op.f("fk_tier_list_lines_list_id_tier_lists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_list_lines")),
        sa.UniqueConstraint(
            "list_id", "ambassador_id", name=op.f("uq_tier_list_lines_list_id_ambassador_id")
        ),
    )
    op.create_table(
        "tier_moves",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "ladder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_step", sa.BigInteger(), nullable=False),
        sa.Column("to_step", sa.BigInteger(), nullable=False),
        sa.Column("from_name", sa.String(length=40), nullable=False),
        sa.Column("to_name", sa.String(length=40), nullable=False),
        sa.Column("figure_minor", sa.BigInteger(), nullable=False),
        sa.Column("sales", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_tier_moves_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_tier_moves_by_users")),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["tier_ladders.id"], name=op.f("fk_tier_moves_ladder_id_tier_ladders")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["tier_lists.id"], name=op.f("fk_tier_moves_list_id_tier_lists")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_tier_moves_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_moves")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tier_moves_public_id")),
    )
    op.create_index(
        op.f("ix_tier_moves_ambassador_id_tier_moves_at_tier_moves_id"),
        "tier_moves",
        ["ambassador_id", "at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_tier_moves_list_id"), "tier_moves", ["list_id"], unique=False)
    op.create_index(
        op.f("ix_tier_moves_program_id_tier_moves_at"),
        "tier_moves",
        ["program_id", "at"],
        unique=False,
    )
    op.add_column("commissions", sa.Column("tier_ladder_id", sa.BigInteger(), nullable=True))
    op.add_column("commissions", sa.Column("tier_base_minor", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("commissions", "tier_base_minor")
    op.drop_column("commissions", "tier_ladder_id")
    op.drop_index(op.f("ix_tier_moves_program_id_tier_moves_at"), table_name="tier_moves")
    op.drop_index(op.f("ix_tier_moves_list_id"), table_name="tier_moves")
    op.drop_index(
        op.f("ix_tier_moves_ambassador_id_tier_moves_at_tier_moves_id"), table_name="tier_moves"
    )
    op.drop_table("tier_moves")
    op.drop_table("tier_list_lines")
    op.drop_index(
        op.f("ix_tier_standings_program_id_tier_standings_step_tier_standings_id"),
        table_name="tier_standings",
    )
    op.drop_index(
        op.f("ix_tier_standings_program_id_tier_standings_falls_at"), table_name="tier_standings"
    )
    op.drop_table("tier_standings")
    op.drop_index(
        op.f("ix_tier_lists_program_id_tier_lists_status_tier_lists_id"), table_name="tier_lists"
    )
    op.drop_table("tier_lists")
    op.drop_index(op.f("ix_tier_ladders_brand_id"), table_name="tier_ladders")
    op.drop_table("tier_ladders")
