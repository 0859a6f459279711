"""Spans, ticks and changes of the brand's home page."""

from datetime import UTC, date, datetime

import pytest

from portal.kernel import clock
from portal.kernel.money import Money
from portal.reports import brand_pages as pages
from portal.reports.brand_queries import share_bp
from portal.reports.periods import Span, until_today

NEW_YORK = "America/New_York"


def test_a_span_is_whole_days_of_the_brand_across_the_change_of_clocks():
    """8 March 2026 has 23 hours in New York."""
    span = Span(date(2026, 3, 7), 3, 1, NEW_YORK)
    assert span.edges == [
        datetime(2026, 3, 7, 5, tzinfo=UTC), datetime(2026, 3, 8, 5, tzinfo=UTC),
        datetime(2026, 3, 9, 4, tzinfo=UTC), datetime(2026, 3, 10, 4, tzinfo=UTC),
    ]  # fmt: skip
    assert span.last == date(2026, 3, 9)
    assert span.before() == Span(date(2026, 3, 4), 3, 1, NEW_YORK)


def test_the_last_thirty_days_end_today_in_the_brands_zone():
    with clock.at("2026-03-02T03:00+00:00"):  # still 1 March in New York
        span = until_today(30, NEW_YORK)
    assert (span.last, span.days, len(span.step_days)) == (date(2026, 3, 1), 30, 30)
    assert len(until_today(365, NEW_YORK).step_days) == 52
    assert until_today(5, NEW_YORK).days == 30


def test_the_last_step_takes_the_days_that_are_left_over():
    span = Span(date(2026, 1, 1), 90, 7, "UTC")
    assert len(span.step_days) == 12
    assert span.edges[-1] == span.end
    assert (span.edges[-1] - span.edges[-2]).days == 13


@pytest.mark.parametrize("top", [0, 1, 99, 100, 18_912, 214_000, 5_000_001])
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_ticks_are_round_and_reach_above_the_highest_point(top, currency):
    marks = [value for value, _ in pages.ticks([top], currency)]
    assert marks[0] == 0
    assert marks[-1] >= top
    assert 2 <= len(marks) <= 4


@pytest.mark.parametrize(
    ("amount", "words"),
    [("200.00 USD", "$200"), ("199.50 USD", "$200"), ("1500.00 USD", "$1.5k"), ("80 JPY", "¥80")],
)
def test_what_stands_at_an_axis(amount, words):
    assert pages.axis_words(Money.of(amount)) == words


def test_a_change_says_its_direction_and_where_it_came_from():
    up = pages.change_of(Money.of("118.00 USD"), Money.of("100.00 USD"))
    assert up is not None
    assert (up.words, up.direction, up.before, up.is_good) == ("18%", "up", "$100.00", True)
    down = pages.change_of(75, 100)
    assert down is not None
    assert (down.words, down.direction, down.is_good) == ("25%", "down", False)
    assert pages.change_of(5, 0) is None
    assert pages.change_of(None, 5) is None


def test_a_rate_changes_in_points():
    change = pages.change_of_rate(4_620, 4_400)
    assert change is not None
    assert (change.words, change.before) == ("2.2 pt", "44%")
    assert pages.change_of_rate(None, 1) is None


def test_a_share_is_half_up_and_needs_a_whole():
    assert share_bp(1, 3) == 3_333
    assert share_bp(2, 3) == 6_667
    assert share_bp(1, 0) is None


def test_labels_begin_and_end_with_the_span():
    span = Span(date(2026, 1, 1), 30, 1, "UTC")
    marks = pages.labels(span)
    assert (marks[0][0], marks[-1][0], len(marks)) == (0, 29, 5)


def test_the_funnel_counts_each_step_against_the_one_before():
    steps = pages.steps([("Sent", 412), ("Approved", 268), ("Active", 0), ("Sold", 0)])
    assert [step["share"] for step in steps] == ["", "65%", "0%", ""]
