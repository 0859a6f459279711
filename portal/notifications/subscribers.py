"""Who is told what (UX §5): people's events. Money's events stand in `money_subscribers.py`."""

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.events import AgreementAccepted
from portal.applications import queries as applications
from portal.applications.events import (
    ApplicationDecided,
    ApplicationInfoAsked,
    ApplicationSubmitted,
)
from portal.applications.models import ApplicationStatus
from portal.applications.rules import DECLINE_REASONS, info_until
from portal.briefs import queries as briefs
from portal.briefs import submission_queries as submissions
from portal.briefs.events import (
    AssignmentCancelled,
    AssignmentInvited,
    ChangesRequested,
    SubmissionApproved,
    SubmissionRejected,
    SubmissionSent,
)
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.identity.events import SignInCodeRequested, StaffInvited
from portal.kernel.money import Money
from portal.notifications.letters import link_to, send
from portal.programs import queries as programs
from portal.tracking import queries as tracking
from portal.web.formatting import day, money, when, zone_name

OPTIONAL = "You get this mail because you work for this brand in Vouch."


def email_of_creator(creator_id: int) -> str:
    """Where a creator gets her mail."""
    return identity.user(creators.creator(creator_id).user_id).email


# ---- identity
def on_sign_in_code_requested(event: SignInCodeRequested) -> None:
    asked = identity.challenge(event.challenge_id)
    if identity.wants_mail(asked):
        send("sign_in_code", asked.id, asked.email, code=identity.code_for(asked))


def on_staff_invited(event: StaffInvited) -> None:
    found = identity.invitation(event.invitation_id)
    inviter = identity.user(found.invited_by).name if found.invited_by else "Your portal"
    send(
        "staff_invited", found.id, found.email, inviter=inviter,
        brand=identity.brand(found.brand_id).name, until=day(found.expires_at),
        roles=" and ".join(role.replace(".", " ") for role in found.capabilities),
        link=link_to("identity_invited.invitation", token=identity.invitation_token(found)),
    )  # fmt: skip


# ---- applications
def on_application_submitted(event: ApplicationSubmitted) -> None:
    found = applications.application(event.application_id)
    program, brand = programs.program(found.program_id), identity.brand(found.brand_id)
    send(
        "application_received", found.id, found.email, name=found.name, brand=brand.name,
        program=program.name, reference=found.reference, days=program.answer_days,
        link=link_to("applications_public.sent", slug=program.slug),
    )  # fmt: skip
    waiting = applications.counts(found.brand_id)["new"]
    for user in identity.staff_with(found.brand_id, "brand.reviewer"):
        send(
            "application_new", found.id, user.email, name=found.name, program=program.name,
            waiting=waiting, why=OPTIONAL,
            link=link_to("applications_brand.inbox", brand_id=brand.slug),
        )  # fmt: skip


def on_application_info_asked(event: ApplicationInfoAsked) -> None:
    found = applications.application(event.application_id)
    until = info_until(found)
    if until is None or found.creator_id is None:
        return
    program, zone = programs.program(found.program_id), creators.creator(found.creator_id).zone
    send(
        "application_info", found.id * 100 + event.number, found.email, name=found.name,
        brand=identity.brand(found.brand_id).name, question=found.answers[-1]["question"],
        until=f"{when(until, zone)}, {zone_name(zone)}",
        link=link_to("applications_public.sent", slug=program.slug),
    )  # fmt: skip


def on_application_decided(event: ApplicationDecided) -> None:
    found = applications.application(event.application_id)
    program, brand = programs.program(found.program_id), identity.brand(found.brand_id)
    facts = {"name": found.name, "brand": brand.name, "program": program.name, "note": found.note}
    if found.status is ApplicationStatus.DECLINED and found.reason is not None:
        again = day(found.reapply_after) if found.may_reapply and found.reapply_after else ""
        send("application_declined", found.id, found.email, again=again,
             reason=DECLINE_REASONS[found.reason], **facts)  # fmt: skip
    if found.status is ApplicationStatus.APPROVED and found.ambassador_id is not None:
        owned = tracking.current_codes([found.ambassador_id])[found.ambassador_id]
        send(
            "application_approved", found.id, found.email, code=owned.code, **facts,
            link=link_to("applications_creator.onboarding", program=program.public_id),
        )  # fmt: skip


def on_agreement_accepted(event: AgreementAccepted) -> None:
    member = ambassadors.ambassador(event.ambassador_id)
    code = tracking.current_codes([member.id]).get(member.id)
    default = tracking.default_links([member.id]).get(member.id)
    if code is None or default is None:
        return
    program = programs.program(member.program_id)
    send(
        "code_ready", member.id, email_of_creator(member.creator_id), code=code.code,
        affiliate_link=link_to("tracking_public.go", slug=default.slug),
        link=link_to("applications_creator.program", program=program.public_id),
    )  # fmt: skip


# ---- briefs
def on_assignment_invited(event: AssignmentInvited) -> None:
    found = briefs.work(event.assignment_id)
    send(
        "brief_invited", found.assignment.id, email_of_creator(found.assignment.creator_id),
        brand=found.brand.name, title=found.text.title, fee=money(found.text.fee),
        due=day(found.text.due_on),
        link=link_to("briefs_creator.assignment", assignment=found.assignment.public_id),
    )  # fmt: skip


def on_submission_sent(event: SubmissionSent) -> None:
    sent = submissions.submission(event.submission_id)
    found = briefs.work(sent.assignment_id)
    name = creators.creator(found.assignment.creator_id).name
    for user in identity.staff_with(found.brand.id, "brand.reviewer"):
        send(
            "submission_waits", sent.id, user.email, name=name, title=found.text.title,
            version=sent.version, why=OPTIONAL,
            link=link_to(
                "briefs_brand.review", brand_id=found.brand.slug, submission=sent.public_id
            ),
        )  # fmt: skip


def on_changes_requested(event: ChangesRequested) -> None:
    sent = submissions.submission(event.submission_id)
    found = briefs.work(sent.assignment_id)
    threads = submissions.threads_of(sent.assignment_id)
    asked = [one.comment for one in threads if one.comment.is_from_brand]
    open_ones = [one for one in asked if one.resolved_at is None]
    _to_creator(
        "changes_requested", event.submission_id, comments=[one.body for one in open_ones],
        version=sent.version, title=found.text.title,
    )  # fmt: skip


def on_submission_approved(event: SubmissionApproved) -> None:
    found = briefs.work(submissions.submission(event.submission_id).assignment_id)
    _to_creator("submission_approved", event.submission_id, fee=money(found.assignment.fee))


def on_submission_rejected(event: SubmissionRejected) -> None:
    sent = submissions.submission(event.submission_id)
    _to_creator(
        "submission_rejected", event.submission_id, version=sent.version, reason=sent.decision_note
    )


def on_assignment_cancelled(event: AssignmentCancelled) -> None:
    """The creator reads why, and what she is paid for it."""
    found = briefs.work(event.assignment_id)
    send(
        "assignment_cancelled", event.assignment_id, email_of_creator(event.creator_id),
        brand=found.brand.name, title=found.text.title, reason=found.assignment.end_reason,
        paid=money(Money(event.amount_minor, event.currency)) if event.amount_minor else "",
        link=link_to("briefs_creator.assignment", assignment=found.assignment.public_id),
    )  # fmt: skip


def _to_creator(letter: str, submission_id: int, **facts: object) -> None:
    found = briefs.work(submissions.submission(submission_id).assignment_id)
    values = {"brand": found.brand.name, "title": found.text.title, **facts}
    send(
        letter, submission_id, email_of_creator(found.assignment.creator_id), **values,
        link=link_to("briefs_creator.assignment", assignment=found.assignment.public_id),
    )  # fmt: skip
