"""How figures and instants are written (UX 4.5)."""

from datetime import UTC, date, datetime

import pytest

from portal.kernel import clock
from portal.kernel.money import Money
from portal.web import formatting


@pytest.fixture(autouse=True)
def november():
    with clock.at("2026-11-12T19:05Z"):
        yield


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (120450, "USD", "$1,204.50"),
        (-675, "USD", "−$6.75"),
        (0, "USD", "$0.00"),
        (5, "EUR", "€0.05"),
        (-120450, "EUR", "−€1,204.50"),
        (1500, "JPY", "¥1,500"),
        (1234567, "KWD", "KWD 1,234.567"),
    ],
)
def test_money_is_written_in_full(minor, currency, words):
    assert formatting.money(Money(minor, currency)) == words


def test_mixed_currencies_are_named():
    assert formatting.money(Money(120450, "USD"), code=True) == "USD 1,204.50"
    assert formatting.money(Money(-5, "USD"), code=True) == "−USD 0.05"


def test_what_comes_in_has_a_plus():
    assert formatting.signed_money(Money(720, "USD")) == "+$7.20"
    assert formatting.signed_money(Money(-675, "USD")) == "−$6.75"
    assert formatting.signed_money(Money(0, "USD")) == "$0.00"


def test_a_hero_figure_comes_in_pieces():
    parts = {"sign": "−", "symbol": "$", "whole": "1,646", "cents": "80"}
    assert formatting.money_parts(Money(-164680, "USD")) == parts
    assert formatting.money_parts(Money(1500, "JPY"))["cents"] == ""


def test_chart_labels_are_short():
    assert formatting.short_money(Money(41490610, "USD")) == "$414.9k"
    assert formatting.short_money(Money(123456789, "USD")) == "$1.2M"
    assert formatting.short_money(Money(9900, "USD")) == "$99.00"


def test_rates_say_nothing_needless():
    assert [formatting.percent(bp) for bp in (1250, 1000, 1, -250)] == [
        "12.5%",
        "10%",
        "0.01%",
        "−2.5%",
    ]
    assert [formatting.share(bp) for bp in (600, 745, 9974)] == ["6.0%", "7.4%", "99.7%"]


def test_counts_are_grouped_and_have_words():
    assert formatting.count(4871) == "4,871"
    assert formatting.plural(1, "creator", "creators") == "1 creator"
    assert formatting.plural(4871, "creator", "creators") == "4,871 creators"


def test_instants_are_shown_in_their_zone():
    sold = datetime(2026, 11, 3, 19, 5, tzinfo=UTC)
    assert formatting.when(sold) == "3 Nov, 19:05"
    assert formatting.when(sold, "America/New_York") == "3 Nov, 14:05"
    assert formatting.when(datetime(2025, 3, 1, 9, 0, tzinfo=UTC)) == "1 Mar 2025, 09:00"
    assert formatting.day(datetime(2026, 11, 4, 2, 0, tzinfo=UTC), "America/New_York") == "3 Nov"
    assert formatting.day(date(2027, 1, 5)) == "5 Jan 2027"


@pytest.mark.parametrize(
    ("zone", "words"),
    [("America/New_York", "New York time"), ("UTC", "UTC"),
     ("America/Argentina/Ushuaia", "Ushuaia time")],
)  # fmt: skip
def test_zones_are_named_by_their_city(zone, words):
    assert formatting.zone_name(zone) == words


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        formatting.when(datetime(2026, 11, 3))  # noqa: DTZ001 (that is the point)


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        ("2026-11-12T19:04:40Z", "just now"),
        ("2026-11-12T19:00Z", "5 min"),
        ("2026-11-12T00:00Z", "19 h"),
        ("2026-11-10T09:41Z", "2 d"),
    ],
)
def test_how_long_ago(earlier, words):
    assert formatting.ago(datetime.fromisoformat(earlier)) == words


def test_avatars_have_two_letters():
    assert formatting.initials("Maya Lindqvist") == "ML"
    assert formatting.initials("@aisha") == "A"
    assert formatting.initials("") == "?"
