"""The tables of appeals."""

import sqlalchemy as sa
from alembic import op

revision = "0026_appeals"
down_revision = "0025_click_spool"


def upgrade() -> None:
    op.create_table(
        "appeal_rules",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_days", sa.BigInteger(), nullable=False),
        sa.Column("answer_days", sa.BigInteger(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("limit_minor >= 0", name=op.f("ck_appeal_rules_limit_is_not_negative")),
        sa.CheckConstraint(
            "open_days BETWEEN 1 AND 730", name=op.f("ck_appeal_rules_open_days_in_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_appeal_rules_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_appeal_rules_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_rules")),
        sa.UniqueConstraint(
            "brand_id", "effective_at", name=op.f("uq_appeal_rules_brand_id_effective_at")
        ),
    )
    op.create_table(
        "appeals",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "commission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=2000), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("claimed_minor", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed", sa.String(40), nullable=True),
        sa.Column("proposed_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "proposed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "first_decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("awarded_minor", sa.BigInteger(), nullable=False),
        sa.Column("journal", sa.String(length=160), nullable=False),
        sa.Column(
            "result_commission_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("awarded_minor >= 0", name=op.f("ck_appeals_awards_nothing_negative")),
        sa.ForeignKeyConstraint(
            ["ambassador_id"], ["ambassadors.id"], name=op.f("fk_appeals_ambassador_id_ambassadors")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_appeals_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_appeals_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["commission_id"], ["commissions.id"], name=op.f("fk_appeals_commission_id_commissions")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_appeals_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_appeals_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["first_decided_by"], ["users.id"], name=op.f("fk_appeals_first_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_appeals_order_id_orders")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_appeals_owner_id_users")),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.id"], name=op.f("fk_appeals_payout_id_payouts")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_appeals_proposed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["result_commission_id"],
            ["commissions.id"],
            name=op.f("fk_appeals_result_commission_id_commissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appeals_public_id")),
    )
    op.create_index(
        op.f("ix_appeals_brand_id_appeals_status_appeals_opened_at_appeals_id"),
        "appeals",
        ["brand_id", "status", "opened_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appeals_creator_id_appeals_opened_at_appeals_id"),
        "appeals",
        ["creator_id", "opened_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appeals_result_commission_id"), "appeals", ["result_commission_id"], unique=False
    )
    op.create_index(
        op.f("ix_appeals_status_appeals_due_at"), "appeals", ["status", "due_at"], unique=False
    )
    op.create_index(
        "uq_appeals_open_subject",
        "appeals",
        ["creator_id", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "appeal_messages",
        sa.Column(
            "appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("is_from_brand", sa.Boolean(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_messages_appeal_id_appeals")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_appeal_messages_author_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_messages")),
    )
    op.create_index(
        op.f("ix_appeal_messages_appeal_id_appeal_messages_id"),
        "appeal_messages",
        ["appeal_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_appeal_messages_appeal_id_appeal_messages_id"), table_name="appeal_messages"
    )
    op.drop_table("appeal_messages")
    op.drop_index(
        "uq_appeals_open_subject",
        table_name="appeals",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_appeals_status_appeals_due_at"), table_name="appeals")
    op.drop_index(op.f("ix_appeals_result_commission_id"), table_name="appeals")
    op.drop_index(op.f("ix_appeals_creator_id_appeals_opened_at_appeals_id"), table_name="appeals")
    op.drop_index(
        op.f("ix_appeals_brand_id_appeals_status_appeals_opened_at_appeals_id"),
        table_name="appeals",
    )
    op.drop_table("appeals")
    op.drop_table("appeal_rules")
