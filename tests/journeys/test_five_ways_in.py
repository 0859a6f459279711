"""An order reaches a commission from each of five ways in, with a code only, a link only, both,
and neither; the creator's and the brand's page explain it in words."""

import io
from datetime import timedelta

import pytest

from portal.attribution import queries as attribution
from portal.attribution.models import Outcome
from portal.commissions import queries as commissions
from portal.doctor import CHECKS
from portal.integrations.csv_orders import commands as csv_orders
from portal.kernel import clock
from portal.sales import commands as sales
from portal.sales.models import Order, Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.callers import a_caller, told
from tests.support.hooks import Poster
from tests.support.people import a_program, an_ambassador
from tests.support.shop import clicked

WAYS = ("shopify", "woocommerce", "stripe", "csv", "api")
CSV_HEAD = (
    "type,order_id,refund_id,occurred_at,currency,amount,discount,tax,shipping,code,click_id,"
    "customer_email"
)
# what came with the order → (who is credited, the reason, what Ada reads, what the brand reads)
CASES = {
    "code": (True, "code_typed", "ADA15 was typed at checkout", "Credited: the code was typed"),
    "link": (True, "link_clicked", "Your link was clicked in time", "Credited: the link was"),
    "both": (True, "code_typed", "ADA15 was typed at checkout", "Credited: the code was typed"),
    "neither": (False, "no_code_no_click", "No code of yours was used, and no click",
                "Neither a code nor a click of an ambassador came with this order."),
}  # fmt: skip


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow), "Ada")


@pytest.fixture
def mona(world):
    return world.mona


def shopify(number, code, click):
    at = clock.now().isoformat()
    line = {"id": 1, "title": "Roast", "quantity": 1, "price": "80.00", "product_id": 9}
    return {
        "id": int(number), "name": f"#{number}", "currency": "USD", "financial_status": "paid",
        "created_at": at, "processed_at": at, "updated_at": at, "test": False,
        "total_price": "80.00", "total_tax": "0.00", "total_discounts": "0.00", "refunds": [],
        "email": "buyer@example.com", "line_items": [line],
        "discount_codes": [{"code": code, "amount": "0.00"}] if code else [],
        "note_attributes": [{"name": "vclid", "value": click}] if click else [],
    }  # fmt: skip


def woocommerce(number, code, click):
    at = clock.now().isoformat()
    line = {"id": 1, "name": "Roast", "quantity": 1, "subtotal": "80.00", "total": "80.00"}
    return {
        "id": int(number), "number": number, "status": "processing", "currency": "USD",
        "date_created_gmt": at, "date_modified_gmt": at, "date_paid_gmt": at, "total": "80.00",
        "total_tax": "0.00", "shipping_total": "0.00", "discount_total": "0.00",
        "billing": {"email": "buyer@example.com"}, "line_items": [line], "refunds": [],
        "coupon_lines": [{"code": code}] if code else [],
        "meta_data": [{"key": "_vclid", "value": click}] if click else [],
    }  # fmt: skip


def stripe(number, code, click):
    discount = [{"discount": {"promotion_code": {"id": "promo_1", "code": code}}}]
    session = {
        "id": f"cs_{number}", "object": "checkout.session", "mode": "payment",
        "status": "complete", "payment_status": "paid", "currency": "usd",
        "amount_subtotal": 8000, "amount_total": 8000,
        "created": int(clock.now().timestamp()), "payment_intent": f"pi_{number}",
        "client_reference_id": click or None,
        "customer_details": {"email": "buyer@example.com", "name": "Bo Buyer"},
        "total_details": {"amount_tax": 0, "amount_shipping": 0, "amount_discount": 0,
                          "breakdown": {"discounts": discount if code else []}},
    }  # fmt: skip
    return {"id": f"evt_{number}", "object": "event", "type": "checkout.session.completed",
            "created": int(clock.now().timestamp()), "data": {"object": session}}  # fmt: skip


MESSAGES = {"shopify": (shopify, "orders/paid"), "woocommerce": (woocommerce, "order.updated"),
            "stripe": (stripe, "")}  # fmt: skip


def arrives(world, way, number, code, click):
    """One paid order of 80.00 comes in; returns the number the shop knows it by."""
    if way in MESSAGES:
        with unit_of_work():
            door = sales.connect(world.glow.id, Source(way))
            address, secret = door.public_id, door.secret
        make, topic = MESSAGES[way]
        poster = Poster(world.app, way, address, secret)
        message = make(number, code, click)
        assert poster.posts(message, topic, event_id=number).status_code == 200
        number = f"cs_{number}" if way == "stripe" else number
    elif way == "csv":
        with unit_of_work():
            door_id = sales.csv_connection(world.glow.id)
        row = f"order,{number},,{clock.now().isoformat()},USD,80.00,,,,{code},{click},"
        report = csv_orders.import_orders(door_id, io.BytesIO(f"{CSV_HEAD}\n{row}\n".encode()))
        assert report.accepted == 1
    else:
        body = told(number, codes=[code] if code else [], **({"click_id": click} if click else {}))
        a_caller(world, world.glow).posts("/conversions", body)
    world.settle()
    return number


@pytest.mark.parametrize("way", WAYS)
def test_an_order_of_each_kind_by_this_way(world, ada, mona, way):
    for count, (kind, (is_hers, reason, creator_reads, brand_reads)) in enumerate(CASES.items()):
        click = str(clicked(ada)) if kind in ("link", "both") else ""
        clock.pass_time(timedelta(hours=1))
        code = "ada15" if kind in ("code", "both") else ""
        number = arrives(world, way, str(5001 + count), code, click)
        db.session.remove()
        order = db.session.query(Order).order_by(Order.id.desc()).first()
        decision = attribution.of_order(order.id)
        assert (decision.outcome is Outcome.CREDITED, decision.reason.value) == (is_hers, reason)
        earned = commissions.of_order(order.id)
        assert (str(earned.net) if earned else None) == ("8.00 USD" if is_hers else None)
        public_id = order.public_id
        creator = world.signed_in("ada@example.com").opens("/creator/sale-check")
        creator.fills("Order number", number).fills("Amount", "80")
        creator.presses("Look it up").sees(creator_reads)
        mona.opens(f"/brand/glow/orders/{public_id}").sees(brand_reads)
    for name, violations in CHECKS:
        assert list(violations()) == [], name
