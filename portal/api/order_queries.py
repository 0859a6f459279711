"""Conversions and refunds of a brand, as the interface tells them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.api import paging
from portal.api.order_shapes import (
    CommissionSeen,
    Conversion,
    Conversions,
    ConversionsAsked,
    Credit,
    Refunds,
    RefundsAsked,
    RefundSeen,
)
from portal.api.shapes import Sum
from portal.attribution import queries as attribution
from portal.attribution.models import Attribution
from portal.commissions.models import Commission
from portal.kernel.errors import NotFound
from portal.kernel.pages import PageRequest
from portal.sales import queries as sales
from portal.sales.models import Connection, Order, Refund, Source
from portal.storage.model import db
from portal.tracking import queries as tracking
from portal.tracking.models import DiscountCode


def conversions(brand_id: int, asked: ConversionsAsked, shop: int | None = None) -> Conversions:
    """One page of a brand's conversions, or of one of its shops', the newest placed first."""
    wanted = select(Order).where(Order.brand_id == brand_id, *_conditions(brand_id, asked, shop))
    found = PageRequest(asked.cursor).moment()
    if found is not None:
        at, row_id = found
        wanted = wanted.where(
            (Order.placed_at < at) | ((Order.placed_at == at) & (Order.id < row_id))
        )
    newest = wanted.order_by(Order.placed_at.desc(), Order.id.desc()).limit(asked.limit + 1)
    rows = list(db.session.scalars(newest))
    shown = rows[: asked.limit]
    after = shown[-1] if len(rows) > asked.limit else None
    cursor = paging.cursor(after.placed_at, after.id) if after is not None else None
    return Conversions(data=_seen(brand_id, shown), next_cursor=cursor)


def conversion(brand_id: int, public_id: str, shop: int | None = None) -> Conversion:
    """One conversion of a brand, or of one of its shops. Raises NotFound, for another's too."""
    order = sales.one_of_brand(brand_id, public_id)
    if shop not in (None, order.connection_id):
        raise NotFound()
    return _seen(brand_id, [order])[0]


def known_order(connection_id: int, external_id: str) -> Order | None:
    """The order that a connection knows by the shop's own id; None when it was never told."""
    found: Order | None = db.session.scalar(
        select(Order).where(Order.connection_id == connection_id, Order.external_id == external_id)
    )
    return found


def refunds(brand_id: int, asked: RefundsAsked, shop: int | None = None) -> Refunds:
    """One page of a brand's refunds, or of one of its shops', the newest told first. Raises
    NotFound for a conversion that is not the brand's."""
    wanted = (
        select(Refund, Order.public_id)
        .join(Connection, Connection.id == Refund.connection_id)
        .outerjoin(Order, Order.id == Refund.order_id)
        .where(Connection.brand_id == brand_id)
    )
    if shop is not None:
        wanted = wanted.where(Refund.connection_id == shop)
    if asked.conversion is not None:
        wanted = wanted.where(Order.id == sales.one_of_brand(brand_id, asked.conversion).id)
    last = PageRequest(asked.cursor).row_id()
    if last is not None:
        wanted = wanted.where(Refund.id < last)
    rows = db.session.execute(wanted.order_by(Refund.id.desc()).limit(asked.limit + 1)).all()
    shown = rows[: asked.limit]
    cursor = paging.cursor(shown[-1][0].id) if len(rows) > asked.limit else None
    return Refunds(data=[refund_seen(row, order) for row, order in shown], next_cursor=cursor)


def refund(connection_id: int, external_id: str) -> RefundSeen:
    """A refund as its connection knows it. Raises NotFound."""
    row = db.session.execute(
        select(Refund, Order.public_id)
        .outerjoin(Order, Order.id == Refund.order_id)
        .where(Refund.connection_id == connection_id, Refund.external_id == external_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return refund_seen(row[0], row[1])


def refund_seen(found: Refund, order_public_id: str | None) -> RefundSeen:
    return RefundSeen(
        refund_id=found.external_id,
        conversion=order_public_id,
        amount=Sum.of(found.amount),
        refunded_at=found.occurred_at,
        recorded_at=found.recorded_at,
    )


def _conditions(
    brand_id: int, asked: ConversionsAsked, shop: int | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if shop is not None:
        conditions.append(Order.connection_id == shop)
    if asked.placed_from is not None:
        conditions.append(Order.placed_at >= asked.placed_from)
    if asked.placed_until is not None:
        conditions.append(Order.placed_at < asked.placed_until)
    if asked.status is not None:
        conditions.append(Order.payment == asked.status)
    if asked.order_id is not None:
        # Named with the connections, the unique key finds it: a brand may have a million orders.
        mine = select(Connection.id).where(Connection.brand_id == brand_id)
        conditions += [Order.connection_id.in_(mine), Order.external_id == asked.order_id]
    return conditions


def _seen(brand_id: int, orders: Sequence[Order]) -> list[Conversion]:
    ids = [order.id for order in orders]
    decided = attribution.of_orders(ids)
    earned = _commissions(ids)
    sources = {one.id: one.source for one in sales.connections_of(brand_id)}
    wanted = {row.ambassador_id for row in decided.values() if row.ambassador_id is not None}
    wanted |= {row.ambassador_id for rows in earned.values() for row in rows}
    members = ambassadors.ambassadors(list(wanted))
    codes = tracking.codes_by_id([row.code_id for row in decided.values() if row.code_id])
    return [
        _conversion(
            order, sources[order.connection_id], earned.get(order.id, []), members,
            _credit(decided.get(order.id), members, codes),
        )
        for order in orders
    ]  # fmt: skip


def _commissions(order_ids: Sequence[int]) -> dict[int, list[Commission]]:
    found: dict[int, list[Commission]] = {}
    rows = select(Commission).where(Commission.order_id.in_(order_ids)).order_by(Commission.id)
    for row in db.session.scalars(rows):
        found.setdefault(row.order_id or 0, []).append(row)
    return found


def _credit(
    decision: Attribution | None,
    members: Mapping[int, Ambassador],
    codes: Mapping[int, DiscountCode],
) -> Credit | None:
    if decision is None:
        return None
    member, code = decision.ambassador_id, decision.code_id
    return Credit(
        outcome=decision.outcome,
        reason=decision.reason,
        ambassador=members[member].public_id if member is not None else None,
        code=codes[code].code if code is not None else None,
        decided_at=decision.decided_at,
    )


def _conversion(
    order: Order,
    source: Source,
    earned: Sequence[Commission],
    members: Mapping[int, Ambassador],
    credit: Credit | None,
) -> Conversion:
    return Conversion(
        id=order.public_id,
        order_id=order.external_id,
        order_number=order.number,
        source=source,
        status=order.payment,
        subtotal=Sum.of(order.base),
        refunded=Sum.of(order.taken_back),
        discount=Sum.of(order.discount),
        tax=Sum.of(order.tax),
        shipping=Sum.of(order.shipping),
        codes=list(order.codes),
        click_id=order.click_id,
        is_test=order.is_test,
        placed_at=order.placed_at,
        recorded_at=order.recorded_at,
        credit=credit,
        commissions=[_commission(row, members) for row in earned],
    )


def _commission(row: Commission, members: Mapping[int, Ambassador]) -> CommissionSeen:
    return CommissionSeen(
        id=row.public_id,
        ambassador=members[row.ambassador_id].public_id,
        kind=row.kind,
        status=row.word,
        amount=Sum.of(row.amount),
        net=Sum.of(row.net),
        payable_from=row.hold_until,
    )
