"""Earn, mature, hold, release and take back: each with its journal in the same transaction.

Money moves only through `ledger.commands.post`; this file says between which accounts.
"""

from collections.abc import Sequence
from datetime import datetime

from portal.attribution import queries as attributions
from portal.attribution.models import Attribution, Outcome
from portal.commissions import (
    earning,
    holding,
    losing,
    over_limits,
    purchase_queries,
    queries,
    refund_rules,
    rules,
)
from portal.commissions.events import CommissionEarned, CommissionReversed
from portal.commissions.models import (
    Commission,
    CommissionKind,
    CommissionStatus,
    Reversal,
    ReversalKind,
    VoidCode,
)
from portal.commissions.posting import account_of, book, note
from portal.commissions.refund_rules import Left
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.sales.rules import Standing
from portal.storage.locks import lock, lock_each
from portal.storage.model import db
from portal.storage.unit_of_work import savepoint

BATCH = 100
CREDITED_ANOTHER = "After a review the order was credited to another ambassador."
CREDITED_NOBODY = "After a review the order is credited to nobody."
DISPUTE = "The buyer’s bank disputes this payment."


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
            _withdraw(lock(Commission, commission_id), why, VoidCode.ORDER_UPDATE, None)
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
    """The fee of a completed brief, once per assignment. Without a hold it is payable at once."""
    known = queries.of_assignment(assignment_id)
    if known is not None:
        return known
    if amount.minor <= 0:
        raise InvalidInput("amount", "A fee is more than zero.")
    now = clock.now()
    commission = Commission(
        brand_id=brand_id, creator_id=creator_id, ambassador_id=ambassador_id,
        kind=CommissionKind.FEE, assignment_id=assignment_id, base_minor=amount.minor,
        base_currency=amount.currency, amount_minor=amount.minor, currency=amount.currency,
        status=CommissionStatus.PENDING, earned_at=now,
        hold_until=rules.hold_until(now, None, hold_days),
        explanation={"kind": "fee", "title": title},
    )  # fmt: skip
    _begin(commission, by)
    if not hold_days:
        holding.mature([commission])
    return commission


def adjust(
    brand_id: int, creator_id: int, ambassador_id: int, amount: Money, title: str,
    *, by: int, order_id: int | None = None, hold_until: datetime | None = None, source: str = "",
) -> Commission:  # fmt: skip
    """An amount a person adds, with the sentence the creator reads (UX 6.10): a row of its own.

    Payable at once unless `hold_until` lies ahead. With an order, refunds from now on take it back
    in the share they take of what is left of the order (R65); an order of which nothing is left
    has no say any more. `source` names what it came from ("appeal apl_…"). Raises InvalidInput
    for an amount that is not above zero.
    """
    if amount.minor <= 0:
        raise InvalidInput("amount", "An adjustment is more than zero.")
    now = clock.now()
    standing = sales.standing(lock(Order, order_id).id) if order_id is not None else None
    if standing is not None and not standing.remaining:
        standing = None
    base = standing.remaining if standing else amount
    commission = Commission(
        brand_id=brand_id, creator_id=creator_id, ambassador_id=ambassador_id,
        kind=CommissionKind.ADJUSTMENT, order_id=standing.order_id if standing else None,
        base_minor=base.minor, base_currency=base.currency, amount_minor=amount.minor,
        currency=amount.currency,
        status=CommissionStatus.PENDING, earned_at=now, hold_until=max(hold_until or now, now),
        explanation={"kind": "adjustment", "title": title, "source": source},
    )  # fmt: skip
    _begin(commission, by)
    if commission.hold_until <= now:
        holding.mature([commission])
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
    """Let a commission go on where it was stopped. Raises Conflict unless it is on hold."""
    commission = lock(Commission, commission_id)
    rules.check_is_held(commission.status)
    holding.let_go(commission, by)
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
    _withdraw(commission, reason.strip(), code, by)
    return commission


# ---- inside
def _begin(commission: Commission, by: int | None) -> None:
    db.session.add(commission)
    db.session.flush()
    owner = commission.brand_id, commission.creator_id
    book(commission, "earned", accounts.expense(commission.brand_id), accounts.pending(*owner),
          commission.amount)  # fmt: skip
    note(commission, "earned", by, amount=str(commission.amount), base=str(commission.base))
    announce(CommissionEarned(commission.id))


def _settle(commission: Commission, standing: Standing) -> Reversal | None:
    """Reverse or give back the difference to the target, then hold or release for a dispute.

    What comes too long after the payment is the brand's loss (R71); what the shop gets back after
    all makes that loss smaller first.
    """
    if commission.void_reason:
        return None
    lost = queries.lost_of(commission)
    basket = purchase_queries.basket_from(commission.explanation, commission.base)
    delta = refund_rules.reversal_for(
        commission.amount, commission.net - lost, basket, Left.of(standing)
    )
    kind = rules.kind_of_reversal(
        is_cancelled=standing.is_cancelled, is_charged_back=standing.is_charged_back,
        takes=delta.minor > 0,
    )  # fmt: skip
    row = None
    paid_at = losing.paid_too_long_ago(commission) if delta.minor > 0 else None
    regained = min(lost, max(-delta, Money.zero(delta.currency)))
    if paid_at is not None:
        losing.bear(commission, delta, paid_at)
    elif delta.minor > 0:
        row = _take_back(commission, delta, kind, standing.remaining)
    elif regained:
        losing.regain(commission, regained)
    if -delta > regained:
        row = _give_back(commission, -delta - regained, standing.remaining)
    holding.follow_shop(commission, standing)
    _follow_dispute(commission, standing)
    return row


def _withdraw(commission: Commission, why: str, code: VoidCode, by: int | None) -> None:
    """Take all of it back for good, what the brand bore of it too: nothing comes back later."""
    if commission.void_reason:
        return
    commission.void_reason = why
    lost = queries.lost_of(commission)
    if lost:
        losing.regain(commission, lost)
    if commission.net:
        _take_back(commission, commission.net, ReversalKind.VOIDED, commission.base)
    commission.status, commission.in_review = CommissionStatus.VOID, False
    commission.void_code = code
    note(commission, "voided", by, reason=commission.void_reason, code=code.value)


def _take_back(
    commission: Commission, amount: Money, kind: ReversalKind, remaining: Money
) -> Reversal:
    row = _reversal(commission, amount, kind, remaining)
    expense = accounts.expense(commission.brand_id)
    book(commission, f"reversed:{row.number}", account_of(commission), expense, amount)
    commission.reversed_minor += amount.minor
    if not commission.net:
        commission.status, commission.in_review = CommissionStatus.VOID, False
        commission.void_code = rules.code_of(kind)
    db.session.flush()
    announce(CommissionReversed(commission.id, row.id))
    return row


def _give_back(commission: Commission, amount: Money, remaining: Money) -> Reversal:
    row = _reversal(commission, amount, ReversalKind.REINSTATEMENT, remaining)
    if commission.status is CommissionStatus.VOID:
        holding.resume(commission)
    commission.reversed_minor -= amount.minor
    expense = accounts.expense(commission.brand_id)
    book(commission, f"reversed:{row.number}", expense, account_of(commission), amount)
    db.session.flush()
    announce(CommissionReversed(commission.id, row.id))
    return row


def _reversal(
    commission: Commission, amount: Money, kind: ReversalKind, remaining: Money
) -> Reversal:
    number = queries.count_of_reversals(commission.id) + 1
    row = Reversal(
        commission_id=commission.id, number=number, kind=kind, amount_minor=amount.minor,
        currency=amount.currency, remaining_base_minor=remaining.minor, at=clock.now(),
        journal_reference=queries.reference(commission.id, f"reversed:{number}"),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    note(commission, "reversed", None, kind=kind.value, amount=str(amount))
    return row


def _follow_dispute(commission: Commission, standing: Standing) -> None:
    stands = commission.status in rules.HOLDABLE and bool(commission.net)
    if standing.has_open_dispute and stands:
        try:
            with savepoint():
                holding.put_on_hold(commission, DISPUTE, None)
        except Conflict:  # in a run or paid: once lost, it is a negative line (R69)
            db.session.refresh(commission)
    elif not standing.has_open_dispute and commission.hold_reason == DISPUTE:
        if commission.status is CommissionStatus.ON_HOLD:
            holding.let_go(commission, None)
        commission.hold_reason = ""
