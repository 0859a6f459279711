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
    assert [(words, str(amount)) for words, amount in found["USD"] if amount] == [
        ("0–30 days", "5.00 USD"), ("31–60 days", "40.00 USD"), ("Below zero", "-3.00 USD"),
        ("Payable", "42.00 USD"),
    ]  # fmt: skip
    *ages, payable = found["JPY"]
    assert payable == ("Payable", Money.of("9000 JPY"))
    assert Money.total([one for _, one in ages], "JPY") == Money.of("9000 JPY")
    page = world.finn.opens("/finance/glow/").sees("Age of what is payable", "$40.00", "¥9,000")
    page.sees("Below zero", "−$3.00", "$42.00")


def test_the_home_keeps_its_budget_with_two_currencies(world, payees):
    payees.owes(payees.owed("Ada", "40.00 USD"), "9000 JPY")
    keeps_budget(world.finn.browser, "/finance/glow/", most=30)
