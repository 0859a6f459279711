"""Self-billed invoices: both sides, the agreement, the series, the invoices."""

import sqlalchemy as sa
from alembic import op

revision = "0043_invoices"
down_revision = "0042_dry_runs"


def upgrade() -> None:
    op.create_table(
        "invoice_issuers",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("legal_name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_number", sa.String(length=20), nullable=False),
        sa.Column("vat_rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.String(length=7), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_invoice_issuers_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_issuers")),
        sa.UniqueConstraint("brand_id", name=op.f("uq_invoice_issuers_brand_id")),
    )
    op.create_table(
        "invoice_suppliers",
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("legal_name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_number", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_invoice_suppliers_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_suppliers")),
        sa.UniqueConstraint("creator_id", name=op.f("uq_invoice_suppliers_creator_id")),
    )
    op.create_table(
        "self_billing_agreements",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_self_billing_agreements_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"],
            ["creators.id"],
            name=op.f("fk_self_billing_agreements_creator_id_creators"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_billing_agreements")),
    )
    op.create_index(
        op.f("ix_self_billing_agreements_pair"),
        "self_billing_agreements",
        ["brand_id", "creator_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_self_billing_agreements_creator_id"),
        "self_billing_agreements",
        ["creator_id"],
        unique=False,
    )
    op.create_table(
        "invoice_series",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_invoice_series_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_invoice_series_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_series")),
        sa.UniqueConstraint(
            "brand_id", "creator_id", name=op.f("uq_invoice_series_brand_id_creator_id")
        ),
    )
    op.create_table(
        "invoice_months",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_invoice_months_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_months")),
        sa.UniqueConstraint("brand_id", "month", name=op.f("uq_invoice_months_brand_id_month")),
    )
    op.create_table(
        "invoices",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("vat_case", sa.String(length=40), nullable=False),
        sa.Column("vat_rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("net_minor + vat_minor = total_minor", name=op.f("ck_invoices_adds_up")),
        sa.CheckConstraint("net_minor <> 0", name=op.f("ck_invoices_is_about_something")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_invoices_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_invoices_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint(
            "brand_id",
            "creator_id",
            "month",
            "currency",
            name=op.f("uq_invoices_brand_id_creator_id_month_currency"),
        ),
        sa.UniqueConstraint(
            "brand_id", "creator_id", "number", name=op.f("uq_invoices_brand_id_creator_id_number")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_invoices_public_id")),
    )
    op.create_index(
        op.f("ix_invoices_brand_id_invoices_id"), "invoices", ["brand_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_invoices_creator_id_invoices_id"), "invoices", ["creator_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("invoices")
    op.drop_table("invoice_months")
    op.drop_table("invoice_series")
    op.drop_table("self_billing_agreements")
    op.drop_table("invoice_suppliers")
    op.drop_table("invoice_issuers")
