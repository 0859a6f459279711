"""The brand's codes: found, read, paused, resumed, replaced and retired; and nobody else's."""

from datetime import timedelta

import pytest

from portal.kernel import clock
from portal.tracking import commands, queries
from portal.tracking.models import CodeStatus
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program, an_ambassador, an_enrolled
from tests.support.shop import Shop

CODES = "/brand/glow/codes"


@pytest.fixture
def program(world):
    return a_program(world.glow)


@pytest.fixture
def code(program):
    """Ada's active code."""
    return queries.codes_of_ambassador(an_ambassador(program, "Ada", code="ADA15").id)[0]


def page_of(code):
    return f"{CODES}/{code.public_id}"


def status_of(code):
    return queries.code(code.id).status


# ---- the list
def test_an_empty_list_says_when_codes_come(world):
    world.mona.opens(CODES).sees("No codes yet", "when ambassadors join")


def test_the_list_shows_whose_and_what_it_sold(world, code):
    Shop(world.glow).sells("80.00 USD", "ADA15", number="1001")
    world.mona.opens(CODES).sees("ADA15", "Ada Example", "15%", "$80.00", "Active")


def test_views_and_search_narrow_it(world, program, code):
    an_enrolled(program, "Ben", code="BEN15")
    world.mona.opens(f"{CODES}?view=active").sees("ADA15").does_not_see("BEN15")
    world.mona.opens(f"{CODES}?view=reserved").sees("BEN15").does_not_see("ADA15")
    world.mona.opens(f"{CODES}?view=retired").sees("No codes here")
    world.mona.opens(f"{CODES}?view=all").sees("ADA15", "BEN15")
    world.mona.opens(f"{CODES}?view=all&q=ben").sees("BEN15").does_not_see("ADA15")
    world.mona.opens(f"{CODES}?view=all&q=zoe").sees("No code matches", "Clear")


def test_a_percent_sign_is_searched_for_and_matches_nothing(world, code):
    world.mona.opens(f"{CODES}?view=all&q=%25").sees("No code matches")


def test_the_list_alone_is_what_the_page_holds(world, code):
    """The filter form swaps `#list`: the region and the page must say the same."""
    whole = world.mona.opens(CODES).page.find(id="list")
    asked = {"HX-Request": "true", "HX-Target": "list"}
    part = world.mona.browser.opens(CODES, headers=asked).page
    assert part.find("html") is None
    assert part.find(id="list") == whole


# ---- one code
def test_one_code_tells_its_history_and_what_it_sold(world, code):
    Shop(world.glow).sells("80.00 USD", "ADA15", number="1001")
    page = world.mona.opens(page_of(code))
    page.sees("ADA15", "15% off", "Ada Example", "Works since", "$80 .00", "reserved", "activated")


def test_a_viewer_reads_and_may_not_act(world, code):
    vera = world.member("Vera", "brand.viewer", brand=world.glow)
    vera.opens(page_of(code)).does_not_see("Retire", "Replace")
    for act in ("pause", "retire", "replace"):
        vera.opens(f"{page_of(code)}/{act}", status=403)
        vera.browser.posts(f"{page_of(code)}/{act}", {"reason": "x", "grace_days": 0}, status=403)
    vera.browser.posts(f"{page_of(code)}/resume", status=403)
    assert status_of(code) is CodeStatus.ACTIVE


# ---- pausing and resuming
def test_pausing_says_what_stops_and_wants_a_reason(world, code):
    page = world.mona.opens(page_of(code)).follows("Pause")
    page.sees("Orders placed from now on are not credited").presses("Pause ADA15", status=422)
    page.sees("Say why")
    page.fills("Reason", "On a coupon site").presses("Pause ADA15", status=200)
    page.sees("ADA15 is paused", "Paused", "On a coupon site", "Mona Example")


def test_opening_the_check_page_changes_nothing(world, code):
    for act in ("pause", "retire", "replace"):
        world.mona.opens(f"{page_of(code)}/{act}").sees("Cancel")
    assert status_of(code) is CodeStatus.ACTIVE


def test_an_order_during_the_pause_is_not_credited_and_later_ones_are(world, code):
    shop, page = Shop(world.glow), world.mona.opens(f"{page_of(code)}/pause")
    page.fills("Reason", "Holiday").presses("Pause ADA15", status=200)
    shop.sells("80.00 USD", "ADA15", number="1001")
    with clock.at(clock.now() + timedelta(hours=1)):
        page.presses("Resume", status=200).sees("ADA15 works again")
        shop.sells("50.00 USD", "ADA15", number="1002")
    world.mona.opens(CODES).sees("$50.00").does_not_see("$130.00")


def test_pausing_and_resuming_twice_is_a_conflict(world, code):
    page = world.mona.opens(f"{page_of(code)}/pause")
    page.posts(f"{page_of(code)}/resume", status=409)
    page.posts(f"{page_of(code)}/pause", {"reason": "One"})
    page.posts(f"{page_of(code)}/pause", {"reason": "Two"}, status=409).sees("This code is paused")


def test_a_resting_memberships_code_cannot_be_resumed(world, program, code):
    from portal.ambassadors import commands as memberships

    with unit_of_work():
        memberships.pause(code.ambassador_id, by=None)
        commands.pause_all(code.ambassador_id)
    page = world.mona.opens(page_of(code)).does_not_see("Resume")
    page.posts(f"{page_of(code)}/resume", status=409).sees("membership is not active")


# ---- retiring
def test_retiring_is_checked_reasoned_and_for_good(world, code):
    page = world.mona.opens(page_of(code)).follows("Retire this code")
    page.sees("cannot be undone").presses("Retire ADA15 for good", status=422).sees("Say why")
    page.fills("Reason", "Ada wants another").presses("Retire ADA15 for good", status=200)
    page.sees("ADA15 is retired for good", "Retired", "Nobody will ever get it again")
    page.does_not_see("Retire this code")
    page.posts(f"{page_of(code)}/retire", {"reason": "Again"}, status=409)


# ---- replacing
def test_replacing_gives_a_new_code_and_days_of_grace(world, code):
    page = world.mona.opens(page_of(code)).follows("Replace")
    page.fills("New code", "ADANEW").fills("Days the old code goes on", "7")
    page.presses("Replace ADA15", status=200).sees("ADANEW works now", "Active")
    page.opens(page_of(code)).sees("Works until", "ADANEW", "Next: retires", "9 Mar")
    page.posts(f"{page_of(code)}/replace", {"code": "", "grace_days": 0}, status=409)


def test_without_a_wish_the_code_comes_from_her_name(world, code):
    page = world.mona.opens(f"{page_of(code)}/replace")
    page.fills("Days the old code goes on", "0").presses("Replace ADA15", status=200).sees("Active")
    assert status_of(code) is CodeStatus.RETIRED
    assert world.mona.opens(f"{CODES}?view=active").text.count("Ada Example") == 1


@pytest.mark.parametrize(
    ("typed", "days", "told"),
    [
        ("ADA15", "7", "is taken"),
        ("A!", "7", "3 to 20 letters"),
        ("ADMIN", "7", "cannot be used"),
        ("ADANEW", "31", "0 to 30 days"),
        ("ADANEW", "-1", "0 to 30 days"),
        ("ADANEW", "", "Write a number of days"),
        ("ADANEW", "soon", "number"),
    ],
)
def test_a_refused_replacement_loses_nothing(world, code, typed, days, told):
    page = world.mona.opens(f"{page_of(code)}/replace")
    page.fills("New code", typed).fills("Days the old code goes on", days)
    page.presses("Replace ADA15", status=422).sees(told)
    assert page.field("New code")["value"] == typed
    assert page.field("Days the old code goes on")["value"] == days
    assert status_of(code) is CodeStatus.ACTIVE


# ---- strangers
def test_another_brand_is_told_404_and_finance_and_guests_are_turned_away(world, browser, code):
    elsewhere = page_of(code).replace("glow", "rival")
    for act in ("", "/pause", "/retire", "/replace"):
        world.rae.opens(f"{page_of(code)}{act}", status=404)
        world.rae.opens(f"{elsewhere}{act}", status=404)
        world.finn.opens(f"{page_of(code)}{act}", status=403)
    values = {"reason": "x", "code": "", "grace_days": 0}
    for act in ("pause", "resume", "retire", "replace"):
        world.rae.browser.posts(f"{elsewhere}/{act}", values, status=404)
    world.mona.opens(f"{CODES}/code_unknown", status=404)
    browser.opens(page_of(code))
    assert browser.url.startswith("/sign-in")
    assert status_of(code) is CodeStatus.ACTIVE
