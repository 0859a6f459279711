"""Months that are out and the statements in them; journals found by their instant."""

import sqlalchemy as sa
from alembic import op

import portal.storage.types

revision = "0037_statements"
down_revision = "0036_finance"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MINOR = ("opening", "earned", "reversed", "adjusted", "withheld", "paid", "closing")


def upgrade() -> None:
    instant = portal.storage.types.UTCDateTime(timezone=True)
    op.create_table(
        "statement_months",
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("published_at", instant, nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_statement_months_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["users.id"], name=op.f("fk_statement_months_published_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_months")),
        sa.UniqueConstraint("brand_id", "month", name=op.f("uq_statement_months_brand_id_month")),
    )
    op.create_table(
        "statements",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        *(sa.Column(f"{one}_minor", sa.BigInteger(), nullable=False) for one in MINOR),
        sa.Column("mails", sa.BigInteger(), nullable=False),
        sa.Column("mailed_at", instant, nullable=True),
        sa.Column("id", ROW_ID, nullable=False),
        sa.CheckConstraint(
            "opening_minor + earned_minor + reversed_minor + adjusted_minor + withheld_minor"
            " + paid_minor = closing_minor",
            name=op.f("ck_statements_adds_up"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_statements_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_statements_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("public_id", name=op.f("uq_statements_public_id")),
        sa.UniqueConstraint(
            "brand_id",
            "month",
            "creator_id",
            "currency",
            name=op.f("uq_statements_brand_id_month_creator_id_currency"),
        ),
    )
    op.create_index(
        op.f("ix_statements_creator_id_statements_month"), "statements", ["creator_id", "month"]
    )
    op.create_index(op.f("ix_ledger_journals_at"), "ledger_journals", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_ledger_journals_at"), "ledger_journals")
    op.drop_table("statements")
    op.drop_table("statement_months")
