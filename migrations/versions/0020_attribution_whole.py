"""What attribution reads of an order, the choices of terms, decisions by hand, assists, checks."""

import sqlalchemy as sa
from alembic import op

revision = "0020_attribution_whole"
down_revision = "0019_run_instance"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEYS = ("subscription_ref", "customer_id_key", "payment_key")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("orders", sa.Column("customer_id_key", sa.String(64), nullable=True))
    op.add_column("orders", sa.Column("payment_key", sa.String(64), nullable=True))
    op.add_column("orders", sa.Column("clues", sa.JSON(), nullable=True))
    op.add_column("orders", sa.Column("subscription_ref", sa.String(120), nullable=True))
    op.add_column("orders", sa.Column("checkout_started_at", moment, nullable=True))
    op.create_index(op.f("ix_orders_brand_id_orders_number"), "orders", ["brand_id", "number"])
    for column in KEYS:
        given = sa.text(f"{column} IS NOT NULL")
        name = op.f(f"ix_orders_brand_id_orders_{column}")
        op.create_index(
            name, "orders", ["brand_id", column], sqlite_where=given, postgresql_where=given
        )
    op.add_column(
        "commission_terms", sa.Column("attribution", sa.JSON(), nullable=False, server_default="{}")
    )
    op.add_column("attributions", sa.Column("shares", sa.JSON(), nullable=True))
    op.add_column("attributions", sa.Column("rate_bp", sa.BigInteger(), nullable=True))
    op.add_column("attributions", sa.Column("flags", sa.JSON(), nullable=True))
    op.add_column("attributions", sa.Column("by_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "attributions", sa.Column("note", sa.String(500), nullable=False, server_default="")
    )
    _assists()
    _checks()


def _assists() -> None:
    op.create_table(
        "assists",
        sa.Column("attribution_id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("ambassador_id", ID, nullable=False),
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.Column("has_code", sa.Boolean(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["attribution_id"], ["attributions.id"],
            name=op.f("fk_assists_attribution_id_attributions"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_assists_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["ambassador_id"], ["ambassadors.id"],
            name=op.f("fk_assists_ambassador_id_ambassadors"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assists")),
        sa.UniqueConstraint(
            "attribution_id", "ambassador_id",
            name=op.f("uq_assists_attribution_id_ambassador_id"),
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_assists_ambassador_id_assists_order_id"), "assists", ["ambassador_id", "order_id"]
    )
    op.create_index(op.f("ix_assists_order_id"), "assists", ["order_id"])


def _checks() -> None:
    op.create_table(
        "sale_checks",
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("ambassador_id", ID, nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("order_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"], ["ambassadors.id"],
            name=op.f("fk_sale_checks_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_sale_checks_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_checks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sale_checks_public_id")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_sale_checks_ambassador_id_sale_checks_at"), "sale_checks", ["ambassador_id", "at"]
    )
    op.create_index(op.f("ix_sale_checks_order_id"), "sale_checks", ["order_id"])


def downgrade() -> None:
    op.drop_table("sale_checks")
    op.drop_table("assists")
    for column in ("note", "by_id", "flags", "rate_bp", "shares"):
        op.drop_column("attributions", column)
    op.drop_column("commission_terms", "attribution")
    op.drop_index(op.f("ix_orders_brand_id_orders_number"), "orders")
    for column in KEYS:
        op.drop_index(op.f(f"ix_orders_brand_id_orders_{column}"), "orders")
    for column in (
        "checkout_started_at", "subscription_ref", "clues", "payment_key", "customer_id_key"
    ):  # fmt: skip
        op.drop_column("orders", column)
