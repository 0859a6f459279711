"""Lines of a run in review: left to the next run, or paid another way before anybody submits."""

from datetime import date, timedelta

import pytest

from portal.creators.models import Rail
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.payouts import commands, queries
from portal.payouts.models import PayoutStatus, RunStatus
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tax.models import TaxEntry
from tests.support.payees import Payees
from tests.support.proof import confirms
from tests.support.world import World


def test_what_is_left_to_the_next_run_stays_out_and_is_paid_by_it(
    payees: Payees, world: World
) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD", account="")
    payees.owed("Ola", "30.00 USD")
    run, finn = payees.draft(), world.finn.user_id
    with pytest.raises(InvalidInput), unit_of_work():
        commands.roll_over(run.id, payees.of(run, ada).id, " ", by=finn)
    for one in (ada, eva):
        with unit_of_work():
            commands.roll_over(run.id, payees.of(run, one).id, "We settle this by mail.", by=finn)
    payees.owes(ada, "1.00 USD")
    with unit_of_work():
        commands.calculate(run.id, by=finn)
    left = payees.of(run, ada)
    assert (left.status, left.amount) == (PayoutStatus.ROLLED_OVER, Money.of("80.00 USD"))
    assert payees.again(run).net == Money.of("30.00 USD")
    with pytest.raises(Conflict), unit_of_work():
        commands.hold(run.id, left.id, "Too late", by=finn)
    with unit_of_work():
        commands.cancel(run.id, by=finn)
    assert payees.of(run, ada).status is PayoutStatus.ROLLED_OVER
    assert payees.of(payees.draft(label="April"), ada).amount == Money.of("81.00 USD")
    assert queries.violations() == []


def test_a_ready_payout_is_paid_another_way_by_a_second_person(
    payees: Payees, world: World
) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD")
    ola = payees.owed("Ola", "30.00 USD")
    run, faye = payees.draft(), world.faye.user_id
    with pytest.raises(NotAllowed), unit_of_work():
        commands.mark_outside(run.id, payees.of(run, ada).id, "Wire 1", by=world.finn.user_id)
    last_year = clock.today("UTC") - timedelta(days=80)
    for one, reference in ((ada, "Wire 1"), (eva, "Wire 2")):
        with unit_of_work():
            commands.mark_outside(
                run.id, payees.of(run, one).id, reference, by=faye, on=last_year, note="By phone"
            )
    assert payees.balances(ada) == {"payable": 0, "committed": 0, "paid": 8000}
    assert (payees.again(run).net, payees.again(run).payout_count) == (Money.of("30.00 USD"), 1)
    entry = db.session.query(TaxEntry).filter_by(creator_id=ada.id).one()
    assert (entry.paid_on, entry.rail) == (last_year, "manual")
    with unit_of_work():
        commands.calculate(run.id, by=world.finn.user_id)
    assert payees.of(run, ada).status is PayoutStatus.MARKED_OUTSIDE
    with unit_of_work():
        run = commands.submit_run(run.id, "", by=world.finn.user_id)
    with pytest.raises(NotAllowed, match="You marked payouts"), unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=faye)
    second = world.member("Bo", "finance.approver", brand=payees.brand)
    with unit_of_work():
        commands.approve_run(run.id, run.control_hash, by=second.user_id)
    payees.work()
    assert payees.of(run, ola).status is PayoutStatus.SENT
    assert payees.again(run).status is RunStatus.COMPLETED
    page = world.finn.browser.opens(f"/finance/glow/runs/{run.public_id}/result")
    page.sees("Sent to 1 of 1 creator", "Paid another way before")
    assert queries.violations() == []


def test_a_second_person_who_then_prepares_marks_nothing_more(payees: Payees, world: World) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD")
    run, faye = payees.draft(), world.faye.user_id
    with unit_of_work():
        commands.mark_outside(run.id, payees.of(run, ada).id, "Wire 1", by=faye)
    with unit_of_work():
        commands.calculate(run.id, by=faye)
    with pytest.raises(NotAllowed, match="You prepared"), unit_of_work():
        commands.mark_outside(run.id, payees.of(run, eva).id, "Wire 2", by=faye)


@pytest.mark.parametrize("day", [date(2000, 1, 1), date(2190, 1, 1)])
def test_a_day_that_cannot_be_is_refused(payees: Payees, world: World, day: date) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    run = payees.draft()
    line = payees.of(run, ada).id
    with pytest.raises(InvalidInput), unit_of_work():
        commands.mark_outside(run.id, line, "Wire 1", by=world.faye.user_id, on=day)


def test_neither_what_is_blocked_nor_more_than_is_owed_is_marked(
    payees: Payees, world: World
) -> None:
    ada, eva = payees.owed("Ada", "80.00 USD"), payees.owed("Eva", "50.00 USD", account="")
    run, faye = payees.draft(), world.faye.user_id
    with pytest.raises(Conflict), unit_of_work():
        commands.mark_outside(run.id, payees.of(run, eva).id, "Wire 1", by=faye)
    payees.owes(ada, "-1.00 USD")
    with pytest.raises(Conflict, match="lowered"), unit_of_work():
        commands.mark_outside(run.id, payees.of(run, ada).id, "Wire 1", by=faye)
    assert payees.balances(ada) == {"payable": 7900, "committed": 0, "paid": 0}


def test_finance_does_both_on_a_payouts_page_and_the_creator_reads_it(
    payees: Payees, world: World
) -> None:
    ada = payees.owed("Ada", "80.00 USD")
    eva = payees.owed("Eva", "50.00 USD", rail=Rail.STRIPE)
    run = payees.draft()
    items = f"/finance/glow/runs/{run.public_id}/items"
    finn, faye = world.finn.browser, world.faye.browser
    finn.opens(f"{items}/{payees.of(run, eva).public_id}").sees("Ready")
    finn.presses("Leave to the next run", status=422).sees("Write a reason.")
    finn.fills("Reason for the creator", "We settle the sample first.")
    finn.presses("Leave to the next run").sees("Eva is left to the next run", "Taken out")
    url = f"{items}/{payees.of(run, ada).public_id}"
    finn.opens(url).posts(f"{url}/outside", {"reference": "Wire 7"}, status=403)
    faye.opens(url).sees("somebody else has to approve it, and nobody else can now")
    faye.fills("Reference of the payment", "Wire 7").fills("Paid on", "2199-01-01")
    faye.presses("Mark $80.00 as paid")
    confirms(faye)
    assert faye.field("Paid on")["value"] == "2199-01-01"
    faye.presses("Mark $80.00 as paid", status=422).sees("Choose today or a day before")
    day = clock.today("UTC") - timedelta(days=2)
    faye.fills("Paid on", day.isoformat()).fills("Note", "By phone").presses("Mark $80.00 as paid")
    faye.sees("Ada was paid another way", "By phone", "Marked outside")
    told = world.signed_in("eva@example.com").opens("/creator/payouts").sees("In the next payout")
    told.follows("March 2026").sees("We settle the sample first.", "Left to the next payout")
    told.does_not_see("Approved")
    ada_reads = world.signed_in("ada@example.com").opens("/creator/payouts").sees("Paid")
    ada_reads.follows("March 2026").sees("Paid another way on")
