"""Finance's home: what the brand owes by state, what the next run would pay, what is stuck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select

from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.paying import queries as paying
from portal.payouts import candidate_queries as candidates
from portal.payouts import waiting_queries, wording
from portal.payouts.models import (
    GONE,
    OVER,
    BlockedReason,
    Payout,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from portal.payouts.waiting_queries import Waits
from portal.programs import queries as programs
from portal.storage.model import db

STATES = ("pending", "held", "payable", "committed")
OPEN = (RunStatus.DRAFT, RunStatus.CALCULATING, RunStatus.FAILED, RunStatus.IN_REVIEW,
           RunStatus.AWAITING_APPROVAL, RunStatus.APPROVED, RunStatus.EXECUTING, RunStatus.PAUSED,
           RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_FAILURES, RunStatus.STOPPED)  # fmt: skip
AGES = ((30, "0–30 days"), (60, "31–60 days"), (90, "61–90 days"))
BELOW_ZERO = "Below zero"
OLDER = "Over 90 days"
CHARTED = 6


@dataclass(frozen=True, slots=True)
class Liability:
    """What a brand owes its creators in one currency, accrued and unpaid, and what it paid."""

    currency: str
    pending: Money
    held: Money
    payable: Money
    committed: Money
    paid_this_year: Money

    @property
    def total(self) -> Money:
        return self.pending + self.held + self.payable + self.committed


@dataclass(frozen=True, slots=True)
class NextRun:
    """What a run would pay if it were calculated now."""

    ready: int
    total: Money
    blocked: int
    blocked_total: Money
    pay_on: date | None
    open: PayoutRun | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of thing that somebody has to look at."""

    kind: str
    count: int
    amount: Money
    path: str
    run: PayoutRun | None = None
    view: str = ""


def liabilities(brand: Brand) -> list[Liability]:
    """By currency, the brand's own first; from the account balances alone."""
    sums = books.totals_by_state(brand.id)
    codes = sorted({currency for _, currency in sums} - {brand.currency})
    start = clock.start_of_day(clock.today(brand.zone).replace(month=1, day=1), brand.zone)
    paid = _paid_since(brand.id, start)
    return [
        Liability(
            currency=code,
            **{state: sums.get((state, code), Money.zero(code)) for state in STATES},
            paid_this_year=paid.get(code, Money.zero(code)),
        )
        for code in (brand.currency, *codes)
    ]


def next_run(brand: Brand, runs: Sequence[PayoutRun]) -> tuple[NextRun, list[Waiting]]:
    """What everything payable now would come to, and who is left out, by reason. `runs` are those
    in which somebody has something to do: the one of this currency that is not over is open."""
    minimum = programs.minimum_payout(brand.id, brand.currency)
    draft = PayoutRun(brand_id=brand.id, currency=brand.currency, minimum_minor=minimum.minor,
                      cutoff_at=clock.now() + timedelta(microseconds=1))  # fmt: skip
    found = candidates.standings(draft, clock.now())
    ready = [line for line in found if not line.blocked]
    blocked = [line for line in found if line.blocked]
    coming = paying.pay_day(brand.id, brand.zone)
    own = (run for run in runs if run.currency == brand.currency and run.status not in OVER)
    is_open = next(own, None)
    scheduled = coming.pay_on if coming else None
    made = NextRun(
        ready=len(ready),
        total=Money.total([line.amount for line in ready], brand.currency),
        blocked=len(blocked),
        blocked_total=Money.total([line.amount for line in blocked], brand.currency),
        pay_on=(is_open and is_open.pay_on) or scheduled,
        open=is_open,
    )
    return made, _by_reason(blocked, brand.currency)


def _by_reason(blocked: Sequence[candidates.Standing], currency: str) -> list[Waiting]:
    grouped: dict[BlockedReason, list[Money]] = {}
    for line in blocked:
        grouped.setdefault(line.blocked[0], []).append(line.amount)
    rows = [
        Waiting(wording.REASONS[reason].label, len(amounts), Money.total(amounts, currency),
                   wording.REASONS[reason].path)
        for reason, amounts in grouped.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row.amount.minor)


def waits_of(runs: Sequence[PayoutRun]) -> dict[int, Waits]:
    """What those of these runs that are being sent wait for, by row id."""
    sending = [run for run in runs if run.status in (RunStatus.EXECUTING, RunStatus.PAUSED)]
    return waiting_queries.waits_of(sending) if sending else {}


def by_hand(runs: Sequence[PayoutRun], waits: Mapping[int, Waits]) -> list[Waiting]:
    """Payouts of these runs that somebody has to pay and a second person to mark, by run."""
    return [
        Waiting(f"To pay by hand in {run.label}", hand.count, hand.amount,
                "Pay it; a second person marks it", run, "waiting")
        for run in runs
        if run.id in waits and (hand := waits[run.id].by_hand) is not None
    ]  # fmt: skip


def undecided(brand: Brand) -> list[Waiting]:
    """Failed and returned payouts of runs that are not closed, by run."""
    kinds = {PayoutStatus.FAILED: ("Failed", "Retry, or leave to the next run"),
             PayoutStatus.RETURNED: ("Returned", "Payable again"),
             PayoutStatus.UNKNOWN: ("Unknown", "The provider is asked")}  # fmt: skip
    rows = db.session.execute(
        select(PayoutRun, Payout.status, func.count(), func.sum(Payout.amount_minor))
        .join(Payout, Payout.run_id == PayoutRun.id)
        .where(
            PayoutRun.brand_id == brand.id,
            PayoutRun.status != RunStatus.CLOSED,
            Payout.status.in_(kinds),
        )
        .group_by(PayoutRun.id, Payout.status)
        .order_by(PayoutRun.id.desc())
    )
    return [
        Waiting(f"{kinds[status][0]} in {run.label}", count, Money(int(minor), run.currency),
                   kinds[status][1], run, "waiting" if status is PayoutStatus.UNKNOWN else "failed")
        for run, status, count, minor in rows
    ]  # fmt: skip


def runs_of(brand: Brand) -> tuple[list[PayoutRun], list[PayoutRun]]:
    """The runs in which somebody still has something to do, newest first; and the last finished
    ones in the brand's currency, oldest first."""
    finished = (
        select(PayoutRun.id)
        .where(
            PayoutRun.brand_id == brand.id,
            PayoutRun.currency == brand.currency,
            PayoutRun.status.in_(OVER),
        )
        .order_by(PayoutRun.id.desc())
        .limit(CHARTED)
    )
    charted = case((PayoutRun.id.in_(finished), 1), else_=0)
    rows = db.session.execute(
        select(PayoutRun, charted)
        .where(
            PayoutRun.brand_id == brand.id, PayoutRun.status.in_(OPEN) | PayoutRun.id.in_(finished)
        )
        .order_by(PayoutRun.id.desc())
    ).all()
    waiting = [run for run, _ in rows if run.status in OPEN]
    return waiting, [run for run, is_charted in rows if is_charted][::-1]


def ageing(brand: Brand) -> dict[str, list[tuple[str, Money]]]:
    """Payable balances by the age of the newest thing earned in them, youngest first, what is below
    zero, if anything, and their sum, which is what is payable; for each currency apart, the
    brand's own first. Reads sums only.
    """
    newest = func.max(case((LedgerEntry.amount_minor > 0, LedgerJournal.at)))
    each = (
        select(LedgerAccount.currency, LedgerAccount.balance_minor.label("minor"),
               newest.label("newest"))
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(
            LedgerAccount.brand_id == brand.id,
            LedgerAccount.state == "payable",
            LedgerAccount.balance_minor != 0,
        )
        .group_by(LedgerAccount.id, LedgerAccount.currency, LedgerAccount.balance_minor)
        .subquery()
    )  # fmt: skip
    now = clock.now()
    ages = [(each.c.newest > now - timedelta(days=most + 1), words) for most, words in AGES]
    age = case((each.c.minor < 0, BELOW_ZERO), *ages, else_=OLDER)
    aged = select(each.c.currency, age.label("age"), each.c.minor).subquery()
    rows = db.session.execute(
        select(aged.c.currency, aged.c.age, func.sum(aged.c.minor))
        .group_by(aged.c.currency, aged.c.age)
    ).all()  # fmt: skip
    codes = sorted({row.currency for row in rows} - {brand.currency})
    return {code: _aged(code, rows) for code in (brand.currency, *codes)}


def _aged(currency: str, rows: Sequence[Any]) -> list[tuple[str, Money]]:
    found = {row.age: Money(int(row[2]), currency) for row in rows if row.currency == currency}
    shown = [*(words for _, words in AGES), OLDER, *([BELOW_ZERO] if BELOW_ZERO in found else [])]
    parts = [(words, found.get(words, Money.zero(currency))) for words in shown]
    return [*parts, ("Payable", Money.total(found.values(), currency))]


def _paid_since(brand_id: int, since: datetime) -> dict[str, Money]:
    rows = db.session.execute(
        select(Payout.currency, func.sum(Payout.amount_minor - Payout.returned_minor))
        .where(Payout.brand_id == brand_id, Payout.status.in_(GONE), Payout.sent_at >= since)
        .group_by(Payout.currency)
    )
    return {currency: Money(int(minor), currency) for currency, minor in rows}
