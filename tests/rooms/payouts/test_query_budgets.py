"""How many queries finance's pages ask: lists 12, its home 17, and none while they render."""

import pytest

from portal.creators.models import Rail
from portal.kernel.errors import ProviderRefused
from portal.payouts import commands
from portal.payouts.models import PayoutRun
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.queries import keeps_budget

LIST, HOME, RUN = 12, 17, 21  # home and run also say whether the operator stopped sending


@pytest.fixture
def busy(payees: Payees, rail: ScriptedRail) -> PayoutRun:
    """A run behind, with a failure and a hand payment open, and balances payable beside it."""
    rail.script = [ProviderRefused("Closed.", code="account_closed")]
    for number in range(4):
        payees.owed(f"C{number}", "80.00 USD")
    payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    run = payees.approved()
    payees.work()
    payees.owed("Nia", "60.00 USD", account="")
    payees.owed("Ida", "70.00 USD")
    return run


def test_finance_home_asks_seventeen(payees: Payees, busy: PayoutRun) -> None:
    keeps_budget(payees.finn.browser, "/finance/glow/", most=HOME)


def test_finance_home_asks_seventeen_while_a_run_waits_for_approval(payees: Payees) -> None:
    for number in range(4):
        payees.owed(f"C{number}", "80.00 USD")
    payees.submitted()
    payees.owed("Ida", "70.00 USD")
    keeps_budget(payees.faye.browser, "/finance/glow/", most=HOME)


@pytest.mark.parametrize("page", ["runs", "commissions"])
def test_finances_lists_ask_twelve(payees: Payees, busy: PayoutRun, page: str) -> None:
    keeps_budget(payees.finn.browser, f"/finance/glow/{page}", most=LIST)


@pytest.mark.parametrize("view", ["sent", "waiting", "failed", "blocked", "held"])
def test_a_runs_lines_ask_twelve(payees: Payees, busy: PayoutRun, view: str) -> None:
    url = f"/finance/glow/runs/{busy.public_id}/items?view={view}"
    keeps_budget(payees.finn.browser, url, most=LIST)


def test_a_run_in_review_and_its_lines(payees: Payees) -> None:
    for number in range(4):
        payees.owed(f"C{number}", "80.00 USD")
    payees.owed("Nia", "60.00 USD", account="")
    run = payees.draft()
    url = f"/finance/glow/runs/{run.public_id}"
    keeps_budget(payees.finn.browser, url, most=RUN)
    for view in ("ready", "blocked", "warnings", "held"):
        keeps_budget(payees.finn.browser, f"{url}/items?view={view}", most=LIST)
    with unit_of_work():
        commands.submit_run(run.id, "", by=payees.finn.user_id)
    keeps_budget(payees.faye.browser, f"{url}/approve", most=RUN)
