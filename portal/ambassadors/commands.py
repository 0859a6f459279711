"""Enrol creators, record what they accept, pause, resume and end memberships."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, update

from portal.ambassadors import queries, rules
from portal.ambassadors.events import AgreementAccepted, AmbassadorEnded, AmbassadorEnrolled
from portal.ambassadors.models import Acceptance, Ambassador, MembershipStatus, StatusChange
from portal.audit import commands as audit
from portal.creators.models import Creator
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.programs import queries as programs
from portal.programs.models import Agreement
from portal.storage.changes import change
from portal.storage.locks import lock
from portal.storage.model import db


def enrol(
    program_id: int,
    creator_id: int,
    *,
    by: int | None,
    delay: timedelta = timedelta(0),
    dedupe: str | None = None,
) -> Ambassador:
    """Make a creator a member of a program, in onboarding until she accepts the agreement.

    A membership that ended begins again. `delay` and `dedupe` hold the announcement back for the
    undo time. Raises Conflict when she is a member already.
    """
    program = programs.program(program_id)
    lock(Creator, creator_id)
    ambassador = queries.of_program(program_id, creator_id)
    if ambassador is None:
        ambassador = Ambassador(
            brand_id=program.brand_id, program_id=program_id, creator_id=creator_id
        )
        db.session.add(ambassador)
    elif ambassador.status is not MembershipStatus.ENDED:
        raise Conflict("This creator is in the program already.")
    ambassador.joined_at, ambassador.ended_at = clock.now(), None
    _change(ambassador, MembershipStatus.ONBOARDING, by, "enrolled")
    announce(AmbassadorEnrolled(ambassador.id), delay=delay, dedupe=dedupe)
    return ambassador


def unenrol(ambassador_id: int, *, by: int | None) -> None:
    """Take an enrolment back as if it had not been, while she has accepted nothing.

    Raises Conflict once she has: then the membership can only be ended.
    """
    ambassador = lock(Ambassador, ambassador_id)
    if ambassador.status is not MembershipStatus.ONBOARDING:
        raise Conflict("She has accepted the agreement already. End the membership instead.")
    audit.note(by, "ambassador.unenrolled", ambassador.id, brand_id=ambassador.brand_id)
    if queries.acceptances_of(ambassador_id) or len(queries.history_of(ambassador_id)) > 1:
        ambassador.ended_at = clock.now()
        _change(ambassador, MembershipStatus.ENDED, by, "ended")
        return
    db.session.execute(delete(StatusChange).where(StatusChange.ambassador_id == ambassador_id))
    db.session.delete(ambassador)
    db.session.flush()


def accept_agreement(
    ambassador_id: int, agreement_id: int, *, by: int | None, ip: str = ""
) -> Acceptance:
    """Record that she accepted this version; the first acceptance makes her active.

    Accepting twice is accepting once. Raises Conflict when a newer version has been published
    since she opened the page, or when the membership has ended.
    """
    ambassador = lock(Ambassador, ambassador_id)
    agreement = programs.current_agreement(ambassador.program_id)
    earlier = {acceptance.agreement_id: acceptance for acceptance, _ in
               queries.acceptances_of(ambassador_id)}  # fmt: skip
    if agreement_id in earlier and ambassador.is_active:
        return earlier[agreement_id]
    if agreement is None or agreement.id != agreement_id:
        raise Conflict("A newer version of this agreement was published. Read it and accept that.")
    acceptance = earlier.get(agreement_id) or _accept(ambassador, agreement, by, ip)
    if not ambassador.is_active:
        status = rules.next_status(ambassador.status, "activate")
        ambassador.activated_at = ambassador.activated_at or clock.now()
        _change(ambassador, status, by, "activated")
    announce(AgreementAccepted(ambassador_id))
    return acceptance


def pause(ambassador_id: int, *, by: int | None, reason: str = "") -> Ambassador:
    """Stop crediting from now on; what is earned stays (R43). Raises Conflict if not active."""
    return _step(ambassador_id, "pause", by, reason)


def resume(ambassador_id: int, *, by: int | None) -> Ambassador:
    """Credit again from now on. Raises Conflict unless paused."""
    return _step(ambassador_id, "resume", by, "")


def reinstate(ambassador_id: int, *, by: int | None, reason: str = "") -> Ambassador:
    """Take a decision against a member back: she is active from now on. Raises Conflict when the
    membership works, or has ended (then she is enrolled again)."""
    return _step(ambassador_id, "reinstate", by, reason)


def end(ambassador_id: int, *, by: int | None, reason: str = "") -> Ambassador:
    """End a membership: earlier orders keep their commission, later ones earn nothing (R43)."""
    ambassador = _step(ambassador_id, "end", by, reason)
    ambassador.ended_at = clock.now()
    announce(AmbassadorEnded(ambassador_id))
    return ambassador


def name_tier(program_id: int, name: str, members: Select[Any] | None) -> None:
    """Write a tier's name on these memberships of a program (None: all), where another stands."""
    wanted = update(Ambassador).where(Ambassador.program_id == program_id, Ambassador.tier != name)
    if members is not None:
        wanted = wanted.where(Ambassador.id.in_(members))
    change(wanted.values(tier=name))


def _step(ambassador_id: int, action: str, by: int | None, reason: str) -> Ambassador:
    ambassador = lock(Ambassador, ambassador_id)
    status = rules.next_status(ambassador.status, action)
    _change(ambassador, status, by, status.value, reason)
    return ambassador


def _accept(ambassador: Ambassador, agreement: Agreement, by: int | None, ip: str) -> Acceptance:
    acceptance = Acceptance(
        ambassador_id=ambassador.id, agreement_id=agreement.id, accepted_at=clock.now(),
        accepted_by=by, ip=ip, sha256=agreement.sha256,
    )  # fmt: skip
    db.session.add(acceptance)
    audit.note(
        by, "agreement.accepted", agreement.id, brand_id=ambassador.brand_id,
        ambassador_id=ambassador.id, sha256=agreement.sha256,
    )  # fmt: skip
    return acceptance


def _change(
    ambassador: Ambassador, status: MembershipStatus, by: int | None, act: str, reason: str = ""
) -> None:
    before = ambassador.status
    ambassador.status = status
    db.session.flush()
    db.session.add(
        StatusChange(
            ambassador_id=ambassador.id, status=status, at=clock.now(), by=by, reason=reason
        )
    )
    db.session.flush()
    audit.note(
        by, f"ambassador.{act}", ambassador.id, brand_id=ambassador.brand_id,
        before=before.value if before else None, after=status.value, reason=reason,
    )  # fmt: skip
