"""When a brand pays, what rails take, what an amount is worth elsewhere: R85, R93, R94, R96."""

from datetime import date

import pytest

from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.paying import rules
from portal.paying.models import Schedule
from portal.paying.wording import paid_words


@pytest.mark.parametrize(
    ("schedule", "today", "cutoff", "pays"),
    [
        (Schedule.MONTHLY, "2026-11-03", "2026-10-31", "2026-11-05"),
        (Schedule.MONTHLY, "2026-11-06", "2026-11-30", "2026-12-05"),
        (Schedule.MONTHLY, "2026-12-31", "2026-12-31", "2027-01-05"),
        (Schedule.NET_7, "2026-11-03", "2026-10-31", "2026-11-07"),
        (Schedule.NET_15, "2026-11-16", "2026-11-30", "2026-12-15"),
        (Schedule.NET_30, "2026-02-10", "2026-01-31", "2026-03-02"),
        (Schedule.NET_30, "2028-02-10", "2028-01-31", "2028-03-01"),  # a leap year
        (Schedule.NET_45, "2026-11-10", "2026-09-30", "2026-11-14"),
        (Schedule.NET_60, "2026-11-10", "2026-09-30", "2026-11-29"),
        (Schedule.NET_90, "2026-11-10", "2026-08-31", "2026-11-29"),
        (Schedule.TWICE_A_MONTH, "2026-11-02", "2026-11-14", "2026-11-15"),
        (Schedule.TWICE_A_MONTH, "2026-11-16", "2026-11-30", "2026-12-01"),
        (Schedule.TWICE_A_MONTH, "2026-11-01", "2026-10-31", "2026-11-01"),
    ],
)
def test_r85_schedules(schedule: Schedule, today: str, cutoff: str, pays: str) -> None:
    found = rules.next_pay_day(schedule, 5, date.fromisoformat(today))
    assert (found.cutoff_on.isoformat(), found.pay_on.isoformat()) == (cutoff, pays)


def test_r85_the_last_day_of_the_newest_run() -> None:
    assert rules.last_cutoff(Schedule.TWICE_A_MONTH, date(2026, 11, 20)) == date(2026, 11, 14)
    assert rules.last_cutoff(Schedule.TWICE_A_MONTH, date(2026, 11, 10)) == date(2026, 10, 31)
    assert rules.last_cutoff(Schedule.NET_30, date(2026, 11, 20)) == date(2026, 10, 31)


def test_r93_a_fee_is_rounded_once() -> None:
    assert rules.fee_of(Money.of("10.00 USD"), 290) == Money.of("0.29 USD")


def test_r94_store_credit_is_worth_more() -> None:
    assert rules.with_uplift(Money.of("100.00 USD"), 1000) == Money.of("110.00 USD")


@pytest.mark.parametrize(
    ("amount", "rate", "there"),
    [
        ("100.00 USD", "0.9215", "92.15 EUR"),
        ("0.01 USD", "0.5", "0.01 EUR"),  # half up, away from zero
        ("1000 JPY", "0.0061", "6.10 EUR"),
        ("1.000 KWD", "3", "3.00 EUR"),
        ("10.00 EUR", "163.25", "1633 JPY"),
    ],
)
def test_r96_an_amount_elsewhere(amount: str, rate: str, there: str) -> None:
    wanted = Money.of(there)
    assert rules.converted(Money.of(amount), rules.rate_from(rate), wanted.currency) == wanted


@pytest.mark.parametrize("typed", ["", "abc", "0", "-1", "0.1234567", "NaN", "Infinity", "1e30"])
def test_a_rate_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        rules.rate_from(typed)


def test_a_rate_reads_as_it_was_typed() -> None:
    assert rules.rate_words(rules.rate_from("0.9215")) == "0.9215"


@pytest.mark.parametrize("typed", ["DE89 3704 0044 0532 0130 01", "DE89", "hello", "XX00"])
def test_an_iban_with_wrong_digits_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        rules.checked_iban(typed)


def test_an_iban_is_shown_by_its_ends() -> None:
    number = rules.checked_iban("de89 3704 0044 0532 0130 00")
    assert number == "DE89370400440532013000"
    assert rules.masked_iban(number) == "DE •••• 3000"
    assert rules.checked_bic("deutdeff") == "DEUTDEFF"


@pytest.mark.parametrize(
    ("schedule", "words"),
    [(Schedule.MONTHLY, "on the 5th of each month"),
     (Schedule.TWICE_A_MONTH, "on the 1st and the 15th of each month"),
     (Schedule.NET_30, "30 days after the end of each month")],
)  # fmt: skip
def test_r85_a_schedule_in_words(schedule: Schedule, words: str) -> None:
    assert paid_words(schedule, 5) == words
