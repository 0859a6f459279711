"""Finance's home tells the age of what is payable, for each currency apart."""

import pytest

from portal.kernel import clock
from portal.kernel.money import Money
from portal.reports import finance_queries as figures
from portal.storage.unit_of_work import end_read
from tests.support.payees import Payees
from tests.support.queries import keeps_budget


@pytest.fixture
def payees(world):
    return Payees(world)


def test_ages_are_told_by_currency_and_never_summed_across(world, payees):
    ada = payees.owed("Ada", "40.00 USD")
    payees.owes(ada, "9000 JPY")
    clock.pass_days(45)
    payees.owed("Ben", "5.00 USD")
    payees.owed("Cy", "-3.00 USD")
    end_read()
    found = figures.ageing(world.glow)
    assert list(found) == ["USD", "JPY"]  # the brand's own first
    assert [str(amount) for _, amount in found["USD"] if amount] == ["5.00 USD", "40.00 USD"]
    assert sum(amount.minor for _, amount in found["JPY"]) == 9000
    assert Money.total([one for _, one in found["JPY"]], "JPY") == Money.of("9000 JPY")
    world.finn.opens("/finance/glow/").sees("Age of what is payable", "$40.00", "¥9,000")


def test_the_home_keeps_its_budget_with_two_currencies(world, payees):
    payees.owes(payees.owed("Ada", "40.00 USD"), "9000 JPY")
    keeps_budget(world.finn.browser, "/finance/glow/", most=30)
