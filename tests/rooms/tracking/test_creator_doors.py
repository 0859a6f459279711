"""Creators make, change and pause their links."""

from urllib.parse import urlencode

import pytest

from portal.ambassadors import commands as memberships
from portal.applications import commands as applications
from portal.applications.models import ApplicationStatus
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, queries
from tests.support.people import a_creator, a_program, an_ambassador, an_application, an_enrolled
from tests.support.shop import Shop, clicked

LINKS = "/creator/links"


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow), "Ada")


@pytest.fixture
def browser(world, ada):
    return world.signed_in("ada@example.com")


def addresses(page):
    """What the list of links holds to copy."""
    return [field["value"] for field in page.page.find(id="list").select("input[readonly]")]


def links(ada):
    return {link.label: link for link in queries.links_of(ada.id)}


def test_the_list_shows_what_each_link_brought(world, browser, ada):
    click_id = clicked(ada)
    Shop(world.glow).sells("80.00 USD", click_id=str(click_id))
    page = browser.opens(LINKS).sees(
        "Main link", "Glow", "glow.example/", "Active", "Clicks, 30 days"
    )
    row = page.page.find(id="list").find("tbody").find("tr")
    figures = {cell["data-label"]: cell.get_text(strip=True) for cell in row.find_all("td")}
    assert (figures["Clicks, 30 days"], figures["Orders"]) == ("1", "1")
    assert figures["Earned"] == "$8.00"


def test_a_code_and_an_address_are_there_to_select_and_to_copy_whole(browser, ada):
    page = browser.opens(LINKS).sees("Your code", "15% off for your people")
    values = [field["value"] for field in page.page.select("input[readonly]")]
    assert values == ["ADA15", "localhost/go/ada"]
    assert page.page.select("button[data-copies]")[0]["data-copies"] == "http://localhost/go/ada"


def test_an_approval_that_can_be_taken_back_shows_nothing_yet(world):
    asked = an_application(a_program(world.glow), "Eva")
    with unit_of_work():
        applications.decide(asked.id, ApplicationStatus.APPROVED, by=None, undo_seconds=300)
    world.signed_in("eva@example.com").opens(LINKS).sees("No links yet").does_not_see("EVA15")


def test_a_code_before_the_agreement_and_one_in_its_days_of_grace_say_so(world, browser, ada):
    an_enrolled(a_program(world.rival), "Ada", code="RIVALADA")
    with unit_of_work():
        old = queries.codes_of_ambassador(ada.id)[0]
        commands.replace_code(old.id, "ADANEW", 7, by=None)
    browser.opens(LINKS).sees(
        "Works once you have accepted the agreement",
        "Works until 9 Mar. ADANEW has taken over.",
    )


def test_links_are_found_by_program_and_status_also_as_a_region(world, browser, ada):
    other = an_ambassador(a_program(world.rival), "Ada", code="RIVALADA")
    with unit_of_work():
        commands.pause_link(queries.links_of(other.id)[0].id, by=None)
    mine = f"{LINKS}?program={programs.program(ada.program_id).public_id}"
    assert addresses(browser.opens(mine)) == ["localhost/go/ada"]
    assert addresses(browser.opens(f"{LINKS}?status=paused")) == ["localhost/go/ada-rival"]
    assert addresses(browser.opens(f"{LINKS}?status=active")) == ["localhost/go/ada"]
    browser.opens(f"{mine}&status=paused").sees("No links match", "Clear filters")
    region = browser.opens(mine, headers={"HX-Request": "true", "HX-Target": "list"})
    assert region.page.find("html") is None
    assert addresses(region) == ["localhost/go/ada"]


def test_more_links_than_a_page_go_on_and_none_is_missed(browser, ada):
    with unit_of_work():
        for number in range(55):
            commands.issue_link(ada.id, "https://glow.example/", f"Link {number}", by=None)
    first = addresses(browser.opens(LINKS).sees("First 50 of 56"))
    rest = addresses(browser.follows("Next"))
    assert (len(first), len(rest), len({*first, *rest})) == (50, 6, 56)
    assert first[0] == "localhost/go/ada"


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


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://evil.example/mug", "evil.example is not one of the brand’s own sites."),
        ("https://glow.example.evil.example/", "is not one of the brand’s own sites."),
        ("http://glow.example/mug", "A link starts with https://."),
        ("just words", "address"),
        ("", "Paste the page people should land on."),
        ("https://glow.example/" + "x" * 2100, "at most 2000 characters"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(browser, ada, url, told):
    page = browser.opens(f"{LINKS}/new").fills("Where it leads", url)
    page.fills("Where you will post it", "tiktok").presses("Create link", status=422)
    page.sees(told, "A page on glow.example")
    assert page.page.title.get_text().startswith("Error: ")
    assert page.field("Where it leads")["value"] == url
    assert page.field("Where you will post it").find(selected=True)["value"] == "tiktok"


def test_the_channel_travels_and_the_https_may_be_left_out(browser, ada):
    page = browser.opens(f"{LINKS}/new").fills("Where it leads", "glow.example/mug?size=l")
    page.fills("Where you will post it", "instagram").fills("Name", "Mug")
    page.presses("Create link", status=200)
    location = browser.client.get("/go/ada-mug").headers["Location"]
    assert location.startswith("https://glow.example/mug?size=l&utm_source=adaexample")
    assert "utm_content=instagram" in location


def test_one_more_can_be_made_at_once_and_gets_an_address_of_its_own(browser, ada):
    browser.opens(f"{LINKS}/new")
    for _ in range(2):
        browser.fills("Where it leads", "https://glow.example/").fills("Name", "Mug")
        browser.presses("Create and make another", status=200).sees(
            "Your link is ready", "New link"
        )
    assert len({one.slug for one in queries.links_of(ada.id)}) == 3


def test_only_her_own_active_programs_can_be_chosen(world, browser, ada):
    other = an_ambassador(a_program(world.rival), "Ben", code="BEN15")
    values = {"program": other.public_id, "destination": "https://rival.example/", "channel": ""}
    browser.opens(f"{LINKS}/new").posts(f"{LINKS}/new", values, status=422)
    assert len(queries.links_of(other.id)) == 1


def test_the_destination_must_be_the_chosen_programs(world, browser, ada):
    second = an_ambassador(a_program(world.rival), "Ada", code="RIVALADA")
    page = browser.opens(f"{LINKS}/new").sees("Glow: glow.example.", "Rival: rival.example.")
    page.fills("Program", second.public_id).fills("Where it leads", "https://glow.example/")
    page.presses("Create link", status=422).sees("glow.example is not one of the brand’s own")
    page.fills("Where it leads", "https://rival.example/cream").presses("Create link", status=200)
    assert len(queries.links_of(second.id)) == 2


def preview(browser, ada, **typed):
    """What the form shows of a link that is not made yet."""
    asked = urlencode({"program": ada.public_id, "label": "Mug", **typed})
    headers = {"HX-Request": "true", "HX-Target": "preview"}
    return browser.opens(f"{LINKS}/new/preview?{asked}", headers=headers)


def test_the_preview_says_address_and_landing_or_why_not(browser, ada):
    preview(browser, ada, destination="glow.example/mug").sees(
        "localhost/go/ada-mug", "https://glow.example/mug?utm_source=adaexample"
    )
    preview(browser, ada, destination="https://evil.example/").sees("evil.example is not one")
    preview(browser, ada, destination="").sees("tells the shop that people came from you")
    preview(browser, ada, destination="glow.example", program="amb_unknown").does_not_see("/go/")
    assert len(links(ada)) == 1
    assert browser.client.get(f"{LINKS}/new/preview").headers["Location"].endswith("/new")


def test_one_link_tells_where_people_land_and_what_happened(browser, ada):
    link = queries.links_of(ada.id)[0]
    page = browser.opens(f"{LINKS}/{link.public_id}/edit")
    page.fills("Where it leads", "glow.example/sale")
    page.presses("Save link", status=200).opens(f"{LINKS}/{link.public_id}")
    page.sees("https://glow.example/sale?utm_source=adaexample", "You led it to glow.example/sale")
    page.presses("Pause", status=200).opens(f"{LINKS}/{link.public_id}")
    page.sees("This link is paused", "You paused it").presses("Resume").sees("The link works again")


def test_a_link_paused_with_the_membership_says_so_and_offers_nothing(browser, ada):
    with unit_of_work():
        memberships.pause(ada.id, by=None)
        commands.pause_all(ada.id)
    page = browser.opens(f"{LINKS}/{queries.links_of(ada.id)[0].public_id}")
    page.sees("Paused with your membership", "Automatic: paused, with your membership")
    page.does_not_see("Resume").opens(LINKS).sees("Orders with it do not count for now")
    page.does_not_see("Resume", "New link")


def test_the_destination_and_the_name_can_change_the_address_never(browser, ada):
    link = queries.links_of(ada.id)[0]
    page = (
        browser.opens(f"{LINKS}/{link.public_id}")
        .follows("Edit")
        .fills("Where it leads", "https://glow.example/sale")
    )
    page.fills("Name", "Sale").presses("Save link", status=200).sees("Saved", "Sale")
    assert (links(ada)["Sale"].slug, links(ada)["Sale"].destination_url) == (
        "ada",
        "https://glow.example/sale",
    )
    browser.opens(f"{LINKS}/{link.public_id}/edit").fills(
        "Where it leads", "https://evil.example"
    ).presses("Save link", status=422)


def test_pause_and_resume(browser, ada):
    browser.opens(LINKS).presses("Pause").sees(
        "is paused: it leads to the program’s page", "Resume"
    )
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
    other.opens(f"{LINKS}/{link.public_id}/edit", status=404)
    other.opens(f"{LINKS}/{link.public_id}/qr.svg", status=404)
    for act in ("pause", "resume", "retire", "restore"):
        other.posts(f"{LINKS}/{link.public_id}/{act}", status=404)
    other.opens(LINKS).sees("No links yet")
    world.mona.opens(f"{LINKS}/new", status=403)


def test_a_get_changes_nothing(browser, ada):
    link = queries.links_of(ada.id)[0]
    assert browser.client.get(f"{LINKS}/{link.public_id}/pause").status_code == 405
