"""Milestone bonuses and who reached them."""

import sqlalchemy as sa
from alembic import op

revision = "0051_bonuses"
down_revision = "0050_tiers"
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bonuses",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", ROW, nullable=False),
        sa.Column("program_id", ROW, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("window", sa.String(length=40), nullable=False),
        sa.Column("repeats", sa.Boolean(), nullable=False),
        sa.Column("hold_days", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", ROW, nullable=True),
        sa.Column("id", ROW, nullable=False),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_bonuses_asks_something")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bonuses_pays_something")),
        sa.CheckConstraint("hold_days BETWEEN 0 AND 120", name=op.f("ck_bonuses_hold")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_bonuses_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_bonuses_program_id_programs")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_bonuses_created_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bonuses")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bonuses_public_id")),
    )
    op.create_index("ix_bonuses_program", "bonuses", ["program_id", "id"])
    op.create_index("ix_bonuses_brand", "bonuses", ["brand_id", "id"])
    op.create_table(
        "bonus_awards",
        sa.Column("bonus_id", ROW, nullable=False),
        sa.Column("ambassador_id", ROW, nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("commission_id", ROW, nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", ROW, nullable=False),
        sa.ForeignKeyConstraint(
            ["bonus_id"], ["bonuses.id"], name=op.f("fk_bonus_awards_bonus_id_bonuses")
        ),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_bonus_awards_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_bonus_awards_commission_id_commissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bonus_awards")),
        sa.UniqueConstraint(
            "bonus_id",
            "ambassador_id",
            "period",
            name=op.f("uq_bonus_awards_bonus_id_ambassador_id_period"),
        ),
        sa.UniqueConstraint("commission_id", name=op.f("uq_bonus_awards_commission_id")),
    )
    op.create_index("ix_bonus_awards_ambassador", "bonus_awards", ["ambassador_id"])


def downgrade() -> None:
    op.drop_table("bonus_awards")
    op.drop_table("bonuses")
