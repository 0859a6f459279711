"""The brand's codes: what each sold, and pausing, replacing, retiring."""

from datetime import timedelta

import pytest

from portal.ambassadors import commands as memberships
from portal.ambassadors import queries as ambassadors
from portal.kernel import clock
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, queries
from portal.tracking.models import CodeStatus
from tests.support.people import a_program, an_ambassador, an_enrolled
from tests.support.shop import Shop

CODES = "/brand/glow/codes"


@pytest.fixture
def ada(world):
    return an_ambassador(a_program(world.glow), "Ada")


@pytest.fixture
def code(ada):
    return queries.codes_of_ambassador(ada.id)[0]


@pytest.fixture
def page(world, code):
    """Mona's browser on the code's page."""
    return world.mona.opens(f"{CODES}/{code.public_id}")


def programs_of(code):
    return programs.program(ambassadors.ambassador(code.ambassador_id).program_id)


def test_the_list_shows_who_and_how_much(world, ada):
    Shop(world.glow).sells("80.00 USD", "ADA15")
    world.mona.opens(CODES).sees("ADA15", "Ada Example", "15%", "$80.00", "Active")
    world.mona.opens(f"{CODES}?q=ada").sees("ADA15")
    world.mona.opens(f"{CODES}?q=zzz").sees("No code matches “zzz”")
    world.mona.opens(f"{CODES}?view=retired").sees("No codes here")


def test_an_empty_list_says_where_codes_come_from(world):
    world.mona.opens(CODES).sees("Codes appear when ambassadors join")


def test_one_code_with_its_history(page):
    page.sees(
        "ADA15",
        "Ada Example",
        "15% off",
        "Works since 2 Mar",
        "Automatic: reserved",
        "Automatic: activated",
        "No orders with it yet",
    )


def test_pause_asks_why_and_resume_wakes(page, code):
    page.follows("Pause").sees("Orders placed before keep their commission")
    page.presses("Pause ADA15", status=422).sees("Say why")
    page.fills("Reason", "Found on a coupon site").presses("Pause ADA15", status=200)
    page.sees("ADA15 is paused", "Mona Example paused it (Found on a coupon site)")
    page.presses("Resume").sees("ADA15 works again", "Mona Example activated it")


def test_replace_gives_a_new_code_and_days_of_grace(page, world):
    page.follows("Replace").fills("New code", "a").presses("Replace ADA15", status=422).sees(
        "3 to 20 letters"
    )
    page.fills("New code", "ADA15").presses("Replace ADA15", status=422).sees("is taken")
    page.fills("New code", "glowada").fills("Days the old code goes on", "31").presses(
        "Replace ADA15", status=422
    )
    page.fills("New code", "glowada").fills("Days the old code goes on", "7").presses(
        "Replace ADA15", status=200
    )
    page.sees("GLOWADA works now", "Active")
    world.mona.opens(CODES).sees("In grace").follows("ADA15").sees(
        "GLOWADA has taken over", "Next: retires"
    )


def test_retire_is_for_good(page, code):
    page.follows("Retire this code").sees("nobody will ever get this code again")
    page.fills("Reason", "Left").presses("Retire ADA15 for good", status=200).sees(
        "retired for good", "Nobody will ever get it again"
    )
    assert queries.code(code.id).status is CodeStatus.RETIRED
    page.posts(f"{CODES}/{code.public_id}/resume", status=409)


@pytest.mark.parametrize(
    ("typed", "days", "told"),
    [
        ("ADMIN", "7", "cannot be used"),
        ("GLOWADA", "-1", "0 to 30 days"),
        ("GLOWADA", "", "Write a number of days"),
        ("GLOWADA", "soon", "Write a whole number of days"),
    ],
)
def test_a_refused_replacement_says_why_and_keeps_what_was_typed(page, code, typed, days, told):
    page.follows("Replace").sees("Empty for ADAE15", "Add it to the shop")
    page.fills("New code", typed).fills("Days the old code goes on", days)
    page.presses("Replace ADA15", status=422).sees(told)
    assert page.page.title.get_text().startswith("Error: ")
    assert page.field("New code")["value"] == typed
    assert page.field("Days the old code goes on")["value"] == days
    assert queries.code(code.id).status is CodeStatus.ACTIVE


def test_without_a_wish_the_new_code_comes_from_the_name_and_the_old_stops_at_once(page, code):
    page.follows("Replace").fills("Days the old code goes on", "0")
    page.presses("Replace ADA15", status=200).sees("ADAE15 works now", "Replaces")
    assert queries.code(code.id).status is CodeStatus.RETIRED


def test_what_is_done_cannot_be_done_again(world, page, code):
    url = f"{CODES}/{code.public_id}"
    page.posts(f"{url}/resume", status=409).posts(f"{url}/pause", {"reason": "One"}, status=200)
    page.posts(f"{url}/pause", {"reason": "Two"}, status=409).sees("This code is paused")
    page.posts(f"{url}/retire", {"reason": "Three"}, status=200)
    for act in ("pause", "retire", "replace"):
        page.opens(f"{url}/{act}", status=409).sees("This code is retired")
        page.posts(f"{url}/{act}", {"reason": "x", "code": "", "grace_days": 0}, status=409)


def test_opening_a_check_page_changes_nothing(page, code):
    for act in ("pause", "retire", "replace"):
        page.opens(f"{CODES}/{code.public_id}/{act}").sees("What changes now")
    assert queries.code(code.id).status is CodeStatus.ACTIVE


def test_a_resting_memberships_code_can_neither_wake_nor_be_replaced(page, code):
    with unit_of_work():
        memberships.pause(code.ambassador_id, by=None)
        commands.pause_all(code.ambassador_id)
    page.opens(f"{CODES}/{code.public_id}").sees("Paused with the membership")
    page.does_not_see("Resume", "Replace")
    values = {"code": "", "grace_days": 0}
    page.posts(f"{CODES}/{code.public_id}/resume", status=409).sees("membership is not active")
    page.posts(f"{CODES}/{code.public_id}/replace", values, status=409)


def test_retiring_the_only_code_says_so_and_one_of_two_names_the_other(world, page, code):
    page.opens(f"{CODES}/{code.public_id}/retire").sees("without a working code", "replace it")
    page.follows("replace it instead").fills("New code", "GLOWADA")
    page.presses("Replace ADA15", status=200).opens(f"{CODES}/{code.public_id}/retire")
    page.sees("Ada Example goes on with GLOWADA")


def test_an_order_during_the_pause_is_not_credited_and_later_ones_are(world, page):
    shop = Shop(world.glow)
    page.follows("Pause").fills("Reason", "Holiday").presses("Pause ADA15", status=200)
    shop.sells("80.00 USD", "ADA15", number="1001")
    with clock.at(clock.now() + timedelta(hours=1)):
        page.presses("Resume", status=200)
        shop.sells("50.00 USD", "ADA15", number="1002")
        world.mona.opens(CODES).sees("$50.00", "$5.00").does_not_see("$130.00")
        page.follows("ADA15").sees("1002", "Net sales per week", "All with ADA15")
        page.does_not_see("1001")


def test_views_count_and_search_narrows_whatever_is_typed(world, code):
    an_enrolled(programs_of(code), "Eva", code="EVA15")
    world.mona.opens(CODES).sees("ADA15", "Active 1", "Reserved 1", "All 2").does_not_see("EVA15")
    world.mona.opens(f"{CODES}?view=reserved").sees("EVA15").does_not_see("ADA15")
    world.mona.opens(f"{CODES}?q=eva").sees("Look in all codes").follows("Look in all").sees(
        "EVA15"
    )
    for typed in ("%25", "_", "%27"):
        world.mona.opens(f"{CODES}?view=all&q={typed}").sees("No code matches")


def test_the_region_is_what_the_page_holds(world, code):
    whole = world.mona.opens(CODES).page.find(id="list")
    asked = {"HX-Request": "true", "HX-Target": "list"}
    part = world.mona.browser.opens(CODES, headers=asked).page
    assert part.find("html") is None
    assert part.find(id="list") == whole


def test_a_reserved_code_cannot_be_paused(world):
    eva = an_enrolled(a_program(world.glow), "Eva")
    code = queries.codes_of_ambassador(eva.id)[0]
    world.mona.opens(f"{CODES}/{code.public_id}").sees(
        "Starts to work when Eva Example accepts the agreement"
    )
    world.mona.browser.posts(f"{CODES}/{code.public_id}/pause", {"reason": "x"}, status=409)


def test_a_reviewer_reads_and_changes_nothing(world, code):
    page = world.rosa.opens(f"{CODES}/{code.public_id}").does_not_see("Replace", "Retire this code")
    for act in ("pause", "retire", "replace", "resume"):
        page.posts(f"{CODES}/{code.public_id}/{act}", {"reason": "x"}, status=403)


def test_another_brand_is_told_404(world, code):
    for path in (CODES, f"{CODES}/{code.public_id}", f"/brand/rival/codes/{code.public_id}"):
        world.rae.opens(path, status=404)
    world.rae.browser.posts(
        f"/brand/rival/codes/{code.public_id}/pause", {"reason": "x"}, status=404
    )


@pytest.mark.parametrize("act", ["resume"])
def test_a_get_changes_nothing(world, code, act):
    assert world.mona.browser.client.get(f"{CODES}/{code.public_id}/{act}").status_code == 405
