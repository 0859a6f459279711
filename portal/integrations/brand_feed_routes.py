"""Doors for a brand's staff: what its shops sent, what became of it, and reading it again."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.integrations import commands, feed_queries
from portal.integrations.models import InboundState
from portal.integrations.redaction import redacted, redacted_headers
from portal.kernel.errors import Conflict
from portal.kernel.pages import PageRequest
from portal.sales import queries as sales
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint(
    "integrations_feed", __name__, url_prefix="/brand/<brand:brand_id>/shops/events"
)


@blueprint.get("")
@opens_to("brand.viewer")
def feed(brand_id: int) -> ResponseReturnValue:
    """Every message, newest first; on its first page it renews itself."""
    asked, shop = request.args.get("status", ""), request.args.get("shop", "")
    state = InboundState(asked) if asked in set(InboundState) else None
    shops = sales.connections_of(brand_id)
    chosen = next((one for one in shops if one.public_id == shop), None)
    cursor = request.args.get("cursor")
    return reply(
        "integrations/brand/feed.html",
        "integrations/brand/_feed.html" if wants_list() else None,
        brand=identity.brand(brand_id),
        listing=feed_queries.listing(
            brand_id, PageRequest(cursor), state, chosen.id if chosen else None
        ),
        shops={one.id: one for one in shops}, chosen=chosen, state=asked if state else "",
        states=list(InboundState), is_live=cursor is None,
    )  # fmt: skip


@blueprint.get("/<event>")
@opens_to("brand.viewer")
def event(brand_id: int, event: str) -> ResponseReturnValue:
    """One message: what became of it, and its body without anybody in it."""
    found = feed_queries.one_of_brand(brand_id, event)
    order = sales.by_id(found.order_id) if found.order_id else None
    shops = {one.id: one for one in sales.connections_of(brand_id)}
    return reply(
        "integrations/brand/event.html", brand=identity.brand(brand_id), event=found,
        body=redacted(found.body) if found.body_forgotten_at is None else "",
        headers=redacted_headers(found.headers), order=order,
        shop=shops.get(found.connection_id or 0),
        may_change=person().may("brand.manager", brand_id),
    )  # fmt: skip


@blueprint.post("/<event>/replay")
@opens_to("brand.manager")
def replay(brand_id: int, event: str) -> ResponseReturnValue:
    """Read it again; what was done already is not done twice."""
    found = feed_queries.one_of_brand(brand_id, event)
    if found.state is InboundState.RECEIVED:
        raise Conflict("This message already waits to be read.")
    with unit_of_work():
        commands.replay(found.id, by=person().id)
    said = "It is read again now. What was done already is not done twice."
    return reply(then=url_for(".event", brand_id=brand_id, event=event), said=said)
