"""Doors for the brand: the queue, one application beside it, the decision and its undo."""

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.applications import commands, queries, review_queries, rules, triage_commands
from portal.applications.forms import AskForm, DecisionForm, StepForm
from portal.applications.models import Application, ApplicationStatus, DeclineReason
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.pages import PageRequest
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as tracking
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("applications_brand", __name__, url_prefix="/brand/<brand:brand_id>")

QUEUE: dict[str, Any] = {
    "page": "applications/brand/inbox.html",
    "partial": "applications/brand/_queue.html",
}
STEPPED = {
    "pause": "Paused. Code and links have stopped.",
    "resume": "Resumed. Code and links work again.",
    "end": "The membership has ended. What was earned stays.",
}
STEPS_SPOKEN = {
    ApplicationStatus.INFO_NEEDED: "is asked for more",
    ApplicationStatus.SUBMITTED: "is back among the new ones",
}
CLAIM = "applications/brand/_claim.html"


@blueprint.get("/applications")
@opens_to("brand.viewer")
def inbox(brand_id: int) -> ResponseReturnValue:
    """The queue; on a wide screen its first application stands open beside it."""
    return reply(**QUEUE, **_queue(brand_id, None))


@blueprint.get("/applications/<application>")
@opens_to("brand.viewer")
def review(brand_id: int, application: str) -> ResponseReturnValue:
    """One application beside the queue."""
    found = queries.one_of_brand(brand_id, application)
    return reply(**QUEUE, **_queue(brand_id, found, is_open=True))


@blueprint.post("/applications/<application>")
@opens_to("brand.reviewer")
def decide(brand_id: int, application: str) -> ResponseReturnValue:
    """Approve or decline; the answer is the next application."""
    found, form = queries.one_of_brand(brand_id, application), DecisionForm()
    after = queries.neighbours(brand_id, _view(), found).next
    try:
        _decide(found, form)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(**QUEUE, status=422, **_queue(brand_id, found, form, is_open=True))
    except Conflict as refusal:
        page = _queue(brand_id, queries.one_of_brand(brand_id, application), is_open=True)
        return reply(**QUEUE, status=409, **{**page, "late": refusal.message})
    return _next(brand_id, found, after)


@blueprint.post("/applications/<application>/shortlist")
@opens_to("brand.reviewer")
def shortlist(brand_id: int, application: str) -> ResponseReturnValue:
    """Put it aside as a good one, or back; the answer is the next application."""
    found = queries.one_of_brand(brand_id, application)
    after = queries.neighbours(brand_id, _view(), found).next
    with unit_of_work():
        triage_commands.shortlist(found.id, by=person().id)
    return _next(brand_id, found, after)


@blueprint.post("/applications/<application>/ask")
@opens_to("brand.reviewer")
def ask(brand_id: int, application: str) -> ResponseReturnValue:
    """Ask the creator one more thing; the answer is the next application."""
    found, form = queries.one_of_brand(brand_id, application), AskForm()
    after = queries.neighbours(brand_id, _view(), found).next
    try:
        if not form.validate_on_submit():
            return _queue_reply(brand_id, found, 422, ask=form)
        with unit_of_work():
            triage_commands.ask_info(found.id, form.question.data or "", by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _queue_reply(brand_id, found, 422, ask=form)
    return _next(brand_id, found, after)


@blueprint.post("/applications/<application>/undo")
@opens_to("brand.reviewer")
def undo(brand_id: int, application: str) -> ResponseReturnValue:
    """Take the decision back while its messages wait."""
    found = queries.one_of_brand(brand_id, application)
    with unit_of_work():
        commands.undo(found.id, by=person().id)
    here = url_for(".review", brand_id=brand_id, application=application, view=queries.DEFAULT_VIEW)
    return reply(then=here, said=f"{found.name} is back in the queue. Nothing was sent.")


@blueprint.post("/applications/<application>/send")
@opens_to("brand.reviewer")
def send(brand_id: int, application: str) -> ResponseReturnValue:
    """Let the messages of a decision leave now."""
    found = queries.one_of_brand(brand_id, application)
    with unit_of_work():
        commands.send_now(found.id, by=person().id)
    reading = request.args.get("at")  # whose application stood open
    then = url_for(".review" if reading else ".inbox", brand_id=brand_id, view=_view(),
                   q=request.args.get("q") or None, application=reading)  # fmt: skip
    return reply(then=then, said=f"The message to {found.name} leaves now.")


@blueprint.post("/applications/<application>/claim")
@opens_to("brand.reviewer")
def claim(brand_id: int, application: str) -> ResponseReturnValue:
    """Tell the others that this one is being read."""
    found = queries.one_of_brand(brand_id, application)
    with unit_of_work():
        commands.claim(found.id, by=person().id)
    here = url_for(".review", brand_id=brand_id, application=application, view=_view())
    shown = review_queries.review_of(found, view=_view(), user_id=person().id)
    return reply(partial=CLAIM, then=here, review=shown, me=person().id, view=_view())


@blueprint.route("/ambassadors/<ambassador>/<any(pause,resume,end):step>", methods=["GET", "POST"])
@opens_to("brand.manager")
def step(brand_id: int, ambassador: str, step: str) -> ResponseReturnValue:
    """Pause, resume or end a membership, after a page that says what changes."""
    found, form = ambassadors.one_of_brand(brand_id, ambassador), StepForm()
    if not form.validate_on_submit():
        page: dict[str, Any] = {
            "ambassador": found,
            "step": step,
            "form": form,
            "name": creators.creator(found.creator_id).name,
            "code": getattr(tracking.current_codes([found.id]).get(found.id), "code", ""),
        }
        return reply(
            "applications/brand/step.html", status=422 if form.is_submitted() else 200, **page
        )
    with unit_of_work():
        commands.change_membership(found.id, step, by=person().id, reason=form.reason.data or "")
    then = url_for("reports_brand.ambassador", brand_id=brand_id, ambassador=ambassador)
    return reply(then=then, said=STEPPED[step])


def _decide(found: Application, form: DecisionForm) -> None:
    if not form.validate_on_submit():
        raise InvalidInput("note", "Check the note and the code.")
    reason = DeclineReason(form.reason.data) if form.reason.data else None
    declines = reason is not None or request.form.get("decision") == "declined"
    with unit_of_work():
        commands.decide(
            found.id, ApplicationStatus.DECLINED if declines else ApplicationStatus.APPROVED,
            form.note.data or "", by=person().id, reason=reason,
            reapply=form.reapply.data or "30", wanted_code=form.code.data or "",
            undo_seconds=current_app.config["PORTAL"].undo_seconds,
        )  # fmt: skip


def _next(brand_id: int, decided: Application, after: str | None) -> ResponseReturnValue:
    following = queries.one_of_brand(brand_id, after) if after else None
    address: dict[str, Any] = {
        "brand_id": brand_id,
        "view": _view(),
        "q": request.values.get("q") or None,
        "application": after,
    }
    then = url_for(".review" if after else ".inbox", **address)
    page = _queue(brand_id, following, is_open=after is not None)
    done = STEPS_SPOKEN.get(decided.status, decided.status.value)
    page["spoken"] = f"{decided.name} {done}. {page['counts']['new']} left."
    response = reply(**QUEUE, then=then, **page)
    response.headers["HX-Push-Url"] = then
    return response


def _queue_reply(
    brand_id: int, found: Application, status: int, **more: Any
) -> ResponseReturnValue:
    page = _queue(brand_id, found, is_open=True)
    return reply(**QUEUE, status=status, **{**page, **more})


def _view() -> str:
    asked = request.values.get("view", queries.DEFAULT_VIEW)
    return asked if asked in queries.VIEWS else queries.DEFAULT_VIEW


def _queue(
    brand_id: int, found: Application | None, form: DecisionForm | None = None, **more: Any
) -> dict[str, Any]:
    """All that the queue and its panel show."""
    view, me, brand = _view(), person(), identity.brand(brand_id)
    text = request.values.get("q", "").strip()
    today = clock.start_of_day(clock.today(brand.zone), brand.zone)
    own, counts = programs.programs_of(brand_id), queries.counts(brand_id, today)
    rows = queries.inbox(
        brand_id, view, PageRequest(request.args.get("cursor")), text=text, total=counts[view]
    )
    shown = found or (rows.rows[0] if rows.rows else None)
    looking: dict[str, Any] = {"view": view, "user_id": me.id, "within": None if text else rows}
    return {
        "brand": brand, "rows": rows, "view": view, "q": text, "counts": counts,
        "review": review_queries.review_of(shown, **looking) if shown else None,
        "form": form or DecisionForm(formdata=None), "ask": AskForm(formdata=None),
        "me": me.id, "reasons": rules.DECLINE_REASONS,
        "may_decide": me.may("brand.reviewer", brand_id), "now": clock.now(),
        "leaving": queries.leaving(brand_id, me.id), "programs": own,
        "decided_today": counts["decided"], "is_open": False, "late": "", "spoken": "", **more,
    }  # fmt: skip
