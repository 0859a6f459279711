"""Pay for clicks: a day counted, closed once, brought up to its count; by real clicks and jobs."""

from datetime import date, datetime, timedelta

import pytest

from portal.ambassadors import commands as memberships
from portal.bonuses import commands as bonuses
from portal.bonuses.models import Metric, Window
from portal.bonuses.rules import Goal
from portal.click_pay import check_queries, commands, jobs, queries, rules
from portal.click_pay.models import PaidDay
from portal.commissions import jobs as maturing
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.consents import commands as consents
from portal.consents.models import Answer
from portal.doctor import CHECKS
from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs import commands as programs
from portal.programs.rules import ClickTerms, HoldBasis, HoldTerms
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import click_commands, redirect
from portal.tracking import queries as links
from portal.tracking.click_commands import Kept
from portal.tracking.click_models import ClickSpool
from portal.tracking.models import AgentClass
from portal.tracking.spool import Spool
from tests.rooms.tracking.test_spool import ingest, write
from tests.support.people import a_program, an_ambassador
from tests.support.shop import settle

NEW_YORK = "America/New_York"
FIVE = ClickTerms(5, 200)
THIRD = date(2026, 3, 3)


@pytest.fixture
def program(world):
    """Pays 0.05 a click, at most 200 a day, from 3 March on: it was published within the 2nd."""
    return a_program(world.glow, terms={"hold_days": 10, "clicks": FIVE})


@pytest.fixture
def ada(program):
    return an_ambassador(program, "Ada")


def at(day, hour=12, minute=0, second=0):
    """An instant of a day in New York."""
    start = clock.start_of_day(day, NEW_YORK)
    return start + timedelta(hours=hour, minutes=minute, seconds=second)


def clicked(member, count, when, *, gap=1, visitor="v", is_one=False):
    """So many clicks on her link, by as many people or by one, so many seconds apart."""
    link = links.links_of(member.id)[0]
    with unit_of_work():
        for number in range(count):
            click_commands.record_click(
                link.id, when + timedelta(seconds=number * gap),
                visitor=visitor if is_one else f"{visitor}{number}",
            )  # fmt: skip


def close(day):
    """The night after a day: the job comes by."""
    clock.pass_time(max(at(day, 24) + timedelta(hours=1) - clock.now(), timedelta(0)))
    jobs.close_days()
    settle()


def spool_is_at(through):
    with unit_of_work():
        spool = db.session.scalar(db.select(ClickSpool))
        spool.through, spool.beat_at = through, clock.wall()


def earned(member=None):
    wanted = db.select(Commission).where(Commission.kind == CommissionKind.CLICKS)
    if member is not None:
        wanted = wanted.where(Commission.ambassador_id == member.id)
    return db.session.scalars(wanted.order_by(Commission.id)).all()


def amounts(member=None):
    return [str(one.amount) for one in earned(member)]


def invariants_hold():
    return [sentence for _, find in CHECKS for sentence in find()] == []


def republished(program, clicks, **more):
    with unit_of_work():
        return programs.publish_terms(
            program.id, by=None, rate_bp=1_000, hold_days=10, clicks=clicks, **more
        )


def test_R29_a_day_earns_its_clicks_once_however_often_the_job_runs(program, ada):
    clicked(ada, 134, at(THIRD))
    jobs.close_days()
    assert earned() == []
    close(THIRD)
    (one,) = earned()
    assert (str(one.amount), one.status) == ("6.70 USD", CommissionStatus.PENDING)
    assert one.source == f"clicks:{ada.id}:2026-03-03"
    assert one.hold_until == at(THIRD, 24) + timedelta(days=10)
    close(THIRD)
    with unit_of_work():
        assert not commands.close_next_day(program.id)
        assert commands.settle_day(program, THIRD, NEW_YORK) == 0
    assert amounts() == ["6.70 USD"]
    clock.pass_days(10)
    maturing.mature_due()
    assert earned()[0].status is CommissionStatus.PAYABLE
    assert invariants_hold()


def test_R9_clicks_above_the_daily_cap_earn_nothing_and_she_reads_why(ada):
    clicked(ada, 203, at(THIRD))
    close(THIRD)
    (one,) = earned()
    assert str(one.amount) == "10.00 USD"
    assert [(part["label"], part["minor"]) for part in one.explanation["parts"]] == [
        ("203 clicks × $0.05", 1_015), ("3 clicks above the cap", -15),
    ]  # fmt: skip
    assert one.explanation["parts"][1]["note"] == "Daily cap: 200 clicks"


def test_R53_repeats_robots_and_fetches_ahead_do_not_count(ada):
    link = links.links_of(ada.id)[0]
    clicked(ada, 3, at(THIRD))
    clicked(ada, 2, at(THIRD, second=5))  # v0 and v1 again within half a minute
    with unit_of_work():
        rows = [
            Kept(redirect.click_id_of(at(THIRD, 13), number), link.id, ada.id, ada.brand_id,
                 at(THIRD, 13), "bot", seen_as, "", "{}", None, None)
            for number, seen_as in enumerate((AgentClass.BOT, AgentClass.PREFETCH))
        ]  # fmt: skip
        click_commands.store(rows)
    close(THIRD)
    (one,) = earned()
    assert str(one.amount) == "0.15 USD"
    assert one.explanation["parts"][0]["note"] == "2 repeats and 2 robots not counted"


def test_R53_clicks_that_tell_nothing_of_who_made_them_are_one_visitor(ada):
    link = links.links_of(ada.id)[0]
    start = datetime.fromtimestamp(int(at(THIRD).timestamp()) // 30 * 30, at(THIRD).tzinfo)
    with unit_of_work():
        for second in (0, 1, 29, 30, 31, 90):
            click_commands.record_click(link.id, start + timedelta(seconds=second), visitor="")
    close(THIRD)
    (row,) = db.session.scalars(db.select(PaidDay)).all()
    assert (row.people, row.repeats, str(row.amount)) == (3, 3, "0.15 USD")
    assert invariants_hold()


def test_a_day_is_the_day_of_the_programs_zone(ada):
    clicked(ada, 1, at(THIRD, 0))
    clicked(ada, 2, at(THIRD, 23, 59), visitor="w")
    clicked(ada, 4, at(THIRD, 24), visitor="x")
    close(THIRD)
    assert amounts() == ["0.15 USD"]
    close(THIRD + rules.ONE_DAY)
    assert amounts() == ["0.15 USD", "0.20 USD"]


def test_R16_days_before_the_terms_had_it_earn_nothing(program, ada):
    clicked(ada, 9, clock.now() + timedelta(minutes=1))  # on the 2nd, when they were published
    clicked(ada, 1, at(THIRD))
    clock.pass_days(5)
    jobs.close_days()
    assert amounts() == ["0.05 USD"]
    assert queries.closed_through(program.id).day == date(2026, 3, 6)


def test_days_that_were_missed_are_caught_up_with_one_by_one(ada):
    for number in range(8):
        clicked(ada, number + 1, at(THIRD + timedelta(days=number)))
    clock.pass_days(20)
    jobs.close_days()
    assert amounts() == [str(Money(5 * count, "USD")) for count in range(1, 9)]
    assert invariants_hold()


def test_a_long_gap_is_closed_a_month_at_a_time(program, ada):
    far = THIRD + timedelta(days=40)
    clicked(ada, 1, at(far))
    clock.pass_time(at(far, 26) - clock.now())
    jobs.close_days()
    assert queries.closed_through(program.id).day == THIRD + timedelta(days=30)
    assert amounts() == []
    jobs.close_days()
    assert queries.closed_through(program.id).day == far
    assert amounts() == ["0.05 USD"]


def test_R43_clicks_outside_an_active_membership_earn_nothing(program, ada):
    clicked(ada, 2, at(THIRD, 8))
    clock.pass_time(at(THIRD, 10) - clock.now())
    with unit_of_work():
        memberships.pause(ada.id, by=None, reason="A rest")
    clicked(ada, 4, at(THIRD, 11), visitor="w")
    clock.pass_time(timedelta(hours=5))
    bea = an_ambassador(program, "Bea")  # joined at 15:00 of that day
    clicked(bea, 3, at(THIRD, 16))
    close(THIRD)
    assert (amounts(ada), amounts(bea)) == (["0.10 USD"], ["0.15 USD"])


def test_R16_the_version_in_force_when_the_day_began_pays_it(program, ada):
    clock.pass_time(at(THIRD, 12) - clock.now())
    republished(program, ClickTerms(9, 200))
    clicked(ada, 2, at(THIRD, 13))
    clicked(ada, 2, at(THIRD, 37), visitor="w")
    close(THIRD + rules.ONE_DAY)
    assert amounts() == ["0.10 USD", "0.18 USD"]


def test_clicks_that_come_in_late_bring_a_closed_day_up_to_its_count(program, ada, tmp_path):
    """The disk of a machine that was off for two days: its clicks still earn, once."""
    clicked(ada, 3, at(THIRD))
    close(THIRD)
    writer, link = Spool(tmp_path / "clicks"), links.links_of(ada.id)[0]
    for number in range(2):
        write(writer, link.id, f"late{number}", at=at(THIRD, 15, number))
    clock.pass_days(2)
    jobs.close_days()
    ingest(tmp_path / "clicks")
    settle()
    assert queries.closed_through(program.id).day == THIRD - rules.ONE_DAY
    jobs.close_days()
    assert amounts() == ["0.15 USD", "0.10 USD"]
    second = earned()[1]
    assert second.source == f"clicks:{ada.id}:2026-03-03:2"
    assert [part["minor"] for part in second.explanation["parts"]] == [25, -15]
    jobs.close_days()
    assert len(earned()) == 2
    assert invariants_hold()


def test_a_day_waits_for_the_spool_of_a_machine_that_lags(program, ada, tmp_path):
    clicked(ada, 3, at(THIRD))
    ingest(tmp_path / "clicks")  # this machine is known, and is in step until now
    clock.pass_time(at(THIRD, 26) - clock.now())
    spool_is_at(at(THIRD, 20))
    jobs.close_days()
    assert earned() == []
    spool_is_at(at(THIRD, 24))
    jobs.close_days()
    assert amounts() == ["0.15 USD"]


def test_R9_a_months_budget_is_shared_when_it_ends_and_begins_anew(world):
    budgeted = a_program(world.glow, terms={"clicks": ClickTerms(10, 100, 500)})
    ada, bea = an_ambassador(budgeted, "Ada"), an_ambassador(budgeted, "Bea")
    clicked(ada, 30, at(THIRD))
    close(THIRD)
    clicked(ada, 20, at(date(2026, 3, 4)))
    clicked(bea, 10, at(date(2026, 3, 4)))
    close(date(2026, 3, 4))
    clicked(ada, 5, at(date(2026, 3, 5)))
    close(date(2026, 3, 5))
    assert (amounts(ada), amounts(bea)) == (["3.00 USD", "1.33 USD"], ["0.67 USD"])
    cut = earned(ada)[1].explanation["parts"]
    assert [(part["label"], part["minor"]) for part in cut] == [
        ("20 clicks × $0.10", 200), ("Above the month’s budget", -67),
    ]  # fmt: skip
    april = date(2026, 4, 1)
    clicked(ada, 5, at(april))
    close(april)
    assert amounts(ada)[-1] == "0.50 USD"
    assert invariants_hold()


def test_R59_a_hold_to_the_months_end_counts_from_the_month_of_the_clicks(world):
    monthly = {"hold_days": 27, "hold": HoldTerms(HoldBasis.MONTH_END, 0), "clicks": FIVE}
    program = a_program(world.glow, terms=monthly)
    ada = an_ambassador(program, "Ada")
    last = date(2026, 3, 31)
    clicked(ada, 1, at(last))
    close(last)
    assert earned()[0].hold_until == clock.start_of_day(date(2026, 4, 28), NEW_YORK)


def test_R17_who_keeps_older_terms_is_paid_by_them(world):
    program = a_program(world.glow, terms={"clicks": FIVE})
    ada, bea = an_ambassador(program, "Ada"), an_ambassador(program, "Bea")
    less = republished(program, ClickTerms(4, 200), effective_at=at(date(2026, 4, 1), 0))
    settle()
    with unit_of_work():
        consents.answer(ada.id, less.id, Answer.DECLINED, by=None)
    first = date(2026, 4, 1)
    clicked(ada, 10, at(first))
    clicked(bea, 10, at(first))
    close(first)
    assert (amounts(ada), amounts(bea)) == (["0.50 USD"], ["0.40 USD"])
    assert invariants_hold()


def test_R9_a_budget_in_another_currency_leaves_the_older_terms_alone(world):
    program = a_program(world.glow, terms={"clicks": FIVE})
    ada, bea = an_ambassador(program, "Ada"), an_ambassador(program, "Bea")
    first = date(2026, 4, 1)
    euros = republished(program, ClickTerms(5, 200, 30), currency="EUR", effective_at=at(first, 0))
    settle()
    with unit_of_work():
        consents.answer(ada.id, euros.id, Answer.DECLINED, by=None)
    clicked(ada, 10, at(first))
    clicked(bea, 10, at(first))
    close(first)
    assert (amounts(ada), amounts(bea)) == (["0.50 USD"], ["0.30 EUR"])
    assert invariants_hold()


def test_doctor_says_which_day_is_not_its_clicks(ada):
    clicked(ada, 3, at(THIRD))
    close(THIRD)
    assert check_queries.violations() == []
    with unit_of_work():
        row = db.session.scalar(db.select(PaidDay))
        row.people, row.paid = 4, 4
    said = check_queries.violations()
    assert [one.split("; ")[-1] for one in said] == [
        "worked out again it is $0.20.", "counted again they are 3.",
    ]  # fmt: skip


def test_R30_pay_for_clicks_is_no_sale(program, ada):
    goal = Goal("A sale", Metric.SALES, 1, Money.of("10.00 USD"), Window.LIFETIME, False, 0)
    with unit_of_work():
        bonus = bonuses.set_up(program.id, goal, by=None)
    clicked(ada, 30, at(THIRD))
    close(THIRD)
    clock.pass_days(30)
    maturing.mature_due()
    assert [one.status for one in earned()] == [CommissionStatus.PAYABLE]
    with unit_of_work():
        assert bonuses.award_reached(bonus.id) == 0
