"""Who might be paid, and how much: read from the accounts' balances in a handful of set queries.

A run never reads commissions: its cost does not grow with what was settled before (PERFORMANCE C).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, case, func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators import queries as creators
from portal.creators.models import PayoutDestination, Rail
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts import rules
from portal.payouts.leaving_queries import leavings
from portal.payouts.models import (
    GONE,
    OVER,
    BlockedReason,
    Caution,
    Payout,
    PayoutRun,
    PayoutStatus,
)
from portal.storage.model import db
from portal.tax import queries as tax
from portal.tax.rules import Payee

IDS_AT_ONCE = 500
USUAL_RUNS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One creator's line of a run, before anything is written."""

    creator_id: int
    name: str
    amount: Money
    adjustments: Money
    commission_count: int
    up_to_entry_id: int
    destination: rules.Destination | None
    previous: Money | None
    usual: Money | None
    blocked: tuple[BlockedReason, ...]
    cautions: tuple[Caution, ...]
    withheld: Money
    leaving: rules.Leaving | None = None


@dataclass(frozen=True, slots=True)
class _Before:
    """What a creator got in earlier runs."""

    previous: Money | None
    usual: Money | None
    account_ref: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether one creator could be paid by a run, and how much."""

    creator_id: int
    amount: Money
    destination: rules.Destination | None
    blocked: tuple[BlockedReason, ...]
    withheld: Money
    leaving: rules.Leaving | None = None


def standings(run: PayoutRun, now: Any) -> list[Standing]:
    """Every creator with a payable balance at the run's cut-off, by row id: enough to say what a
    run would come to."""
    return [standing for _, standing in _standings(run, now)]


def owed_at(run: PayoutRun) -> tuple[int, Money]:
    """How many creators a run would consider, and what it owes those above zero: two sums, for a
    page that must not read thousands of balances."""
    each = _accounts(run).subquery()
    amount = case((each.c.later > 0, each.c.balance - each.c.later), else_=each.c.balance)
    row = db.session.execute(
        select(func.count(case((amount != 0, 1))), _sum(case((amount > 0, amount))))
    ).one()
    return int(row[0]), Money(int(row[1]), run.currency)


def of_run(run: PayoutRun, now: Any) -> list[Found]:
    """As `standings`, with what the lines of a run show beside it."""
    standing = _standings(run, now)
    ids = [one.creator_id for _, one in standing]
    names = {creator.id: creator.name for creator in _by_slices(ids, creators.creators)}
    before = _before(run)
    # What is agreed by hand is free text: two creators may well have written the same.
    uses = Counter(
        one.destination.account_ref
        for _, one in standing
        if one.destination and one.destination.rail not in (Rail.MANUAL, Rail.CREDIT)
    )
    found = []
    for row, one in standing:
        past = before.get(one.creator_id, _Before(None, None, ""))
        is_shared = one.destination is not None and uses[one.destination.account_ref] > 1
        found.append(Found(
            one.creator_id, names[one.creator_id], one.amount,
            Money(int(row.taken), run.currency), int(row.commissions), int(row.newest),
            one.destination, past.previous, past.usual, one.blocked,
            rules.cautions(
                one.amount, past.usual,
                account_changed=_has_changed(one.destination, past), account_shared=is_shared,
            ),
            one.withheld, one.leaving,
        ))  # fmt: skip
    return found


def facts_of(destination: PayoutDestination) -> rules.Destination:
    """A stored destination as rules see it."""
    return rules.Destination(
        destination.rail,
        destination.account_ref,
        destination.state,
        destination.changed_at,
        destination.label_masked,
        destination.cooling_until,
    )


def stale_lines(run: PayoutRun, now: Any) -> int:
    """How many ready lines pay more than is owed by now, or to an account that cannot be paid or
    is another one: the run must be calculated again. What was earned since waits for the next."""
    current = {line.creator_id: line for line in standings(run, now)}
    rows = db.session.execute(
        select(
            Payout.creator_id, Payout.amount_minor, Payout.withheld_minor, Payout.account_ref
        ).where(Payout.run_id == run.id, Payout.status == PayoutStatus.READY)
    )
    return sum(
        line is None
        or bool(line.blocked)
        or line.amount.minor < amount_minor + withheld_minor
        or line.withheld.minor < withheld_minor
        or line.destination is None
        or line.destination.account_ref != account_ref
        for line, amount_minor, withheld_minor, account_ref in (
            (current.get(creator_id), minor, kept, ref) for creator_id, minor, kept, ref in rows
        )
    )


def _standings(run: PayoutRun, now: Any) -> list[tuple[Row[Any], Standing]]:
    rows = [row for row in db.session.execute(_accounts(run)) if _amount(row)]
    ids = [row.creator_id for row in rows]
    destinations = {d.creator_id: facts_of(d) for d in _by_slices(ids, creators.destinations_of)}
    barred, minimum = _barred(run.brand_id), Money(run.minimum_minor, run.currency)
    amounts = {row.creator_id: Money(_amount(row), run.currency) for row in rows}
    verdicts = tax.gate(run.brand_id, payees_of(amounts, destinations))
    found, nothing = [], Money.zero(run.currency)
    leave = leavings(run.brand_id, now)
    for row in rows:
        amount, destination = amounts[row.creator_id], destinations.get(row.creator_id)
        verdict = verdicts.get(row.creator_id)
        candidate = rules.Candidate(
            row.creator_id, amount, destination, row.creator_id in barred, verdict
        )
        blocked = rules.readiness(candidate, minimum, now)
        withheld = verdict.withheld if verdict and not blocked else nothing
        leaving = leave(amount - withheld, destination.rail) if destination else None
        if destination and leaving is None:
            blocked = (*blocked, BlockedReason.CURRENCY)
        one = Standing(row.creator_id, amount, destination, blocked, withheld, leaving)
        found.append((row, one))
    return found


def payees_of(
    amounts: Mapping[int, Money], destinations: Mapping[int, rules.Destination | None]
) -> list[Payee]:
    """Those with something to be paid, as the tax gate wants to know them."""
    found = []
    for creator_id, amount in amounts.items():
        to = destinations.get(creator_id)
        if amount.minor > 0:
            way = (to.rail.value, to.account_ref) if to else ("", "")
            found.append(Payee(creator_id, amount, *way))
    return found


def _amount(row: Row[Any]) -> int:
    # What was payable at the cut-off; never more than is payable now (later refunds).
    return min(int(row.balance), int(row.balance) - int(row.later))


def _has_changed(destination: rules.Destination | None, past: _Before) -> bool:
    return bool(destination and past.account_ref) and (
        destination is not None and destination.account_ref != past.account_ref
    )


def _accounts(run: PayoutRun) -> Select[Any]:
    """Per payable account: its balance, what changed after the cut-off, what refunds took back
    since the last payout, how many amounts came in, and the newest entry before the cut-off.

    Within one account ids and times rise together, since both are taken under its lock.
    """
    expense = select(LedgerAccount.id).where(
        LedgerAccount.name == accounts.expense(run.brand_id), LedgerAccount.currency == run.currency
    )
    taken_back = (
        select(LedgerEntry.id)
        .where(
            LedgerEntry.journal_id == LedgerJournal.id,
            LedgerEntry.account_id == expense.scalar_subquery(),
        )
        .correlate(LedgerJournal)
        .exists()
    )
    since = (
        select(func.max(Payout.up_to_entry_id))
        .where(
            Payout.creator_id == LedgerAccount.creator_id,
            Payout.brand_id == run.brand_id,
            Payout.currency == run.currency,
            Payout.status.in_(GONE),
        )
        .correlate(LedgerAccount)
        .scalar_subquery()
    )
    came_in, amount = LedgerEntry.amount_minor > 0, LedgerEntry.amount_minor
    in_time = LedgerJournal.at < run.cutoff_at
    is_ours = LedgerJournal.reference.like("payout:%")
    return (
        select(
            LedgerAccount.creator_id,
            LedgerAccount.balance_minor.label("balance"),
            _sum(case((~in_time & ~is_ours, amount))).label("later"),
            _sum(case((in_time & ~came_in & ~is_ours & taken_back, amount))).label("taken"),
            func.count(case((in_time & came_in & ~is_ours, 1)))
            .label("commissions"),
            func.coalesce(func.max(case((in_time, LedgerEntry.id))), since, 0).label("newest"),
        )
        .select_from(LedgerAccount)
        .outerjoin(
            LedgerEntry,
            (LedgerEntry.account_id == LedgerAccount.id)
            & (LedgerEntry.id > func.coalesce(since, 0)),
        )
        .outerjoin(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(
            LedgerAccount.brand_id == run.brand_id,
            LedgerAccount.state == "payable",
            LedgerAccount.currency == run.currency,
            LedgerAccount.balance_minor != 0,
        )
        .group_by(LedgerAccount.id, LedgerAccount.creator_id, LedgerAccount.balance_minor)
        .order_by(LedgerAccount.creator_id)
    )  # fmt: skip


def _sum(expression: Any) -> Any:
    return func.coalesce(func.sum(expression), 0)


def _before(run: PayoutRun) -> dict[int, _Before]:
    """What each creator got before: in the newest finished run, on average, and where."""
    newest = func.row_number().over(partition_by=Payout.creator_id, order_by=Payout.id.desc())
    ranked = (
        select(Payout.creator_id, Payout.run_id, Payout.amount_minor, Payout.account_ref,
               newest.label("place"))
        .where(Payout.brand_id == run.brand_id, Payout.currency == run.currency,
               Payout.status.in_(GONE), Payout.run_id != run.id)
        .subquery()
    )  # fmt: skip
    last_run = db.session.scalar(
        select(func.max(PayoutRun.id)).where(
            PayoutRun.brand_id == run.brand_id,
            PayoutRun.currency == run.currency,
            PayoutRun.status.in_(OVER),
            PayoutRun.id != run.id,
        )
    )
    got: dict[int, list[Any]] = {}
    for row in db.session.execute(
        select(ranked).where(ranked.c.place <= USUAL_RUNS).order_by(ranked.c.place)
    ):
        got.setdefault(row.creator_id, []).append(row)
    return {creator_id: _past(rows, last_run, run.currency) for creator_id, rows in got.items()}


def _past(rows: Sequence[Any], last_run: int | None, currency: str) -> _Before:
    newest = rows[0]
    total = Money(sum(row.amount_minor for row in rows), currency)
    was_in_last = newest.run_id == last_run
    return _Before(
        Money(newest.amount_minor, currency) if was_in_last else None,
        total.scaled(1, len(rows)),
        newest.account_ref,
    )


def _barred(brand_id: int) -> frozenset[int]:
    rows = db.session.scalars(
        select(Ambassador.creator_id).where(
            Ambassador.brand_id == brand_id, Ambassador.status == MembershipStatus.BANNED
        )
    )
    return frozenset(rows)


def _by_slices(ids: Sequence[int], query: Any) -> Iterable[Any]:
    for start in range(0, len(ids), IDS_AT_ONCE):
        yield from query(ids[start : start + IDS_AT_ONCE]).values()
