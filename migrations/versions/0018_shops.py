"""How each shop is reached, what codes are in it, what was read again; raw bodies end."""

import sqlalchemy as sa
from alembic import op

revision = "0018_shops"
down_revision = "0017_append_only"


def upgrade() -> None:
    op.create_table(
        "hook_sightings",
        sa.Column(
            "connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_hook_sightings_connection_id_connections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_sightings")),
        sa.UniqueConstraint(
            "connection_id", "kind", name=op.f("uq_hook_sightings_connection_id_kind")
        ),
    )
    op.create_table(
        "promotions",
        sa.Column(
            "connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_promotions_connection_id_connections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
        sa.UniqueConstraint(
            "connection_id", "reference", name=op.f("uq_promotions_connection_id_reference")
        ),
    )
    op.create_table(
        "reconciliations",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("missed", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_reconciliations_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_reconciliations_connection_id_connections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reconciliations_public_id")),
    )
    op.create_index(
        op.f("ix_reconciliations_brand_id_reconciliations_id"),
        "reconciliations",
        ["brand_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reconciliations_connection_id_reconciliations_id"),
        "reconciliations",
        ["connection_id", "id"],
        unique=False,
    )
    op.create_table(
        "shop_accesses",
        sa.Column(
            "connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.String(length=300), nullable=False),
        sa.Column("is_pushing", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reconciled_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_shop_accesses_connection_id_connections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_accesses")),
        sa.UniqueConstraint("connection_id", name=op.f("uq_shop_accesses_connection_id")),
    )
    op.create_table(
        "code_syncs",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_code_syncs_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_code_syncs_code_id_discount_codes")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_code_syncs_connection_id_connections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_syncs")),
        sa.UniqueConstraint(
            "connection_id", "code_id", name=op.f("uq_code_syncs_connection_id_code_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_syncs_public_id")),
    )
    op.create_index(
        op.f("ix_code_syncs_brand_id_code_syncs_state_code_syncs_id"),
        "code_syncs",
        ["brand_id", "state", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_code_syncs_code_id"), "code_syncs", ["code_id"], unique=False)
    op.add_column(
        "inbound_events", sa.Column("body_forgotten_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        op.f("ix_inbound_events_brand_id_inbound_events_id"),
        "inbound_events",
        ["brand_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_inbound_events_brand_id_inbound_events_id"), table_name="inbound_events")
    op.drop_column("inbound_events", "body_forgotten_at")
    op.drop_index(op.f("ix_code_syncs_code_id"), table_name="code_syncs")
    op.drop_index(
        op.f("ix_code_syncs_brand_id_code_syncs_state_code_syncs_id"), table_name="code_syncs"
    )
    op.drop_table("code_syncs")
    op.drop_table("shop_accesses")
    op.drop_index(
        op.f("ix_reconciliations_connection_id_reconciliations_id"), table_name="reconciliations"
    )
    op.drop_index(
        op.f("ix_reconciliations_brand_id_reconciliations_id"), table_name="reconciliations"
    )
    op.drop_table("reconciliations")
    op.drop_table("promotions")
    op.drop_table("hook_sightings")
