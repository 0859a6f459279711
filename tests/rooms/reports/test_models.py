"""Models compared: each shares the same money, another way; nothing is stored."""

from datetime import timedelta

import pytest

from portal.kernel import clock
from portal.kernel.money import Money
from portal.reports import model_queries, periods
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, clicked

DOOR = "/brand/glow/models"


@pytest.fixture
def sold(world):
    """One order of Ada alone, and one by her code after Ben's and Cleo's clicks."""
    program = a_program(world.glow)
    _ada, ben, cleo = (an_ambassador(program, name) for name in ("Ada", "Ben", "Cleo"))
    shop = Shop(world.glow)
    shop.sells("50.00 USD", "ADA15")
    first = clicked(ben)
    clock.pass_days(7)
    second = clicked(cleo, previous_id=first)
    clock.pass_time(timedelta(hours=1))
    shop.sells("100.00 USD", "ADA15", click_id=str(second))
    return world.glow


def test_what_each_would_have_paid(sold):
    (found,), shared = model_queries.compare(sold.id, periods.until_today(30, "America/New_York"))
    assert (shared, str(found.total), found.creators) == (1, "15.00 USD", 3)
    table = {
        line.name.split()[0]: [str(line.amounts[c]).split()[0] for c in model_queries.COLUMNS]
        for line in found.lines
    }
    assert table == {
        "Ada": ["15.00", "5.00", "15.00", "8.34", "9.00", "9.00"],
        "Ben": ["0.00", "10.00", "0.00", "3.33", "4.00", "2.00"],
        "Cleo": ["0.00", "0.00", "0.00", "3.33", "2.00", "4.00"],
    }  # fmt: skip
    for column in model_queries.COLUMNS:
        assert Money.total((line.amounts[column] for line in found.lines), "USD") == found.total


def test_the_page_and_its_file(world, sold):
    mona = world.mona.opens(DOOR).sees("Several creators had a part in 1 order", "$15.00", "$8.34")
    assert "Ada Example,USD,15.00,5.00,15.00,8.34,9.00,9.00" in mona.client.get(
        f"{DOOR}/models.csv"
    ).get_data(as_text=True)
    world.rae.browser.opens(DOOR, status=404)


def test_an_empty_period(world):
    a_program(world.glow)
    world.mona.opens(f"{DOOR}?days=7").sees("No credited orders in this period")
    world.mona.opens(f"{DOOR}?days=²").sees("No credited orders in this period")
