"""Somebody confirms a change while it is replaced by another: one after the other.

Bites on PostgreSQL; SQLite lets one writer in at a time.
"""

from portal.paying import change_commands as changes
from portal.paying import queries as paying
from portal.paying.models import Schedule
from portal.proposals import commands, queries
from portal.proposals.models import ProposalStatus
from portal.storage.unit_of_work import unit_of_work
from tests.support.at_once import done

EVERY = [Schedule.NET_7, Schedule.NET_15, Schedule.NET_30, Schedule.NET_45, Schedule.NET_60]


def test_what_is_confirmed_while_it_is_replaced_is_either_in_force_or_withdrawn(world):
    glow, finn, faye = world.glow.id, world.finn.user_id, world.faye.user_id

    def put_forward(schedule):
        return changes.put_forward_schedule(glow, schedule, by=finn).id

    for schedule in EVERY:
        before = paying.terms(glow).schedule
        with unit_of_work():
            first = put_forward(schedule)
        finished = done(
            world.app,
            {
                "confirmed": lambda first=first: commands.confirm(first, by=faye),
                "replaced": lambda: put_forward(Schedule.NET_90),
            },
        )
        assert "replaced" in finished
        is_confirmed = queries.proposal(first).status is ProposalStatus.CONFIRMED
        assert is_confirmed == ("confirmed" in finished)
        assert paying.terms(glow).schedule is (schedule if is_confirmed else before)
