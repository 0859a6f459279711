"""The life of a commission and finance's own tables: limits, codes, adjustments, exceptions."""

import sqlalchemy as sa
from alembic import op

revision = "0036_finance"
down_revision = "0035_rates"


def upgrade() -> None:
    op.create_table(
        "money_policies",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("clawback_days", sa.BigInteger(), nullable=False),
        sa.Column("adjustment_limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("review_above_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "proposed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "adjustment_limit_minor >= 0", name=op.f("ck_money_policies_limit_is_not_negative")
        ),
        sa.CheckConstraint(
            "clawback_days BETWEEN 0 AND 730",
            name=op.f("ck_money_policies_clawback_days_in_bounds"),
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_money_policies_two_people")),
        sa.CheckConstraint(
            "review_above_minor >= 0", name=op.f("ck_money_policies_ceiling_is_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_money_policies_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_money_policies_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_money_policies_proposed_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_policies")),
        sa.UniqueConstraint("public_id", name=op.f("uq_money_policies_public_id")),
    )
    op.create_index(
        "ix_money_policies_brand",
        "money_policies",
        ["brand_id", "status", "decided_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_money_policies_proposed",
        "money_policies",
        ["brand_id"],
        unique=True,
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_table(
        "ledger_codes",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_ledger_codes_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_codes")),
        sa.UniqueConstraint("brand_id", "kind", name=op.f("uq_ledger_codes_brand_id_kind")),
    )
    op.create_table(
        "adjustments",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("request_key", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "commission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column(
            "proposed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=500), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_adjustments_moves_something")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_adjustments_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_adjustments_commission_id_commissions"),
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_adjustments_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_adjustments_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_adjustments_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_adjustments_proposed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["adjustments.id"], name=op.f("fk_adjustments_reverses_id_adjustments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
        sa.UniqueConstraint(
            "brand_id", "request_key", name=op.f("uq_adjustments_brand_id_request_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_adjustments_public_id")),
    )
    op.create_index(
        "ix_adjustments_brand",
        "adjustments",
        ["brand_id", "status", "proposed_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_adjustments_creator", "adjustments", ["creator_id", "decided_at"], unique=False
    )
    op.create_index(
        op.f("ix_adjustments_reverses_id"), "adjustments", ["reverses_id"], unique=False
    )
    op.create_table(
        "commission_losses",
        sa.Column(
            "commission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_commission_losses_moves_something")),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_commission_losses_commission_id_commissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_losses")),
        sa.UniqueConstraint(
            "commission_id", "number", name=op.f("uq_commission_losses_commission_id_number")
        ),
    )
    op.create_table(
        "money_exceptions",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "status <> 'open' OR closed_at IS NULL",
            name=op.f("ck_money_exceptions_open_has_no_end"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_money_exceptions_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["users.id"], name=op.f("fk_money_exceptions_closed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_money_exceptions_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_money_exceptions_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.id"], name=op.f("fk_money_exceptions_payout_id_payouts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_exceptions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_money_exceptions_public_id")),
    )
    op.create_index(
        "ix_money_exceptions_brand",
        "money_exceptions",
        ["brand_id", "status", "since", "id"],
        unique=False,
    )
    op.create_index(
        "ix_money_exceptions_subject",
        "money_exceptions",
        ["brand_id", "kind", "subject"],
        unique=False,
    )
    op.create_index(
        "uq_money_exceptions_open",
        "money_exceptions",
        ["brand_id", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.add_column("commissions", sa.Column("void_code", sa.String(40), nullable=True))
    op.add_column(
        "commissions",
        sa.Column("in_review", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("commissions", sa.Column("reviewed_by", sa.BigInteger(), nullable=True))
    op.add_column(
        "commissions", sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_commissions_review",
        "commissions",
        ["brand_id", "in_review", "hold_until", "id"],
        unique=False,
    )
    op.add_column(
        "commission_terms", sa.Column("hold", sa.JSON(), nullable=False, server_default="{}")
    )
    op.add_column("orders", sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "delivered_at")
    op.drop_column("orders", "fulfilled_at")
    op.drop_column("commission_terms", "hold")
    op.drop_index("ix_commissions_review", table_name="commissions")
    for column in ("reviewed_at", "reviewed_by", "in_review", "void_code"):
        op.drop_column("commissions", column)
    for table in (
        "money_exceptions",
        "commission_losses",
        "adjustments",
        "ledger_codes",
        "money_policies",
    ):
        op.drop_table(table)
