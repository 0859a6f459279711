"""The tables of flags."""

import sqlalchemy as sa
from alembic import op

revision = "0029_flags"
down_revision = "0028_click_parameters"


def upgrade() -> None:
    op.create_table(
        "flag_rules",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("coupon_sites", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_flag_rules_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_flag_rules_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_rules")),
        sa.UniqueConstraint(
            "brand_id", "effective_at", name=op.f("uq_flag_rules_brand_id_effective_at")
        ),
    )
    op.create_table(
        "code_leaks",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "replaced_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_code_leaks_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_code_leaks_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_code_leaks_by_id_users")),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_code_leaks_code_id_discount_codes")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"],
            ["discount_codes.id"],
            name=op.f("fk_code_leaks_replaced_by_id_discount_codes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_leaks")),
        sa.UniqueConstraint("code_id", name=op.f("uq_code_leaks_code_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_leaks_public_id")),
    )
    op.create_table(
        "flags",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"], ["ambassadors.id"], name=op.f("fk_flags_ambassador_id_ambassadors")
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_flags_brand_id_brands")),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_flags_code_id_discount_codes")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_flags_decided_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("public_id", name=op.f("uq_flags_public_id")),
    )
    op.create_index(
        op.f("ix_flags_ambassador_id_flags_opened_at"),
        "flags",
        ["ambassador_id", "opened_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_flags_brand_id_flags_status_flags_opened_at_flags_id"),
        "flags",
        ["brand_id", "status", "opened_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_flags_open_subject",
        "flags",
        ["brand_id", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "flagged_commissions",
        sa.Column("flag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "commission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_flagged_commissions_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_flagged_commissions_commission_id_commissions"),
        ),
        sa.ForeignKeyConstraint(
            ["flag_id"], ["flags.id"], name=op.f("fk_flagged_commissions_flag_id_flags")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flagged_commissions")),
        sa.UniqueConstraint(
            "flag_id", "commission_id", name=op.f("uq_flagged_commissions_flag_id_commission_id")
        ),
    )
    op.create_index(
        op.f("ix_flagged_commissions_commission_id"),
        "flagged_commissions",
        ["commission_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_flagged_commissions_commission_id"), table_name="flagged_commissions")
    op.drop_table("flagged_commissions")
    op.drop_index(
        "uq_flags_open_subject",
        table_name="flags",
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_flags_brand_id_flags_status_flags_opened_at_flags_id"), table_name="flags"
    )
    op.drop_index(op.f("ix_flags_ambassador_id_flags_opened_at"), table_name="flags")
    op.drop_table("flags")
    op.drop_table("code_leaks")
    op.drop_table("flag_rules")
