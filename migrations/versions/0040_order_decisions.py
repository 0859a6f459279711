"""Orders that a person decides about: which wait, and what finance must agree to."""

import sqlalchemy as sa
from alembic import op

revision = "0040_order_decisions"
down_revision = "0039_keys_of_shops"


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "order_rules",
        _id("brand_id"),
        sa.Column("ask_above_minor", sa.BigInteger(), nullable=True),
        sa.Column("finance_above_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("asks_likeness", sa.Boolean(), nullable=False),
        _id("id"),
        sa.CheckConstraint("ask_above_minor > 0", name=op.f("ck_order_rules_ask_above")),
        sa.CheckConstraint("finance_above_minor > 0", name=op.f("ck_order_rules_finance_above")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_order_rules_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_rules")),
        sa.UniqueConstraint("brand_id", name=op.f("uq_order_rules_brand_id")),
    )
    op.create_table(
        "order_proposals",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        _id("brand_id"),
        _id("order_id"),
        _id("ambassador_id"),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        _id("by_id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _id("answered_by_id", nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=500), server_default="", nullable=False),
        _id("id"),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_order_proposals_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_order_proposals_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_proposals_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_proposals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_order_proposals_public_id")),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_proposals_order_id")),
    )
    op.create_index(
        op.f("ix_order_proposals_brand_id_order_proposals_status"),
        "order_proposals",
        ["brand_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_order_proposals_ambassador_id"),
        "order_proposals",
        ["ambassador_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("order_proposals")
    op.drop_table("order_rules")
