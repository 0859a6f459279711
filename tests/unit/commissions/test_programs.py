"""Real brands' programs (design page PROGRAMS.md): their rates, with the worked figures."""

from dataclasses import replace

import pytest

from portal.commissions.rules import commission_for
from portal.kernel.money import Money
from portal.programs.rate_rules import Basis
from tests.unit.commissions.test_rates import line, order, rule, terms


def earned(found, facts):
    return str(commission_for(found, facts).total)


def test_glossier_ten_percent_after_the_code():
    assert earned(order(line("54.00 USD"), code="ANA10"), terms()) == "5.40 USD"


def test_target_by_category_and_by_one_rate():
    rates = [rule(1, 800, category="apparel"), rule(2, 500, category="electronics")]
    cart = order(line("80.00 USD", "apparel"), line("40.00 USD", "electronics"),
                 line("25.00 USD", is_gift_card=True))  # fmt: skip
    assert earned(cart, terms(*rates)) == "8.40 USD"
    assert earned(cart, terms(rate_bp=800)) == "9.60 USD"


def test_hellofresh_pays_for_new_subscribers_only():
    facts = terms(rule(1, basis=Basis.EXCLUDED, customer="returning"), flat="10.00")
    box = order(line("60.00 USD"), is_new_customer=True)
    assert earned(box, facts) == "10.00 USD"
    assert earned(replace(box, is_new_customer=False), facts) == "0.00 USD"


@pytest.mark.parametrize(
    ("base", "amount"), [("120.00 USD", "3.60 USD"), ("108.00 USD", "3.24 USD")]
)
def test_sperry_three_percent_and_after_a_code(base, amount):
    assert earned(order(line(base)), terms(rate_bp=300)) == amount


def test_audible_five_dollars_for_each_paid_trial():
    facts, trial = terms(flat="5.00"), order(line("14.95 USD"))
    paid = [commission_for(trial, facts).total] * 25
    free = [commission_for(order(line("0.00 USD")), facts).total] * 15
    assert str(Money.total([*paid, *free], "USD")) == "125.00 USD"  # beside the fee of 2,000


def test_tractor_supply_chicks_and_feed_at_a_workshop():
    facts = terms(rule(1, 500, category="chicks"), rate_bp=300)
    chicks = order(line("400.00 USD", "Chicks", quantity=100))
    feed = order(line("2350.00 USD", "Feed"))
    parts = [commission_for(one, facts).total for one in (chicks, feed)]
    assert str(Money.total(parts, "USD")) == "90.50 USD"


def test_casper_four_percent_of_a_mattress():
    assert earned(order(line("1000.00 USD")), terms(rate_bp=400)) == "40.00 USD"


def test_dollar_shave_club_three_charges_at_twenty_then_ten():
    facts, charge = terms(rate_bp=2000), order(line("9.00 USD"))
    charges = [charge, charge, charge, replace(charge, rate_bp=1000)]
    assert (
        str(Money.total([commission_for(one, facts).total for one in charges], "USD")) == "6.30 USD"
    )


def test_jessica_bakes_a_deep_link_to_one_product():
    assert earned(order(line("89.00 USD", sku="PAN-28")), terms()) == "8.90 USD"


def test_a_hybrid_pays_five_percent_beside_the_fee():
    assert earned(order(line("1000.00 USD")), terms(rate_bp=500)) == "50.00 USD"


def test_businesses_pay_an_amount_for_each_lead():
    facts = terms(rule(1, basis=Basis.ORDER, flat=2500, action="lead"))
    assert earned(order(line("0.00 USD"), action="lead"), facts) == "25.00 USD"
