"""Hold a payee, release her. Callers commit."""

from portal.audit import commands as audit
from portal.creators.models import Creator
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.payee_holds import queries
from portal.payee_holds.events import PayeeHoldChanged
from portal.payee_holds.models import PayeeHold
from portal.storage.locks import lock
from portal.storage.model import db

REASON_LEAST = 3


def hold(brand_id: int, creator_id: int, reason: str, *, by: int) -> PayeeHold:
    """Keep this brand's runs from paying a creator, until she is released; she reads the reason.

    What is approved or sent already is not changed. Raises InvalidInput without a reason, Conflict
    when she is held.
    """
    if len(reason.strip()) < REASON_LEAST:
        raise InvalidInput("reason", "Write a reason: the creator reads it on her payouts page.")
    lock(Creator, creator_id)
    if queries.open_hold(brand_id, creator_id) is not None:
        raise Conflict("The payouts of this creator are held already.")
    made = PayeeHold(
        brand_id=brand_id, creator_id=creator_id, reason=reason.strip(),
        held_by=by, held_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    announce(PayeeHoldChanged(made.id, is_over=False))
    audit.note(by, "payee.held", creator_id, brand_id=brand_id, reason=made.reason)
    return made


def release(brand_id: int, creator_id: int, *, by: int) -> PayeeHold:
    """Let the next run pay her again. Raises Conflict when she is not held."""
    lock(Creator, creator_id)
    found = queries.open_hold(brand_id, creator_id)
    if found is None:
        raise Conflict("The payouts of this creator are not held.")
    found.released_by, found.released_at = by, clock.now()
    announce(PayeeHoldChanged(found.id, is_over=True))
    audit.note(by, "payee.released", creator_id, brand_id=brand_id, reason=found.reason)
    return found
