"""Orders as a brand reads them: what was bought, who got the credit, what it earned, and why."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.attribution import answers, wording
from portal.attribution import queries as attribution
from portal.attribution.answers import Words
from portal.attribution.models import Attribution, Outcome
from portal.attribution.wording import Sentence
from portal.commissions import queries as commissions
from portal.commissions.bill_rules import BillLine
from portal.commissions.models import Commission, CommissionStatus, Reversal
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.kernel import codes
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.sales import queries as sales
from portal.sales.models import Order, OrderLine, Refund
from portal.sales.rules import OrderPayment, RefundFamily, share_of
from portal.storage.model import db

VIEWS = {
    "all": "All",
    "credited": "Credited",
    "not_credited": "Not credited",
    "refunded": "Refunded",
    "undecided": "Needs decision",
    "above_limit": "Above a limit",
    "waiting": "Awaiting payment",
}
REFUNDED = (OrderPayment.REFUNDED, OrderPayment.PARTLY_REFUNDED, OrderPayment.CHARGED_BACK)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of the list; attribution and commission are None until the worker was there."""

    order: Order
    attribution: Attribution | None
    creator_name: str | None
    ambassador_public_id: str | None
    commission: Commission | None


@dataclass(frozen=True, slots=True)
class GivenBack:
    """One refund. `amount` is its part of what counts, together never more than the order's;
    `told` what the shop said, where that is another figure."""

    at: datetime
    amount: Money
    told: Money | None
    note: str


@dataclass(frozen=True, slots=True)
class OrderStory:
    """One order whole: facts, trace, bill, corrections."""

    row: OrderRow
    lines: Sequence[OrderLine]
    given_back: Sequence["GivenBack"]
    headline: str
    words: Words | None
    assists: Sequence[str]
    flags: Sequence[str]
    decided_by: str
    steps: Sequence[Sentence]
    bill: Sequence[BillLine]
    reversals: Sequence[Reversal]
    above_limit: Sequence[Commission]


def listing(brand_id: int, view: str, search: str, request: PageRequest) -> Page[OrderRow]:
    """A brand's orders of one view of VIEWS, newest first; `search` is a number or a code."""
    wanted = _rows().where(Order.brand_id == brand_id, *_narrowed(view, search))
    if view == "above_limit":
        wanted = wanted.where(_is_above_limit(brand_id))
    counted = wanted.with_only_columns(Order.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(counted)) or 0)
    position = request.moment()
    if position:
        placed_at, row_id = position
        same = and_(Order.placed_at == placed_at, Order.id < row_id)
        wanted = wanted.where(or_(Order.placed_at < placed_at, same))
    newest = wanted.order_by(Order.placed_at.desc(), Order.id.desc()).limit(request.size + 1)
    found = [_row(row) for row in db.session.execute(newest)]
    shown, cursor = found[: request.size], None
    if len(found) > request.size:
        last = shown[-1].order
        cursor = cursor_of(last.placed_at.isoformat(), last.id)
    return Page(shown, cursor, total, is_first=position is None)


def counts(brand_id: int) -> dict[str, int]:
    """How many orders each view holds."""
    by_outcome = attribution.counts(brand_id)
    own = select(func.count(Order.id)).where(Order.brand_id == brand_id)
    refunded, above_limit = db.session.execute(
        select(
            own.where(Order.payment.in_(REFUNDED)).scalar_subquery(),
            own.where(_is_above_limit(brand_id)).scalar_subquery(),
        )
    ).one()
    every = db.session.scalar(select(func.count(Order.id)).where(Order.brand_id == brand_id))
    return {
        "all": int(every or 0),
        "credited": by_outcome.get(Outcome.CREDITED, 0),
        "not_credited": by_outcome.get(Outcome.NOT_CREDITED, 0),
        "refunded": int(refunded or 0),
        "undecided": by_outcome.get(Outcome.NEEDS_DECISION, 0),
        "above_limit": int(above_limit or 0),
        "waiting": by_outcome.get(Outcome.MATCHING, 0),
    }


def latest(brand_id: int, limit: int = 5) -> Sequence[OrderRow]:
    """The newest orders, for the home page."""
    return listing(brand_id, "all", "", PageRequest(size=limit)).rows


def story(brand_id: int, public_id: str, zone: str) -> OrderStory:
    """One order of a brand, with everything that followed from it. Raises NotFound."""
    order = sales.one_of_brand(brand_id, public_id)
    row = _row(db.session.execute(_rows().where(Order.id == order.id)).one())
    steps: Sequence[Sentence] = ()
    headline = "Nobody has decided about this order yet"
    if row.attribution is not None:
        headline = wording.HEADLINES[row.attribution.reason]
        steps = wording.sentences(
            row.attribution.trace, wording.BRAND, names=_names(brand_id, row.attribution), zone=zone
        )
    commission, lines = row.commission, sales.lines_of(order.id)
    return OrderStory(
        row=row,
        lines=lines,
        given_back=_given_back(order, {one.external_id for one in lines if one.is_gift_card}),
        headline=headline,
        words=answers.words_for(row.attribution.reason) if row.attribution else None,
        assists=_assists(brand_id, row.attribution),
        flags=[wording.SHARED[one] for one in (row.attribution.flags or ())]
        if row.attribution
        else (),
        decided_by=_decided_by(row.attribution),
        steps=steps,
        bill=commissions.bill_of(commission) if commission else (),
        reversals=commissions.reversals_of(commission.id) if commission else (),
        above_limit=commissions.above_limit_of(order.id) if commission else (),
    )


def _given_back(order: Order, cards: Container[str]) -> list[GivenBack]:
    left, found = order.taken_back, []
    for one in sales.refunds_of(order.id):
        is_counted = one.currency == order.currency and not one.is_withdrawn
        amount = (
            min(_of_base(one, order, cards), left) if is_counted else Money.zero(order.currency)
        )
        told = None if one.amount == amount or one.is_withdrawn else one.amount
        found.append(GivenBack(one.occurred_at or one.recorded_at, amount, told, one.review))
        left = left - amount
    return found


def _of_base(refund: Refund, order: Order, cards: Container[str]) -> Money:
    """The base's part of what a refund says: a sum of goods holds their tax (R67), and a gift card
    that was bought is none of it (R10)."""
    if refund.family is RefundFamily.GOODS:
        return share_of(order.base, refund.amount, order.goods_with_tax)
    of_cards = sum(int(minor) for line, minor, *_ in refund.lines if str(line) in cards)
    return Money(max(refund.amount_minor - of_cards, 0), refund.currency)


def _assists(brand_id: int, decision: Attribution | None) -> list[str]:
    """The names of those who had a part and get nothing (R34)."""
    if decision is None:
        return []
    parts = attribution.assists_of(decision.id)
    members = ambassadors.members([part.ambassador_id for part in parts])
    mine = (one for one in members.values() if one.ambassador.brand_id == brand_id)
    return sorted(one.creator.name for one in mine)


def _decided_by(decision: Attribution | None) -> str:
    """Whose decision it is, where a person made it."""
    if decision is None or decision.by_id is None:
        return ""
    return identity.user(decision.by_id).name


def _rows() -> Any:
    latest_decision = and_(Attribution.order_id == Order.id, Attribution.is_latest)
    return (
        select(Order, Attribution, Creator.name, Ambassador.public_id, Commission)
        .select_from(Order)
        .outerjoin(Attribution, latest_decision)
        .outerjoin(Ambassador, Ambassador.id == Attribution.ambassador_id)
        .outerjoin(Creator, Creator.id == Ambassador.creator_id)
        .outerjoin(
            Commission,
            and_(
                Commission.attribution_id == Attribution.id,
                Commission.ambassador_id == Attribution.ambassador_id,
            ),
        )
    )


def _row(found: Any) -> OrderRow:
    return OrderRow(*found)


def _narrowed(view: str, search: str) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = []
    if view == "credited":
        narrowed.append(Attribution.outcome == Outcome.CREDITED)
    if view == "not_credited":
        narrowed.append(Attribution.outcome == Outcome.NOT_CREDITED)
    if view == "refunded":
        narrowed.append(Order.payment.in_(REFUNDED))
    if view == "undecided":
        narrowed.append(Attribution.outcome == Outcome.NEEDS_DECISION)
    if view == "waiting":
        narrowed.append(Attribution.outcome == Outcome.MATCHING)
    if search:
        number = search.strip().lstrip("#")
        code = func.upper(cast(Order.codes, String)).contains(codes.folded(search))
        narrowed.append(or_(Order.number.in_((number, f"#{number}")), code))
    return narrowed


def _is_above_limit(brand_id: int) -> ColumnElement[bool]:
    """Orders with a commission that `Commission.is_above_limit` says waits for the brand."""
    limit = Commission.explanation["exceeded_cap"].as_string()
    held = select(Commission.order_id).where(
        Commission.brand_id == brand_id, Commission.status == CommissionStatus.ON_HOLD,
        Commission.hold_reason == limit,
    )  # fmt: skip
    return Order.id.in_(held)


def _names(brand_id: int, decision: Attribution) -> dict[int, str]:
    ids = {
        step["facts"]["ambassador_id"]
        for step in decision.trace
        if step["facts"].get("ambassador_id") is not None
    }
    rows = db.session.execute(
        select(Ambassador.id, Creator.name)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(Ambassador.brand_id == brand_id, Ambassador.id.in_(ids))
    )
    return dict(rows.all())
