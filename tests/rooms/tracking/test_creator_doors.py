"""Creators make, change and pause their links."""

import pytest

from portal.ambassadors import commands as memberships
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries
from tests.support.people import a_creator, a_program, an_ambassador
from tests.support.shop import Shop, clicked

LINKS = "/creator/links"


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow), "Ada")


@pytest.fixture
def browser(world, ada):
    return world.signed_in("ada@example.com")


def links(ada):
    return {link.label: link for link in queries.links_of(ada.id)}


def test_the_list_shows_what_each_link_brought(world, browser, ada):
    click_id = clicked(ada)
    Shop(world.glow).sells("80.00 USD", click_id=str(click_id))
    page = browser.opens(LINKS).sees(
        "Main link", "Glow", "glow.example/", "Active", "Clicks, 30 days"
    )
    cells = [cell.get_text(strip=True) for cell in page.page.select("td.num")]
    assert cells == ["1", "1"]


def test_a_new_link(browser, ada):
    page = browser.opens(f"{LINKS}/new").sees("A page on glow.example")
    page.fills("Where it leads", "https://glow.example/mug?size=l").fills("Name", "The mug")
    page.presses("Create link", status=200).sees(
        "Your link is ready: http://localhost/go/ada-the-mug", "The mug"
    )
    assert links(ada)["The mug"].destination_url == "https://glow.example/mug?size=l"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "https://glow.example@evil.example",
        "",
        "x" * 3000,
    ],
)
def test_R55_a_destination_elsewhere_is_refused_and_nothing_is_lost(browser, ada, url):
    page = browser.opens(f"{LINKS}/new").fills("Where it leads", url).fills("Name", "Kept")
    page.presses("Create link", status=422).sees("There is something to correct")
    assert page.field("Name")["value"] == "Kept"
    assert len(links(ada)) == 1


def test_the_destination_and_the_name_can_change_the_address_never(browser, ada):
    link = queries.links_of(ada.id)[0]
    page = browser.opens(f"{LINKS}/{link.public_id}").fills(
        "Where it leads", "https://glow.example/sale"
    )
    page.fills("Name", "Sale").presses("Save link", status=200).sees("Saved", "Sale")
    assert (links(ada)["Sale"].slug, links(ada)["Sale"].destination_url) == (
        "ada",
        "https://glow.example/sale",
    )
    browser.opens(f"{LINKS}/{link.public_id}").fills(
        "Where it leads", "https://evil.example"
    ).presses("Save link", status=422)


def test_pause_and_resume(browser, ada):
    browser.opens(LINKS).presses("Pause").sees("Paused. It leads to the program’s page", "Resume")
    browser.presses("Resume").sees("The link works again", "Active")


def test_pausing_twice_is_a_conflict(browser, ada):
    link = queries.links_of(ada.id)[0]
    for status in (200, 409):
        browser.posts(f"{LINKS}/{link.public_id}/pause", status=status)


def test_a_resting_membership_cannot_wake_its_links(browser, ada):
    link = queries.links_of(ada.id)[0]
    browser.posts(f"{LINKS}/{link.public_id}/pause")
    with unit_of_work():
        memberships.pause(ada.id, by=None)
    browser.posts(f"{LINKS}/{link.public_id}/resume", status=409).sees("membership is not active")
    browser.opens(f"{LINKS}/new").sees("No program can get links now")
    browser.opens(LINKS).sees("Paused")


def test_another_creators_link_is_not_found(world, ada):
    a_creator("Cy")
    link = queries.links_of(ada.id)[0]
    other = world.signed_in("cy@example.com")
    other.opens(f"{LINKS}/{link.public_id}", status=404)
    for act in ("pause", "resume"):
        other.posts(f"{LINKS}/{link.public_id}/{act}", status=404)
    other.opens(LINKS).sees("No links yet")
    world.mona.opens(f"{LINKS}/new", status=403)


def test_a_get_changes_nothing(browser, ada):
    link = queries.links_of(ada.id)[0]
    assert browser.client.get(f"{LINKS}/{link.public_id}/pause").status_code == 405
