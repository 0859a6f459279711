"""What programs give by themselves: a welcome gift, and a reward for a goal."""

import pytest
from sqlalchemy import select

from portal.bonuses.models import Metric, Window
from portal.commissions import jobs as maturing
from portal.doctor import CHECKS
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.rewards import item_commands, jobs, promise_commands, promise_queries
from portal.rewards.models import Occasion, Reward, RewardKind
from portal.rewards.promise_commands import Reached
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tax.models import Reportable
from tests.rooms.rewards.test_commands import add, taxed
from tests.support.people import a_program, an_ambassador
from tests.support.shop import settle

TWO = Reached(threshold=2)


@pytest.fixture
def program(world):
    return a_program(world.glow, terms={"hold_days": 10})


@pytest.fixture
def box(world):
    return add(world.glow, stock=1)


def promise(program, item, occasion=Occasion.REACHED, goal=TWO, quantity=1):
    with unit_of_work():
        return promise_commands.promise(program.id, item.id, quantity, occasion, goal, by=None)


def look():
    jobs.look()
    settle()


def approved(shop, *bases):
    for base in bases:
        shop.sells(base, "ADA15")
    clock.pass_days(10)
    maturing.mature_due()
    look()


def given():
    rows = db.session.scalars(select(Reward).order_by(Reward.id))
    return [(row.quantity, row.note) for row in rows]


def all_is_well():
    return [wrong for _, find in CHECKS for wrong in find()] == []


def test_whoever_joins_gets_the_welcome_gift_once(world, program, box):
    an_ambassador(program, "Ben")
    clock.pass_days(1)
    promise(program, box, Occasion.JOINED)
    look()
    assert given() == []  # Ben was there before
    an_ambassador(program, "Ada")
    look()
    look()
    assert given() == [(1, "For joining")]
    assert taxed() == [("40.00 USD", Reportable.REVIEW)]
    an_ambassador(program, "Cat")
    look()
    assert len(given()) == 1  # none is left
    with unit_of_work():
        item_commands.change_item(
            box.id, points_price=None, stock=5, seen_stock=0, is_active=True, by=None
        )
    look()
    assert len(given()) == 2
    assert all_is_well()


def test_R29_a_goal_gives_once_and_only_approved_sales_count(program, box, shop):
    an_ambassador(program, "Ada", code="ADA15")
    promise(program, box)
    shop.sells("80.00 USD", "ADA15")
    shop.sells("80.00 USD", "ADA15")
    look()
    assert given() == []
    approved(shop, "80.00 USD")
    approved(shop, "80.00 USD")
    assert given() == [(1, "For reaching a goal")]
    assert taxed() == [("40.00 USD", Reportable.YES)]
    assert all_is_well()


def test_R76_what_was_returned_does_not_count(program, box, shop):
    an_ambassador(program, "Ada", code="ADA15")
    promise(program, box)
    shop.sells("80.00 USD", "ADA15")
    shop.refunds("1001", "80.00 USD")
    approved(shop, "80.00 USD")
    assert given() == []


def test_a_goal_of_every_month_gives_again(world, program, shop):
    an_ambassador(program, "Ada", code="ADA15")
    points = add(world.glow, RewardKind.POINTS, "points", "0.10 USD")
    monthly = Reached(Metric.NET, 100_00, Window.MONTH, repeats=True)
    promise(program, points, goal=monthly, quantity=50)
    approved(shop, "120.00 USD")
    clock.pass_days(40)
    approved(shop, "150.00 USD")
    assert [quantity for quantity, _ in given()] == [50, 50]
    assert all_is_well()


def test_what_is_stopped_gives_no_more_and_what_cannot_be_is_refused(world, program, box, shop):
    an_ambassador(program, "Ada", code="ADA15")
    made = promise(program, box)
    with pytest.raises(Conflict, match="promised already"):
        promise(program, box)
    with pytest.raises(InvalidInput):
        promise(program, box, goal=Reached(threshold=0))
    with pytest.raises(NotFound):
        promise(program, add(world.rival))
    with unit_of_work():
        promise_commands.stop(made.id, by=None)
    clock.pass_days(1)
    approved(shop, "80.00 USD", "80.00 USD")
    assert given() == []
    with pytest.raises(Conflict, match="stopped already"), unit_of_work():
        promise_commands.stop(made.id, by=None)


def test_the_doctor_sees_a_reward_that_was_not_promised(world, program, box):
    promise(program, box, Occasion.JOINED)
    an_ambassador(program, "Ada")
    look()
    with unit_of_work():
        db.session.scalars(select(Reward)).one().quantity = 2
    assert "is not what was promised" in promise_queries.violations()[0]


def test_a_manager_promises_and_the_creator_reads_it(world, program, box, shop):
    an_ambassador(program, "Ada", code="ADA15")
    page = world.mona.opens("/brand/glow/rewards").follows("Rewards of programs")
    page.sees("No program gives anything by itself").fills("How many", "1")
    door, typed = "/brand/glow/rewards/promises", {
        "program": program.public_id, "item": box.public_id, "quantity": "1",
        "occasion": "reached", "metric": "sales", "threshold": "2", "window": "lifetime",
    }  # fmt: skip
    page.posts(door, typed | {"threshold": "2.5"}, status=422).sees("such as 10")
    page.posts(door, typed).sees("Whoever reaches 2 approved sales gets Box.", "Running")
    page.posts(door, typed, status=422).sees("This is promised already")
    approved(shop, "80.00 USD")
    hers = world.signed_in("ada@example.com").opens("/creator/rewards")
    hers.sees("What you can reach", "Whoever reaches 2 approved sales gets Box.", "1 approved sale")
    page.opens(door).presses("Stop").sees("Sales made until now still count once they are approved")
    page.posts(door, typed | {"occasion": "joined"}).sees("Whoever joins gets Box.")
    page.opens(door).presses("Stop").sees("Whoever joined until now still gets it.")
    world.rae.opens(door, status=404)
    world.rosa.opens(door, status=403)
