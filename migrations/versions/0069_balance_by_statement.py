"""PostgreSQL looks at the sums of journals once a statement, no longer once a leg."""

from alembic import op

from portal.storage import engine

revision = "0069_balance_by_statement"
down_revision = "0068_payee_holds"

NO_WATCH = "DROP TRIGGER ledger_entries_balance ON ledger_entries"
BY_LEG = """
    CREATE OR REPLACE FUNCTION journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM ledger_entries WHERE journal_id = NEW.journal_id
                 GROUP BY currency HAVING SUM(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'journal % does not balance', NEW.journal_id;
      END IF;
      RETURN NULL;
    END $$"""
WATCH_LEGS = """
    CREATE CONSTRAINT TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_balances()"""


def upgrade() -> None:
    _watch(engine.watch_balances())


def downgrade() -> None:
    _watch([BY_LEG, WATCH_LEGS])


def _watch(statements: list[str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in (NO_WATCH, *statements):
            op.execute(statement)
