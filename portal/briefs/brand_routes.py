"""Doors for a brand's staff: writing and approving briefs, reviewing what comes back."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.briefs import brand_pages as pages
from portal.briefs import (
    budget_commands,
    commands,
    queries,
    submission_commands,
    submission_queries,
)
from portal.briefs.forms import ApprovalForm, ApproveForm, ChangesForm, CommentForm, RejectForm
from portal.briefs.models import RejectReason
from portal.identity import queries as identity
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.formatting import money
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("briefs_brand", __name__, url_prefix="/brand/<brand:brand_id>")


@blueprint.get("/briefs")
@opens_to("brand.viewer")
def briefs(brand_id: int) -> ResponseReturnValue:
    """The brand's briefs."""
    view = request.args.get("view", "open")
    found = queries.listing(brand_id, view, PageRequest(request.args.get("cursor")))
    return reply(
        "briefs/brand/briefs.html", brand=identity.brand(brand_id), listed=found, view=view,
        views=pages.BRIEF_VIEWS, counts=queries.view_counts(brand_id),
    )  # fmt: skip


@blueprint.route("/briefs/new", methods=["GET", "POST"])
@opens_to("brand.reviewer")
def new(brand_id: int) -> ResponseReturnValue:
    """Write a brief."""
    form = pages.brief_form(brand_id)
    if not form.validate_on_submit():
        return pages.edit_page(brand_id, form, None)
    try:
        with unit_of_work():
            made = commands.draft_brief(brand_id, form.program_id.data, form.text(), by=person().id)
            budget_commands.set_budget(made.id, form.limit(), by=person().id)
            if request.form.get("action") == "send":
                commands.submit_for_approval(made.id, by=person().id)
    except InvalidInput as error:
        form.refuse(error)
        return pages.edit_page(brand_id, form, None, 422)
    return reply(then=pages.url_of(made), said=pages.saved_words(made))


@blueprint.get("/briefs/<brief>")
@opens_to("brand.viewer")
def brief(brand_id: int, brief: str) -> ResponseReturnValue:
    """One brief: where it stands, who takes part, what it asks."""
    found = queries.one_of_brand(brand_id, brief)
    people = queries.assignments_of(found, PageRequest(request.args.get("cursor")))
    return reply("briefs/brand/brief.html", people=people, **pages.about(found))


@blueprint.route("/briefs/<brief>/edit", methods=["GET", "POST"])
@opens_to("brand.reviewer")
def edit(brand_id: int, brief: str) -> ResponseReturnValue:
    """Change a brief; once it is open this makes its next version, and needs a manager."""
    found = queries.one_of_brand(brand_id, brief)
    pages.refuse_edit(found)
    form = pages.brief_form(brand_id, found)
    if not form.validate_on_submit():
        return pages.edit_page(brand_id, form, found)
    try:
        with unit_of_work():
            commands.edit(found.id, form.text(), by=person().id)
            if request.form.get("action") == "send":
                commands.submit_for_approval(found.id, by=person().id)
    except InvalidInput as error:
        form.refuse(error)
        return pages.edit_page(brand_id, form, found, 422)
    return reply(then=pages.url_of(found), said=pages.saved_words(found))


@blueprint.post("/briefs/<brief>/submit")
@opens_to("brand.reviewer")
def submit(brand_id: int, brief: str) -> ResponseReturnValue:
    """Hand a draft to whoever approves."""
    return _step(brand_id, brief, commands.submit_for_approval, "Sent for approval.")


@blueprint.post("/briefs/<brief>/return")
@opens_to("brand.manager")
def send_back(brand_id: int, brief: str) -> ResponseReturnValue:
    """Hand a brief back to its drafter."""
    return _step(brand_id, brief, commands.return_to_draft, "The brief is a draft again.")


@blueprint.post("/briefs/<brief>/pause")
@opens_to("brand.manager")
def pause(brand_id: int, brief: str) -> ResponseReturnValue:
    """Take nobody in for now."""
    said = "Paused. Nobody can accept; due days move by the days of the pause."
    return _step(brand_id, brief, commands.pause, said)


@blueprint.post("/briefs/<brief>/resume")
@opens_to("brand.manager")
def resume(brand_id: int, brief: str) -> ResponseReturnValue:
    """Take people in again."""
    return _step(brand_id, brief, commands.resume, "Open again.")


@blueprint.route("/briefs/<brief>/close", methods=["GET", "POST"])
@opens_to("brand.manager")
def close(brand_id: int, brief: str) -> ResponseReturnValue:
    """Say what closing does, then close."""
    if request.method == "GET":
        found = queries.one_of_brand(brand_id, brief)
        return reply("briefs/brand/close.html", **pages.about(found))
    return _step(brand_id, brief, commands.close, "Closed. Accepted work is finished as agreed.")


@blueprint.route("/briefs/<brief>/approve", methods=["GET", "POST"])
@opens_to("brand.manager")
def approve(brand_id: int, brief: str) -> ResponseReturnValue:
    """How many it goes to and what it can cost; then approve."""
    found, form = queries.one_of_brand(brand_id, brief), ApproveForm()
    about = {**pages.about(found), "form": form}
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return reply("briefs/brand/approve.html", status=status, **about)
    starts_at = pages.start_of(form.starts_on.data, about["brand"].zone)
    with unit_of_work():
        commands.approve_brief(found.id, by=person().id, starts_at=starts_at)
    opened = found.opened_at is not None
    said = "Approved and open. The invitations are on their way."
    said = said if opened else "Approved. It opens on its start day."
    return reply(then=pages.url_of(found), said=said)


@blueprint.get("/review")
@opens_to("brand.viewer")
def review_queue(brand_id: int) -> ResponseReturnValue:
    """What was sent, the longest-waiting first."""
    view = request.args.get("view", "review")
    request_ = PageRequest(request.args.get("cursor"))
    found = submission_queries.review_queue(brand_id, view, request_)
    return reply(
        "briefs/brand/review_queue.html", brand=identity.brand(brand_id), listed=found, view=view,
        views=pages.REVIEW_VIEWS, counts=submission_queries.review_counts(brand_id),
    )  # fmt: skip


@blueprint.get("/review/<submission>")
@opens_to("brand.viewer")
def review(brand_id: int, submission: str) -> ResponseReturnValue:
    """One version: its checks and caption, the comments, the brief beside it."""
    return pages.review_page(submission_queries.review_of_brand(brand_id, submission))


@blueprint.post("/review/<submission>/comments")
@opens_to("brand.reviewer")
def comment(brand_id: int, submission: str) -> ResponseReturnValue:
    """Say what should be different."""
    found, form = submission_queries.review_of_brand(brand_id, submission), CommentForm()
    if not form.validate_on_submit():
        return pages.review_page(found, comment=form, status=422)
    about = form.reply_to.data
    reply_to = submission_queries.comment_on(found.assignment.id, about).id if about else None
    try:
        with unit_of_work():
            submission_commands.comment(
                found.submission.id, body=form.body.data, quote=form.quote.data or "",
                by=person().id, is_from_brand=True, reply_to=reply_to,
            )  # fmt: skip
    except InvalidInput as error:
        form.refuse(error)
        return pages.review_page(found, comment=form, status=422)
    return reply(then=pages.review_url(found, "comments"))


@blueprint.post("/review/<submission>/comments/<comment>/<any(done,open):state>")
@opens_to("brand.reviewer")
def mark(brand_id: int, submission: str, comment: str, state: str) -> ResponseReturnValue:
    """Mark a comment as done, or ask for it again."""
    found = submission_queries.review_of_brand(brand_id, submission)
    said = submission_queries.comment_on(found.assignment.id, comment)
    command = submission_commands.resolve if state == "done" else submission_commands.reopen
    with unit_of_work():
        command(said.id, by=person().id)
    return reply(then=pages.review_url(found, "comments"))


@blueprint.post("/review/<submission>/changes")
@opens_to("brand.reviewer")
def ask_for_changes(brand_id: int, submission: str) -> ResponseReturnValue:
    """Send all open comments back, with what the bar itself says."""
    found, form = submission_queries.review_of_brand(brand_id, submission), ChangesForm()
    if not form.validate_on_submit():
        return pages.review_page(found, changes=form, status=422)
    command = submission_commands.ask_for_changes
    try:
        with unit_of_work():
            command(found.submission.id, by=person().id, due_on=form.due_on.data,
                    wish=form.wish.data or "")  # fmt: skip
    except InvalidInput as error:
        form.refuse(error)
        return pages.review_page(found, changes=form, status=422)
    except Conflict as refusal:
        return pages.review_page(found, changes=form, status=409, said=refusal.message)
    return pages.decided(found, f"{found.creator.name} gets your comments in one mail.")


@blueprint.route("/review/<submission>/approve", methods=["GET", "POST"])
@opens_to("brand.reviewer")
def approve_submission(brand_id: int, submission: str) -> ResponseReturnValue:
    """Approve; where a check failed, a page asks for the reason first."""
    found, form = submission_queries.review_of_brand(brand_id, submission), ApprovalForm()
    if not form.validate_on_submit():
        return pages.override_page(found, form)
    command, reason = submission_commands.approve_submission, form.override_reason.data or ""
    try:
        with unit_of_work():
            command(found.submission.id, by=person().id, override_reason=reason)
    except InvalidInput as error:
        form.refuse(error)
        return pages.override_page(found, form, 422)
    except Conflict as refusal:
        return pages.review_page(found, status=409, said=refusal.message)
    return pages.decided(
        found, f"Approved. {found.creator.name} earns {money(found.assignment.fee)}."
    )


@blueprint.route("/review/<submission>/reject", methods=["GET", "POST"])
@opens_to("brand.reviewer")
def reject(brand_id: int, submission: str) -> ResponseReturnValue:
    """Turn a version down for good, with the reason that the creator reads."""
    found, form = submission_queries.review_of_brand(brand_id, submission), RejectForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return reply("briefs/brand/reject.html", status=status, found=found, form=form,
                     brand=identity.brand(brand_id))  # fmt: skip
    with unit_of_work():
        submission_commands.reject(
            found.submission.id, reason=RejectReason(form.reason.data), note=form.note.data,
            by=person().id,
        )  # fmt: skip
    return pages.decided(found, f"Rejected. {found.creator.name} reads your note.")


# ---- inside


def _step(brand_id: int, public_id: str, command: Any, said: str) -> ResponseReturnValue:
    found = queries.one_of_brand(brand_id, public_id)
    with unit_of_work():
        command(found.id, by=person().id)
    return reply(then=pages.url_of(found), said=said)
