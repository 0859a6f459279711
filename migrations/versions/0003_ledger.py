"""The tables of ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0003_ledger"
down_revision = "0002_audit"


def upgrade() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=True),
        sa.Column("creator_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=True),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("name", "currency", name=op.f("uq_ledger_accounts_name_currency")),
    )
    op.create_index(
        op.f(
            "ix_ledger_accounts_brand_id_ledger_accounts_state_ledger_accounts_currency_ledger_accounts_creator_id"
        ),
        "ledger_accounts",
        ["brand_id", "state", "currency", "creator_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_accounts_creator_id_ledger_accounts_brand_id"),
        "ledger_accounts",
        ["creator_id", "brand_id"],
        unique=False,
    )
    op.create_table(
        "ledger_journals",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(length=160), nullable=False),
        sa.Column(
            "reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["ledger_journals.id"],
            name=op.f("fk_ledger_journals_reverses_id_ledger_journals"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_journals")),
        sa.UniqueConstraint("reference", name=op.f("uq_ledger_journals_reference")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column(
            "journal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_entries_moves_something")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_accounts.id"],
            name=op.f("fk_ledger_entries_account_id_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["journal_id"],
            ["ledger_journals.id"],
            name=op.f("fk_ledger_entries_journal_id_ledger_journals"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(
        op.f("ix_ledger_entries_account_id_ledger_entries_id"),
        "ledger_entries",
        ["account_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_entries_journal_id"), "ledger_entries", ["journal_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_ledger_entries_journal_id"), table_name="ledger_entries")
    op.drop_index(
        op.f("ix_ledger_entries_account_id_ledger_entries_id"), table_name="ledger_entries"
    )
    op.drop_table("ledger_entries")
    op.drop_table("ledger_journals")
    op.drop_index(
        op.f("ix_ledger_accounts_creator_id_ledger_accounts_brand_id"), table_name="ledger_accounts"
    )
    op.drop_index(
        op.f(
            "ix_ledger_accounts_brand_id_ledger_accounts_state_ledger_accounts_currency_ledger_accounts_creator_id"
        ),
        table_name="ledger_accounts",
    )
    op.drop_table("ledger_accounts")
