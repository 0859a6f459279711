"""What counts as paid, what may still be stopped, and what an open dispute keeps (R57, R71, R72)."""

import pytest

from portal.adjustments import commands as adjustments
from portal.adjustments import queries as adjustment_queries
from portal.commissions import commands, jobs, queries
from portal.commissions.models import CommissionStatus, VoidCode
from portal.creators import commands as creators
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.kernel import clock
from portal.kernel.errors import Conflict, ProviderRefused
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.limits import commands as limits
from portal.limits.rules import Limits
from portal.payouts import commands as runs
from portal.proposals import commands as proposals
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.people import a_program
from tests.support.shop import settle


@pytest.fixture
def program(world):
    return a_program(world.glow, terms={"rate_bp": 1000, "hold_days": 30})


@pytest.fixture(autouse=True)
def the_books_are_right(app):
    yield
    assert queries.violations() == []
    assert books.violations() == []
    assert adjustment_queries.violations() == []


def found(order_id):
    return queries.of_order(order_id)


def payable(ada):
    return str(books.balances_of(ada.brand_id, ada.creator_id, "USD").payable)[:-4]


def sums(world, ada):
    db.session.remove()
    return payable(ada), str(books.balance(accounts.lost(world.glow.id), "USD"))[:-4]


def mature():
    clock.pass_days(31)
    jobs.mature_due()


@pytest.fixture
def payees(world, ada):
    """Ada can be paid; runs go out by a rail that takes everything."""
    found = Payees(world)
    found.use(ScriptedRail())
    with unit_of_work():
        destinations.set_destination(
            ada.creator_id, Rail.STRIPE, "acct_ada", by=None, label_masked="••4242", country="US"
        )
        creators.record_account_state("acct_ada", "payable")
    clock.pass_days(4)
    return found


@pytest.fixture
def two(payees, shop):
    """Two orders whose 100.00 and 50.00 are payable."""
    orders = [shop.sells("1000.00 USD", "ADA15", number="1"),
              shop.sells("500.00 USD", "ADA15", number="2")]  # fmt: skip
    mature()
    return orders


def pay(payees):
    payees.approved()
    payees.work()


@pytest.fixture
def paid(shop, payees):
    """An order whose 100.00 were paid by a real run."""
    order_id = shop.sells("1000.00 USD", "ADA15", number="1")
    mature()
    pay(payees)
    return order_id


# ---- what is paid, or in a run, is not held (R57, R61)
def test_R57_R61_what_is_paid_is_not_held_with_the_money_of_the_next_sale(world, ada, paid, shop):
    clock.pass_days(200)
    second = shop.sells("1000.00 USD", "ADA15", number="2")
    mature()
    with pytest.raises(Conflict, match="run or was paid"), unit_of_work():
        commands.hold(found(paid).id, "We look at it.", by=None)
    shop.disputes("1", "open", "5000.00 USD")
    assert (found(paid).status, payable(ada)) == (CommissionStatus.PAYABLE, "100.00")
    shop.disputes("2", "open", "5000.00 USD")
    assert (found(second).status, payable(ada)) == (CommissionStatus.ON_HOLD, "0.00")


def test_R57_what_is_in_a_run_is_not_held_with_the_money_of_the_next_sale(world, ada, payees, shop):
    first = shop.sells("1000.00 USD", "ADA15", number="1")
    mature()
    payees.submitted()
    second = shop.sells("1000.00 USD", "ADA15", number="2")
    mature()
    with pytest.raises(Conflict, match="run or was paid"), unit_of_work():
        commands.hold(found(first).id, "We look at it.", by=None)
    with unit_of_work():
        commands.hold(found(second).id, "We look at it.", by=None)
    assert payable(ada) == "0.00"


# ---- what stood aside while others were paid (R71)
def test_R71_a_dispute_on_what_was_held_takes_it_back_however_late(world, ada, shop, payees, two):
    shop.disputes("1", "open", "5000.00 USD")
    pay(payees)
    clock.pass_days(125)
    shop.disputes("1", "lost", "5000.00 USD")
    assert sums(world, ada) == ("0.00", "0.00")
    assert found(two[0]).status is CommissionStatus.VOID


def test_R71_what_was_held_and_let_go_was_not_paid_by_the_run_between(
    world, ada, shop, payees, two
):
    with unit_of_work():
        commands.hold(found(two[0]).id, "We look at it.", by=None)
    pay(payees)
    clock.pass_days(125)
    with unit_of_work():
        commands.release(found(two[0]).id, by=None)
    finn = world.finn.browser
    finn.opens("/finance/glow/commissions?view=payable").sees("Order #1").does_not_see("Order #2")
    shop.refunds("1", "1000.00 USD")
    assert sums(world, ada) == ("0.00", "0.00")


def test_R71_what_was_given_back_after_a_payout_was_not_paid_by_it(world, ada, shop, payees, two):
    shop.disputes("1", "lost", "5000.00 USD")
    pay(payees)
    clock.pass_days(115)
    shop.disputes("1", "won", "5000.00 USD")
    assert sums(world, ada) == ("100.00", "0.00")
    clock.pass_days(10)
    shop.refunds("1", "1000.00 USD")
    assert sums(world, ada) == ("0.00", "0.00")


def test_R71_a_dispute_lost_and_won_after_the_payment_does_not_restart_the_clock(
    world, ada, shop, payees, two
):
    pay(payees)
    shop.disputes("1", "lost", "5000.00 USD")
    clock.pass_days(20)
    shop.disputes("1", "won", "5000.00 USD")
    assert sums(world, ada) == ("0.00", "0.00")
    clock.pass_days(101)
    shop.refunds("1", "1000.00 USD")
    assert sums(world, ada) == ("0.00", "-100.00")


# ---- an open dispute keeps the money (R72)
def test_R72_a_dispute_opened_in_a_run_holds_what_is_given_back(world, ada, shop, payees):
    order_id = shop.sells("1000.00 USD", "ADA15", number="1")
    mature()
    run = payees.submitted()
    shop.disputes("1", "open", "5000.00 USD")
    assert found(order_id).status is CommissionStatus.PAYABLE
    with unit_of_work():
        runs.recall(run.id, by=payees.finn.user_id)
    settle()
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.ON_HOLD, "0.00")
    clock.pass_days(1)
    shop.disputes("1", "won", "5000.00 USD")
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.PAYABLE, "100.00")


def test_R72_a_dispute_opened_in_a_run_holds_what_the_rail_refused(world, ada, shop, payees):
    payees.use(ScriptedRail(script=[ProviderRefused("Closed.", code="account_closed")]))
    order_id = shop.sells("1000.00 USD", "ADA15", number="1")
    mature()
    payees.approved()
    shop.disputes("1", "open", "5000.00 USD")
    payees.work()
    settle()
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.ON_HOLD, "0.00")


def test_R72_what_somebody_lets_go_stays_held_while_it_is_disputed(world, shop, ada):
    finn, order_id = world.finn.user_id, shop.sells("1000.00 USD", "ADA15", number="1")
    one = found(order_id).id
    with unit_of_work():
        commands.hold(one, "We look at it.", by=None)
    shop.disputes("1", "open", "5000.00 USD")
    with unit_of_work():
        commands.release(one, by=finn)
    mature()
    assert (found(order_id).status, found(order_id).hold_reason) == (
        CommissionStatus.ON_HOLD, "The buyer’s bank disputes this payment.",
    )  # fmt: skip
    with pytest.raises(Conflict, match="still disputes"), unit_of_work():
        commands.release(one, by=finn)
    clock.pass_days(1)
    shop.disputes("1", "won", "5000.00 USD")
    jobs.mature_due()
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.PAYABLE, "100.00")


def test_R60_R72_a_review_is_done_though_a_dispute_holds_it_on(world, shop, ada):
    finn, faye = world.finn, world.faye.user_id
    with unit_of_work():
        wanted = Limits(120, Money.of("50.00 USD"), Money.of("100.00 USD"))
        policy = limits.propose(world.glow.id, wanted, by=finn.user_id)
        proposals.confirm(policy.id, by=faye)
    order_id = shop.sells("2000.00 USD", "ADA15", number="1")
    mature()
    shop.disputes("1", "open", "5000.00 USD")
    page = f"/finance/glow/commissions/{found(order_id).public_id}"
    finn.browser.opens(page).presses("Approve and release").sees("Released, and still on hold.")
    assert (found(order_id).in_review, payable(ada)) == (False, "0.00")
    clock.pass_days(1)
    shop.disputes("1", "won", "5000.00 USD")
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.PAYABLE, "200.00")


def test_R72_a_dispute_in_the_buyers_currency_holds_takes_all_and_gives_back(shop, ada):
    order_id = shop.sells("100.00 USD", "ADA15", number="1")
    shop.disputes("1", "open", "113.00 EUR")
    mature()
    assert found(order_id).status is CommissionStatus.ON_HOLD
    shop.disputes("1", "lost", "113.00 EUR")
    one = found(order_id)
    assert (one.status, one.void_code) == (CommissionStatus.VOID, VoidCode.CHARGEBACK)
    clock.pass_days(1)
    shop.disputes("1", "won", "113.00 EUR")
    jobs.mature_due()
    assert (found(order_id).status, payable(ada)) == (CommissionStatus.PAYABLE, "10.00")


# ---- a debt that was given up, and is given back after all (R72)
def given_up(world, ada):
    finn, faye = world.finn.user_id, world.faye.user_id
    with unit_of_work():
        found = adjustments.write_off(ada.brand_id, ada.creator_id, "USD", "Too old.", by=finn)
        adjustments.approve(found.id, by=faye)
    settle()
    clock.pass_days(1)


def test_R72_R73_a_dispute_won_undoes_the_write_off_of_what_it_took(world, ada, paid, shop):
    for _ in range(2):
        shop.disputes("1", "lost", "5000.00 USD")
        given_up(world, ada)
        assert payable(ada) == "0.00"
        shop.disputes("1", "won", "5000.00 USD")
        clock.pass_days(1)
        assert payable(ada) == "0.00"
        assert str(books.balance(accounts.written_off(ada.brand_id), "USD")) == "0.00 USD"


def test_R72_of_a_write_off_only_as_much_is_undone_as_was_given_up(world, ada, paid, shop):
    shop.sells("200.00 USD", "ADA15", number="2")
    mature()
    shop.disputes("1", "lost", "5000.00 USD")
    given_up(world, ada)
    shop.disputes("1", "won", "5000.00 USD")
    assert payable(ada) == "20.00"


def test_R72_what_was_taken_after_a_write_off_is_given_back_whole(world, ada, paid, shop):
    shop.refunds("1", "1000.00 USD")
    given_up(world, ada)
    shop.sells("500.00 USD", "ADA15", number="2")
    mature()
    shop.disputes("2", "lost", "5000.00 USD")
    clock.pass_days(1)
    shop.disputes("2", "won", "5000.00 USD")
    assert payable(ada) == "50.00"
