"""The brand's codes: what each sold, and pausing, replacing, retiring."""

import pytest

from portal.tracking import queries
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
