"""The tables of integrations."""

import sqlalchemy as sa
from alembic import op

revision = "0016_integrations"
down_revision = "0015_notifications"


def upgrade() -> None:
    op.create_table(
        "inbound_events",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("door", sa.String(length=60), nullable=False),
        sa.Column(
            "connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("provider_event_id", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("replays", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("external_id", sa.String(length=140), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_inbound_events_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_inbound_events_connection_id_connections"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_inbound_events_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_events")),
        sa.UniqueConstraint("provider", "door", "content_sha256", name="uq_inbound_events_content"),
        sa.UniqueConstraint(
            "provider",
            "door",
            "provider_event_id",
            name=op.f("uq_inbound_events_provider_door_provider_event_id"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_inbound_events_public_id")),
    )
    op.create_index(
        op.f("ix_inbound_events_connection_id_inbound_events_id"),
        "inbound_events",
        ["connection_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_inbound_events_order_id"), "inbound_events", ["order_id"], unique=False
    )
    op.create_index(
        op.f("ix_inbound_events_state_inbound_events_id"),
        "inbound_events",
        ["state", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_inbound_events_state_inbound_events_id"), table_name="inbound_events")
    op.drop_index(op.f("ix_inbound_events_order_id"), table_name="inbound_events")
    op.drop_index(
        op.f("ix_inbound_events_connection_id_inbound_events_id"), table_name="inbound_events"
    )
    op.drop_table("inbound_events")
