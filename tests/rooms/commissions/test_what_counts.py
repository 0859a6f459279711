"""What of an order counts, from the shop's report to the books (R2, R10, R67)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.commissions import bill_rules, purchase_queries, queries
from portal.commissions.models import Commission
from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs import queries as offers
from portal.programs.models import CommissionKind
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.programs.rules import BaseTerms
from portal.sales import commands as sales
from portal.sales.models import Order
from portal.sales.rules import RefundReport
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, settle

usd = Money.of
MUGS = RateTable(rules=(RateRule(1, Basis.UNIT, flat_minor=200, conditions=(
    Condition(Asks.CATEGORY, ("Mugs",)),)),))  # fmt: skip


@pytest.fixture
def selling(world):
    """A shop whose program counts this, at 5 % unless told otherwise."""

    def begin(base, **terms):
        terms = {"rate_bp": 500, "hold_days": 30, "base": base} | terms
        an_ambassador(a_program(world.glow, terms=terms), "Ada")
        return Shop(world.glow)

    return begin


def refund(shop, number="1001", amount="0.00 USD", ref="r1", **beside):
    report = RefundReport(
        ref, (number,), usd(amount), clock.now(), beside=tuple(beside.items())
    )  # fmt: skip
    with unit_of_work():
        sales.record_refund(shop.connection_id, report, heard_at=clock.now())
    settle()


def only():
    db.session.remove()
    return db.session.scalars(select(Commission)).one()


def test_R2_what_counts_is_the_programs_choice_and_the_bill_says_it(selling):
    shop = selling(BaseTerms(shipping=True))
    shop.sells("90.00 USD", "ADA15")  # 5.00 shipping and 8.00 tax beside it
    found = only()
    assert (str(found.base), str(found.amount)) == ("95.00 USD", "4.75 USD")
    bill = queries.bill_of(found)
    assert bill_rules.adds_up(bill, found.base)
    assert [(one.label, str(one.value)) for one in bill][:2] == [
        ("Winter roast", "90.00 USD"), ("Shipping", "5.00 USD"),
    ]  # fmt: skip
    assert "never counted" in {one.note for one in bill}
    assert queries.violations() == []


def test_R67_a_refund_of_shipping_takes_what_shipping_earned_and_no_more(selling):
    shop = selling(BaseTerms(shipping=True))
    shop.sells("90.00 USD", "ADA15")
    refund(shop, shipping="5.00")
    assert (str(only().net), str(only().taken_back)) == ("4.50 USD", "0.25 USD")
    refund(shop, shipping="5.00")  # told again
    refund(shop, tax="8.00", ref="r2")  # does not count here
    assert str(only().net) == "4.50 USD"
    shop.refunds("1001", "90.00 USD")
    assert not only().net
    assert queries.violations() == []


def test_R67_where_shipping_is_out_its_refund_changes_nothing(selling):
    shop = selling(BaseTerms())
    shop.sells("90.00 USD", "ADA15")
    refund(shop, shipping="5.00", tax="8.00")
    assert (str(only().net), str(only().taken_back)) == ("4.50 USD", "0.00 USD")


def test_R77_a_refund_of_shipping_that_came_first_is_applied(selling):
    shop = selling(BaseTerms(shipping=True))
    refund(shop, shipping="5.00")
    shop.sells("90.00 USD", "ADA15")
    assert (str(only().amount), str(only().net)) == ("4.75 USD", "4.50 USD")


def test_R10_what_credit_paid_drops_out_where_the_program_says_so(selling):
    shop = selling(BaseTerms(exclude_credit_tender=True))
    half = usd("51.50 USD")  # of 103.00 with shipping and tax
    shop.sells("90.00 USD", "ADA15", beside=(("credit", half),))
    found = only()
    assert (str(found.base), str(found.amount)) == ("45.00 USD", "2.25 USD")
    bill = queries.bill_of(found)
    assert bill_rules.adds_up(bill, found.base)
    assert "Paid with gift card or store credit" in [one.label for one in bill]
    shop.refunds("1001", "45.00 USD")
    assert str(only().net) == "1.13 USD"
    shop.refunds("1001", "45.00 USD", as_id="again")
    assert not only().net


def test_R10_credit_earns_normally_elsewhere(selling):
    shop = selling(BaseTerms())
    shop.sells("90.00 USD", "ADA15", beside=(("credit", usd("103.00 USD")),))
    assert str(only().amount) == "4.50 USD"


def test_R7_what_counts_beside_the_goods_is_no_piece(selling):
    shop = selling(BaseTerms(shipping=True, tip=True), rates=MUGS)
    shop.sells("90.00 USD", "ADA15", beside=(("tip", usd("3.00 USD")),))
    found = only()
    assert str(found.amount) == "4.90 USD"  # 98.00 at 5 %: no rule for mugs holds
    assert queries.violations() == []
    kept = purchase_queries.basket_from(found.explanation, found.base)
    assert sum(line.pieces for line in kept.lines) == 1


def test_R68_an_amount_per_order_goes_with_the_goods_whatever_counts(selling):
    shop = selling(BaseTerms(shipping=True), rate_bp=0, kind=CommissionKind.FLAT,
                   flat=usd("5.00 USD"))  # fmt: skip
    shop.sells("90.00 USD", "ADA15")
    refund(shop, shipping="5.00")
    assert str(only().net) == "5.00 USD"
    shop.refunds("1001", "90.00 USD")
    assert not only().net


def test_what_is_stored_of_an_order_and_told_again_later(selling):
    shop = selling(BaseTerms(tip=True))
    shop.sells("90.00 USD", "ADA15", number="1001", beside=(("tip", usd("3.00 USD")),))
    order = db.session.scalars(select(Order)).one()
    assert (order.parts, order.beside_taken) == ({"shipping": 500, "tax": 800, "tip": 300}, None)
    refund(shop, tip="3.00")
    clock.pass_time(timedelta(minutes=5))
    shop.sells("90.00 USD", "ADA15", number="1001", updated_at=clock.now())
    order = db.session.scalars(select(Order)).one()
    assert (order.parts, order.beside_taken) == ({"shipping": 500, "tax": 800}, None)


def test_the_editor_asks_and_the_check_says_it(world):
    program = a_program(world.glow)
    door = f"/brand/glow/settings/program/{program.public_id}/terms"
    typed = {
        "kind": "percent", "rate": "10", "hold_days": "30", "window_days": "30",
        "code_policy": "always", "click_rule": "last_click", "customers": "all", "split": "none",
        "counts_shipping": "y", "counts_tip": "y",
    }  # fmt: skip
    owen = world.owen.opens(door).sees("Shipping counts too")
    owen.posts(door, typed | {"do": "check"}).sees("shipping and tips", "Nothing is taken away")
    owen.posts(door, typed | {"do": "publish"})
    facts = offers.facts_of(offers.latest_terms(program.id))
    assert facts.base == BaseTerms(shipping=True, tip=True)
    owen.opens(door)
    assert owen.field("Shipping counts too").has_attr("checked")
    owen.posts(door, typed | {"do": "check", "counts_tip": ""}, status=409).sees(
        "Tips no longer count."
    )
