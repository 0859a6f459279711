"""The tables of programs."""

import sqlalchemy as sa
from alembic import op

revision = "0005_programs"
down_revision = "0004_identity"


def upgrade() -> None:
    op.create_table(
        "payout_minimums",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_payout_minimums_amount")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_payout_minimums_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_minimums")),
        sa.UniqueConstraint(
            "brand_id", "currency", name=op.f("uq_payout_minimums_brand_id_currency")
        ),
    )
    op.create_table(
        "programs",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("pitch", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("min_followers", sa.BigInteger(), nullable=False),
        sa.Column("min_engagement_bp", sa.BigInteger(), nullable=False),
        sa.Column("requires_adult", sa.Boolean(), nullable=False),
        sa.Column("pay_day", sa.BigInteger(), nullable=False),
        sa.Column("notice_days", sa.BigInteger(), nullable=False),
        sa.Column("answer_days", sa.BigInteger(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("discount_bp BETWEEN 0 AND 10000", name=op.f("ck_programs_discount")),
        sa.CheckConstraint("pay_day BETWEEN 1 AND 28", name=op.f("ck_programs_pay_day")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_programs_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_programs_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_programs_slug")),
    )
    op.create_index(op.f("ix_programs_brand_id"), "programs", ["brand_id"], unique=False)
    op.create_table(
        "agreements",
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "published_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_agreements_program_id_programs")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["users.id"], name=op.f("fk_agreements_published_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("program_id", "version", name=op.f("uq_agreements_program_id_version")),
    )
    op.create_table(
        "commission_terms",
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("flat_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("hold_days", sa.BigInteger(), nullable=False),
        sa.Column("window_days", sa.BigInteger(), nullable=False),
        sa.Column("code_policy", sa.String(40), nullable=False),
        sa.Column("click_rule", sa.String(40), nullable=False),
        sa.Column("pay_on_zero_base", sa.Boolean(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "published_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("flat_minor >= 0", name=op.f("ck_commission_terms_flat")),
        sa.CheckConstraint("hold_days BETWEEN 0 AND 120", name=op.f("ck_commission_terms_hold")),
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name=op.f("ck_commission_terms_rate")),
        sa.CheckConstraint(
            "window_days BETWEEN 1 AND 365", name=op.f("ck_commission_terms_window")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_commission_terms_program_id_programs")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["users.id"], name=op.f("fk_commission_terms_published_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_terms")),
        sa.UniqueConstraint(
            "program_id", "version", name=op.f("uq_commission_terms_program_id_version")
        ),
    )
    op.create_index(
        op.f("ix_commission_terms_program_id_commission_terms_effective_at"),
        "commission_terms",
        ["program_id", "effective_at"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_commission_terms_program_id_commission_terms_effective_at"),
        table_name="commission_terms",
    )
    op.drop_table("commission_terms")
    op.drop_table("agreements")
    op.drop_index(op.f("ix_programs_brand_id"), table_name="programs")
    op.drop_table("programs")
    op.drop_table("payout_minimums")
