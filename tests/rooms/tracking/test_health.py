"""Whether the pages that links lead to answer, and the brand's pages about links."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal.creators.models import Creator
from portal.identity.models import Brand
from portal.kernel import clock
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, health_queries, health_rules, jobs, queries
from portal.tracking.models import Health, LinkStatus
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop, clicked

LINKS = "/brand/glow/links"


class Pages(BaseHTTPRequestHandler):
    """A shop whose pages answer with the number in their path."""

    def do_GET(self):
        status = self.server.answers.get(self.path, 200)
        self.server.asked.append(self.path)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.leads_to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        return


@pytest.fixture
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads, server.answers, server.asked = True, {}, []
    server.leads_to = "/new-mug"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def ada(world, shop):
    ambassador = an_ambassador(a_program(world.glow), "Ada")
    with unit_of_work():
        brand = db.session.get(Brand, world.glow.id)
        brand.allowed_hosts = ["glow.example", f"127.0.0.1:{shop.server_port}"]
        commands.pause_link(queries.links_of(ambassador.id)[0].id, by=None)
    return ambassador


@pytest.fixture
def mug(ada, shop):
    with unit_of_work():
        return commands.issue_link(
            ada.id, f"http://127.0.0.1:{shop.server_port}/mug", "Mug", by=None
        )


def look():
    jobs.check_links(allows_loopback=True)


def state_of(link):
    found = health_queries.checks_of([link.id]).get(link.id)
    return found and (found.health.value, found.failures)


@pytest.mark.parametrize(
    ("status", "health"),
    [(200, "works"), (204, "works"), (403, "works"), (429, "works"), (404, "broken"),
     (410, "broken"), (500, "broken"), (503, "broken")],
)  # fmt: skip
def test_what_a_status_means(status, health):
    assert health_rules.finding_of(status).health is Health(health)


def test_a_page_is_looked_at_once_a_day(mug, shop):
    look()
    look()
    assert (shop.asked, state_of(mug)) == (["/mug"], ("works", 0))
    with clock.at(clock.now() + timedelta(hours=25)):
        look()
    assert shop.asked == ["/mug", "/mug"]


def test_a_redirect_is_noted_with_where_it_leads(world, mug, shop):
    shop.answers["/mug"] = 302
    look()
    assert (state_of(mug), shop.asked) == (("redirects", 0), ["/mug"])
    world.mona.opens(LINKS).sees("Redirects").follows("/go/ada-mug").sees(
        "It sends people on to", "/new-mug"
    )


@pytest.mark.parametrize("leads_to", ["http://[odd", "https://a\0b.example/"])
def test_a_redirect_to_no_address_does_not_end_the_round(mug, shop, leads_to):
    shop.answers["/mug"], shop.leads_to = 302, leads_to
    look()
    assert state_of(mug) == ("redirects", 0)


def test_two_failures_make_it_broken_and_one_good_look_mends_it(world, mug, shop):
    shop.answers["/mug"] = 404
    look()
    began = clock.now()
    world.mona.opens(LINKS).sees("Checking again").does_not_see("broken page")
    with clock.at(began + timedelta(minutes=16)):
        look()
        page = world.mona.opens(LINKS).sees("1 link leads to a broken page", "Broken")
        page.follows("See which").follows("/go/ada-mug").sees(
            "The page does not exist (404).", "Broken since 2 Mar"
        )
        ada = world.signed_in("ada@example.com").opens("/creator/links").sees("Page broken")
        ada.follows("Mug").sees("The page it leads to is broken", "The page does not exist (404).")
    shop.answers.clear()
    with clock.at(began + timedelta(hours=7)):
        look()
    assert state_of(mug) == ("works", 0)
    world.mona.opens(LINKS).does_not_see("broken page")


def test_a_new_destination_is_looked_at_afresh(world, mug, shop):
    shop.answers["/mug"] = 404
    look()
    page = world.mona.opens(f"{LINKS}/{mug.public_id}").follows("Edit")
    page.fills("Where it leads", "https://evil.example/").presses("Save link", status=422)
    page.fills("Where it leads", f"http://127.0.0.1:{shop.server_port}/cup")
    page.presses("Save link", status=200).sees("It", "looked at", "/cup")
    assert state_of(mug) is None
    look()
    assert state_of(mug) == ("works", 0)
    world.mona.opens(f"{LINKS}/{mug.public_id}").sees("Mona Example led it to")


def test_many_links_to_one_page_are_one_call(ada, shop):
    with unit_of_work():
        for name in ("One", "Two", "Three"):
            url = f"http://127.0.0.1:{shop.server_port}/mug"
            commands.issue_link(ada.id, url, name, by=None)
    look()
    assert shop.asked == ["/mug"]
    assert len(health_queries.checks_of([one.id for one in queries.links_of(ada.id)])) == 3


def test_this_machine_is_out_of_reach_in_earnest(mug, shop):
    jobs.check_links()
    found = health_queries.checks_of([mug.id])[mug.id]
    assert (shop.asked, found.health) == ([], Health.BROKEN)
    assert found.problem == "127.0.0.1 is not a public address."


def test_the_brand_looks_again_pauses_and_resumes(world, mug, shop):
    look()
    page = world.mona.opens(f"{LINKS}/{mug.public_id}").presses("Look at the page", status=200)
    look()
    assert shop.asked == ["/mug", "/mug"]
    page.presses("Pause", status=200).sees("Paused: it leads to the program’s page")
    assert queries.links_of(mug.ambassador_id)[1].status is LinkStatus.PAUSED
    page.presses("Resume", status=200).sees("The link works again")


def test_the_list_shows_what_each_link_brought_and_finds_it(world):
    ada = an_ambassador(a_program(world.glow), "Ada")
    Shop(world.glow).sells("80.00 USD", click_id=str(clicked(ada)))
    page = world.mona.opens(LINKS).sees("Main link", "Ada Example", "glow.example/", "Active")
    cells = {
        td["data-label"]: td.get_text(strip=True) for td in page.page.find("tbody").find_all("td")
    }
    assert (cells["Clicks, 30 days"], cells["Orders"]) == ("1", "1")
    page.follows("/go/ada").sees("1 click in 30 days", "$8 .00")
    world.mona.opens(f"{LINKS}?q=ada").sees("Main link")
    world.mona.opens(f"{LINKS}?q=zzz").sees("No link matches “zzz”")
    world.mona.opens(f"{LINKS}?view=broken").sees("Every page answers")
    world.mona.opens(f"{LINKS}?view=retired").sees("No links here")
    part = world.mona.browser.opens(LINKS, headers={"HX-Request": "true", "HX-Target": "list"}).page
    assert part.find("html") is None


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "UTC"])
def test_the_number_of_clicks_is_that_of_the_chart_in_every_zone(world, zone):
    ada = an_ambassador(a_program(world.glow), "Ada")
    with unit_of_work():
        db.session.get(Brand, world.glow.id).zone = zone
        db.session.get(Creator, ada.creator_id).zone = zone
    now = clock.now()
    for hours in range(0, 24 * 32, 11):
        clicked(ada, now - timedelta(hours=hours))
    for hours in (0, 9, 21):  # whatever the time of day, in UTC and in the zone
        with clock.at(now + timedelta(hours=hours)):
            page = world.mona.opens(LINKS)
            shown = page.page.find("td", {"data-label": "Clicks, 30 days"}).get_text(strip=True)
            page.follows("/go/ada").sees(f"{shown} clicks in 30 days")
            hers = world.signed_in("ada@example.com").opens("/creator/links")
            hers.follows("Main link").sees(f"{shown} clicks in 30 days")


def test_a_brand_without_links_is_told_where_they_come_from(world):
    world.mona.opens(LINKS).sees("Every ambassador gets one with the approval")


def test_others_are_kept_out(world, mug):
    url = f"{LINKS}/{mug.public_id}"
    world.rae.opens(url, status=404)
    world.rae.opens(f"/brand/rival/links/{mug.public_id}", status=404)
    page = world.rosa.opens(url).does_not_see("Pause", "Edit")
    for act in ("pause", "resume", "check"):
        page.posts(f"{url}/{act}", status=403)
        world.rae.browser.posts(f"/brand/rival/links/{mug.public_id}/{act}", status=404)
