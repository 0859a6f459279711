"""The operator stops all sending: nothing leaves, nothing is lost, and releasing starts only what
went on before."""

from __future__ import annotations

import pytest

from portal.audit import queries as audit
from portal.creators.models import Rail
from portal.jobs.commands import cancel
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, ProviderUnavailable
from portal.kernel.money import Money
from portal.ledger import queries as books
from portal.payouts import commands, jobs, queries
from portal.payouts import waiting_queries as waits
from portal.payouts.models import PayoutStatus, RunStatus
from portal.payouts.provider import Receipt, Transfer
from portal.sending_stops import commands as stops
from portal.sending_stops import queries as standing
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.proof import confirms
from tests.support.world import World

WHY = "We look into a leaked key."


@pytest.fixture(autouse=True)
def connected(payees: Payees, rail: ScriptedRail, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application talks to the scripted rail, which holds 10,000 dollars."""
    rail.funds["USD"] = Money.of("10000.00 USD")
    monkeypatch.setitem(payees.world.app.extensions["portal.adapters"].rails, "stripe", rail)


@pytest.fixture
def olga(world: World) -> int:
    return world.olga.user_id


def stopped(by: int) -> int:
    with unit_of_work():
        return stops.stop_all(WHY, by=by).id


def released(stop_id: int, by: int) -> int:
    with unit_of_work():
        return commands.release_sending(stop_id, by=by)


def test_nothing_is_sent_while_it_is_on_and_everything_afterwards(
    payees: Payees, rail: ScriptedRail, olga: int
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    stop = stopped(olga)
    payees.work()
    jobs.resolve_waiting()
    payees.work()
    assert (rail.made, payees.again(run).status) == ({}, RunStatus.APPROVED)
    assert released(stop, olga) == 1
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED
    assert payees.balances(ada)["paid"] == 8_000


class Stopping(ScriptedRail):
    """A rail at whose first call an operator stops all sending."""

    def __init__(self, world: World, by: int) -> None:
        super().__init__()
        self.world, self.by = world, by

    def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:
        with self.world.app.app_context():
            if not standing.is_stopped():
                stopped(self.by)
            db.session.remove()
        return super().send(transfer, idempotency_key=idempotency_key)


def test_what_is_with_the_rail_is_finished_and_recorded(
    payees: Payees, world: World, olga: int
) -> None:
    """It is pressed while the first of two calls is under way, one payout a job."""
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD")
    payees.use(rail := Stopping(world, olga))
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
        cancel(f"run:{run.id}:execute")
    for creator in (ada, eva):
        jobs.send_payout(payees.of(run, creator).id, {"stripe": rail}, "test")
    assert [payees.of(run, one).status for one in (ada, eva)] == [
        PayoutStatus.SENT, PayoutStatus.QUEUED,
    ]  # fmt: skip
    assert payees.again(run).status is RunStatus.EXECUTING
    assert not waits.is_executing(run.id)
    stop = standing.standing()
    released(stop.id, olga)
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED
    assert [one.amount.minor for one in rail.made.values()] == [8_000, 5_000]
    assert books.violations() + queries.violations() == []


def test_p2_a_lost_answer_is_asked_for_and_not_sent_again(
    payees: Payees, rail: ScriptedRail, olga: int
) -> None:
    """The rail never got the call: finding nothing there would send it, were it not stopped."""
    ada = payees.owed("Ada", "80.00 USD")
    rail.script = [ProviderUnavailable("No answer.")]
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
        cancel(f"run:{run.id}:execute")
    line = payees.of(run, ada).id
    jobs.send_payout(line, {"stripe": rail}, "test")
    assert payees.of(run, ada).status is PayoutStatus.UNKNOWN
    stop = stopped(olga)
    payees.work()
    assert (payees.of(run, ada).status, rail.made) == (PayoutStatus.UNKNOWN, {})
    released(stop, olga)
    payees.work()
    assert payees.of(run, ada).status is PayoutStatus.SENT
    assert list(rail.keys) == [f"test:payout:{line}:1"]


def test_releasing_sends_nothing_that_people_paused_or_that_is_not_due(
    payees: Payees, rail: ScriptedRail, olga: int
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
    stop = stopped(olga)
    with unit_of_work():
        commands.pause(run.id, by=payees.faye.user_id)
    assert released(stop, olga) == 0
    payees.work()
    assert (rail.made, payees.again(run).status) == ({}, RunStatus.PAUSED)


def test_approving_resuming_and_downloading_are_refused_with_who_and_why(
    payees: Payees, world: World, olga: int
) -> None:
    payees.owed("Ada", "80.00 USD")
    payees.owed("Ola", "40.00 USD", account="IBAN by mail", rail=Rail.MANUAL)
    run = payees.submitted()
    stopped(olga)
    for act in (
        lambda: commands.approve_run(run.id, run.control_hash, by=payees.faye.user_id),
        lambda: standing.refuse("download this file"),
    ):
        with pytest.raises(Conflict, match="stopped all sending: We look into") as said:
            with unit_of_work():
                act()
        assert "Olga" in said.value.message
    base, faye = f"/finance/glow/runs/{run.public_id}", world.faye.browser
    for page in ("/finance/glow", "/finance/glow/runs", base, f"{base}/items", f"{base}/approve"):
        faye.opens(page).sees("Olga", "stopped all sending", WHY)
    confirms(faye.opens(f"{base}/approve").presses("Approve $120.00"))
    faye.presses("Approve $120.00", status=409).sees("You can approve this run once sending")
    world.mona.opens("/brand/glow").does_not_see(WHY)


def test_the_operator_looks_proves_herself_stops_and_releases(
    payees: Payees, world: World, rail: ScriptedRail
) -> None:
    payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
    olga = world.olga.browser
    olga.opens("/operator").sees("Payouts are sent").follows("Sending")
    olga.sees("Being sent", "1 run, 1 payout", "USD 80.00", "Sending was never stopped")
    olga.presses("Stop all sending", status=422).sees("Write a reason")
    confirms(olga.fills("Reason", WHY).presses("Stop all sending"))
    assert not standing.is_stopped()
    assert olga.field("Reason").get_text().strip() == WHY
    olga.presses("Stop all sending").sees("All sending is stopped", "They go on by themselves")
    olga.opens("/operator").sees("stopped all sending", "Stopped")
    progress = f"/finance/glow/runs/{run.public_id}/progress"
    world.finn.browser.opens(progress).sees("Nothing is sent.", WHY)
    olga.opens("/operator/sending").presses("Release all sending").sees("1 run goes on.")
    payees.work()
    assert payees.again(run).status is RunStatus.COMPLETED
    trail = audit.history_of("sending", standing.latest()[0].id)
    assert [one.act for one in trail] == ["sending.stopped", "sending.released"]
    world.finn.browser.opens("/operator/sending", status=403)


def test_one_stop_stands_at_a_time_and_each_has_a_reason(world: World, olga: int) -> None:
    with pytest.raises(InvalidInput), unit_of_work():
        stops.stop_all(" ", by=olga)
    first = stopped(olga)
    with pytest.raises(Conflict, match="stopped already"):
        stopped(olga)
    clock.pass_days(1)
    released(first, olga)
    with pytest.raises(Conflict, match="released already"):
        released(first, olga)
    assert [one.id for one in standing.latest()] == [first]
    assert standing.words() == ""
