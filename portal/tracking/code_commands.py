"""What a code's dates, limit and history ask for, whoever moves it."""

from sqlalchemy import delete, or_, select

from portal.ambassadors import queries as ambassadors
from portal.audit import commands as audit
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking import queries, rules, validity_rules
from portal.tracking.events import CodeActivated, CodeChanged, CodeRetired
from portal.tracking.models import CodeChange, CodeStatus, DiscountCode
from portal.tracking.validity_rules import Validity

MEMBERSHIP = "membership"  # the reason of a pause that ends with the membership's
TENDED_AT_ONCE = 200


def change_validity(code_id: int, validity: Validity, *, by: int | None) -> DiscountCode:
    """Give a code its days and its limit from now on; what was credited stays.

    Raises InvalidInput for days that cannot be, Conflict for a code that has ended.
    """
    code, now = lock(DiscountCode, code_id), clock.now()
    validity = validity_rules.checked(validity, now)
    if code.status in (*validity_rules.OVER, CodeStatus.REPLACED):
        raise Conflict(f"This code is {code.status}; its days cannot be changed any more.")
    code.valid_from, code.valid_until = validity.valid_from, validity.valid_until
    code.use_limit = validity.use_limit
    first = validity_rules.first_status(validity, now)
    waits = code.status is CodeStatus.RESERVED and code.activated_at is not None
    if (code.status is CodeStatus.ACTIVE or waits) and code.status is not first:
        code.status = first
        note_code(code, by, "days changed")
    plan_ahead(code, by)
    audit.note(
        by, "code.validity-changed", code.id, brand_id=code.brand_id,
        valid_from=str(code.valid_from or ""), valid_until=str(code.valid_until or ""),
        use_limit=code.use_limit,
    )  # fmt: skip
    announce(event_of(code))
    return code


def exhaust(code_id: int, uses: int) -> bool:
    """A code was used as often as its limit allows: it works no more. False when it is not so."""
    code = lock(DiscountCode, code_id)
    if code.use_limit is None or uses < code.use_limit or not code.is_working:
        return False
    code.status, code.ended_at = CodeStatus.EXHAUSTED, clock.now()
    note_code(code, None, f"used {uses} times")
    plan_ahead(code, None)
    audit.note(None, "code.exhausted", code.id, brand_id=code.brand_id, uses=uses)
    announce(CodeRetired(code.id))
    return True


def tend_codes() -> int:
    """Show every code as its history says since an instant that has come. How many changed."""
    now = clock.now()
    waits = (DiscountCode.status == CodeStatus.RESERVED) & DiscountCode.activated_at.is_not(None)
    still = DiscountCode.status.not_in(validity_rules.OVER)
    due = db.session.scalars(
        select(DiscountCode)
        .where(
            or_(
                (DiscountCode.status == CodeStatus.REPLACED) & (DiscountCode.ended_at <= now),
                still & (DiscountCode.valid_until <= now)
                & DiscountCode.activated_at.is_not(None),
                waits & (DiscountCode.valid_from <= now),
            )
        )
        .limit(TENDED_AT_ONCE)
    ).all()  # fmt: skip
    for code in due:
        status = rules.standing_of(queries.history_of(code.id), now)
        if status is None or status is code.status:
            continue
        code.status = status
        if status is CodeStatus.ACTIVE and not ambassadors.ambassador(code.ambassador_id).is_active:
            code.status = CodeStatus.PAUSED
            note_code(code, None, MEMBERSHIP)
        if status in validity_rules.OVER:
            code.ended_at = code.ended_at or code.valid_until
        reason = {CodeStatus.RETIRED: "grace over", CodeStatus.EXPIRED: "validity over"}
        audit.note(
            None, f"code.{code.status}", code.id, brand_id=code.brand_id,
            reason=reason.get(status, "validity begins"),
        )  # fmt: skip
        announce(event_of(code))
    return len(due)


def plan_ahead(code: DiscountCode, by: int | None) -> None:
    """Write what lies ahead of a code into its history, instead of what lay ahead before."""
    now = clock.now()
    db.session.flush()
    db.session.execute(delete(CodeChange).where(CodeChange.code_id == code.id, CodeChange.at > now))
    ahead = validity_rules.changes_ahead(
        code.status, Validity(code.valid_from, code.valid_until, code.use_limit), now,
        is_activated=code.activated_at is not None, grace_ends_at=code.ended_at,
    )  # fmt: skip
    for at, status, reason in ahead:
        db.session.add(CodeChange(code_id=code.id, status=status, at=at, by_id=by, reason=reason))


def note_code(code: DiscountCode, by: int | None, reason: str = "") -> None:
    """Write a code's present status into its history."""
    db.session.add(
        CodeChange(
            code_id=code.id, status=code.status, at=clock.now(), by_id=by, reason=reason[:200]
        )
    )


def event_of(code: DiscountCode) -> CodeActivated | CodeChanged | CodeRetired:
    """What a shop that mirrors this code must hear."""
    if code.status is CodeStatus.ACTIVE:
        return CodeActivated(code.id)
    return CodeRetired(code.id) if code.status in validity_rules.OVER else CodeChanged(code.id)
