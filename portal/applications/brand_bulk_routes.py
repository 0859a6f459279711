"""Doors for the brand: decide about many applications at once, and read what became of each."""

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.applications import bulk_commands, bulk_queries, queries, rules
from portal.applications.bulk_queries import Chosen
from portal.applications.forms import BulkForm
from portal.applications.models import ApplicationStatus, DeclineReason
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "applications_bulk", __name__, url_prefix="/brand/<brand:brand_id>/applications/bulk"
)
CHECK, RESULT = "applications/brand/bulk.html", "applications/brand/bulk_result.html"
SAMPLE = 5


@blueprint.get("")
@opens_to("brand.reviewer")
def check(brand_id: int) -> ResponseReturnValue:
    """Who is meant, who is left out and why, before anything is decided."""
    return _check(brand_id, BulkForm(formdata=None))


@blueprint.post("")
@opens_to("brand.reviewer")
def decide(brand_id: int) -> ResponseReturnValue:
    """Approve or decline them all; the answer is the page that tells what became of each."""
    form = BulkForm()
    if not form.validate_on_submit():
        return _check(brand_id, form)
    try:
        with unit_of_work():
            bulk = _begin(brand_id, form)
            name = bulk.public_id
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _check(brand_id, form)
    return reply(then=url_for(".result", brand_id=brand_id, bulk=name))


@blueprint.get("/<bulk>")
@opens_to("brand.viewer")
def result(brand_id: int, bulk: str) -> ResponseReturnValue:
    """How far it is, who could not be decided about and why, and the way back."""
    found = bulk_queries.result_of(bulk_queries.one_of_brand(brand_id, bulk))
    return reply(
        RESULT, "applications/brand/_bulk_result.html", brand_id=brand_id, result=found,
        may_decide=person().may("brand.reviewer", brand_id),
    )  # fmt: skip


@blueprint.post("/<bulk>/undo")
@opens_to("brand.reviewer")
def undo(brand_id: int, bulk: str) -> ResponseReturnValue:
    """Take back all of it that still can be."""
    found = bulk_queries.one_of_brand(brand_id, bulk)
    with unit_of_work():
        taken = bulk_commands.undo(found.id, by=person().id)
    then = url_for("applications_brand.inbox", brand_id=brand_id)
    who = "application is" if taken == 1 else "applications are"
    return reply(then=then, said=f"{taken} {who} back in the queue. Nothing was sent for them.")


def _begin(brand_id: int, form: BulkForm) -> Any:
    approves = request.form.get("decision") == ApplicationStatus.APPROVED
    reason = DeclineReason(form.reason.data) if form.reason.data and not approves else None
    return bulk_commands.begin(
        brand_id, [one.id for one in _chosen(brand_id).open],
        ApplicationStatus.APPROVED if approves else ApplicationStatus.DECLINED,
        form.note.data or "", by=person().id, reason=reason, reapply=form.reapply.data or "30",
        undo_seconds=current_app.config["PORTAL"].undo_seconds,
    )  # fmt: skip


def _chosen(brand_id: int) -> Chosen:
    return bulk_queries.chosen(
        brand_id, request.values.getlist("ids"), _view(), request.values.get("q", "").strip(),
        bulk_commands.MOST, everybody=request.args.get("scope") == "all",
    )  # fmt: skip


def _view() -> str:
    asked = request.values.get("view", queries.DEFAULT_VIEW)
    return asked if asked in queries.VIEWS else queries.DEFAULT_VIEW


def _check(brand_id: int, form: BulkForm) -> ResponseReturnValue:
    found = _chosen(brand_id)
    back = url_for("applications_brand.inbox", brand_id=brand_id, view=_view(),
                   q=request.values.get("q") or None)  # fmt: skip
    if not found.count:
        return reply(then=back, said="Tick at least one application.")
    return reply(
        CHECK, status=422 if form.is_submitted() else 200, brand_id=brand_id, form=form,
        chosen=found, sample=found.open[:SAMPLE], back=back, most=bulk_commands.MOST,
        view=_view(), q=request.values.get("q", ""),
        reasons=rules.DECLINE_REASONS,
    )  # fmt: skip
