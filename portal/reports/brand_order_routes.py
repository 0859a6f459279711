"""Doors for the brand: orders, and for each the answer to "who got the credit, and why"."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.attribution import wording
from portal.decisions import rules as decisions
from portal.identity import queries as identity
from portal.kernel.pages import PageRequest
from portal.reports import order_queries as queries
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("reports_orders", __name__, url_prefix="/brand/<brand:brand_id>/orders")


@blueprint.get("")
@opens_to("brand.viewer")
def orders(brand_id: int) -> ResponseReturnValue:
    """The brand's orders by view, newest first; found by number or code."""
    view, search = request.args.get("view", "all"), request.args.get("q", "")
    view = view if view in queries.VIEWS else "all"
    found = queries.listing(brand_id, view, search, PageRequest(request.args.get("cursor")))
    part = "reports/brand/_orders.html" if wants_list() else None
    return reply(
        "reports/brand/orders.html", part, brand_id=brand_id, listing=found, view=view,
        search=search, views=queries.VIEWS, counts=queries.counts(brand_id),
        zone=identity.brand(brand_id).zone, headlines=wording.HEADLINES,
        may_set=person().may("brand.owner", brand_id),
        may_decide=person().may("brand.manager", brand_id),
    )  # fmt: skip


@blueprint.get("/<order>")
@opens_to("brand.viewer")
def order(brand_id: int, order: str) -> ResponseReturnValue:
    """One order: lines, refunds, the decision with its trace, and the commission."""
    zone = identity.brand(brand_id).zone
    story = queries.story(brand_id, order, zone)
    decision = story.row.attribution
    can_decide = decision is not None and decision.outcome in decisions.DECIDABLE
    is_manager = person().may("brand.manager", brand_id)
    return reply("reports/brand/order.html", brand_id=brand_id, story=story, zone=zone,
                 may_decide=can_decide and is_manager, is_manager=is_manager)  # fmt: skip
