"""What a rail takes: a share, and a fixed part beside it (R93)."""

from datetime import date

import pytest

from portal.creators.models import Rail
from portal.kernel.money import Money
from portal.paying import rules
from portal.paying.models import FeeBearer
from portal.paying.wording import fees_words
from portal.payouts.rules import Ways, leaving_of

M = Money.of
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("amount", "share_bp", "fixed", "fee"),
    [
        ("10.00 USD", 290, None, "0.29 USD"),
        ("100.00 USD", 25, "0.25 USD", "0.50 USD"),
        ("100.00 USD", 0, "0.25 USD", "0.25 USD"),
        ("2500 JPY", 100, "30 JPY", "55 JPY"),
    ],
)
def test_R93_a_fixed_part_stands_beside_the_share(amount, share_bp, fixed, fee):
    assert rules.fee_of(M(amount), share_bp, M(fixed) if fixed else None) == M(fee)


def test_R93_the_bearer_bears_both_parts():
    ways = Ways(25, M("0.25 USD"), FeeBearer.CREATOR)
    found = leaving_of(M("100.00 USD"), Rail.STRIPE, ways)
    assert (found.pays, found.fee) == (M("99.50 USD"), M("0.50 USD"))
    brand = leaving_of(M("100.00 USD"), Rail.STRIPE, Ways(25, M("0.25 USD")))
    assert (brand.pays, brand.fee) == (M("100.00 USD"), M("0.50 USD"))


def test_R93_what_a_fee_would_eat_whole_does_not_leave():
    ways = Ways(0, M("0.25 USD"), FeeBearer.CREATOR)
    assert leaving_of(M("0.25 USD"), Rail.STRIPE, ways) is None
    assert leaving_of(M("0.26 USD"), Rail.STRIPE, ways).pays == M("0.01 USD")


@pytest.mark.parametrize("rail", [Rail.STRIPE, Rail.SEPA, Rail.CREDIT])
def test_R96_what_comes_to_nothing_does_not_leave(rail):
    assert leaving_of(M("0.00 USD"), rail, Ways(0, uplift_bp=1000), (921_500, DAY)) is None


def test_R96_a_conversion_to_less_than_half_a_cent_does_not_leave():
    assert leaving_of(M("0.01 USD"), Rail.SEPA, Ways(0), (499_999, DAY)) is None
    assert leaving_of(M("0.01 USD"), Rail.SEPA, Ways(0), (500_000, DAY)).pays == M("0.01 EUR")


def test_fees_in_words():
    assert fees_words(290, M("0.00 USD")) == "2.9%"
    assert fees_words(0, M("0.25 USD")) == "$0.25 a payout"
    assert fees_words(25, M("0.25 USD")) == "0.25% and $0.25 a payout"
    assert fees_words(0, M("0.00 USD")) == "nothing"
