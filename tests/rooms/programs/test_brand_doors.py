"""The program's settings, for those who may read and those who may change."""

from datetime import timedelta

import pytest

from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs import queries
from portal.programs.rules import AttributionTerms
from tests.support.people import a_program, an_ambassador

SETTINGS = "/brand/glow/settings/program"


def door(program, name):
    return f"{SETTINGS}/{program.public_id}/{name}"


def test_a_brand_without_a_program_starts_one(world):
    owner = world.owen.opens(SETTINGS).sees("Start a program")
    owner.presses("Create the draft", status=422).sees("Write a name.")
    owner.fills("Program name", "Glow Club").presses("Create the draft").sees(
        "Glow Club", "A draft."
    )
    assert queries.programs_of(world.glow.id)[0].slug == "glow-club"
    owner.presses("Open applications", status=409).sees("Publish commission terms")


def test_an_address_in_use_is_refused_and_nothing_is_lost(world):
    a_program(world.rival, slug="shiny")
    owner = world.owen.opens(SETTINGS).fills("Program name", "Glow Club").fills("Address", "shiny")
    owner.presses("Create the draft", status=422).sees("Another program has this address")
    assert owner.field("Program name")["value"] == "Glow Club"
    owner.fills("Address", "No way!").presses("Create the draft", status=422).sees("small letters")


def test_from_nothing_to_an_open_program(world):
    owner = (
        world.owen.opens(SETTINGS).fills("Program name", "Glow Club").presses("Create the draft")
    )
    owner.follows("Publish a new version").fills("Rate", "12.5").presses("See what it changes")
    owner.sees("Publish version 1?", "12.5% of each sale").presses("Publish version 1")
    owner.sees("Version 1 of the terms is published.", "12.5% of each sale")
    program = queries.programs_of(world.glow.id)[0]
    owner.opens(door(program, "agreement")).fills("Agreement", "Say it is an ad.")
    owner.presses("Publish version 1").sees("Version 1 of the agreement is published.")
    owner.presses("Open applications").sees("Applications are open.", "Open for applications")
    owner.presses("Close applications").sees("Applications are closed.")


def test_new_terms_are_checked_before_they_are_published(world, program):
    an_ambassador(program, "Ada")
    owner = world.owen.opens(door(program, "terms"))
    owner.fills("Rate", "15").fills("What changes", "More for you.").presses("See what it changes")
    owner.sees("Publish version 2?", "10% of each sale", "15% of each sale", "It starts at once")
    assert queries.latest_terms(program.id).version == 1
    owner.presses("Go back and change").sees("Terms, version 2")
    assert owner.field("Rate")["value"] == "15"
    owner.presses("See what it changes").presses("Publish version 2").sees("Version 2", "in force")
    assert queries.latest_terms(program.id).summary == "More for you."


def test_R17_a_loss_is_refused_with_the_first_possible_day(world, program):
    owner = world.owen.opens(door(program, "terms")).fills("Rate", "8")
    owner.presses("See what it changes", status=409).sees(
        "The rate goes down.", "choose 17 March 2026 or later"
    )
    assert owner.field("Rate")["value"] == "8"
    owner.fills("Starts on", "2026-03-17").presses("See what it changes")
    owner.sees("This takes something away.", "17 Mar").presses("Publish version 2").sees("to come")
    assert queries.current_terms(program.id).rate_bp == 1_000
    clock.pass_time(timedelta(days=15))
    assert queries.current_terms(program.id).rate_bp == 800


def test_a_loss_published_by_hand_is_refused_too(world, program):
    owner = world.owen.browser
    owner.opens(door(program, "terms"))
    owner.posts(door(program, "terms"), {
        "do": "publish", "kind": "percent", "rate": "5", "hold_days": "30", "window_days": "30",
        "code_policy": "always", "click_rule": "last_click",
    }, status=409).sees("notice")  # fmt: skip
    assert queries.latest_terms(program.id).version == 1


@pytest.mark.parametrize(
    ("label", "typed", "said"),
    [("Rate", "0", "A rate lies between"), ("Rate", "101", "A rate lies between"),
     ("A link counts for", "0", "Between 1 and 365 days."), ("Return window", "", "Write a number of days."),
     ("Return window", "121", "Between 0 and 120 days.")],
)  # fmt: skip
def test_figures_that_cannot_be_are_refused_at_their_field(world, program, label, typed, said):
    owner = world.owen.opens(door(program, "terms")).fills(label, typed)
    owner.presses("See what it changes", status=422).sees("There is something to correct", said)


def test_a_fixed_amount_for_each_order(world, program):
    owner = world.owen.opens(door(program, "terms"))
    owner.chooses("A fixed amount").fills("Amount", "$7.50").fills("Starts on", "2026-03-20")
    owner.presses("See what it changes").sees("$7.50 for each order").presses("Publish version 2")
    assert queries.latest_terms(program.id).flat == Money.of("7.50 USD")


def test_the_agreement_is_published_by_versions(world, program):
    owner = world.owen.opens(door(program, "agreement"))
    owner.presses("Publish version 2", status=422).sees("unchanged")
    owner.fills("Agreement", "").presses("Publish version 2", status=422).sees(
        "Write the agreement."
    )
    owner.fills("Agreement", "Newer.").presses("Publish version 2").sees(
        "Version 2 of the agreement"
    )


def test_R84_the_minimum_is_shown_and_finance_changes_it(world, program):
    owner = world.owen.opens(SETTINGS).sees("$25.00", "Finance changes it")
    owner.does_not_see("Save minimum")


def test_the_page_is_edited_with_everything_on_it(world, program):
    owner = world.owen.opens(door(program, "page"))
    owner.fills("Pitch", "Shine on.").fills("Followers get", "12.5").fills(
        "Questions", "Why?\n\nWhat?"
    )
    owner.presses("Save program page").sees("The program page is saved.", "12.5% off")
    owner.opens("/p/glow").sees("Shine on.")
    assert queries.program(program.id).questions == ["Why?", "What?"]
    assert sorted(queries.program(program.id).countries) == ["CA", "US"]
    owner.opens(door(program, "page")).fills("Program name", "").presses(
        "Save program page", status=422
    )
    owner.fills("Questions", "\n".join("1234567")).fills("Program name", "Glow")
    owner.presses("Save program page", status=422).sees("at most 6 questions")


def test_a_manager_reads_and_does_not_change(world, program):
    world.mona.opens(SETTINGS).sees("You read these settings.").does_not_see(
        "Close applications", "Edit"
    )
    for name in ("terms", "agreement", "page"):
        world.mona.browser.opens(door(program, name), status=403)
    world.mona.browser.posts(door(program, "close"), status=403)
    assert queries.program(program.id).is_open


def test_another_brand_and_a_stranger_find_nothing(world, browser, program):
    world.rae.browser.opens(SETTINGS, status=404)
    world.rae.browser.opens(f"/brand/rival/settings/program/{program.public_id}/terms", status=404)
    world.rae.browser.posts(f"/brand/rival/settings/program/{program.public_id}/close", status=404)
    world.cy.browser.opens(SETTINGS, status=404)
    browser.opens(SETTINGS).sees("Sign in")


def test_choices_about_credit_are_kept_with_the_version_and_shown(world, program):
    owner = world.owen.opens(door(program, "terms"))
    owner.sees("Example: Mia buys with ANA15 in March")
    for label, value in (
        ("Further charges of a subscription", "follow"), ("Charges at the full rate", "3"),
        ("Rate after that", "5"), ("When several creators had a part", "weighted"),
        ("The credited one’s part", "60"), ("Smallest order that counts", "20.00"),
    ):  # fmt: skip
        owner.fills(label, value)
    owner.fills("Starts on", "2026-03-17")
    owner.presses("See what it changes")
    owner.sees("5% after the first 3", "the credited one gets 60%", "keeps a smaller part")
    owner.presses("Publish version 2")
    kept = queries.facts_of(queries.latest_terms(program.id)).attribution
    assert (kept.first_charges, kept.later_rate_bp, kept.split_winner_bp) == (3, 500, 6_000)
    assert kept.minimum_minor == 2_000
    owner.opens(SETTINGS).sees("stay with whoever brought the first", "$20.00")


def test_a_part_or_a_later_rate_is_never_guessed(world, program):
    owner = world.owen.opens(door(program, "terms")).fills("Charges at the full rate", "3")
    owner.presses("See what it changes", status=422).sees("Write what later charges earn")
    owner.fills("Rate after that", "0").fills("When several creators had a part", "weighted")
    owner.fills("The credited one’s part", "0").presses("See what it changes", status=422)
    owner.sees("lies between 0.01% and 99.99%")


def test_terms_published_before_there_were_choices_mean_the_usual_ones(program):
    facts = queries.facts_of(queries.latest_terms(program.id))
    assert facts.attribution == AttributionTerms()
    assert AttributionTerms.of(facts.attribution.plain()) == facts.attribution
