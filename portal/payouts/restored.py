"""What a rail remembers of a run that this database, restored from a backup, does not (P15)."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.payouts import rules
from portal.payouts.models import TO_SEND, Payout, PayoutRun, PayoutStatus
from portal.payouts.provider import FoundTransfer
from portal.storage.model import db

IDS_AT_ONCE = 500
MAY_HAVE_GONE = (*TO_SEND, PayoutStatus.FAILED)


def unexplained(run: PayoutRun, known: Sequence[FoundTransfer]) -> list[str]:
    """Sentences about transfers of this run, not taken back since, that no payout of it stands
    for: recorded here neither, and not what it would send. Empty when all is right."""
    left = standing(known)
    payouts = _payouts(run.id, [found.payout for found in left])
    return [
        sentence
        for found in left
        if (sentence := _strange(payouts.get(found.payout), found)) is not None
    ]


def standing(known: Sequence[FoundTransfer]) -> list[FoundTransfer]:
    """The transfers that were not taken back whole."""
    return [found for found in known if found.returned < found.amount]


def _strange(payout: Payout | None, found: FoundTransfer) -> str | None:
    what = f"The provider has already sent {found.amount} as {found.provider_ref}"
    if payout is None:
        return f"{what} for this run, and no payout of it stands for that."
    if payout.provider_ref == found.provider_ref:
        return None
    if payout.status not in MAY_HAVE_GONE:
        return f"{what} to {payout.creator_name}, whose payout is {rules.words(payout.status)}."
    if payout.pays != found.amount:
        return f"{what} to {payout.creator_name}, whose payout is {payout.pays} here."
    return None


def _payouts(run_id: int, public_ids: Sequence[str]) -> dict[str, Payout]:
    found: dict[str, Payout] = {}
    for start in range(0, len(public_ids), IDS_AT_ONCE):
        rows = db.session.scalars(
            select(Payout).where(
                Payout.run_id == run_id,
                Payout.public_id.in_(public_ids[start : start + IDS_AT_ONCE]),
            )
        )
        found |= {row.public_id: row for row in rows}
    return found
