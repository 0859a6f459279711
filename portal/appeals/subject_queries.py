"""What a creator may object to, found for her alone: each becomes one `Subject`."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.appeals.models import AppealKind
from portal.appeals.rules import Subject
from portal.attribution import answers
from portal.attribution import queries as attribution
from portal.attribution.models import Attribution, Outcome
from portal.briefs import queries as briefs
from portal.briefs.models import OPEN_WORK, AssignmentStatus
from portal.commissions import queries as commissions
from portal.commissions import rules as commission_rules
from portal.commissions.models import Commission, CommissionStatus
from portal.commissions.purchase_queries import purchase_of
from portal.commissions.tier_queries import place_of
from portal.consents import queries as consents
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.payouts import queries as payouts
from portal.payouts.models import PayoutRun
from portal.programs import queries as programs
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.storage.model import db

STILL_COMING = (
    f"The shop may still send this order. Ask again {answers.APPEAL_AFTER_HOURS} hours after it."
)
HERS = "This order was credited to you. You can appeal its amount under Earnings."
WORK_GOES_ON = (AssignmentStatus.INVITED, *OPEN_WORK)
STOPPED = {
    MembershipStatus.PAUSED: "paused",
    MembershipStatus.SUSPENDED: "suspended",
    MembershipStatus.BANNED: "ended for good",
    MembershipStatus.ENDED: "ended",
}


def of_sale(member: Ambassador, number: str, happened_on: date) -> Subject:
    """An order that she says was hers, by the shop's number; known to us or not (R63)."""
    bare = number.strip().lstrip("#")
    found = db.session.scalar(
        select(Order)
        .where(Order.brand_id == member.brand_id, Order.number.in_((bare, f"#{bare}")))
        .order_by(Order.id.desc())
    )
    if found is not None:
        return of_order(member, found)
    brand = identity.brand(member.brand_id)
    since = datetime.combine(happened_on, time(), ZoneInfo(brand.zone))
    hours = int((clock.now() - since) / timedelta(hours=1))
    early = not answers.can_appeal(answers.ORDER_NOT_RECEIVED, hours)
    return Subject(
        kind=AppealKind.SALE, key=_key(number),
        title=f"Order ending {_ending(number)}", brand_id=brand.id, creator_id=member.creator_id,
        ambassador_id=member.id, currency=brand.currency, since=since,
        refusal=STILL_COMING if early else "",
    )  # fmt: skip


def of_order(member: Ambassador, order: Order) -> Subject:
    """An order the shop did send. What she would earn on it is what its terms say (R15)."""
    decision = attribution.of_order(order.id)
    refusal = "We are still deciding about this order. Look again in a quarter of an hour."
    if decision is not None:
        refusal = _refusal(decision, member)
    return Subject(
        kind=AppealKind.SALE, key=_key(order.number),
        title=f"Order ending {_ending(order.number)}", brand_id=order.brand_id,
        creator_id=member.creator_id, ambassador_id=member.id, currency=order.currency,
        since=decision.decided_at if decision else order.recorded_at, order_id=order.id,
        expected=would_earn(member, order), refusal=refusal,
        needs_proof=decision is not None and decision.outcome is not Outcome.CREDITED
        and answers.appeal_for(decision.reason) is answers.Appeal.WITH_PROOF,
    )  # fmt: skip


def _refusal(decision: Attribution, member: Ambassador) -> str:
    if decision.outcome is Outcome.CREDITED:
        is_hers = decision.ambassador_id == member.id
        return HERS if is_hers else ""
    if answers.can_appeal(decision.reason):
        return ""
    said = answers.words_for(decision.reason)
    return f"{said.headline}. {said.next_step}"


def would_earn(member: Ambassador, order: Order) -> Money | None:
    """What an order would earn her, by the terms of its time; None where there were none."""
    try:
        terms = programs.facts_of(consents.terms_for(member, order.placed_at))
    except NotFound:
        return None
    bought = purchase_of(
        order,
        sales.lines_of(order.id),
        member,
        place=place_of(order, member),
        base=terms.base,
    )
    return commission_rules.commission_for(bought, terms).total


def of_commission(creator_id: int, public_id: str) -> Subject:
    """A commission of hers: its hold while it is held, else its amount. Raises NotFound."""
    found = commissions.one_of_creator(creator_id, public_id)
    held = found.status is CommissionStatus.ON_HOLD
    later = commissions.reversals_of(found.id)
    expected = found.net if held else (found.taken_back if found.void_reason else None)
    return Subject(
        kind=AppealKind.HOLD if held else AppealKind.AMOUNT, key=f"commission:{found.id}",
        title=_title_of(found), brand_id=found.brand_id, creator_id=creator_id,
        ambassador_id=found.ambassador_id, currency=found.currency, commission_id=found.id,
        order_id=found.order_id, expected=expected,
        since=clock.now() if held else max([found.earned_at, *(row.at for row in later)]),
    )  # fmt: skip


def of_assignment(creator_id: int, public_id: str) -> Subject:
    """The fee of a brief that is over. Raises NotFound."""
    found = briefs.one_of_creator(creator_id, public_id)
    work, earned = found.assignment, commissions.of_assignment(found.assignment.id)
    refusal = "This work is still going on, so there is no decision about its fee yet."
    return Subject(
        kind=AppealKind.CONTENT_FEE, key=f"assignment:{work.id}",
        title=f"Brief “{found.text.title}”"[:160], brand_id=work.brand_id, creator_id=creator_id,
        ambassador_id=work.ambassador_id, currency=work.currency, assignment_id=work.id,
        commission_id=earned.id if earned else None, expected=None if earned else work.fee,
        since=work.completed_at or work.ended_at or work.due_at,
        refusal=refusal if work.status in WORK_GOES_ON else "",
    )  # fmt: skip


def of_payout(creator_id: int, public_id: str) -> Subject:
    """A payout she got, or should have. Raises NotFound."""
    found = payouts.one_of_creator(creator_id, public_id)
    run = db.session.get_one(PayoutRun, found.run_id)
    member = next(
        (one for one in ambassadors.of_creator(creator_id) if one.brand_id == found.brand_id), None
    )
    return Subject(
        kind=AppealKind.PAYOUT, key=f"payout:{found.id}", title=f"Payout {run.label}"[:160],
        brand_id=found.brand_id, creator_id=creator_id,
        ambassador_id=member.id if member else None, currency=found.currency, payout_id=found.id,
        since=found.sent_at or found.changed_at or run.created_at,
        refusal="" if member else "You have no membership with this brand.",
    )  # fmt: skip


def of_membership(creator_id: int, public_id: str) -> Subject:
    """A membership that a brand stopped. Raises NotFound."""
    member = ambassadors.one_of_creator(creator_id, public_id)
    word, refusal = STOPPED.get(member.status), ""
    change = ambassadors.history_of(member.id)[-1]
    brand = identity.brand(member.brand_id)
    if word is None:
        refusal = "This membership works, so there is nothing to appeal."
    elif change.by is not None and identity.user(change.by).id == _user_of(creator_id):
        refusal = "You stopped this membership yourself. Ask the brand to let you in again."
    return Subject(
        kind=AppealKind.MEMBERSHIP, key=f"ambassador:{member.id}",
        title=f"Membership of {brand.name}, {word or 'active'}"[:160], brand_id=brand.id,
        creator_id=creator_id, ambassador_id=member.id, currency=brand.currency, since=change.at,
        refusal=refusal,
    )  # fmt: skip


def _key(number: str) -> str:
    return f"order:{number.strip().lstrip('#').casefold()}"[:160]


def _title_of(found: Commission) -> str:
    if found.order_id is not None:
        return f"Commission for order ending {_ending(sales.by_id(found.order_id).number)}"
    return str(found.explanation.get("title", "Commission"))[:160]


def _user_of(creator_id: int) -> int:
    return creators.creator(creator_id).user_id


def _ending(number: str) -> str:
    """All that a creator sees of an order's number (R144)."""
    return "".join(sign for sign in number if sign.isalnum())[-4:]
