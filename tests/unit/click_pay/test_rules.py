"""What clicks earn: pure rules, and the sums they promise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ambassadors.models import MembershipStatus as Status
from portal.click_pay import rules
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.programs.click_terms import (
    ClickTerms,
    check_clicks,
    click_sentences,
    losses_of_clicks,
)
from portal.programs.models import ClickRule, CodePolicy, CommissionKind
from portal.programs.rules import TermsFacts

NEW_YORK = "America/New_York"
FIVE = ClickTerms(5, 200)
TERMS = TermsFacts(
    id=1, version=1, kind=CommissionKind.PERCENT, rate_bp=1_000, flat=Money(0, "USD"),
    hold_days=30, window_days=30, code_policy=CodePolicy.ALWAYS, click_rule=ClickRule.LAST_CLICK,
    pay_on_zero_base=False,
)  # fmt: skip


def usd(minor):
    return Money(minor, "USD")


@pytest.mark.parametrize(("people", "paid"), [(0, 0), (134, 134), (200, 200), (201, 200)])
def test_R9_no_more_clicks_of_a_day_earn_than_the_cap(people, paid):
    assert rules.paid_clicks(people, FIVE) == paid
    assert rules.paid_clicks(people, ClickTerms()) == 0
    assert rules.pay_for(people, replace(TERMS, clicks=FIVE)) == usd(5 * paid)
    assert rules.pay_for(people, TERMS) == usd(0)


@given(st.lists(st.integers(0, 500), max_size=40), st.integers(1, 1_000), st.integers(1, 300))
def test_the_sum_of_days_is_clicks_times_the_amount_under_the_cap(days, each, most):
    terms = replace(TERMS, clicks=ClickTerms(each, most))
    earned = sum(rules.pay_for(people, terms).minor for people in days)
    assert earned == each * sum(min(people, most) for people in days)
    assert earned <= each * most * len(days)


@given(
    st.dictionaries(st.integers(1, 50), st.integers(1, 10_000), max_size=12),
    st.integers(-500, 40_000),
)
def test_R4_what_a_budget_leaves_is_shared_and_never_exceeded(wanted, left):
    amounts = {who: usd(minor) for who, minor in wanted.items()}
    shares = rules.within_budget(amounts, usd(left))
    whole = sum(wanted.values())
    assert sum(one.minor for one in shares.values()) == min(whole, max(left, 0))
    assert all(0 <= shares[who].minor <= wanted[who] for who in wanted)
    assert rules.within_budget(amounts, None) == amounts


def test_R4_a_budget_is_shared_by_largest_remainder():
    amounts = {3: usd(1_000), 1: usd(1_000), 2: usd(1_000)}
    assert rules.within_budget(amounts, usd(1_000)) == {1: usd(334), 2: usd(333), 3: usd(333)}


def test_R16_a_version_that_starts_within_a_day_pays_from_the_next():
    midnight = datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert rules.first_day(midnight, NEW_YORK) == date(2026, 3, 3)
    assert rules.first_day(midnight + timedelta(seconds=1), NEW_YORK) == date(2026, 3, 4)
    assert rules.first_day(midnight - timedelta(seconds=1), NEW_YORK) == date(2026, 3, 3)


def test_a_day_is_closed_an_hour_after_its_end_when_its_clicks_are_here():
    end = datetime(2026, 3, 4, 5, tzinfo=UTC)
    day = date(2026, 3, 3)
    late = end + timedelta(hours=1)
    assert not rules.is_over(day, NEW_YORK, late - timedelta(seconds=1), late)
    assert rules.is_over(day, NEW_YORK, late, end)
    assert not rules.is_over(day, NEW_YORK, late, end - timedelta(seconds=1))


def test_a_day_of_the_zone_has_23_hours_when_clocks_go_forward():
    start, end = rules.bounds(date(2026, 3, 8), NEW_YORK)
    assert end - start == timedelta(hours=23)


def test_R43_only_the_hours_of_an_active_membership_count():
    start, end = rules.bounds(date(2026, 3, 3), NEW_YORK)
    noon, three = start + timedelta(hours=12), start + timedelta(hours=15)
    history = [(start - timedelta(days=9), Status.ONBOARDING), (noon, Status.ACTIVE),
               (three, Status.SUSPENDED)]  # fmt: skip
    assert rules.active_spans(history, (start, end)) == [(noon, three)]
    assert rules.active_spans(history[:2], (start, end)) == [(noon, end)]
    always = [(start - timedelta(days=9), Status.ACTIVE)]
    assert rules.active_spans(always, (start, end)) == [(start, end)]
    assert rules.active_spans([], (start, end)) == []


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (ClickTerms(5, 0), "click_most"), (ClickTerms(0, 10), "click_amount"),
        (ClickTerms(0, 0, 500), "click_amount"), (ClickTerms(5, 10, -1), "click_budget"),
        (ClickTerms(-1, 10), "click_amount"), (ClickTerms(5, 2_000_000), "click_most"),
    ],
)  # fmt: skip
def test_pay_for_clicks_needs_an_amount_and_a_cap(terms, field):
    with pytest.raises(InvalidInput) as refusal:
        check_clicks(terms)
    assert refusal.value.field == field


def test_what_is_written_down_is_what_is_read():
    for terms in (ClickTerms(), FIVE, ClickTerms(5, 200, 50_000)):
        check_clicks(terms)
        assert ClickTerms.of(terms.plain()) == terms
    assert ClickTerms().plain() == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (ClickTerms(), FIVE, []),
        (FIVE, FIVE, []),
        (FIVE, ClickTerms(6, 300), []),
        (FIVE, ClickTerms(), ["Clicks no longer earn."]),
        (FIVE, ClickTerms(4, 200), ["The amount per click goes down."]),
        (FIVE, ClickTerms(9, 199), ["Fewer clicks of a day earn."]),
        (FIVE, ClickTerms(5, 200, 10_000), ["The budget for clicks is smaller."]),
        (ClickTerms(5, 200, 500), ClickTerms(5, 200, 499), ["The budget for clicks is smaller."]),
        (ClickTerms(5, 200, 500), FIVE, []),
    ],
)
def test_R17_what_takes_pay_for_clicks_away_is_a_cut(old, new, said):
    assert losses_of_clicks(old, new, other_currency=False) == said


def test_R17_another_currency_is_a_cut():
    assert losses_of_clicks(FIVE, FIVE, other_currency=True) == ["Clicks earn in another currency."]
    assert losses_of_clicks(ClickTerms(), FIVE, other_currency=True) == []


def test_a_creator_reads_it_as_one_sentence():
    assert click_sentences(ClickTerms(), "USD") == []
    assert click_sentences(FIVE, "USD") == [
        "Each click of a person earns $0.05: at most 200 clicks a day."
    ]
    said = click_sentences(ClickTerms(500, 20, 900_000), "JPY")
    assert [one.split(": ")[1] for one in said] == [
        "at most 20 clicks a day, and at most ¥900,000 a month in the whole program."
    ]
