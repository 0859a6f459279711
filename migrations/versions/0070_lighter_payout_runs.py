"""Indexes that hold what they are asked for, and room on their pages for rows that change in place."""

import sqlalchemy as sa
from alembic import op

revision = "0070_lighter_payout_runs"
down_revision = "0069_balance_by_statement"

GONE = sa.text("status IN ('sent', 'paid', 'marked_outside')")
BY_RAIL = sa.text("rail <> 'manual'")
TOLD = sa.text("rail <> 'manual' AND provider_ref IS NOT NULL")
ENTRIES = "ix_ledger_entries_account_id_ledger_entries_id"
BY_JOURNAL = "ix_ledger_entries_journal_id"
FILL = {"ledger_accounts": 70, "payouts": 60}  # in percent; holds for new pages


def upgrade() -> None:
    op.create_index(
        "ix_ledger_entries_of_account", "ledger_entries", ["account_id", "id", "amount_minor"]
    )
    op.drop_index(ENTRIES, "ledger_entries")
    if op.get_bind().dialect.name == "sqlite":  # of two that look alike to it, it takes the newer
        op.drop_index(BY_JOURNAL, "ledger_entries")
        op.create_index(BY_JOURNAL, "ledger_entries", ["journal_id"])
    op.drop_index("ix_payouts_covered", "payouts")
    op.create_index(
        "ix_payouts_gone", "payouts", ["creator_id", "brand_id", "currency", "up_to_entry_id"],
        sqlite_where=GONE, postgresql_where=GONE,
    )  # fmt: skip
    _provider_ref(TOLD)
    _fill({table: f"SET (fillfactor = {part})" for table, part in FILL.items()})


def downgrade() -> None:
    _fill(dict.fromkeys(FILL, "RESET (fillfactor)"))
    _provider_ref(BY_RAIL)
    op.drop_index("ix_payouts_gone", "payouts")
    op.create_index(
        "ix_payouts_covered", "payouts",
        ["creator_id", "brand_id", "currency", "status", "up_to_entry_id"],
    )  # fmt: skip
    op.create_index(ENTRIES, "ledger_entries", ["account_id", "id"])
    op.drop_index("ix_ledger_entries_of_account", "ledger_entries")


def _provider_ref(where: sa.TextClause) -> None:
    op.drop_index("uq_payouts_provider_ref", "payouts")
    op.create_index(
        "uq_payouts_provider_ref", "payouts", ["provider_ref"], unique=True,
        sqlite_where=where, postgresql_where=where,
    )  # fmt: skip


def _fill(changes: dict[str, str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, what in changes.items():
            op.execute(f"ALTER TABLE {table} {what}")
