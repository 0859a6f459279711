"""Whether what was sent has arrived: assumed after some days, not while a bank is known to refuse.

The books do not move here. The transfer to the creator's account at the provider stands, so what
she was owed is paid; only whether it went on to her bank is not sure.
"""

from datetime import datetime, timedelta

from sqlalchemy import update

from portal.bank_payouts.queries import has_failed_since
from portal.creators.models import Rail
from portal.payouts import rules
from portal.payouts.models import Payout, PayoutStatus
from portal.payouts.rules import PayoutAct, next_payout_status
from portal.storage.changes import change

DOUBTED = timedelta(days=10)  # so old at most is a payout that a failure of her bank may be about


def assume_arrived(now: datetime) -> int:
    """Call a payout PAID when its transfer is older than the bank needs and nothing came back;
    not where the rail itself says when it has arrived, nor while the bank is known to refuse."""
    arrived = next_payout_status(PayoutStatus.SENT, PayoutAct.ARRIVE)
    return change(
        update(Payout)
        .where(
            Payout.status == PayoutStatus.SENT,
            Payout.rail.in_(rules.ARRIVES_SILENTLY),
            Payout.sent_at <= now - rules.ARRIVES,
            ~has_failed_since(Payout.account_ref, Payout.sent_at),
        )
        .values(status=arrived, changed_at=now)
    )


def doubt(account_ref: str, now: datetime) -> int:
    """The bank behind this account refused: payouts to it of the last days are no longer assumed
    to have arrived. Returns how many were."""
    return change(
        update(Payout)
        .where(
            Payout.status == PayoutStatus.PAID,
            Payout.rail == Rail.STRIPE.value,
            Payout.account_ref == account_ref,
            Payout.sent_at > now - DOUBTED,
            has_failed_since(Payout.account_ref, Payout.sent_at),
        )
        .values(status=next_payout_status(PayoutStatus.PAID, PayoutAct.DOUBT), changed_at=now)
    )
