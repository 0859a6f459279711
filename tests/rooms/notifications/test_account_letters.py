"""What a creator is told of her code and her payout account, once each."""

import pytest
from sqlalchemy import select

from portal.creators import commands as creators
from portal.creators.models import Rail
from portal.destinations import commands as destinations
from portal.destinations import queries as changes
from portal.kernel import clock
from portal.notifications.models import Message
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, queries
from tests.support.people import a_program, an_ambassador


@pytest.fixture
def ada(world):
    member = an_ambassador(a_program(world.glow), "Ada")
    assert world.mona
    world.settle()
    return member


def letters(world, name):
    world.settle()
    found = select(Message).where(Message.letter == name).order_by(Message.id)
    return [(one.recipient, one.subject, one.text) for one in db.session.scalars(found)]


def code_of(member):
    return queries.current_codes([member.id])[member.id]


def test_a_paused_code_is_told_with_its_reason_each_time(world, ada):
    code = code_of(ada)
    for reason in ("Found on a coupon site", "Again"):
        with unit_of_work():
            commands.pause_code(code.id, reason, by=world.mona.user_id)
        with unit_of_work():
            commands.resume_code(code.id, by=world.mona.user_id)
        clock.pass_days(1)
    with unit_of_work():
        commands.pause_code(code.id, "Third time!", by=world.mona.user_id)
    told = letters(world, "code_paused")
    assert [one[:2] for one in told][-1] == ("ada@example.com", "Your code ADA15 is paused")
    assert "The reason given: Third time! Orders" not in told[-1][2]
    assert "The reason given: Third time!" in told[-1][2]


def test_a_pause_with_the_membership_says_so(world, ada):
    with unit_of_work():
        commands.pause_all(ada.id, by=world.mona.user_id)
    [(_, _, text)] = letters(world, "code_paused")
    assert "for as long as your membership is paused" in text
    assert "reason given" not in text


@pytest.mark.parametrize(
    ("grace_days", "words"),
    [(7, "goes on working until 9 Mar, 05:00, New York time"), (0, "has stopped")],
)
def test_a_replaced_code_names_old_and_new_and_the_end(world, ada, grace_days, words):
    with unit_of_work():
        commands.replace_code(code_of(ada).id, "ADANEW", grace_days, by=world.mona.user_id)
    [(to, subject, text)] = letters(world, "code_replaced")
    assert (to, subject) == ("ada@example.com", "Your new code at Glow is ADANEW")
    assert f"Your old code ADA15 {words}" in text
    assert letters(world, "code_paused") == []


def test_another_payout_account_is_told_with_the_day_it_can_be_paid(world, ada):
    def set_to(account):
        with unit_of_work():
            destinations.set_destination(
                ada.creator_id, Rail.MANUAL, account, by=None, label_masked=f"••{account}"
            )

    set_to("6700")
    [(_, subject, text)] = letters(world, "payout_account")
    assert (subject, "••6700" in text) == ("Your payout account is ready", True)
    clock.pass_days(1)
    set_to("9911")
    assert len(letters(world, "payout_account")) == 1  # she is asked to confirm it first
    with unit_of_work():
        destinations.confirm(changes.open_change(ada.creator_id).id, by=None)
    told = letters(world, "payout_account")
    assert [one[1] for one in told][1:] == ["Your payout account was changed"]
    assert "••9911" in told[1][2]
    assert "before 6 Mar, 04:00, New York time" in told[1][2]


def test_an_account_that_lacks_something_is_told(world, ada):
    with unit_of_work():
        destinations.set_destination(ada.creator_id, Rail.STRIPE, "acct_1", by=None)
    assert letters(world, "payout_account") == []
    with unit_of_work():
        creators.record_account_state("acct_1", "not_payable", missing=["date_of_birth"])
    [(_, subject, _text)] = letters(world, "payout_account")
    assert subject in (
        "Your payout account needs you",
        "Nothing can be sent to your payout account",
    )
    with unit_of_work():
        creators.record_account_state("acct_1", "not_payable", missing=["date_of_birth"])
    assert len(letters(world, "payout_account")) == 1
