"""A hold is looked at again after 30 days (UX 6.10); past that the queue says so."""

from datetime import timedelta

from portal.commissions import commands as commissions
from portal.commissions import queries as earned
from portal.exceptions import commands
from portal.exceptions.models import ExceptionKind
from portal.kernel import clock
from portal.payee_holds import commands as payee_holds
from portal.storage.unit_of_work import unit_of_work
from tests.rooms.exceptions.test_exceptions import EXCEPTIONS, open_now, owed

HOLD = ExceptionKind.HOLD


def held_commission(world, shop):
    order, finn = shop.sells("80.00 USD", "ADA15"), world.finn.user_id
    with unit_of_work():
        return commissions.hold(earned.of_order(order).id, "We look at the order.", by=finn).id


def test_a_commission_on_hold_is_told_after_30_days_and_again_30_days_later(world, shop, ada):
    held = held_commission(world, shop)
    clock.pass_time(timedelta(days=30) - timedelta(seconds=5))
    assert HOLD not in open_now(world)
    clock.pass_time(timedelta(seconds=5))
    found = open_now(world)[HOLD]
    assert (str(found.amount), found.words) == (
        "8.00 USD", "Commission on hold: We look at the order."
    )  # fmt: skip
    page = world.finn.opens(EXCEPTIONS).sees("Hold past its review", "Ada Example")
    page.follows("Release it, or take it back").sees("To be looked at again by")
    finn = world.finn.user_id
    with unit_of_work():
        commands.resolve(found.id, "The shop answers next week.", by=finn)
    clock.pass_days(29)
    assert HOLD not in open_now(world)
    clock.pass_days(1)
    assert open_now(world)[HOLD].id != found.id
    with unit_of_work():
        commissions.release(held, by=finn)
    assert HOLD not in open_now(world)


def test_the_date_stands_on_the_pages_of_finance_and_creator(world, shop, ada):
    held = held_commission(world, shop)
    public_id = earned.commission(held).public_id
    world.finn.opens(f"/finance/glow/commissions/{public_id}").sees("looked at again by 1 Apr")
    world.signed_in("ada@example.com").opens(f"/creator/earnings/{public_id}").sees(
        "The brand looks at it again by 1 Apr"
    )


def test_held_again_it_is_counted_anew(world, shop, ada):
    held, finn = held_commission(world, shop), world.finn.user_id
    clock.pass_days(20)
    with unit_of_work():
        commissions.release(held, by=finn)
        commissions.hold(held, "Once more.", by=finn)
    clock.pass_days(20)
    assert HOLD not in open_now(world)
    clock.pass_days(10)
    assert open_now(world)[HOLD].words == "Commission on hold: Once more."


def test_a_payee_held_for_30_days_is_told_with_what_waits_for_her(world, ada):
    owed(ada, "40.00 USD", "one")
    finn = world.finn.user_id
    with unit_of_work():
        payee_holds.hold(ada.brand_id, ada.creator_id, "Two people say they are Ada.", by=finn)
    assert HOLD not in open_now(world)
    clock.pass_days(30)
    found = open_now(world)[HOLD]
    assert (str(found.amount), found.creator_id) == ("40.00 USD", ada.creator_id)
    assert found.words == "All payouts held: Two people say they are Ada."
    page = world.finn.opens(f"{EXCEPTIONS}?kind=hold+past+its+review").follows("Open the payee")
    page.sees("to be looked at again by 1 Apr")
    with unit_of_work():
        payee_holds.release(ada.brand_id, ada.creator_id, by=finn)
    assert HOLD not in open_now(world)
