"""Payouts that are on their way, and those whose bank is known to have refused them."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.bank_payouts import queries as bank_payouts
from portal.bank_payouts.models import BankPayout
from portal.creators.models import Rail
from portal.payouts.models import WAITING, Payout, PayoutStatus
from portal.storage.model import db


def bank_refusal(payout: Payout) -> BankPayout | None:
    """Why a sent payout has not gone on to her bank, if that is known."""
    is_asked = payout.status is PayoutStatus.SENT and payout.rail == Rail.STRIPE.value
    if not is_asked or payout.sent_at is None:
        return None
    return bank_payouts.failure_since(payout.account_ref, payout.sent_at)


def on_the_way(creator_id: int) -> Sequence[Payout]:
    """Her payouts that are approved or being sent, the newest first."""
    query = select(Payout).where(Payout.creator_id == creator_id, Payout.status.in_(WAITING))
    return db.session.scalars(query.order_by(Payout.id.desc())).all()  # type: ignore[no-any-return]


def not_at_bank(brand_id: int) -> Sequence[Payout]:
    """A brand's sent payouts of which it is known that her bank did not take them."""
    query = select(Payout).where(
        Payout.brand_id == brand_id,
        Payout.status == PayoutStatus.SENT,
        Payout.rail == Rail.STRIPE.value,
        bank_payouts.has_failed_since(Payout.account_ref, Payout.sent_at),
    )
    return db.session.scalars(query.order_by(Payout.id)).all()  # type: ignore[no-any-return]
