"""Which order an id names, what waits for an order, and what an order's refunds come to."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, or_, select, update

from portal.kernel import currencies
from portal.kernel.money import Money
from portal.sales import rules
from portal.sales.models import Dispute, Order, OrderReference, Refund, WaitingReference
from portal.sales.rules import DisputeFact, DisputeState, RefundFact
from portal.storage.insert_once import insert_missing
from portal.storage.model import db

OTHER_CURRENCY = "This refund is in another currency than its order and was not counted."


def order_known_by(
    connection_id: int, references: Sequence[str], beside: int | None = None
) -> int | None:
    """The order that one of these ids names: the oldest, if they name several.

    `beside` asks for another one than this.
    """
    wanted = select(OrderReference.order_id).where(
        OrderReference.connection_id == connection_id,
        OrderReference.reference.in_(references),
        OrderReference.order_id.is_not(None),
    )
    if beside is not None:
        wanted = wanted.where(OrderReference.order_id != beside)
    found: int | None = db.session.scalar(wanted.order_by(OrderReference.order_id).limit(1))
    return found


def claim(order: Order, references: Sequence[str]) -> list[str]:
    """Write down that these ids name this order, with all that is linked to them.

    Returns the ids it is known by because of this.
    """
    mine = OrderReference.connection_id == order.connection_id
    free = OrderReference.order_id.is_(None)
    linked = select(OrderReference.linked_by).where(
        mine, free, OrderReference.reference.in_(references)
    )
    groups = set(db.session.scalars(linked))
    together: list[str] = []
    if groups:
        of_groups = OrderReference.linked_by.in_(groups)
        together = list(
            db.session.scalars(select(OrderReference.reference).where(mine, free, of_groups))
        )
        db.session.execute(
            update(OrderReference).where(mine, free, of_groups).values(order_id=order.id)
        )
    insert_missing(
        OrderReference,
        [
            {"connection_id": order.connection_id, "reference": one, "order_id": order.id}
            for one in references
        ],
    )
    return list(dict.fromkeys([*references, *together]))


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
        db.session.execute(insert(WaitingReference), rows)


def attach_waiting(order: Order, references: Sequence[str]) -> list[str]:
    """Give the order what waited for it under these ids; returns the states of the disputes."""
    waiting = db.session.scalars(
        select(WaitingReference).where(
            WaitingReference.connection_id == order.connection_id,
            WaitingReference.reference.in_(references),
        )
    ).all()
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
        found.setdefault(order_id, []).append(reference)
    return found


def recount(order: Order) -> None:
    """Set what was given back of the order's base, and the payment word that follows (UX 6.9)."""
    base, total = order.base, order.total
    refunded = rules.refunded_base(base, total, refund_facts(order))
    disputes = dispute_facts(order)
    taken = min(refunded + rules.disputed_base(base, total, disputes), base)
    order.taken_back_minor = taken.minor
    order.payment = rules.payment_state(
        is_paid=order.is_paid,
        is_cancelled=order.is_cancelled,
        is_charged_back=any(fact.state is DisputeState.LOST for fact in disputes),
        base=base,
        refunded=refunded,
    )


def refund_facts(order: Order) -> list[RefundFact]:
    """The order's refunds in its currency; one without a currency of its own takes the order's."""
    facts = []
    for refund in db.session.scalars(
        select(Refund).where(Refund.order_id == order.id).execution_options(populate_existing=True)
    ):
        if refund.stated and refund.currency != order.currency:
            refund.amount_minor = currencies.to_minor(refund.stated, order.currency)
            refund.currency = order.currency
        if refund.currency != order.currency:
            refund.review = OTHER_CURRENCY
            continue
        charged = refund.charged_minor
        facts.append(
            RefundFact(
                refund.family,
                Money(refund.amount_minor, refund.currency),
                None if charged is None else Money(charged, refund.currency),
                refund.is_withdrawn,
                refund.occurred_at,
            )
        )
    return facts


def dispute_facts(order: Order) -> list[DisputeFact]:
    """The order's chargebacks in its currency."""
    rows = db.session.scalars(
        select(Dispute)
        .where(Dispute.order_id == order.id, Dispute.currency == order.currency)
        .execution_options(populate_existing=True)
    )
    return [DisputeFact(Money(row.amount_minor, row.currency), row.state) for row in rows]
