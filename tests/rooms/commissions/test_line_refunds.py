"""Refunds of mixed carts, told as shops tell them, before and after maturity (R65–R68, R73, R77)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.commissions import jobs, purchase_queries, queries
from portal.commissions.models import Commission
from portal.commissions.refund_rules import target_after_refunds
from portal.decisions import queries as decisions
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.programs.models import CommissionKind
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.sales import commands as sales
from portal.sales import queries as orders
from portal.sales.rules import LineReport, Precision, RefundReport
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, settle

usd = Money.of
RATES = RateTable(
    rules=(
        RateRule(1, Basis.PERCENT, 500, conditions=(Condition(Asks.CATEGORY, ("Electronics",)),)),
        RateRule(2, Basis.EXCLUDED, conditions=(Condition(Asks.CATEGORY, ("Sale",)),)),
        RateRule(3, Basis.UNIT, flat_minor=500, conditions=(Condition(Asks.CATEGORY, ("Mugs",)),)),
    )
)


def line(ref, amount, category="", quantity="1", **more):
    return LineReport(ref, ref, quantity, usd(amount), usd(amount), category=category, **more)


# R14: 80.00 at 8 % + 40.00 at 5 % + a gift card = 6.40 + 2.00 + 0.00
CART = (
    line("shirt", "80.00 USD", "Apparel"),
    line("radio", "40.00 USD", "Electronics"),
    line("card", "25.00 USD", is_gift_card=True),
)


@pytest.fixture
def ada(world):
    program = a_program(world.glow, terms={"rate_bp": 800, "hold_days": 30, "rates": RATES})
    return an_ambassador(program, "Ada")


@pytest.fixture
def shop(world, ada):
    return Shop(world.glow)


@pytest.fixture(autouse=True)
def replay_equals_record(app):
    """Whatever happened: what is left of each commission is what the stored facts come to."""
    yield
    db.session.remove()
    for one in db.session.scalars(select(Commission).where(Commission.order_id.is_not(None))):
        basket = purchase_queries.basket_from(one.explanation, one.base)
        left = queries.left_for(one, orders.standing(one.order_id), basket)
        assert one.net == target_after_refunds(one.amount, basket, left)
    assert [*queries.violations(), *books.violations(), *orders.violations()] == []


def sells(shop, *lines, number="1"):
    base = Money.total((one.net for one in lines if not one.is_gift_card), "USD")
    return shop.sells(str(base), "ADA15", number=number, lines=lines)


def returns(shop, amount, *lines, number="1", name="", pieces=(), precision=Precision.LINES):
    told = tuple((ref, usd(worth)) for ref, worth in lines)
    name = name or f"r{clock.now().timestamp()}-{amount}-{lines}"
    report = RefundReport(name, (number,), usd(amount), clock.now(), told, precision=precision,
                          pieces=pieces)  # fmt: skip
    with unit_of_work():
        sales.record_refund(shop.connection_id, report, heard_at=clock.now())
    settle()


def net(order_id):
    db.session.remove()
    return str(queries.of_order(order_id).net)[:-4]


def test_R14_R66_each_line_of_the_cart_takes_back_its_own(shop):
    order_id = sells(shop, *CART)
    assert net(order_id) == "8.40"
    returns(shop, "40.00 USD", ("radio", "40.00 USD"))
    assert net(order_id) == "6.40"
    returns(shop, "40.00 USD", ("shirt", "40.00 USD"))
    assert net(order_id) == "3.20"
    returns(shop, "40.00 USD", ("shirt", "40.00 USD"), name="the rest")
    assert net(order_id) == "0.00"
    assert [str(one.amount) for one in queries.reversals_of(queries.of_order(order_id).id)] == [
        "2.00 USD", "3.20 USD", "3.20 USD",
    ]  # fmt: skip


def test_R66_a_sum_is_spread_and_told_again_by_lines_it_moves_to_them(shop):
    """A shop first tells the sum; its own report of the refund, the same money, knows the lines."""
    order_id = sells(shop, *CART)
    returns(shop, "40.00 USD", name="r", precision=Precision.TOTAL)
    assert net(order_id) == "5.60"
    clock.pass_time(timedelta(minutes=1))
    returns(shop, "40.00 USD", ("radio", "40.00 USD"), name="r")
    assert net(order_id) == "6.40"
    returns(shop, "40.00 USD", name="r", precision=Precision.TOTAL)  # the lesser one comes again
    assert net(order_id) == "6.40"


def test_R67_what_was_excluded_and_shipping_take_nothing(shop):
    order_id = sells(shop, *CART, line("rug", "60.00 USD", "Sale"))
    assert net(order_id) == "8.40"
    returns(shop, "60.00 USD", ("rug", "60.00 USD"))
    returns(shop, "0.00 USD", name="shipping")
    assert (net(order_id), queries.reversals_of(queries.of_order(order_id).id)) == ("8.40", [])
    returns(shop, "80.00 USD", ("shirt", "80.00 USD"))
    assert net(order_id) == "2.00"


def test_R66_a_line_that_a_newer_report_leaves_out_takes_what_it_earned(shop):
    order_id = sells(shop, *CART)
    clock.pass_time(timedelta(minutes=1))
    sells(shop, CART[0], CART[2])  # without the radio: 2.00, not a third of 8.40
    assert net(order_id) == "6.40"
    returns(shop, "40.00 USD", name="a sum")  # half of the shirt, which is all that is left
    assert net(order_id) == "3.20"
    clock.pass_time(timedelta(minutes=1))
    sells(shop, *CART)
    assert net(order_id) == "5.60"


@pytest.mark.parametrize("rates", [RateTable(), RATES], ids=["one-rate", "several"])
def test_R10_R67_a_gift_card_given_back_takes_nothing(world, rates):
    an_ambassador(a_program(world.glow, terms={"rate_bp": 800, "rates": rates}), "Ada")
    shop = Shop(world.glow)
    order_id = sells(
        shop, line("shirt", "100.00 USD"), line("card", "50.00 USD", is_gift_card=True)
    )
    returns(shop, "50.00 USD", ("card", "50.00 USD"))
    assert (net(order_id), queries.reversals_of(queries.of_order(order_id).id)) == ("8.00", [])
    returns(shop, "70.00 USD", ("shirt", "20.00 USD"), ("card", "50.00 USD"), name="both")
    assert net(order_id) == "6.40"
    public_id = orders.by_id(order_id).public_id
    world.mona.opens(f"/brand/glow/orders/{public_id}").sees("20.00")


def test_R68_an_amount_for_each_piece_goes_with_the_pieces(shop):
    order_id = sells(shop, CART[0], line("mug", "40.00 USD", "Mugs", "4"))
    assert net(order_id) == "26.40"  # 6.40 + 4 × 5.00
    returns(shop, "9.00 USD", ("mug", "9.00 USD"), pieces=(1,))  # one, less a fee for the box
    assert net(order_id) == "21.40"
    returns(shop, "31.00 USD", ("mug", "31.00 USD"), pieces=(3,))
    assert net(order_id) == "6.40"


@pytest.mark.parametrize(("given", "left"), [("40.00 USD", "5.00"), ("40.01 USD", "0.00")])
def test_R68_an_amount_per_order_goes_above_the_share_the_terms_allow(world, given, left):
    terms = {
        "kind": CommissionKind.FLAT,
        "flat": usd("5.00 USD"),
        "rates": RateTable(lost_above_bp=5000),
    }
    an_ambassador(a_program(world.rival, terms=terms), "Ada")
    shop = Shop(world.rival)
    order_id = shop.sells("80.00 USD", "ADA15", number="1")
    returns(shop, given)
    assert net(order_id) == left


def test_R77_refunds_of_lines_may_come_before_their_order(shop):
    returns(shop, "40.00 USD", ("radio", "40.00 USD"))
    assert net(sells(shop, *CART)) == "6.40"


def test_R69_R66_after_maturity_the_line_is_taken_from_what_is_payable(shop, ada):
    order_id = sells(shop, *CART)
    clock.pass_days(31)
    jobs.mature_due()
    returns(shop, "40.00 USD", ("radio", "40.00 USD"))
    assert net(order_id) == "6.40"
    payable = books.balances_of(ada.brand_id, ada.creator_id, "USD").payable
    assert str(payable) == "6.40 USD"


def test_R66_crediting_by_hand_says_what_will_be_left(shop, ada):
    order_id = sells(shop, *CART)
    returns(shop, "40.00 USD", ("radio", "40.00 USD"))
    worth = decisions.worth(orders.by_id(order_id), ada.id)
    assert (str(worth.amount), str(worth.left)) == ("8.40 USD", "6.40 USD")


def test_a_refund_that_names_no_currency_is_counted_in_its_orders(world, ada):
    """The lines too: 4000 yen were first read as dollars and cents."""
    shop = Shop(world.glow)
    cart = tuple(
        replace(one, gross=Money(minor, "JPY"), net=Money(minor, "JPY"))
        for one, minor in ((CART[0], 8000), (CART[1], 4000))
    )
    order_id = shop.sells("12000 JPY", "ADA15", number="1", lines=cart)
    report = RefundReport("r", ("1",), usd("4000.00 USD"), clock.now(),
                          (("radio", usd("4000.00 USD")),), stated="4000")  # fmt: skip
    with unit_of_work():
        sales.record_refund(shop.connection_id, report, heard_at=clock.now())
    settle()
    assert str(queries.of_order(order_id).net) == "640 JPY"


@settings(
    max_examples=6, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    order=st.permutations(range(5)), again=st.lists(st.integers(0, 4), max_size=3),
    orders_place=st.integers(0, 5),
)  # fmt: skip
def test_R65_R66_R73_any_order_of_events_ends_at_the_same_cent(shop, order, again, orders_place):
    shop.count += 1
    number = f"n{shop.count}"
    refunds = (
        ("10.00 USD", ("radio", "10.00 USD")), ("15.00 USD",), ("20.00 USD", ("shirt", "20.00 USD")),
        ("5.00 USD", ("radio", "3.00 USD"), ("shirt", "2.00 USD")), ("7.77 USD", ("gone", "7.77 USD")),
    )  # fmt: skip
    steps = [*order, *again]
    for place, step in enumerate(steps):
        if place == orders_place:
            sells(shop, *CART, number=number)
        amount, *lines = refunds[step]
        returns(shop, amount, *lines, number=number, name=f"{number}-{step}")
    db.session.remove()
    one = next(c for c in db.session.scalars(select(Commission).order_by(Commission.id.desc())))
    # 58.00 × 8 % + 27.00 × 5 % = 5.99, of which 22.77 of 85.00 went without a line
    assert str(one.net) == "4.39 USD"


def test_R66_the_creator_reads_which_lines_a_refund_took(world, shop):
    order_id = sells(shop, *CART, line("mug", "20.00 USD", "Apparel", "2"))
    clock.pass_time(timedelta(minutes=1))
    returns(shop, "50.00 USD", ("radio", "40.00 USD"), ("mug", "10.00 USD"), pieces=(0, 1))
    clock.pass_time(timedelta(minutes=1))
    returns(shop, "30.00 USD", precision=Precision.TOTAL)
    page = f"/creator/earnings/{queries.of_order(order_id).public_id}"
    world.signed_in("ada@example.com").opens(page).sees(
        "A buyer returned $50.00 of a $140.00 order. Taken from: radio, 1 × mug.",
        "It named no line, so it is taken from all of them in proportion.",
    )


# ---- the shop tells both: what was refunded, and the order without it
def test_R66_a_line_that_was_refunded_and_then_left_out_counts_once(shop):
    order_id = sells(shop, *CART)
    returns(shop, "40.00 USD", ("radio", "40.00 USD"))
    assert net(order_id) == "6.40"
    clock.pass_time(timedelta(minutes=1))
    sells(shop, CART[0], CART[2])
    assert net(order_id) == "6.40"


def test_R66_also_where_the_order_is_told_first(shop):
    order_id = sells(shop, *CART)
    clock.pass_time(timedelta(minutes=1))
    sells(shop, CART[0], CART[2])
    returns(shop, "40.00 USD", ("radio", "40.00 USD"))
    assert net(order_id) == "6.40"
    returns(shop, "20.00 USD", ("shirt", "20.00 USD"))
    assert net(order_id) == "4.80"


def test_R10_a_gift_card_that_was_refunded_and_then_left_out_takes_nothing(shop):
    order_id = sells(shop, *CART)
    returns(shop, "25.00 USD", ("card", "25.00 USD"))
    clock.pass_time(timedelta(minutes=1))
    sells(shop, CART[0], CART[1])
    assert net(order_id) == "8.40"
