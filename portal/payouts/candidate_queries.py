"""Who might be paid, and how much: read from the accounts' balances in a handful of set queries.

A run never reads commissions: its cost does not grow with what was settled before (PERFORMANCE C).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import CTE, Row, Select, case, func, select, true
from sqlalchemy.orm import aliased

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

T = TypeVar("T")
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
    names, before = _by_slices(ids, creators.names_of), _before(run, ids)
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


def facts_of(destination: PayoutDestination | Row[Any]) -> rules.Destination:
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
    stored = _by_slices(ids, creators.destination_facts_of)
    destinations = {creator_id: facts_of(one) for creator_id, one in stored.items()}
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

    Within one account ids and times rise together, since both are taken under its lock. Entries
    that an earlier payout covers are not read, however many there are: PostgreSQL is told to look
    account by account (LATERAL), since it would rather read the whole table; SQLite does so anyway.
    """
    owed = _owed(run)
    figures = _figures(run)
    new = (LedgerEntry.account_id == owed.c.id) & (LedgerEntry.id > owed.c.since)
    told = (LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
    if db.engine.dialect.name == "postgresql":
        of_one = select(*figures).select_from(LedgerEntry).join(*told).where(new).lateral()
        wanted = select(
            owed.c.creator_id, owed.c.balance, of_one.c.later, of_one.c.taken,
            of_one.c.commissions, func.coalesce(of_one.c.newest, owed.c.since).label("newest"),
        ).select_from(owed.join(of_one, true()))  # fmt: skip
        return wanted.order_by(owed.c.creator_id)
    *sums, newest = figures
    return (
        select(
            owed.c.creator_id, owed.c.balance, *sums,
            func.coalesce(newest, owed.c.since).label("newest"),
        )
        .select_from(owed)
        .outerjoin(LedgerEntry, new)
        .outerjoin(*told)
        .group_by(owed.c.id, owed.c.creator_id, owed.c.balance, owed.c.since)
        .order_by(owed.c.creator_id)
    )  # fmt: skip


def _owed(run: PayoutRun) -> CTE:
    """The payable accounts with a balance, and up to which entry earlier payouts cover them."""
    covered = (
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
    return (
        select(
            LedgerAccount.id,
            LedgerAccount.creator_id,
            LedgerAccount.balance_minor.label("balance"),
            func.coalesce(covered, 0).label("since"),
        )
        .where(
            LedgerAccount.brand_id == run.brand_id,
            LedgerAccount.state == "payable",
            LedgerAccount.currency == run.currency,
            LedgerAccount.balance_minor != 0,
        )
        .cte("owed")
        .prefix_with("MATERIALIZED")
    )


def _figures(run: PayoutRun) -> tuple[Any, ...]:
    """What an account's entries since the last payout come to."""
    expense = select(LedgerAccount.id).where(
        LedgerAccount.name == accounts.expense(run.brand_id), LedgerAccount.currency == run.currency
    )
    other = aliased(LedgerEntry)
    taken_back = (  # by LIMIT, not EXISTS: PostgreSQL would hash every entry of the expense account
        select(other.id)
        .where(other.journal_id == LedgerJournal.id, other.account_id == expense.scalar_subquery())
        .correlate(LedgerJournal)
        .limit(1)
        .scalar_subquery()
        .is_not(None)
    )
    came_in, amount = LedgerEntry.amount_minor > 0, LedgerEntry.amount_minor
    in_time = LedgerJournal.at < run.cutoff_at
    is_ours = LedgerJournal.reference.like("payout:%")
    return (
        _sum(case((~in_time & ~is_ours, amount))).label("later"),
        _sum(case((in_time & ~came_in & ~is_ours & taken_back, amount))).label("taken"),
        func.count(case((in_time & came_in & ~is_ours, 1))).label("commissions"),
        func.max(case((in_time, LedgerEntry.id))).label("newest"),
    )


def _sum(expression: Any) -> Any:
    return func.coalesce(func.sum(expression), 0)


def _before(run: PayoutRun, creator_ids: Sequence[int]) -> dict[int, _Before]:
    """What each of these creators got before: in the newest finished run, on average, and where.

    Most of it stands in the last few runs; only who was not in each of them is looked up by
    herself, so that years of runs cost nothing.
    """
    ours = (PayoutRun.brand_id == run.brand_id, PayoutRun.currency == run.currency,
            PayoutRun.id != run.id)  # fmt: skip
    paid = select(Payout.id).where(Payout.run_id == PayoutRun.id, Payout.status.in_(GONE))
    last_run = db.session.scalar(
        select(func.max(PayoutRun.id)).where(PayoutRun.status.in_(OVER), *ours)
    )
    runs = db.session.scalars(
        select(PayoutRun.id)
        .where(*ours, paid.exists())
        .order_by(PayoutRun.id.desc())
        .limit(USUAL_RUNS + 1)
    ).all()
    latest = select(*_OF_BEFORE).where(
        Payout.run_id.in_(runs[:USUAL_RUNS]), Payout.status.in_(GONE)
    )
    got: dict[int, list[Any]] = {}
    for row in db.session.execute(latest.order_by(Payout.id.desc())):
        got.setdefault(row.creator_id, []).append(row)
    if len(runs) > USUAL_RUNS:
        rare = [one for one in creator_ids if len(got.get(one, ())) < USUAL_RUNS]
        got |= _by_slices(rare, partial(_newest_of, run))
    return {creator_id: _past(rows, last_run, run.currency) for creator_id, rows in got.items()}


_OF_BEFORE = (Payout.creator_id, Payout.run_id, Payout.amount_minor, Payout.account_ref)


def _newest_of(run: PayoutRun, creator_ids: Sequence[int]) -> dict[int, list[Any]]:
    newest = func.row_number().over(partition_by=Payout.creator_id, order_by=Payout.id.desc())
    ranked = (
        select(*_OF_BEFORE, newest.label("place"))
        .where(Payout.creator_id.in_(creator_ids), Payout.brand_id == run.brand_id,
               Payout.currency == run.currency, Payout.status.in_(GONE), Payout.run_id != run.id)
        .subquery()
    )  # fmt: skip
    got: dict[int, list[Any]] = {}
    for row in db.session.execute(
        select(ranked).where(ranked.c.place <= USUAL_RUNS).order_by(ranked.c.place)
    ):
        got.setdefault(row.creator_id, []).append(row)
    return got


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


def _by_slices(ids: Sequence[int], query: Callable[[Sequence[int]], dict[int, T]]) -> dict[int, T]:
    found: dict[int, T] = {}
    for start in range(0, len(ids), IDS_AT_ONCE):
        found |= query(ids[start : start + IDS_AT_ONCE])
    return found
