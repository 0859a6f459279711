"""What terms take away, when a change may begin, what a page can say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.programs import loss_rules, rules
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rules import TermsFacts

TEN_PERCENT = TermsFacts(
    id=1, version=1, kind=CommissionKind.PERCENT, rate_bp=1_000, flat=Money.zero("USD"),
    hold_days=30, window_days=30, code_policy=CodePolicy.ALWAYS, click_rule=ClickRule.LAST_CLICK,
    pay_on_zero_base=False,
)  # fmt: skip


def worse(old, new):
    return loss_rules.worse_for_creators(old, new, clock.now())


FIVE_DOLLARS = replace(TEN_PERCENT, kind=CommissionKind.FLAT, rate_bp=0, flat=Money.of("5.00 USD"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rate_bp": 999}, "The rate goes down."),
        ({"window_days": 29}, "Links count for 29 days instead of 30."),
        ({"hold_days": 31}, "Sales are held for 31 days instead of 30."),
        ({"code_policy": CodePolicy.NEVER}, "Codes no longer earn."),
    ],
)
def test_R17_what_takes_something_from_creators(change, said):
    assert worse(TEN_PERCENT, replace(TEN_PERCENT, **change)) == [said]


@pytest.mark.parametrize(
    "change",
    [{}, {"rate_bp": 1_500}, {"window_days": 60}, {"hold_days": 0},
     {"click_rule": ClickRule.FIRST_CLICK}, {"code_policy": CodePolicy.IF_WINNER}],
)  # fmt: skip
def test_R17_what_only_gives_needs_no_notice(change):
    assert worse(TEN_PERCENT, replace(TEN_PERCENT, **change)) == []


def test_R17_a_smaller_amount_or_another_kind_takes_away():
    less = replace(FIVE_DOLLARS, flat=Money.of("4.99 USD"))
    assert worse(FIVE_DOLLARS, less) == ["The amount per order goes down."]
    euros = replace(FIVE_DOLLARS, flat=Money.of("9.00 EUR"))
    assert worse(FIVE_DOLLARS, euros) == ["The amount per order goes down."]
    assert "cannot be compared" in worse(TEN_PERCENT, FIVE_DOLLARS)[0]
    generous = replace(FIVE_DOLLARS, pay_on_zero_base=True)
    assert worse(generous, FIVE_DOLLARS) == ["Orders of 0.00 no longer earn the flat amount."]


def test_R17_a_loss_waits_for_the_notice_and_a_gain_does_not():
    now = clock.now()
    assert loss_rules.earliest_start([], 14, now) == now
    assert loss_rules.earliest_start(["The rate goes down."], 14, now) == now + timedelta(days=14)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"rate_bp": 0}, "rate"), ({"rate_bp": 10_001}, "rate"), ({"hold_days": 121}, "hold_days"),
     ({"hold_days": -1}, "hold_days"), ({"window_days": 0}, "window_days"),
     ({"window_days": 366}, "window_days")],
)  # fmt: skip
def test_R58_figures_that_cannot_be(change, field):
    with pytest.raises(InvalidInput) as refused:
        rules.check_figures(replace(TEN_PERCENT, **change))
    assert refused.value.field == field


def test_a_flat_amount_is_more_than_nothing():
    rules.check_figures(FIVE_DOLLARS)
    with pytest.raises(InvalidInput, match="more than zero"):
        rules.check_figures(replace(FIVE_DOLLARS, flat=Money.zero("USD")))


def test_R5_an_example_is_rounded_once_for_each_order():
    """10 % of 29.99 is 3.00, not 2.999: twenty of them are 60.00, not 59.98."""
    average = Money.of("29.99 USD")
    assert rules.example_earnings(TEN_PERCENT, 20, average) == Money.of("60.00 USD")
    assert rules.example_earnings(FIVE_DOLLARS, 3, average) == Money.of("15.00 USD")
    assert rules.example_earnings(TEN_PERCENT, 0, average) == Money.zero("USD")


@pytest.mark.parametrize(
    ("currency", "minimum"), [("USD", "25.00 USD"), ("JPY", "2500 JPY"), ("KWD", "25.000 KWD")]
)
def test_R84_the_minimum_where_nothing_is_set(currency, minimum):
    assert rules.default_minimum(currency) == Money.of(minimum)


@pytest.mark.parametrize(
    ("page", "field"),
    [({"name": "  "}, "name"), ({"discount_bp": 10_001}, "discount"), ({"pay_day": 29}, "pay_day"),
     ({"min_followers": -1}, "min_followers"), ({"questions": ["?"] * 7}, "questions")],
)  # fmt: skip
def test_what_a_program_page_cannot_say(page, field):
    with pytest.raises(InvalidInput) as refused:
        rules.check_page(page)
    assert refused.value.field == field
