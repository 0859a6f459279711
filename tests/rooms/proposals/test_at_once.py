"""Somebody confirms a change while it is replaced by another: one after the other.

Bites on PostgreSQL; SQLite lets one writer in at a time.
"""

from concurrent.futures import ThreadPoolExecutor

from portal.kernel.errors import Conflict
from portal.paying import change_commands as changes
from portal.paying import queries as paying
from portal.paying.models import Schedule
from portal.proposals import commands, queries
from portal.proposals.models import ProposalStatus
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work

EVERY = [Schedule.NET_7, Schedule.NET_15, Schedule.NET_30, Schedule.NET_45, Schedule.NET_60]


def test_what_is_confirmed_while_it_is_replaced_is_either_in_force_or_withdrawn(world):
    glow, finn, faye = world.glow.id, world.finn.user_id, world.faye.user_id

    def put_forward(schedule):
        return changes.put_forward_schedule(glow, schedule, by=finn).id

    for schedule in EVERY:
        before = paying.terms(glow).schedule
        with unit_of_work():
            first = put_forward(schedule)
        done = done_at_once(
            world,
            {
                "confirmed": lambda first=first: commands.confirm(first, by=faye),
                "replaced": lambda: put_forward(Schedule.NET_90),
            },
        )
        assert "replaced" in done
        is_confirmed = queries.proposal(first).status is ProposalStatus.CONFIRMED
        assert is_confirmed == ("confirmed" in done)
        assert paying.terms(glow).schedule is (schedule if is_confirmed else before)


def done_at_once(world, acts):
    def run(word):
        with world.app.app_context():
            try:
                with unit_of_work():
                    acts[word]()
            except Conflict:
                return ""
            return word

    with ThreadPoolExecutor(len(acts)) as threads:
        found = [word for word in threads.map(run, acts) if word]
    db.session.remove()
    return found
