"""Which rate decides, and what it comes to: RULES A and B by number, with their own examples."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.commissions.limit_rules import exceeded, period_of
from portal.commissions.purchase_queries import pieces
from portal.commissions.rules import commission_for, shares_of
from portal.kernel.money import Money
from portal.programs import resolving_rules
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rate_rules import Asks, Basis, Condition, Period, RateRule, RateTable
from portal.programs.resolving_rules import Purchase, PurchaseLine, rate_for
from portal.programs.rules import TermsFacts

DAY = datetime(2026, 5, 10, 12, tzinfo=UTC)
usd = Money.of


def terms(*rules, rate_bp=1000, flat=None, pay_on_zero_base=False, currency="USD", **table):
    return TermsFacts(
        id=1, version=1, kind=CommissionKind.FLAT if flat else CommissionKind.PERCENT,
        rate_bp=rate_bp, flat=Money.of(f"{flat or 0} {currency}"), hold_days=30, window_days=30,
        code_policy=CodePolicy.ALWAYS, click_rule=ClickRule.LAST_CLICK,
        pay_on_zero_base=pay_on_zero_base, rates=RateTable(rules=tuple(rules), **table),
    )  # fmt: skip


def rule(
    number, rate_bp=0, *, basis=Basis.PERCENT, flat=0, since=1, starts=None, ends=None, **asked
):
    conditions = tuple(
        Condition(Asks(name), (value,) if isinstance(value, str) else tuple(value))
        for name, value in asked.items()
    )
    return RateRule(number, basis, rate_bp, flat, conditions, starts, ends, since)


def line(amount, category="", *, quantity=1, sku="", tags=(), is_gift_card=False, product=""):
    return PurchaseLine(usd(amount), quantity, product, sku, category, tags, is_gift_card)


def order(*lines, **more):
    counted = (one.net for one in lines if not one.is_gift_card)
    base = Money.total(counted, lines[0].net.currency)
    return Purchase(max(base, Money.zero(base.currency)), DAY, lines, **more)


def total(found, facts):
    return str(commission_for(found, facts).total)


# ---- A: base and rounding
def test_R4_R5_one_rate_is_rounded_once_and_goes_back_to_lines_by_largest_remainder():
    found = commission_for(order(*[line("29.15 USD")] * 3), terms(flat=None))
    assert str(found.total) == "8.75 USD"  # 8.745
    assert [str(part) for part in found.by_line] == ["2.92 USD", "2.92 USD", "2.91 USD"]


@pytest.mark.parametrize(
    ("basis", "earned"), [(Basis.ORDER, "5.00 USD"), (Basis.LINE, "15.00 USD"), (Basis.UNIT, "20.00 USD")]
)  # fmt: skip
def test_R7_three_products_one_with_quantity_two(basis, earned):
    bought = order(line("10.00 USD"), line("20.00 USD", quantity=2), line("5.00 USD"))
    assert total(bought, terms(flat="5.00", basis=basis)) == earned
    special = rule(1, basis=basis, flat=500, category="mugs")
    mugs = order(*(replace(one, category="Mugs") for one in bought.lines))
    assert total(mugs, terms(special)) == earned


def test_R8_a_flat_amount_of_nothing_pays_only_where_the_terms_say_so():
    free = order(line("0.00 USD"))
    for basis in (Basis.ORDER, Basis.LINE, Basis.UNIT):
        assert total(free, terms(flat="5.00", basis=basis)) == "0.00 USD"
        paying = terms(flat="5.00", basis=basis, pay_on_zero_base=True)
        assert total(free, paying) == "5.00 USD"


def test_R9_a_cap_of_fifty_on_twenty_percent_of_four_hundred():
    found = commission_for(order(line("400.00 USD")), terms(rate_bp=2000, cap_minor=5000))
    assert (str(found.total), str(found.uncapped)) == ("50.00 USD", "80.00 USD")
    assert Money.total(found.by_line, "USD") == found.total
    assert total(order(line("400.00 EUR")), terms(rate_bp=2000, cap_minor=5000)) == "80.00 EUR"


def test_R9_above_the_limits_of_a_period_the_brand_decides():
    rates = RateTable(most_actions=10, most_minor=50_000, budget_minor=90_000)
    ten, more = usd("500.00 USD"), usd("900.01 USD")
    assert exceeded(rates, "USD", 10, ten, ten) == ""
    assert exceeded(rates, "USD", 11, ten, ten).startswith("Above the limit of 10 orders a month")
    assert "$500.00" in exceeded(rates, "USD", 1, usd("500.01 USD"), ten)
    assert "budget" in exceeded(rates, "USD", 1, ten, more)


def test_R9_periods_are_the_calendars_of_the_zone():
    at = datetime(2026, 4, 1, 3, tzinfo=UTC)  # still March in New York
    assert period_of(at, Period.MONTH, "America/New_York")[1] == datetime(2026, 4, 1, 4, tzinfo=UTC)
    assert period_of(at, Period.MONTH, "UTC")[0] == datetime(2026, 4, 1, tzinfo=UTC)
    quarter = period_of(datetime(2026, 11, 5, tzinfo=UTC), Period.QUARTER, "UTC")
    assert [one.isoformat()[:10] for one in quarter] == ["2026-10-01", "2027-01-01"]
    year = period_of(at, Period.YEAR, "UTC")
    assert [one.isoformat()[:10] for one in year] == ["2026-01-01", "2027-01-01"]


def test_R10_a_gift_card_bought_earns_nothing_even_by_a_rule_of_its_own():
    cards = order(line("25.00 USD", "cards", is_gift_card=True))
    assert total(cards, terms(rule(1, 5000, category="cards"))) == "0.00 USD"
    assert commission_for(cards, terms()).groups == ()


@pytest.mark.parametrize("tag", ["wholesale", "test", "replacement", "exchange", "draft"])
def test_R11_orders_that_do_not_count_by_their_tag(tag):
    barred = rule(1, basis=Basis.EXCLUDED, order_tag=["Wholesale", "Test", "Replacement", "Exchange", "Draft"])  # fmt: skip
    found = commission_for(order(line("100.00 USD"), tags=(tag,)), terms(barred))
    assert not found.total
    assert found.groups[0].rule == barred  # it appears, at 0, with its reason
    assert total(order(line("100.00 USD"), tags=("vip",)), terms(barred)) == "10.00 USD"


# ---- B: which rate
LADDER = (
    rule(1, 100, category="apparel"),
    rule(2, 200, product="TEE-1"),
    rule(3, 300, tier="gold"),
    rule(4, 400, ambassador="amb_ana"),
    rule(5, 500, code="ANA10"),
    rule(6, 600, ambassador="amb_ana", product="TEE-1"),
    rule(7, 700, starts=DAY - timedelta(days=1), ends=DAY + timedelta(days=1)),
)
BOUGHT = {"ambassador": "amb_ana", "tier": "Gold", "code": "ana10", "is_new_customer": False}
TEE = line("100.00 USD", "Apparel", sku="tee-1")


def test_R12_the_most_specific_wins_in_the_printed_order():
    """Override > dated > creator×product > code > creator > tier > product > category > kind of
    order > usual: taking the winner out lets the next one decide."""
    rules = [*LADDER, rule(8, 50, customer="returning")]
    bought, won = order(TEE, **BOUGHT), []
    while rules:
        found = rate_for(TEE, bought, terms(*rules)).rule
        won.append(found.number)
        rules = [one for one in rules if one.number != found.number]
    assert won == [7, 6, 5, 4, 3, 2, 1, 8]
    assert rate_for(TEE, bought, terms()).rule.number == 0
    override = rate_for(TEE, replace(bought, rate_bp=9000), terms(*LADDER)).rule
    assert override.number == -1


def test_R12_ties_more_conditions_then_personal_then_dated_then_newest_then_lowest():
    new_apparel = rule(2, 200, category="apparel", customer="returning")
    cases = [
        (rule(1, 100, category="apparel"), new_apparel, 2),
        (rule(1, 100, category="apparel", since=1), rule(2, 200, tag="sale", since=2), 2),
        (rule(1, 100, category="apparel"), rule(2, 200, tag="sale"), 1),
        (rule(2, 100, tier="gold", starts=DAY), rule(1, 200, ambassador="amb_ana", starts=DAY), 1),
    ]
    tee = replace(TEE, tags=("sale",))
    for one, other, winner in cases:
        assert rate_for(tee, order(tee, **BOUGHT), terms(one, other)).rule.number == winner
        assert rate_for(tee, order(tee, **BOUGHT), terms(other, one)).rule.number == winner


def test_R12_why_the_others_did_not_decide():
    found = rate_for(TEE, order(TEE, **BOUGHT), terms(*LADDER[:2], rule(9, 1, customer="new")))
    assert dict(found.passed_over) == {
        1: resolving_rules.AFTER,
        9: "customer",
        0: resolving_rules.AFTER,
    }
    apart = terms(rule(9, 1, customer="new"), rule(8, 1, category="mugs"))
    found = rate_for(TEE, order(TEE, **BOUGHT), apart)
    assert dict(found.passed_over) == {9: "customer", 8: "category"}


def test_R13_a_boost_multiplies_whichever_rate_decided():
    boost = rule(5, 1000, starts=DAY)
    custom = terms(
        rule(1, basis=Basis.ORDER, flat=300, ambassador="amb_ana"), flat="2.00", boosts=(boost,)
    )
    assert total(order(line("9.00 USD"), ambassador="amb_ana"), custom) == "3.30 USD"
    assert total(order(line("9.00 USD")), custom) == "2.20 USD"
    percent = terms(rate_bp=1000, boosts=(boost, rule(6, 2000, category="mugs")))
    bought = order(line("100.00 USD"), line("100.00 USD", "mugs"))
    assert total(bought, percent) == "23.00 USD"  # 10 × 1.1 + 10 × 1.2: the larger one, not both


TARGET = terms(rule(1, 800, category="apparel"), rule(2, 500, category="electronics"))


def test_R14_a_mixed_cart_is_worked_out_line_by_line():
    cart = order(
        line("80.00 USD", "Apparel"), line("40.00 USD", "Electronics"),
        line("25.00 USD", is_gift_card=True),
    )  # fmt: skip
    found = commission_for(cart, TARGET)
    assert [str(part) for part in found.by_line] == ["6.40 USD", "2.00 USD", "0.00 USD"]
    assert str(found.total) == "8.40 USD"
    assert total(cart, terms(rate_bp=800)) == "9.60 USD"


def test_R15_R16_dates_are_judged_at_the_moment_of_purchase():
    may = terms(rule(1, 2000, starts=DAY, ends=DAY + timedelta(days=1)))
    bought = order(line("100.00 USD"))
    for moment, earned in (
        (DAY - timedelta(seconds=1), "10.00 USD"), (DAY, "20.00 USD"),
        (DAY + timedelta(hours=23, minutes=59, seconds=59), "20.00 USD"),
        (DAY + timedelta(days=1), "10.00 USD"),
    ):  # fmt: skip
        assert total(replace(bought, placed_at=moment), may) == earned


def test_R18_an_order_with_a_code_pays_the_codes_rate_even_after_an_own_click():
    link, code = terms(rule(1, 1000, code="ANA10"), rate_bp=1500), line("100.00 USD")
    assert total(order(code), link) == "15.00 USD"
    assert total(order(code, code="ana10"), link) == "10.00 USD"
    by_code = terms(rule(1, 1000, came_by="code"), rate_bp=1500)
    assert total(order(code, code="BEN10"), by_code) == "10.00 USD"


def test_R19_new_and_returning_customers_in_one_program():
    both = terms(rule(1, 1500, customer="new"), rule(2, 500, customer="returning"))
    bought = order(line("100.00 USD"))
    earned = {None: "10.00 USD", True: "15.00 USD", False: "5.00 USD"}
    for known, amount in earned.items():
        assert total(replace(bought, is_new_customer=known), both) == amount


def test_R20_returning_customers_excluded_leaves_the_order_at_zero_with_its_reason():
    new_only = terms(rule(1, basis=Basis.EXCLUDED, customer="returning"))
    found = commission_for(order(line("80.00 USD"), is_new_customer=False), new_only)
    assert (str(found.total), found.groups[0].rule.number) == ("0.00 USD", 1)


def test_R21_an_exclusion_beats_every_special_rate():
    barred = rule(9, basis=Basis.EXCLUDED, product="TEE-1")
    found = commission_for(order(TEE, line("50.00 USD"), **BOUGHT), terms(*LADDER[:6], barred))
    assert [str(part) for part in found.by_line] == ["0.00 USD", "2.50 USD"]
    only = commission_for(order(TEE, **BOUGHT, rate_bp=9000), terms(*LADDER, barred))
    assert (str(only.total), only.groups[0].rule) == ("0.00 USD", barred)


def test_R45_the_first_three_charges_at_twenty_percent_then_ten():
    facts, charge = terms(rate_bp=2000), order(line("9.00 USD"))
    rates = [None, None, None, 1000]
    sums = Money.total(
        (commission_for(replace(charge, rate_bp=one), facts).total for one in rates), "USD"
    )
    assert str(sums) == "6.30 USD"


def test_R46_an_upgrade_pays_on_what_was_charged():
    proration = order(line("140.00 USD"), line("-50.00 USD"))
    assert total(proration, terms()) == "9.00 USD"


def test_R47_a_trial_of_nothing_earns_nothing():
    assert total(order(line("0.00 USD")), terms()) == "0.00 USD"


def test_R50_a_split_of_several_rates_still_makes_the_whole():
    whole = commission_for(order(line("80.00 USD", "apparel"), line("40.00 USD")), TARGET).total
    parts = shares_of(whole, 1, [[1, 1], [2, 1], [3, 1]])
    assert Money.total((part for _, part in parts), "USD") == whole


def test_leads_and_sign_ups_cost_nothing_and_pay_an_amount():
    facts = terms(rule(1, basis=Basis.ORDER, flat=1000, action=["lead", "sign_up"]))
    lead = order(line("0.00 USD"), action="lead")
    assert total(lead, facts) == "10.00 USD"
    assert total(replace(lead, action="sale"), facts) == "0.00 USD"


def test_an_amount_is_never_paid_in_a_currency_it_is_not_in():
    facts = terms(rule(1, basis=Basis.ORDER, flat=500, category="mugs"))
    found = commission_for(order(line("80.00 EUR", "mugs")), facts)
    assert str(found.total) == "8.00 EUR"  # the usual 10 %
    assert dict(found.groups[0].passed_over)[1] == resolving_rules.CURRENCY
    mixed = terms(rule(1, 500, category="mugs"), flat="5.00")
    assert total(order(line("80.00 EUR", "mugs"), line("10.00 EUR")), mixed) == "4.00 EUR"
    assert total(order(line("10.00 EUR")), mixed) == "5.00 USD"


@pytest.mark.parametrize(("written", "count"), [("1", 1), ("2", 2), ("1.5", 1), ("0.5", 1), ("", 1), ("x", 1), ("NaN", 1)])  # fmt: skip
def test_whole_pieces_of_a_quantity(written, count):
    assert pieces(written) == count


# ---- properties
CATEGORIES = ("", "apparel", "mugs", "books")
some_rules = st.lists(
    st.builds(
        lambda asks, basis, bp, flat, since: (asks, basis, bp, flat, since),
        st.sampled_from([("category", "apparel"), ("category", "mugs"), ("tag", "sale"),
                         ("customer", "new"), ("product", "A*"), ("tier", "gold"),
                         ("ambassador", "amb_ana"), ("came_by", "link")]),
        st.sampled_from(list(Basis)), st.integers(1, 10_000), st.integers(1, 5_000), st.integers(1, 3),
    ),
    max_size=6,
)  # fmt: skip
some_lines = st.lists(
    st.tuples(st.integers(0, 500_000), st.sampled_from(CATEGORIES), st.booleans(), st.integers(1, 5)),
    min_size=1, max_size=6,
)  # fmt: skip


@given(some_rules, some_lines, st.sampled_from(["USD", "JPY", "KWD"]), st.integers(0, 20_000),
       st.booleans(), st.randoms())  # fmt: skip
def test_parts_make_the_whole_and_order_never_matters(rules, lines, currency, cap, is_new, random):
    """R4, R5, R9, R12: parts sum; at most the cap; the order of lines and rules changes nothing."""
    made = [
        rule(number, bp if basis is Basis.PERCENT else 0, basis=basis, since=since,
             flat=flat if basis in (Basis.ORDER, Basis.LINE, Basis.UNIT) else 0, **{asks: value})
        for number, ((asks, value), basis, bp, flat, since) in enumerate(rules, 1)
    ]  # fmt: skip
    facts = terms(*made, currency=currency, cap_minor=cap)
    bought = [
        PurchaseLine(Money(minor, currency), many, sku="A1" if tagged else "B1", category=category,
                     tags=("sale",) if tagged else ())
        for minor, category, tagged, many in lines
    ]  # fmt: skip
    found = commission_for(order(*bought, is_new_customer=is_new, tier="gold"), facts)
    assert Money.total(found.by_line, currency) == found.total
    assert Money.total((group.amount for group in found.groups), currency) == found.uncapped
    assert Money.total((group.base for group in found.groups), currency) == order(*bought).base
    assert Money.zero(currency) <= found.total <= found.uncapped
    assert not cap or found.total.minor <= cap
    random.shuffle(bought)
    random.shuffle(made)
    again = commission_for(
        order(*bought, is_new_customer=is_new, tier="gold"),
        terms(*made, currency=currency, cap_minor=cap),
    )
    assert again.total == found.total
