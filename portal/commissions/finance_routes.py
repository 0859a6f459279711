"""Doors for finance: what may be done to a commission. The pages that show it, and whether it is
paid by now, stand in reports."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.commissions import bulk_commands, commands, finance_pages, queries
from portal.commissions.forms import ReasonForm, VoidForm
from portal.commissions.models import VoidCode
from portal.kernel.errors import InvalidInput, PortalError
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "commissions_finance", __name__, url_prefix="/finance/<brand:brand_id>/commissions"
)
RELEASED = "Released. It goes on where it stopped."
DETAIL = "commissions/finance/commission.html"


@blueprint.post("/many")
@opens_to("finance.preparer", "finance.approver")
def decide_many(brand_id: int) -> ResponseReturnValue:
    """Hold, or release and approve, what was ticked; each by itself."""
    view, ids = request.form.get("view", ""), request.form.getlist("ids")
    then = url_for("reports_commissions.commissions", brand_id=brand_id, view=view or None)
    try:
        with unit_of_work():
            refused = _many(brand_id, ids)
    except InvalidInput as refusal:
        return reply(then=then, said=f"Nothing was done. {refusal.message}")
    said = f"{len(ids) - len(refused)} done. " + " ".join(dict.fromkeys(refused))
    return reply(then=then, said=said.strip() if ids else "Tick at least one commission first.")


@blueprint.post("/<commission>/hold")
@opens_to("finance.preparer", "finance.approver")
def hold(brand_id: int, commission: str) -> ResponseReturnValue:
    """Stop a commission, with a reason that the creator reads."""
    return _decide(brand_id, commission, commands.hold, "On hold until somebody releases it.")


@blueprint.post("/<commission>/void")
@opens_to("finance.preparer", "finance.approver")
def void(brand_id: int, commission: str) -> ResponseReturnValue:
    """Take a held commission back for good, with a reason that the creator reads."""

    def act(found: int, reason: str, *, by: int) -> object:
        return commands.void(found, reason, by=by, code=VoidCode(form.code.data))

    form = VoidForm()
    return _decide(brand_id, commission, act, "Taken back for good.", form)


@blueprint.post("/<commission>/release")
@opens_to("finance.preparer", "finance.approver")
def release(brand_id: int, commission: str) -> ResponseReturnValue:
    """Let a held commission go on."""
    found = queries.one_of_brand(brand_id, commission)
    with unit_of_work():
        is_held = commands.release(found.id, by=person().id).hold_reason
    said = f"Released, and still on hold. {is_held}" if is_held else RELEASED
    return reply(then=_page(brand_id, commission), said=said)


def _many(brand_id: int, ids: list[str]) -> list[str]:
    if request.form.get("act") == "release":
        return bulk_commands.release_each(brand_id, ids, by=person().id)
    reason = request.form.get("reason", "").strip()[:300]
    return bulk_commands.hold_each(brand_id, ids, reason, by=person().id)


def _decide(
    brand_id: int, public_id: str, act: Any, said: str, form: ReasonForm | None = None
) -> ResponseReturnValue:
    found, form = queries.one_of_brand(brand_id, public_id), form or ReasonForm()
    if not form.validate_on_submit():
        return reply(DETAIL, status=422, **finance_pages.detail(found, form))
    try:
        with unit_of_work():
            act(found.id, form.reason.data, by=person().id)
    except PortalError as refusal:
        form.form_errors.append(refusal.message)
        return reply(DETAIL, status=409, **finance_pages.detail(found, form))
    return reply(then=_page(brand_id, public_id), said=said)


def _page(brand_id: int, public_id: str) -> str:
    return url_for("reports_commissions.commission", brand_id=brand_id, commission=public_id)
