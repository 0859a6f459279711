"""A creator's links in depth: own addresses, sub-ids, QR codes, retiring, figures."""

from datetime import timedelta

import pytest

from portal.kernel import clock
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, queries
from portal.tracking.models import LinkStatus
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, clicked

LINKS = "/creator/links"


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow), "Ada")


@pytest.fixture
def browser(world, ada):
    return world.signed_in("ada@example.com")


@pytest.fixture
def mug(ada):
    with unit_of_work():
        return commands.issue_link(ada.id, "https://glow.example/mug", "Mug", by=None)


def typed(browser, **fields):
    page = browser.opens(f"{LINKS}/new").fills("Where it leads", "https://glow.example/mug")
    for label, value in fields.items():
        page.fills(label.replace("_", " ").replace("Sub id", "Sub-id"), value)
    return page


def test_an_own_address_in_whatever_case_it_is_typed(browser, ada):
    typed(browser, Own_address="Adas-Mugs").presses("Create link", status=200)
    browser.sees("http://localhost/go/adas-mugs")
    assert queries.links_of(ada.id)[1].slug == "adas-mugs"


@pytest.mark.parametrize(
    ("slug", "told"),
    [
        ("ab", "3 to 40 small letters"),
        ("adas mugs", "3 to 40 small letters"),
        ("-adas", "3 to 40 small letters"),
        ("adas--mugs", "3 to 40 small letters"),
        ("12345", "3 to 40 small letters"),
        ("adäs", "3 to 40 small letters"),
        ("admin", "cannot be an address"),
        ("sh1t-happens", "cannot be an address"),
        ("ADA", "ada is taken. Free are: ada-2, ada-3"),
    ],
)
def test_an_address_that_cannot_be_says_why_and_keeps_what_was_typed(browser, ada, slug, told):
    page = typed(browser, Own_address=slug).presses("Create link", status=422).sees(told)
    assert page.field("Own address")["value"] == slug
    assert len(queries.links_of(ada.id)) == 1


def test_a_sub_id_goes_to_the_shop_unless_the_click_brings_its_own(browser, ada):
    typed(browser, Own_address="ada-mug", Sub_id="reel.7").presses("Create link", status=200)
    assert "sub1=reel.7" in browser.client.get("/go/ada-mug").headers["Location"]
    location = browser.client.get("/go/ada-mug?sub1=bio").headers["Location"]
    assert "sub1=bio" in location
    assert "reel.7" not in location
    typed(browser, Sub_id="two words").presses("Create link", status=422).sees("A sub-id has")


def test_the_preview_says_when_an_own_address_is_taken(browser, ada):
    asked = f"{LINKS}/new/preview?program={ada.public_id}&destination=https://glow.example/"
    htmx = {"HX-Request": "true", "HX-Target": "preview"}
    browser.opens(f"{asked}&slug=ada", headers=htmx).sees("ada is taken")
    browser.opens(f"{asked}&slug=ada-mugs&sub_id=bio", headers=htmx).sees(
        "/go/ada-mugs", "sub1=bio"
    )


def test_the_page_of_a_link_shows_what_it_brought(world, browser, ada):
    click_id = clicked(ada)
    Shop(world.glow).sells("80.00 USD", click_id=str(click_id))
    link = queries.links_of(ada.id)[0]
    browser.opens(LINKS).follows("Main link").sees(
        "1 click in 30 days, most today: 1.", "Orders", "$8 .00", "Download PNG"
    )
    assert browser.url == f"{LINKS}/{link.public_id}"


def test_a_qr_code_is_a_picture_on_the_page_and_a_file_to_keep(browser, mug):
    url = f"{LINKS}/{mug.public_id}"
    browser.opens(url)
    assert (
        browser.page.find("img", src=f"{url}/qr.svg")["alt"]
        == f"QR code of http://localhost/go/{mug.slug}"
    )
    svg = browser.client.get(f"{url}/qr.svg")
    assert svg.mimetype == "image/svg+xml"
    assert b"viewBox" in svg.data
    assert "Content-Disposition" not in svg.headers
    png = browser.client.get(f"{url}/qr.png?save=1")
    assert png.data.startswith(b"\x89PNG")
    assert png.headers["Content-Disposition"] == f'attachment; filename="{mug.slug}-qr.png"'
    assert browser.client.get(f"{url}/qr.gif").status_code == 404


def test_a_pause_can_be_undone_at_once(browser, ada):
    browser.opens(LINKS).presses("Pause").sees("“Main link” is paused", "Undo within")
    browser.presses("Undo").sees("The link works again")
    assert queries.links_of(ada.id)[0].status is LinkStatus.ACTIVE


def test_a_retired_link_ends_and_comes_back_while_it_can_be_undone(browser, ada, mug):
    browser.opens(f"{LINKS}/{mug.public_id}").presses("Retire").sees("“Mug” is retired")
    assert browser.client.get(f"/go/{mug.slug}").status_code == 404
    assert browser.opens(LINKS).page.find(string="Mug") is None
    browser.opens(f"{LINKS}?status=retired").sees("Mug", "Retired")
    browser.posts(f"{LINKS}/{mug.public_id}/restore", status=200).sees("back as it was")
    assert browser.client.get(f"/go/{mug.slug}").status_code == 302


def test_a_link_paused_before_comes_back_paused(browser, mug):
    for act in ("pause", "retire", "restore"):
        browser.posts(f"{LINKS}/{mug.public_id}/{act}", status=200)
    browser.opens(f"{LINKS}/{mug.public_id}").sees("This link is paused")


def test_after_ten_minutes_a_retirement_stands(browser, mug):
    browser.posts(f"{LINKS}/{mug.public_id}/retire", status=200)
    with clock.at(clock.now() + timedelta(minutes=11)):
        browser.opens(f"{LINKS}?undo={mug.public_id}").does_not_see("Undo")
        browser.posts(f"{LINKS}/{mug.public_id}/restore", status=409).sees("cannot be undone")
        browser.opens(f"{LINKS}/{mug.public_id}").sees("This link has ended").does_not_see(
            "Stop this"
        )
        typed(browser, Own_address=mug.slug).presses("Create link", status=422).sees("is taken")


def test_the_main_link_is_paused_never_retired(browser, ada):
    main = queries.links_of(ada.id)[0]
    browser.opens(f"{LINKS}/{main.public_id}").does_not_see("Retire")
    browser.posts(f"{LINKS}/{main.public_id}/retire", status=409).sees("Pause it instead")
