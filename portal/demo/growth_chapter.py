"""Bonuses that ambassadors are on their way to, tiers they climb, and a plan to bring others by."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from portal.bonuses import commands as bonuses
from portal.bonuses import jobs as bonus_jobs
from portal.bonuses.models import Metric, Window
from portal.bonuses.rules import Goal
from portal.commissions import jobs as commissions
from portal.consents import commands as consents
from portal.consents.models import Answer
from portal.consents.queries import TIERS
from portal.demo import cast
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.money import Money
from portal.referrals import commands as referrals
from portal.referrals import queries as recruits
from portal.referrals.models import Basis
from portal.referrals.rules import Plan
from portal.standings import jobs as standings
from portal.storage.unit_of_work import unit_of_work
from portal.tiers import commands as tiers
from portal.tiers import queries as ladders
from portal.tiers.models import Automation, Review
from portal.tiers.models import Metric as LadderMetric
from portal.tiers.rules import Ladder, Step

if TYPE_CHECKING:
    from portal.demo.joining import Member
    from portal.demo.story import Stage

SMALL = Goal(
    "Twenty-five bags", Metric.SALES, 25, Money(2_500, cast.CURRENCY), Window.LIFETIME,
    repeats=False, hold_days=30,
)  # fmt: skip
LARGE = Goal(
    "A thousand bags", Metric.SALES, 1_000, Money(25_000, cast.CURRENCY), Window.LIFETIME,
    repeats=False, hold_days=30,
)  # fmt: skip
PLAN = Plan(Basis.DYNAMIC, (1_000, 500), Money(1_000, cast.CURRENCY))
LADDER = Ladder(
    0, 0, cast.CURRENCY,
    (
        Step(0, "Taster", 0, None), Step(0, "Barista", 6, 1350), Step(0, "Roaster", 20, 1500),
    ),
    metric=LadderMetric.SALES,  # one large order of somebody new earns what the offer says
    window_days=60, automation=Automation.PERIODIC, grace_days=14, review=Review.AT_ONCE,
)  # fmt: skip
PLAN_BEFORE = 90  # days before now since when recruiting pays
LOOKS_BEFORE = (14, 7)  # days before now on which figures were looked at; tiers begin then
# … after the notice: a rate of the terms for gifts is above that of a tier (R17).
TIERS_BEFORE = LOOKS_BEFORE[0] + 14


def invite(recruiter: int, at: datetime) -> str:
    """The code by which an ambassador invites, made at an instant."""
    with clock.at(at), unit_of_work():
        return referrals.invite(recruiter).code


def invite_of(member: Member) -> str:
    """The code by which she invites."""
    found = recruits.invite_of(member.ambassador_id)
    return found.code if found else ""


def climb(stage: Stage, days_before: int) -> None:
    """What recruiting pays, the tiers, and the looks, each on its day; the first is by tiers that
    have just begun. Call at that time."""
    owner = stage.staff["manager"]
    if days_before == PLAN_BEFORE:
        with unit_of_work():
            referrals.publish(stage.program.id, PLAN, by=owner)
    if days_before == TIERS_BEFORE:
        begins = stage.now - timedelta(days=LOOKS_BEFORE[0])
        with unit_of_work():
            tiers.publish_ladder(stage.program.id, LADDER, by=owner, effective_at=begins)
    if days_before not in LOOKS_BEFORE:
        return
    commissions.mature_due()
    standings.look()
    worker.drain()


def promise(stage: Stage, members: list[Member]) -> None:
    """Today: the last look and what was reached. Two days ago tiers were proposed in which the
    highest is harder to reach; the first ambassador declined, the second accepted."""
    with clock.at(stage.now - timedelta(days=2)):
        latest = ladders.latest_of(stage.program.id)
        assert latest is not None, "the ladder was published while they sold"
        *below, roaster = latest.steps
        steps = (*below, Step(roaster.number, roaster.name, 25, roaster.rate_bp))
        with unit_of_work():
            proposed = tiers.publish_ladder(
                stage.program.id, replace(LADDER, steps=steps), by=stage.staff["manager"],
                effective_at=stage.now + timedelta(days=20),
            ).id  # fmt: skip
    worker.drain()
    for member, answer in zip(members, (Answer.DECLINED, Answer.ACCEPTED), strict=False):
        with unit_of_work():
            consents.answer(
                member.ambassador_id, proposed, answer, by=member.user_id, subject=TIERS
            )
    standings.look()
    with unit_of_work():
        for goal in (SMALL, LARGE):
            bonuses.set_up(stage.program.id, goal, by=stage.staff["manager"])
    bonus_jobs.look()
