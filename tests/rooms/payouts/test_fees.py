"""R93: what the rails take for a run, who bears it, and each rail in its own words."""

import pytest

from portal.creators.models import Rail
from portal.kernel.money import Money
from portal.paying import commands as paying
from portal.paying.models import FeeBearer
from portal.payouts import commands, fee_queries
from portal.programs import commands as programs
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World


@pytest.fixture(autouse=True)
def connected(payees: Payees, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application talks to the scripted rail, which holds 10,000 dollars."""
    rail.funds["USD"] = Money.of("10000.00 USD")
    monkeypatch.setitem(payees.world.app.extensions["portal.adapters"].rails, "stripe", rail)


def takes(payees: Payees, fees: dict[str, int], bearer: FeeBearer) -> None:
    with unit_of_work():
        paying.set_ways(
            payees.brand.id, [one.value for one in Rail], by=None, fees=fees, fee_bearer=bearer,
            uplift_bp=0,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("bearer", "words"),
    [(FeeBearer.BRAND, "borne by the brand"), (FeeBearer.CREATOR, "borne by the creators")],
)
def test_R93_the_run_keeps_its_fees_and_says_who_bears_them(
    payees: Payees, world: World, bearer: FeeBearer, words: str
) -> None:
    takes(payees, {"stripe": 290}, bearer)
    payees.owed("Ada", "10.00 USD")
    payees.owed("Eva", "30.00 USD")
    with unit_of_work():
        programs.set_minimum(payees.brand.id, Money.of("5.00 USD"), by=None)
    run = payees.draft()
    base, finn = f"/finance/glow/runs/{run.public_id}", world.finn.browser
    assert run.fees == Money.of("1.16 USD")  # 0.29 and 0.87: each rounded by itself
    finn.opens(base).sees("Fees $1 .16", words)
    finn.opens(f"{base}/check").sees("Fees", words, "$1.16")
    with unit_of_work():
        commands.submit_run(run.id, "", by=payees.finn.user_id)
        commands.approve_run(run.id, payees.again(run).control_hash, by=payees.faye.user_id)
    payees.work()
    assert payees.again(run).fees == fee_queries.taken(run) == Money.of("1.16 USD")
    finn.opens(f"{base}/result").sees("Fees $1.16", words)


def test_R93_what_a_rail_tells_later_is_added_to_the_run(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.draft()
    base, finn = f"/finance/glow/runs/{run.public_id}", world.finn.browser
    finn.opens(base).sees("Fees Later Stripe: known after sending")
    with unit_of_work():
        commands.submit_run(run.id, "", by=payees.finn.user_id)
        commands.approve_run(run.id, payees.again(run).control_hash, by=payees.faye.user_id)
    payees.work()
    finn.opens(f"{base}/result").sees("Stripe told none")
    with unit_of_work():
        assert commands.record_fee(payees.of(run, ada).id, 25, "USD")
    with unit_of_work():
        assert not commands.record_fee(payees.of(run, ada).id, 25, "USD")
    assert payees.again(run).fees == Money.of("0.25 USD")
    finn.opens(f"{base}/result").sees("Fees $0.25 borne by the brand").does_not_see("told none")


def test_each_rail_is_called_by_its_own_words(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    payees.owed("Nia", "60.00 USD", account="nia@example.com", rail=Rail.PAYPAL)
    payees.owed("Ida", "70.00 USD", account="ida", rail=Rail.CREDIT)
    takes(payees, {"paypal": 200}, FeeBearer.BRAND)
    run = payees.submitted()
    base = f"/finance/glow/runs/{run.public_id}"
    world.finn.browser.opens(base).sees("By provider $80.00", "$40.00", "$60.00", "$70.00")
    faye = world.faye.browser.opens(f"{base}/approve")
    faye.sees("By hand $40.00, paid by somebody", "By PayPal $60.00, in a file")
    faye.sees("As store credit $70.00, no money leaves").does_not_see("$170.00")
