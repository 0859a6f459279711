"""Clicks that are counted and not kept, by hour and visitor."""

import sqlalchemy as sa
from alembic import op

revision = "0041_click_floods"
down_revision = "0040_order_decisions"


def _id(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "click_floods",
        _id("link_id"),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        _id("ambassador_id"),
        _id("brand_id"),
        sa.Column("over", sa.BigInteger(), nullable=False),
        _id("id"),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_click_floods_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_click_floods_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["affiliate_links.id"],
            name=op.f("fk_click_floods_link_id_affiliate_links"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_floods")),
        sa.UniqueConstraint(
            "link_id", "visitor", "hour", name=op.f("uq_click_floods_link_id_visitor_hour")
        ),
    )
    op.create_index(
        op.f("ix_click_floods_brand_id_click_floods_hour"),
        "click_floods",
        ["brand_id", "hour"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("click_floods")
