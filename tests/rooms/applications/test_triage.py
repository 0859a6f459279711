"""Between the queue and the decision: shortlist, ask for more, answer, and what runs out."""

import pytest

from portal.applications import commands, jobs, queries, triage_commands
from portal.applications.models import ApplicationStatus
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.notifications.models import Message
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import an_application

QUEUE = "/brand/glow/applications"


@pytest.fixture
def ben(world, program):
    assert world.rosa
    return an_application(program, "Ben")


def status_of(application):
    db.session.expire_all()
    return queries.one_of_brand(application.brand_id, application.public_id).status


def asked(world, application, question="Which camera do you use?"):
    by = world.rosa.user_id
    with unit_of_work():
        triage_commands.ask_info(application.id, question, by=by)
    world.settle()


@pytest.mark.parametrize("htmx", [False, True])
def test_a_shortlisted_one_waits_in_its_own_view(world, program, ben, htmx):
    eve = an_application(program, "Eve")
    rosa = world.signed_in("rosa@example.com", htmx=htmx) if world.rosa else None
    rosa.opens(f"{QUEUE}/{ben.public_id}").presses("Shortlist").sees("New 1", "Shortlist 1")
    rosa.sees("Eve Example")
    assert status_of(ben) is ApplicationStatus.SHORTLISTED
    rosa.opens(f"{QUEUE}/{ben.public_id}?view=shortlisted").presses("Back to new")
    rosa.opens(QUEUE).sees("New 2", "Shortlist 0")
    assert status_of(eve) is ApplicationStatus.SUBMITTED


def test_the_creator_never_learns_of_the_shortlist(world, ben):
    with unit_of_work():
        triage_commands.shortlist(ben.id, by=world.rosa.user_id)
    page = world.signed_in("ben@example.com").opens("/p/glow/apply/sent")
    page.sees("Your application is with Glow").does_not_see("Shortlisted")


def test_a_question_goes_out_and_its_answer_comes_back(world, ben):
    rosa = world.rosa.opens(f"{QUEUE}/{ben.public_id}")
    rosa.presses("Send question", status=422).sees("Write what you want to know.")
    rosa.fills("Your question", "Which camera do you use?").presses("Send question")
    rosa.sees("New 0", "Needs info 1")
    world.settle()
    [mail] = db.session.query(Message).filter_by(letter="application_info")
    assert (mail.recipient, mail.subject) == (
        "ben@example.com", "Glow has a question about your application",
    )  # fmt: skip
    assert "“Which camera do you use?”" in mail.text
    assert "16 Mar, 05:00, New York time" in mail.text
    page = world.signed_in("ben@example.com").opens("/p/glow/apply/sent")
    page.sees("Glow has a question", "“Which camera do you use?”")
    page.presses("Send answer", status=422).sees("Write an answer first.")
    page.fills("Your answer", "A phone.").presses("Send answer").sees("Your answer is with Glow.")
    page.opens("/p/glow/apply/sent").sees("Your application is with Glow")
    world.rosa.opens(QUEUE).sees("New 1", "Which camera do you use? asked later", "“A phone.”")


def test_questions_have_an_end(world, ben):
    by = world.rosa.user_id
    with unit_of_work(), pytest.raises(InvalidInput, match="what you want to know"):
        triage_commands.ask_info(ben.id, "  ", by=by)
    for number in range(3):
        asked(world, ben, f"Question {number}?")
        with unit_of_work(), pytest.raises(Conflict, match="still waiting"):
            triage_commands.ask_info(ben.id, "And?", by=by)
        with unit_of_work():
            triage_commands.answer_info(ben.id, "Yes.", by=by)
    with unit_of_work(), pytest.raises(InvalidInput, match="Decide now"):
        triage_commands.ask_info(ben.id, "And?", by=by)
    with unit_of_work(), pytest.raises(Conflict, match="moved on"):
        triage_commands.answer_info(ben.id, "Yes.", by=by)


def test_an_asked_one_may_still_be_decided(world, ben):
    asked(world, ben)
    with unit_of_work():
        commands.decide(ben.id, ApplicationStatus.APPROVED, by=world.rosa.user_id)
    for act in (
        triage_commands.shortlist,
        lambda key, by: triage_commands.ask_info(key, "?", by=by),
    ):
        with unit_of_work(), pytest.raises(Conflict, match="approved already"):
            act(ben.id, by=world.rosa.user_id)


def test_an_unanswered_question_closes_it_after_14_days(world, program, ben):
    eve = an_application(program, "Eve")
    asked(world, ben)
    clock.pass_days(13)
    jobs.tidy()
    assert status_of(ben) is ApplicationStatus.INFO_NEEDED
    clock.pass_days(1)
    jobs.tidy()
    assert status_of(ben) is ApplicationStatus.EXPIRED
    assert status_of(eve) is ApplicationStatus.SUBMITTED
    page = world.rosa.opens("/brand/glow/applications").follows("Expired")
    page.sees("Ben Example").does_not_see("Eve Example")


def test_only_reviewers_of_the_brand_and_its_own(world, ben):
    for step in ("shortlist", "ask"):
        url = f"{QUEUE}/{ben.public_id}/{step}"
        world.rae.browser.posts(url, status=404)
        world.finn.opens("/finance/glow/").posts(url, status=403)


def test_nothing_required_stands_between_a_reviewer_and_her_decision(world, ben):
    page = world.rosa.opens(f"{QUEUE}/{ben.public_id}").page
    assert page.select("form.decide [required]") == []
