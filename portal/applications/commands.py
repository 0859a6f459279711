"""Draft, submit, decide, take back, withdraw applications; accept the agreement."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from portal.ambassadors import commands as ambassadors
from portal.ambassadors import queries as memberships
from portal.ambassadors.models import Acceptance, Ambassador, MembershipStatus
from portal.applications import queries, rules, triage_commands
from portal.applications.events import ApplicationDecided, ApplicationSubmitted
from portal.applications.models import OPEN, Application, ApplicationStatus, DeclineReason
from portal.applications.rules import Draft
from portal.audit import commands as audit
from portal.creators import commands as creators
from portal.creators import queries as profiles
from portal.creators import rules as creator_rules
from portal.creators.models import Creator, Platform
from portal.identity import commands as people
from portal.identity import queries as identity
from portal.jobs import commands as jobs
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.programs import queries as programs
from portal.programs.models import Program
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking import commands as tracking

MOST_CHANNELS = 8


def save_draft(program_id: int, draft: Draft, *, token: str) -> Application:
    """Keep what has been typed so far, for whoever holds the token; nothing is checked yet.

    A token whose application was sent already begins a new draft only after that one is closed:
    an open application is returned unchanged. Raises Conflict when the program takes none.
    """
    program = programs.program(program_id)
    application = queries.by_token(program_id, token)
    if application is not None and application.status is not ApplicationStatus.DRAFT:
        return application
    if application is None:
        _check_open(program)
        application = Application(
            brand_id=program.brand_id, program_id=program_id, draft_token=hashed(token),
            status=ApplicationStatus.DRAFT, created_at=clock.now(),
        )  # fmt: skip
        db.session.add(application)
    application.email, application.name = draft.email[:254], draft.name[:120]
    application.country, application.is_adult = draft.country[:2], draft.is_adult
    application.has_consented, application.invite = draft.has_consented, draft.invite[:20]
    application.channels = [asdict(channel) for channel in draft.channels[:MOST_CHANNELS]]
    application.answers = [
        {"question": question, "answer": answer[: rules.ANSWER_CHARACTERS]}
        for question, answer in draft.answers
    ]
    db.session.flush()
    return application


def submit(application_id: int, *, email: str, zone: str = "") -> Application:
    """Send a draft in under a proven address; makes the account and the creator if need be.

    A new creator's zone is `zone`, what her browser said, or else the brand's.
    One open application per program and creator: sending again returns the one that is open.
    Raises InvalidInput naming the field that is missing or the rule that keeps her out, Conflict
    when the program is closed, she is a member, or may not apply again yet.
    """
    application = lock(Application, application_id)
    if application.status is not ApplicationStatus.DRAFT:
        return application
    program = programs.program(application.program_id)
    _check_open(program)
    check_complete(application, program)
    creator = _creator_of(application, email, zone)
    lock(Creator, creator.id)
    earlier = _earlier(program, creator)
    if earlier is not None and earlier.is_open:
        return earlier
    _check_may_apply(program, creator, earlier)
    applicant, wanted = queries.applicant_of(application), queries.wanted_by(program)
    application.creator_id, application.email = creator.id, email.strip().lower()
    application.status, application.submitted_at = ApplicationStatus.SUBMITTED, clock.now()
    application.draft_token = None
    application.fit_score = rules.fit_score(applicant, wanted)
    application.meets_criteria = rules.meets(applicant, wanted)
    largest = applicant.largest
    application.engagement_bp = rules.engagement_bp(largest) if largest else None
    db.session.flush()
    audit.note(
        creator.user_id, "application.submitted", application.id, brand_id=program.brand_id,
        reference=application.reference, fit=application.fit_score,
    )  # fmt: skip
    jobs.announce(ApplicationSubmitted(application.id))
    return application


def decide(
    application_id: int,
    outcome: ApplicationStatus,
    note: str = "",
    *,
    by: int | None,
    reason: DeclineReason | None = None,
    reapply: str = "30",
    wanted_code: str = "",
    undo_seconds: int = 0,
) -> Application:
    """Decide once. Approval enrols the ambassador and reserves her code, together or not at all.

    What it tells the creator leaves after `undo_seconds` of portal time; until then `undo` takes
    all of it back. Raises Conflict when somebody has decided, InvalidInput for a decline without
    a reason or a code that cannot be had.
    """
    application = lock(Application, application_id)
    if not application.is_open:
        raise Conflict(_too_late(application))
    delay = timedelta(seconds=undo_seconds)
    now = clock.now()
    application.status, application.note = outcome, note.strip()
    application.decided_at, application.decided_by, application.undo_until = now, by, now + delay
    application.claimed_by = application.claimed_until = None
    if outcome is ApplicationStatus.APPROVED:
        _approve(application, wanted_code, by, delay)
    else:
        _decline(application, outcome, reason, reapply)
    db.session.flush()
    audit.note(
        by, "application.decided", application.id, brand_id=application.brand_id,
        outcome=outcome.value, reason=reason.value if reason else None,
    )  # fmt: skip
    jobs.announce(ApplicationDecided(application.id), delay=delay, dedupe=outbox(application.id))
    return application


def undo(application_id: int, *, by: int | None) -> Application:
    """Take a decision back within its undo time: messages, membership and code with it.

    Raises Conflict once the messages have left or the creator has accepted.
    """
    application = lock(Application, application_id)
    if not application.is_decided or not rules.can_undo(application.undo_until, clock.now()):
        raise Conflict("The message to the creator has left, so this can no longer be undone.")
    before = application.status
    ambassador_id, application.ambassador_id = application.ambassador_id, None
    application.status = ApplicationStatus.SUBMITTED
    application.decided_at = application.decided_by = application.undo_until = None
    application.reason = application.reapply_after = None
    application.note, application.may_reapply = "", True
    db.session.flush()
    if ambassador_id is not None:
        tracking.free_reserved(ambassador_id, by=by)
        ambassadors.unenrol(ambassador_id, by=by)
    jobs.cancel(outbox(application.id))
    audit.note(
        by, "application.undone", application.id, brand_id=application.brand_id,
        before=before.value,
    )  # fmt: skip
    return application


def send_now(application_id: int, *, by: int | None) -> Application:
    """Let a decision's messages leave now; it can no longer be undone. Twice is once."""
    application = lock(Application, application_id)
    if not application.is_decided:
        raise Conflict("This application is not decided yet.")
    if rules.can_undo(application.undo_until, clock.now()):
        application.undo_until = clock.now()
        jobs.hasten(outbox(application.id))
        audit.note(by, "application.sent", application.id, brand_id=application.brand_id)
    return application


def claim(application_id: int, *, by: int) -> Application:
    """Show others for two minutes that this person has the application open; a claim held by
    somebody else stays."""
    application = lock(Application, application_id)
    now = clock.now()
    if application.is_open and not rules.is_claimed_by_other(application, by, now):
        application.claimed_by, application.claimed_until = by, now + rules.CLAIM
    return application


def withdraw(application_id: int, *, by: int) -> Application:
    """The creator takes her application back. Raises Conflict when it is decided."""
    application = lock(Application, application_id)
    if application.status is ApplicationStatus.WITHDRAWN:
        return application
    if not application.is_open:
        raise Conflict("This application is decided, so there is nothing to withdraw.")
    application.status, application.decided_at = ApplicationStatus.WITHDRAWN, clock.now()
    audit.note(by, "application.withdrawn", application.id, brand_id=application.brand_id)
    return application


def accept_agreement(
    ambassador_id: int, agreement_id: int, *, by: int | None, ip: str = ""
) -> Acceptance:
    """She accepts; her code and link work from the same moment, or neither happens."""
    was = memberships.ambassador(ambassador_id).status
    acceptance = ambassadors.accept_agreement(ambassador_id, agreement_id, by=by, ip=ip)
    if was is not MembershipStatus.ACTIVE:
        tracking.activate(ambassador_id, by=by)
    return acceptance


def change_membership(
    ambassador_id: int, step: str, *, by: int | None, reason: str = ""
) -> Ambassador:
    """Pause, resume or end a membership with its codes and links, in one transaction (R43).

    Raises Conflict where the membership's status does not allow the step.
    """
    if step == "pause":
        ambassador = ambassadors.pause(ambassador_id, by=by, reason=reason)
        tracking.pause_all(ambassador_id, by=by)
    elif step == "resume":
        ambassador = ambassadors.resume(ambassador_id, by=by)
        tracking.activate(ambassador_id, by=by)
    else:
        ambassador = ambassadors.end(ambassador_id, by=by, reason=reason)
        tracking.end_all(ambassador_id, by=by)
    return ambassador


def expire_unanswered() -> int:
    """Close applications that nobody decided in 60 days, and those whose creator did not answer
    a question in 14 (UX 6.1). Returns how many."""
    now = clock.now()
    waits = Application.status == ApplicationStatus.INFO_NEEDED
    found: Sequence[Application] = db.session.scalars(
        select(Application)
        .where(
            Application.status.in_(OPEN),
            (Application.submitted_at < now - rules.UNANSWERED_KEPT) | waits,
        )
        .with_for_update()
    ).all()
    late = [one for one in found if (rules.info_until(one) or now) <= now]
    return triage_commands.expire(late)


def purge_drafts() -> int:
    """Forget drafts that were begun 30 days ago and never sent (UX 6.1). Returns how many."""
    before = clock.now() - rules.DRAFT_KEPT
    result: Any = db.session.execute(
        delete(Application).where(
            Application.status == ApplicationStatus.DRAFT, Application.created_at < before
        )
    )
    return int(result.rowcount)


def check_complete(application: Application, program: Program) -> None:
    """Raises InvalidInput for the first thing missing, or for the rule that keeps her out."""
    if not application.name.strip():
        raise InvalidInput("name", "Write your name.")
    refused = rules.refusal(queries.applicant_of(application), queries.wanted_by(program))
    if refused is not None:
        field, key = refused
        where = "is not in a country where this program works yet."
        raise InvalidInput(
            field, "You must be 18 or older to join." if key == "adult" else f"Yours {where}"
        )
    if not application.channels:
        raise InvalidInput("channels", "Add at least one place where you post.")
    if not application.has_consented:
        raise InvalidInput("has_consented", "Tick this to let the brand read your application.")


def hashed(token: str) -> str:
    """How a draft's secret is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def outbox(application_id: int) -> str:
    """The key under which a decision's messages wait out the undo time."""
    return f"application:{application_id}"


def _approve(application: Application, wanted: str, by: int | None, delay: timedelta) -> None:
    if application.creator_id is None:
        raise Conflict("This application has no verified creator yet.")
    program = programs.program(application.program_id)
    ambassador = ambassadors.enrol(
        program.id, application.creator_id, by=by, delay=delay, dedupe=outbox(application.id)
    )
    tracking.reserve_code(ambassador.id, wanted or None, application.name, program.discount_bp)
    application.ambassador_id, application.wanted_code = ambassador.id, wanted
    application.reason = application.reapply_after = None


def _decline(
    application: Application,
    outcome: ApplicationStatus,
    reason: DeclineReason | None,
    reapply: str,
) -> None:
    if outcome is not ApplicationStatus.DECLINED:
        raise InvalidInput("outcome", "Choose approve or decline.")
    if reason is None:
        raise InvalidInput("reason", "Choose a reason: the creator sees it.")
    if reapply not in rules.REAPPLY_DAYS:
        raise InvalidInput("reapply", "Choose when the creator may apply again.")
    days = rules.REAPPLY_DAYS[reapply]
    application.reason, application.may_reapply = reason, days is not None
    application.reapply_after = clock.now() + timedelta(days=days) if days else None


def _creator_of(application: Application, email: str, zone: str) -> Creator:
    user = identity.user_by_email(email) or people.register(email, application.name, None)
    if profiles.of_user(user.id) is None:
        zone = creator_rules.known_zone(zone) or identity.brand(application.brand_id).zone
    else:
        zone = ""  # hers to change, on her profile
    creator = creators.complete_profile(
        user.id, name=application.name, country=application.country, zone=zone,
        is_adult=application.is_adult or None,
    )  # fmt: skip
    for channel in application.channels:
        creators.add_channel(
            creator.id, Platform(channel["platform"]), channel["handle"], url=channel["url"],
            followers=channel["followers"], likes_per_post=channel["likes_per_post"],
            comments_per_post=channel["comments_per_post"],
        )  # fmt: skip
    return creator


def _earlier(program: Program, creator: Creator) -> Application | None:
    found = queries.of_program(program.id, creator.id)
    return found[0] if found else None


def _check_may_apply(program: Program, creator: Creator, earlier: Application | None) -> None:
    member = memberships.of_program(program.id, creator.id)
    if member is not None and member.status is not MembershipStatus.ENDED:
        raise Conflict("You are in this program already. Sign in to see your code and link.")
    if earlier is None or rules.may_apply_again(earlier, clock.now()):
        return
    if earlier.status is ApplicationStatus.DECLINED:
        after = earlier.reapply_after
        raise Conflict(
            f"You can apply again from {after:%-d %B %Y}." if after and earlier.may_reapply
            else "This program has declined an earlier application of yours for good."
        )  # fmt: skip


def _check_open(program: Program) -> None:
    if not program.is_open:
        raise Conflict("This program does not take applications at the moment.")


def _too_late(application: Application) -> str:
    who = identity.user(application.decided_by).name if application.decided_by else "Somebody"
    words = application.status.value
    if not application.is_decided:
        return f"This application is {words}, so there is nothing to decide."
    return f"{who} has already {words} this application."
