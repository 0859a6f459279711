"""A bonus that ambassadors are on their way to, and a plan by which they bring others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.bonuses import commands as bonuses
from portal.bonuses.models import Metric, Window
from portal.bonuses.rules import Goal
from portal.demo import cast
from portal.kernel.money import Money
from portal.referrals import commands as referrals
from portal.referrals.models import Basis
from portal.referrals.rules import Plan
from portal.storage.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from portal.demo.joining import Member
    from portal.demo.story import Stage

GOAL = Goal(
    "A thousand bags", Metric.SALES, 1_000, Money(25_000, cast.CURRENCY), Window.LIFETIME,
    repeats=False, hold_days=30,
)  # fmt: skip
PLAN = Plan(Basis.DYNAMIC, (1_000, 500), Money(1_000, cast.CURRENCY))


def promise(stage: Stage, members: list[Member]) -> str:
    """What the brand promises; returns the code by which its first ambassador invites."""
    owner = stage.staff["manager"]
    with unit_of_work():
        bonuses.set_up(stage.program.id, GOAL, by=owner)
        referrals.publish(stage.program.id, PLAN, by=owner)
        return referrals.invite(members[0].ambassador_id).code
