"""What a program gives beside its rates stands on its page, before she accepts, and after."""

import pytest

from portal.bonuses import commands as bonuses
from portal.bonuses.models import Metric, Window
from portal.bonuses.rules import Goal
from portal.kernel.money import Money
from portal.rewards import item_commands, promise_commands
from portal.rewards.models import Occasion, RewardKind
from portal.rewards.promise_commands import Reached
from portal.storage.unit_of_work import unit_of_work
from tests.rooms.rewards.test_commands import add
from tests.rooms.rewards.test_promises import promise
from tests.support.browser import Browser
from tests.support.people import a_program, an_ambassador, an_enrolled

WELCOME = "You get Box, worth $40.00, when you join."
MONTHLY = ("You get 50 points, worth $5.00, for each calendar month in which you reach $100.00 of "
           "approved net sales.")  # fmt: skip
BONUS = "You earn $1,000.00 when you reach 500 approved sales, payable 30 days later."


@pytest.fixture
def program(world):
    return a_program(world.glow, terms={"hold_days": 10})


@pytest.fixture
def box(world):
    return add(world.glow, stock=1)


@pytest.fixture
def promised(world, program, box):
    points = add(world.glow, RewardKind.POINTS, "points", "0.10 USD")
    monthly = Reached(Metric.NET, 100_00, Window.MONTH, repeats=True)
    with unit_of_work():
        goal = Goal("500", Metric.SALES, 500, Money.of("1000.00 USD"), Window.LIFETIME,
                    repeats=False, hold_days=30)  # fmt: skip
        bonuses.set_up(program.id, goal, by=None)
    return [promise(program, points, goal=monthly, quantity=50),
            promise(program, box, Occasion.JOINED)]  # fmt: skip


def test_R30_the_program_page_names_gifts_and_goals_to_anybody(world, program, promised):
    page = Browser(world.app).opens("/p/glow")
    page.sees("What else you get", WELCOME, BONUS, MONTHLY, "returns taken off")
    with unit_of_work():
        for one in promised:
            promise_commands.stop(one.id, by=None)
    page.opens("/p/glow").sees(BONUS).does_not_see("Box", "50 points")


def test_a_program_that_gives_nothing_beside_says_nothing(world, program):
    Browser(world.app).opens("/p/glow").does_not_see("What else you get")


def test_what_ran_out_is_said_and_what_is_given_no_more_is_not(world, program, box, promised):
    with unit_of_work():
        item_commands.change_item(
            box.id, points_price=None, stock=0, seen_stock=1, is_active=True, by=None
        )
    page = Browser(world.app).opens("/p/glow")
    page.sees(f"{WELCOME} None is left right now: you get it once there is some.")
    with unit_of_work():
        item_commands.change_item(
            box.id, points_price=None, stock=0, seen_stock=0, is_active=False, by=None
        )
    page.opens("/p/glow").does_not_see("Box")


def test_she_reads_it_before_she_accepts_and_the_goals_afterwards(world, program, promised):
    member = an_enrolled(program, "Ada")
    hers = world.signed_in("ada@example.com")
    door = f"/creator/programs/{program.public_id}"
    hers.opens(f"{door}/onboarding").sees(WELCOME, BONUS, MONTHLY)
    assert member.activated_at is None


def test_a_member_reads_the_goals_and_no_welcome_gift(world, program, promised):
    an_ambassador(program, "Ada")
    page = world.signed_in("ada@example.com").opens(f"/creator/programs/{program.public_id}")
    page.sees(BONUS, MONTHLY).does_not_see(WELCOME)


@pytest.mark.parametrize(
    ("window", "repeats", "when"),
    [
        (Window.QUARTER, True, "for each quarter in which you reach 1 approved lead"),
        (Window.YEAR, False, "the first time you reach 1 approved lead in a calendar year"),
    ],
)  # fmt: skip
def test_windows_are_told_in_words(world, program, box, window, repeats, when):
    promise(program, box, goal=Reached(Metric.LEADS, 1, window, repeats))
    Browser(world.app).opens("/p/glow").sees(f"You get Box, worth $40.00, {when}.")
