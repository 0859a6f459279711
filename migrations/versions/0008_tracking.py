"""The tables of tracking."""

import sqlalchemy as sa
from alembic import op

revision = "0008_tracking"
down_revision = "0007_ambassadors"


def upgrade() -> None:
    op.create_table(
        "affiliate_links",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("folded", sa.String(length=60), nullable=False),
        sa.Column("destination_url", sa.String(length=2000), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("utm", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_affiliate_links_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_affiliate_links_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliate_links")),
        sa.UniqueConstraint("folded", name=op.f("uq_affiliate_links_folded")),
        sa.UniqueConstraint("public_id", name=op.f("uq_affiliate_links_public_id")),
    )
    op.create_index(
        op.f("ix_affiliate_links_ambassador_id_affiliate_links_id"),
        "affiliate_links",
        ["ambassador_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_affiliate_links_brand_id_affiliate_links_status_affiliate_links_id"),
        "affiliate_links",
        ["brand_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "discount_codes",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("folded", sa.String(length=20), nullable=False),
        sa.Column("lookalike", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column(
            "replaced_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "discount_bp BETWEEN 0 AND 10000", name=op.f("ck_discount_codes_discount_is_a_share")
        ),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_discount_codes_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_discount_codes_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"],
            ["discount_codes.id"],
            name=op.f("fk_discount_codes_replaced_by_id_discount_codes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_codes")),
        sa.UniqueConstraint("brand_id", "folded", name=op.f("uq_discount_codes_brand_id_folded")),
        sa.UniqueConstraint(
            "brand_id", "lookalike", name=op.f("uq_discount_codes_brand_id_lookalike")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_discount_codes_public_id")),
    )
    op.create_index(
        op.f("ix_discount_codes_ambassador_id"), "discount_codes", ["ambassador_id"], unique=False
    )
    op.create_index(
        op.f("ix_discount_codes_brand_id_discount_codes_status_discount_codes_id"),
        "discount_codes",
        ["brand_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "clicks",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column("agent_class", sa.String(40), nullable=False),
        sa.Column("referrer_host", sa.String(length=120), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("previous_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ambassador_id"], ["ambassadors.id"], name=op.f("fk_clicks_ambassador_id_ambassadors")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_clicks_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["affiliate_links.id"], name=op.f("fk_clicks_link_id_affiliate_links")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clicks")),
    )
    op.create_index(
        op.f("ix_clicks_ambassador_id_clicks_at"), "clicks", ["ambassador_id", "at"], unique=False
    )
    op.create_index(
        op.f("ix_clicks_brand_id_clicks_at"), "clicks", ["brand_id", "at"], unique=False
    )
    op.create_index(
        op.f("ix_clicks_link_id_clicks_visitor_clicks_at"),
        "clicks",
        ["link_id", "visitor", "at"],
        unique=False,
    )
    op.create_table(
        "code_changes",
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_code_changes_code_id_discount_codes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_changes")),
    )
    op.create_index(
        op.f("ix_code_changes_code_id_code_changes_at_code_changes_id"),
        "code_changes",
        ["code_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "link_changes",
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("destination_url", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["affiliate_links.id"],
            name=op.f("fk_link_changes_link_id_affiliate_links"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_changes")),
    )
    op.create_index(
        op.f("ix_link_changes_link_id_link_changes_at_link_changes_id"),
        "link_changes",
        ["link_id", "at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_link_changes_link_id_link_changes_at_link_changes_id"), table_name="link_changes"
    )
    op.drop_table("link_changes")
    op.drop_index(
        op.f("ix_code_changes_code_id_code_changes_at_code_changes_id"), table_name="code_changes"
    )
    op.drop_table("code_changes")
    op.drop_index(op.f("ix_clicks_link_id_clicks_visitor_clicks_at"), table_name="clicks")
    op.drop_index(op.f("ix_clicks_brand_id_clicks_at"), table_name="clicks")
    op.drop_index(op.f("ix_clicks_ambassador_id_clicks_at"), table_name="clicks")
    op.drop_table("clicks")
    op.drop_index(
        op.f("ix_discount_codes_brand_id_discount_codes_status_discount_codes_id"),
        table_name="discount_codes",
    )
    op.drop_index(op.f("ix_discount_codes_ambassador_id"), table_name="discount_codes")
    op.drop_table("discount_codes")
    op.drop_index(
        op.f("ix_affiliate_links_brand_id_affiliate_links_status_affiliate_links_id"),
        table_name="affiliate_links",
    )
    op.drop_index(
        op.f("ix_affiliate_links_ambassador_id_affiliate_links_id"), table_name="affiliate_links"
    )
    op.drop_table("affiliate_links")
