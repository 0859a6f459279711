"""Numbers of people as people write them."""

import pytest

from portal.kernel.counts import people_in


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("4200", 4_200), ("18,400", 18_400), ("18.400", 18_400), ("18 400", 18_400),
        ("18’400", 18_400), ("1,234,567", 1_234_567), ("12k", 12_000), ("12K", 12_000),
        ("12.5k", 12_500), ("12,5k", 12_500), ("12.5 k", 12_500), ("10k+", 10_000),
        ("1,2 Mio", 1_200_000), ("1,2 Mio.", 1_200_000), ("1.2M", 1_200_000), ("2m", 2_000_000),
        ("12 Tsd", 12_000), ("1,234k", 1_234_000), ("3 million", 3_000_000), ("0", 0),
    ],
)  # fmt: skip
def test_what_people_write(typed, meant):
    assert people_in(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "many", "k", "12.5", "1,2", "-4", "12kk", "1.2.3k", "12,34", "5 lakh"]
)
def test_what_is_no_number_of_people(typed):
    assert people_in(typed) is None
