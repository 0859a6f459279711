"""A creator disconnects the account that her money goes to. Callers commit."""

from portal.creators import commands as creators
from portal.creators.models import PayoutDestination
from portal.kernel.errors import Conflict
from portal.payouts import arrival_queries

WAITS = "A payout to this account is on its way. Disconnect it when that is done."


def leave_account(creator_id: int, *, by: int) -> PayoutDestination:
    """Send nothing more to her account until she connects it again, which cools like a new one
    (UX 6.13, R91). Raises Conflict while a payout to it is queued or on its way, or when there is
    no account. One that is queued in the same moment is skipped, since the account changed."""
    left = creators.leave(creator_id, by=by)
    if arrival_queries.on_the_way(creator_id):
        raise Conflict(WAITS)
    return left
