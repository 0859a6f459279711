"""Publish briefs and take people in. What they send is handled in `submission_commands`.

Lock order: brief, then assignment, then submission.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.audit import commands as audit
from portal.briefs import budget_queries, budget_rules, offer, queries, rules
from portal.briefs.events import AssignmentInvited, BriefPublished, BriefSubmitted
from portal.briefs.models import (
    OPEN_WORK,
    TAKES_A_PLACE,
    Assignment,
    AssignmentStatus,
    Brief,
    BriefStatus,
    BriefVersion,
)
from portal.briefs.offer import BriefText
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.storage.locks import lock
from portal.storage.model import db


def draft_brief(brand_id: int, program_id: int, text: BriefText, *, by: int) -> Brief:
    """Write a brief down, for nobody to see yet.

    Raises InvalidInput for a text that cannot be offered or a program of another brand.
    """
    if programs.program(program_id).brand_id != brand_id:
        raise InvalidInput("program_id", "Choose one of your own programs.")
    brief = Brief(
        brand_id=brand_id, program_id=program_id, status=BriefStatus.DRAFT, version=1,
        author_ids=[by], drafted_by=by, created_at=clock.now(),
    )  # fmt: skip
    _write(brief, text)
    db.session.add(brief)
    db.session.flush()
    audit.note(by, "brief.drafted", brief.id, brand_id=brand_id, **_money_facts(brief))
    return brief


def edit(brief_id: int, text: BriefText, *, by: int) -> Brief:
    """Change a brief. Before it opens this takes any approval back; afterwards it is the next
    version, which those who accepted keep out of until they agree (R115).

    Raises InvalidInput for an impossible text, a fee that would pass the second person by, or
    more than the budget while offers are out (R95).
    """
    brief = lock(Brief, brief_id)
    status = rules.next_status(brief.status, "edit")
    offered = status in (BriefStatus.OPEN, BriefStatus.PAUSED)
    if offered and not rules.may_raise_fee(brief.fee, text.fee, fee_limit(brief)):
        raise InvalidInput(
            "fee",
            f"A fee above {fee_limit(brief)} needs a second person's approval. "
            "Close this brief and draft another one.",
        )
    before, money = _money_facts(brief), budget_queries.standing(brief)
    _write(brief, text)
    brief.author_ids = list(dict.fromkeys([*brief.author_ids, by]))
    brief.status = status
    if not offered:
        brief.approved_by = brief.approved_at = brief.starts_at = None
    if offered:
        brief.version += 1
        _keep_version(brief, by)
        _renew_offers(brief)
        budget_rules.check_change(money, budget_queries.standing(brief))
    audit.note(by, "brief.edited", brief.id, brand_id=brief.brand_id, version=brief.version,
               before=before, after=_money_facts(brief))  # fmt: skip
    return brief


def submit_for_approval(brief_id: int, *, by: int) -> Brief:
    """Hand a draft to whoever approves. Raises Conflict unless it is a draft, and not overdue."""
    brief = _step(brief_id, "ask approval", "brief.submitted-for-approval", by)
    _refuse_overdue(brief)
    announce(BriefSubmitted(brief.id))
    return brief


def return_to_draft(brief_id: int, *, by: int) -> Brief:
    """Hand a brief back to its drafter. Raises Conflict unless it awaits approval."""
    return _step(brief_id, "return", "brief.returned", by)


def approve_brief(brief_id: int, *, by: int, starts_at: datetime | None = None) -> Brief:
    """Approve a brief: it opens at once, or at `starts_at` when that lies ahead.

    Raises NotAllowed when the fee is above the brand's limit and the approver drafted or changed
    the brief; Conflict unless it awaits approval, is due later than it starts, and its budget
    reaches for everyone it goes to (R95).
    """
    brief = lock(Brief, brief_id)
    later = starts_at is not None and starts_at > clock.now()
    status = rules.next_status(brief.status, "schedule" if later else "open")
    if not rules.may_approve_brief(brief.author_ids, by, brief.fee, fee_limit(brief)):
        raise NotAllowed(
            f"The fee of {brief.fee} is above the limit of {fee_limit(brief)}, and you drafted or "
            "changed this brief. Someone else has to approve it."
        )
    _refuse_overdue(brief, starts_at if later else None)
    budget_rules.check_offers(budget_queries.standing(brief), queries.reach(brief))
    brief.approved_by, brief.approved_at = by, clock.now()
    brief.starts_at = starts_at if later else clock.now()
    audit.note(by, "brief.approved", brief.id, brand_id=brief.brand_id, **_money_facts(brief))
    if later:
        brief.status = status
    else:
        _open(brief, by)
    return brief


def open_scheduled(brief_id: int) -> None:
    """Open a scheduled brief whose start has come, and whose budget reaches for everyone it goes
    to by now (R95); until it does, it stays scheduled. Does nothing for any other."""
    brief = lock(Brief, brief_id)
    is_due = brief.starts_at is not None and brief.starts_at <= clock.now()
    short = budget_rules.shortfall(budget_queries.standing(brief), queries.reach(brief))
    if brief.status is BriefStatus.SCHEDULED and is_due and not short:
        _open(brief, None)


def invite(brief_id: int, ambassador_ids: Iterable[int] | None = None, *, by: int | None) -> int:
    """Invite active ambassadors of the brief's program, all of them by default; who has an
    assignment already is left alone. Returns how many were invited. Raises Conflict unless open,
    or when the brief's budget does not reach for all of them (R95).
    """
    brief = lock(Brief, brief_id)
    if not brief.takes_people:
        raise Conflict(f"This brief is {_word(brief.status)}, so nobody can be invited.")
    return _invite(brief, ambassador_ids, by)


def pause(brief_id: int, *, by: int) -> Brief:
    """Take nobody in for now. Raises Conflict unless open."""
    brief = _step(brief_id, "pause", "brief.paused", by)
    brief.paused_at = clock.now()
    return brief


def resume(brief_id: int, *, by: int) -> Brief:
    """Take people in again; every open due day moves by the days of the pause (UX §6.4)."""
    brief = _step(brief_id, "resume", "brief.resumed", by)
    days = rules.days_of_pause(brief.paused_at or clock.now(), clock.now())
    brief.paused_at = None
    open_ones = select(Assignment).where(
        Assignment.brief_id == brief.id,
        Assignment.status.in_((AssignmentStatus.INVITED, *OPEN_WORK)),
    )
    for dated in (brief, *db.session.scalars(open_ones.order_by(Assignment.id).with_for_update())):
        dated.due_on += timedelta(days=days)
        dated.due_at = _end_of(dated.due_on, brief.brand_id)
    return brief


def close(brief_id: int, *, by: int | None) -> Brief:
    """End a brief: unanswered invitations expire, accepted work is finished as agreed."""
    brief = _step(brief_id, "close", "brief.closed", by)
    brief.closed_at = clock.now()
    _expire(Assignment.brief_id == brief.id)
    return brief


def close_overdue(brief_id: int) -> None:
    """Close a brief whose due day is over. Does nothing for any other."""
    brief = lock(Brief, brief_id)
    if rules.can(brief.status, "close") and brief.due_at <= clock.now():
        close(brief_id, by=None)


def archive_old(brief_id: int) -> None:
    """Put a brief away that has been closed for 30 days (UX §6.4). Does nothing for any other."""
    brief = lock(Brief, brief_id)
    is_old = brief.closed_at is not None and brief.closed_at + rules.ARCHIVED_AFTER <= clock.now()
    if is_old and rules.can(brief.status, "archive"):
        _step(brief_id, "archive", "brief.archived", None)


def accept(assignment_id: int, *, version: int, by: int) -> Assignment:
    """Take the work on, at the version that was shown: its fee, hold and due day freeze here.

    Raises Conflict when the brief has changed since, takes nobody now, is full or overdue, or
    when she is not an active member of the program.
    """
    assignment, brief = _with_brief(assignment_id)
    status = rules.next_status(assignment.status, "accept")
    if not brief.takes_people:
        raise Conflict(f"This brief is {_word(brief.status)}. It takes nobody at the moment.")
    _refuse_overdue(brief)
    _refuse_stale(brief, version)
    member = db.session.get(Ambassador, assignment.ambassador_id)
    if member is None or not member.is_active:
        raise Conflict("Your membership of this program is not active, so you cannot accept.")
    if brief.capacity is not None and places_taken(brief.id) >= brief.capacity:
        raise Conflict(f"All {brief.capacity} places of this brief are taken.")
    budget_rules.check_acceptance(budget_queries.standing(brief))
    assignment.status, assignment.accepted_at = status, clock.now()
    _freeze(assignment, brief)
    audit.note(by, "assignment.accepted", assignment.id, brand_id=brief.brand_id,
               version=version, fee=str(assignment.fee))  # fmt: skip
    return assignment


def accept_new_version(assignment_id: int, *, version: int, by: int) -> Assignment:
    """Move accepted work to the brief's newest version, by the creator's consent (R115).

    Raises Conflict when the brief changed again, while a version is in review, or when its budget
    does not reach for the new fee (R95).
    """
    assignment, brief = _with_brief(assignment_id)
    assignment.status = rules.next_status(assignment.status, "take version")
    _refuse_stale(brief, version)
    more = brief.fee - assignment.fee
    if more.minor > 0:
        budget_rules.check_owed(budget_queries.standing(brief), more)
    _freeze(assignment, brief)
    audit.note(by, "assignment.moved-to-version", assignment.id, brand_id=brief.brand_id,
               version=version, fee=str(assignment.fee))  # fmt: skip
    return assignment


def decline(assignment_id: int, *, by: int, reason: str = "") -> Assignment:
    """Say no to an invitation. Raises Conflict once it was answered or has expired."""
    assignment = lock(Assignment, assignment_id)
    assignment.status = rules.next_status(assignment.status, "decline")
    assignment.ended_at, assignment.end_reason = clock.now(), reason.strip()[:300]
    audit.note(by, "assignment.declined", assignment.id, brand_id=assignment.brand_id)
    return assignment


def invite_newcomer(ambassador_id: int) -> None:
    """Invite a member who has just become active to the open briefs of her program, where the
    brief's budget reaches for one more (R95)."""
    member = db.session.get(Ambassador, ambassador_id)
    if member is None or not member.is_active:
        return
    open_briefs = select(Brief.id).where(
        Brief.program_id == member.program_id,
        Brief.status == BriefStatus.OPEN,
        Brief.due_at > clock.now(),
    )
    for brief_id in db.session.scalars(open_briefs.order_by(Brief.id)).all():
        brief = lock(Brief, brief_id)
        short = budget_rules.shortfall(budget_queries.standing(brief), 1)
        if brief.takes_people and not short:
            _invite(brief, [ambassador_id], None)


def withdraw_invitations(ambassador_id: int) -> None:
    """Let the unanswered invitations of a membership that ended expire."""
    _expire(Assignment.ambassador_id == ambassador_id)


def miss(assignment_id: int) -> None:
    """Note that accepted work did not come, 48 hours after it was due (UX §2.5); never while
    the product that the work waits for is under way (R118)."""
    assignment = lock(Assignment, assignment_id)
    overdue = clock.now() >= assignment.due_at + rules.MISSED_AFTER
    waits = assignment.delivered_on is None and queries.work(assignment.id).text.delivery_days
    if overdue and not waits and rules.can(assignment.status, "miss"):
        assignment.status = rules.next_status(assignment.status, "miss")
        assignment.ended_at = clock.now()
        audit.note(None, "assignment.missed", assignment.id, brand_id=assignment.brand_id)


def fee_limit(brief: Brief) -> Money:
    """The fee for one ambassador above which the brand wants two people."""
    brand = identity.brand(brief.brand_id)
    return Money(brand.brief_fee_limit_minor, brief.currency)


def places_taken(brief_id: int) -> int:
    """How many ambassadors accepted and did not fall out."""
    wanted = select(func.count()).where(
        Assignment.brief_id == brief_id, Assignment.status.in_(TAKES_A_PLACE)
    )
    return int(db.session.scalar(wanted) or 0)


# ---- inside


def _step(brief_id: int, action: str, act: str, by: int | None) -> Brief:
    brief = lock(Brief, brief_id)
    brief.status = rules.next_status(brief.status, action)
    audit.note(by, act, brief.id, brand_id=brief.brand_id)
    return brief


def _write(brief: Brief, text: BriefText) -> None:
    brand = identity.brand(brief.brand_id)
    offer.check_text(text, clock.today(brand.zone), brand.currency)
    for name in ("title", "goal", "message", "dos", "donts", "disclosure_line"):
        setattr(brief, name, getattr(text, name).strip())
    brief.deliverables = offer.pieces_as_facts(text.deliverables)
    brief.required_tags = list(dict.fromkeys(text.required_tags))
    brief.fee = text.fee
    brief.fee_hold_days, brief.capacity = text.fee_hold_days, text.capacity
    brief.kill_fee_bp, brief.auto_approves = text.kill_fee_bp, text.auto_approves
    brief.delivery_days = text.delivery_days
    brief.due_on, brief.due_at = text.due_on, _end_of(text.due_on, brief.brand_id)


def _open(brief: Brief, by: int | None) -> None:
    brief.status = rules.next_status(brief.status, "open")
    brief.opened_at = clock.now()
    _keep_version(brief, by)
    announce(BriefPublished(brief.id))
    _invite(brief, None, by)


def _invite(brief: Brief, ambassador_ids: Iterable[int] | None, by: int | None) -> int:
    invited = select(Assignment.ambassador_id).where(Assignment.brief_id == brief.id)
    wanted = select(Ambassador).where(
        Ambassador.program_id == brief.program_id,
        Ambassador.status == MembershipStatus.ACTIVE,
        Ambassador.id.not_in(invited),
    )
    if ambassador_ids is not None:
        wanted = wanted.where(Ambassador.id.in_(list(ambassador_ids)))
    members = db.session.scalars(wanted.order_by(Ambassador.id)).all()
    budget_rules.check_offers(budget_queries.standing(brief), len(members))
    made = [_assignment(brief, member) for member in members]
    db.session.add_all(made)
    db.session.flush()
    for assignment in made:
        announce(AssignmentInvited(assignment.id))
    audit.note(by, "brief.invited", brief.id, brand_id=brief.brand_id, count=len(made))
    return len(made)


def _assignment(brief: Brief, member: Ambassador) -> Assignment:
    assignment = Assignment(
        brief_id=brief.id, brand_id=brief.brand_id, ambassador_id=member.id,
        creator_id=member.creator_id, status=AssignmentStatus.INVITED, invited_at=clock.now(),
    )  # fmt: skip
    _freeze(assignment, brief)
    return assignment


def _freeze(assignment: Assignment, brief: Brief) -> None:
    assignment.brief_version, assignment.fee = brief.version, brief.fee
    assignment.fee_hold_days = brief.fee_hold_days
    assignment.due_on, assignment.due_at = brief.due_on, brief.due_at


def _renew_offers(brief: Brief) -> None:
    open_offers = select(Assignment).where(
        Assignment.brief_id == brief.id, Assignment.status == AssignmentStatus.INVITED
    )
    for assignment in db.session.scalars(open_offers.order_by(Assignment.id).with_for_update()):
        _freeze(assignment, brief)


def _keep_version(brief: Brief, by: int | None) -> None:
    db.session.add(
        BriefVersion(
            brief_id=brief.id, number=brief.version, published_at=clock.now(), published_by=by,
            content=offer.as_content(queries.text_of(brief)),
        )
    )  # fmt: skip


def _expire(which: Any) -> None:
    unanswered = select(Assignment).where(which, Assignment.status == AssignmentStatus.INVITED)
    for assignment in db.session.scalars(unanswered.order_by(Assignment.id).with_for_update()):
        assignment.status = rules.next_status(assignment.status, "expire")
        assignment.ended_at = clock.now()


def _with_brief(assignment_id: int) -> tuple[Assignment, Brief]:
    brief_id = db.session.scalar(select(Assignment.brief_id).where(Assignment.id == assignment_id))
    brief = lock(Brief, brief_id or 0)
    return lock(Assignment, assignment_id), brief


def _refuse_overdue(brief: Brief, starts_at: datetime | None = None) -> None:
    if (starts_at or clock.now()) >= brief.due_at:
        raise Conflict("The due day of this brief has passed or lies before its start. Change it.")


def _refuse_stale(brief: Brief, version: int) -> None:
    if brief.version != version:
        raise Conflict("This brief changed since you opened it. Read the new version first.")


def _end_of(day: date, brand_id: int) -> datetime:
    return clock.start_of_day(day + timedelta(days=1), identity.brand(brand_id).zone)


def _money_facts(brief: Brief) -> dict[str, Any]:
    return {"fee": str(brief.fee), "capacity": brief.capacity, "hold_days": brief.fee_hold_days}


def _word(status: BriefStatus) -> str:
    return status.value.replace("_", " ")
