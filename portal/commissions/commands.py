"""Earn, mature, hold, release and take back: each with its journal in the same transaction.

Money moves only through `ledger.commands.post`; this file says between which accounts.
"""

from collections.abc import Sequence
from datetime import datetime

from portal.attribution import queries as attributions
from portal.attribution.models import Attribution, Outcome
from portal.briefs import budget_commands as brief_budgets
from portal.commissions import (
    earning,
    holding,
    moving,
    over_limits,
    purchase_queries,
    queries,
    refund_rules,
    rules,
)
from portal.commissions.extra_commands import Extra, earn_extra
from portal.commissions.models import (
    Commission,
    CommissionKind,
    CommissionStatus,
    Reversal,
    VoidCode,
)
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.programs.rules import TermsFacts
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.sales.rules import Standing
from portal.storage.locks import lock, lock_each
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

BATCH = 100
CREDITED_ANOTHER = "After a review the order was credited to another ambassador."
CREDITED_NOBODY = "After a review the order is credited to nobody."


def earn(attribution_id: int) -> Commission | None:
    """What a credited order earns, once; None when nobody was credited.

    Repeating returns the first. Takes the terms of the attribution (those of purchase time, R15).
    Where the terms split (R50) several rows share one commission; where another was credited
    before, or a decision was taken back, what that earned is taken back for good.
    What was refunded before is taken back in the same breath (R77); an open dispute holds it.
    """
    earn_each([attribution_id])
    order_id = attributions.attribution(attribution_id).order_id
    return queries.of_order(order_id)


def earn_each(attribution_ids: Sequence[int]) -> None:
    """`earn` for many decisions, in sets.

    The orders are locked first, here and in `reverse`: a refund told at the same moment is either
    seen here, or finds the commission.
    """
    lock_each(Order, attributions.order_ids(attribution_ids))
    found = lock_each(Attribution, attribution_ids)
    latest = [one for one in found if one.is_latest]
    earned = queries.sales_of_orders([one.order_id for one in latest])
    changed = [one for one in latest if one.id not in earned.get(one.order_id, {}).values()]
    for one in changed:
        for commission_id in earned.get(one.order_id, ()):
            is_credited = one.outcome is Outcome.CREDITED
            why = CREDITED_ANOTHER if is_credited else CREDITED_NOBODY
            moving.withdraw(lock(Commission, commission_id), why, VoidCode.ORDER_UPDATE, None)
    new = [one for one in changed if one.outcome is Outcome.CREDITED]
    standings = sales.standings([one.order_id for one in new])
    written = earning.write(new, standings)
    for commission in written:
        standing = standings[commission.order_id or 0]
        if not standing.is_undisturbed:
            _settle(lock(Commission, commission.id), standing)
    over_limits.hold_what_exceeds(written)


def earn_fee(
    assignment_id: int, brand_id: int, creator_id: int, ambassador_id: int, amount: Money,
    *, hold_days: int = 0, title: str = "Brief", by: int | None = None,
) -> Commission:  # fmt: skip
    """The fee of a completed brief, once per assignment. Without a hold it is payable at once.
    Raises Conflict where it is more than the work owes and its brief's budget does not reach (R95).
    """
    if amount.minor <= 0:
        raise InvalidInput("amount", "A fee is more than zero.")
    if queries.of_assignment(assignment_id) is None:
        brief_budgets.owe(assignment_id, amount)
    fee = Extra(
        CommissionKind.FEE, f"assignment:{assignment_id}", brand_id, creator_id, ambassador_id,
        amount, title, rules.hold_until(clock.now(), None, hold_days), assignment_id=assignment_id,
    )  # fmt: skip
    return earn_extra(fee, by=by)


def adjust(
    brand_id: int, creator_id: int, ambassador_id: int, amount: Money, title: str,
    *, by: int, order_id: int | None = None, terms: TermsFacts | None = None, source: str = "",
    not_before: datetime | None = None,
) -> Commission:  # fmt: skip
    """An amount a person adds, with the sentence the creator reads (UX 6.10): a row of its own.

    Payable at once, unless an order comes with the `terms` of its sale: then it is held as the
    sale would be, and follows what the shop tells (R58, R59); or else until `not_before`, where it
    stands in for something that was still held. With an order, refunds from now on take it back in
    the share they take of what is left of the order (R65); an order of which nothing is left has no
    say any more. `source` names what it came from ("appeal apl_…").
    Raises InvalidInput for an amount that is not above zero.
    """
    if amount.minor <= 0:
        raise InvalidInput("amount", "An adjustment is more than zero.")
    standing = sales.standing(lock(Order, order_id).id) if order_id is not None else None
    until, facts = not_before or clock.now(), {"source": source}
    if standing is not None and terms is not None:
        until = holding.ends_at(standing, standing.paid_at, terms)
        facts |= holding.held_by(terms)
    if standing is not None and not standing.remaining:
        standing = None
    added = Extra(
        CommissionKind.ADJUSTMENT, None, brand_id, creator_id, ambassador_id, amount, title,
        until, base=standing.remaining if standing else None,
        order_id=standing.order_id if standing else None, facts=facts,
    )  # fmt: skip
    commission = earn_extra(added, by=by)
    if standing is not None:
        _settle(commission, standing)
    return commission


def mature_due(limit: int = BATCH) -> int:
    """Make pending commissions payable whose hold has ended; returns how many were looked at."""
    return holding.mature_due(limit)


def reverse_each(order_ids: Sequence[int]) -> None:
    """`reverse` for many orders; most of a set have earned nothing yet."""
    for order_id in sorted(queries.orders_that_earned(order_ids)):
        reverse(order_id)


def reverse(order_id: int) -> list[Reversal]:
    """Bring an order's commission to what its refunds, cancellation and disputes leave of it.

    Takes back before maturity from pending, while held from held, after it from payable, which
    may go below zero (R69, R70); gives back what a won dispute or a failed refund returns (R72).
    Works from sums, so a repeated or late event changes nothing (R65, R73).
    """
    standing = sales.standing(lock(Order, order_id).id)
    found = queries.ids_of_order(order_id)
    rows = [_settle(lock(Commission, commission_id), standing) for commission_id in found]
    return [row for row in rows if row is not None]


def hold(commission_id: int, reason: str, *, by: int | None) -> Commission:
    """Stop a pending or payable commission; the reason is shown to the creator (R62).

    Raises Conflict when its money is in a payout run or paid already, InvalidInput without reason.
    """
    if not reason.strip():
        raise InvalidInput("reason", "Say why: the creator reads it.")
    commission = lock(Commission, commission_id)
    rules.check_can_hold(commission.status)
    holding.put_on_hold(commission, reason.strip(), by)
    return commission


def release(commission_id: int, *, by: int | None) -> Commission:
    """Let a commission go on where it was stopped; while its order is disputed it stays on hold
    for that. Raises Conflict unless it is on hold, and when a dispute alone holds it."""
    commission = lock(Commission, commission_id)
    rules.check_is_held(commission.status)
    holding.let_go(commission, by)
    return commission


def stay_on_hold(commission_id: int, reason: str, *, by: int | None) -> Commission:
    """Let a held commission stay so for another reason, shown to the creator. Raises Conflict
    unless it is on hold."""
    commission = lock(Commission, commission_id)
    rules.check_is_held(commission.status)
    holding.stay_on_hold(commission, reason, by)
    return commission


def void(
    commission_id: int, reason: str, *, by: int | None,
    code: VoidCode = VoidCode.NOT_COMPLIANCE_TERMS,
) -> Commission:  # fmt: skip
    """Take a held commission back for good, with a code and a note the creator reads (R62).

    Raises Conflict unless it is on hold: holding comes first, so that somebody has looked.
    """
    if not reason.strip():
        raise InvalidInput("reason", "Say why: the creator reads it.")
    commission = lock(Commission, commission_id)
    rules.check_is_held(commission.status)
    moving.withdraw(commission, reason.strip(), code, by)
    if commission.assignment_id is not None:
        brief_budgets.take_back(commission.assignment_id)
    return commission


def release_above_limit(commission_id: int, *, by: int) -> Commission:
    """The brand lets what is above a limit of its terms go on (R9). Raises Conflict unless that is
    why it is held."""
    commission = lock(Commission, commission_id)
    rules.check_is_above_limit(commission.is_above_limit)
    holding.let_go(commission, by)
    return commission


def decline_above_limit(commission_id: int, reason: str, *, by: int, code: VoidCode) -> Commission:
    """The brand does not pay what is above a limit of its terms; the creator reads why (R62).
    Raises Conflict unless that is why it is held, InvalidInput without a reason."""
    rules.check_is_above_limit(lock(Commission, commission_id).is_above_limit)
    return void(commission_id, reason, by=by, code=code)


# ---- inside
def _settle(commission: Commission, standing: Standing) -> Reversal | None:
    """Reverse or give back the difference to the target, then hold or release for a dispute."""
    if commission.void_reason:
        return None
    basket = purchase_queries.basket_from(commission.explanation, commission.base)
    lost, left = queries.lost_of(commission), queries.left_for(commission, standing, basket)
    delta = refund_rules.reversal_for(commission.amount, commission.net - lost, basket, left)
    kind = rules.kind_of_reversal(
        is_cancelled=standing.is_cancelled, is_charged_back=standing.is_charged_back,
        takes=delta.minor > 0,
    )  # fmt: skip
    row = moving.change_by(commission, delta, kind, left.remaining, lost)
    holding.follow_shop(commission, standing)
    _follow_dispute(commission, standing)
    return row


def _follow_dispute(commission: Commission, standing: Standing) -> None:
    stands = commission.status in rules.HOLDABLE and bool(commission.net)
    if standing.has_open_dispute and stands:
        try:
            with savepoint():
                holding.put_on_hold(commission, rules.DISPUTE, None)
        except Conflict:  # paid: once lost, a negative line (R69); in a run: held if given back
            db.session.refresh(commission)
    elif not standing.has_open_dispute and commission.hold_reason == rules.DISPUTE:
        if commission.status is CommissionStatus.ON_HOLD:
            holding.let_go(commission, None)
        commission.hold_reason = ""
