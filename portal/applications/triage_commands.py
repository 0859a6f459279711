"""Between the queue and the decision: put aside as a good one, ask for more, hear the answer."""

from collections.abc import Sequence

from portal.applications.events import ApplicationInfoAsked
from portal.applications.models import Application, ApplicationStatus
from portal.applications.rules import ANSWER_CHARACTERS, asked_later
from portal.audit import commands as audit
from portal.jobs import commands as jobs
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.locks import lock
from portal.storage.model import db

MOST_QUESTIONS = 3


def shortlist(application_id: int, *, by: int) -> Application:
    """Put an open application aside as a good one; once more takes it back. The creator does not
    learn of it. Raises Conflict when it is decided."""
    application = _open(application_id)
    was_listed = application.status is ApplicationStatus.SHORTLISTED
    application.status = (
        ApplicationStatus.SUBMITTED if was_listed else ApplicationStatus.SHORTLISTED
    )
    _note(application, "unlisted" if was_listed else "shortlisted", by)
    return application


def ask_info(application_id: int, question: str, *, by: int) -> Application:
    """Ask the creator one more thing; she has 14 days (UX 6.1).

    Raises InvalidInput without a question or after three, Conflict when it is decided or still
    waits for an answer.
    """
    application, words = _open(application_id), question.strip()[:ANSWER_CHARACTERS]
    if not words:
        raise InvalidInput("question", "Write what you want to know.")
    if application.status is ApplicationStatus.INFO_NEEDED:
        raise Conflict("A question is still waiting for its answer.")
    if len(asked_later(application.answers)) >= MOST_QUESTIONS:
        raise InvalidInput("question", "Three questions were asked already. Decide now.")
    asked = {"question": words, "answer": "", "asked": clock.now().isoformat()}
    application.answers = [*application.answers, asked]
    application.status = ApplicationStatus.INFO_NEEDED
    _note(application, "info-asked", by)
    jobs.announce(ApplicationInfoAsked(application.id, len(application.answers)))
    return application


def answer_info(application_id: int, answer: str, *, by: int) -> Application:
    """The creator's answer puts the application back among the new ones.

    Raises InvalidInput for an empty answer, Conflict when nothing is asked any more.
    """
    application, words = lock(Application, application_id), answer.strip()[:ANSWER_CHARACTERS]
    if application.status is not ApplicationStatus.INFO_NEEDED:
        raise Conflict("Nothing is asked of you any more: the application has moved on.")
    if not words:
        raise InvalidInput("answer", "Write an answer first.")
    *before, asked = application.answers
    application.answers = [*before, {**asked, "answer": words}]
    application.status = ApplicationStatus.SUBMITTED
    _note(application, "info-answered", by)
    return application


def expire(applications: Sequence[Application]) -> int:
    """Close these; nobody answered in time. Returns how many."""
    for application in applications:
        application.status, application.decided_at = ApplicationStatus.EXPIRED, clock.now()
        audit.note(None, "application.expired", application.id, brand_id=application.brand_id)
    return len(applications)


def _open(application_id: int) -> Application:
    application = lock(Application, application_id)
    if not application.is_open:
        raise Conflict(f"This application is {application.status.value} already.")
    return application


def _note(application: Application, act: str, by: int) -> None:
    application.claimed_by = application.claimed_until = None
    db.session.flush()
    audit.note(by, f"application.{act}", application.id, brand_id=application.brand_id)
