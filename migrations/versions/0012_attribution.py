"""The tables of attribution."""

import sqlalchemy as sa
from alembic import op

revision = "0012_attribution"
down_revision = "0011_briefs"


def upgrade() -> None:
    op.create_table(
        "attributions",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("terms_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("click_id", sa.BigInteger(), nullable=True),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_attributions_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_attributions_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["click_id"], ["clicks.id"], name=op.f("fk_attributions_click_id_clicks")
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_attributions_code_id_discount_codes")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_attributions_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_attributions_program_id_programs")
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"],
            ["commission_terms.id"],
            name=op.f("fk_attributions_terms_id_commission_terms"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attributions")),
        sa.UniqueConstraint("order_id", "version", name=op.f("uq_attributions_order_id_version")),
    )
    op.create_index(
        op.f("ix_attributions_ambassador_id_attributions_is_latest_attributions_order_id"),
        "attributions",
        ["ambassador_id", "is_latest", "order_id"],
        unique=False,
    )
    op.create_index(
        op.f(
            "ix_attributions_brand_id_attributions_is_latest_attributions_outcome_attributions_order_id"
        ),
        "attributions",
        ["brand_id", "is_latest", "outcome", "order_id"],
        unique=False,
    )
    op.create_index(op.f("ix_attributions_click_id"), "attributions", ["click_id"], unique=False)
    op.create_index(op.f("ix_attributions_code_id"), "attributions", ["code_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_attributions_code_id"), table_name="attributions")
    op.drop_index(op.f("ix_attributions_click_id"), table_name="attributions")
    op.drop_index(
        op.f(
            "ix_attributions_brand_id_attributions_is_latest_attributions_outcome_attributions_order_id"
        ),
        table_name="attributions",
    )
    op.drop_index(
        op.f("ix_attributions_ambassador_id_attributions_is_latest_attributions_order_id"),
        table_name="attributions",
    )
    op.drop_table("attributions")
