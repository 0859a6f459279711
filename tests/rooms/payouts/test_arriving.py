"""A bank that refuses what the provider pays out to it: said to everybody, moving nothing (R89)."""

from datetime import datetime, timedelta

import pytest

from portal.bank_payouts import commands as bank_payouts
from portal.bank_payouts import rules
from portal.bank_payouts.models import BankPayout, BankPayoutState
from portal.bank_payouts.rules import BankPayoutTold
from portal.bank_payouts.wording import CAUSES, OTHER, cause_of
from portal.creators.models import Creator
from portal.doctor import CHECKS
from portal.exceptions import jobs as exceptions
from portal.exceptions import queries as queue
from portal.exceptions.models import ExceptionKind
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.notifications.models import Message
from portal.notifications.queries import refused_to_payees
from portal.payouts import commands
from portal.payouts.models import Payout, PayoutRun, PayoutStatus
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World

PAID, FAILED = BankPayoutState.PAID, BankPayoutState.FAILED
CLOSED = "account_closed"
HOUR = timedelta(hours=1)


@pytest.fixture
def payees(world: World) -> Payees:
    made = Payees(world)
    made.use(ScriptedRail())
    return made


def told(
    reference: str, state: BankPayoutState, code: str = "", account: str = "acct_ada",
    made_at: datetime | None = None,
) -> None:  # fmt: skip
    clock.pass_time(HOUR)
    with unit_of_work():
        bank_payouts.record(
            BankPayoutTold(
                account, reference, state, Money.of("40.00 USD"), code, "Closed.", made_at
            )
        )
        if state is FAILED:
            commands.doubt(account, clock.now())


def sent(payees: Payees) -> tuple[Creator, PayoutRun]:
    ada = payees.owed("Ada", "40.00 USD")
    run = payees.approved()
    payees.work()
    return ada, run


def days_later(days: int) -> None:
    clock.pass_days(days)
    with unit_of_work():
        commands.assume_arrived(clock.now())


def status(payees: Payees, run: PayoutRun, who: Creator) -> PayoutStatus:
    return payees.of(run, who).status


@pytest.mark.parametrize(("known", "new", "after"), [
    (PAID, FAILED, FAILED), (FAILED, PAID, FAILED), (PAID, PAID, PAID), (FAILED, FAILED, FAILED),
])  # fmt: skip
def test_what_is_paid_may_fail_and_never_the_other_way(known, new, after):
    assert rules.state_after(known, new) is after


def test_every_cause_has_words_and_only_the_platforms_are_not_hers():
    assert cause_of("what_is_this") is OTHER
    ours = [code for code, cause in CAUSES.items() if not cause.is_creators_to_fix]
    assert ours == ["insufficient_funds"]


def test_it_is_not_assumed_to_have_arrived_while_her_bank_is_known_to_refuse(
    payees: Payees,
) -> None:
    ada, run = sent(payees)
    before = payees.balances(ada)
    told("po_1", FAILED, CLOSED)
    days_later(6)
    assert status(payees, run, ada) is PayoutStatus.SENT
    assert payees.balances(ada) == before == {"payable": 0, "committed": 0, "paid": 4000}
    told("po_2", PAID)
    days_later(0)
    assert status(payees, run, ada) is PayoutStatus.PAID
    assert [sentence for _, find in CHECKS for sentence in find()] == []


def test_an_older_payout_that_arrives_says_nothing_of_one_that_fails(payees: Payees) -> None:
    """Stripe tells of what it made before our transfer only days later."""
    earlier = clock.now() - timedelta(days=1)
    ada, run = sent(payees)
    told("po_before", PAID, made_at=earlier)
    told("po_ours", FAILED, CLOSED, made_at=clock.now())
    days_later(6)
    assert status(payees, run, ada) is PayoutStatus.SENT
    told("po_again", PAID, made_at=clock.now())
    days_later(1)
    assert status(payees, run, ada) is PayoutStatus.PAID


def test_without_a_word_of_the_bank_it_is_assumed_after_five_days(payees: Payees) -> None:
    ada, run = sent(payees)
    told("po_1", PAID)
    days_later(4)
    assert status(payees, run, ada) is PayoutStatus.SENT
    days_later(1)
    assert status(payees, run, ada) is PayoutStatus.PAID


def test_what_was_assumed_is_doubted_when_it_fails_late(payees: Payees) -> None:
    """Paid, and failed after five days: Stripe may say so."""
    ada, run = sent(payees)
    told("po_1", PAID)
    days_later(6)
    assert status(payees, run, ada) is PayoutStatus.PAID
    told("po_1", FAILED, CLOSED)
    assert status(payees, run, ada) is PayoutStatus.SENT
    told("po_1", PAID)  # the older message, late
    days_later(1)
    assert status(payees, run, ada) is PayoutStatus.SENT


def test_payouts_of_long_ago_and_of_others_are_not_doubted(payees: Payees) -> None:
    ada, run = sent(payees)
    payees.creator("Eva")
    days_later(11)
    told("po_1", FAILED, CLOSED)
    told("po_2", FAILED, CLOSED, account="acct_eva")
    assert status(payees, run, ada) is PayoutStatus.PAID
    with pytest.raises(NotFound):
        told("po_3", FAILED, CLOSED, account="acct_nobody")


def test_it_is_told_once_to_her_and_stands_in_finances_queue(payees: Payees, world: World) -> None:
    ada, run = sent(payees)
    payout = payees.of(run, ada)
    for _ in range(2):
        told("po_1", FAILED, CLOSED)
    world.settle()
    letters = db.session.query(Message).filter_by(letter="bank_payout_failed").all()
    assert [one.recipient for one in letters] == ["ada@example.com"]
    assert "Your bank account is closed" in letters[0].text
    assert db.session.query(BankPayout).count() == 1
    end_read()

    browser = world.signed_in("ada@example.com").opens(f"/creator/payouts/{payout.public_id}")
    browser.sees("Stripe could not pay it out to your bank", "Your bank did not take it")
    browser.sees("Your bank account is closed", "Nothing is lost").does_not_see(
        "Expected to arrive"
    )
    finn = world.finn.opens(f"/finance/glow/runs/{run.public_id}/items/{payout.public_id}")
    finn.sees("Bank account closed", "the books do not change")
    exceptions.look(refused_to_payees)
    end_read()
    finn.opens("/finance/glow/exceptions").sees("Bank account closed", "Open the payout")
    told("po_2", PAID)
    exceptions.look(refused_to_payees)
    end_read()
    kinds = [one.exception.kind for one in queue.queue(world.glow.id, PageRequest()).rows]
    assert ExceptionKind.NOT_AT_BANK not in kinds


def test_what_is_not_hers_to_fix_is_not_mailed(payees: Payees, world: World) -> None:
    ada, run = sent(payees)
    told("po_1", FAILED, "insufficient_funds")
    world.settle()
    assert db.session.query(Message).filter_by(letter="bank_payout_failed").count() == 0
    end_read()
    payout: Payout = payees.of(run, ada)
    world.signed_in("ada@example.com").opens(f"/creator/payouts/{payout.public_id}").sees(
        "It is not your bank; Stripe tries again."
    ).does_not_see("Open your payout account")
