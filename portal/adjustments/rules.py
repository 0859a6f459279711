"""What an adjustment may be, which way its journal goes, and who may decide it."""

import re
from datetime import date

from portal.adjustments.models import Adjustment, AdjustmentReason, AdjustmentStatus
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.commands import Move
from portal.limits.rules import Limits

PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
TWO_PEOPLE = (AdjustmentReason.WRITE_OFF,)


def needs_second(amount: Money, reason: AdjustmentReason, limits: Limits) -> bool:
    """Whether somebody else has to approve: every write-off, and what is above the limit."""
    return reason in TWO_PEOPLE or limits.needs_second_person(amount)


def moves(found: Adjustment) -> list[Move]:
    """Up: from the brand's cost to payable. Down: from payable, which may go below zero (R70),
    back to the brand's cost. A write-off has a cost account of its own."""
    reason = found.reason is AdjustmentReason.WRITE_OFF
    cost = accounts.written_off(found.brand_id) if reason else accounts.expense(found.brand_id)
    payable = accounts.payable(found.brand_id, found.creator_id)
    if found.amount.minor > 0:
        return [(cost, payable, found.amount)]
    return [(payable, cost, -found.amount)]


def check(amount: Money, note: str, period: str, today: date) -> None:
    """Raises InvalidInput, at the field concerned, for what cannot be posted."""
    if not amount:
        raise InvalidInput("amount", "An adjustment is more or less than zero.")
    if not note.strip():
        raise InvalidInput("note", "Say why: the creator reads it.")
    if not PERIOD.fullmatch(period) or period not in periods(today):
        raise InvalidInput("period", "Choose this month or the one before.")


def periods(today: date) -> tuple[str, str]:
    """The months an adjustment may belong to: this one and the one before, as "2026-11"."""
    year, month = divmod(today.year * 12 + today.month - 2, 12)
    return f"{today:%Y-%m}", f"{year:04d}-{month + 1:02d}"


def check_open(found: Adjustment) -> None:
    """Raises Conflict when it was decided already."""
    if not found.is_open:
        raise Conflict(f"This adjustment is {found.status.value} already.")


def check_approver(found: Adjustment, by: int) -> None:
    """Raises NotAllowed for the proposer: another person decides, always."""
    if found.proposed_by == by:
        raise NotAllowed("You proposed this adjustment, so somebody else must decide about it.")


def check_reversible(found: Adjustment, has_opposite: bool) -> None:
    """Raises Conflict unless it is posted and nobody reversed it or asked for it yet."""
    if found.status is not AdjustmentStatus.APPROVED:
        raise Conflict("Only what was posted can be reversed.")
    if found.reverses_id is not None:
        raise Conflict("This is an opposite entry itself. Make a new adjustment instead.")
    if has_opposite:
        raise Conflict("There is an opposite entry for this adjustment already.")
