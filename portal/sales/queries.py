"""Look at orders, what they stand at, and the connections they come through."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from portal.kernel.errors import Conflict, NotFound
from portal.kernel.money import Money
from portal.sales import customers, matching
from portal.sales.models import Connection, Dispute, Order, OrderLine, Refund, Source
from portal.sales.rules import DisputeFact, DisputeState, LineBack, Standing
from portal.storage.model import db


def standing(order_id: int) -> Standing:
    """What an order is worth now to whoever earned on it. Raises NotFound.

    `remaining` counts cancellation, refunds and lost disputes, and is never below zero (R65).
    """
    found = standings([order_id])
    if order_id not in found:
        raise NotFound()
    return found[order_id]


def standings(order_ids: Sequence[int]) -> dict[int, Standing]:
    """`standing` of several orders, by row id; those that are unknown are left out."""
    orders = by_ids(order_ids)
    disputes, back = matching.disputes_of_orders(orders), matching.lines_back(orders)
    return {
        id_: _standing(order, disputes.get(id_, ()), back.get(id_, {}))
        for id_, order in orders.items()
    }


def is_disputed(order_id: int) -> bool:
    """Whether a buyer's bank asks for the money of this order, and nothing is decided yet."""
    found = select(Dispute.id).where(
        Dispute.order_id == order_id, Dispute.state == DisputeState.OPEN
    )
    return db.session.scalar(found.limit(1)) is not None


def lines_back(orders: Sequence[Order]) -> dict[int, dict[str, LineBack]]:
    """What refunds that name their lines gave back of each line, by order row id (R66)."""
    return matching.lines_back({order.id: order for order in orders})


def by_ids(order_ids: Sequence[int]) -> dict[int, Order]:
    """Several orders by row id."""
    rows = db.session.scalars(select(Order).where(Order.id.in_(set(order_ids))))
    return {row.id: row for row in rows}


def lines_of_orders(order_ids: Sequence[int]) -> dict[int, list[OrderLine]]:
    """The lines of several orders, by order row id, as the shop listed them."""
    wanted = select(OrderLine).where(OrderLine.order_id.in_(set(order_ids)))
    found: dict[int, list[OrderLine]] = {}
    for line in db.session.scalars(wanted.order_by(OrderLine.order_id, OrderLine.position)):
        found.setdefault(line.order_id, []).append(line)
    return found


def _standing(
    order: Order, disputes: Sequence[DisputeFact], back: Mapping[str, LineBack]
) -> Standing:
    gone = order.is_cancelled or order.is_deleted
    return Standing(
        order_id=order.id,
        brand_id=order.brand_id,
        currency=order.currency,
        original=order.base,
        remaining=Money.zero(order.currency) if gone else order.base - order.taken_back,
        is_paid=order.is_paid,
        is_cancelled=gone,
        is_test=order.is_test,
        is_charged_back=any(fact.state is DisputeState.LOST for fact in disputes),
        has_open_dispute=any(fact.state is DisputeState.OPEN for fact in disputes),
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        fulfilled_at=order.fulfilled_at,
        delivered_at=order.delivered_at,
        back=back,
        worth=order.worth,
    )


def by_id(order_id: int) -> Order:
    """An order by its row id, for rooms above. Raises NotFound."""
    found = db.session.get(Order, order_id)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def one_of_brand(brand_id: int, public_id: str) -> Order:
    """A brand's order by its public id. Raises NotFound, for another brand's too."""
    found = db.session.scalar(
        select(Order).where(Order.brand_id == brand_id, Order.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def lines_of(order_id: int) -> Sequence[OrderLine]:
    """An order's lines, as the shop listed them."""
    rows = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    return db.session.scalars(rows).all()  # type: ignore[no-any-return]


def refunds_of(order_id: int) -> Sequence[Refund]:
    """An order's refunds, the oldest first."""
    rows = select(Refund).where(Refund.order_id == order_id)
    return db.session.scalars(rows.order_by(Refund.occurred_at, Refund.id)).all()  # type: ignore[no-any-return]


def connections_of(brand_id: int) -> Sequence[Connection]:
    """A brand's shop connections, the oldest first."""
    rows = select(Connection).where(Connection.brand_id == brand_id).order_by(Connection.id)
    return db.session.scalars(rows).all()  # type: ignore[no-any-return]


def sources_of(connection_ids: Sequence[int]) -> dict[int, str]:
    """Which kind of shop each connection is."""
    rows = db.session.execute(
        select(Connection.id, Connection.source).where(Connection.id.in_(set(connection_ids)))
    )
    return {row_id: source.value for row_id, source in rows}


def connection(source: Source, public_id: str) -> Connection:
    """The connection a hook's URL names. Raises NotFound."""
    found = db.session.scalar(
        select(Connection).where(Connection.source == source, Connection.public_id == public_id)
    )
    if found is None:
        raise NotFound("There is no such shop connection.")
    return found  # type: ignore[no-any-return]


def one_connection_of_brand(brand_id: int, public_id: str) -> Connection:
    """A brand's shop by its public id. Raises NotFound, for another brand's too."""
    found = db.session.scalar(
        select(Connection).where(Connection.brand_id == brand_id, Connection.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def check_open(connection_id: int) -> None:
    """Raises Conflict while a shop is switched off: it takes no orders."""
    if not db.session.scalar(select(Connection.is_active).where(Connection.id == connection_id)):
        raise Conflict("The brand has switched this shop off: it takes no orders.")


def customer_key(brand_id: int, email: str) -> str | None:
    """The `Order.customer_key` of whoever has this e-mail: to know a customer again (R51)."""
    return customers.key_of(brand_id, email=email)


def clue_of(brand_id: int, kind: str, value: str) -> str | None:
    """The keyed hash that an order keeps of one clue about its buyer (R51)."""
    return customers.clue_of(brand_id, kind, value)


def violations() -> list[str]:
    """Orders whose stored figures do not follow from their refunds and disputes."""
    found = []
    lines = (
        select(OrderLine.order_id, func.sum(OrderLine.net_minor).label("net"))
        .where(OrderLine.is_gift_card.is_(False))
        .group_by(OrderLine.order_id)
        .subquery()
    )
    wrong = (
        select(Order.public_id)
        .join(lines, lines.c.order_id == Order.id)
        .where(lines.c.net != Order.base_minor, lines.c.net >= 0)
        .limit(20)
    )
    found += [
        f"Order {public_id}: its lines are not its base." for public_id in db.session.scalars(wrong)
    ]
    waiting = matching.waiting_for_known_orders(20)
    found += [f"Order row {order_id} has refunds that still wait for it." for order_id in waiting]
    return found
