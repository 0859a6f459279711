"""Reports as a shop would make them, short to write in a test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from portal.kernel.money import Money
from portal.sales import queries
from portal.sales.models import Order, OrderLine, OrderReference, Refund
from portal.sales.rules import (
    DisputeReport,
    DisputeState,
    LineReport,
    OrderReport,
    RefundFamily,
    RefundReport,
)
from portal.storage.model import db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def order(external_id="1001", *, base="80.00 USD", at=0, **more) -> OrderReport:
    """One line of goods, 5.00 shipping and 8.00 tax beside it."""
    net = Money.of(base)
    currency = net.currency
    more.setdefault("lines", (LineReport("l1", "Winter roast", "1", net, net),))
    values = {
        "number": f"#{external_id}", "currency": currency, "placed_at": NOON,
        "updated_at": later(at), "codes": ("ADA15",), "is_paid": True,
        "total": net + Money.of(f"13.00 {currency}"), "tax": Money.of(f"8.00 {currency}"),
        "shipping": Money.of(f"5.00 {currency}"), "discount": Money.zero(currency),
    }  # fmt: skip
    return OrderReport(external_id=external_id, **(values | more))


def refund(external_id="r1", amount="20.00 USD", *, of=("1001",), at=10, **more) -> RefundReport:
    return RefundReport(external_id, tuple(of), Money.of(amount), later(at), **more)


def charge(amount, of_charge, *, at, external_id="ch_1", of=("ch_1",)) -> RefundReport:
    return refund(
        external_id, amount, of=of, at=at,
        family=RefundFamily.CHARGE, cumulative_of=Money.of(of_charge),
    )  # fmt: skip


def dispute(state: str, *, amount="93.00 USD", of=("1001",), at=20) -> DisputeReport:
    return DisputeReport("dp_1", tuple(of), Money.of(amount), DisputeState(state), later(at))


def picture():
    """All that is stored of orders, but for row numbers and random ids."""
    db.session.remove()
    hidden = {
        "id", "public_id", "order_id", "connection_id", "brand_id", "linked_by",
        "customer_key",  # keyed by the brand's row id, which changes from round to round
        "customer_id_key", "payment_key", "clues",
    }  # fmt: skip
    found = {}
    for model in (Order, OrderLine, OrderReference, Refund):
        columns = [column.key for column in model.__table__.columns if column.key not in hidden]
        rows = db.session.scalars(select(model)).all()
        found[model.__tablename__] = sorted(
            repr([getattr(row, c) for c in columns]) for row in rows
        )
    orders = db.session.scalars(select(Order)).all()
    found["standing"] = sorted(
        repr(replace(queries.standing(one.id), order_id=0, brand_id=0)) for one in orders
    )
    return found
