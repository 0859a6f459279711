"""The pages of proposed terms: hers, and the brand's."""

import pytest

from portal.consents import queries
from portal.consents.models import Answer
from portal.kernel import clock
from tests.rooms.consents.test_commands import notice, publish, says
from tests.support.people import a_program, an_ambassador


@pytest.fixture
def asked(program, ada):
    return publish(program, 800, in_days=14)[0]


def page(program):
    return f"/creator/programs/{program.public_id}"


def test_she_reads_what_changes_and_declines(world, program, ada, asked):
    hers = world.signed_in("ada@example.com").opens(page(program))
    hers.sees("Version 2 takes something from you.").follows("Read it")
    hers.sees("The rate goes down.", "10% of each sale", "8% of each sale", "Without an answer")
    hers.presses("Decline, keep version 1", status=200).sees("You declined on")
    clock.pass_days(15)
    hers.opens(page(program)).sees("10% of each sale", "You declined it.")
    hers.opens("/creator").sees("10% of each sale")
    hers.opens(f"{page(program)}/terms/2").presses("Accept version 2", status=200)
    hers.opens(page(program)).sees("8% of each sale")
    hers.posts(f"{page(program)}/terms/2", {"answer": "decline"}, status=409).sees("has begun")


def test_what_is_no_answer_is_not_kept_as_one(world, program, ada, asked):
    hers = world.signed_in("ada@example.com")
    for typed in ({}, {"answer": "maybe"}):
        hers.posts(f"{page(program)}/terms/2", typed, status=422).sees("choose one")
    assert queries.latest_answer(ada.id, asked) is None


def test_only_members_find_it_and_only_what_takes_something(world, program, ada, asked):
    an_ambassador(a_program(world.rival), "Cy")
    world.signed_in("cy@example.com").opens(f"{page(program)}/terms/2", status=404)
    world.signed_in("ada@example.com").opens(f"{page(program)}/terms/1", status=404)
    world.signed_in("ada@example.com").opens(f"{page(program)}/terms/9", status=404)


def test_the_brand_sees_who_accepted(world, program, ada, ben, asked):
    says(ada, asked, Answer.ACCEPTED)
    settings = f"/brand/glow/settings/program/{program.public_id}"
    mona = world.mona.opens(f"{settings}/notice").sees("Versions that ask").follows("Version 2")
    mona.sees("Ada Example", "Will hold").does_not_see("Ben Example")
    mona.opens(f"{settings}/terms/2/answers?view=open").sees("Ben Example", "not yet")
    mona.opens(f"{settings}/terms/2/answers?view=declined").sees("Nobody here")
    mona.opens(f"{settings}/terms/1/answers", status=404)
    sheet = mona.opens(f"{settings}/terms/2/answers.csv", status=200).text
    assert "Ada Example" in sheet
    world.rae.opens(f"{settings}/terms/2/answers", status=404)


def test_owners_set_notice_and_silence(world, program, ada):
    settings = f"/brand/glow/settings/program/{program.public_id}/notice"
    world.owen.opens("/brand/glow/settings/program").follows("Notice and answers")
    owen = world.owen.browser.fills("Notice before a cut, in days", "7")
    owen.chooses("She keeps her present terms until she accepts").presses("Save notice", status=200)
    owen.sees("The longer notice still holds:", "14 days")
    owen.fills("Notice before a cut, in days", "400").presses("Save notice", status=422)
    world.mona.opens(settings).does_not_see("Save notice")
    world.mona.browser.posts(settings, {"notice_days": "1", "silence": "keeps"}, status=403)
    notice(program, days=14, keeps=True)
    publish(program, 800, in_days=14)
    world.mona.opens(settings).sees("present terms stay")
