"""Which order an id names, what waits for an order, and what an order's refunds come to."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from portal.kernel import currencies
from portal.kernel.money import Money
from portal.sales import rules
from portal.sales.models import (
    Dispute,
    Order,
    OrderLine,
    OrderReference,
    Refund,
    WaitingReference,
)
from portal.sales.rules import DisputeFact, DisputeState, LineBack, RefundFact, RefundFamily
from portal.storage.insert_once import insert_missing
from portal.storage.model import db

WAITING: Any = WaitingReference.__table__
OTHER_CURRENCY = "This refund is in another currency than its order and was not counted."


def known_by(connection_id: int, names: Sequence[str]) -> tuple[int | None, list[str]]:
    """The order that one of these ids names (the oldest, if they name several), and all its ids
    that are known so far: these, and those linked to them."""
    mine = OrderReference.connection_id == connection_id
    columns = select(OrderReference.order_id, OrderReference.linked_by)
    rows = db.session.execute(columns.where(mine, OrderReference.reference.in_(names))).all()
    known = min((order_id for order_id, _ in rows if order_id is not None), default=None)
    groups = {linked_by for order_id, linked_by in rows if linked_by and order_id is None}
    if not groups:
        return known, list(names)
    together = select(OrderReference.reference).where(mine, OrderReference.linked_by.in_(groups))
    return known, list(dict.fromkeys([*names, *db.session.scalars(together)]))


def claim(order_id: int, connection_id: int, names: Sequence[str]) -> bool:
    """Write down that these ids name this order; False when one names another order already."""
    wanted = [
        {"connection_id": connection_id, "reference": name, "order_id": order_id} for name in names
    ]
    if insert_missing(OrderReference, wanted) == len(wanted):
        return True
    mine = (OrderReference.connection_id == connection_id) & OrderReference.reference.in_(names)
    free = OrderReference.order_id.is_(None)
    db.session.execute(update(OrderReference).where(mine, free).values(order_id=order_id))
    others = select(OrderReference.id).where(mine, OrderReference.order_id != order_id)
    return db.session.scalar(others.limit(1)) is None


def link(connection_id: int, links: Sequence[str]) -> None:
    """Remember that these ids name one order, which is not known yet."""
    insert_missing(
        OrderReference,
        [
            {"connection_id": connection_id, "reference": one, "linked_by": links[0]}
            for one in links
        ],
    )


def park(
    connection_id: int,
    references: Sequence[str],
    *,
    refund_id: int | None = None,
    dispute_id: int | None = None,
) -> None:
    """Let a refund, a dispute or a deletion wait for the order that these ids name (R77)."""
    rows = [
        {
            "connection_id": connection_id, "reference": reference, "refund_id": refund_id,
            "dispute_id": dispute_id,
        }
        for reference in references
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(WAITING), rows)


def waiting_under(connection_id: int, names: Sequence[str]) -> list[WaitingReference]:
    """What waits for an order known by one of these ids."""
    rows = select(WaitingReference).where(
        WaitingReference.connection_id == connection_id, WaitingReference.reference.in_(names)
    )
    return list(db.session.scalars(rows))


def attach(order: Order, waiting: Sequence[WaitingReference]) -> list[str]:
    """Give the order what waited for it; returns the states of the disputes among it."""
    if not waiting:
        return []
    refunds = [one.refund_id for one in waiting if one.refund_id is not None]
    disputes = [one.dispute_id for one in waiting if one.dispute_id is not None]
    if len(refunds) + len(disputes) < len(waiting):  # neither: the shop deleted it
        order.is_deleted = order.is_cancelled = True
    for model, ids in ((Refund, refunds), (Dispute, disputes)):
        unattached = model.id.in_(ids) & model.order_id.is_(None)
        db.session.execute(update(model).where(unattached).values(order_id=order.id))
    done = or_(
        WaitingReference.id.in_([one.id for one in waiting]),
        WaitingReference.refund_id.in_(refunds),
        WaitingReference.dispute_id.in_(disputes),
    )
    db.session.execute(delete(WaitingReference).where(done))
    states = db.session.scalars(select(Dispute.state).where(Dispute.id.in_(disputes)))
    return [state.value for state in states]


def waiting_for_known_orders(limit: int) -> dict[int, list[str]]:
    """Orders that are known by an id under which something still waits."""
    pairs = db.session.execute(
        select(OrderReference.order_id, WaitingReference.reference)
        .join(
            WaitingReference,
            (WaitingReference.connection_id == OrderReference.connection_id)
            & (WaitingReference.reference == OrderReference.reference),
        )
        .where(OrderReference.order_id.is_not(None))
        .order_by(OrderReference.order_id)
        .limit(limit)
    )
    found: dict[int, list[str]] = {}
    for order_id, reference in pairs:
        if order_id is not None:
            found.setdefault(order_id, []).append(reference)
    return found


def recount(order: Order) -> None:
    """Set what was given back of the order's base, and the payment word that follows (UX 6.9)."""
    base, total, goods = order.base, order.total, order.goods_with_tax
    refunds, disputes = refund_facts(order), dispute_facts(order)
    refunded, disputed = (
        rules.refunded_base(base, total, refunds, goods),
        rules.disputed_base(base, total, disputes),
    )
    order.taken_back_minor = min(refunded + disputed, base).minor
    taken = rules.beside_given_back(order.parts, base, total, refunds, disputed, goods)
    order.beside_taken = taken or None
    order.payment = rules.payment_state(
        is_paid=order.is_paid,
        is_cancelled=order.is_cancelled,
        is_charged_back=any(fact.state is DisputeState.LOST for fact in disputes),
        base=base,
        refunded=refunded,
    )


def refund_facts(order: Order) -> list[RefundFact]:
    """The order's refunds in its currency; one without a currency of its own takes the order's.
    What was given back for a gift card that was bought is none of the base (R10), nor is what was
    given back for a line that the order, told anew, has no more (R66)."""
    facts = []
    rows = db.session.scalars(
        select(Refund).where(Refund.order_id == order.id).execution_options(populate_existing=True)
    ).all()
    apart = _apart(order) if any(refund.lines for refund in rows) else frozenset()
    for refund in rows:
        if refund.stated and refund.currency != order.currency:
            refund.lines = _lines_in(order.currency, refund)
            refund.amount_minor = currencies.to_minor(refund.stated, order.currency)
            refund.currency = order.currency
        if refund.currency != order.currency:
            refund.review = OTHER_CURRENCY
            continue
        charged = refund.charged_minor
        facts.append(
            RefundFact(
                refund.family,
                Money(max(refund.amount_minor - _of_lines(refund, apart), 0), refund.currency),
                None if charged is None else Money(charged, refund.currency),
                refund.is_withdrawn,
                refund.occurred_at,
                {
                    name: _minor(said, order.currency)
                    for name, said in (refund.beside or {}).items()
                },
            )
        )
    return facts


def _apart(order: Order) -> frozenset[str]:
    """The shop's ids of the lines that are none of the base: gift cards, and those that the order
    had and has no more, where its lines can be told apart."""
    rows = select(OrderLine.external_id, OrderLine.is_gift_card)
    now = dict(db.session.execute(rows.where(OrderLine.order_id == order.id)).all())
    gone = set(order.lines_known or ()) - set(now) if now and "" not in now else set()
    return frozenset(gone | {line for line, is_card in now.items() if is_card and line})


def _of_lines(refund: Refund, lines: frozenset[str]) -> int:
    return sum(int(minor) for line, minor, *_ in refund.lines if str(line) in lines)


def _lines_in(currency: str, refund: Refund) -> list[list[str | int]]:
    """The lines of a refund that named no currency, counted in that of its order."""
    return [
        [line, currencies.to_minor(currencies.to_major(int(minor), refund.currency), currency),
         *pieces]
        for line, minor, *pieces in refund.lines
    ]  # fmt: skip


def lines_back(orders: Mapping[int, Order]) -> dict[int, dict[str, LineBack]]:
    """What refunds that name their lines gave back of each, by order row id and the shop's id of
    the line (R66). Refunds that tell a sum only are not in it."""
    taken = [order_id for order_id, order in orders.items() if order.taken_back_minor]
    if not taken:
        return {}
    rows = db.session.scalars(
        select(Refund)
        .where(
            Refund.order_id.in_(taken), Refund.family == RefundFamily.OWN,
            Refund.is_withdrawn.is_(False),
        )
        .execution_options(populate_existing=True)
    )  # fmt: skip
    sums: dict[int, dict[str, list[int]]] = {}
    for row in rows:
        order_id = row.order_id or 0
        if row.currency == orders[order_id].currency:
            for line, minor, *pieces in row.lines:
                sum_of = sums.setdefault(order_id, {}).setdefault(str(line), [0, 0])
                sum_of[0] += int(minor)
                sum_of[1] += int(pieces[0]) if pieces else 0
    return {
        order_id: {
            line: LineBack(Money(minor, orders[order_id].currency), pieces)
            for line, (minor, pieces) in sorted(found.items())
        }
        for order_id, found in sums.items()
    }


def _minor(stated: str, currency: str) -> int:
    """A part as a shop wrote it, in the order's currency: what has more decimals is rounded."""
    return currencies.half_up(Decimal(stated).scaleb(currencies.exponent(currency)))


def dispute_facts(order: Order) -> list[DisputeFact]:
    """The order's chargebacks, in whatever currency the bank asks for."""
    return disputes_of_orders({order.id: order}).get(order.id, [])


def disputes_of_orders(orders: Mapping[int, Order]) -> dict[int, list[DisputeFact]]:
    """The chargebacks of several orders, by order row id."""
    rows = db.session.scalars(
        select(Dispute)
        .where(Dispute.order_id.in_(orders))
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[DisputeFact]] = {}
    for row in rows:
        if row.order_id is not None:
            fact = DisputeFact(Money(row.amount_minor, row.currency), row.state)
            found.setdefault(row.order_id, []).append(fact)
    return found
