"""The pages of rewards: a brand gives and sends, a creator reads and chooses."""

import pytest
from sqlalchemy import func, select

from portal.creators import queries as creators
from portal.rewards import queries
from portal.rewards.models import Reward, RewardKind
from portal.storage.model import db
from tests.rooms.rewards.test_commands import add, give
from tests.support.people import a_program, an_ambassador

REWARDS = "/brand/glow/rewards"
HERS = "/creator/rewards"


@pytest.fixture
def points(world):
    return add(world.glow, RewardKind.POINTS, "points", "0.10 USD")


@pytest.fixture
def box(world):
    return add(world.glow, points_price=500, stock=1)


def handle_of(member):
    return creators.creator(member.creator_id).handle


def test_a_manager_adds_gives_and_sends(world, ada):
    mona = world.mona.opens(REWARDS).sees("Nothing yet.").follows("Add")
    mona.fills("Name", "Box").fills("Fair value", "40").fills("In stock", "5")
    mona.presses("Add", status=200).sees("Box", "$40.00 each", "5 left")
    mona.follows("Give a reward").fills("Ambassador", "@nobody").presses("Give it", status=422)
    mona.sees("No ambassador of yours is @nobody.").fills("Ambassador", f"@{handle_of(ada)}")
    mona.fills("How many", "2").presses("Give it", status=200).sees("Ada Example", "2 × Box")
    mona.opens(REWARDS).follows("Ada Example").fills("Parcel number or link", "1Z 999")
    mona.presses("It is on its way", status=200)
    hers = world.signed_in("ada@example.com").opens(HERS)
    hers.sees("2 × Box", "$80.00", "Shipped", "1Z 999")
    mona.opens(REWARDS).follows("Ada Example").presses("It was delivered", status=200)
    mona.sees("Nothing to send").opens(f"{REWARDS}?view=all").sees("Delivered")
    assert "Ada Example" in mona.opens(f"{REWARDS}/rewards.csv").text


def test_the_same_form_sent_twice_gives_once(world, ada, box):
    page = world.mona.opens(f"{REWARDS}/give")
    typed = {"token": "gve_1", "creator": handle_of(ada), "item": box.public_id, "quantity": "1",
             "reason": "gift", "note": ""}  # fmt: skip
    for _ in range(2):
        page.posts(f"{REWARDS}/give", typed)
    assert db.session.scalar(select(func.count()).select_from(Reward)) == 1


def test_she_chooses_with_points(world, ada, points, box):
    give(points, ada, 400)
    hers = world.signed_in("ada@example.com").opens(HERS).sees("400", "100 missing")
    hers.posts(f"{HERS}/redeem/{box.public_id}", {"token": "a"}, status=409).sees("are missing")
    give(points, ada, 200, source="hand:2")
    hers.opens(HERS).presses("Get Box", status=200).sees("Box is yours.", "None left", "To ship")
    assert queries.points_of(ada.brand_id, ada.creator_id) == 100


def test_a_token_that_no_page_gave_breaks_nothing(world, ada, points, box):
    give(points, ada, 500)
    hers = world.signed_in("ada@example.com").opens(HERS)
    hers.posts(f"{HERS}/redeem/{box.public_id}", {"token": "a\0b"})
    hers.opens(HERS).sees("To ship")


def test_strangers_find_nothing(world, ada, points, box):
    reward = give(box, ada)
    an_ambassador(a_program(world.rival), "Cy")
    cy = world.signed_in("cy@example.com").opens(HERS).sees("No rewards yet")
    cy.posts(f"{HERS}/redeem/{box.public_id}", {"token": "a"}, status=404)
    world.rae.opens(REWARDS, status=404)
    world.rosa.opens(REWARDS)
    world.rosa.browser.opens(f"{REWARDS}/give", status=403)
    rival = add(world.rival)
    world.mona.opens(f"{REWARDS}/items/{rival.public_id}", status=404)
    world.mona.browser.posts(f"{REWARDS}/{reward.public_id}/deliver", {}, status=409)


def test_briefs_give_rewards_and_prices_change(world, ada, box):
    mona = world.mona.opens(f"{REWARDS}/briefs").sees("There is no brief yet.")
    mona.opens(f"{REWARDS}/items/{box.public_id}").fills("Price in points", "300")
    mona.presses("Save", status=200).sees("300 points")


def test_another_price_brings_back_no_piece_that_was_given_meanwhile(world, ada):
    cup = add(world.glow, name="Cup", points_price=500, stock=10)
    mona = world.mona.opens(f"{REWARDS}/items/{cup.public_id}").fills("Price in points", "300")
    give(cup, ada, 4)
    mona.presses("Save", status=200).sees("300 points", "6 left")


def test_a_stock_that_changed_meanwhile_is_written_again(world, ada):
    cup = add(world.glow, name="Cup", stock=10)
    mona = world.mona.opens(f"{REWARDS}/items/{cup.public_id}").fills("In stock", "15")
    give(cup, ada, 4)
    mona.presses("Save", status=422).sees("The stock is 6 by now.")
    mona.fills("In stock", "11").presses("Save", status=200).sees("11 left")
