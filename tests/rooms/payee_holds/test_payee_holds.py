"""Finance holds a payee as a whole: runs leave her out until somebody releases her."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.kernel.errors import Conflict, InvalidInput
from portal.payee_holds import commands, queries
from portal.payouts import commands as payouts
from portal.payouts.models import BlockedReason, PayoutStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.at_once import done
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees

WHY = "The invoice she sent is being checked."


@pytest.fixture
def payees(world):
    made = Payees(world, ScriptedRail())
    made.use(made.rail)
    return made


def held(payees, creator, reason=WHY):
    with unit_of_work():
        commands.hold(payees.brand.id, creator.id, reason, by=payees.finn.user_id)
    end_read()


def released(payees, creator):
    with unit_of_work():
        commands.release(payees.brand.id, creator.id, by=payees.faye.user_id)
    end_read()


def test_R83_a_run_leaves_her_out_until_she_is_released(payees):
    ada, bea = payees.owed("Ada", "80.00 USD"), payees.owed("Bea", "50.00 USD")
    held(payees, ada)
    run = payees.draft()
    line = payees.of(run, ada)
    assert (line.status, line.blocked_reason) == (PayoutStatus.BLOCKED, BlockedReason.HELD)
    assert payees.of(run, bea).status is PayoutStatus.READY
    released(payees, ada)
    with unit_of_work():
        payouts.calculate(run.id, by=payees.finn.user_id)
    assert payees.of(run, ada).status is PayoutStatus.READY


def test_R83_an_approved_run_goes_on_without_her(payees):
    """It may wait for its pay date for weeks: who is held meanwhile is not paid on it."""
    ada, bea = payees.owed("Ada", "80.00 USD"), payees.owed("Bea", "50.00 USD")
    run = payees.approved()
    held(payees, ada)
    payees.work()
    line = payees.of(run, ada)
    assert (line.status, line.refusal_code) == (PayoutStatus.FAILED, "payee_held")
    assert payees.balances(ada) == {"payable": 8_000, "committed": 0, "paid": 0}
    assert payees.of(run, bea).status is PayoutStatus.SENT


def test_a_run_that_is_not_submitted_yet_asks_to_be_calculated_again(payees):
    ada, bea = payees.owed("Ada", "80.00 USD"), payees.owed("Bea", "50.00 USD")
    run = payees.draft()
    held(payees, ada)
    assert payees.of(run, ada).status is PayoutStatus.READY
    with pytest.raises(Conflict, match="1 of the payouts"), unit_of_work():
        payouts.submit_run(run.id, "", by=payees.finn.user_id)
    with unit_of_work():
        payouts.calculate(run.id, by=payees.finn.user_id)
        payouts.submit_run(run.id, "", by=payees.finn.user_id)
    assert payees.of(run, bea).status is PayoutStatus.READY
    assert payees.of(run, ada).blocked_reason is BlockedReason.HELD


def test_another_brand_pays_her_all_the_same(payees, world):
    ada = payees.owed("Ada", "80.00 USD")
    held(payees, ada)
    assert db.session.scalars(queries.held_by_brand(payees.brand.id)).all() == [ada.id]
    assert db.session.scalars(queries.held_by_brand(world.rival.id)).all() == []


def test_it_needs_a_reason_and_is_said_once(payees):
    ada = payees.owed("Ada", "80.00 USD")
    with pytest.raises(InvalidInput, match="Write a reason"):
        held(payees, ada, "  x ")
    with pytest.raises(Conflict, match="not held"):
        released(payees, ada)
    held(payees, ada)
    with pytest.raises(Conflict, match="held already"):
        held(payees, ada)
    released(payees, ada)
    held(payees, ada, "Once more.")
    found = queries.history_of(payees.brand.id, ada.id)
    assert [(one.reason, one.released_by is None) for one in found] == [
        ("Once more.", True), (WHY, False)
    ]  # fmt: skip


def test_it_stands_in_the_audit_trail(payees):
    ada = payees.owed("Ada", "80.00 USD")
    held(payees, ada)
    released(payees, ada)
    rows = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_kind == "payee").order_by(AuditEntry.id)
    ).all()
    assert [(row.act, row.actor_id, row.subject_id, row.facts["reason"]) for row in rows] == [
        ("payee.held", payees.finn.user_id, ada.id, WHY),
        ("payee.released", payees.faye.user_id, ada.id, WHY),
    ]


def test_two_who_hold_her_at_once_hold_her_once(app, payees):
    ada, brand_id, by = payees.owed("Ada", "80.00 USD").id, payees.brand.id, payees.finn.user_id
    end_read()
    acts = {
        name: lambda name=name: commands.hold(brand_id, ada, name, by=by)
        for name in ("first", "second", "third")
    }
    (won,) = done(app, acts)
    end_read()
    assert [one.reason for one in queries.history_of(brand_id, ada)] == [won]


def test_finance_holds_and_releases_on_her_page(payees, world):
    ada = payees.owed("Ada", "80.00 USD")
    page = f"/finance/glow/payees/{ada.public_id}"
    opened = world.finn.opens(page)
    opened.fills("Reason for holding", " ").presses("Hold payouts", status=422)
    opened.sees("Write a reason: the creator reads it on her payouts page.")
    opened.opens(page).fills("Reason for holding", WHY).presses("Hold payouts")
    opened.sees("No run pays Ada until somebody releases her payouts.", "Payouts held by", WHY)
    opened.sees("USD 80.00 is not paid: payouts held.", "held all payouts")
    world.faye.opens(page).sees(WHY).does_not_see("Release payouts")
    opened.opens("/finance/glow/payees?view=held").sees("Ada", "Payouts held")
    world.signed_in("ada@example.com").opens("/creator/payouts").sees(
        "Glow holds your payouts", "You are not paid until the brand ends this.", WHY
    )
    opened.opens(page).presses("Release payouts").sees(
        "The next run pays Ada again.", "Hold payouts"
    )
    opened.opens("/finance/glow/payees?view=held").sees("Nobody in this view")
    world.signed_in("ada@example.com").opens("/creator/payouts").does_not_see("holds your payouts")


def test_only_who_prepares_runs_of_this_brand(payees, world):
    ada = payees.owed("Ada", "80.00 USD")
    for act in ("hold", "release"):
        path = f"/finance/glow/payees/{ada.public_id}/{act}"
        world.rae.browser.posts(path, {"reason": WHY}, status=404)
        world.faye.browser.posts(path, {"reason": WHY}, status=403)
