"""In run, paid: what a commission's own row never says, read from the payouts' cut (UX 6.10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from portal.commissions import queries as commissions
from portal.commissions.models import Commission, CommissionStatus
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts.models import GONE, IN_RUN, Payout
from portal.storage.model import db

IN_RUN_WORD, PAID_WORD = "in_run", "paid"
Owner = tuple[int, int, str]  # brand, creator, currency


@dataclass(frozen=True, slots=True)
class Cut:
    """The newest ledger entry that was paid, the newest that lies in a run, and how many payouts
    were sent."""

    paid: int = 0
    in_run: int = 0
    payouts: int = 0


def words_of(found: Sequence[Commission], cuts: dict[Owner, Cut] | None = None) -> dict[int, str]:
    """The state each commission is shown in, by row id: its own, or "in_run" or "paid" when a
    payout covers the entry by which it became payable. `cuts` are those of their creators, where
    the caller has them."""
    payable = [one for one in found if one.status is CommissionStatus.PAYABLE]
    words = {one.id: one.word for one in found}
    if not payable:
        return words
    entries = _entries(payable)
    cuts = cuts_of({one.creator_id for one in payable}) if cuts is None else cuts
    for one in payable:
        entry_id = entries.get(one.id)
        cut = cuts.get((one.brand_id, one.creator_id, one.currency), Cut())
        if entry_id is not None and entry_id <= max(cut.paid, cut.in_run):
            words[one.id] = PAID_WORD if entry_id <= cut.paid else IN_RUN_WORD
    return words


def _entries(payable: Sequence[Commission]) -> dict[int, int]:
    """The newest entry by which each became payable: its hold ended, or it was let go again."""
    references = {commissions.reference(one.id, "matured"): one.id for one in payable}
    references |= {
        commissions.reference(one.id, f"released:{one.holds}"): one.id
        for one in payable if one.holds
    }  # fmt: skip
    rows = db.session.execute(
        select(LedgerJournal.reference, LedgerEntry.id)
        .join(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerJournal.reference.in_(list(references)), LedgerAccount.state == "payable")
        .order_by(LedgerEntry.id)
    )
    return {references[reference]: entry_id for reference, entry_id in rows}


def cuts_of(creator_ids: set[int]) -> dict[Owner, Cut]:
    """How far the payouts of these creators reach, by brand, creator and currency."""
    cuts: dict[Owner, Cut] = {}
    rows = db.session.execute(
        select(
            Payout.brand_id, Payout.creator_id, Payout.currency, Payout.status,
            func.max(Payout.up_to_entry_id), func.count(),
        )
        .where(
            Payout.creator_id.in_(creator_ids),
            Payout.status.in_(GONE) | (Payout.status.in_(IN_RUN) & Payout.is_reserved),
        )
        .group_by(Payout.brand_id, Payout.creator_id, Payout.currency, Payout.status)
    )  # fmt: skip
    for brand_id, creator_id, currency, status, entry_id, count in rows:
        cut = cuts.get((brand_id, creator_id, currency), Cut())
        if status in GONE:
            cut = replace(cut, paid=max(cut.paid, entry_id), payouts=cut.payouts + count)
        else:
            cut = replace(cut, in_run=max(cut.in_run, entry_id))
        cuts[brand_id, creator_id, currency] = cut
    return cuts
