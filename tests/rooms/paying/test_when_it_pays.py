"""When a brand pays is said from its schedule, the same on every page."""

from portal.kernel import clock
from portal.paying import commands, queries
from portal.paying.models import Schedule
from portal.programs.hold_terms import HoldBasis, HoldTerms
from portal.storage.unit_of_work import unit_of_work
from tests.support.browser import Browser
from tests.support.people import a_program, an_ambassador, an_enrolled
from tests.support.shop import Shop


def pays(world, schedule):
    with unit_of_work():
        commands.set_schedule(world.glow.id, schedule, by=None)


def test_R85_every_page_says_when_the_brand_pays_by_its_schedule(app, world, program):
    words, day = "30 days after the end of each month", "2 Mar"
    an_ambassador(program, "Ada")
    an_enrolled(program, "Bea")
    Shop(world.glow).sells("80.00 USD", "ADA15")
    pays(world, Schedule.NET_30)
    hers = f"/creator/programs/{program.public_id}"
    ada, bea = world.signed_in("ada@example.com"), world.signed_in("bea@example.com")
    ada.opens("/creator").sees("Next payout", day)
    ada.opens("/creator/payouts").sees("Next payout", day)
    ada.opens(hers).sees(words, "Next pay day", day)
    ada.opens(f"{hers}/leave").sees(f"It is paid {words}")
    bea.opens(f"{hers}/onboarding").sees(f"{words}, from $25")
    anybody = Browser(app)
    anybody.opens("/p/glow").sees(f"Get paid {words}", f"{words}, from $25", f"still paid {words}")
    anybody.opens("/p/glow/apply").sees(f"paid {words}, from $25")
    world.mona.opens("/brand/glow/settings/program").sees(words)


def test_R58_the_pages_of_a_program_say_from_what_the_hold_is_counted(app, world):
    terms = {"hold_days": 27, "hold": HoldTerms(HoldBasis.MONTH_END)}
    program, words = a_program(world.glow, terms=terms), "27 days after the end of the month"
    an_ambassador(program, "Ada")
    an_enrolled(program, "Bea")
    hers = f"/creator/programs/{program.public_id}"
    world.signed_in("ada@example.com").opens(hers).sees(f"Return window {words}")
    world.signed_in("bea@example.com").opens(f"{hers}/onboarding").sees(f"Return window {words}")
    anybody = Browser(app)
    anybody.opens("/p/glow").sees(f"Return window {words}", f"A sale is yours {words}")
    anybody.opens("/p/glow/terms").sees(words)
    anybody.opens("/p/glow/apply").sees(f"window is over: {words}")
    world.mona.opens("/brand/glow/settings/program").sees(words)


def test_R85_the_home_page_names_the_day_of_the_brands_that_owe_in_this_currency(world, program):
    """Rival pays earlier, but owes her nothing."""
    rival = a_program(world.rival, slug="rival", pay_day=2)
    an_ambassador(program, "Ada")
    an_ambassador(rival, "Ada", code="ADARIVAL")
    Shop(world.glow).sells("80.00 USD", "ADA15")
    world.signed_in("ada@example.com").opens("/creator").sees("Next payout", "5 Mar")


def test_R85_several_brands_are_asked_at_once(world, program):
    a_program(world.glow, slug="second", pay_day=3)
    a_program(world.rival, slug="rival", pay_day=9)
    pays(world, Schedule.NET_30)
    zones = {world.glow.id: world.glow.zone, world.rival.id: world.rival.zone, 999: "UTC"}
    with clock.at("2026-03-01T12:00:00"):
        found = {brand: day.pay_on.isoformat() for brand, day in queries.pay_days(zones).items()}
    assert found == {world.glow.id: "2026-03-02", world.rival.id: "2026-03-09"}
