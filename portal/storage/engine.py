"""How connections behave: SQLite in WAL mode with our own BEGIN; both append-only by trigger."""

from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from portal.kernel import codes

APPEND_ONLY = ("ledger_journals", "ledger_entries", "audit_entries")
BUSY_TIMEOUT_MS = 10_000
# The ingester checkpoints every second (docs/adr/0012). Only where none runs does a commit do it
# itself, and then seldom: at 64 MB of log.
WAL_PAGES = 16_000


def install(engine: Engine, *, survives_power_cut: bool = True) -> None:
    """Attach the connection manners to an engine; safe to call once per engine.

    A commit always survives a killed process. Demo and tests do without surviving a power cut.
    """
    if engine.dialect.name == "sqlite":
        level = "FULL" if survives_power_cut else "OFF"
        event.listen(engine, "connect", partial(_sqlite_connect, synchronous=level))
        event.listen(engine, "begin", _sqlite_begin)


def engine_options(url: str) -> dict[str, Any]:
    """What SQLALCHEMY_ENGINE_OPTIONS should hold for a database URL."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}}
    return {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 10}


def _sqlite_connect(connection: Any, _record: Any, *, synchronous: str) -> None:
    connection.isolation_level = None  # we write BEGIN ourselves
    connection.create_function("new_public_id", 1, codes.public_id)  # for set statements
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA synchronous={synchronous}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
    cursor.close()


def checkpoint(engine: Engine) -> None:
    """Bring SQLite's log into its file, as far as readers let it; blocks no writer."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()  # outside a transaction: SQLite refuses it inside
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").close()
    finally:
        connection.close()


def _sqlite_begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "")
    connection.exec_driver_sql(f"BEGIN {mode}".strip())


def sqlite_triggers() -> list[str]:
    """Statements that make the memory tables append-only on SQLite."""
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]


def postgresql_triggers() -> list[str]:
    """Append-only on PostgreSQL, and the rule that every journal sums to zero."""
    refuse = """
        CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""
    guards = [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()"
        for table in APPEND_ONLY
    ]
    return [refuse, *guards, *watch_balances()]


def watch_balances() -> list[str]:
    """PostgreSQL's rule that journals sum to zero. It looks at a statement as a whole, so that
    thousands of legs cost one look: those of a journal come in one statement."""
    balances = """
        CREATE OR REPLACE FUNCTION journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE wrong BIGINT;
        BEGIN
          SELECT journal_id INTO wrong FROM added GROUP BY journal_id, currency
          HAVING SUM(amount_minor) <> 0 LIMIT 1;
          IF FOUND THEN
            RAISE EXCEPTION 'journal % does not balance', wrong;
          END IF;
          RETURN NULL;
        END $$"""
    watch = """
        CREATE TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
        REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION journal_balances()"""
    return [balances, watch]


def install_triggers(connection: Connection) -> None:
    """Create the triggers (the migrations do; tests with a bare schema may)."""
    statements = sqlite_triggers() if connection.dialect.name == "sqlite" else postgresql_triggers()
    for statement in statements:
        connection.execute(text(statement))


def remove_triggers(connection: Connection) -> None:
    """Take the triggers away again (a migration's way back)."""
    if connection.dialect.name == "sqlite":
        for statement in sqlite_triggers():
            connection.execute(text(f"DROP TRIGGER {statement.split()[2]}"))
        return
    connection.execute(text("DROP FUNCTION refuse_rewrite() CASCADE"))
    connection.execute(text("DROP FUNCTION journal_balances() CASCADE"))
