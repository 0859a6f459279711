"""Doors for finance: what may be done to a commission. The pages that show it, and whether it is
paid by now, stand in reports."""

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.commissions import commands, finance_pages, queries
from portal.commissions.forms import ReasonForm
from portal.kernel.errors import PortalError
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "commissions_finance", __name__, url_prefix="/finance/<brand:brand_id>/commissions"
)
DETAIL = "commissions/finance/commission.html"


@blueprint.post("/<commission>/hold")
@opens_to("finance.preparer", "finance.approver")
def hold(brand_id: int, commission: str) -> ResponseReturnValue:
    """Stop a commission, with a reason that the creator reads."""
    return _decide(brand_id, commission, commands.hold, "On hold until somebody releases it.")


@blueprint.post("/<commission>/void")
@opens_to("finance.preparer", "finance.approver")
def void(brand_id: int, commission: str) -> ResponseReturnValue:
    """Take a held commission back for good, with a reason that the creator reads."""
    return _decide(brand_id, commission, commands.void, "Taken back for good.")


@blueprint.post("/<commission>/release")
@opens_to("finance.preparer", "finance.approver")
def release(brand_id: int, commission: str) -> ResponseReturnValue:
    """Let a held commission go on."""
    found = queries.one_of_brand(brand_id, commission)
    with unit_of_work():
        commands.release(found.id, by=person().id)
    return reply(then=_page(brand_id, commission), said="Released. It goes on where it stopped.")


def _decide(brand_id: int, public_id: str, act: Any, said: str) -> ResponseReturnValue:
    found, form = queries.one_of_brand(brand_id, public_id), ReasonForm()
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
