"""In run, paid: what a commission's own row never says, read from the payouts' cut (UX 6.10)."""

from collections.abc import Sequence

from sqlalchemy import func, select

from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionStatus
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts.models import GONE, IN_RUN, Payout
from portal.storage.model import db

IN_RUN_WORD, PAID_WORD = "in_run", "paid"
Owner = tuple[int, int, str]  # brand, creator, currency


def words_of(found: Sequence[Commission]) -> dict[int, str]:
    """The state each commission is shown in, by row id: its own, or "in_run" or "paid" when a
    payout covers the entry by which it became payable."""
    payable = [one for one in found if one.status is CommissionStatus.PAYABLE]
    entries, cuts = _entries(payable), _cuts({one.creator_id for one in payable})
    words = {one.id: one.word for one in found}
    for one in payable:
        entry_id = entries.get(one.id)
        paid, in_run = cuts.get((one.brand_id, one.creator_id, one.currency), (0, 0))
        if entry_id is not None and entry_id <= max(paid, in_run):
            words[one.id] = PAID_WORD if entry_id <= paid else IN_RUN_WORD
    return words


def _entries(payable: Sequence[Commission]) -> dict[int, int]:
    references = {commissions.reference(one.id, "matured"): one.id for one in payable}
    rows = db.session.execute(
        select(LedgerJournal.reference, func.max(LedgerEntry.id))
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerJournal.reference.in_(list(references)), LedgerAccount.state == "payable")
        .group_by(LedgerJournal.reference)
    )
    return {references[reference]: entry_id for reference, entry_id in rows}


def _cuts(creator_ids: set[int]) -> dict[Owner, tuple[int, int]]:
    """Owner → (newest entry that was paid, newest entry that lies in a run)."""
    cuts: dict[Owner, tuple[int, int]] = {}
    rows = db.session.execute(
        select(
            Payout.brand_id, Payout.creator_id, Payout.currency, Payout.status,
            func.max(Payout.up_to_entry_id),
        )
        .where(
            Payout.creator_id.in_(creator_ids),
            Payout.status.in_(GONE) | (Payout.status.in_(IN_RUN) & Payout.is_reserved),
        )
        .group_by(Payout.brand_id, Payout.creator_id, Payout.currency, Payout.status)
    )  # fmt: skip
    for brand_id, creator_id, currency, status, entry_id in rows:
        paid, in_run = cuts.get((brand_id, creator_id, currency), (0, 0))
        newest = (max(paid, entry_id), in_run) if status in GONE else (paid, max(in_run, entry_id))
        cuts[brand_id, creator_id, currency] = newest
    return cuts
