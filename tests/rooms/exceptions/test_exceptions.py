"""One queue across runs: what opens it, who owns it, and how it ends."""

from datetime import timedelta

import pytest

from portal.exceptions import commands, jobs, queries
from portal.exceptions.models import ExceptionKind, ExceptionStatus, MoneyException
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.notifications.queries import refused_to_payees
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.queries import keeps_budget

EXCEPTIONS = "/finance/glow/exceptions"


def open_now(world):
    jobs.look(refused_to_payees)
    db.session.remove()
    return {
        row.exception.kind: row.exception
        for row in queries.queue(world.glow.id, PageRequest()).rows
    }


def owed(ada, amount, name):
    money = Money.of(amount)
    way = (accounts.expense(ada.brand_id), accounts.payable(ada.brand_id, ada.creator_id))
    way = way if money.minor > 0 else way[::-1]
    with unit_of_work():
        ledger.post("test", f"test:{name}", [(*way, abs(money))])


def test_who_cannot_be_paid_is_opened_once_and_goes_away_by_itself(world, ada):
    owed(ada, "40.00 USD", "one")
    first = open_now(world)[ExceptionKind.BLOCKED]
    assert (str(first.amount), first.words) == ("40.00 USD", "No payout account")
    owed(ada, "5.00 USD", "two")
    again = open_now(world)[ExceptionKind.BLOCKED]
    assert (again.id, str(again.amount)) == (first.id, "45.00 USD")
    owed(ada, "-45.00 USD", "three")
    assert open_now(world) == {}
    assert db.session.get(MoneyException, first.id).status is ExceptionStatus.GONE


def test_a_balance_negative_for_90_days_is_opened(world, ada):
    owed(ada, "-12.00 USD", "refund")
    clock.pass_time(timedelta(days=90))
    assert open_now(world) == {}
    clock.pass_days(1)
    found = open_now(world)[ExceptionKind.NEGATIVE]
    assert (str(found.amount), found.creator_id) == ("-12.00 USD", ada.creator_id)
    world.finn.opens(EXCEPTIONS).sees("Negative over 90 days", "Ada Example", "−USD 12.00")


def test_a_refund_whose_order_never_came(world, shop, ada):
    shop.refunds("nowhere", "20.00 USD")
    assert open_now(world) == {}
    clock.pass_days(2)
    assert "waits for its order" in open_now(world)[ExceptionKind.UNMATCHED].words


def test_handed_over_and_resolved_with_a_note(world, ada):
    owed(ada, "40.00 USD", "one")
    found = open_now(world)[ExceptionKind.BLOCKED]
    page = world.finn.opens(EXCEPTIONS).fills("Owner", str(world.faye.user_id))
    page.presses("Hand over", status=200).sees("Faye Example", "Handed over.")
    world.faye.opens(f"{EXCEPTIONS}?mine=1").sees("Ada Example")
    page = world.faye.browser.fills("How it was resolved", "She sets it up on Monday.")
    page.presses("Resolve", status=200).sees("Resolved.", "No exceptions")
    assert open_now(world) == {}
    with pytest.raises(Conflict, match="resolved already"), unit_of_work():
        commands.resolve(found.id, "Again.", by=world.finn.user_id)
    assert queries.violations() == []


def test_what_cannot_be_is_refused(world, ada):
    owed(ada, "40.00 USD", "one")
    found, finn, rosa = open_now(world)[ExceptionKind.BLOCKED].id, world.finn, world.rosa
    with pytest.raises(InvalidInput, match="Say how"), unit_of_work():
        commands.resolve(found, " ", by=finn.user_id)
    with pytest.raises(InvalidInput, match="finance"), unit_of_work():
        commands.hand_to(found, rosa.user_id, by=finn.user_id)


def test_an_empty_queue_and_another_brand(world):
    world.finn.opens(EXCEPTIONS).sees("No exceptions")
    world.rae.opens(EXCEPTIONS, status=404)


def test_the_list_takes_few_queries(world, ada):
    owed(ada, "40.00 USD", "one")
    open_now(world)
    keeps_budget(world.finn.browser, EXCEPTIONS, most=12)
    world.finn.opens(f"{EXCEPTIONS}?kind=blocked").sees("Blocked")
    world.finn.opens(f"{EXCEPTIONS}?kind=failed").sees("No exception matches")
