"""The tables of commissions."""

import sqlalchemy as sa
from alembic import op

revision = "0013_commissions"
down_revision = "0012_attribution"


def upgrade() -> None:
    op.create_table(
        "commissions",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column(
            "attribution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("terms_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("base_currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reversed_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("hold_reason", sa.String(length=300), nullable=False),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holds", sa.BigInteger(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_commissions_amount_is_not_negative")),
        sa.CheckConstraint(
            "reversed_minor >= 0 AND reversed_minor <= amount_minor",
            name=op.f("ck_commissions_never_more_than_earned"),
        ),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_commissions_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_commissions_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["attribution_id"],
            ["attributions.id"],
            name=op.f("fk_commissions_attribution_id_attributions"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_commissions_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_commissions_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_commissions_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"],
            ["commission_terms.id"],
            name=op.f("fk_commissions_terms_id_commission_terms"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_commissions_assignment_id")),
        sa.UniqueConstraint(
            "attribution_id",
            "ambassador_id",
            "kind",
            name=op.f("uq_commissions_attribution_id_ambassador_id_kind"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_commissions_public_id")),
    )
    op.create_index(
        op.f("ix_commissions_brand_id_commissions_status_commissions_earned_at_commissions_id"),
        "commissions",
        ["brand_id", "status", "earned_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commissions_creator_id_commissions_earned_at_commissions_id"),
        "commissions",
        ["creator_id", "earned_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_commissions_order_id"), "commissions", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_commissions_status_commissions_hold_until"),
        "commissions",
        ["status", "hold_until"],
        unique=False,
    )
    op.create_table(
        "commission_reversals",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column(
            "commission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("remaining_base_minor", sa.BigInteger(), nullable=False),
        sa.Column("journal_reference", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "amount_minor > 0", name=op.f("ck_commission_reversals_moves_something")
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"],
            ["commissions.id"],
            name=op.f("fk_commission_reversals_commission_id_commissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_reversals")),
        sa.UniqueConstraint(
            "commission_id", "number", name=op.f("uq_commission_reversals_commission_id_number")
        ),
        sa.UniqueConstraint(
            "journal_reference", name=op.f("uq_commission_reversals_journal_reference")
        ),
    )


def downgrade() -> None:
    op.drop_table("commission_reversals")
    op.drop_index(op.f("ix_commissions_status_commissions_hold_until"), table_name="commissions")
    op.drop_index(op.f("ix_commissions_order_id"), table_name="commissions")
    op.drop_index(
        op.f("ix_commissions_creator_id_commissions_earned_at_commissions_id"),
        table_name="commissions",
    )
    op.drop_index(
        op.f("ix_commissions_brand_id_commissions_status_commissions_earned_at_commissions_id"),
        table_name="commissions",
    )
    op.drop_table("commissions")
