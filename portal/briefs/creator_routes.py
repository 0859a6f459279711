"""Doors for creators: their briefs, taking one on, sending the post."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.briefs import commands, queries, reading, submission_commands, submission_queries
from portal.briefs.forms import AcceptForm, CommentForm, DeclineForm, SubmissionForm
from portal.creators import queries as creators
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("briefs_creator", __name__, url_prefix="/creator/briefs")

VIEWS = (("todo", "To do"), ("review", "In review"), ("changes", "Changes"),
         ("done", "Done"))  # fmt: skip


@blueprint.get("")
@opens_to(CREATOR)
def briefs() -> ResponseReturnValue:
    """My briefs, the soonest due first."""
    view = request.args.get("view", "todo")
    found = queries.of_creator(_me(), view, PageRequest(request.args.get("cursor")))
    counts = queries.work_counts(_me())
    return reply("briefs/creator/briefs.html", listed=found, view=view, counts=counts, views=VIEWS,
                 zone=_zone())  # fmt: skip


@blueprint.get("/<assignment>")
@opens_to(CREATOR)
def assignment(assignment: str) -> ResponseReturnValue:
    """What is asked, what it pays, and what was said about my versions."""
    return _assignment(queries.one_of_creator(_me(), assignment))


@blueprint.post("/<assignment>/accept")
@opens_to(CREATOR)
def accept(assignment: str) -> ResponseReturnValue:
    """Take it on, at the version that was shown."""
    found = queries.one_of_creator(_me(), assignment).assignment
    with unit_of_work():
        commands.accept(found.id, version=_version_shown(), by=person().id)
    said = "You have accepted. Version, fee and due day stay as they are now."
    return reply(then=_url(assignment), said=said)


@blueprint.post("/<assignment>/version")
@opens_to(CREATOR)
def take_version(assignment: str) -> ResponseReturnValue:
    """Move to the brief's newest version."""
    found = queries.one_of_creator(_me(), assignment).assignment
    with unit_of_work():
        commands.accept_new_version(found.id, version=_version_shown(), by=person().id)
    return reply(then=_url(assignment), said="You now work by the new version.")


@blueprint.post("/<assignment>/decline")
@opens_to(CREATOR)
def decline(assignment: str) -> ResponseReturnValue:
    """Say no."""
    found, form = queries.one_of_creator(_me(), assignment), DeclineForm()
    if not form.validate_on_submit():
        return _assignment(found, decline=form, status=422)
    with unit_of_work():
        commands.decline(found.assignment.id, by=person().id, reason=form.reason.data or "")
    return reply(then=url_for(".briefs"), said=f"You declined “{found.text.title}”.")


@blueprint.route("/<assignment>/submit", methods=["GET", "POST"])
@opens_to(CREATOR)
def submit(assignment: str) -> ResponseReturnValue:
    """Write down or send caption and live link."""
    found = queries.one_of_creator(_me(), assignment)
    form = _submission_form(found)
    if not form.validate_on_submit():
        return _submit_page(found, form, status=422 if form.is_submitted() else 200)
    try:
        return _save(found, form) if request.form.get("action") == "save" else _send(found, form)
    except InvalidInput as error:
        form.refuse(error)
        return _submit_page(found, form, status=422)
    except Conflict as refusal:
        return _submit_page(found, form, status=409, said=refusal.message)


@blueprint.post("/<assignment>/check")
@opens_to(CREATOR)
def check(assignment: str) -> ResponseReturnValue:
    """Show what the checks say about a caption and link. Stores nothing."""
    found, form = queries.one_of_creator(_me(), assignment), SubmissionForm()
    return _submit_page(found, form, partial="briefs/creator/_checks.html")


@blueprint.post("/versions/<version>/take-back")
@opens_to(CREATOR)
def take_back(version: str) -> ResponseReturnValue:
    """Withdraw a version that nobody has decided on."""
    found = submission_queries.version_of_creator(_me(), version)
    with unit_of_work():
        submission_commands.take_back(found.id, by=person().id)
    part = queries.assignment(found.assignment_id)
    said = "You took this version back. Change it and send it again."
    return reply(then=_url(part.public_id), said=said)


@blueprint.post("/versions/<version>/comments")
@opens_to(CREATOR)
def comment(version: str) -> ResponseReturnValue:
    """Answer, or say something about a version."""
    sent, form = submission_queries.version_of_creator(_me(), version), CommentForm()
    found = queries.work(sent.assignment_id)
    if not form.validate_on_submit():
        return _assignment(found, answer=form, status=422)
    about = _comment_of(found, form.reply_to.data)
    with unit_of_work():
        submission_commands.comment(
            sent.id, body=form.body.data, by=person().id, is_from_brand=False, reply_to=about
        )
    return reply(then=_url(found.assignment.public_id), said="Your comment is in the thread.")


@blueprint.post("/<assignment>/comments/<comment>/done")
@opens_to(CREATOR)
def done(assignment: str, comment: str) -> ResponseReturnValue:
    """Mark what was asked for as done."""
    found = queries.one_of_creator(_me(), assignment).assignment
    said = submission_queries.comment_on(found.id, comment)
    with unit_of_work():
        submission_commands.resolve(said.id, by=person().id)
    return reply(then=_url(assignment), said="Marked as done.")


# ---- inside


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]


def _zone() -> str:
    return creators.creator(_me()).zone


def _url(assignment: str) -> str:
    return url_for(".assignment", assignment=assignment)


def _version_shown() -> int:
    return request.form.get("version", 0, type=int) if AcceptForm().validate() else 0


def _comment_of(found: queries.Work, public_id: str | None) -> int | None:
    if not public_id:
        return None
    return submission_queries.comment_on(found.assignment.id, public_id).id


def _assignment(
    found: queries.Work,
    *,
    decline: DeclineForm | None = None,
    answer: CommentForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    part = found.assignment
    versions = [v for v in submission_queries.versions_of(part.id) if v.sent_at]
    return reply(
        "briefs/creator/assignment.html", status=status, work=found, zone=_zone(),
        versions=versions, draft=submission_queries.draft_of(part.id),
        threads=submission_queries.threads_of(part.id), newest=queries.text_of(found.brief),
        decline=decline or DeclineForm(formdata=None), answer=answer or CommentForm(formdata=None),
        form=decline or answer, platforms=reading.PLATFORM_WORDS,
    )  # fmt: skip


def _submission_form(found: queries.Work) -> SubmissionForm:
    draft = submission_queries.draft_of(found.assignment.id)
    if draft is None:
        sent = [v for v in submission_queries.versions_of(found.assignment.id) if v.sent_at]
        draft = sent[-1] if sent else None
    kept = {"caption": draft.caption, "live_url": draft.live_url} if draft else {}
    return SubmissionForm(data=kept)


def _submit_page(
    found: queries.Work, form: SubmissionForm, *, partial: str | None = None, **answer: Any
) -> ResponseReturnValue:
    caption, live_url = form.caption.data or "", form.live_url.data or ""
    is_written = bool(caption or live_url)
    checks = submission_queries.checks_for(found.assignment, caption, live_url)
    return reply(
        "briefs/creator/submit.html", partial if wants_list("checks") else None, **answer,
        work=found, form=form, zone=_zone(), checks=checks if is_written else [],
        draft=submission_queries.draft_of(found.assignment.id),
        threads=submission_queries.threads_of(found.assignment.id),
    )  # fmt: skip


def _save(found: queries.Work, form: SubmissionForm) -> ResponseReturnValue:
    with unit_of_work():
        submission_commands.save_draft_submission(
            found.assignment.id, caption=form.caption.data or "",
            live_url=form.live_url.data or "", by=person().id,
        )  # fmt: skip
    then = url_for(".submit", assignment=found.assignment.public_id)
    return reply(then=then, said="Your draft is saved. Only you see it.")


def _send(found: queries.Work, form: SubmissionForm) -> ResponseReturnValue:
    with unit_of_work():
        submission_commands.submit(
            found.assignment.id, caption=form.caption.data or "",
            live_url=form.live_url.data or "", by=person().id,
        )  # fmt: skip
    said = f"Sent to {found.brand.name}. You get a mail when they have decided."
    return reply(then=_url(found.assignment.public_id), said=said)
