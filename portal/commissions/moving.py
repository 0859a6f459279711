"""Take back of a commission and give back: rows of their own, with their journals (R61)."""

from portal.commissions import holding, losing, queries, rules
from portal.commissions.events import CommissionReversed
from portal.commissions.models import (
    Commission,
    CommissionStatus,
    Reversal,
    ReversalKind,
    VoidCode,
)
from portal.commissions.posting import account_of, book, note
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.storage.model import db


def change_by(
    commission: Commission, delta: Money, kind: ReversalKind, remaining: Money, lost: Money
) -> Reversal | None:
    """Take `delta` back, or give it back where it is below zero; `remaining` of the base is left.

    What comes too long after the payment is the brand's loss (R71); what comes back after all
    makes that loss, `lost` so far, smaller first.
    """
    row = None
    paid_at = losing.paid_too_long_ago(commission) if delta.minor > 0 else None
    regained = min(lost, max(-delta, Money.zero(delta.currency)))
    if paid_at is not None:
        losing.bear(commission, delta, paid_at)
    elif delta.minor > 0:
        row = _take_back(commission, delta, kind, remaining)
    elif regained:
        losing.regain(commission, regained)
    if -delta > regained:
        row = _give_back(commission, -delta - regained, remaining)
    return row


def withdraw(commission: Commission, why: str, code: VoidCode, by: int | None) -> None:
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


# ---- inside
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
