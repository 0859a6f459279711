"""A creator's pages: three questions, a form that is kept, a signature, and what waits for it."""

import pytest

from portal.creators import commands as creators
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tax import commands, queries
from portal.tax.models import Asks, FormKind
from tests.support.browser import Browser
from tests.support.tax import SSN


@pytest.fixture
def ada(payees):
    return payees.owed("Ada", "2500.00 USD")


@pytest.fixture
def hers(world, ada):
    return world.signed_in("ada@example.com")


def begun(hers):
    hers.opens("/creator/tax/start").sees("Are you taxed in the United States?")
    return hers.posts(
        "/creator/tax/start", {"us": "yes", "who": "person", "country": ""}, status=200
    )


def filled(hers):
    return (
        hers.fills("Name", "Ada").fills("Taxed as", "individual").fills("Street", "1 Main St")
        .fills("City", "Portland").fills("State", "OR").fills("ZIP code", "97201")
        .fills("Number", SSN)
    )  # fmt: skip


def test_what_waits_is_said_with_its_way_out(hers):
    hers.opens("/creator/tax").sees("Waits at Glow", "$2,500", "A tax form is needed", "Needed")
    hers.follows("Start your form").sees("Which form is yours")
    hers.opens("/creator/payouts").sees("A tax form is needed before this can be sent")


def test_three_questions_a_form_and_a_signature(hers, ada):
    begun(hers).sees("W-9", "For people and companies that are taxed in the US", "Draft")
    filled(hers).fills("Your full name", "Ada").presses("Sign and send")
    hers.sees("Signed and sent.", "Accepted", "ending in 4399", "W-9")
    hers.does_not_see(SSN, "Waits at Glow")
    hers.follows("W-9").sees("What you signed", "••4399", "1 Main St").does_not_see(SSN)


def test_a_draft_is_kept_also_when_it_cannot_be_signed(hers, ada):
    begun(hers)
    filled(hers).fills("Number", "000-12-3456").fills("Your full name", "Eve")
    hers.presses("Sign and send", status=422)
    hers.sees("no valid Social Security number", "Sign with the name that stands in the form")
    assert hers.field("City")["value"] == "Portland"
    assert not hers.field("Number").get("value")
    hers.sees("We have one ending in 3456").fills("Number", SSN).fills("Your full name", "Ada")
    hers.presses("Save as a draft").sees("Saved. Come back")
    hers.opens("/creator/tax").sees("a draft").follows("Go on with your form")
    hers.sees("We have one ending in 4399").fills("Your full name", "Ada")
    hers.presses("Sign and send").sees("Signed and sent.")


def test_a_creator_abroad_is_led_to_a_w8ben(world, payees):
    cleo = payees.owed("Cleo", "30.00 USD")
    with unit_of_work():
        creators.complete_profile(cleo.user_id, name="Cleo", country="CA")
    hers = world.signed_in("cleo@example.com").opens("/creator/tax").sees("Waits at Glow")
    hers.opens("/creator/tax/start")
    hers.posts("/creator/tax/start", {"us": "no", "who": "person", "country": "US"}, status=422)
    hers.sees("Choose the country where you are taxed.")
    hers.posts("/creator/tax/start", {"us": "no", "who": "company", "country": "CA"}, status=200)
    hers.sees("W-8BEN-E")
    hers.posts("/creator/tax/start", {"us": "no", "who": "person", "country": "CA"}, status=200)
    hers.sees("W-8BEN").fills("Name", "Cleo").fills("Citizenship", "CA").fills(
        "Born on", "1990-01-31"
    )
    hers.fills("Street", "1 Rue").fills("City", "Quebec").fills("Number", "046 454 286")
    hers.fills("Your full name", "Cleo").presses("Sign and send").sees("Signed and sent.")
    hers.sees("Lapses", "31 Dec").does_not_see("Waits at Glow")


def test_a_rejected_form_says_why(hers, ada, payees, papers):
    form = papers.w9(ada)
    with unit_of_work():
        commands.decide(payees.brand.id, form.id, accept=False, reason="The name is cut off.",
                        by=payees.finn.user_id)  # fmt: skip
    hers.opens("/creator/tax").sees("Rejected", "Glow cannot use your form", "The name is cut off.")
    hers.follows("Correct your form").sees("Which form is yours")


def test_a_seller_in_the_eu_gives_details_to_a_platform(world, payees, papers):
    papers.policy(asks=Asks.NEVER, dac7_operator=True)
    eva = payees.owed("Eva", "30.00 USD")
    with unit_of_work():
        creators.complete_profile(eva.user_id, name="Eva", country="DE")
    hers = world.signed_in("eva@example.com").opens("/creator/tax").sees("Seller details")
    hers.presses("Give your details").sees("DAC7 details", "Born or founded on")


def test_another_creators_form_does_not_exist(world, hers, ada, payees, papers):
    form = papers.w9(ada)
    payees.creator("Eve", account="")
    url = f"/creator/tax/forms/{form.public_id}"
    world.signed_in("eve@example.com").opens(url, status=404)
    world.finn.opens(url, status=403)
    Browser(world.app).opens(url).sees("Sign in")
    hers.opens(url)


def test_a_signed_form_is_not_written_again_and_a_draft_can_go(hers, ada, papers):
    begun(hers).presses("Throw the draft away").sees("The draft is gone.")
    form = papers.w9(ada)
    hers.posts(f"/creator/tax/forms/{form.public_id}", {"act": "sign"}).sees("is signed already")
    with unit_of_work():
        commands.start_form(ada.id, FormKind.W9, by=ada.user_id)
    end_read()
    hers.opens("/creator/tax").follows("Go on with your draft")
    assert hers.field("City")["value"] == "Portland"  # what the form before said
    assert len(queries.forms_of(ada.id)) == 2


def test_nothing_is_needed_from_most(world, payees):
    payees.owed("Abe", "30.00 USD")
    hers = world.signed_in("abe@example.com").opens("/creator/tax")
    hers.sees("Not needed", "a form is needed from $2,000.00 on").follows("Give a form now")
