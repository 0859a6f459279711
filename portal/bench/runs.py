"""A payout run over 5,000 creators: calculated, submitted, approved; and the rate of sending."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import insert, text

from portal.bench.ground import Ground, databases, ground
from portal.creators.models import Creator, DestinationState, PayoutDestination, Rail
from portal.identity import commands as identity
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger import queries as books
from portal.payouts import commands as payouts
from portal.payouts import queries
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work

CREATORS, LINES, SLICE = 5000, 4, 250
AGGREGATE = """SELECT a.creator_id, SUM(e.amount_minor) FROM ledger_entries e
    JOIN ledger_accounts a ON a.id = e.account_id WHERE a.state = 'payable' AND a.brand_id = :brand
    GROUP BY a.creator_id"""


def measure() -> Iterator[dict[str, Any]]:
    """Each step on each database; the baseline is the raw aggregate over the same entries."""
    for label, url in databases().items():
        with ground(url, 1) as laid:
            yield {f"{label}, {key}": value for key, value in _one(laid).items()}


def _one(laid: Ground) -> dict[str, Any]:
    _earn(laid)
    aggregate = _timed(lambda: db.session.execute(text(AGGREGATE), {"brand": laid.brand.id}).all())
    with unit_of_work():
        run = payouts.draft_run(laid.brand.id, "USD", "Bench", clock.now(), by=laid.owner)
        second = identity.register(email="second@bench.example", name="Second", password=None)
    calculated = _timed(lambda: _in_unit(lambda: payouts.calculate(run.id, by=laid.owner)))
    submitted = _timed(lambda: _in_unit(lambda: payouts.submit_run(run.id, "", by=laid.owner)))
    held = queries.run(run.id)
    approved = _timed(
        lambda: _in_unit(lambda: payouts.approve_run(run.id, held.control_hash, by=second.id))
    )
    wrong = books.violations()
    return {
        f"raw aggregate of {CREATORS * LINES:,} entries, ms": round(aggregate * 1000),
        f"calculate {held.payout_count:,} payouts, s (÷ aggregate)": _pair(calculated, aggregate),
        "submit: money set aside per creator, s (÷ aggregate)": _pair(submitted, aggregate),
        "approve: hash and sums recomputed, s (÷ aggregate)": _pair(approved, aggregate),
        "net of the run, and violations of the books": f"{held.net}, {len(wrong)}",
    }


def _earn(laid: Ground) -> None:
    """Creators with payable balances, by plain statements: making them is not what is measured."""
    now, brand = clock.now(), laid.brand.id
    with unit_of_work():
        db.session.execute(insert(User), [
            {"public_id": f"usr_b{n}", "email": f"payee{n}@bench.example", "name": f"Payee {n}",
             "is_operator": False, "is_active": True, "created_at": now} for n in range(CREATORS)
        ])  # fmt: skip
        first = db.session.scalar(text("SELECT MIN(id) FROM users WHERE email LIKE 'payee%'"))
        db.session.execute(insert(Creator), [
            {"public_id": f"crt_b{n}", "user_id": first + n, "handle": f"payee{n}",
             "folded_handle": f"payee{n}", "name": f"Payee {n}", "bio": "", "country": "US",
             "zone": "UTC", "is_adult": True, "created_at": now} for n in range(CREATORS)
        ])  # fmt: skip
        base = db.session.scalar(text("SELECT MIN(id) FROM creators WHERE handle LIKE 'payee%'"))
        db.session.execute(insert(PayoutDestination), [
            {"creator_id": base + n, "rail": Rail.STRIPE, "account_ref": f"acct_b{n}",
             "missing": [], "state": DestinationState.READY, "label_masked": "••1234",
             "country": "US", "changed_at": now} for n in range(CREATORS)
        ])  # fmt: skip
    for start in range(0, CREATORS, SLICE):
        with unit_of_work():
            for number in range(start, start + SLICE):
                _owe(accounts.payable(brand, base + number), brand, number)
        end_read()


def _owe(owed: str, brand_id: int, number: int) -> None:
    for line in range(LINES):
        amount = Money(900 + (number * 7 + line * 13) % 5000, "USD")
        reference = f"bench:{number}:{line}"
        ledger.post("bench", reference, [(accounts.expense(brand_id), owed, amount)])


def _in_unit(act: Callable[[], object]) -> None:
    with unit_of_work():
        act()


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _pair(seconds: float, baseline: float) -> str:
    return f"{seconds:.2f} ({seconds / baseline:.0f}×)"
