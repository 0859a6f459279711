"""People who click and do not buy: most of them, on every day of the story."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from portal.demo.joining import Member
from portal.tracking import click_commands as clicks
from portal.tracking import redirect
from portal.tracking.click_commands import Days, Kept
from portal.tracking.models import AgentClass

if TYPE_CHECKING:
    from portal.demo.story import Stage

FROM = ("instagram.com", "instagram.com", "instagram.com", "youtube.com", "tiktok.com", "")
MOST_A_DAY = 3  # for each point of a member's weight


def pass_by(stage: Stage, members: list[Member], noon: datetime, chance: Random) -> None:
    """One day's clicks on everybody's link, counted as the ingester counts them."""
    days = Days()
    rows = [
        _click(stage, member, noon, chance.choice(FROM), chance, days)
        for member in members
        for _ in range(chance.randint(0, MOST_A_DAY * member.weight))
    ]
    clicks.store(rows)
    days.store()


def click(stage: Stage, member: Member, noon: datetime, came_from: str, chance: Random) -> None:
    """One click on a member's link that came from a certain site."""
    days = Days()
    clicks.store([_click(stage, member, noon, came_from, chance, days)])
    days.store()


def _click(
    stage: Stage, member: Member, noon: datetime, came_from: str, chance: Random, days: Days
) -> Kept:
    at = noon - timedelta(seconds=chance.randint(60, 60_000))
    click_id = redirect.click_id_of(at, chance.getrandbits(redirect.RANDOM_BITS))
    owner = (member.link_id, member.ambassador_id, stage.brand.id)
    days.add(owner, at.date(), AgentClass.HUMAN)
    visitor = f"p{click_id % 10**14:014d}"
    return Kept(click_id, *owner, at, visitor, AgentClass.HUMAN, came_from, "{}", None, None)
