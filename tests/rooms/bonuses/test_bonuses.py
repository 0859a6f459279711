"""Milestones: reached once, taken back while not payable, by real orders and jobs."""

import pytest

from portal.ambassadors import commands as memberships
from portal.bonuses import commands, jobs, queries
from portal.bonuses.models import Metric, Window
from portal.bonuses.rules import Goal
from portal.commissions import jobs as maturing
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.doctor import CHECKS
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador
from tests.support.shop import settle


@pytest.fixture
def program(world):
    return a_program(world.glow, terms={"hold_days": 10})


@pytest.fixture
def ada(program):
    return an_ambassador(program, "Ada", code="ADA15")


def promised(program, **changes):
    wanted = {"title": "First three", "metric": Metric.SALES, "threshold": 3,
              "amount": Money.of("1000.00 USD"), "window": Window.LIFETIME, "repeats": False,
              "hold_days": 30} | changes  # fmt: skip
    with unit_of_work():
        return commands.set_up(program.id, Goal(**wanted), by=None)


def approved(shop, *bases, **more):
    """Orders whose return window is over."""
    for base in bases:
        shop.sells(base, "ADA15", **more)
    clock.pass_days(10)
    maturing.mature_due()
    look()


def look():
    jobs.look()
    settle()


def earned():
    wanted = db.select(Commission).where(Commission.kind == CommissionKind.BONUS)
    return db.session.scalars(wanted.order_by(Commission.id)).all()


def test_R29_it_fires_once_and_more_sales_or_a_replay_add_nothing(world, program, ada, shop):
    bonus = promised(program)
    approved(shop, "80.00 USD", "80.00 USD")
    assert earned() == []
    approved(shop, "80.00 USD")
    (one,) = earned()
    assert (str(one.amount), one.status) == ("1000.00 USD", CommissionStatus.PENDING)
    approved(shop, "80.00 USD")
    look()
    with unit_of_work():
        assert commands.award_reached(bonus.id) == 0
    assert len(earned()) == 1
    listed = [(row.reached, str(row.cost)) for row in queries.of_brand(world.glow.id)]
    assert listed == [(1, "1000.00 USD")]


def test_R22_a_sale_that_is_not_approved_does_not_count(program, ada, shop):
    promised(program, threshold=1)
    shop.sells("80.00 USD", "ADA15")
    look()
    assert earned() == []


def test_R76_returns_take_it_back_before_it_is_payable_and_sales_give_it_back(program, ada, shop):
    promised(program)
    approved(shop, "80.00 USD", "80.00 USD", "80.00 USD")
    shop.refunds("1001", "80.00 USD")
    (one,) = earned()
    assert (one.status, str(one.net)) == (CommissionStatus.VOID, "0.00 USD")
    approved(shop, "80.00 USD")
    (one,) = earned()
    assert (one.status, str(one.net)) == (CommissionStatus.PENDING, "1000.00 USD")
    clock.pass_days(30)
    maturing.mature_due()
    shop.refunds("1002", "80.00 USD")
    look()
    (one,) = earned()
    assert (one.status, str(one.net)) == (CommissionStatus.PAYABLE, "1000.00 USD")
    assert [wrong for _, find in CHECKS for wrong in find()] == []


def test_R43_leaving_takes_nothing_of_what_was_reached(world, program, ada, shop):
    promised(program, threshold=1)
    approved(shop, "80.00 USD", "80.00 USD")
    with unit_of_work():
        memberships.end(ada.id, by=None, reason="I leave.")
    look()
    assert [(one.status, str(one.net)) for one in earned()] == [
        (CommissionStatus.PENDING, "1000.00 USD")
    ]
    shop.refunds("1001", "80.00 USD")
    look()
    assert str(earned()[0].net) == "1000.00 USD"
    shop.refunds("1002", "80.00 USD")
    look()
    assert str(earned()[0].net) == "0.00 USD"


def test_R43_who_left_reaches_nothing_new(program, ada, shop):
    shop.sells("80.00 USD", "ADA15")
    with unit_of_work():
        memberships.end(ada.id, by=None, reason="I leave.")
    promised(program, threshold=1)
    clock.pass_days(10)
    maturing.mature_due()
    look()
    assert earned() == []


def test_R72_R76_a_dispute_takes_a_bonus_when_it_is_lost_and_not_before(program, ada, shop):
    promised(program, threshold=1)
    approved(shop, "80.00 USD")
    for state, left in (("open", "1000.00 USD"), ("lost", "0.00 USD"), ("won", "1000.00 USD")):
        clock.pass_days(1)
        shop.disputes("1001", state)
        look()
        assert (state, str(earned()[0].net)) == (state, left)


def test_R30_a_bonus_never_counts_toward_a_goal(program, ada, shop):
    promised(program, hold_days=0, threshold=1)
    promised(program, metric=Metric.NET, threshold=90_00)
    approved(shop, "80.00 USD")
    look()
    assert [str(one.amount) for one in earned()] == ["1000.00 USD"]
    approved(shop, "10.00 USD")
    assert len(earned()) == 2


def test_net_sales_are_counted_with_returns_taken_off(program, ada, shop):
    promised(program, metric=Metric.NET, threshold=150_00)
    approved(shop, "100.00 USD", "60.00 USD")
    assert len(earned()) == 1
    shop.refunds("1001", "10.01 USD")
    assert str(earned()[0].net) == "0.00 USD"


def test_leads_are_counted_apart_from_sales(program, ada, shop):
    promised(program, metric=Metric.LEADS, threshold=2)
    approved(shop, "5.00 USD", "5.00 USD")
    assert earned() == []
    approved(shop, "5.00 USD", "5.00 USD", action="lead")
    assert len(earned()) == 1


def test_R147_a_window_counts_by_the_day_of_the_order_in_the_brands_zone(world):
    with clock.at("2026-11-01T12:00Z"):
        program = a_program(world.glow, terms={"hold_days": 10})
        an_ambassador(program, "Ada", code="ADA15")
        shop = world_shop(world)
        promised(program, threshold=2, window=Window.MONTH, repeats=True)
        clock.pass_days(29)
        approved(shop, "80.00 USD")  # 30 November
        approved(shop, "80.00 USD")  # 10 December: each month has one
        assert earned() == []
        approved(shop, "80.00 USD")  # 20 December: the second of the month
        assert len(earned()) == 1
        clock.pass_days(10)
        approved(shop, "80.00 USD", "80.00 USD")  # 9 January
        assert len(earned()) == 2
        look()
        assert len(earned()) == 2


def test_it_can_be_stopped_and_what_was_sold_before_still_counts(world, program, ada, shop):
    bonus, owen = promised(program, threshold=2), world.owen.user_id
    shop.sells("80.00 USD", "ADA15")
    clock.pass_days(1)
    shop.sells("80.00 USD", "ADA15")
    clock.pass_days(1)
    with unit_of_work():
        commands.stop(bonus.id, by=owen)
    with pytest.raises(Conflict), unit_of_work():
        commands.stop(bonus.id, by=owen)
    shop.sells("80.00 USD", "ADA15")
    approved(shop)
    assert len(earned()) == 1


WRONG = ({"title": " "}, {"threshold": 0}, {"amount": Money.of("0.00 USD")}, {"hold_days": 121})


def test_a_goal_that_cannot_be_is_refused(program):
    for wrong in WRONG:
        with pytest.raises(InvalidInput):
            promised(program, **wrong)


def test_a_promise_pressed_twice_is_one_bonus(world, program):
    typed = {
        "program": program.public_id, "title": "First three", "metric": "sales", "threshold": "3",
        "amount": "1000", "window": "lifetime", "hold_days": "30", "do": "promise",
    }  # fmt: skip
    world.owen.browser.posts("/brand/glow/bonuses/new", typed, status=200)
    world.owen.browser.posts("/brand/glow/bonuses/new", typed, status=409)
    (row,) = queries.of_brand(world.glow.id)
    with unit_of_work():
        commands.stop(row.bonus.id, by=world.owen.user_id)
    world.owen.browser.posts("/brand/glow/bonuses/new", typed, status=200)  # stopped: a new one


def test_the_owner_reads_a_sentence_first_and_the_creator_her_progress(world, program, ada, shop):
    owen = world.owen.opens("/brand/glow/bonuses/new")
    owen.fills("Name", "500 leads").fills("Goal", "2").fills("Bonus in USD", "1000")
    owen.presses("Read it as a sentence").sees("Whoever reaches 2 approved sales", "once")
    assert queries.of_brand(world.glow.id) == []
    owen.presses("Promise this bonus").sees("The bonus is promised", "500 leads")
    approved(shop, "80.00 USD")
    me = world.signed_in("ada@example.com")
    me.opens("/creator/bonuses").sees("500 leads", "1 approved sale")
    approved(shop, "80.00 USD")
    me.opens("/creator/bonuses").sees("$1,000.00", "payable on")
    me.opens("/creator/earnings?kind=bonus").sees("Bonus", "500 leads")
    found = earned()[0]
    me.opens(f"/creator/earnings/{found.public_id}").sees("You reached 2 approved sales")
    world.owen.opens("/brand/glow/bonuses").sees("1 time").presses("Stop").sees("Stopped")


def test_another_brand_and_other_roles_are_refused(world, program):
    bonus = promised(program)
    world.mona.opens("/brand/glow/bonuses").sees("First three")
    world.mona.opens("/brand/glow/bonuses/new", status=403)
    world.rae.opens("/brand/rival/bonuses").does_not_see("First three")
    world.rae.browser.posts(f"/brand/rival/bonuses/{bonus.public_id}/stop", status=404)


def world_shop(world):
    """A shop made while the clock stands still."""
    from tests.support.shop import Shop

    return Shop(world.glow)
