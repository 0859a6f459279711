"""Refunds that come too long after a payment: the brand's own cost, not the creator's (R71)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from portal.commissions import queries
from portal.commissions.models import Commission, Loss
from portal.commissions.posting import book, note
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.limits import queries as limits
from portal.storage.model import db


def _never(_commission: Commission) -> datetime | None:
    return None


# When a commission was paid, None while it was not. Payouts know: `app.py` sets it, since this
# room may not import that one.
paid_at_of: Callable[[Commission], datetime | None] = _never


def paid_too_long_ago(commission: Commission) -> datetime | None:
    """When it was paid, if that was more than the brand's limit of days ago; else None."""
    if commission.payable_at is None:
        return None
    days = limits.in_force(commission.brand_id).clawback_days
    paid_at = paid_at_of(commission)
    if paid_at is None or clock.now() <= paid_at + timedelta(days=days):
        return None
    return paid_at


def bear(commission: Commission, amount: Money, paid_at: datetime) -> None:
    """Book `amount` as the brand's own loss: what the creator got stays hers."""
    _book(commission, amount, paid_at)


def regain(commission: Commission, amount: Money) -> None:
    """Undo as much of what was lost: the shop got the money back after all, or the commission is
    taken back for another reason."""
    assert amount <= queries.lost_of(commission), "no more than was lost comes back"
    _book(commission, -amount, queries.losses_of(commission.id)[-1].paid_at)


def _book(commission: Commission, amount: Money, paid_at: datetime) -> None:
    number = queries.count_of_losses(commission.id) + 1
    db.session.add(
        Loss(commission_id=commission.id, number=number, amount_minor=amount.minor,
             currency=amount.currency, paid_at=paid_at, at=clock.now())
    )  # fmt: skip
    lost, expense = accounts.lost(commission.brand_id), accounts.expense(commission.brand_id)
    way = (lost, expense) if amount.minor > 0 else (expense, lost)
    book(commission, f"lost:{number}", *way, abs(amount))
    db.session.flush()
    note(commission, "lost", None, amount=str(amount), paid_at=paid_at.isoformat())
