"""Bring what sales gave in points to what they give by now.

A target, not steps (R65): what approved sales give is worked out anew, and the difference is given
or taken back. So a repeated look, a late event or a lost one all end at the same points.
"""

from collections.abc import Sequence

from portal.ambassadors import queries as ambassadors
from portal.programs import queries as programs
from portal.rewards import commands, queries, rules, sales_queries
from portal.rewards.models import RewardItem
from portal.storage.locks import lock


def settle_points(brand_id: int, ambassador_ids: Sequence[int] | None = None) -> None:
    """Give the points that approved sales give, and take back those that returns took, in the
    ratio in which they took of the commission. Points that are spent already stay owed: they are
    taken once she gets more. Nothing happens where the brand has no points, or gives none now. What
    is more than one reward holds (`rules.MOST_PIECES`) follows at the next looks.
    """
    unit = queries.points_of_brand(brand_id)
    if unit is None:
        return
    unit = lock(RewardItem, unit.id)
    earned = sales_queries.earned_by_sales(brand_id, ambassador_ids)
    given = sales_queries.given_for_sales(brand_id, ambassador_ids)
    more = {who: earned[who] - given.get(who, 0) for who in sorted(earned.keys() | given.keys())}
    if unit.is_active:
        _give(unit, {who: count for who, count in more.items() if count > 0})
    for who, count in more.items():
        left = -count
        for reward in sales_queries.newest_with_points(who) if left > 0 else ():
            left -= commands.take_points_back(reward.id, left)


def _give(unit: RewardItem, more: dict[int, int]) -> None:
    members = ambassadors.ambassadors(list(more))
    for who, count in more.items():
        member = members[who]
        number = sales_queries.count_of(who) + 1
        commands.give(
            unit.id, member.creator_id, min(count, rules.MOST_PIECES),
            source=f"sales:{who}:{number}",
            note=f"For sales in {programs.program(member.program_id).name}", ambassador_id=who,
        )  # fmt: skip
