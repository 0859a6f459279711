"""A refund after the money left: one negative row, carried, never charged; and won disputes."""

import pytest

from portal.commissions import queries as commissions
from portal.commissions.jobs import mature_due
from portal.creators import commands as creator_commands
from portal.creators import queries as creators
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.doctor import CHECKS
from portal.identity import queries as people
from portal.kernel import clock
from portal.ledger import queries as books
from portal.payouts import commands as payouts
from portal.payouts.models import BlockedReason, PayoutStatus
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, settle


@pytest.fixture
def paid(world):
    """Ada sold for 300.00, earned 30.00, and was paid."""
    an_ambassador(a_program(world.glow), "Ada", code="ADA15")
    shop, payees = Shop(world.glow), Payees(world)
    payees.use(ScriptedRail())
    ada = creators.of_user(people.user_by_email("ada@example.com").id)
    pays_out_to(ada)
    shop.sells("300.00 USD", "ADA15", number="1001")
    clock.pass_days(31)
    mature_due()
    payees.approved()
    payees.work()
    assert sums(world, ada) == ("0.00", "30.00")
    return shop, payees, ada


def pays_out_to(creator):
    with unit_of_work():
        destinations.set_destination(creator.id, Rail.STRIPE, "acct_ada", by=creator.user_id)
        creator_commands.record_account_state("acct_ada", "payable")


def sums(world, creator):
    found = books.balances_of(world.glow.id, creator.id, "USD")
    return str(found.payable).split()[0], str(found.paid).split()[0]


def doctor():
    return [sentence for _, find in CHECKS for sentence in find()]


def test_r69_a_refund_after_payment_is_one_negative_row_however_often_it_is_told(world, paid):
    shop, _, ada = paid
    for _ in range(5):
        shop.refunds("1001", "100.00 USD", as_id="r1")
    settle()
    assert sums(world, ada) == ("-10.00", "30.00")
    earned = commissions.latest_of(ada.id)[-1].commission
    assert len(commissions.reversals_of(earned.id)) == 1
    assert doctor() == []


def test_r65_three_refunds_end_at_exactly_nothing(world, paid):
    shop, _, ada = paid
    for number in range(3):
        shop.refunds("1001", "100.00 USD", as_id=f"r{number}")
    settle()
    assert sums(world, ada) == ("-30.00", "30.00")
    assert doctor() == []


def test_r70_the_debt_is_carried_and_blocks_until_new_sales_cover_it(world, paid):
    shop, payees, ada = paid
    shop.refunds("1001", "300.00 USD")
    shop.sells("500.00 USD", "ADA15", number="1002")
    settle()
    clock.pass_days(31)
    run = payees.draft()
    blocked = payees.of(run, ada)
    assert blocked.status is PayoutStatus.BLOCKED
    assert blocked.blocked_reason is BlockedReason.NEGATIVE_BALANCE
    payees_cancel(run, world)
    mature_due()
    assert sums(world, ada) == ("20.00", "30.00")
    assert doctor() == []


def payees_cancel(run, world):
    with unit_of_work():
        payouts.cancel(run.id, by=world.finn.user_id)


def test_r72_a_won_dispute_gives_back_exactly_what_it_took(world, paid):
    shop, _, ada = paid
    shop.disputes("1001", "lost")
    settle()
    assert sums(world, ada) == ("-30.00", "30.00")
    clock.pass_days(9)
    shop.disputes("1001", "won")
    settle()
    assert sums(world, ada) == ("0.00", "30.00")
    assert doctor() == []


def test_the_creator_reads_why_in_plain_words(world, paid):
    shop, _, _ = paid
    shop.refunds("1001", "100.00 USD")
    settle()
    ada = world.signed_in("ada@example.com")
    ada.opens("/creator/earnings").sees("−$10.00", "Adjustment")
    ada.opens("/creator").sees("−$10.00")
