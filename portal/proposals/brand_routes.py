"""Doors for owners: the changes of money policy that wait. They may stop one, and confirm none."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.pages import PageRequest
from portal.proposals import commands, queries, rules
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("proposals_brand", __name__, url_prefix="/brand/<brand:brand_id>/changes")


@blueprint.get("")
@opens_to("brand.owner")
def changes(brand_id: int) -> ResponseReturnValue:
    """What finance has put forward, with when it takes effect, and what was decided."""
    found = queries.decided(brand_id, PageRequest(request.args.get("cursor")))
    return reply(
        "proposals/brand/changes.html", brand_id=brand_id, listing=found,
        open_changes=queries.open_of(brand_id), people=queries.names_of(found.rows),
        titles=rules.KINDS, words=rules.STATES, zone=identity.brand(brand_id).zone,
    )  # fmt: skip


@blueprint.post("/<change>/withdraw")
@opens_to("brand.owner")
def withdraw(brand_id: int, change: str) -> ResponseReturnValue:
    """Stop a change before it takes effect."""
    found = queries.one_of_brand(brand_id, change)
    with unit_of_work():
        commands.withdraw(found.id, by=person().id)
    then = url_for(".changes", brand_id=brand_id)
    return reply(then=then, said="Withdrawn. What was in force stays in force.")
