"""When a hold ends: every basis, month ends in the program's zone, daylight saving, leap years."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import InvalidInput
from portal.paying.models import Schedule
from portal.paying.rules import next_pay_day
from portal.programs.hold_terms import (
    HoldBasis,
    HoldFacts,
    HoldTerms,
    check_hold,
    hold_end,
    hold_words,
    losses_of_hold,
    month_end_hold,
)

MONTHLY = HoldTerms(HoldBasis.MONTH_END)
ROME, NEW_YORK = "Europe/Rome", "America/New_York"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def end(placed: str, days: int, basis: HoldBasis, zone: str = "UTC", **told: str) -> datetime:
    moments = {name: at(value) for name, value in told.items()}
    return hold_end(HoldFacts(at(placed), **moments), days, HoldTerms(basis), zone)


@pytest.mark.parametrize(
    ("basis", "told", "ends"),
    [
        (HoldBasis.ORDER, {}, "2026-04-01T12:00"),
        (HoldBasis.ORDER, {"paid_at": "2026-03-20T12:00"}, "2026-04-19T12:00"),
        (HoldBasis.PAID, {"paid_at": "2026-03-05T12:00"}, "2026-04-04T12:00"),
        (HoldBasis.FULFILLED, {"fulfilled_at": "2026-03-10T12:00"}, "2026-04-09T12:00"),
        (HoldBasis.DELIVERED, {"delivered_at": "2026-03-15T12:00"}, "2026-04-14T12:00"),
        (HoldBasis.DELIVERED, {"fulfilled_at": "2026-03-10T12:00"}, "2026-07-30T12:00"),
        (HoldBasis.FULFILLED,
         {"fulfilled_at": "2026-03-10T12:00", "paid_at": "2026-03-20T12:00"}, "2026-04-19T12:00"),
    ],
)  # fmt: skip
def test_R58_every_basis(basis, told, ends):
    assert end("2026-03-02T12:00", 30, basis, **told) == at(ends)


@pytest.mark.parametrize(
    ("placed", "days", "zone", "ends"),
    [
        ("2027-01-01T00:00", 27, "UTC", "2027-02-28T00:00"),  # January: through 27 February
        ("2027-01-31T23:59:59", 27, "UTC", "2027-02-28T00:00"),
        ("2028-01-15T12:00", 27, "UTC", "2028-02-28T00:00"),  # a leap year has 29 February after
        ("2028-01-15T12:00", 28, "UTC", "2028-02-29T00:00"),
        ("2027-01-15T12:00", 28, "UTC", "2027-03-01T00:00"),
        ("2027-02-01T04:00", 0, NEW_YORK, "2027-02-01T05:00"),  # still January there
        ("2026-02-10T12:00", 30, ROME, "2026-03-30T22:00"),  # summer time began on 29 March
        ("2026-10-10T12:00", 0, ROME, "2026-10-31T23:00"),  # and ended on 25 October
    ],
)
def test_R59_month_ends_in_the_programs_zone(placed, days, zone, ends):
    assert end(placed, days, HoldBasis.MONTH_END, zone) == at(ends)


def test_R59_twenty_days_after_the_lock_month_is_20_march():
    """What a schedule promises, not a date of its own: locked when 28 February begins, it is in
    the run of February, which pays on the 20th."""
    for locked_on, pays_on in (("2027-02-28", "2027-03-20"), ("2026-12-28", "2027-01-20")):
        day = next_pay_day(Schedule.MONTHLY, 20, date.fromisoformat(locked_on))
        assert day.pay_on.isoformat() == pays_on
        assert day.cutoff_on >= date.fromisoformat(locked_on)


def test_R59_whole_months_before_the_days():
    assert month_end_hold(at("2026-11-10T12:00"), 2, 5, "UTC") == at("2027-02-06T00:00")


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        (HoldTerms(HoldBasis.ORDER, 1), 0),
        (HoldTerms(HoldBasis.MONTH_END, -1), 0),
        (HoldTerms(HoldBasis.MONTH_END, 3), 28),
        (HoldTerms(), 121),
    ],
)
def test_R58_at_most_120_days(terms, days):
    with pytest.raises(InvalidInput):
        check_hold(terms, days)


def test_R17_a_later_basis_is_a_loss_and_an_earlier_none():
    assert losses_of_hold(HoldTerms(), MONTHLY) == [
        "The hold is counted after the end of the month of the order instead of after the order."
    ]
    assert losses_of_hold(MONTHLY, HoldTerms()) == []
    assert hold_words(27, HoldTerms(HoldBasis.MONTH_END, 1)) == (
        "1 month and 27 days after the end of the month of the order"
    )


@given(
    st.integers(0, 400_000),
    st.integers(0, 60),
    st.sampled_from(list(HoldBasis)),
    st.sampled_from([ROME, NEW_YORK, "Asia/Tokyo", "Pacific/Auckland"]),
)
def test_no_hold_ends_before_the_order_and_what_is_kept_comes_back(hours, days, basis, zone):
    terms = HoldTerms(basis)
    placed = at("2020-01-01T00:00") + timedelta(hours=hours)
    assert hold_end(HoldFacts(placed), days, terms, zone) >= placed
    assert HoldTerms.of(terms.plain()) == terms
