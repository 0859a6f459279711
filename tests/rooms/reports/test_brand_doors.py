"""The brand's home, its ambassadors, and the data behind the charts."""

from datetime import timedelta

from sqlalchemy import event

from portal.applications import commands as applications
from portal.applications import queries as sent
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.reports import brand_queries, roster_queries
from portal.reports.periods import until_today
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import HTMX
from tests.support.people import a_program, an_ambassador, an_application, an_enrolled
from tests.support.shop import clicked

HOME = "/brand/glow/"


def span(days=30):
    return until_today(days, "America/New_York")


def test_an_empty_brand_is_led_to_its_first_sale(world):
    world.mona.opens(HOME).sees("Set up Glow", "0 of 6 done", "Describe the program")
    program = a_program(world.glow)
    world.mona.opens(HOME).sees("4 of 6 done", "Welcome the first ambassador")
    an_ambassador(program, "Ada")
    world.mona.opens(HOME).sees("5 of 6 done", "Receive the first order")


def test_what_waits_is_counted(world, program):
    world.mona.opens(HOME).sees("Waiting for you", "Nothing.")
    an_application(program, "Ben")
    clock.pass_days(2)
    world.mona.opens(HOME).sees("Applications", "oldest 2 d", "Ben Example", "Submitted")


def test_the_home_page_opens_each_chart_with_its_finding(world, ada, shop):
    shop.sells("80.00 USD", "ADA15", number="1")
    shop.sells("40.00 USD", "ADA15", number="2")
    shop.sells("99.00 USD", number="3")
    world.mona.opens(HOME).sees(
        "Last 30 days", "1 Feb to 2 Mar, New York", "$120", "2", "$60", "10%", "900%",
        "Sales came to $120.00. The best day was 2 Mar, with $120.00.",
        "1 of 1 ambassador sold something.", "Ada Example", "Latest orders", "From application to first order",
    )  # fmt: skip
    for days, words in (
        (7, "Last 7 days"),
        (90, "Last 90 days"),
        (365, "Last 12 months"),
        (5, "Last 30 days"),
    ):
        world.mona.opens(f"{HOME}?days={days}").sees(words)
    world.mona.opens(f"{HOME}?days=soon").sees("Last 30 days")


def test_results_count_credited_orders_without_what_went_back(world, ada, shop):
    shop.sells("80.00 USD", "ADA15", number="1")
    shop.sells("40.00 USD", "ADA15", number="2")
    shop.sells("50.00 EUR", "ADA15", number="4")
    shop.refunds("1", "30.00 USD")
    found = brand_queries.results(identity.brand(ada.brand_id), span())
    assert (found.net, found.orders) == (Money.of("90.00 USD"), 2)
    assert found.commission == Money.of("9.00 USD")
    assert (found.average, found.commission_bp) == (Money.of("45.00 USD"), 1_000)
    assert found.roi_bp == 90_000
    before = brand_queries.results(identity.brand(ada.brand_id), span().before())
    assert (before.orders, before.average, before.roi_bp, before.new_bp) == (0, None, None, None)


def test_the_days_add_up_to_the_whole(world, ada, shop):
    for days, amount in ((40, "1.00"), (29, "2.00"), (10, "4.00"), (0, "8.00")):
        with clock.at(clock.now() - timedelta(days=days)):
            placed = clock.now()
        shop.sells(f"{amount} USD", "ADA15", number=f"d{days}", placed_at=placed)
    brand = identity.brand(ada.brand_id)
    for days in (7, 30, 90, 365):
        steps = brand_queries.net_by_step(brand, span(days))
        assert sum(steps) == brand_queries.results(brand, span(days)).net.minor


def test_the_data_behind_the_charts_comes_as_csv(world, ada, shop):
    shop.sells("80.00 USD", "ADA15", number="1")
    mona = world.mona.browser
    mona.opens(f"{HOME}sales.csv?days=7")
    lines = mona.response.get_data(as_text=True).lstrip("\ufeff").split()
    assert lines[0] == "from,net_sales_USD"
    assert lines[-1] == "2026-03-02,80.00"
    mona.opens(f"{HOME}sellers.csv")
    assert f"Ada Example,{ada.public_id},80.00" in mona.response.get_data(as_text=True)
    assert "attachment" in mona.response.headers["Content-Disposition"]


def test_the_roster_shows_what_each_brings(world, program, ada, shop):
    an_enrolled(program, "Ben")
    clicked(ada)
    shop.sells("80.00 USD", "ADA15", number="1")
    mona = world.mona.opens("/brand/glow/ambassadors").sees(
        "1 active ambassador", "Ada Example", "ADA15", "$80.00", "$8.00"
    )
    mona.does_not_see("Ben Example").follows("Onboarding").sees(
        "Ben Example", "BEN15"
    ).does_not_see("Ada Example")
    mona.opens("/brand/glow/ambassadors?view=all&q=nobody").sees(
        "No ambassador matches", "Clear the search"
    )
    mona.opens("/brand/glow/ambassadors?view=paused").sees("Nobody in this view")
    mona.opens("/brand/glow/ambassadors?cursor=made-up", status=422)


def test_the_rosters_list_is_a_part_of_its_page(world, ada):
    rosa = world.signed_in(world.rosa.email, htmx=True)
    part = rosa.opens("/brand/glow/ambassadors", headers=HTMX | {"HX-Target": "list"}).page.find(
        id="list"
    )
    assert rosa.page.find("h1") is None
    page = world.rosa.opens("/brand/glow/ambassadors").page.find(id="list")
    assert part.get_text(" ", strip=True) == page.get_text(" ", strip=True)


def test_the_roster_asks_few_questions_whatever_its_length(world, program, ada, shop):
    for name in ("Ben", "Cleo", "Dora"):
        an_ambassador(program, name)
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    rows = roster_queries.roster(ada.brand_id, PageRequest(), view="active").rows
    assert len(rows) == 4
    assert len(asked) <= 10


def test_one_ambassador_with_everything_that_happened(world, program, ada, shop):
    shop.sells("80.00 USD", "ADA15", number="1")
    with unit_of_work():
        applications.change_membership(ada.id, "pause", by=None, reason="holiday")
    mona = world.mona.opens(f"/brand/glow/ambassadors/{ada.public_id}")
    mona.sees(
        "Ada Example",
        "Paused",
        "$80.00",
        "$8.00",
        "ADA15",
        "/go/ada",
        "Version 1 accepted on",
        "holiday",
    )
    mona.sees("Resume").does_not_see("Pause membership")
    reference = sent.of_ambassador(ada.id).reference
    mona.follows(f"Application {reference}").sees("Ada Example", "Approved")
    world.rosa.opens(f"/brand/glow/ambassadors/{ada.public_id}").does_not_see(
        "Resume", "End membership"
    )


def test_how_many_members_new_terms_concern(world, program, ada):
    owner = world.signed_in(world.owen.email, htmx=True)
    door = f"/brand/glow/ambassadors/affected?program={program.public_id}"
    owner.opens(door, headers=HTMX).sees("1 active member", "from their next order")
    world.owen.opens(door).sees("Ambassadors")
    world.owen.opens("/brand/glow/ambassadors/affected?program=prg_none", status=404)


def test_another_brand_and_a_stranger_see_nothing(world, browser, ada):
    for door in ("", "ambassadors", f"ambassadors/{ada.public_id}", "sales.csv", "sellers.csv"):
        world.rae.browser.opens(f"{HOME}{door}", status=404)
    world.rae.browser.opens(f"/brand/rival/ambassadors/{ada.public_id}", status=404)
    browser.opens(HOME).sees("Sign in")
    world.cy.browser.opens(HOME, status=404)
