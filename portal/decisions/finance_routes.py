"""Doors for finance: orders credited above the brand's limit."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.decisions import commands, queries, staff_pages
from portal.decisions.forms import RefusalForm
from portal.decisions.models import Proposal
from portal.identity import queries as identity
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("decisions_finance", __name__, url_prefix="/finance/<brand:brand_id>/orders")


@blueprint.get("")
@opens_to("finance.preparer", "finance.approver")
def orders(brand_id: int) -> ResponseReturnValue:
    """What waits for finance, oldest first."""
    return reply(
        "decisions/finance/orders.html", brand_id=brand_id,
        rows=queries.waiting_for_finance(brand_id), zone=identity.brand(brand_id).zone,
        limit=queries.finance_limit(brand_id),
    )  # fmt: skip


@blueprint.get("/<proposal>")
@opens_to("finance.preparer", "finance.approver")
def order(brand_id: int, proposal: str) -> ResponseReturnValue:
    """One order with its trace, who put it forward, and why."""
    return _show(queries.one_of_brand(brand_id, proposal), RefusalForm(formdata=None))


@blueprint.post("/<proposal>/agree")
@opens_to("finance.approver")
def agree(brand_id: int, proposal: str) -> ResponseReturnValue:
    """Agree: it is credited now."""
    found = queries.one_of_brand(brand_id, proposal)
    with unit_of_work():
        commands.agree(found.id, by=person().id)
    return reply(then=url_for(".orders", brand_id=brand_id), said="Agreed. It is credited.")


@blueprint.post("/<proposal>/refuse")
@opens_to("finance.approver")
def refuse(brand_id: int, proposal: str) -> ResponseReturnValue:
    """Do not agree: the order waits for the brand again."""
    found, form = queries.one_of_brand(brand_id, proposal), RefusalForm()
    if not form.validate_on_submit():
        return _show(found, form)
    with unit_of_work():
        commands.refuse(found.id, form.answer.data or "", by=person().id)
    return reply(then=url_for(".orders", brand_id=brand_id), said="Refused. The brand reads why.")


def _show(found: Proposal, form: RefusalForm) -> ResponseReturnValue:
    may = person().may("finance.approver", found.brand_id) and person().id != found.by_id
    return reply(
        "decisions/finance/order.html", status=422 if form.errors else 200, form=form,
        may_agree=may and found.is_waiting, **staff_pages.put_forward(found),
    )  # fmt: skip
