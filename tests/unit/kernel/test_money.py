"""Money is exact: integers only, one currency, two ways of rounding (R1, R3–R5, R50)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.web import formatting

amounts = st.integers(-(10**12), 10**12).map(lambda minor: Money(minor, "USD"))


def test_r1_refuses_floats_bools_and_unknown_codes():
    for wrong in (1.5, True, "1", None, Decimal(1)):
        with pytest.raises(TypeError):
            Money(wrong, "USD")
    with pytest.raises(ValueError, match="not a currency"):
        Money(1, "usd")


def test_r1_never_mixes_currencies_or_bare_numbers():
    with pytest.raises(ValueError, match="never mixed"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(TypeError):
        Money(1, "USD") + 1
    with pytest.raises(TypeError):
        _ = Money(1, "USD") < 2
    with pytest.raises(TypeError):
        float(Money(1, "USD"))


@pytest.mark.parametrize(
    ("amount", "rate_bp", "expected"),
    [("87.45 USD", 1000, "8.75 USD"), ("29.99 USD", 1000, "3.00 USD"), ("90.00 USD", 500, "4.50 USD"),
     ("-87.45 USD", 1000, "-8.75 USD"), ("125 JPY", 1000, "13 JPY"), ("1.005 KWD", 5000, "0.503 KWD")],
)  # fmt: skip
def test_r5_portion_is_half_up_away_from_zero(amount, rate_bp, expected):
    assert Money.of(amount).portion(rate_bp) == Money.of(expected)


def test_r3_tax_inclusive_price():
    assert Money.of("120.00 EUR").scaled(100, 120).portion(1000) == Money.of("10.00 EUR")


def test_r4_order_discount_by_largest_remainder():
    ten = Money.of("10.00 USD")
    assert [m.minor for m in ten.split([3333, 3333, 3334])] == [333, 333, 334]
    assert [m.minor for m in ten.split([1, 1, 1])] == [334, 333, 333]
    assert [m.minor for m in ten.split([0, 0])] == [500, 500]


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_r4_parts_always_make_the_whole(amount, weights):
    parts = amount.split(weights)
    assert Money.total(parts, "USD") == amount
    assert len(parts) == len(weights)
    if any(weights):
        assert all(not part for part, weight in zip(parts, weights, strict=True) if not weight)


@given(amounts, st.integers(1, 10**6), st.integers(1, 10**6))
def test_scaling_is_never_off_by_more_than_half(amount, top, bottom):
    off = amount.scaled(top, bottom).minor * bottom - amount.minor * top
    assert abs(2 * off) <= bottom
    assert amount.scaled(top, bottom) == -(-amount).scaled(top, bottom)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.5", "USD", 1250), ("0.005", "USD", 1), ("-0.005", "USD", -1), ("700", "JPY", 700),
     ("1.234", "KWD", 1234), (12, "EUR", 1200), (" 3.10 ", "EUR", 310), ("1e2", "USD", 10000)],
)  # fmt: skip
def test_reads_major_units(text, currency, minor):
    assert currencies.to_minor(text, currency) == minor


@pytest.mark.parametrize(
    "text", ["", "abc", "NaN", "Infinity", "1e400", "1,000.00", "12.5.0", "9" * 20]
)
def test_refuses_what_is_no_amount_with_a_sentence(text):
    with pytest.raises(InvalidInput, match="not an amount"):
        currencies.to_minor(text, "USD")


def test_a_sentence_writes_an_amount_as_a_page_does_and_a_fact_keeps_its_own_form() -> None:
    for text, written in (
        ("4393.70 USD", "$4,393.70"), ("-6.75 EUR", "\N{MINUS SIGN}€6.75"), ("1500 JPY", "¥1,500"),
        ("1.234 KWD", "KWD 1.234"), ("1000.00 CAD", "CA$1,000.00"), ("0.00 CHF", "CHF 0.00"),
    ):  # fmt: skip
        amount = Money.of(text)
        assert (f"{amount}", str(amount)) == (written, text)
        assert formatting.money(amount) == written
