"""The daily look: who moves, warned or at once, by itself or approved, in few statements."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.ambassadors import queries as ambassadors
from portal.commissions import jobs as money
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.standings import commands, jobs, looking, queries
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers.models import Automation, ListStatus, Review, Window
from portal.tiers.rules import NOTHING, Ladder, Step
from tests.support.queries import counted

STEPS = (Step(0, "Base", 0, 1000), Step(0, "Silver", 10_000, 1200), Step(0, "Gold", 50_000, 1500))
LADDER = Ladder(0, 0, "USD", STEPS, window_days=60)
SLOW = replace(LADDER, automation=Automation.PERIODIC, grace_days=14)


@pytest.fixture(autouse=True)
def standings_are_the_sum_of_their_moves(app):
    yield
    assert queries.violations() == []


def publish(program, ladder, **more):
    with unit_of_work():
        return tiers.publish_ladder(program.id, ladder, by=None, **more)


def approved(shop, amount, number):
    shop.sells(amount, "ADA15", number=number)
    clock.pass_days(31)
    money.mature_due()
    clock.pass_time(timedelta(minutes=1))


def tier(member):
    db.session.remove()
    return ambassadors.ambassador(member.id).tier


def kinds(member):
    return [one.kind.value for one in reversed(queries.history_of(member.id))]


def test_R28_promoted_over_two_tiers_by_the_daily_look(program, ada, ben, shop):
    publish(program, LADDER)
    jobs.look()
    assert (tier(ada), tier(ben)) == ("Base", "Base")
    approved(shop, "600.00 USD", "1")
    jobs.look()
    assert (tier(ada), tier(ben), kinds(ada)) == ("Gold", "Base", ["up"])
    jobs.look()
    assert kinds(ada) == ["up"]


def test_R28_warned_then_demoted_when_the_window_has_passed(program, ada, shop):
    publish(program, SLOW)
    approved(shop, "600.00 USD", "1")
    jobs.look()
    clock.pass_days(61)
    jobs.look()
    assert (tier(ada), kinds(ada)) == ("Gold", ["up", "warned"])
    assert ladders.standing_of(ada.id).falls_at == clock.now() + timedelta(days=14)
    clock.pass_days(13)
    jobs.look()
    assert tier(ada) == "Gold"
    clock.pass_days(1)
    jobs.look()
    assert (tier(ada), kinds(ada)) == ("Base", ["up", "warned", "down"])


def test_a_sale_in_the_days_of_grace_saves_the_tier(program, ada, shop):
    publish(program, replace(SLOW, window_days=90, grace_days=60))
    approved(shop, "600.00 USD", "1")
    jobs.look()
    clock.pass_days(91)
    jobs.look()
    approved(shop, "600.00 USD", "2")
    jobs.look()
    assert (tier(ada), kinds(ada)) == ("Gold", ["up", "warned", "recovered"])


def test_R76_a_refund_takes_the_tier_back(program, ada, shop):
    publish(program, replace(LADDER, window=Window.LIFETIME))
    approved(shop, "120.00 USD", "1")
    jobs.look()
    assert tier(ada) == "Silver"
    shop.refunds("1", "60.00 USD")
    clock.pass_days(1)
    jobs.look()
    assert tier(ada) == "Base"


def test_a_list_waits_for_a_person_and_tells_who_moves(program, ada, shop, world):
    mona = world.mona.user_id
    publish(program, replace(LADDER, review=Review.PERSON))
    approved(shop, "600.00 USD", "1")
    jobs.look()
    made = queries.waiting_of(program.id)
    assert (tier(ada), queries.counts_in(made.id)) == ("Base", {"up": 1})
    with unit_of_work():
        assert commands.approve(made.id, by=mona) == 1
    assert tier(ada) == "Gold"
    with pytest.raises(Conflict, match="taken effect"), unit_of_work():
        commands.approve(made.id, by=mona)


def test_a_list_runs_by_itself_after_its_days_and_a_new_look_does_not_put_it_off(
    program, ada, shop
):
    publish(program, replace(LADDER, review=Review.LATER, review_days=3))
    approved(shop, "600.00 USD", "1")
    jobs.look()
    runs_at = queries.waiting_of(program.id).runs_at
    clock.pass_days(2)
    jobs.look()
    assert (tier(ada), queries.waiting_of(program.id).runs_at) == ("Base", runs_at)
    clock.pass_days(1)
    jobs.look()
    assert (tier(ada), queries.waiting_of(program.id)) == ("Gold", None)


def test_a_list_of_tiers_that_have_ended_waits_no_more(program, ada, shop):
    publish(program, replace(LADDER, review=Review.LATER, review_days=3))
    ended = clock.now() + timedelta(days=33)
    publish(program, replace(LADDER, steps=()), effective_at=ended)
    approved(shop, "600.00 USD", "1")
    clock.pass_days(1)
    jobs.look()
    assert queries.waiting_of(program.id).runs_at > ended
    clock.pass_days(4)
    jobs.look()
    assert (tier(ada), queries.waiting_of(program.id), queries.due()) == ("", None, [])


def test_whoever_was_pinned_meanwhile_is_left_out(program, ada, shop, world):
    mona = world.mona.user_id
    publish(program, replace(LADDER, review=Review.PERSON))
    approved(shop, "600.00 USD", "1")
    jobs.look()
    made = queries.waiting_of(program.id)
    until = clock.now() + timedelta(days=30)
    with unit_of_work():
        own = ladders.ladder_of(program.id)
        tiers.pin(ada.id, 1, until, "Leaves in June", NOTHING, ladder=own, by=mona)
    with unit_of_work():
        assert commands.approve(made.id, by=mona) == 0
    assert (tier(ada), kinds(ada)) == ("Base", ["pinned"])
    clock.pass_days(30)
    jobs.look()
    assert queries.waiting_of(program.id).status is ListStatus.WAITING


def test_the_first_day_of_a_new_ladder_is_looked_at_at_once(program, ada, shop):
    publish(program, LADDER)
    approved(shop, "120.00 USD", "1")
    jobs.look()
    first = replace(STEPS[0], number=1), replace(STEPS[1], number=2, name="Star", threshold=5_000)
    publish(program, replace(LADDER, steps=(*first, replace(STEPS[2], number=3))))
    jobs.look()
    assert (tier(ada), kinds(ada)) == ("Star", ["up"])


def test_a_look_costs_the_same_whatever_the_number_of_members(program, ada, ben, shop):
    publish(program, LADDER)
    shop.sells("600.00 USD", "ADA15", number="1")
    with unit_of_work(), counted() as one:
        commands.look_at_program(program.id)
    shop.sells("600.00 USD", "BEN15", number="2")
    clock.pass_days(31)
    money.mature_due()
    clock.pass_time(timedelta(minutes=1))
    with unit_of_work(), counted() as two:
        commands.look_at_program(program.id)
    assert (tier(ada), tier(ben)) == ("Gold", "Gold")
    assert two.count <= one.count + 8, two


def test_how_far_it_is(program, ada, shop):
    publish(program, LADDER)
    approved(shop, "70.00 USD", "1")
    jobs.look()
    found = looking.progress_of(ambassadors.ambassador(ada.id))
    assert (found.step.name, found.next.name, found.figure, found.missing) == (
        "Base", "Silver", 7_000, 3_000,
    )  # fmt: skip
