"""Count the clicks that are kept, one by one: for what has to be right to the instant."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador
from portal.programs.models import Program
from portal.storage.model import db
from portal.tracking import redirect
from portal.tracking.click_commands import REPEAT_SECONDS
from portal.tracking.click_queries import ClickFigures
from portal.tracking.models import AgentClass, Click

ORDER = (AgentClass.HUMAN, AgentClass.REPEAT, AgentClass.BOT, AgentClass.PREFETCH)
HALF_MINUTE = REPEAT_SECONDS * 1_000 << redirect.RANDOM_BITS  # of click ids


def kept_between(
    program_id: int, since: datetime, until: datetime, ambassador_ids: Sequence[int] = ()
) -> dict[int, ClickFigures]:
    """Membership id → what came to a program's links in [since, until), from the clicks that are
    kept: to the instant, where roll-ups know UTC days only.

    Clicks that told nothing of who made them cannot be told apart: on one link they are one
    visitor, so that all of them in half a minute count once, and the others as repeats (R53).
    Machines that said what they are, and pages fetched ahead, are not kept and not in it.
    """
    program = select(Ambassador.id).where(Ambassador.program_id == program_id)
    brand = select(Program.brand_id).where(Program.id == program_id).scalar_subquery()
    wanted = [Click.brand_id == brand, Click.at >= since, Click.at < until,
              Click.ambassador_id.in_(ambassador_ids or program)]  # fmt: skip
    found: dict[int, Counter[AgentClass]] = {}
    rows = db.session.execute(
        select(Click.ambassador_id, Click.agent_class, func.count())
        .where(*wanted)
        .group_by(Click.ambassador_id, Click.agent_class)
    )
    for who, seen_as, count in rows:
        found.setdefault(who, Counter())[seen_as] += int(count)
    for who, clicks, times in _nameless(wanted):
        found[who][AgentClass.HUMAN] -= clicks - times
        found[who][AgentClass.REPEAT] += clicks - times
    return {who: ClickFigures(*(counted[one] for one in ORDER)) for who, counted in found.items()}


def _nameless(wanted: Sequence[Any]) -> list[tuple[int, int, int]]:
    """(membership id, clicks of nobody in particular, half minutes of a link they came in)."""
    each = (
        select(Click.ambassador_id, Click.link_id, (Click.id // HALF_MINUTE).label("half_minute"))
        .where(*wanted, Click.agent_class == AgentClass.HUMAN, Click.visitor == "")
        .subquery()
    )
    times = (
        select(each.c.ambassador_id, func.count().label("clicks"))
        .group_by(each.c.ambassador_id, each.c.link_id, each.c.half_minute)
        .subquery()
    )
    rows = db.session.execute(
        select(times.c.ambassador_id, func.sum(times.c.clicks), func.count()).group_by(
            times.c.ambassador_id
        )
    )
    return [(who, int(clicks), int(many)) for who, clicks, many in rows]


def brands_between(first_click_id: int, last_click_id: int) -> list[tuple[int, datetime]]:
    """(brand id, the earliest of its clicks) among the clicks with these ids."""
    rows = db.session.execute(
        select(Click.brand_id, func.min(Click.at))
        .where(Click.id.between(first_click_id, last_click_id))
        .group_by(Click.brand_id)
        .order_by(Click.brand_id)
    )
    return [(brand_id, at) for brand_id, at in rows]
