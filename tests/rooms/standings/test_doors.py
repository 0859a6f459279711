"""The pages of tiers through a browser: set up, tried, checked, published; lists; one creator."""

from datetime import timedelta

import pytest

from portal.commissions import jobs as money
from portal.kernel import clock
from portal.programs import commands as programs
from portal.standings import jobs, queries
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import queries as ladders
from tests.support.people import a_program, an_ambassador

TYPED = {
    "steps-0-name": "Base", "steps-0-threshold": "0", "steps-0-rate": "10",
    "steps-1-name": "Silver", "steps-1-threshold": "100", "steps-1-rate": "15",
    "metric": "net_sales", "window": "lifetime", "window_days": "90", "mode": "marginal",
    "automation": "periodic", "grace_days": "14", "review": "person", "review_days": "3",
    "lock_days": "45", "example_before": "80.00", "example_order": "120.00",
}  # fmt: skip


@pytest.fixture
def home(program):
    return f"/brand/glow/settings/program/{program.public_id}/tiers"


def sends(who, url, status=200, **more):
    return who.browser.posts(url, TYPED | more, status=status)


def set_up(world, home):
    sends(world.owen, f"{home}/edit", status=200, do="publish")


def sold(shop, amount):
    shop.sells(amount, "ADA15")
    clock.pass_days(31)
    money.mature_due()
    clock.pass_time(timedelta(minutes=1))


def test_without_tiers_the_page_says_what_they_are_for(world, home):
    world.owen.opens(home).sees("Tiers raise a creator’s rate", "Set up tiers")


def test_R24_the_example_is_worked_out_and_checked_and_published(world, ada, home):
    page = world.owen.opens(f"{home}/edit").sees("Gold", "What counts")
    sends(world.owen, f"{home}/edit", do="example").sees("$17.00")
    check = sends(world.owen, f"{home}/edit", do="check")
    check.sees("Silver from $100.00: 15%.", "Nobody would move", "needs no notice")
    set_up(world, home)
    page = world.owen.opens(home)
    page.sees("Ada Example", "version 1", "Silver")
    assert ladders.ladder_of(ladders.tiered_programs()[0]).steps[1].rate_bp == 1500


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps-1-threshold": "0"}, "Silver must begin above Base."),
        ({"steps-1-name": ""}, "Each tier needs a name."),
        ({"steps-1-rate": "101"}, "A rate lies between"),
        ({"mode": "retroactive"}, "a month or a quarter"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(world, ada, home, change, said):
    sends(world.owen, f"{home}/edit", status=422, do="check", **change).sees(said)


def test_R17_a_change_that_takes_says_from_which_day_on_it_can_be(world, ada, home):
    set_up(world, home)
    harder = {"steps-0-number": "1", "steps-1-number": "2", "steps-1-threshold": "200"}
    refused = sends(world.owen, f"{home}/edit", status=409, do="check", **harder)
    refused.sees("Silver is harder to reach.", "14 days’ notice")


def test_the_list_says_who_and_why_and_takes_effect_when_approved(world, ada, shop, program, home):
    set_up(world, home)
    sold(shop, "250.00 USD")
    jobs.look()
    made = queries.waiting_of(program.id).public_id
    world.mona.opens(home).sees("A list waits.")
    page = world.mona.opens(f"{home}/lists/{made}")
    page.sees("Ada Example", "$250.00 count; Silver begins at $100.00.", "Not in effect yet.")
    csv = world.mona.browser.client.get(f"{home}/lists/{made}.csv").text
    assert "Ada Example" in csv
    assert "Base,Silver,250.00 USD" in csv
    world.mona.browser.posts(f"{home}/lists/{made}/approve", {}, status=200)
    world.mona.opens(f"{home}/lists/{made}").sees("approved")
    world.mona.browser.posts(f"{home}/lists/{made}/approve", {}, status=409)


def test_a_creator_is_kept_on_a_tier_until_a_day(world, ada, home):
    set_up(world, home)
    page = f"{home}/members/{ada.public_id}"
    until = (clock.today("America/New_York") + timedelta(days=30)).isoformat()
    world.mona.browser.posts(page, {"step": "2", "until": until, "reason": ""}, status=422)
    asked = {"step": "2", "until": until, "reason": "Face of the spring"}
    world.mona.browser.posts(page, asked, status=200)
    world.mona.opens(page).sees("Kept on Silver", "Face of the spring")
    world.mona.browser.posts(page, {"do": "release"}, status=200)
    world.mona.browser.posts(page, {"do": "release"}, status=409)


def test_the_creator_reads_how_far_it_is(world, ada, shop, home):
    set_up(world, home)
    sold(shop, "70.00 USD")
    jobs.look()
    hers = world.signed_in("ada@example.com")
    hers.opens("/creator").sees("Base, you earn 10%")
    page = hers.opens(f"/creator/tiers/{ada.public_id}")
    page.sees("$30.00", "to Silver, which pays 15%", "What you earned before never changes")


def test_another_brand_and_other_roles(world, ada, home):
    set_up(world, home)
    world.rosa.opens(home)
    world.rosa.opens(f"{home}/edit", status=403)
    world.mona.opens(f"{home}/edit", status=403)
    world.rae.opens(home, status=404)
    world.rae.opens(home.replace("/glow/", "/rival/"), status=404)
    an_ambassador(a_program(world.rival), "Ben")
    world.signed_in("ben@example.com").opens(f"/creator/tiers/{ada.public_id}", status=404)


def test_a_period_that_closes_before_its_sales_are_approved_is_told_of(world, program, home):
    whole = {"mode": "retroactive", "window": "month", "do": "example"}  # sales are held 30 days
    page = sends(world.owen, f"{home}/edit", lock_days="10", **whole)
    page.sees("Sales of the last 20 days of a period would not count", "Close it 30 days after")
    sends(world.owen, f"{home}/edit", lock_days="10", **whole | {"do": "check"}).sees("too late")
    sends(world.owen, f"{home}/edit", lock_days="30", **whole).does_not_see("would not count")
    with unit_of_work():
        programs.publish_terms(
            program.id,
            rate_bp=1000,
            hold_days=100,
            by=None,
            effective_at=clock.now() + timedelta(days=15),
        )
    clock.pass_days(16)
    page = sends(world.owen, f"{home}/edit", 422, lock_days="10", **whole)
    page.sees("No sale could ever count")


def test_the_public_page_says_what_the_tiers_promise(world, program, home):
    public = f"/p/{program.slug}"
    world.owen.opens(public).does_not_see("rising")
    set_up(world, home)
    world.owen.opens(public).sees("10%, rising to 15% from $100.00 of approved sales in all.")
