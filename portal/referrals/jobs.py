"""Scheduled work."""

from portal.referrals import queries, share_commands
from portal.storage.unit_of_work import unit_of_work


def tend() -> None:
    """Earn what first sales bring, and bring shares into line whose ratio is not the recruit's."""
    with unit_of_work():
        share_commands.reward_first_sales()
    for child_id in sorted({one for one, _ in queries.drifted()}):
        with unit_of_work():
            share_commands.follow(child_id)
