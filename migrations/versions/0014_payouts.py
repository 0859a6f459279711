"""The tables of payouts."""

import sqlalchemy as sa
from alembic import op

revision = "0014_payouts"
down_revision = "0013_commissions"


def upgrade() -> None:
    op.create_table(
        "payout_runs",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("cutoff_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("considered_count", sa.BigInteger(), nullable=False),
        sa.Column("payout_count", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("adjustments_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("control_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "prepared_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "submitted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "returned_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calculated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("return_note", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reconciled_count", sa.BigInteger(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["users.id"], name=op.f("fk_payout_runs_approved_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_payout_runs_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["users.id"], name=op.f("fk_payout_runs_closed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["users.id"], name=op.f("fk_payout_runs_prepared_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["returned_by"], ["users.id"], name=op.f("fk_payout_runs_returned_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["users.id"], name=op.f("fk_payout_runs_submitted_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_runs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_runs_public_id")),
    )
    op.create_index(
        op.f("ix_payout_runs_brand_id_payout_runs_id"),
        "payout_runs",
        ["brand_id", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_payout_runs_status"), "payout_runs", ["status"], unique=False)
    op.create_index(
        "uq_payout_runs_open",
        "payout_runs",
        ["brand_id", "currency"],
        unique=True,
        sqlite_where=sa.text(
            "status IN ('draft', 'calculating', 'failed', 'in_review', 'awaiting_approval', 'approved', 'executing', 'paused')"
        ),
        postgresql_where=sa.text(
            "status IN ('draft', 'calculating', 'failed', 'in_review', 'awaiting_approval', 'approved', 'executing', 'paused')"
        ),
    )
    op.create_table(
        "payout_run_editors",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["payout_runs.id"], name=op.f("fk_payout_run_editors_run_id_payout_runs")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_payout_run_editors_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_run_editors")),
        sa.UniqueConstraint("run_id", "user_id", name=op.f("uq_payout_run_editors_run_id_user_id")),
    )
    op.create_table(
        "payouts",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("creator_name", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("blocked_reason", sa.String(40), nullable=True),
        sa.Column("held_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("held_reason", sa.Text(), nullable=False),
        sa.Column("cautions", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("adjustments_minor", sa.BigInteger(), nullable=False),
        sa.Column("previous_minor", sa.BigInteger(), nullable=True),
        sa.Column("usual_minor", sa.BigInteger(), nullable=True),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_count", sa.BigInteger(), nullable=False),
        sa.Column("up_to_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("is_reserved", sa.Boolean(), nullable=False),
        sa.Column("rail", sa.String(length=20), nullable=False),
        sa.Column("account_ref", sa.String(length=120), nullable=False),
        sa.Column("account_label", sa.String(length=60), nullable=False),
        sa.Column("account_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("provider_ref", sa.String(length=120), nullable=True),
        sa.Column("refusal_code", sa.String(length=60), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("is_retryable", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "amount_minor > 0 OR status IN ('blocked', 'held', 'rolled_over', 'cancelled')",
            name=op.f("ck_payouts_pays_something"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_payouts_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_payouts_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(["held_by"], ["users.id"], name=op.f("fk_payouts_held_by_users")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["payout_runs.id"], name=op.f("fk_payouts_run_id_payout_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payouts_public_id")),
        sa.UniqueConstraint("run_id", "creator_id", name=op.f("uq_payouts_run_id_creator_id")),
    )
    op.create_index(
        op.f("ix_payouts_brand_id_payouts_currency_payouts_status"),
        "payouts",
        ["brand_id", "currency", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payouts_creator_id_payouts_brand_id_payouts_id"),
        "payouts",
        ["creator_id", "brand_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payouts_run_id_payouts_status_payouts_amount_minor"),
        "payouts",
        ["run_id", "status", "amount_minor"],
        unique=False,
    )
    op.create_index(
        "uq_payouts_provider_ref",
        "payouts",
        ["provider_ref"],
        unique=True,
        sqlite_where=sa.text("rail <> 'manual'"),
        postgresql_where=sa.text("rail <> 'manual'"),
    )
    op.create_table(
        "payout_attempts",
        sa.Column(
            "payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("provider_ref", sa.String(length=120), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.id"], name=op.f("fk_payout_attempts_payout_id_payouts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_payout_attempts_key")),
        sa.UniqueConstraint(
            "payout_id", "attempt", name=op.f("uq_payout_attempts_payout_id_attempt")
        ),
    )


def downgrade() -> None:
    op.drop_table("payout_attempts")
    op.drop_index(
        "uq_payouts_provider_ref",
        table_name="payouts",
        sqlite_where=sa.text("rail <> 'manual'"),
        postgresql_where=sa.text("rail <> 'manual'"),
    )
    op.drop_index(
        op.f("ix_payouts_run_id_payouts_status_payouts_amount_minor"), table_name="payouts"
    )
    op.drop_index(op.f("ix_payouts_creator_id_payouts_brand_id_payouts_id"), table_name="payouts")
    op.drop_index(op.f("ix_payouts_brand_id_payouts_currency_payouts_status"), table_name="payouts")
    op.drop_table("payouts")
    op.drop_table("payout_run_editors")
    op.drop_index(
        "uq_payout_runs_open",
        table_name="payout_runs",
        sqlite_where=sa.text(
            "status IN ('draft', 'calculating', 'failed', 'in_review', 'awaiting_approval', 'approved', 'executing', 'paused')"
        ),
        postgresql_where=sa.text(
            "status IN ('draft', 'calculating', 'failed', 'in_review', 'awaiting_approval', 'approved', 'executing', 'paused')"
        ),
    )
    op.drop_index(op.f("ix_payout_runs_status"), table_name="payout_runs")
    op.drop_index(op.f("ix_payout_runs_brand_id_payout_runs_id"), table_name="payout_runs")
    op.drop_table("payout_runs")
