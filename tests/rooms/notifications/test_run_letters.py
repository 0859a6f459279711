"""What finance is told of a run that is approved, stands still or differs, and a creator of a hold."""

import pytest

from portal.kernel import clock
from portal.kernel.money import Money
from portal.notifications import queries as outbox
from portal.payee_holds import commands as payee_holds
from portal.payouts import commands
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees


@pytest.fixture
def payees(world):
    made = Payees(world, ScriptedRail())
    made.use(made.rail)
    return made


def told(world, letter):
    world.settle()
    return sorted((one.recipient, one.subject) for one in outbox.latest() if one.letter == letter)


def test_finance_but_the_approver_is_told_that_a_run_is_approved(payees, world):
    payees.owed("Ada", "80.00 USD")
    payees.approved()
    (mail,) = told(world, "run_approved")
    assert mail == (
        "finn@example.com", "The payout run March 2026 is approved: $80.00 to 1 creator"
    )  # fmt: skip


def test_finance_is_told_each_time_a_run_is_paused(payees, world):
    payees.owed("Ola", "80.00 USD")
    run = payees.approved()
    with unit_of_work():
        commands.begin_execution(run.id)
    for _ in range(2):
        with unit_of_work():
            commands.pause(run.id, by=world.finn.user_id)
        with unit_of_work():
            commands.resume(run.id, by=world.finn.user_id)
        clock.pass_days(1)
    assert [to for to, _ in told(world, "run_paused")] == ["faye@example.com"] * 2


def test_finance_is_told_once_of_each_sum_that_a_run_differs_by(payees, world):
    payees.owed("Ada", "80.00 USD")
    run = payees.approved()
    for amount in ("0.00 USD", "2.00 USD", "2.00 USD", "-3.00 USD"):
        with unit_of_work():
            commands.note_reconciled(run.id, 1, Money.of(amount))
    mails = told(world, "run_differs")
    assert len(mails) == 4
    assert {subject for _, subject in mails} == {
        "March 2026 differs from the provider by $2.00",
        "March 2026 differs from the provider by $3.00",
    }


def test_a_creator_is_told_of_a_hold_with_its_reason_and_of_its_end(payees, world):
    ada = payees.owed("Ada", "80.00 USD")
    with unit_of_work():
        payee_holds.hold(payees.brand.id, ada.id, "We look at the invoice.", by=world.finn.user_id)
    assert told(world, "payouts_held") == [("ada@example.com", "Glow holds your payouts")]
    assert "We look at the invoice." in outbox.latest()[0].text
    with unit_of_work():
        payee_holds.release(payees.brand.id, ada.id, by=world.finn.user_id)
    assert ("ada@example.com", "Glow pays you again") in told(world, "payouts_held")
