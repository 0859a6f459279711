"""Doors for finance: decisions above the brand's limit, and the journals of those made."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.appeals import decision_commands, queries, staff_pages
from portal.appeals.creator_pages import KINDS
from portal.appeals.forms import RefusalForm
from portal.appeals.models import Appeal
from portal.attribution import wording
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("appeals_finance", __name__, url_prefix="/finance/<brand:brand_id>/appeals")
VIEWS = {"finance": "To agree to", "closed": "Closed"}


@blueprint.get("")
@opens_to("finance.preparer", "finance.approver")
def appeals(brand_id: int) -> ResponseReturnValue:
    """What waits for finance, and what was decided."""
    view = request.args.get("view", "finance")
    view = view if view in VIEWS else "finance"
    found = queries.queue(brand_id, PageRequest(request.args.get("cursor")), view)
    return reply(
        "appeals/finance/appeals.html", brand_id=brand_id, view=view, views=VIEWS, kinds=KINDS,
        listing=found, counts=queries.view_counts(brand_id), zone=identity.brand(brand_id).zone,
        policy=queries.policy_of(brand_id), now=clock.now(),
    )  # fmt: skip


@blueprint.get("/<appeal>")
@opens_to("finance.preparer", "finance.approver")
def appeal(brand_id: int, appeal: str) -> ResponseReturnValue:
    """What was put forward, the trace, and the journal once it is made."""
    return _show(queries.one_of_brand(brand_id, appeal), RefusalForm(formdata=None))


@blueprint.post("/<appeal>/agree")
@opens_to("finance.approver")
def agree(brand_id: int, appeal: str) -> ResponseReturnValue:
    """Agree: the money moves now."""
    found = queries.one_of_brand(brand_id, appeal)
    with unit_of_work():
        decision_commands.agree(found.id, by=person().id)
    return reply(then=_page(found), said="Agreed. The journal stands below.")


@blueprint.post("/<appeal>/refuse")
@opens_to("finance.approver")
def refuse(brand_id: int, appeal: str) -> ResponseReturnValue:
    """Do not agree: the appeal is rejected, with a reason the creator reads."""
    found, form = queries.one_of_brand(brand_id, appeal), RefusalForm()
    if not form.validate_on_submit():
        return _show(found, form)
    try:
        with unit_of_work():
            decision_commands.refuse(found.id, form.answer.data or "", by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _show(found, form)
    return reply(then=_page(found), said="Rejected. The creator reads why.")


def _show(found: Appeal, form: RefusalForm) -> ResponseReturnValue:
    return reply(
        "appeals/finance/appeal.html", status=422 if form.is_submitted() and form.errors else 200,
        **staff_pages.detail(found, wording.FINANCE), form=form,
        proposer=identity.user(found.proposed_by).name if found.proposed_by else "",
        may_agree=person().may("finance.approver", found.brand_id)
        and person().id not in (found.proposed_by, found.first_decided_by),
    )  # fmt: skip


def _page(found: Appeal) -> str:
    return url_for(".appeal", brand_id=found.brand_id, appeal=found.public_id)
