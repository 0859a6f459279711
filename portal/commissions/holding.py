"""Stop a commission and let it go on; the end of a hold, and who looks at it then (R57–R60)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.audit import commands as audit
from portal.commissions import rules
from portal.commissions.events import CommissionHeld, CommissionHoldMoved, CommissionReleased
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.commissions.posting import account_of, book, note, posting
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger.commands import Overdrawn, Posting
from portal.limits import queries as limits
from portal.limits.rules import Limits
from portal.programs import queries as programs
from portal.programs.rules import HoldBasis, HoldFacts, TermsFacts, hold_end
from portal.sales import queries as sales
from portal.sales.rules import Standing
from portal.storage.model import db

REVIEW = "Its amount is above the brand’s limit, so a person looks at it first."
STILL_DISPUTED = (
    "The buyer’s bank still disputes this payment. It goes on by itself when the dispute is won."
)
HELD_BY = "held_by_terms"
FOLLOWS_SHOP = (HoldBasis.FULFILLED, HoldBasis.DELIVERED)
IN_PAYOUT = "This money is in a payout run or was paid already, so it cannot be held."


def _never(_commission: Commission) -> bool:
    return False


# Whether what was moved out of payable for a commission is a payout's. Payouts know: `app.py` sets
# it, since this room may not import that one.
takes_from_payouts: Callable[[Commission], bool] = _never


def put_on_hold(commission: Commission, reason: str, by: int | None) -> None:
    """Move what is left of it to held. Raises Conflict when a run or a payout covers it, whatever
    else its creator has: the caller's transaction must roll back."""
    source = account_of(commission)
    held = accounts.held(commission.brand_id, commission.creator_id)
    commission.holds += 1
    try:
        book(commission, f"held:{commission.holds}", source, held, commission.net,
             must_cover=(source,))  # fmt: skip
    except Overdrawn as shortage:
        raise Conflict(IN_PAYOUT) from shortage
    if commission.status is CommissionStatus.PAYABLE and takes_from_payouts(commission):
        raise Conflict(IN_PAYOUT)
    commission.status, commission.hold_reason = CommissionStatus.ON_HOLD, reason
    commission.held_at = clock.now()
    db.session.flush()
    note(commission, "held", by, reason=reason)
    announce(CommissionHeld(commission.id))


def let_go(commission: Commission, by: int | None) -> None:
    """Let a held commission go on where it was stopped. One that waited for a person's review is
    thereby approved, and payable at once when its hold is over (R60).

    While the buyer's bank disputes its order the money stays where it is: the dispute is then why
    (R72). Raises Conflict when it was why before.
    """
    reason = commission.hold_reason
    is_disputed = commission.order_id is not None and sales.is_disputed(commission.order_id)
    if is_disputed and reason == rules.DISPUTE:
        raise Conflict(STILL_DISPUTED)
    if commission.in_review:
        commission.in_review = False
        commission.reviewed_by, commission.reviewed_at = by, clock.now()
        note(commission, "reviewed", by)
    note(commission, "released", by, reason=reason)
    if is_disputed:
        stay_on_hold(commission, rules.DISPUTE, None)
        return
    _free(commission)


def stay_on_hold(commission: Commission, reason: str, by: int | None) -> None:
    """Held for another reason from now on; nothing moves."""
    commission.hold_reason = reason
    note(commission, "held", by, reason=reason)
    announce(CommissionHeld(commission.id))


def resume(commission: Commission) -> None:
    """Void no more: back to where it stood, and held again if it was held and nobody let it go."""
    commission.void_code, is_held = None, bool(commission.hold_reason)
    stood = rules.status_after_hold(commission.payable_at)
    commission.status = CommissionStatus.ON_HOLD if is_held else stood
    commission.in_review = commission.hold_reason == REVIEW


def is_due(commission: Commission) -> bool:
    """Whether it is pending and its hold is over."""
    return commission.status is CommissionStatus.PENDING and commission.hold_until <= clock.now()


def mature_due(limit: int) -> int:
    """Make pending commissions payable whose hold has ended; returns how many were looked at (at
    most `limit`).

    Commissions on hold stay there, however long (R57; shipped mistake 12). A sale above the
    brand's limit waits for a person (R60); the rest need nobody.
    """
    due = db.session.scalars(
        select(Commission)
        .where(Commission.status == CommissionStatus.PENDING, Commission.hold_until <= clock.now())
        .order_by(Commission.brand_id, Commission.creator_id, Commission.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    held = limits.in_force_for([one.brand_id for one in due]) if due else {}
    waiting = {one.id for one in due if _needs_review(one, held[one.brand_id])}
    for one in due:
        if one.id in waiting:
            one.in_review = True
            put_on_hold(one, REVIEW, None)
    mature([one for one in due if one.id not in waiting])
    return len(due)


def mature(due: Sequence[Commission]) -> None:
    """Pending → payable, in a few set statements."""
    for commission in due:
        commission.status, commission.payable_at = CommissionStatus.PAYABLE, clock.now()
    ledger.post_each([_matured(commission) for commission in due if commission.net])
    audit.note_each(
        None, "commission.matured",
        [(one.id, one.brand_id, {"amount": str(one.net)}) for one in due],
    )  # fmt: skip


def ends_at(standing: Standing, paid_at: datetime | None, terms: TermsFacts) -> datetime:
    """When the hold of a sale ends under its terms; month ends are the brand's (R58, R59)."""
    facts = HoldFacts(
        standing.placed_at, paid_at, standing.fulfilled_at, standing.delivered_at
    )  # fmt: skip
    is_monthly = terms.hold.basis is HoldBasis.MONTH_END
    zone = identity.brand(standing.brand_id).zone if is_monthly else "UTC"
    return hold_end(facts, terms.hold_days, terms.hold, zone)


def held_by(terms: TermsFacts) -> dict[str, Any]:
    """What the explanation of an amount keeps that is no sale, but held like one (R58)."""
    return {HELD_BY: terms.id}


def follow_shop(commission: Commission, standing: Standing) -> None:
    """The shop told when goods were sent or delivered: the hold's end follows while it runs (R58).
    Once payable, nothing of this changes a commission any more (R61)."""
    terms_id = commission.terms_id or commission.explanation.get(HELD_BY)
    if terms_id is None or commission.payable_at is not None:
        return
    terms = programs.facts_by_id([terms_id]).get(terms_id)
    if terms is None or terms.hold.basis not in FOLLOWS_SHOP:
        return
    until = ends_at(standing, standing.paid_at, terms)
    if until != commission.hold_until:
        note(commission, "hold-moved", None, before=commission.hold_until.isoformat(),
             after=until.isoformat())  # fmt: skip
        commission.hold_until = until
        announce(CommissionHoldMoved(commission.id))


# ---- inside
def _free(commission: Commission) -> None:
    held = accounts.held(commission.brand_id, commission.creator_id)
    commission.hold_reason = ""
    commission.status = rules.status_after_hold(commission.payable_at)
    book(commission, f"released:{commission.holds}", held, account_of(commission), commission.net)
    db.session.flush()
    announce(CommissionReleased(commission.id))
    if commission.reviewed_at is not None and is_due(commission):
        mature([commission])


def _needs_review(commission: Commission, held: Limits) -> bool:
    is_sale = commission.kind is CommissionKind.SALE
    return is_sale and commission.reviewed_at is None and held.needs_review(commission.net)


def _matured(commission: Commission) -> Posting:
    owner = commission.brand_id, commission.creator_id
    move = (accounts.pending(*owner), accounts.payable(*owner), commission.net)
    return posting(commission, "matured", [move])
