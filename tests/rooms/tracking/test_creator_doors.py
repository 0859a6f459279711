"""A creator's links: listed, made, changed, paused and resumed; and nobody else's."""

from types import SimpleNamespace

import pytest

from portal.ambassadors import commands as memberships
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, queries
from portal.tracking.models import LinkStatus
from tests.support.people import a_creator, a_program, an_ambassador, an_enrolled
from tests.support.shop import Shop, clicked

LINKS = "/creator/links"


@pytest.fixture
def program(world):
    return a_program(world.glow)


@pytest.fixture
def ada(world, program):
    """Ada, active in Glow's program: her browser and her first link."""
    member = an_ambassador(program, "Ada", code="ADA15")
    link = queries.default_links([member.id])[member.id]
    return SimpleNamespace(member=member, link=link, browser=world.signed_in("ada@example.com"))


def link_page(link):
    return f"{LINKS}/{link.public_id}"


def links_of(ada):
    return queries.links_of(ada.member.id)


def status_of(ada):
    return queries.default_links([ada.member.id])[ada.member.id].status


# ---- the list
def test_before_the_first_program_the_list_says_where_links_come_from(world):
    a_creator("Zoe")
    world.signed_in("zoe@example.com").opens(LINKS).sees("No links yet", "first program")


def test_the_list_holds_address_and_figures_in_a_field_to_select(world, ada):
    Shop(world.glow).sells("80.00 USD", click_id=str(clicked(ada.member)))
    page = ada.browser.opens(LINKS).sees("Glow", "Active")
    address = page.page.find("input", attrs={"readonly": True, "value": lambda it: "/go/" in it})
    assert address["value"] == f"http://localhost/go/{ada.link.slug}"
    row = page.page.find("tbody").find("tr")
    figures = {cell["data-label"]: cell.get_text(strip=True) for cell in row.find_all("td")}
    assert (figures["Clicks, 30 days"], figures["Orders"]) == ("1", "1")


def test_her_code_stands_there_too(ada):
    page = ada.browser.opens(LINKS)
    assert page.page.find("input", attrs={"readonly": True, "value": "ADA15"}), "no code to copy"


# ---- a new link
def test_a_link_for_one_product(ada):
    page = ada.browser.opens(LINKS).follows("New link")
    page.fills("Where it leads", "https://glow.example/mug").fills("Name", "Mug")
    page.fills("Where you will post it", "instagram").presses("Create link", status=200)
    page.sees("Your link is ready", "Mug", "/go/ada-mug")
    made = links_of(ada)[1]
    assert made.destination_url == "https://glow.example/mug"
    assert made.utm["utm_content"] == "instagram"
    shop = ada.browser.client.get("/go/ada-mug")
    assert shop.status_code == 302
    assert shop.headers["Location"].startswith("https://glow.example/mug?utm_source=")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("https://evil.example/mug", "evil.example is not one of the brand’s own sites."),
        ("https://glow.example.evil.example/", "is not one of the brand’s own sites."),
        ("https://glow.example@evil.example/", "nothing else"),
        ("http://glow.example/mug", "A link starts with https://."),
        ("javascript:alert(1)", "https://"),
        ("just words", "address"),
        ("", "Paste the page people should land on."),
        ("https://glow.example/" + "x" * 2100, "at most 2000 characters"),
    ],
)
def test_a_refused_destination_loses_nothing(ada, typed, told):
    page = ada.browser.opens(f"{LINKS}/new")
    page.fills("Where it leads", typed).fills("Name", "Mug")
    page.fills("Where you will post it", "tiktok").presses("Create link", status=422).sees(told)
    page.sees("There is something to correct", "A page on glow.example")
    assert page.page.title.get_text().startswith("Error: ")
    assert page.field("Where it leads")["value"] == typed
    assert page.field("Name")["value"] == "Mug"
    assert page.field("Where you will post it").find(selected=True)["value"] == "tiktok"
    assert len(links_of(ada)) == 1


def test_a_name_too_long_is_told_and_kept(ada):
    page = ada.browser.opens(f"{LINKS}/new").fills("Where it leads", "https://glow.example/")
    page.fills("Name", "m" * 41).presses("Create link", status=422).sees("at most 40 characters")


def test_two_links_of_one_name_get_two_addresses(ada):
    for _ in range(2):
        page = ada.browser.opens(f"{LINKS}/new").fills("Where it leads", "https://glow.example/")
        page.fills("Name", "Mug").presses("Create link", status=200)
    assert len({one.slug for one in links_of(ada)}) == 3


def test_only_her_own_active_programs_can_be_chosen(world, ada):
    other = an_ambassador(a_program(world.rival), "Ben", code="BEN15")
    stolen = {"program": other.public_id, "destination": "https://rival.example/", "channel": ""}
    ada.browser.opens(LINKS).posts(f"{LINKS}/new", stolen, status=422)
    assert len(queries.links_of(other.id)) == 1


def test_the_destination_must_be_the_chosen_programs(world, ada):
    second = an_ambassador(a_program(world.rival), "Ada", code="ADA15")
    page = ada.browser.opens(f"{LINKS}/new").fills("Program", second.public_id)
    page.fills("Where it leads", "https://glow.example/").presses("Create link", status=422)
    page.sees("glow.example is not one of the brand’s own sites.")
    page.fills("Where it leads", "https://rival.example/cream").presses("Create link", status=200)
    assert len(queries.links_of(second.id)) == 2


def test_without_an_active_membership_there_is_an_explanation(world, program):
    an_enrolled(program, "Ben", code="BEN15")
    page = world.signed_in("ben@example.com").opens(f"{LINKS}/new")
    page.sees("needs an active membership")


# ---- changing one
def test_a_new_destination_and_name_keep_the_address(ada):
    page = ada.browser.opens(link_page(ada.link))
    page.fills("Where it leads", "https://glow.example/new").fills("Name", "Bio")
    page.presses("Save link", status=200).sees("Saved", "Bio")
    changed = queries.link_of_creator(ada.member.creator_id, ada.link.public_id)
    assert (changed.slug, changed.destination_url) == (ada.link.slug, "https://glow.example/new")


def test_a_refused_change_loses_nothing(ada):
    page = ada.browser.opens(link_page(ada.link)).fills("Name", "Bio")
    page.fills("Where it leads", "https://evil.example/").presses("Save link", status=422)
    page.sees("evil.example is not one of the brand’s own sites.")
    assert page.field("Where it leads")["value"] == "https://evil.example/"
    assert page.field("Name")["value"] == "Bio"
    kept = queries.link_of_creator(ada.member.creator_id, ada.link.public_id)
    assert kept.destination_url == ada.link.destination_url


# ---- pausing and resuming
def test_a_paused_link_leads_to_the_program_and_a_resumed_one_to_the_shop(ada):
    page = ada.browser.opens(LINKS).presses("Pause", status=200).sees("Paused")
    assert "/p/glow" in page.client.get(f"/go/{ada.link.slug}").headers["Location"]
    page.presses("Resume", status=200).sees("works again", "Active")
    assert "glow.example" in page.client.get(f"/go/{ada.link.slug}").headers["Location"]


def test_pausing_and_resuming_twice_is_a_conflict(ada):
    page = ada.browser.opens(LINKS)
    page.posts(f"{link_page(ada.link)}/resume", status=409).sees("This link is active")
    page.posts(f"{link_page(ada.link)}/pause")
    page.posts(f"{link_page(ada.link)}/pause", status=409).sees("This link is paused")
    assert status_of(ada) is LinkStatus.PAUSED


def test_a_resting_memberships_link_stays_paused(ada):
    with unit_of_work():
        memberships.pause(ada.member.id, by=None)
        commands.pause_all(ada.member.id)
    page = ada.browser.opens(LINKS).sees("Paused")
    page.posts(f"{link_page(ada.link)}/resume", status=409).sees("membership is not active")


# ---- strangers
def test_another_creators_link_does_not_exist_for_her(world, ada):
    a_creator("Zoe")
    zoe = world.signed_in("zoe@example.com")
    zoe.opens(link_page(ada.link), status=404)
    for act in ("", "/pause", "/resume"):
        values = {"destination": "https://glow.example/hers", "label": "Hers"}
        zoe.opens(LINKS).posts(f"{link_page(ada.link)}{act}", values, status=404)
    ada.browser.opens(f"{LINKS}/link_unknown", status=404)
    assert status_of(ada) is LinkStatus.ACTIVE


def test_staff_without_a_creators_hat_are_told_403_and_guests_sign_in(world, browser, ada):
    for url in (LINKS, f"{LINKS}/new", link_page(ada.link)):
        world.mona.opens(url, status=403)
        browser.opens(url)
        assert browser.url.startswith("/sign-in")
    world.mona.browser.posts(f"{link_page(ada.link)}/pause", status=403)
    assert status_of(ada) is LinkStatus.ACTIVE


def test_pausing_is_never_a_get(ada):
    for act in ("pause", "resume"):
        ada.browser.opens(f"{link_page(ada.link)}/{act}", status=405)
