"""One contract for every rail: the scripted one of the tests and Stripe's, at the simulator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from portal.demo.stripe_simulator import running
from portal.kernel.errors import ProviderRefused
from portal.kernel.money import Money
from portal.payouts.provider import AccountState, PayoutProvider
from tests.support.fakes.payouts import ScriptedRail
from tests.support.stripe import Simulator, transfer

FORTY = Money.of("40.00 USD")


@dataclass
class Case:
    """A rail holding 100.00 USD, and how to make an account payable or put funds in."""

    rail: PayoutProvider
    onboard: Callable[[str], None]
    holds: Callable[[int], None]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture(params=["scripted", "stripe"])
def case(request: pytest.FixtureRequest, base_url: str) -> Case:
    if request.param == "stripe":
        simulator = Simulator(base_url)
        simulator.reset()
        simulator.holds(10_000)
        return Case(simulator.rail(), simulator.onboard, simulator.holds)
    fake = ScriptedRail(funds={"USD": Money.of("100.00 USD")})

    def onboard(account: str) -> None:
        fake.accounts[account] = AccountState("payable", (), "••6789", "US")

    def holds(minor: int) -> None:
        fake.funds["USD"] = Money(minor, "USD")

    return Case(fake, onboard, holds)


def account(case: Case, creator: str = "crt_1", *, is_payable: bool = True) -> str:
    made = case.rail.create_account(email="a@example.com", country="US", creator=creator)
    if is_payable:
        case.onboard(made)
    return made


def test_a_transfer_is_made_once_per_key(case: Case) -> None:
    order = transfer(account(case), FORTY)
    first = case.rail.send(order, idempotency_key=order.key)
    assert case.rail.send(order, idempotency_key=order.key) == first
    assert case.rail.balance("USD") == Money.of("60.00 USD")
    assert [t.provider_ref for t in case.rail.transfers_of("run_1")] == [first]


def test_a_transfer_is_found_by_its_payout_and_by_its_run(case: Case) -> None:
    order = transfer(account(case), FORTY)
    assert case.rail.find(order) is None
    reference = case.rail.send(order, idempotency_key=order.key)
    assert case.rail.find(order) == reference
    assert case.rail.find(transfer(order.destination, FORTY, payout="po_2")) is None
    (found,) = case.rail.transfers_of("run_1")
    assert (found.payout, found.attempt, found.amount) == ("po_1", 1, FORTY)
    assert list(case.rail.transfers_of("run_2")) == []


def refused(case: Case, order: Any) -> ProviderRefused:
    with pytest.raises(ProviderRefused) as caught:
        case.rail.send(order, idempotency_key=order.key)
    return caught.value


def test_an_account_that_is_not_payable_is_refused_and_the_key_remembers(case: Case) -> None:
    payee = account(case, is_payable=False)
    order = transfer(payee, FORTY)
    assert refused(case, order).code == "account_restricted"
    case.onboard(payee)
    assert refused(case, order).code == "account_restricted"  # the stored answer of this key
    again = transfer(payee, FORTY, attempt=2)
    assert case.rail.send(again, idempotency_key=again.key)
    assert case.rail.balance("USD") == Money.of("60.00 USD")


def test_too_little_balance_is_refused_for_this_transfer_alone(case: Case) -> None:
    payee = account(case)
    large = transfer(payee, Money.of("100.01 USD"))
    assert refused(case, large).code == "insufficient_funds"
    small = transfer(payee, FORTY, payout="po_2")
    assert case.rail.send(small, idempotency_key=small.key)


def test_an_account_is_made_once_and_says_what_it_lacks(case: Case) -> None:
    payee = account(case, is_payable=False)
    assert account(case, is_payable=False) == payee
    before = case.rail.account_state(payee)
    assert (before.state, bool(before.missing)) == ("not_payable", True)
    link = case.rail.onboarding_link(
        payee, return_url="http://localhost/back", refresh_url="http://localhost/again"
    )
    assert link.startswith("http")
    case.onboard(payee)
    assert case.rail.account_state(payee).state == "payable"
    assert case.rail.account_state("acct_unknown").state == "disconnected"


def test_a_currency_it_does_not_hold_is_zero(case: Case) -> None:
    assert case.rail.balance("JPY") == Money.zero("JPY")
