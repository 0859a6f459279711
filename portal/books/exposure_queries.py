"""Clawback exposure: what was paid and a refund could still take back (UX 2.6, R69–R71)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, case, cast, func, literal, select

from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.creators.models import Creator
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts.models import Payout, is_gone
from portal.storage.model import db

RATE_DAYS = timedelta(days=90)
TOP = 5


@dataclass(frozen=True, slots=True)
class Exposure:
    """One currency. `returnable`: what is left of sales that were paid so recently that a refund
    is still taken back; `rate_bp`: what returns took of the last 90 days’ sales; `owed`: negative
    balances, as a positive amount; `top`: the creators with most of `returnable`."""

    returnable: Money
    rate_bp: int
    owed: Money
    top: list[tuple[Creator, Money]] = field(default_factory=list)

    @property
    def likely(self) -> Money:
        """What of it returns will take, if they go on as in the last 90 days."""
        return self.returnable.portion(self.rate_bp)

    @property
    def total(self) -> Money:
        """The exposure: what is likely to be taken back and what is owed back already."""
        return self.likely + self.owed


def exposures(brand_id: int, clawback_days: int) -> list[Exposure]:
    """By currency; `clawback_days` are the brand's limit, after which a refund is its own cost."""
    paid = _returnable(brand_id, clock.now() - timedelta(days=clawback_days))
    by_currency = select(paid.c.currency, func.sum(paid.c.minor)).group_by(paid.c.currency)
    sums = {code: int(minor) for code, minor in db.session.execute(by_currency)}
    owed, rates = _owed(brand_id), _rates(brand_id, clock.now() - RATE_DAYS)
    top = _top(paid)
    return [
        Exposure(Money(sums.get(code, 0), code), rates.get(code, 0),
                 Money(owed.get(code, 0), code), top.get(code, []))
        for code in sorted({code for code, minor in sums.items() if minor} | set(owed))
    ]  # fmt: skip


# ---- inside
def _returnable(brand_id: int, since: datetime) -> Any:
    """(creator, currency, what is left) of sales whose payout was sent since: the entry by which
    they became payable lies above what was sent before, and within what was sent."""
    up_to = Payout.up_to_entry_id
    reach = (
        select(
            Payout.creator_id, Payout.currency, func.max(up_to).label("paid_to"),
            func.coalesce(func.max(case((Payout.sent_at < since, up_to))), 0).label("old_to"),
        )
        .where(Payout.brand_id == brand_id, is_gone(Payout.status))
        .group_by(Payout.creator_id, Payout.currency)
        .subquery()
    )  # fmt: skip
    matured = literal("commission:") + cast(Commission.id, String) + ":matured"
    left = func.sum(Commission.amount_minor - Commission.reversed_minor)
    return (
        select(Commission.creator_id, Commission.currency, left.label("minor"))
        .join(
            reach,
            (reach.c.creator_id == Commission.creator_id)
            & (reach.c.currency == Commission.currency) & (reach.c.paid_to > reach.c.old_to),
        )
        .join(LedgerJournal, LedgerJournal.reference == matured)
        .join(
            LedgerEntry,
            (LedgerEntry.journal_id == LedgerJournal.id) & (LedgerEntry.amount_minor > 0),
        )
        .where(
            Commission.brand_id == brand_id, Commission.status == CommissionStatus.PAYABLE,
            Commission.kind == CommissionKind.SALE,
            LedgerEntry.id > reach.c.old_to, LedgerEntry.id <= reach.c.paid_to,
        )
        .group_by(Commission.creator_id, Commission.currency)
        .subquery()
    )  # fmt: skip


def _top(paid: Any) -> dict[str, list[tuple[Creator, Money]]]:
    place = (
        func.row_number()
        .over(partition_by=paid.c.currency, order_by=(paid.c.minor.desc(), paid.c.creator_id))
        .label("place")
    )
    ranked = select(paid, place).where(paid.c.minor > 0).subquery()
    rows = db.session.execute(
        select(Creator, ranked.c.currency, ranked.c.minor)
        .join(ranked, ranked.c.creator_id == Creator.id)
        .where(ranked.c.place <= TOP)
        .order_by(ranked.c.currency, ranked.c.place)
    )
    found: dict[str, list[tuple[Creator, Money]]] = {}
    for creator, code, minor in rows:
        found.setdefault(code, []).append((creator, Money(int(minor), code)))
    return found


def _owed(brand_id: int) -> dict[str, int]:
    rows = db.session.execute(
        select(LedgerAccount.currency, -func.sum(LedgerAccount.balance_minor))
        .where(
            LedgerAccount.brand_id == brand_id, LedgerAccount.state == "payable",
            LedgerAccount.balance_minor < 0,
        )
        .group_by(LedgerAccount.currency)
    )  # fmt: skip
    return {code: int(minor) for code, minor in rows}


def _rates(brand_id: int, since: datetime) -> dict[str, int]:
    """What returns took of what sales earned since, in basis points, rounded half up."""
    rows = db.session.execute(
        select(
            Commission.currency, func.sum(Commission.amount_minor),
            func.sum(Commission.reversed_minor),
        )
        .where(
            Commission.brand_id == brand_id, Commission.kind == CommissionKind.SALE,
            Commission.earned_at >= since,
        )
        .group_by(Commission.currency)
    )  # fmt: skip
    return {
        code: (int(taken) * 20_000 + int(earned)) // (int(earned) * 2)
        for code, earned, taken in rows if earned
    }  # fmt: skip
