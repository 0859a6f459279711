"""Say that creators who share an account may be paid to it. Callers commit."""

from portal.audit import commands as audit
from portal.creators import queries as creators
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.payee_holds import sharing_queries as queries
from portal.payee_holds.commands import REASON_LEAST
from portal.payee_holds.models import SharingPermit
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock


def permit(brand_id: int, creator_id: int, reason: str, *, by: int) -> int:
    """Let runs pay this creator and those of the brand who share her account now; somebody who
    joins them later is looked at anew. Returns how many creators that are.

    Raises InvalidInput without a reason, Conflict when nobody shares her account.
    """
    if len(reason.strip()) < REASON_LEAST:
        raise InvalidInput("shared_reason", "Write why they may: others of finance read it.")
    lock(Brand, brand_id)
    to = creators.destination_of(creator_id)
    others = queries.sharers_with(brand_id, creator_id, to.account_ref) if to else []
    if to is None or not others:
        raise Conflict("Nobody shares the account of this creator now.")
    for one in (creator_id, *others):
        made = insert_once(
            SharingPermit, brand_id=brand_id, creator_id=one, account_ref=to.account_ref,
            reason=reason.strip(), permitted_by=by, permitted_at=clock.now(),
        )  # fmt: skip
        if made:
            audit.note(by, "payee.sharing-permitted", one, brand_id=brand_id, reason=reason.strip())
    return 1 + len(others)
