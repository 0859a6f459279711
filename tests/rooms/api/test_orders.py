"""Conversions and refunds: the fifth way in."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal.commissions.models import Commission
from portal.kernel import clock
from portal.sales.models import Order, Refund
from portal.storage.model import db
from tests.support.callers import a_caller, told
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, clicked

REFUND = {
    "order_id": "1001", "refund_id": "r1", "amount": {"amount_minor": 3000, "currency": "USD"},
}  # fmt: skip


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow), "Ada", code="ADA15")


@pytest.fixture
def shop(world):
    return a_caller(world, world.glow)


def test_an_order_with_a_code_earns_a_commission(world, ada, shop):
    made = shop.posts(
        "/conversions", told(codes=["ada15"], tax={"amount_minor": 640, "currency": "USD"})
    )
    assert made["credit"] is None
    world.settle()
    found = shop.gets(f"/conversions/{made['id']}")
    assert found["source"] == "api"
    assert found["credit"]["outcome"] == "credited"
    assert found["credit"]["ambassador"] == ada.public_id
    assert found["credit"]["code"] == "ADA15"
    [earned] = found["commissions"]
    assert earned["amount"] == {"amount_minor": 800, "currency": "USD"}
    assert earned["status"] == "pending"


def test_an_order_with_a_click_earns_a_commission(world, ada, shop):
    click_id = clicked(ada)
    clock.pass_days(1)
    made = shop.posts("/conversions", told(click_id=str(click_id)))
    world.settle()
    assert shop.gets(f"/conversions/{made['id']}")["credit"]["reason"] == "link_clicked"


def test_an_order_with_neither_is_told_why(world, ada, shop):
    made = shop.posts("/conversions", told())
    world.settle()
    credit = shop.gets(f"/conversions/{made['id']}")["credit"]
    assert (credit["outcome"], credit["reason"]) == ("not_credited", "no_code_no_click")


def test_an_order_told_again_is_the_same_order_as_it_stands_now(world, ada, shop):
    first = shop.posts("/conversions", told(codes=["ADA15"], is_paid=False))
    world.settle()
    clock.pass_days(1)
    second = shop.posts("/conversions", told(codes=["ADA15"]), expect=200)
    world.settle()
    assert second["id"] == first["id"]
    assert second["status"] == "paid"
    assert db.session.query(Commission).count() == 1
    clock.pass_days(1)
    shop.posts("/conversions", told(codes=["ADA15"], is_cancelled=True), expect=200)
    world.settle()
    found = shop.gets(f"/conversions/{first['id']}")
    assert found["status"] == "cancelled"
    assert found["commissions"][0]["net"]["amount_minor"] == 0


def test_an_older_report_changes_nothing(world, shop):
    shop.posts("/conversions", told(updated_at="2026-03-02T08:00:00Z"))
    older = told(amount_minor=1, updated_at="2026-03-01T08:00:00Z")
    found = shop.posts("/conversions", older, expect=200)
    assert found["subtotal"]["amount_minor"] == 8000


def test_lines_add_up_and_gift_cards_earn_nothing(world, ada, shop):
    lines = [
        {"title": "Beans", "amount": {"amount_minor": 5000, "currency": "USD"}},
        {"title": "Gift card", "amount": {"amount_minor": 3000, "currency": "USD"},
         "is_gift_card": True},
    ]  # fmt: skip
    made = shop.posts("/conversions", told(codes=["ADA15"], lines=lines))
    world.settle()
    [earned] = shop.gets(f"/conversions/{made['id']}")["commissions"]
    assert earned["amount"]["amount_minor"] == 500
    wrong = shop.posts("/conversions", told("1002", 7000, lines=lines), expect=422)
    assert wrong["detail"] == "The lines add up to 8000, the subtotal is 7000."


def test_an_order_of_another_century_does_not_close_the_list(world, shop):
    source = Shop(world.glow)
    source.sells("80.00 USD", number="old", placed_at=datetime(1999, 5, 1, tzinfo=UTC))
    [found] = shop.gets("/conversions")["data"]
    assert found["placed_at"] == "1999-05-01T00:00:00Z"


def test_a_refund_takes_back_in_the_same_ratio_and_only_once(world, ada, shop):
    made = shop.posts("/conversions", told(codes=["ADA15"]))
    world.settle()
    assert shop.posts("/refunds", REFUND)["conversion"] == made["id"]
    shop.posts("/refunds", REFUND)
    world.settle()
    found = shop.gets(f"/conversions/{made['id']}")
    assert found["refunded"]["amount_minor"] == 3000
    assert found["commissions"][0]["net"]["amount_minor"] == 500
    listed = shop.gets("/refunds", conversion=made["id"])["data"]
    assert [one["refund_id"] for one in listed] == ["r1"]


def test_R66_a_refund_may_name_its_lines(world, ada, shop):
    lines = [{"line_id": "1", "quantity": 1, "amount": REFUND["amount"]}]
    shop.posts("/conversions", told())
    shop.posts("/refunds", {**REFUND, "lines": lines})
    kept = db.session.scalars(select(Refund)).one()
    assert kept.lines == [["1", 3000, 1]]
    less = [{**lines[0], "amount": {"amount_minor": 2999, "currency": "USD"}}]
    refusal = shop.posts("/refunds", {**REFUND, "refund_id": "r2", "lines": less}, expect=422)
    assert "The lines add up to 2999, the amount is 3000." in str(refusal)


def test_a_refund_before_its_order_waits_for_it(world, ada, shop):
    assert shop.posts("/refunds", REFUND)["conversion"] is None
    made = shop.posts("/conversions", told(codes=["ADA15"]))
    world.settle()
    found = shop.gets(f"/conversions/{made['id']}")
    assert found["status"] == "partly_refunded"
    assert found["commissions"][0]["net"]["amount_minor"] == 500


def test_a_refund_of_nothing_or_in_other_money_is_refused(world, shop):
    shop.posts("/conversions", told())
    for amount in ({"amount_minor": 0, "currency": "USD"}, {"amount_minor": 5, "currency": "EUR"}):
        shop.posts("/refunds", {**REFUND, "amount": amount}, expect=422)
    assert shop.gets("/refunds")["data"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"order_id": ""}, "order_id"),
        ({"order_id": 7}, "order_id"),
        ({"subtotal": {"amount_minor": 80.5, "currency": "USD"}}, "subtotal.amount_minor"),
        ({"subtotal": {"amount_minor": -1, "currency": "USD"}}, "subtotal.amount_minor"),
        ({"subtotal": {"amount_minor": 1, "currency": "usd"}}, "subtotal.currency"),
        ({"placed_at": "2026-03-02T09:00:00"}, "placed_at"),
        ({"placed_at": 1772442000}, "placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"codes": ["A\u0000"]}, "codes.0"),
        ({"brand_id": 1}, "brand_id"),
        ({"is_test": "yes"}, "is_test"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(world, shop, change, field):
    problem = shop.posts("/conversions", {**told(), **change}, expect=422)
    assert field in [one["field"] for one in problem["errors"]]
    assert db.session.query(Order).count() == 0


def test_amounts_of_one_order_are_in_one_currency(shop):
    tax = {"amount_minor": 1, "currency": "EUR"}
    shop.posts("/conversions", told(tax=tax), expect=422)


def test_a_list_is_paged_and_stays_whole_while_orders_come_in(world, shop):
    for number in range(5):
        shop.posts("/conversions", told(str(number), placed_at=f"2026-03-01T0{number}:00:00Z"))
    first = shop.gets("/conversions", limit=2)
    shop.posts("/conversions", told("new", placed_at="2026-03-02T08:00:00Z"))
    seen = [one["order_id"] for one in first["data"]]
    cursor = first["next_cursor"]
    while cursor:
        page = shop.gets("/conversions", limit=2, cursor=cursor)
        seen += [one["order_id"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert seen == ["4", "3", "2", "1", "0"]


def test_a_list_is_filtered(world, shop):
    shop.posts("/conversions", told("1", placed_at="2026-02-01T00:00:00Z"))
    shop.posts("/conversions", told("2", is_paid=False))
    listed = shop.gets("/conversions", placed_from="2026-03-01T00:00:00Z")["data"]
    assert [one["order_id"] for one in listed] == ["2"]
    assert [one["order_id"] for one in shop.gets("/conversions", status="paid")["data"]] == ["1"]
    assert [one["order_id"] for one in shop.gets("/conversions", order_id="2")["data"]] == ["2"]


def test_orders_of_every_shop_are_read(world, ada, shop):
    Shop(world.glow).sells("80.00 USD", "ADA15")
    [found] = shop.gets("/conversions")["data"]
    assert found["source"] == "shopify"


@pytest.mark.parametrize(
    "query",
    [{"cursor": "abc"}, {"cursor": "WyJ4Il0"}, {"cursor": "WzFd"}, {"limit": "0"}, {"limit": "201"},
     {"limit": "1.0"}, {"limit": "x"}, {"status": "eaten"}, {"staus": "paid"},
     {"placed_from": "yesterday"}],
)  # fmt: skip
def test_a_made_up_query_is_refused_in_words(shop, query):
    problem = shop.answer("GET", "/conversions", query_string=query)
    assert problem.status_code == 422
    assert problem.get_json()["errors"]


def test_a_closed_connection_takes_no_orders(world, shop):
    from portal.sales import commands as sales
    from portal.storage.unit_of_work import unit_of_work

    brand_id = world.glow.id
    with unit_of_work():
        sales.set_active(sales.api_connection(brand_id), False)
    assert "switched this shop off" in shop.posts("/conversions", told(), expect=409)["detail"]


def test_another_brand_is_told_404_and_lists_nothing(world, ada, shop):
    made = shop.posts("/conversions", told())
    rival = a_caller(world, world.rival)
    rival.gets(f"/conversions/{made['id']}", expect=404)
    assert rival.gets("/conversions")["data"] == []
    rival.gets("/refunds", expect=404, conversion=made["id"])
    assert rival.posts("/conversions", told())["id"] != made["id"]
