"""Look at decisions, and gather the facts they are made from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.ambassadors import queries as ambassadors
from portal.attribution import rules
from portal.attribution.models import Attribution, Outcome
from portal.attribution.rules import Decision, OrderFacts, Policy, Touch, TouchKind
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.sales import queries as sales
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking import queries as tracking
from portal.tracking.models import Click

Inputs = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """What credited orders of one code, link or membership amount to, in one currency."""

    orders: int
    net: Money
    last_at: datetime


def of_order(order_id: int) -> Attribution | None:
    """The decision in force; None before the first."""
    found: Attribution | None = db.session.scalar(
        select(Attribution).where(Attribution.order_id == order_id, Attribution.is_latest)
    )
    return found


def attribution(attribution_id: int) -> Attribution:
    """A decision by row id. Raises NotFound."""
    found = db.session.get(Attribution, attribution_id)
    if found is None:
        raise NotFound()
    return found


def of_orders(order_ids: Sequence[int]) -> dict[int, Attribution]:
    """The decisions in force of several orders, for lists."""
    rows = db.session.scalars(
        select(Attribution).where(Attribution.order_id.in_(order_ids), Attribution.is_latest)
    )
    return {row.order_id: row for row in rows}


def versions_of(order_id: int) -> Sequence[Attribution]:
    """Every decision about an order, oldest first."""
    rows = db.session.scalars(
        select(Attribution).where(Attribution.order_id == order_id).order_by(Attribution.version)
    )
    return rows.all()


def inputs_of(order: Order) -> Inputs:
    """What a decision about this order is made from, as plain values that are kept with it."""
    inputs: Inputs = {
        "placed_at": order.placed_at.isoformat(),
        "recorded_at": order.recorded_at.isoformat(),
        "codes": sorted(set(order.codes)),
        "click_id": order.click_id,
        "is_paid": order.is_paid,
        "is_cancelled": order.is_cancelled,
        "is_test": order.is_test,
        "self": [],
    }
    found = _touches(order.brand_id, inputs)
    candidates = {code.ambassador_id for code in found.codes}
    candidates |= {click.ambassador_id for click in found.clicks}
    inputs["self"] = sorted(one for one in candidates if _is_buyer(one, order))
    return inputs


def facts_for(brand_id: int, inputs: Inputs) -> tuple[OrderFacts, list[Touch], Policy]:
    """The arguments of `rules.credit_for`: how everything stood when the order was placed."""
    at, found = datetime.fromisoformat(inputs["placed_at"]), _touches(brand_id, inputs)
    order = OrderFacts(
        placed_at=at, recorded_at=datetime.fromisoformat(inputs["recorded_at"]),
        is_paid=inputs["is_paid"], is_cancelled=inputs["is_cancelled"],
        is_test=inputs["is_test"], unknown_codes=found.unknown,
    )  # fmt: skip
    touches = [
        _touch(TouchKind.CODE, code.code_id, code.ambassador_id, code.since, at, inputs,
               code=code.code, status=code.status, discount_bp=code.discount_bp)
        for code in found.codes
    ]  # fmt: skip
    touches += [
        _touch(TouchKind.CLICK, click.click_id, click.ambassador_id, click.at, at, inputs)
        for click in found.clicks
    ]
    return order, touches, _policy({touch.program_id for touch in touches}, at)


def agrees(stored: Attribution, decision: Decision) -> bool:
    """Whether a decision says what is stored already."""
    kept = (stored.outcome, stored.reason, stored.ambassador_id, stored.code_id, stored.click_id)
    made = (decision.outcome, decision.reason, decision.ambassador_id, decision.code_id,
            decision.click_id)  # fmt: skip
    return kept == made and stored.terms_id == decision.terms_id


def figures_by_code(code_ids: Sequence[int]) -> dict[int, list[Figures]]:
    """Code id → what orders credited with that code typed amount to, per currency."""
    return _figures(Attribution.code_id, code_ids)


def figures_by_ambassador(
    ambassador_ids: Sequence[int], since: datetime | None = None
) -> dict[int, list[Figures]]:
    """Membership id → what her credited orders amount to, per currency, from an instant on."""
    return _figures(Attribution.ambassador_id, ambassador_ids, since)


def orders_by_link(ambassador_ids: Sequence[int]) -> dict[int, int]:
    """Link id → credited orders that came by one of its clicks."""
    rows = db.session.execute(
        select(Click.link_id, func.count())
        .join(Attribution, Attribution.click_id == Click.id)
        .where(
            Attribution.ambassador_id.in_(ambassador_ids),
            Attribution.is_latest,
            Attribution.outcome == Outcome.CREDITED,
        )
        .group_by(Click.link_id)
    )
    return dict(rows.all())


def counts(brand_id: int) -> dict[Outcome, int]:
    """How many of a brand's orders have which outcome."""
    rows = db.session.execute(
        select(Attribution.outcome, func.count())
        .where(Attribution.brand_id == brand_id, Attribution.is_latest)
        .group_by(Attribution.outcome)
    )
    return dict(rows.all())


def violations() -> list[str]:
    """Decisions that, made again from the same facts, come out differently; and orders without
    one. Sentences; empty when all is well."""
    wrong = []
    for stored in db.session.scalars(
        select(Attribution).where(Attribution.is_latest).order_by(Attribution.id)
    ):
        again = rules.credit_for(*facts_for(stored.brand_id, stored.inputs))
        if not agrees(stored, again):
            wrong.append(
                f"Order row {stored.order_id} was {stored.outcome} ({stored.reason}), "
                f"but its facts say {again.outcome} ({again.reason})."
            )
    return wrong


def _touches(brand_id: int, inputs: Inputs) -> tracking.Touches:
    click_id = tracking.read_click_id(inputs["click_id"])
    at = datetime.fromisoformat(inputs["placed_at"])
    return tracking.touches(brand_id, click_id, inputs["codes"], at)


def _touch(
    kind: TouchKind, touch_id: int, ambassador_id: int, since: datetime, at: datetime,
    inputs: Inputs, **of_code: Any,
) -> Touch:  # fmt: skip
    member = ambassadors.ambassador(ambassador_id)
    return Touch(
        kind=kind, touch_id=touch_id, ambassador_id=ambassador_id, program_id=member.program_id,
        at=since, membership=ambassadors.status_at(ambassador_id, at),
        member_since=member.activated_at, is_self=ambassador_id in inputs["self"], **of_code,
    )  # fmt: skip


def _policy(program_ids: Iterable[int], at: datetime) -> Policy:
    policy = {}
    for program_id in program_ids:
        try:
            policy[program_id] = programs.facts_of(programs.terms_at(program_id, at))
        except NotFound:  # no terms were in force yet, so nobody could be credited
            continue
    return policy


def _is_buyer(ambassador_id: int, order: Order) -> bool:
    if order.customer_key is None:
        return False
    creator = creators.creator(ambassadors.ambassador(ambassador_id).creator_id)
    email = identity.user(creator.user_id).email
    return sales.customer_key(order.brand_id, email) == order.customer_key


def _figures(
    column: Any, ids: Sequence[int], since: datetime | None = None
) -> dict[int, list[Figures]]:
    wanted = (
        select(
            column, Order.currency, func.count(), func.max(Order.placed_at),
            func.sum(Order.base_minor - Order.taken_back_minor),
        )
        .join(Order, Order.id == Attribution.order_id)
        .where(
            column.in_(ids), Attribution.is_latest, Attribution.outcome == Outcome.CREDITED,
            Order.is_cancelled.is_(False),
        )
        .group_by(column, Order.currency)
        .order_by(Order.currency)
    )  # fmt: skip
    if since is not None:
        wanted = wanted.where(Order.placed_at >= since)
    found: dict[int, list[Figures]] = {}
    for key, currency, orders, last_at, net in db.session.execute(wanted):
        found.setdefault(key, []).append(Figures(orders, Money(int(net), currency), last_at))
    return found
