"""What is flagged and what is not, from counted figures alone."""

import random

import pytest

from portal.flags import rules
from portal.flags.models import FlagKind
from portal.flags.rules import Thresholds, Use
from portal.kernel.errors import InvalidInput

T = Thresholds()
MONTH = 30 * 86_400


def test_a_code_that_strangers_found_is_flagged():
    found = rules.code_without_clicks("ADA15", Use(60, 3), Use(40, 26), T)
    assert found is not None
    assert "95.0% of the orders" in found.sentence
    assert ("The share before", "35.0%") in found.figures


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (Use(60, 0), Use(200, 0)),  # a podcast: it never had clicks
        (Use(9, 0), Use(40, 26)),  # too few orders to say anything
        (Use(60, 30), Use(40, 26)),  # half of them still click
        (Use(60, 0), Use(5, 5)),  # nothing to compare with
    ],
)
def test_a_steady_seller_is_not(now, before):
    assert rules.code_without_clicks("ADA15", now, before, T) is None


def test_a_burst_is_five_times_the_usual_day():
    assert rules.code_burst("ADA15", 50, 280, 28, T) is not None  # ten a day
    assert rules.code_burst("ADA15", 49, 280, 28, T) is None
    assert rules.code_burst("ADA15", 9, 0, 28, T) is None
    assert rules.code_burst("ADA15", 10, 0, 28, T) is not None


def test_refunds_from_a_quarter_and_four_buyers_on():
    assert rules.refund_rate(4, 1, T) is not None
    assert rules.refund_rate(3, 3, T) is None
    assert rules.refund_rate(100, 24, T) is None
    assert rules.refund_rate(100, 25, T) is not None


def test_coupon_sites_name_the_worst_first():
    found = rules.coupon_site("Ada", {"coupons.com": 2, "knoji.com": 3}, T)
    assert found is not None
    assert found.figures[0] == ("knoji.com", "3 clicks")
    assert rules.coupon_site("Ada", {"coupons.com": 4}, T) is None


def test_one_visitor_who_clicks_50_000_times():
    found = rules.click_flood(50_000, 50_020, T)
    assert found is not None
    assert found.sentence == "One visitor clicked 50,000 times within 24 hours."
    assert rules.click_flood(299, 299, T) is None


def test_loads_without_a_person():
    assert rules.cookie_stuffing(5_000, 12, T) is not None
    assert rules.cookie_stuffing(5_000, 4_000, T) is None
    assert rules.cookie_stuffing(499, 0, T) is None


def test_orders_seconds_after_the_click():
    assert rules.click_at_checkout([2, 3, 5, 4_000], T) is not None
    assert rules.click_at_checkout([2, 3, 6, 4_000], T) is None


def test_times_spread_evenly_and_times_all_the_same():
    even = [MONTH * one // 40 for one in range(40)]
    assert rules.even_times(even, MONTH, T) is not None
    assert rules.even_times([30, 31, 32, 31, 30], MONTH, T) is not None
    assert rules.even_times([30, 31, 32, 90, 30], MONTH, T) is None


@pytest.mark.parametrize("seed", range(5))
def test_people_are_not_even(seed):
    """Most buy within a day of the click: that is what honest times look like."""
    chance = random.Random(seed)
    people = [min(int(chance.expovariate(1 / 50_000)), MONTH) for _ in range(60)]
    assert rules.even_times(people, MONTH, T) is None


def test_weak_likeness_is_only_a_sign():
    found = rules.self_referral(["ip", "surname", "ip"], 2)
    assert found is not None
    assert found.sentence == "In 2 orders buyer and creator share: ip, surname."
    assert rules.self_referral([], 0) is None


def test_the_creators_sentence_fits_its_column_and_decides_nothing():
    said = rules.hold_sentence("x" * 400, "Glow", "16 Mar")
    assert len(said) == 300
    assert "Nothing is decided yet." in rules.hold_sentence("Seen.", "Glow", "16 Mar")


def test_thresholds_and_sites_are_checked_in_words():
    assert rules.checked_thresholds({"window_days": 7}).window_days == 7
    for values in ({"window_days": 0}, {"refund_bp": 10_001}, {"unknown": 1}):
        with pytest.raises(InvalidInput):
            rules.checked_thresholds(values)
    assert rules.checked_sites("https://www.Coupons.com/x\nknoji.com knoji.com") == [
        "coupons.com",
        "knoji.com",
    ]
    with pytest.raises(InvalidInput, match="not a site"):
        rules.checked_sites("coupons")


def test_every_kind_has_its_words():
    from portal.flags import brand_pages

    assert set(brand_pages.KINDS) == set(FlagKind)
