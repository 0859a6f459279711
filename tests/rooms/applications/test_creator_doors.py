"""A creator's programs: what she joined, what she accepts, what she gets."""

from portal.applications import commands
from portal.applications.models import ApplicationStatus
from portal.kernel import clock
from portal.programs import commands as programs
from portal.programs.rate_rules import Asks, Basis, Condition, RateRule, RateTable
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking
from tests.support.people import a_creator, an_ambassador, an_application, an_enrolled

PROGRAMS = "/creator/programs"


def door(program, name=""):
    return f"{PROGRAMS}/{program.public_id}{name}"


def creator(world, name="Ada"):
    return world.signed_in(f"{name.lower()}@example.com")


def test_nobody_has_joined_anything_at_first(world):
    a_creator("Ada")
    creator(world).opens(PROGRAMS).sees("You have not joined a program", "See open programs")


def test_accepting_gives_the_code_at_once(world, program):
    member = an_enrolled(program, "Ada")
    ada = creator(world).opens(PROGRAMS).sees("Glow Ambassadors", "Onboarding", "ADA15")
    ada.follows("Accept the terms").sees(
        "Glow accepted you.", "10% of each sale", "15% off", "on the 5th of each month, from $25.00",
        "You say that it is an ad.", "Say it is an ad.",
    )  # fmt: skip
    assert not ada.field("I have read these terms").has_attr("checked")
    ada.chooses("I have read these terms").presses("Accept and get my code")
    ada.sees("Your code works", "What to post first")
    assert ada.field("Your code")["value"] == "ADA15"
    assert ada.field("Your link")["value"].endswith("/go/ada")
    for number in (1, 2, 3):
        assert ada.field(f"Caption {number}").get_text(strip=True).startswith("#ad")
    assert tracking.codes_of_ambassador(member.id)[0].status == "active"
    ada.follows("How this program works").sees("Active", "Terms, version 1", "Accepted on 2 Mar")


def test_without_the_tick_nothing_is_accepted(world, program):
    member = an_enrolled(program, "Ada")
    ada = (
        creator(world)
        .opens(door(program, "/onboarding"))
        .presses("Accept and get my code", status=422)
    )
    ada.sees("Tick the box to accept the terms.")
    assert tracking.codes_of_ambassador(member.id)[0].status == "reserved"
    ada.opens(door(program, "/done")).sees("Accept the terms")
    ada.opens(door(program)).sees("Accept the terms")


def test_a_version_published_meanwhile_is_shown_again(world, program):
    an_enrolled(program, "Ada")
    ada = creator(world).opens(door(program, "/onboarding")).chooses("I have read these terms")
    with unit_of_work():
        programs.publish_agreement(program.id, "Other words.", by=None)
    ada.presses("Accept and get my code", status=409).sees("A newer version of this agreement")
    ada.opens(door(program, "/onboarding")).sees("Other words.", "version 2")


def test_accepting_twice_by_the_back_button_leads_to_the_code(world, program):
    an_enrolled(program, "Ada")
    ada = creator(world).opens(door(program, "/onboarding")).chooses("I have read these terms")
    ada.presses("Accept and get my code")
    ada.posts(door(program, "/onboarding"), {"accepted": "y", "agreement": "1"}, status=200)
    ada.sees("Your code works")
    ada.opens(door(program, "/onboarding")).sees("What a sale earns")


def test_the_hub_says_what_a_sale_earns_and_when_it_is_paid(world, program):
    an_ambassador(program, "Ada")
    creator(world).opens(door(program)).sees(
        "Glow Ambassadors", "Active", "10% of each sale", "30 days after a click", "the code decides",
        "on the 5th of each month", "Next pay day", "5 Mar", "$25.00", "Counted after discounts, without tax and shipping",
    )  # fmt: skip


def test_new_terms_of_the_agreement_are_asked_for_while_the_code_works(world, program):
    an_ambassador(program, "Ada")
    with unit_of_work():
        programs.publish_agreement(program.id, "Newer words.", by=None)
    ada = creator(world).opens(door(program)).sees("The terms have a new version")
    ada.follows("Read the new terms").sees("New terms", "Newer words.")
    ada.chooses("I have read these terms").presses("Accept the new terms").sees("Your code works")
    ada.opens(door(program)).sees("Terms, version 2").does_not_see("a new version")


def test_a_paused_membership_says_what_it_means(world, program):
    member = an_ambassador(program, "Ada")
    with unit_of_work():
        commands.change_membership(member.id, "pause", by=None)
    creator(world).opens(door(program)).sees("Your code and link are paused", "paid as usual")


def test_leaving_asks_first_and_keeps_what_was_earned(world, program):
    member = an_ambassador(program, "Ada")
    ada = creator(world).opens(door(program)).follows("Leave this program")
    ada.sees(
        "Leave Glow Ambassadors?", "The code ADA15 stops now, for good.", "Everything you earned"
    )
    ada.presses("Leave the program").sees("You left Glow Ambassadors.", "Ended")
    assert tracking.codes_of_ambassador(member.id)[0].status == "retired"
    ada.opens(door(program)).sees("This membership ended on 2 Mar")
    ada.posts(door(program, "/leave"), status=409).sees("This membership is ended")


def test_a_decision_that_can_be_taken_back_does_not_show(world, program):
    ben = an_application(program, "Ben")
    with unit_of_work():
        commands.decide(ben.id, ApplicationStatus.APPROVED, by=None, undo_seconds=300)
    creator(world, "Ben").opens(PROGRAMS).sees("Submitted").does_not_see("Onboarding")


def test_somebody_elses_program_is_not_found(world, program):
    an_ambassador(program, "Ada")
    a_creator("Ben")
    for name in ("", "/onboarding", "/done", "/leave"):
        creator(world, "Ben").opens(door(program, name), status=404)
    creator(world, "Ben").posts(door(program, "/onboarding"), status=404)
    creator(world, "Ben").posts(door(program, "/leave"), status=404)


def test_staff_without_a_creator_profile_are_refused(world, browser, program):
    world.mona.opens(PROGRAMS, status=403)
    browser.opens(PROGRAMS).sees("Sign in")


def test_R12_the_program_page_shows_her_special_rates_and_nobody_elses(world, program):
    ada, ben = an_ambassador(program, "Ada"), an_ambassador(program, "Ben")
    table = RateTable(rules=(
        RateRule(1, Basis.PERCENT, 2_000, conditions=(Condition(Asks.AMBASSADOR, (ada.public_id,)),)),
        RateRule(2, Basis.PERCENT, 3_300, conditions=(Condition(Asks.AMBASSADOR, (ben.public_id,)),)),
        RateRule(3, Basis.PERCENT, 1_500, conditions=(Condition(Asks.CATEGORY, ("shoes",)),)),
    ))  # fmt: skip
    with unit_of_work():
        programs.publish_terms(program.id, rate_bp=1_000, by=None, rates=table)
    clock.pass_days(1)
    page = creator(world).opens(door(program)).sees("Special rates for you", "20%", "15% of")
    page.does_not_see("33%")
