"""What of a commission payouts cover: when it was paid, and whether it may still be stopped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionStatus
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts.models import GONE, IN_RUN, Payout, is_gone
from portal.sales.models import Dispute
from portal.sales.rules import DisputeState
from portal.storage.model import db


def paid_at_of(commission: Commission) -> datetime | None:
    """When the money of a commission went out for good: the moment of the first payout from which
    on every one sent covers something of it; None while there is none.

    What it moved in and out of payable is summed up to each payout's reach, so neither what stood
    in held when others were paid, nor what came back after a lost dispute, counts as paid (R71).
    """
    moves = _moves_of(commission)
    if not moves or commission.status is CommissionStatus.ON_HOLD:
        return None
    sent = db.session.execute(
        select(Payout.sent_at, Payout.up_to_entry_id)
        .where(*_of_owner(commission), is_gone(Payout.status))
        .order_by(Payout.up_to_entry_id, Payout.sent_at)
    )
    since: datetime | None = None
    for at, reach in sent:
        is_covered = sum(minor for entry_id, minor in moves if entry_id <= reach) > 0
        since = (since or at) if is_covered else None
    return since


def disputed_orders(run_id: int) -> list[int]:
    """The orders under an open dispute whose commissions are payable to creators of a run."""
    rows = db.session.scalars(
        select(Commission.order_id)
        .join(Dispute, Dispute.order_id == Commission.order_id)
        .join(
            Payout,
            (Payout.creator_id == Commission.creator_id)
            & (Payout.brand_id == Commission.brand_id)
            & (Payout.currency == Commission.currency),
        )
        .where(
            Payout.run_id == run_id, Dispute.state == DisputeState.OPEN,
            Commission.status == CommissionStatus.PAYABLE,
        )
        .distinct()
    )  # fmt: skip
    return sorted(order_id for order_id in rows if order_id is not None)


def takes_from_payouts(commission: Commission) -> bool:
    """Whether more of it was moved out of payable than what no payout covers: money that is in a
    run, or was paid. Asked after the move, when the account is locked."""
    is_set_aside = Payout.status.in_(IN_RUN) & Payout.is_reserved
    reach = db.session.scalar(
        select(func.max(Payout.up_to_entry_id)).where(
            *_of_owner(commission), is_gone(Payout.status) | is_set_aside
        )
    )
    return sum(minor for entry_id, minor in _moves_of(commission) if entry_id > (reach or 0)) < 0


def covered(
    brand_id: int, references: Sequence[str]
) -> dict[str, str]:  # fmt: skip
    """Of journals that changed a payable account: "in_run" or "paid" for those whose entry a
    payout of its creator covers, by reference; the others are left out."""
    if not references:
        return {}
    is_set_aside = Payout.status.in_(IN_RUN) & Payout.is_reserved
    reach = (
        select(
            Payout.creator_id, Payout.currency,
            func.max(case((Payout.status.in_(GONE), Payout.up_to_entry_id))).label("paid_to"),
            func.max(case((is_set_aside, Payout.up_to_entry_id))).label("run_to"),
        )
        .where(Payout.brand_id == brand_id, Payout.status.in_(GONE) | is_set_aside)
        .group_by(Payout.creator_id, Payout.currency)
        .subquery()
    )  # fmt: skip
    rows = db.session.execute(
        select(LedgerJournal.reference, LedgerEntry.id, reach.c.paid_to, reach.c.run_to)
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(
            reach,
            (reach.c.creator_id == LedgerAccount.creator_id)
            & (reach.c.currency == LedgerAccount.currency),
        )
        .where(LedgerJournal.reference.in_(references), LedgerAccount.state == "payable")
    )
    found = {}
    for reference, entry_id, paid_to, run_to in rows:
        if entry_id <= (paid_to or 0):
            found[reference] = "paid"
        elif entry_id <= (run_to or 0):
            found[reference] = "in_run"
    return found


# ---- inside
def _of_owner(commission: Commission) -> tuple[Any, ...]:
    return (
        Payout.brand_id == commission.brand_id, Payout.creator_id == commission.creator_id,
        Payout.currency == commission.currency,
    )  # fmt: skip


def _moves_of(commission: Commission) -> list[tuple[int, int]]:
    """(entry, signed minor units) of what it moved into and out of payable."""
    acts = ["matured"]
    for number in range(1, commission.holds + 1):
        acts += [f"held:{number}", f"released:{number}"]
    reversals = commissions.count_of_reversals(commission.id)
    acts += [f"reversed:{number}" for number in range(1, reversals + 1)]
    rows = db.session.execute(
        select(LedgerEntry.id, LedgerEntry.amount_minor)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(
            LedgerJournal.reference.in_(
                [commissions.reference(commission.id, act) for act in acts]
            ),
            LedgerAccount.name == accounts.payable(commission.brand_id, commission.creator_id),
        )
    )
    return [(entry_id, minor) for entry_id, minor in rows]
