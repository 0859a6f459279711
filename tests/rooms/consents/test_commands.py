"""Terms that take something: who is asked, what an answer does to the next order (R15–R17)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.attribution import replay
from portal.commissions.models import Commission
from portal.consents import commands, queries
from portal.consents.models import Answer, TermsAnswer
from portal.kernel import clock
from portal.kernel.errors import Conflict, NotFound
from portal.notifications.models import Message
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.people import a_program
from tests.support.shop import settle


def publish(program, rate_bp, in_days=0):
    with unit_of_work():
        found = programs.publish_terms(
            program.id, rate_bp=rate_bp, effective_at=clock.now() + timedelta(days=in_days), by=None
        )
        public = found.id, found.version
    settle()
    return public


def notice(program, days=14, *, keeps=False):
    with unit_of_work():
        programs.set_notice(program.id, days, silence_keeps=keeps, by=None)


def says(member, terms_id, answer):
    with unit_of_work():
        return commands.answer(member.id, terms_id, answer, by=None)


def earned(order_id):
    rows = db.session.scalars(select(Commission).where(Commission.order_id == order_id))
    return [(str(row.amount), offers.terms(row.terms_id).version) for row in rows]


@pytest.fixture
def members(program, ada, ben):
    return ada, ben


def test_R17_whoever_declines_keeps_her_version_and_nobody_else_does(program, members, shop):
    ada, _ = members
    cut, _ = publish(program, 800, in_days=14)
    says(ada, cut, Answer.DECLINED)
    before = shop.sells("100.00 USD", "ADA15")
    clock.pass_days(15)
    assert earned(before) == [("10.00 USD", 1)]
    assert earned(shop.sells("100.00 USD", "ADA15")) == [("10.00 USD", 1)]
    assert earned(shop.sells("100.00 USD", "BEN15")) == [("8.00 USD", 2)]
    assert (queries.terms_for(ada, clock.now()).version, offers.current_terms(program.id).version) \
        == (1, 2)  # fmt: skip
    assert replay.violations() == []


def test_R17_without_an_answer_the_programs_setting_decides(program, ada, shop):
    notice(program, keeps=True)
    cut, _ = publish(program, 800, in_days=14)
    clock.pass_days(15)
    assert earned(shop.sells("100.00 USD", "ADA15")) == [("10.00 USD", 1)]
    says(ada, cut, Answer.ACCEPTED)
    clock.pass_time(timedelta(minutes=1))
    assert earned(shop.sells("100.00 USD", "ADA15")) == [("8.00 USD", 2)]
    with pytest.raises(Conflict, match="has begun"):
        says(ada, cut, Answer.DECLINED)


def test_R16_the_setting_goes_with_the_version(program, ada, shop):
    publish(program, 800, in_days=14)
    notice(program, keeps=True)
    clock.pass_days(15)
    assert earned(shop.sells("100.00 USD", "ADA15")) == [("8.00 USD", 2)]


def test_R17_a_raise_asks_nobody_and_counts_for_those_who_declined(program, members, shop):
    ada, _ = members
    cut, _ = publish(program, 800, in_days=14)
    says(ada, cut, Answer.DECLINED)
    clock.pass_days(15)
    publish(program, 900)  # more than 8%, less than hers
    clock.pass_time(timedelta(minutes=1))
    assert earned(shop.sells("100.00 USD", "ADA15")) == [("10.00 USD", 1)]
    assert earned(shop.sells("100.00 USD", "BEN15")) == [("9.00 USD", 3)]
    publish(program, 1_200)
    clock.pass_time(timedelta(minutes=1))
    assert earned(shop.sells("100.00 USD", "ADA15")) == [("12.00 USD", 4)]
    assert offers.latest_terms(program.id).lost == {}


def test_R17_everybody_concerned_is_asked_once(program, members):
    publish(program, 1_100)
    letters = select(Message).where(Message.letter == "terms_proposed").order_by(Message.id)
    assert db.session.scalars(letters).all() == []
    cut, _ = publish(program, 800, in_days=14)
    assert [one.recipient for one in db.session.scalars(letters)] == [
        "ada@example.com", "ben@example.com",
    ]  # fmt: skip
    with unit_of_work():
        assert commands.ask_members(offers.terms(cut)) == 2
    settle()
    assert len(db.session.scalars(letters).all()) == 2
    mail = db.session.scalars(letters).first()
    assert "The rate goes down." in mail.text
    assert "/terms/3" in mail.text


def test_an_answer_may_change_until_the_terms_begin_and_repeating_is_none(program, ada):
    cut, _ = publish(program, 800, in_days=14)
    first = says(ada, cut, Answer.DECLINED).id
    assert says(ada, cut, Answer.DECLINED).id == first
    clock.pass_time(timedelta(hours=1))
    says(ada, cut, Answer.ACCEPTED)
    rows = db.session.scalars(select(TermsAnswer).order_by(TermsAnswer.id)).all()
    assert [(row.answer, row.is_latest) for row in rows] == [
        (Answer.DECLINED, False), (Answer.ACCEPTED, True),
    ]  # fmt: skip
    assert queries.counts_of([cut]) == {cut: {Answer.ACCEPTED: 1, Answer.DECLINED: 0}}


def test_another_programs_terms_are_not_found(world, ada):
    other = a_program(world.rival)
    with pytest.raises(NotFound):
        says(ada, offers.current_terms(other.id).id, Answer.ACCEPTED)


def test_R17_a_shorter_notice_needs_notice_itself(program):
    notice(program, days=0)
    with pytest.raises(Conflict, match="14 days’ notice"):
        publish(program, 900)
    clock.pass_days(14)
    assert publish(program, 900)[1] == 2
    notice(program, days=30)
    with pytest.raises(Conflict, match="30 days’ notice"):
        publish(program, 800, in_days=29)
