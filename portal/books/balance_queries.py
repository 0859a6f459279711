"""Balances below zero, and what holds will release: both from the ledger and the commissions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from portal.adjustments.models import Adjustment, AdjustmentReason, AdjustmentStatus
from portal.commissions.models import Commission, CommissionStatus, Loss
from portal.creators.models import Creator
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger import queries as books
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.storage.model import db

MONTHS_AHEAD = 6


@dataclass(frozen=True, slots=True)
class Negative:
    """A creator who owes: how much, since when, and the write-off that waits, if any."""

    creator: Creator
    balance: Money
    since: datetime
    write_off: Adjustment | None


@dataclass(frozen=True, slots=True)
class Release:
    """What the holds ending in one month release, in one currency."""

    month: date
    count: int
    amount: Money


def negatives(brand_id: int, request: PageRequest) -> Page[Negative]:
    """Creators whose payable balance is below zero, the longest known first."""
    wanted = select(LedgerAccount, Creator).join(
        Creator, Creator.id == LedgerAccount.creator_id
    ).where(
        LedgerAccount.brand_id == brand_id, LedgerAccount.state == "payable",
        LedgerAccount.balance_minor < 0,
    )  # fmt: skip
    ids = wanted.with_only_columns(LedgerAccount.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(ids)) or 0)
    after = request.row_id()
    if after is not None:
        wanted = wanted.where(LedgerAccount.id > after)
    rows = db.session.execute(wanted.order_by(LedgerAccount.id).limit(request.size + 1)).all()
    shown = rows[: request.size]
    since = books.negative_since([account.id for account, _ in shown])
    waiting = _write_offs(brand_id, [creator.id for _, creator in shown])
    listed = [
        Negative(creator, account.balance, since[account.id],
                 waiting.get((creator.id, account.currency)))
        for account, creator in shown
    ]  # fmt: skip
    cursor = cursor_of(shown[-1][0].id) if len(rows) > request.size else None
    return Page(listed, cursor, total, is_first=after is None)


def releases(brand_id: int, zone: str) -> dict[str, list[Release]]:
    """What is pending, by currency and the month in which its hold ends; what is overdue counts
    to this month, and the seventh month holds all that comes later."""
    today = clock.today(zone)
    months = _months(today)
    sums: dict[tuple[str, date], tuple[int, int]] = {}
    for at, currency, count, minor in db.session.execute(_pending_by_end(brand_id)):
        day = max(at.astimezone(ZoneInfo(zone)).date(), today)
        month = min(day.replace(day=1), months[-1])
        many, much = sums.get((currency, month), (0, 0))
        sums[currency, month] = many + int(count), much + int(minor)
    return {
        currency: [
            Release(month, sums[currency, month][0], Money(sums[currency, month][1], currency))
            for month in months
            if (currency, month) in sums
        ]
        for currency in sorted({currency for currency, _ in sums})
    }


def accrued(brand_id: int, since: datetime, until: datetime) -> dict[str, tuple[Money, Money]]:
    """(earned, taken back) in a period, by currency, by the dates of the journals: what the
    brand's cost account gave and received."""
    gave = case((LedgerEntry.amount_minor < 0, -LedgerEntry.amount_minor), else_=0)
    got = case((LedgerEntry.amount_minor > 0, LedgerEntry.amount_minor), else_=0)
    rows = db.session.execute(
        select(LedgerEntry.currency, func.sum(gave), func.sum(got))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(
            LedgerAccount.name == f"brand:{brand_id}:expense",
            LedgerJournal.at >= since, LedgerJournal.at < until,
        )
        .group_by(LedgerEntry.currency)
    )  # fmt: skip
    return {
        currency: (Money(int(earned), currency), Money(int(taken), currency))
        for currency, earned, taken in rows
    }


def losses(brand_id: int) -> dict[str, Money]:
    """What refunds too old to take back have cost the brand so far, by currency (R71)."""
    rows = db.session.execute(
        select(Loss.currency, func.sum(Loss.amount_minor))
        .join(Commission, Commission.id == Loss.commission_id)
        .where(Commission.brand_id == brand_id)
        .group_by(Loss.currency)
    )
    return {currency: Money(int(minor), currency) for currency, minor in rows if minor}


def liability_by_currency(brand_id: int) -> dict[str, dict[str, Money]]:
    """What is owed, by currency and state: never summed across currencies."""
    found: dict[str, dict[str, Money]] = {}
    for (state, currency), amount in books.totals_by_state(brand_id).items():
        found.setdefault(currency, {})[state] = amount
    return found


def _pending_by_end(brand_id: int) -> Any:
    return (
        select(
            Commission.hold_until, Commission.currency, func.count(),
            func.sum(Commission.amount_minor - Commission.reversed_minor),
        )
        .where(
            Commission.brand_id == brand_id, Commission.status == CommissionStatus.PENDING,
            Commission.amount_minor > Commission.reversed_minor,
        )
        .group_by(Commission.hold_until, Commission.currency)
    )  # fmt: skip


def _months(today: date) -> list[date]:
    first = today.year * 12 + today.month - 1
    return [
        date((first + ahead) // 12, (first + ahead) % 12 + 1, 1)
        for ahead in range(MONTHS_AHEAD + 1)
    ]


def _write_offs(brand_id: int, creator_ids: Sequence[int]) -> dict[tuple[int, str], Adjustment]:
    rows = db.session.scalars(
        select(Adjustment).where(
            Adjustment.brand_id == brand_id, Adjustment.creator_id.in_(creator_ids),
            Adjustment.reason == AdjustmentReason.WRITE_OFF,
            Adjustment.status == AdjustmentStatus.PROPOSED,
        )
    )  # fmt: skip
    return {(row.creator_id, row.currency): row for row in rows}
