"""Tiers that take something: who is asked, whose ladder is which, what her next order earns (R17)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.ambassadors import queries as ambassadors
from portal.commissions import jobs as money
from portal.commissions import queries as commissions
from portal.consents import commands, tier_queries
from portal.consents.models import Answer
from portal.consents.subjects import TIERS
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.notifications.models import Message
from portal.programs import commands as programs
from portal.standings import jobs, looking, queries
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers.models import Window
from portal.tiers.rules import Ladder, Step
from tests.support.queries import counted
from tests.support.shop import settle

FIRST = Ladder(0, 0, "USD", (Step(0, "Base", 0, 1000), Step(0, "Silver", 10_000, 1500)),
               window=Window.LIFETIME)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_wrong(app):
    yield
    jobs.look()
    assert queries.violations() == []
    assert commissions.violations() == []


def publish(program, ladder, in_days=0):
    with unit_of_work():
        starts = clock.now() + timedelta(days=in_days) if in_days else None
        found = tiers.publish_ladder(program.id, ladder, by=None, effective_at=starts).id
    settle()
    return found


def cut_of(program, **more):
    """The next version, in which Silver is harder to reach and pays less."""
    base, silver = ladders.latest_of(program.id).steps
    return replace(FIRST, steps=(base, replace(silver, threshold=20_000, rate_bp=1200)), **more)


def says(member, ladder_id, answer):
    with unit_of_work():
        commands.answer(member.id, ladder_id, answer, by=None, subject=TIERS)


def silence_keeps(program):
    with unit_of_work():
        programs.set_notice(program.id, 14, silence_keeps=True, by=None)


def approved(shop, *codes):
    for code in codes:
        shop.sells("100.00 USD", code)
    clock.pass_days(31)
    money.mature_due()
    clock.pass_time(timedelta(minutes=1))


def earned(order_id):
    return str(commissions.of_order(order_id).amount)


def tier(member):
    db.session.remove()
    return ambassadors.ambassador(member.id).tier


def test_R17_whoever_declines_keeps_the_former_ladder_and_nobody_else_does(
    program, ada, ben, shop
):  # fmt: skip
    publish(program, FIRST)
    cut = publish(program, cut_of(program), in_days=14)
    says(ada, cut, Answer.DECLINED)
    assert earned(shop.sells("100.00 USD", "BEN15")) == "15.00 USD"
    clock.pass_days(15)
    assert (earned(shop.sells("100.00 USD", "ADA15")), earned(shop.sells("100.00 USD", "BEN15"))) \
        == ("15.00 USD", "10.00 USD")  # fmt: skip
    clock.pass_days(31)
    money.mature_due()
    clock.pass_time(timedelta(minutes=1))
    jobs.look()
    assert (tier(ada), tier(ben)) == ("Silver", "Silver")  # by 100.00, and by her own 200.00
    hers, his = (looking.progress_of(ambassadors.ambassador(one.id)) for one in (ada, ben))
    assert (hers.ladder.version, hers.step.rate_bp) == (1, 1500)
    assert (his.ladder.version, his.step.rate_bp) == (2, 1200)
    moves = ladders.moves_of([ada.id, ben.id])
    assert [moves[one.id][0].ladder_id for one in (ada, ben)] == [hers.ladder.id, cut]


def test_R17_a_look_moves_each_by_her_own_ladder_and_names_her_by_it(program, ada, ben, shop):
    publish(program, FIRST)
    base, silver = ladders.latest_of(program.id).steps
    renamed = (replace(base, name="Start"), replace(silver, name="Second", threshold=20_000))
    cut = publish(program, replace(FIRST, steps=renamed), in_days=14)
    says(ada, cut, Answer.DECLINED)
    clock.pass_days(15)
    approved(shop, "ADA15", "BEN15")
    jobs.look()
    assert (tier(ada), tier(ben)) == ("Silver", "Start")
    assert tier_queries.kept_in(program.id).keys() == {ada.id}


def test_R17_without_an_answer_the_programs_setting_decides(program, ada, shop):
    silence_keeps(program)
    publish(program, FIRST)
    cut = publish(program, cut_of(program), in_days=14)
    clock.pass_days(15)
    assert earned(shop.sells("100.00 USD", "ADA15")) == "15.00 USD"
    clock.pass_time(timedelta(minutes=1))
    says(ada, cut, Answer.ACCEPTED)  # a late yes holds from then on
    clock.pass_time(timedelta(minutes=1))
    assert earned(shop.sells("100.00 USD", "ADA15")) == "10.00 USD"
    with pytest.raises(Conflict, match="has begun"):
        says(ada, cut, Answer.DECLINED)


def test_R17_a_better_ladder_later_is_everybodys(program, ada, shop):
    publish(program, FIRST)
    cut = publish(program, cut_of(program), in_days=14)
    says(ada, cut, Answer.DECLINED)
    base, silver = ladders.latest_of(program.id).steps
    better = replace(FIRST, steps=(base, replace(silver, threshold=9_000, rate_bp=1600)))
    publish(program, better, in_days=20)
    clock.pass_days(15)
    assert earned(shop.sells("100.00 USD", "ADA15")) == "15.00 USD"
    clock.pass_days(6)
    assert earned(shop.sells("100.00 USD", "ADA15")) == "16.00 USD"


def test_R17_whoever_declines_the_end_of_the_tiers_is_still_looked_at(program, ada, ben, shop):
    publish(program, FIRST)
    jobs.look()
    end = publish(program, replace(FIRST, steps=()), in_days=14)
    says(ada, end, Answer.DECLINED)
    clock.pass_days(15)
    approved(shop, "ADA15")
    jobs.look()
    assert (tier(ada), tier(ben)) == ("Silver", "")
    assert earned(shop.sells("100.00 USD", "ADA15")) == "15.00 USD"
    says(ada, end, Answer.ACCEPTED)
    clock.pass_days(1)
    jobs.look()
    assert tier(ada) == ""


def test_R17_everybody_concerned_is_asked_once_and_for_gifts_nobody(program, ada, ben):
    letters = select(Message).where(Message.letter == "tiers_proposed").order_by(Message.recipient)
    publish(program, FIRST)
    base, silver = ladders.latest_of(program.id).steps
    publish(program, replace(FIRST, steps=(base, replace(silver, rate_bp=1600))))
    assert db.session.scalars(letters).all() == []
    publish(program, cut_of(program), in_days=14)
    asked = db.session.scalars(letters).all()
    assert [one.recipient for one in asked] == ["ada@example.com", "ben@example.com"]
    assert "Silver is harder to reach. Silver earns less." in asked[0].text
    assert "/tiers/3" in asked[0].text


def test_programs_that_never_cut_pay_nothing_for_it(program, ada, shop):
    publish(program, FIRST)
    member = ambassadors.ambassador(ada.id)
    with counted() as statements:
        tier_queries.ladder_for(member)
    statements.keeps(1)


def test_the_creator_answers_and_the_brand_sees_who_did(world, program, ada, ben):
    publish(program, FIRST)
    publish(program, cut_of(program), in_days=14)
    hers = world.signed_in("ada@example.com")
    page = hers.opens(f"/creator/programs/{program.public_id}")
    page.sees("Version 2 of the tiers takes something from you.")
    page = hers.opens(f"/creator/programs/{program.public_id}/tiers/2")
    page.sees("Silver is harder to reach.", "Silver from $200.00: 12%.", "Without an answer they")
    page.sees("You can change your answer until")
    page.presses("Decline, keep version 1", status=200).sees(
        "You declined.", "Version 1 stays in force", "You can accept at any time"
    ).does_not_see("You can change your answer until")
    settings = f"/brand/glow/settings/program/{program.public_id}"
    world.mona.opens(f"{settings}/notice").sees("Version 2 of the tiers", "the new tiers hold")
    mona = world.mona.opens(f"{settings}/tiers/2/answers?view=declined")
    mona.sees("Ada Example", "Keeps version 1")
    mona.opens(f"{settings}/tiers/2/answers?view=open").sees("Ben Example")
    mona.opens(f"{settings}/tiers/1/answers", status=404)
    assert "Ada Example" in mona.opens(f"{settings}/tiers/2/answers.csv", status=200).text
    hers.opens(f"/creator/programs/{program.public_id}/tiers/1", status=404)
    clock.pass_days(15)
    world.mona.opens(f"{settings}/tiers").sees("One ambassador keeps former tiers.")
    hers.opens(f"/creator/tiers/{ada.public_id}").sees("Version 2 of the tiers takes something")
