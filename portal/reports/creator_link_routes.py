"""Doors for the creator: her codes and links, and what they bring. Tracking changes them."""

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from portal.creators import queries as creators
from portal.kernel.pages import PageRequest
from portal.reports import link_queries as queries
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("reports_links", __name__, url_prefix="/creator/links")


@blueprint.get("")
@opens_to(CREATOR)
def links() -> ResponseReturnValue:
    """Every code and link of hers: to copy, with clicks, orders and earnings."""
    me = int(person().creator_id)  # type: ignore[attr-defined]
    members = queries.members_of(me)
    chosen = {"program": request.args.get("program", ""), "status": request.args.get("status", "")}
    page = PageRequest(request.args.get("cursor"))
    return reply(
        "reports/creator/links.html",
        "reports/creator/_links.html" if wants_list() else None,
        listing=queries.links_of(members, page, chosen["program"], chosen["status"]),
        codes=queries.codes_of(members), members=members.values(), chosen=chosen,
        states=queries.STATES, days=queries.CLICK_DAYS, zone=creators.creator(me).zone,
        base_url=current_app.config["PORTAL"].base_url,
    )  # fmt: skip
