"""Scheduled work."""

from portal.bonuses import commands, queries
from portal.storage.unit_of_work import unit_of_work


def look() -> None:
    """See who has reached which bonus, a bonus to a transaction."""
    for bonus_id in queries.to_look_at():
        with unit_of_work():
            commands.award_reached(bonus_id)
