"""Many at once: one balance is spent once, one run is opened, one approval counts.

Run on both databases: PORTAL_TEST_DATABASE=postgresql.
"""

from collections.abc import Callable
from typing import Any

from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.payouts import commands, jobs, queries
from portal.payouts.models import Payout, PayoutRun, PayoutStatus, RunStatus
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.at_once import outcomes
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.proof import confirms
from tests.support.world import World

EIGHT, TWENTY = 8, 20


def failed_run(payees: Payees, creator_id: int, amount: Money) -> int:
    """A run that is over, in which one payout failed and may be sent again."""
    with unit_of_work():
        run = PayoutRun(
            brand_id=payees.brand.id, currency="USD", label="Before", cutoff_at=clock.now(),
            created_at=clock.now(), status=RunStatus.COMPLETED_WITH_FAILURES,
            approved_by=payees.faye.user_id, approved_at=clock.now(),
        )  # fmt: skip
        db.session.add(run)
        db.session.flush()
        db.session.add(
            Payout(
                run_id=run.id,
                brand_id=payees.brand.id,
                creator_id=creator_id,
                creator_name="Ada",
                status=PayoutStatus.FAILED,
                currency="USD",
                amount_minor=amount.minor,
                is_retryable=True,
                rail="stripe",
                account_ref="acct_ada",
                account_changed_at=clock.now(),
            )
        )
        return run.id


def test_one_balance_of_50_pays_one_of_eight_payouts_of_40(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "50.00 USD")
    runs = [failed_run(payees, ada.id, Money.of("40.00 USD")) for _ in range(EIGHT)]
    finn = world.finn.user_id

    def pays(run_id: int) -> Callable[[], str]:
        def deed() -> str:
            with unit_of_work():
                commands.retry_failed(run_id, by=finn)
            payout_id = queries.batch_of(run_id, PayoutStatus.QUEUED, 0, 1)[0]
            jobs.send_payout(payout_id, {"stripe": rail}, "test")
            return "paid"

        return deed

    assert outcomes(world.app, [pays(run_id) for run_id in runs]) == {"paid": 1, "Conflict": 7}
    assert [t.amount for t in rail.made.values()] == [Money.of("40.00 USD")]
    assert payees.balances(ada) == {"payable": 1000, "committed": 0, "paid": 4000}
    assert books.violations() == []


def test_reserving_alone_lets_one_of_eight_through(payees: Payees, world: World) -> None:
    ada = payees.owed("Ada", "50.00 USD")
    runs = [failed_run(payees, ada.id, Money.of("40.00 USD")) for _ in range(EIGHT)]
    ids = [queries.batch_of(run_id, PayoutStatus.FAILED, 0, 1)[0] for run_id in runs]

    def reserves(payout_id: int) -> Callable[[], str]:
        def deed() -> str:
            with unit_of_work():
                commands.reserve(payout_id)
            return "reserved"

        return deed

    found = outcomes(world.app, [reserves(payout_id) for payout_id in ids])
    assert found == {"reserved": 1, "Overdrawn": 7}
    assert payees.balances(ada) == {"payable": 1000, "committed": 4000, "paid": 0}


def test_p5_a_run_started_twice_at_once_is_one_run(payees: Payees, world: World) -> None:
    payees.owed("Ada", "80.00 USD")
    brand_id, finn = payees.brand.id, world.finn.user_id

    def drafts() -> str:
        with unit_of_work():
            run = commands.draft_run(brand_id, "USD", "March", clock.now(), by=finn)
            commands.calculate(run.id, by=finn)
        return "drafted"

    assert outcomes(world.app, [drafts] * EIGHT) == {"drafted": 1, "Conflict": 7}
    db.session.remove()
    assert db.session.query(PayoutRun).count() == 1
    assert db.session.query(Payout).count() == 1


def test_one_payout_is_claimed_by_one_of_eight_workers(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
    payout_id = payees.of(run, ada).id

    def sends() -> str:
        jobs.send_payout(payout_id, {"stripe": rail}, "test")
        return "done"

    assert outcomes(world.app, [sends] * EIGHT) == {"done": EIGHT}
    assert len(rail.made) == 1
    assert payees.balances(ada) == {"payable": 0, "committed": 0, "paid": 8000}
    assert queries.violations() == []


def test_p6_twenty_presses_of_approve_are_one_approval(
    payees: Payees, world: World, rail: ScriptedRail, monkeypatch: Any
) -> None:
    monkeypatch.setitem(world.app.extensions["portal.adapters"].rails, "stripe", rail)
    rail.funds["USD"] = Money.of("10000.00 USD")
    payees.owed("Ada", "80.00 USD")
    run = payees.submitted()
    url = f"/finance/glow/runs/{run.public_id}/approve"
    cookies = []
    for member in (world.faye, world.member("Fay2", "finance.approver", brand=payees.brand)):
        browser = member.opens(url).presses("Approve $80.00")
        confirms(browser).sees("Approve March 2026")
        token = browser.page.find("input", attrs={"name": "csrf_token"})["value"]
        cookies.append((browser.client.get_cookie("vouch").value, token))
    form = {"control_hash": run.control_hash, "net_minor": "8000"}

    def presses(cookie: str, token: str) -> Callable[[], str]:
        def deed() -> str:
            client = world.app.test_client()
            client.set_cookie("vouch", cookie)
            return str(client.post(url, data={**form, "csrf_token": token}).status_code)

        return deed

    deeds = [presses(*cookies[number % 2]) for number in range(TWENTY)]
    assert outcomes(world.app, deeds) == {"303": 1, "409": TWENTY - 1}
    approved = payees.again(run)
    assert (approved.status, approved.approved_by is not None) == (RunStatus.APPROVED, True)
