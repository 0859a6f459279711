"""When a commission was paid: the first payout that went out and covers it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select

from portal.commissions import queries as commissions
from portal.commissions.models import Commission
from portal.ledger import accounts
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts.models import GONE, IN_RUN, Payout, is_gone
from portal.storage.model import db


def paid_at_of(commission: Commission) -> datetime | None:
    """The moment at which the payout was sent that reaches past the entry by which the commission
    became payable; None while there is none."""
    payable = accounts.payable(commission.brand_id, commission.creator_id)
    entry_id = db.session.scalar(
        select(func.max(LedgerEntry.id))
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(
            LedgerJournal.reference == commissions.reference(commission.id, "matured"),
            LedgerAccount.name == payable,
        )
    )
    if entry_id is None:
        return None
    found: datetime | None = db.session.scalar(
        select(func.min(Payout.sent_at)).where(
            Payout.brand_id == commission.brand_id,
            Payout.creator_id == commission.creator_id,
            Payout.currency == commission.currency,
            is_gone(Payout.status),
            Payout.up_to_entry_id >= entry_id,
        )
    )
    return found


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
