"""A pretended order: the whole trace, what it would earn, and nothing stored."""

import pytest
from sqlalchemy import func, select

from portal.attribution.models import Attribution
from portal.creators import queries as creators
from portal.kernel import clock
from portal.sales.models import Order
from portal.storage.model import db
from portal.tracking import queries as links
from tests.support.people import a_program, an_ambassador
from tests.support.shop import clicked

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
    browser.sees("No ambassador of yours has the handle, code, link or click nobody.")
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


def test_a_click_is_named_as_people_have_it_at_hand(world, members):
    ada, _ = members
    click_id = clicked(ada)
    clock.pass_days(12)
    slug = links.default_links([ada.id])[ada.id].slug
    for typed in (
        slug, slug.upper(), f"https://vouch.example/go/{slug}", f"/go/{slug}?utm_source=x",
        "ADA15", f"@{ada_handle(ada)}",
    ):  # fmt: skip
        tried(world, **{"Whose link was clicked": typed}).presses("Try it").sees("Ada Example")
    for typed in (str(click_id), f"https://glow.example/tea?vclid={click_id}"):
        tried(world, **{"Whose link was clicked": typed}).presses("Try it").sees("12 days before")
    for typed in ("https://vouch.example/go/nobody", "9" * 19, "https://[", "/go/"):
        tried(world, **{"Whose link was clicked": typed}).presses("Try it", status=422).sees(
            "No ambassador of yours has the handle, code, link or click"
        )


def test_another_brands_click_is_unknown(world, members):
    eva = an_ambassador(a_program(world.rival), "Eva")
    click_id = clicked(eva)
    slug = links.default_links([eva.id])[eva.id].slug
    for typed in (str(click_id), slug):
        tried(world, **{"Whose link was clicked": typed}).presses("Try it", status=422)


def ada_handle(ambassador):
    return creators.creator(ambassador.creator_id).handle
