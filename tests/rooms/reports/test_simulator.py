"""A pretended order: the whole trace, what it would earn, and nothing stored."""

import pytest
from sqlalchemy import func, select

from portal.attribution.models import Attribution
from portal.sales.models import Order
from portal.storage.model import db
from tests.support.people import a_program, an_ambassador

DOOR = "/brand/glow/simulator"


@pytest.fixture
def members(world):
    program = a_program(world.glow)
    return an_ambassador(program, "Ada"), an_ambassador(program, "Ben")


def tried(world, **typed):
    browser = world.mona.opens(DOOR)
    for label, value in typed.items():
        browser.fills(label.replace("_", " "), value)
    return browser


def test_a_code_and_another_creators_click(world, members):
    browser = tried(world, **{
        "What counts of it": "80.00", "Codes typed at checkout": "ada15",
        "Whose link was clicked": "BEN15", "Customer": "returning",
    })  # fmt: skip
    browser.fills("Days before the order", "12").presses("Try it")
    browser.sees("Credited: the code was typed", "Ada Example", "$8.00", "Ben Example", "assist")
    browser.sees("12 days before; the window is 30 days", "A typed code beats every link")


def test_too_early_a_click_and_a_stranger(world, members):
    browser = tried(world, **{"Whose link was clicked": "BEN15"})
    browser.fills("Days before the order", "31").presses("Try it")
    browser.sees("The click was too long before the order", "The creator reads")
    browser.fills("Whose link was clicked", "nobody").presses("Try it", status=422)
    browser.sees("No ambassador of yours has the handle or code nobody.")
    browser.opens(f"{DOOR}?amount=x", status=422).sees("Write an amount such as")


def test_nothing_is_stored_and_nobody_else_looks(world, members):
    tried(world, **{"Codes typed at checkout": "ADA15"}).presses("Try it").sees("$8.00")
    for model in (Order, Attribution):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
    world.rae.browser.opens(DOOR, status=404)


def test_another_brands_code_is_unknown(world, members):
    an_ambassador(a_program(world.rival), "Eva")
    tried(world, **{"Codes typed at checkout": "EVA15"}).presses("Try it").sees(
        "EVA15 was typed at checkout", "Not a code here"
    )


def test_an_address_alone_is_the_whole_question(world, members):
    world.mona.opens(f"{DOOR}?amount=80.00&codes=ADA15&clicked=BEN15&days=3").sees("$8.00")
