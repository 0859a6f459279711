"""Policies, destinations, payment files, reports; what a payout pays elsewhere and costs."""

import sqlalchemy as sa
from alembic import op

revision = "0038_rails"
down_revision = "0037_statements"


def upgrade() -> None:
    op.create_table(
        "approval_limits",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_approval_limits_amount")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_approval_limits_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_limits")),
        sa.UniqueConstraint(
            "brand_id", "currency", name=op.f("uq_approval_limits_brand_id_currency")
        ),
    )
    op.create_table(
        "exchange_rates",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("target", sa.String(length=3), nullable=False),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("rate_millionths > 0", name=op.f("ck_exchange_rates_rate")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_exchange_rates_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_exchange_rates_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
    )
    op.create_index(
        op.f(
            "ix_exchange_rates_brand_id_exchange_rates_currency_exchange_rates_target_exchange_rates_from_on_exchange_rates_id"
        ),
        "exchange_rates",
        ["brand_id", "currency", "target", "from_on", "id"],
        unique=False,
    )
    op.create_table(
        "paying_terms",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("schedule", sa.String(length=40), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("fees", sa.JSON(), nullable=False),
        sa.Column("fee_bearer", sa.String(length=40), nullable=False),
        sa.Column("uplift_bp", sa.BigInteger(), nullable=False),
        sa.Column("payer_name", sa.String(length=70), nullable=False),
        sa.Column("payer_iban", sa.Text(), nullable=False),
        sa.Column("payer_bic", sa.String(length=11), nullable=False),
        sa.Column("payer_masked", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("uplift_bp BETWEEN 0 AND 10000", name=op.f("ck_paying_terms_uplift")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_paying_terms_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paying_terms")),
        sa.UniqueConstraint("brand_id", name=op.f("uq_paying_terms_brand_id")),
    )
    op.create_table(
        "rail_reports",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("known_count", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_rail_reports_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_rail_reports_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rail_reports")),
        sa.UniqueConstraint("brand_id", "sha256", name=op.f("uq_rail_reports_brand_id_sha256")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rail_reports_public_id")),
    )
    op.create_table(
        "destination_changes",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("rail", sa.String(length=40), nullable=False),
        sa.Column("account_ref", sa.String(length=120), nullable=False),
        sa.Column("label_masked", sa.String(length=80), nullable=False),
        sa.Column("before_rail", sa.String(length=40), nullable=True),
        sa.Column("before_ref", sa.String(length=120), nullable=False),
        sa.Column("before_masked", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("denied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_destination_changes_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destination_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_destination_changes_public_id")),
    )
    op.create_index(
        op.f("ix_destination_changes_creator_id"),
        "destination_changes",
        ["creator_id"],
        unique=False,
    )
    op.create_table(
        "payment_files",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rail", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("downloaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_payment_files_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["payout_runs.id"], name=op.f("fk_payment_files_run_id_payout_runs")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["users.id"], name=op.f("fk_payment_files_uploaded_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_files")),
        sa.UniqueConstraint("message_id", name=op.f("uq_payment_files_message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_files_public_id")),
        sa.UniqueConstraint(
            "run_id", "rail", "number", name=op.f("uq_payment_files_run_id_rail_number")
        ),
    )
    op.create_index(
        op.f("ix_payment_files_brand_id_payment_files_id"),
        "payment_files",
        ["brand_id", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_payment_files_state"), "payment_files", ["state"], unique=False)
    op.create_table(
        "payout_details",
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("rail", sa.String(length=40), nullable=False),
        sa.Column("account_ref", sa.String(length=120), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("label_masked", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_payout_details_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_details")),
        sa.UniqueConstraint(
            "creator_id", "account_ref", name=op.f("uq_payout_details_creator_id_account_ref")
        ),
    )
    op.create_table(
        "payout_reminders",
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_payout_reminders_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_reminders")),
        sa.UniqueConstraint("creator_id", "day", name=op.f("uq_payout_reminders_creator_id_day")),
    )
    op.create_table(
        "payment_lines",
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column("account_ref", sa.String(length=120), nullable=False),
        sa.Column("payee", sa.String(length=120), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("proof", sa.String(length=120), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_payment_lines_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_payment_lines_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["payment_files.id"], name=op.f("fk_payment_lines_file_id_payment_files")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.id"], name=op.f("fk_payment_lines_payout_id_payouts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_lines")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_lines_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_lines_reference")),
    )
    op.create_index(
        op.f("ix_payment_lines_file_id_payment_lines_id"),
        "payment_lines",
        ["file_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_lines_payout_id"), "payment_lines", ["payout_id"], unique=False
    )
    op.create_index(op.f("ix_payment_lines_state"), "payment_lines", ["state"], unique=False)
    op.create_table(
        "report_rows",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("says", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("proof", sa.String(length=120), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("match", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_report_rows_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_report_rows_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.id"], name=op.f("fk_report_rows_payout_id_payouts")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["rail_reports.id"], name=op.f("fk_report_rows_report_id_rail_reports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_rows")),
        sa.UniqueConstraint("brand_id", "mark", name=op.f("uq_report_rows_brand_id_mark")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_rows_public_id")),
    )
    op.create_index(
        op.f("ix_report_rows_brand_id_report_rows_match_report_rows_id"),
        "report_rows",
        ["brand_id", "match", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_report_rows_payout_id"), "report_rows", ["payout_id"], unique=False)
    op.add_column(
        "payout_runs", sa.Column("fees_minor", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("payout_runs", sa.Column("first_approved_by", sa.BigInteger(), nullable=True))
    op.add_column(
        "payout_runs", sa.Column("first_approved_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("payout_runs", sa.Column("explained_minor", sa.BigInteger(), nullable=True))
    op.add_column(
        "payout_runs", sa.Column("explanation", sa.Text(), server_default="", nullable=False)
    )
    op.add_column("payout_runs", sa.Column("explained_by", sa.BigInteger(), nullable=True))
    op.add_column(
        "payouts", sa.Column("fee_minor", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column(
        "payouts",
        sa.Column("fee_bearer", sa.String(length=40), server_default="brand", nullable=False),
    )
    op.add_column("payouts", sa.Column("pays_minor", sa.BigInteger(), nullable=True))
    op.add_column("payouts", sa.Column("pays_currency", sa.String(length=3), nullable=True))
    op.add_column("payouts", sa.Column("rate_millionths", sa.BigInteger(), nullable=True))
    op.add_column("payouts", sa.Column("rate_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_table("report_rows")
    op.drop_table("payment_lines")
    op.drop_table("payout_reminders")
    op.drop_table("payout_details")
    op.drop_table("payment_files")
    op.drop_table("destination_changes")
    op.drop_table("rail_reports")
    op.drop_table("paying_terms")
    op.drop_table("exchange_rates")
    op.drop_table("approval_limits")
    op.drop_column("payouts", "rate_on")
    op.drop_column("payouts", "rate_millionths")
    op.drop_column("payouts", "pays_currency")
    op.drop_column("payouts", "pays_minor")
    op.drop_column("payouts", "fee_bearer")
    op.drop_column("payouts", "fee_minor")
    op.drop_column("payout_runs", "explained_by")
    op.drop_column("payout_runs", "explanation")
    op.drop_column("payout_runs", "explained_minor")
    op.drop_column("payout_runs", "first_approved_at")
    op.drop_column("payout_runs", "first_approved_by")
    op.drop_column("payout_runs", "fees_minor")
