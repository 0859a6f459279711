"""The real SDK against the simulator's faults: lost answers, busy answers, refusals (P2–P4)."""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest

from portal.demo.stripe_simulator import running
from portal.integrations.stripe.rail import StripeRail, from_stripe, to_stripe
from portal.kernel.errors import ProviderRefused, ProviderUnavailable
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.payouts import commands, jobs, queries
from portal.payouts.models import PayoutStatus, RunStatus
from portal.payouts.provider import ProviderBusy
from portal.storage.unit_of_work import unit_of_work
from tests.support.payees import Payees
from tests.support.stripe import Simulator, transfer
from tests.support.world import World

TIMEOUT_SECONDS, TOO_LATE, LONGEST_SECONDS = 2.0, 2.5, 60


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def simulator(base_url: str) -> Simulator:
    made = Simulator(base_url)
    made.reset()
    return made


@pytest.fixture
def stripe_payees(payees: Payees, simulator: Simulator) -> Payees:
    payees.use(simulator.rail(TIMEOUT_SECONDS))
    return payees


def owed(payees: Payees, simulator: Simulator, name: str, amount: str) -> object:
    return payees.owed(name, amount, account=simulator.account(name))


def agrees(payees: Payees, simulator: Simulator, run: object) -> None:
    """Every creator was paid exactly once, and the ledger says what the simulator says."""
    state = simulator.state()
    by_payout = Counter(t["metadata"]["payout"] for t in state["transfers"])
    assert set(by_payout.values()) <= {1}
    jobs.reconcile_run(run.id, {"stripe": simulator.rail()}, "test")  # type: ignore[attr-defined]
    assert payees.again(run).difference_minor == 0  # type: ignore[arg-type]
    assert books.violations() + queries.violations() == []


def wait_for_the_first_call(simulator: Simulator) -> None:
    """The simulator is still busy with it, in real time; a delay alone ends in a transfer."""
    until = time.monotonic() + LONGEST_SECONDS
    while not simulator.state()["transfers"]:
        assert time.monotonic() < until, "the call that came late was never done"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("when", "action"), list(product(["before", "during", "after"], ["drop", "500", "delay"]))
)
def test_p2_nine_ambiguous_answers_resolve_themselves(
    stripe_payees: Payees, simulator: Simulator, when: str, action: str
) -> None:
    ada = owed(stripe_payees, simulator, "Ada", "80.00 USD")
    run = stripe_payees.approved()
    delay = {"delay": TOO_LATE} if action == "delay" or when == "during" else {}
    simulator.fails(action, when=when, **delay)
    stripe_payees.world.settle()
    assert stripe_payees.of(run, ada).status is PayoutStatus.UNKNOWN
    if delay:
        wait_for_the_first_call(simulator)
    stripe_payees.work()
    assert stripe_payees.of(run, ada).status is PayoutStatus.SENT
    assert len(simulator.state()["transfers"]) == 1
    agrees(stripe_payees, simulator, run)


@pytest.mark.parametrize("action", ["429", "409", "503"])
def test_p3_busy_answers_back_off_and_nobody_is_marked_failed(
    stripe_payees: Payees, simulator: Simulator, action: str
) -> None:
    people = [owed(stripe_payees, simulator, f"C{n}", "30.00 USD") for n in range(4)]
    run = stripe_payees.approved()
    simulator.fails(action, times=9)
    stripe_payees.work()
    stripe_payees.work()
    assert stripe_payees.again(run).status is RunStatus.COMPLETED
    assert {stripe_payees.of(run, p).status for p in people} == {PayoutStatus.SENT}
    assert {stripe_payees.of(run, p).attempt for p in people} == {1}
    assert max(simulator.state()["keys"].values()) > 1  # the same key, again and again
    agrees(stripe_payees, simulator, run)


def test_p4_refusals_fail_exactly_those_and_a_retry_after_the_fix_has_a_new_key(
    stripe_payees: Payees, simulator: Simulator, world: World
) -> None:
    closed = simulator.account("closed", is_payable=False)
    good = [owed(stripe_payees, simulator, f"G{n}", "30.00 USD") for n in range(3)]
    bad = stripe_payees.owed("Bad", "30.00 USD", account=closed)
    gone = stripe_payees.owed("Gone", "30.00 USD", account="acct_nobody")
    simulator.holds(7_000)  # enough for two of the three
    run = stripe_payees.approved()
    stripe_payees.work()
    statuses = Counter(stripe_payees.of(run, p).status for p in good)
    assert statuses == {PayoutStatus.SENT: 2, PayoutStatus.FAILED: 1}
    assert stripe_payees.of(run, bad).refusal_code == "account_restricted"
    assert stripe_payees.of(run, gone).refusal_code == "no_account"
    poor = next(p for p in good if stripe_payees.of(run, p).status is PayoutStatus.FAILED)
    assert stripe_payees.of(run, poor).refusal_code == "insufficient_funds"
    simulator.holds(100_000)
    simulator.onboard(closed)
    with unit_of_work():
        assert commands.retry_failed(run.id, by=world.finn.user_id) == (2, 1)
    stripe_payees.work()
    assert stripe_payees.of(run, poor).status is PayoutStatus.SENT
    assert stripe_payees.of(run, bad).status is PayoutStatus.SENT
    keys = simulator.state()["keys"]
    for person in (poor, bad):
        payout_id = stripe_payees.of(run, person).id
        assert {f"test:payout:{payout_id}:1", f"test:payout:{payout_id}:2"} <= set(keys)
    agrees(stripe_payees, simulator, run)


def test_a_transfer_carries_its_run_payout_attempt_and_instance(
    stripe_payees: Payees, simulator: Simulator
) -> None:
    ada = owed(stripe_payees, simulator, "Ada", "80.00 USD")
    run = stripe_payees.approved()
    stripe_payees.work()
    (made,) = simulator.state()["transfers"]
    assert made["transfer_group"] == run.public_id
    assert made["metadata"] == {
        "payout": stripe_payees.of(run, ada).public_id,
        "attempt": "1",
        "instance": "test",
    }


# ---- errors, one by one
def raised(simulator: Simulator, action: str, **more: object) -> Exception:
    order = transfer(simulator.account(), Money.of("10.00 USD"))
    simulator.fails(action, **more)  # type: ignore[arg-type]
    with pytest.raises((ProviderRefused, ProviderUnavailable)) as caught:
        simulator.rail(TIMEOUT_SECONDS).send(order, idempotency_key=order.key)
    return caught.value


def test_too_many_requests_say_when_to_come_back(simulator: Simulator) -> None:
    error = raised(simulator, "429", headers={"Retry-After": "17"})
    assert isinstance(error, ProviderBusy)
    assert error.retry_after == 17


@pytest.mark.parametrize("action", ["500", "503", "409", "drop"])
def test_what_is_unclear_is_never_a_refusal(simulator: Simulator, action: str) -> None:
    error = raised(simulator, action)
    assert isinstance(error, ProviderUnavailable)
    assert not isinstance(error, ProviderBusy)


def test_a_key_reused_with_other_figures_is_unclear_not_refused(simulator: Simulator) -> None:
    account, rail = simulator.account(), simulator.rail()
    first, second = (transfer(account, Money.of(f"{n}.00 USD")) for n in (10, 11))
    rail.send(first, idempotency_key=first.key)
    with pytest.raises(ProviderUnavailable):
        rail.send(second, idempotency_key=first.key)
    assert len(simulator.state()["transfers"]) == 1


def test_a_wrong_key_of_ours_fails_no_payout(simulator: Simulator) -> None:
    order = transfer(simulator.account(), Money.of("10.00 USD"))
    wrong = StripeRail("pk_wrong", simulator.base_url, "test")
    with pytest.raises(ProviderUnavailable, match="does not accept the portal's key"):
        wrong.send(order, idempotency_key=order.key)


def test_a_run_of_many_pages_is_listed_whole(simulator: Simulator) -> None:
    account, rail = simulator.account(), simulator.rail()
    for number in range(103):
        order = transfer(account, Money(1, "USD"), payout=f"po_{number}")
        rail.send(order, idempotency_key=order.key)
    assert len({found.payout for found in rail.transfers_of("run_1")}) == 103


@pytest.mark.parametrize(
    ("ours", "stripes"),
    [
        ("12.34 USD", 1234),
        ("500 JPY", 500),
        ("12.340 KWD", 12340),
        ("500 ISK", 50000),
        ("500 UGX", 50000),
        ("12.00 MGA", 12),
    ],
)
def test_mistake_15_amounts_are_counted_as_stripe_counts_them(ours: str, stripes: int) -> None:
    amount = Money.of(ours)
    assert to_stripe(amount) == stripes
    assert from_stripe(stripes, amount.currency) == amount


@pytest.mark.parametrize("amount", ["12.341 KWD", "12.50 MGA"])
def test_an_amount_stripe_cannot_carry_is_refused_here(amount: str) -> None:
    with pytest.raises(ProviderRefused) as caught:
        to_stripe(Money.of(amount))
    assert caught.value.code == "invalid_currency"
