"""What a program may do to ambassadors, codes and links. Callers commit.

A person answers for every act of a key: the audit trail names the key beside what was done.
"""

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.api.people_shapes import CodeTold, LinkTold
from portal.applications import commands as applications
from portal.audit import commands as audit
from portal.creators import queries as creators
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.programs import queries as programs
from portal.tracking import commands as tracking
from portal.tracking import queries as tracking_queries
from portal.tracking.models import CodeStatus


def change_membership(
    brand_id: int, public_id: str, step: str, reason: str, *, key_id: int
) -> None:
    """Pause or resume an ambassador with her codes and links. Raises NotFound, Conflict."""
    found = ambassadors.one_of_brand(brand_id, public_id)
    applications.change_membership(found.id, step, by=None, reason=reason)
    _note(key_id, brand_id, f"ambassador {step}", public_id)


def issue_code(brand_id: int, told: CodeTold, *, key_id: int) -> str:
    """A code for an ambassador; it works at once when her membership is active.

    Returns its public id. Raises InvalidInput for an unknown ambassador and for a code that is
    ill-formed, blocked or taken, Conflict when the membership is over.
    """
    member = _ambassador(brand_id, told.ambassador)
    if member.ended_at is not None:
        raise Conflict("This membership has ended, so it gets no more codes.")
    program = programs.program(member.program_id)
    name = creators.creator(member.creator_id).name
    discount_bp = program.discount_bp if told.discount_bp is None else told.discount_bp
    code = tracking.reserve_code(member.id, told.code.strip() or None, name, discount_bp, by=None)
    if member.is_active:
        tracking.activate(member.id)
    _note(key_id, brand_id, "code issued", code.public_id)
    return code.public_id


def retire_code(brand_id: int, public_id: str, reason: str, *, key_id: int) -> None:
    """End a code for ever. Raises NotFound, and Conflict when it has ended already."""
    code = tracking_queries.one_of_brand(brand_id, public_id)
    if code.status is CodeStatus.RETIRED:
        raise Conflict("This code is retired already.")
    tracking.retire_code(code.id, reason or "by the REST interface", by=None)
    _note(key_id, brand_id, "code retired", public_id)


def create_link(brand_id: int, told: LinkTold, *, key_id: int) -> str:
    """A new link; returns its public id. Raises InvalidInput and Conflict as `issue_link` does."""
    member = _ambassador(brand_id, told.ambassador)
    link = tracking.issue_link(member.id, told.destination_url, told.label)
    _note(key_id, brand_id, "link created", link.public_id)
    return link.public_id


def _ambassador(brand_id: int, public_id: str) -> Ambassador:
    try:
        return ambassadors.one_of_brand(brand_id, public_id)
    except NotFound:
        raise InvalidInput("ambassador", "No ambassador of this brand has this id.") from None


def _note(key_id: int, brand_id: int, did: str, subject: str) -> None:
    audit.note(None, "api-key.acted", key_id, brand_id=brand_id, did=did, subject=subject)
