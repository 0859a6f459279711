"""Millions of lines in the books, made by the database itself: making them is not what is measured.

`creators` people are owed `lines` amounts each, in currencies of their own, after `months` months
in which as many were owed and paid. Every journal balances and every balance is the sum of its
entries; the benchmark looks (`ledger.queries.violations`) before it measures.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, text

from portal.bench.ground import Ground
from portal.bench.history import NUMBERS, as_kept, look_away
from portal.creators.models import Creator, DestinationState, PayoutDestination, Rail
from portal.identity.models import User
from portal.kernel import clock
from portal.ledger import accounts
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

SLICE = 250_000
BEFORE = timedelta(days=1)

ACCOUNTS = """INSERT INTO ledger_accounts (name, currency, brand_id, creator_id, state,
        balance_minor)
    SELECT 'brand:' || :brand || ':creator:' || id || ':' || :state,
        CASE (id - :first) % :kinds WHEN 0 THEN 'USD' WHEN 1 THEN 'EUR' ELSE 'GBP' END,
        CAST(:brand AS BIGINT), id, CAST(:state AS VARCHAR), 0
    FROM creators WHERE id >= :first"""
SHARED = """INSERT INTO ledger_accounts (name, currency, balance_minor)
    SELECT DISTINCT CAST(:name AS VARCHAR), currency, 0 FROM ledger_accounts"""
# One line after the other: whose turn it is goes round, so nobody's entries lie together.
PLACES = """CREATE TABLE bench_places AS SELECT o.creator_id - :first AS place,
        o.creator_id AS creator_id, o.currency AS currency, o.id AS payable, c.id AS committed,
        e.id AS expense, w.id AS world
    FROM ledger_accounts o JOIN ledger_accounts c ON c.creator_id = o.creator_id
        AND c.state = 'committed'
    JOIN ledger_accounts e ON e.name = :expense AND e.currency = o.currency
    JOIN ledger_accounts w ON w.name = :world AND w.currency = o.currency
    WHERE o.state = 'payable'"""
JOURNALS = """INSERT INTO ledger_journals (id, at, reason, reference) {numbers}
    SELECT :base + i, :at, 'commission payable', 'bench:' || (:base + i) FROM n"""
LEGS = """INSERT INTO ledger_entries (journal_id, account_id, currency, amount_minor) {numbers}
    SELECT :base + i, CASE WHEN side = 0 THEN b.expense ELSE b.payable END, b.currency,
        (900 + (i * 7) % 5000) * (2 * side - 1)
    FROM n JOIN bench_places b ON b.place = i % :creators
    JOIN (SELECT 0 AS side UNION ALL SELECT 1) s ON 1 = 1"""
RUNS = """INSERT INTO payout_runs (public_id, brand_id, currency, label, cutoff_at, status,
        minimum_minor, round, considered_count, payout_count, gross_minor, adjustments_minor,
        net_minor, control_hash, created_at, note, return_note, failure, reconciled_count,
        difference_minor)
    SELECT 'run_' || :month || currency, CAST(:brand AS BIGINT), currency, 'Month ' || :month, :at,
        'closed', 0, 1, COUNT(*), COUNT(*), 0, 0, 0, '', :at, '', '', '', 0, 0
    FROM bench_places GROUP BY currency"""
PAYOUTS = """INSERT INTO payouts (public_id, run_id, brand_id, creator_id, creator_name, status,
        held_reason, cautions, currency, amount_minor, gross_minor, adjustments_minor,
        returned_minor, commission_count, up_to_entry_id, is_reserved, rail, account_ref,
        account_label, attempt, provider_ref, refusal_code, refusal, is_retryable)
    SELECT 'po_' || :month || '_' || b.creator_id, r.id, r.brand_id, b.creator_id,
        'Payee ' || b.place, 'paid', '', ' ', b.currency, s.minor, s.minor, 0, 0, s.lines,
        s.newest, {no}, 'stripe', 'acct_b' || b.place, '', 1, 'tr_' || :month || '_' || b.place,
        '', '', {no}
    FROM bench_places b JOIN payout_runs r ON r.public_id = 'run_' || :month || b.currency
    JOIN (SELECT account_id, SUM(amount_minor) AS minor, COUNT(*) AS lines, MAX(id) AS newest
        FROM ledger_entries WHERE journal_id >= :base GROUP BY account_id) s
        ON s.account_id = b.payable"""
SENT = """INSERT INTO ledger_journals (id, at, reason, reference)
    SELECT :base + p.id * 2 + step, :at, CASE WHEN step = 0 THEN 'payout reserved' ELSE
        'payout sent' END, 'payout:' || p.id || ':1:' || CASE WHEN step = 0 THEN 'reserved' ELSE
        'sent' END
    FROM payouts p JOIN payout_runs r ON r.id = p.run_id AND r.label = 'Month ' || :month
    JOIN (SELECT 0 AS step UNION ALL SELECT 1) s ON 1 = 1"""
SENT_LEGS = """INSERT INTO ledger_entries (journal_id, account_id, currency, amount_minor)
    SELECT :base + p.id * 2 + step, CASE WHEN step + side = 0 THEN b.payable
        WHEN step + side = 1 THEN b.committed ELSE b.world END, p.currency,
        p.amount_minor * (2 * side - 1)
    FROM payouts p JOIN payout_runs r ON r.id = p.run_id AND r.label = 'Month ' || :month
    JOIN bench_places b ON b.creator_id = p.creator_id
    JOIN (SELECT 0 AS step UNION ALL SELECT 1) s ON 1 = 1
    JOIN (SELECT 0 AS side UNION ALL SELECT 1) t ON 1 = 1"""
BALANCES = """UPDATE ledger_accounts SET balance_minor = s.minor FROM (SELECT account_id,
        SUM(amount_minor) AS minor FROM ledger_entries GROUP BY account_id) s
    WHERE s.account_id = ledger_accounts.id AND ledger_accounts.creator_id IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many creators, amounts a month for each, months that are paid already, currencies."""

    creators: int
    lines: int
    months: int = 0
    currencies: int = 3

    @property
    def owed(self) -> int:
        """How many amounts nobody has paid yet."""
        return self.creators * self.lines


def write(laid: Ground, size: Size) -> None:
    """Owe so much to so many, in the ground's database."""
    with laid.app.app_context():
        first = _people(size.creators)
        _do(ACCOUNTS, brand=laid.brand.id, state="payable", first=first, kinds=size.currencies)
        _do(ACCOUNTS, brand=laid.brand.id, state="committed", first=first, kinds=size.currencies)
        for name in (accounts.expense(laid.brand.id), accounts.PAID_OUT):
            _do(SHARED, name=name)
        _do(PLACES, first=first, expense=accounts.expense(laid.brand.id), world=accounts.PAID_OUT)
        _do("CREATE UNIQUE INDEX ix_bench_places ON bench_places (place)")
        for month in range(size.months):
            base = _lines(size)
            at = {"at": clock.now() - BEFORE, "month": month}
            _do(RUNS, brand=laid.brand.id, **at)
            _do(PAYOUTS, base=base, **at)
            _do(SENT, base=(base := _next_journal()), **at)
            _do(SENT_LEGS, base=base, month=month)
        _lines(size)
        _do(BALANCES)
        if db.engine.dialect.name == "postgresql":
            _do("SELECT setval('ledger_journals_id_seq', :at)", at=_next_journal())
            _tidy_up()
        end_read()


def _tidy_up() -> None:
    """What PostgreSQL does by itself while a month's amounts come in."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _lines(size: Size) -> int:
    """One amount after the other for everybody in turn; the id of the first journal."""
    base, numbers = _next_journal(), NUMBERS[db.engine.dialect.name]
    for start in range(0, size.owed, SLICE):
        part = {"start": start, "stop": min(start + SLICE, size.owed), "base": base}
        _do(JOURNALS.format(numbers=numbers), at=clock.now() - BEFORE, **part)
        _do(LEGS.format(numbers=numbers), creators=size.creators, **part)
    return base


def _next_journal() -> int:
    return int(db.session.scalar(text("SELECT COALESCE(MAX(id), 0) + 1 FROM ledger_journals")) or 1)


def _people(count: int) -> int:
    """Creators with an account that can be paid; the row id of the first."""
    now = clock.now()
    with unit_of_work():
        db.session.execute(insert(User), [
            {"public_id": f"usr_b{n}", "email": f"payee{n}@bench.example", "name": f"Payee {n}",
             "is_operator": False, "is_active": True, "created_at": now} for n in range(count)
        ])  # fmt: skip
        user = db.session.scalar(text("SELECT MIN(id) FROM users WHERE email LIKE 'payee%'"))
        db.session.execute(insert(Creator), [
            {"public_id": f"crt_b{n}", "user_id": user + n, "handle": f"payee{n}",
             "folded_handle": f"payee{n}", "name": f"Payee {n}", "bio": "", "country": "US",
             "zone": "UTC", "is_adult": True, "created_at": now} for n in range(count)
        ])  # fmt: skip
        first = db.session.scalar(text("SELECT MIN(id) FROM creators WHERE handle LIKE 'payee%'"))
        assert first is not None
        db.session.execute(insert(PayoutDestination), [
            {"creator_id": first + n, "rail": Rail.STRIPE, "account_ref": f"acct_b{n}",
             "missing": [], "state": DestinationState.READY, "label_masked": "••1234",
             "country": "US", "changed_at": now} for n in range(count)
        ])  # fmt: skip
    return int(first)


def _do(statement: str, **values: object) -> None:
    """One statement, one unit."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    words = text(statement.replace("{no}", "0" if is_sqlite else "false"))
    kept = {
        name: as_kept(one) if isinstance(one, datetime) else one for name, one in values.items()
    }
    with unit_of_work():
        look_away()
        db.session.execute(words, kept)
