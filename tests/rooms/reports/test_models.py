"""Models compared: each shares the same money, another way; nothing is stored."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.attribution.multi_touch import Model, Moment, weights
from portal.kernel import clock
from portal.kernel.money import Money
from portal.reports import model_queries, periods
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, clicked

DOOR = "/brand/glow/models"
moments = st.lists(
    st.builds(Moment, st.integers(1, 4), st.integers(0, 400)), min_size=1, max_size=8
)


def test_the_models_by_hand():
    path = [Moment(1, 14), Moment(2, 7), Moment(3, 0)]
    ten = Money.of("10.00 USD")

    def parts(model):
        found = weights(model, path)
        return {who: str(p) for who, p in zip(found, ten.split(list(found.values())), strict=True)}

    assert parts(Model.FIRST) == {1: "10.00 USD"}
    assert parts(Model.LAST) == {3: "10.00 USD"}
    assert parts(Model.LINEAR) == {1: "3.34 USD", 2: "3.33 USD", 3: "3.33 USD"}
    assert parts(Model.POSITION) == {1: "4.00 USD", 2: "2.00 USD", 3: "4.00 USD"}
    assert parts(Model.DECAY) == {1: "1.43 USD", 2: "2.86 USD", 3: "5.71 USD"}
    assert weights(Model.POSITION, path[:2]) == {1: 1, 2: 1}
    assert weights(Model.LINEAR, []) == {}


@given(moments, st.sampled_from(Model), st.integers(0, 10**6))
def test_every_model_shares_the_whole(path, model, minor):
    found = weights(model, path)
    parts = Money(minor, "USD").split(list(found.values()))
    assert Money.total(parts, "USD") == Money(minor, "USD")
    assert set(found) <= {one.ambassador_id for one in path}


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
