"""Rates of published terms on real orders: what is earned, kept, explained, held, checked again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.commissions import bill_rules, queries
from portal.commissions.models import CommissionStatus
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.sales import queries as sales
from portal.sales.rules import LineReport
from portal.storage.unit_of_work import unit_of_work

usd = Money.of
APPAREL = RateRule(1, Basis.PERCENT, 800, conditions=(Condition(Asks.CATEGORY, ("Apparel",)),))
ELECTRONICS = RateRule(
    2, Basis.PERCENT, 500, conditions=(Condition(Asks.CATEGORY, ("Electronics",)),)
)
CART = (
    LineReport("1", "Shirt", "1", usd("80.00 USD"), usd("80.00 USD"), category="apparel"),
    LineReport("2", "Lamp", "1", usd("40.00 USD"), usd("40.00 USD"), category="electronics"),
    LineReport("3", "Card", "1", usd("25.00 USD"), usd("25.00 USD"), is_gift_card=True),
)


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert queries.violations() == []
    assert books.violations() == []


def publish(program, *rules, **more):
    table = RateTable(rules=rules, **more.pop("table", {}))
    with unit_of_work():
        return programs.publish_terms(
            program.id, rate_bp=more.pop("rate_bp", 1000), hold_days=30, rates=table, by=None,
            effective_at=clock.now() + timedelta(days=20), **more,
        )  # fmt: skip


@pytest.fixture
def target(program):
    """Category rates, in force."""
    publish(program, APPAREL, ELECTRONICS)
    clock.pass_days(21)
    return program


def earned_on(order_id):
    return queries.commission(queries.of_order(order_id).id)


def test_R14_a_mixed_cart_is_kept_and_explained_line_by_line(target, ada, shop):
    found = earned_on(shop.sells("120.00 USD", "ADA15", lines=CART))
    assert str(found.amount) == "8.40 USD"
    kept = found.explanation
    assert [line["earned_minor"] for line in kept["lines"]] == [640, 200, 0]
    assert [group["for"] for group in kept["groups"]] == [
        "Products in “Apparel”", "Products in “Electronics”",
    ]  # fmt: skip
    bill = queries.bill_of(found)
    assert bill_rules.adds_up(bill, found.base)
    assert bill_rules.rates_add_up(bill, found.amount)
    assert [(one.label, str(one.value)) for one in bill if one.kind == "rate"] == [
        ("Products in “Apparel”", "6.40 USD"), ("Products in “Electronics”", "2.00 USD"),
    ]  # fmt: skip
    assert str(bill[0].note_amount) == "6.40 USD"
    against = queries.rates_against(found, "UTC")
    assert (
        "Products in “Apparel”",
        "Products in “Electronics” earn 5%.",
        "another category",
    ) in against


def test_the_lines_are_read_back_with_their_category_and_tags(target, ada, shop):
    line = replace(CART[0], tags=("sale", "linen"))
    order = sales.by_id(
        shop.sells("80.00 USD", "ADA15", lines=(line,), tags=("vip",), action="sale")
    )
    assert (order.tags, order.action) == (["vip"], "sale")
    kept = sales.lines_of(order.id)[0]
    assert (kept.category, kept.tags) == ("apparel", ["sale", "linen"])


def test_R16_a_new_version_leaves_what_was_earned(target, ada, shop):
    before = earned_on(shop.sells("120.00 USD", "ADA15", number="1", lines=CART))
    publish(target, replace(APPAREL, rate_bp=900), ELECTRONICS)
    clock.pass_days(21)
    after = earned_on(shop.sells("120.00 USD", "ADA15", number="2", lines=CART))
    assert (str(after.amount), after.explanation["terms_version"]) == ("9.20 USD", 3)
    before = queries.commission(before.id)
    assert (str(before.amount), before.explanation["terms_version"]) == ("8.40 USD", 2)


def test_R19_the_first_order_of_a_customer_is_a_new_customers(program, ada, shop):
    returning = Condition(Asks.CUSTOMER, ("returning",))
    publish(program, RateRule(1, Basis.PERCENT, 500, conditions=(returning,)), rate_bp=1500)
    clock.pass_days(21)
    buyer = {"customer_email": "mia@example.com"}
    first = shop.sells("100.00 USD", "ADA15", number="1", **buyer)
    clock.pass_days(1)
    second = shop.sells("100.00 USD", "ADA15", number="2", **buyer)
    assert [str(earned_on(one).amount) for one in (first, second)] == ["15.00 USD", "5.00 USD"]


def test_R9_the_third_order_of_the_month_is_held_until_somebody_decides(program, ada, shop):
    publish(program, table={"most_actions": 2})
    clock.pass_days(21)
    rows = [earned_on(shop.sells("10.00 USD", "ADA15", number=str(one))) for one in range(1, 4)]
    states = [queries.commission(one.id).status for one in rows]
    assert states == [CommissionStatus.PENDING, CommissionStatus.PENDING, CommissionStatus.ON_HOLD]
    held = queries.commission(rows[2].id)
    assert held.hold_reason == "Above the limit of 2 orders a month, so the brand decides."
    assert held.explanation["exceeded_cap"] == held.hold_reason
    clock.pass_days(31)
    later = earned_on(shop.sells("10.00 USD", "ADA15", number="9"))
    assert later.status is CommissionStatus.PENDING


def test_R9_orders_are_counted_in_every_currency(program, ada, shop):
    publish(program, table={"most_actions": 2})
    clock.pass_days(21)
    sold = ["10.00 EUR", "10.00 USD", "10.00 EUR", "10.00 USD"]
    rows = [earned_on(shop.sells(one, "ADA15", number=str(at))) for at, one in enumerate(sold)]
    held = [queries.commission(one.id).status is CommissionStatus.ON_HOLD for one in rows]
    assert held == [False, False, True, True]


def test_R9_an_order_that_earns_nothing_does_not_count_as_one(program, ada, shop):
    no_lamps = RateRule(1, Basis.EXCLUDED, conditions=ELECTRONICS.conditions)
    publish(program, no_lamps, table={"most_actions": 1})
    clock.pass_days(21)
    shop.sells("40.00 USD", "ADA15", number="1", lines=CART[1:2])
    first = earned_on(shop.sells("80.00 USD", "ADA15", number="2", lines=CART[:1]))
    second = earned_on(shop.sells("80.00 USD", "ADA15", number="3", lines=CART[:1]))
    assert (first.status, second.status) == (CommissionStatus.PENDING, CommissionStatus.ON_HOLD)


@pytest.mark.parametrize("limit", ["cap_minor", "most_minor", "budget_minor"])
def test_R9_an_amount_that_cannot_be_measured_waits_for_the_brand(program, ada, shop, limit):
    publish(program, table={limit: 5000})
    clock.pass_days(21)
    held = earned_on(shop.sells("400.00 EUR", "ADA15", number="1"))
    assert (str(held.net), held.status) == ("40.00 EUR", CommissionStatus.ON_HOLD)
    said = "Earned in EUR, and the terms limit it in USD, so the brand decides."
    assert (held.hold_reason, held.explanation["exceeded_cap"]) == (said, said)
    fits = earned_on(shop.sells("400.00 USD", "ADA15", number="2"))
    assert fits.status is CommissionStatus.PENDING


def test_R9_what_is_above_a_limit_waits_whatever_a_dispute_does(program, ada, shop):
    publish(program, table={"most_actions": 1})
    clock.pass_days(21)
    shop.sells("10.00 USD", "ADA15", number="1")
    lost = earned_on(shop.sells("10.00 USD", "ADA15", number="2"))
    shop.disputes("2", "lost")
    assert queries.commission(lost.id).status is CommissionStatus.VOID
    clock.pass_time(timedelta(minutes=1))
    shop.disputes("2", "won")
    shop.disputes("3", "open")
    disputed = earned_on(shop.sells("10.00 USD", "ADA15", number="3"))
    clock.pass_time(timedelta(minutes=1))
    shop.disputes("3", "won")
    for one in (queries.commission(lost.id), queries.commission(disputed.id)):
        assert (one.status, "limit of 1" in one.hold_reason) == (CommissionStatus.ON_HOLD, True)


def test_R9_a_budget_is_of_everybody_in_the_program(program, ada, ben, shop):
    publish(program, table={"budget_minor": 1500})
    clock.pass_days(21)
    first = earned_on(shop.sells("100.00 USD", "ADA15", number="1"))
    second = earned_on(shop.sells("100.00 USD", "BEN15", number="2"))
    assert first.status is CommissionStatus.PENDING
    assert (second.status, "budget" in second.hold_reason) == (CommissionStatus.ON_HOLD, True)


def test_R17_a_smaller_rate_for_some_needs_notice_and_a_larger_one_does_not(program):
    def now(*rules):
        with unit_of_work():
            return programs.publish_terms(
                program.id, rate_bp=1000, rates=RateTable(rules=rules), by=None
            )

    with pytest.raises(Conflict, match=r"Products in “Apparel”.*earn less than before\. .*14 days"):
        now(APPAREL)
    assert offers.latest_terms(program.id).version == 1  # the refusal left what was in force
    more = replace(APPAREL, rate_bp=1200)
    assert now(more).version == 2
    with pytest.raises(Conflict, match="notice"):
        now(replace(more, rate_bp=1100))
    with pytest.raises(Conflict, match="notice"):
        now()
    with pytest.raises(InvalidInput, match="between 0% and 100%"):
        now(replace(more, rate_bp=10_001))


def test_a_rate_found_by_the_decision_beats_the_categories(target, ada, shop):
    """R45: later charges; the stored calculation is replayed with it."""
    found = earned_on(shop.sells("120.00 USD", "ADA15", lines=CART))
    assert found.explanation["facts"]["ambassador"] == ada.public_id
    assert queries.violations() == []
