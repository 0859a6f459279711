"""A creator's question about an order: which order she means, and what she is told (UX 2.4).

She names an order so well that only somebody who knows it could (its number with its day or its
amount), or else only orders come up that her code or link led to. Nothing of a buyer and nothing
of another creator is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from portal.ambassadors.models import Ambassador
from portal.attribution import answers, wording
from portal.attribution import queries as attribution
from portal.attribution import rules as credit
from portal.attribution.answers import Words
from portal.attribution.models import Attribution, Reason, SaleCheck
from portal.attribution.wording import Sentence
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking import queries as tracking

LOOKED_AT = 50
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a creator knows of an order. Number and (day or amount), or day and amount."""

    number: str
    on: date | None
    amount: Money | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What she is told. `commission` is hers; `order_id` is for the record and never shown."""

    code: str
    words: Words
    steps: Sequence[Sentence]
    can_appeal: bool
    order_id: int | None = None
    placed_at: datetime | None = None
    commission: Commission | None = None
    last_heard_at: datetime | None = None
    note: str = ""  # what the brand wrote when it declined the order


def answer(member: Ambassador, asked: Asked) -> Answer:
    """The answer to what she asks now."""
    found = _order(member, asked)
    return of_order(member, found) if found else _unknown(member, asked)


def answer_again(member: Ambassador, check: SaleCheck, asked: Asked) -> Answer:
    """The answer to an earlier question as things stand now."""
    if check.order_id is None:
        return answer(member, asked)
    return of_order(member, sales.by_id(check.order_id))


def of_order(member: Ambassador, order: Order) -> Answer:
    """What she is told of this order."""
    zone = identity.brand(order.brand_id).zone
    decision, hers = attribution.of_order(order.id), _commission(member, order)
    code = _code(member, order, decision, hers)
    steps: list[Sentence] = []
    if decision is not None and credit.has_part(decision.trace, member.id):
        steps = wording.sentences(decision.trace, wording.CREATOR, viewer=member.id, zone=zone)
    return Answer(
        code, answers.words_for(code), steps, answers.can_appeal(code, _hours(order.placed_at)),
        order.id, order.placed_at, hers, note=_note(code, decision),
    )  # fmt: skip


def _unknown(member: Ambassador, asked: Asked) -> Answer:
    brand = identity.brand(member.brand_id)
    heard = [one.last_event_at for one in sales.connections_of(brand.id) if one.last_event_at]
    is_today = asked.on is not None and asked.on >= clock.today(brand.zone)
    code = answers.TOO_RECENT if is_today else answers.ORDER_NOT_RECEIVED
    hours = _hours(clock.start_of_day(asked.on, brand.zone)) if asked.on else None
    return Answer(
        code, answers.words_for(code), (), answers.can_appeal(code, hours),
        last_heard_at=max(heard, default=None),
    )  # fmt: skip


def _code(
    member: Ambassador, order: Order, decision: Attribution | None, hers: Commission | None
) -> str:
    if decision is None:
        return answers.TOO_RECENT
    own = [one.code for one in tracking.codes_of_ambassador(member.id)]
    code = credit.answer_to_creator(
        decision.outcome, decision.reason, decision.trace, member.id, own
    )
    if code not in (answers.CREDITED, answers.ASSISTED):
        return code
    return _since_then(order, hers) or (_by_lines(order) if code == answers.CREDITED else code)


def _since_then(order: Order, hers: Commission | None) -> str:
    """What happened to a credited order afterwards; "" when nothing did."""
    if hers is not None and hers.status is CommissionStatus.ON_HOLD:
        return answers.ON_HOLD_REVIEW
    if order.is_cancelled:
        return Reason.CANCELLED.value
    if order.taken_back_minor and order.taken_back_minor >= order.base_minor:
        return answers.REFUNDED
    return answers.PARTLY_REFUNDED if order.taken_back_minor else ""


def _note(code: str, decision: Attribution | None) -> str:
    return decision.note if decision and code == Reason.DECLINED_BY_HAND else ""


def _by_lines(order: Order) -> str:
    gifts = [line.is_gift_card for line in sales.lines_of(order.id)]
    if gifts and all(gifts):
        return answers.PRODUCT_EXCLUDED
    return answers.CREDITED_PARTIAL if any(gifts) else answers.CREDITED


def _commission(member: Ambassador, order: Order) -> Commission | None:
    found: Commission | None = db.session.scalar(
        select(Commission)
        .where(
            Commission.order_id == order.id, Commission.ambassador_id == member.id,
            Commission.kind == CommissionKind.SALE,
        )
        .order_by(Commission.id.desc())
        .limit(1)
    )  # fmt: skip
    return found


def _order(member: Ambassador, asked: Asked) -> Order | None:
    zone = identity.brand(member.brand_id).zone
    wanted = select(Order).where(Order.brand_id == member.brand_id)
    if asked.number:
        bare = asked.number.lstrip("#")
        wanted = wanted.where(Order.number.in_((bare, f"#{bare}")))
        found = db.session.scalars(wanted.order_by(Order.id.desc()).limit(LOOKED_AT))
        return next((one for one in found if _is_meant(one, asked, zone)), None)
    if asked.on is None or asked.amount is None:
        return None
    first = clock.start_of_day(asked.on - DAY, zone)
    least, most = _about(asked.amount)
    near = or_(Order.total_minor.between(least, most), Order.base_minor.between(least, most))
    wanted = wanted.where(
        Order.placed_at >= first, Order.placed_at < first + 3 * DAY,
        Order.currency == asked.amount.currency, near,
    )  # fmt: skip
    rows = db.session.scalars(wanted.order_by(Order.placed_at, Order.id).limit(LOOKED_AT)).all()
    decided = attribution.of_orders([one.id for one in rows])
    hers = (one for one in rows if one.id in decided
            and credit.has_part(decided[one.id].trace, member.id))  # fmt: skip
    return next(hers, None)


def _is_meant(order: Order, asked: Asked, zone: str) -> bool:
    """Whether she knows the order: its day within one, or its amount within a tenth."""
    placed_on = order.placed_at.astimezone(ZoneInfo(zone)).date()
    if asked.on is not None and abs(placed_on - asked.on) <= DAY:
        return True
    if asked.amount is None or asked.amount.currency != order.currency:
        return False
    least, most = _about(asked.amount)
    return least <= order.total_minor <= most or least <= order.base_minor <= most


def _about(amount: Money) -> tuple[int, int]:
    tenth = amount.scaled(1, 10)
    return (amount - tenth).minor, (amount + tenth).minor


def _hours(since: datetime) -> int:
    return (clock.now() - since) // timedelta(hours=1)
