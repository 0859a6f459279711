"""Where a commission's money stands, and the journals and notes that every act on it leaves."""

from collections.abc import Sequence
from typing import Any

from portal.audit import commands as audit
from portal.commissions import queries
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger.commands import Move, Posting


def account_of(commission: Commission) -> str:
    """Where a commission's money stands now; a void one has none, and takes what comes back."""
    owner = commission.brand_id, commission.creator_id
    if commission.status is CommissionStatus.PENDING:
        return accounts.pending(*owner)
    if commission.status is CommissionStatus.ON_HOLD:
        return accounts.held(*owner)
    return accounts.payable(*owner)


def book(
    commission: Commission, what: str, source: str, target: str, amount: Money,
    must_cover: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """One journal `commission:{id}:{what}`. Raises Overdrawn as `ledger.post` does."""
    if not amount:  # R8: a row of 0.00 has no journal, since a journal moves something
        return
    ledger.post(
        reason=_reason(commission, what),
        reference=queries.reference(commission.id, what),
        moves=[(source, target, amount)],
        must_cover=must_cover,
    )


def posting(commission: Commission, what: str, moves: Sequence[Move]) -> Posting:
    """A journal to be posted with others."""
    return Posting(_reason(commission, what), queries.reference(commission.id, what), moves)


def note(commission: Commission, act: str, by: int | None, **facts: Any) -> None:
    """An entry of the trail."""
    audit.note(by, f"commission.{act}", commission.id, brand_id=commission.brand_id, **facts)


def _reason(commission: Commission, what: str) -> str:
    thing = "adjustment" if commission.kind is CommissionKind.ADJUSTMENT else "commission"
    return f"{thing} {what.partition(':')[0]}"
