"""What ambassadors' approved sales come to, less refunds: what tiers count (R22, R76).

A sale counts for whoever is credited with it, once it is payable, for what refunds leave of its
base; void it does not, nor on hold. Towards a rate for a whole period (R25) it does on hold, once
it was approved: that is final when the period closes, and a dispute may be won after it (R72).
Only sales do: no fee, adjustment, bonus or true-up (R30).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, literal, select, union_all

from portal.ambassadors.models import Ambassador
from portal.attribution.models import Attribution
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.sales.models import Order
from portal.storage.model import db
from portal.tiers.rules import NOTHING, Figure, Ladder

APPROVED = (CommissionStatus.PAYABLE, CommissionStatus.ON_HOLD)  # the latter: while checked
AT_ONCE = 100  # arms of one statement; SQLite takes 500

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Before:
    """What is asked: an ambassador's figure in `window`, of a ladder's currency. Hashable."""

    ambassador_id: int
    creator_id: int
    ladder: Ladder
    window: Window


def of_program(
    program_id: int, ladder: Ladder, window: Window, approved_before: datetime | None = None
) -> dict[int, Figure]:
    """Every member's figure in a window, by ambassador row id, in one statement; who sold nothing
    is left out. `window` includes its start and not its end (R27)."""
    members = select(Ambassador.id).where(Ambassador.program_id == program_id)
    wanted = _counted(ladder, window, Commission.ambassador_id).where(
        Commission.ambassador_id.in_(members)
    )
    if approved_before is not None:
        wanted = wanted.where(Commission.payable_at < approved_before)
    rows = db.session.execute(wanted.group_by(Commission.ambassador_id))
    return {who: Figure(int(minor or 0), int(sales or 0)) for who, minor, sales in rows}


def of_one(ambassador_id: int, creator_id: int, ladder: Ladder, window: Window) -> Figure:
    """One ambassador's figure in a window."""
    asked = Before(ambassador_id, creator_id, ladder, window)
    return before([asked]).get(asked, NOTHING)


def before(asked: Sequence[Before]) -> dict[Before, Figure]:
    """Figures of many ambassadors, each in a window of its own, in a few statements."""
    wanted = list(dict.fromkeys(asked))
    found: dict[Before, Figure] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        arms = [_one(place, one) for place, one in enumerate(some)]
        for place, minor, sales in db.session.execute(union_all(*arms)):
            found[some[place]] = Figure(int(minor or 0), int(sales or 0))
    return found


def _one(place: int, asked: Before) -> Select[Any]:
    return _counted(asked.ladder, asked.window, literal(place)).where(
        Commission.creator_id == asked.creator_id,
        Commission.ambassador_id == asked.ambassador_id,
    )


def _counted(ladder: Ladder, window: Window, key: Any) -> Select[Any]:
    since, until = window
    at = Order.placed_at if ladder.counts_purchases else Commission.payable_at
    net = Order.base_minor - Order.taken_back_minor
    minor = func.sum(case((Order.currency == ladder.currency, net), else_=0))
    sales = func.sum(case(((net > 0) | (Order.base_minor == 0), 1), else_=0))
    approved = Commission.status == CommissionStatus.PAYABLE
    if ladder.counts_purchases:
        approved = Commission.status.in_(APPROVED) & Commission.payable_at.is_not(None)
    return (
        select(key, minor, sales)
        .select_from(Commission)
        .join(Order, Order.id == Commission.order_id)
        .join(Attribution, Attribution.id == Commission.attribution_id)
        .where(
            Commission.kind == CommissionKind.SALE, approved,
            Attribution.ambassador_id == Commission.ambassador_id,
            ~Order.is_cancelled, ~Order.is_deleted, at >= since, at < until,
        )
    )  # fmt: skip
