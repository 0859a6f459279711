"""The tables of tax; what a payout withholds; what was paid before, recorded by payment date."""

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0032_tax"
down_revision = "0031_grace_in_terms"

ROWS_AT_ONCE = 1_000
PAID = sa.text(
    "SELECT p.id, p.attempt, p.brand_id, p.creator_id, p.currency, p.amount_minor, "
    "p.returned_minor, p.rail, p.sent_at, b.zone FROM payouts p JOIN brands b ON b.id = p.brand_id "
    "WHERE p.sent_at IS NOT NULL AND p.status IN ('sent', 'paid', 'marked_outside', 'returned') "
    "AND p.id > :after ORDER BY p.id LIMIT :most"
).columns(sent_at=sa.DateTime(timezone=True))


def upgrade() -> None:
    op.create_table(
        "tax_exports",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tax_exports_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_tax_exports_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_exports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tax_exports_public_id")),
    )
    op.create_index(
        op.f("ix_tax_exports_brand_id_tax_exports_year_tax_exports_id"),
        "tax_exports",
        ["brand_id", "year", "id"],
        unique=False,
    )
    op.create_table(
        "tax_rules",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("threshold_minor", sa.BigInteger(), nullable=False),
        sa.Column("withholding_bp", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("threshold_minor >= 0", name=op.f("ck_tax_rules_threshold")),
        sa.CheckConstraint(
            "withholding_bp BETWEEN 0 AND 10000", name=op.f("ck_tax_rules_withholding")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tax_rules_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_tax_rules_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rules")),
    )
    op.create_index(
        op.f("ix_tax_rules_brand_id_tax_rules_kind_tax_rules_from_on"),
        "tax_rules",
        ["brand_id", "kind", "from_on"],
        unique=False,
    )
    op.create_table(
        "tax_settings",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asks", sa.String(length=40), nullable=False),
        sa.Column("on_missing", sa.String(length=40), nullable=False),
        sa.Column("checks_by_hand", sa.Boolean(), nullable=False),
        sa.Column("excludes_processors", sa.Boolean(), nullable=False),
        sa.Column("dac7_operator", sa.Boolean(), nullable=False),
        sa.Column(
            "changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tax_settings_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["users.id"], name=op.f("fk_tax_settings_changed_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_settings")),
        sa.UniqueConstraint("brand_id", name=op.f("uq_tax_settings_brand_id")),
    )
    op.create_table(
        "tax_entries",
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reportable", sa.String(length=40), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("withheld_minor", sa.BigInteger(), nullable=False),
        sa.Column("rail", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tax_entries_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_tax_entries_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_entries")),
        sa.UniqueConstraint("source", name=op.f("uq_tax_entries_source")),
    )
    op.create_index(
        op.f("ix_tax_entries_brand_id_tax_entries_year_tax_entries_creator_id"),
        "tax_entries",
        ["brand_id", "year", "creator_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tax_entries_creator_id_tax_entries_year"),
        "tax_entries",
        ["creator_id", "year"],
        unique=False,
    )
    op.create_table(
        "tax_forms",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("signed_name", sa.Text(), nullable=False),
        sa.Column("tin_kind", sa.String(length=40), nullable=False),
        sa.Column("tin_last4", sa.String(length=4), nullable=False),
        sa.Column("has_withholding_notice", sa.Boolean(), nullable=False),
        sa.Column("doubts", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_tax_forms_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_forms")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tax_forms_public_id")),
    )
    op.create_index(
        op.f("ix_tax_forms_creator_id_tax_forms_status"),
        "tax_forms",
        ["creator_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tax_forms_status_tax_forms_expires_on"),
        "tax_forms",
        ["status", "expires_on"],
        unique=False,
    )
    op.create_index(
        "uq_tax_forms_draft",
        "tax_forms",
        ["creator_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("status = 'draft'"),
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_index(
        "uq_tax_forms_submitted",
        "tax_forms",
        ["creator_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("status = 'submitted'"),
        postgresql_where=sa.text("status = 'submitted'"),
    )
    op.create_table(
        "tax_decisions",
        sa.Column("form_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tax_decisions_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_tax_decisions_by_id_users")),
        sa.ForeignKeyConstraint(
            ["form_id"], ["tax_forms.id"], name=op.f("fk_tax_decisions_form_id_tax_forms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_decisions")),
        sa.UniqueConstraint("form_id", "brand_id", name=op.f("uq_tax_decisions_form_id_brand_id")),
    )
    op.create_index(op.f("ix_tax_decisions_brand_id"), "tax_decisions", ["brand_id"], unique=False)
    op.create_table(
        "tax_export_lines",
        sa.Column(
            "export_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("form_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("withheld_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_tax_export_lines_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["tax_exports.id"],
            name=op.f("fk_tax_export_lines_export_id_tax_exports"),
        ),
        sa.ForeignKeyConstraint(
            ["form_id"], ["tax_forms.id"], name=op.f("fk_tax_export_lines_form_id_tax_forms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_export_lines")),
        sa.UniqueConstraint(
            "export_id",
            "creator_id",
            "currency",
            name=op.f("uq_tax_export_lines_export_id_creator_id_currency"),
        ),
    )
    op.create_table(
        "tax_reminders",
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("form_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tax_reminders_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_tax_reminders_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(
            ["form_id"], ["tax_forms.id"], name=op.f("fk_tax_reminders_form_id_tax_forms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_reminders")),
        sa.UniqueConstraint("form_id", "reason", name=op.f("uq_tax_reminders_form_id_reason")),
    )
    op.create_index(
        op.f("ix_tax_reminders_brand_id_tax_reminders_creator_id_tax_reminders_id"),
        "tax_reminders",
        ["brand_id", "creator_id", "id"],
        unique=False,
    )
    op.add_column(
        "payouts", sa.Column("withheld_minor", sa.BigInteger(), server_default="0", nullable=False)
    )
    _record_what_was_paid()


def _record_what_was_paid() -> None:
    """Payouts that went out before this room was: one row each, and one for what came back."""
    connection, after = op.get_bind(), 0
    entries = sa.table(
        "tax_entries",
        *[
            sa.column(name)
            for name in (
                "source",
                "brand_id",
                "creator_id",
                "kind",
                "reportable",
                "year",
                "currency",
                "amount_minor",
                "withheld_minor",
                "rail",
                "note",
            )
        ],
        sa.column("paid_on", sa.Date()),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    while rows := connection.execute(PAID, {"after": after, "most": ROWS_AT_ONCE}).all():
        made = [one for row in rows for one in _entries_of(row)]
        connection.execute(sa.insert(entries), made)
        after = rows[-1].id


def _entries_of(row: sa.Row) -> list[dict[str, object]]:
    at = row.sent_at if row.sent_at.tzinfo else row.sent_at.replace(tzinfo=ZoneInfo("UTC"))
    paid_on = at.astimezone(ZoneInfo(row.zone)).date()
    counts = "no" if row.rail in ("paypal", "card") else "yes"
    paid = {
        "source": f"payout:{row.id}:{row.attempt}",
        "brand_id": row.brand_id,
        "creator_id": row.creator_id,
        "kind": "payment",
        "reportable": counts,
        "year": paid_on.year,
        "paid_on": paid_on,
        "currency": row.currency,
        "amount_minor": row.amount_minor,
        "withheld_minor": 0,
        "rail": row.rail,
        "note": "",
        "created_at": at,
    }
    if not row.returned_minor:
        return [paid]
    source = f"{paid['source']}:returned:{row.returned_minor}"
    return [paid, {**paid, "source": source, "kind": "return", "amount_minor": -row.returned_minor}]


def downgrade() -> None:
    op.drop_column("payouts", "withheld_minor")
    op.drop_table("tax_reminders")
    op.drop_table("tax_export_lines")
    op.drop_table("tax_decisions")
    op.drop_table("tax_forms")
    op.drop_table("tax_entries")
    op.drop_table("tax_settings")
    op.drop_table("tax_rules")
    op.drop_table("tax_exports")
