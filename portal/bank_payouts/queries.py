"""Looking at what became of money on its way to banks."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from portal.bank_payouts.models import BankPayout, BankPayoutState
from portal.kernel.errors import NotFound
from portal.storage.model import db


def bank_payout(bank_payout_id: int) -> BankPayout:
    """One by row id. Raises NotFound."""
    found = db.session.get(BankPayout, bank_payout_id)
    if found is None:
        raise NotFound()
    return found


def failure_since(account_ref: str, sent_at: datetime) -> BankPayout | None:
    """Why what was sent to this account then has not reached the bank: the newest failure since,
    unless a later payout to the bank got through, which carried all that lay there."""
    query = select(BankPayout).where(
        BankPayout.account_ref == account_ref, *_stands(BankPayout, sent_at)
    )
    newest = query.order_by(BankPayout.told_at.desc(), BankPayout.id.desc()).limit(1)
    return db.session.scalar(newest)  # type: ignore[no-any-return]


def has_failed_since(account_ref: Any, sent_at: Any) -> ColumnElement[bool]:
    """`failure_since` as a condition on columns of another table, for set statements."""
    failed = aliased(BankPayout)
    wanted = select(failed.id).where(failed.account_ref == account_ref, *_stands(failed, sent_at))
    return wanted.exists()


def _stands(failed: Any, sent_at: Any) -> tuple[ColumnElement[bool], ...]:
    paid = aliased(BankPayout)
    got_through = select(paid.id).where(
        paid.account_ref == failed.account_ref, paid.currency == failed.currency,
        paid.state == BankPayoutState.PAID,
        func.coalesce(paid.made_at, paid.told_at) >= sent_at,  # an earlier one holds none of it
    )  # fmt: skip
    return (
        failed.state == BankPayoutState.FAILED, failed.told_at >= sent_at, ~got_through.exists(),
    )  # fmt: skip
