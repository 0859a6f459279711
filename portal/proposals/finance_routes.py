"""Doors for finance: the changes of policy that wait, and what was decided."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel.pages import PageRequest
from portal.proposals import commands, queries, rules
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("proposals_finance", __name__, url_prefix="/finance/<brand:brand_id>/changes")
FINANCE = ("finance.preparer", "finance.approver")


@blueprint.get("")
@opens_to(*FINANCE)
def changes(brand_id: int) -> ResponseReturnValue:
    """What waits for a second person, and what was decided, newest first."""
    found = queries.decided(brand_id, PageRequest(request.args.get("cursor")))
    part = "proposals/finance/_decided.html" if wants_list() else None
    return reply(
        "proposals/finance/changes.html", part, brand_id=brand_id, listing=found,
        open_changes=queries.open_of(brand_id), people=queries.names_of(found.rows),
        titles=rules.KINDS, words=rules.STATES, zone=identity.brand(brand_id).zone,
        me=person().id, may_confirm=person().may("finance.approver", brand_id),
    )  # fmt: skip


@blueprint.post("/<change>/confirm")
@opens_to("finance.approver")
def confirm(brand_id: int, change: str) -> ResponseReturnValue:
    """Confirm what somebody else put forward, after a fresh proof of identity."""
    found = queries.one_of_brand(brand_id, change)
    elsewhere = sign_in.require_step_up(then=url_for(".changes", brand_id=brand_id))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.confirm(found.id, by=person().id)
    return reply(then=_page(brand_id), said="Confirmed. It holds from now on.")


@blueprint.post("/<change>/withdraw")
@opens_to(*FINANCE)
def withdraw(brand_id: int, change: str) -> ResponseReturnValue:
    """Take a change off the table."""
    found = queries.one_of_brand(brand_id, change)
    with unit_of_work():
        commands.withdraw(found.id, by=person().id)
    return reply(then=_page(brand_id), said="Withdrawn. What was in force stays in force.")


def _page(brand_id: int) -> str:
    return url_for(".changes", brand_id=brand_id)
