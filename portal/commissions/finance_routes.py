"""Doors for finance: every commission of a brand, how it came about, and what may be done to it."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.commissions import commands, finance_pages, queries
from portal.commissions.forms import ReasonForm
from portal.identity import queries as identity
from portal.kernel.errors import PortalError
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint(
    "commissions_finance", __name__, url_prefix="/finance/<brand:brand_id>/commissions"
)
DETAIL = "commissions/finance/commission.html"


@blueprint.get("")
@opens_to("finance.preparer", "finance.approver")
def commissions(brand_id: int) -> ResponseReturnValue:
    """The brand's commissions by state, newest first; found by creator or order number."""
    view, search = request.args.get("view", ""), request.args.get("q", "")
    found = queries.listing(brand_id, PageRequest(request.args.get("cursor")), view, search)
    part = "commissions/finance/_commissions.html" if wants_list() else None
    return reply(
        "commissions/finance/commissions.html", part, brand_id=brand_id, listing=found, view=view,
        search=search, counts=queries.view_counts(brand_id), zone=identity.brand(brand_id).zone,
    )  # fmt: skip


@blueprint.get("/<commission>")
@opens_to("finance.preparer", "finance.approver")
def commission(brand_id: int, commission: str) -> ResponseReturnValue:
    """One commission: the sum, the trace, its journals and its history."""
    found = queries.one_of_brand(brand_id, commission)
    return reply(DETAIL, **finance_pages.detail(found), form=ReasonForm())


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
        return reply(DETAIL, status=422, **finance_pages.detail(found), form=form)
    try:
        with unit_of_work():
            act(found.id, form.reason.data, by=person().id)
    except PortalError as refusal:
        form.form_errors.append(refusal.message)
        return reply(DETAIL, status=409, **finance_pages.detail(found), form=form)
    return reply(then=_page(brand_id, public_id), said=said)


def _page(brand_id: int, public_id: str) -> str:
    return url_for(".commission", brand_id=brand_id, commission=public_id)
