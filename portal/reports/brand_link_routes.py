"""Doors for the brand: its links, what they brought, whether their pages answer."""

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.pages import PageRequest
from portal.reports import brand_link_queries as queries
from portal.reports import brand_pages, link_pages
from portal.tracking import health_queries
from portal.tracking import queries as tracking
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("reports_brand_links", __name__, url_prefix="/brand/<brand:brand_id>/links")


@blueprint.get("")
@opens_to("brand.viewer")
def links(brand_id: int) -> ResponseReturnValue:
    """The brand's links by view; found by name, address or person."""
    view, search = request.args.get("view", "active"), request.args.get("q", "").strip()
    view = view if view in queries.VIEWS else "active"
    page, zone = PageRequest(request.args.get("cursor")), identity.brand(brand_id).zone
    return reply(
        "reports/brand/links.html", "reports/brand/_links.html" if wants_list() else None,
        brand_id=brand_id, listing=queries.listing(brand_id, view, search, page, zone), view=view,
        search=search, views=queries.VIEWS, broken=health_queries.broken_count(brand_id),
        zone=zone, days=queries.CLICK_DAYS, enough=queries.ENOUGH_CLICKS,
        may_edit=person().may("brand.manager", brand_id),
    )  # fmt: skip


@blueprint.get("/<link>")
@opens_to("brand.viewer")
def link(brand_id: int, link: str) -> ResponseReturnValue:
    """One link: whose it is, where it leads and whether that answers, what it brought."""
    brand = identity.brand(brand_id)
    story = queries.story(tracking.link_of_brand(brand_id, link), brand.zone)
    return reply(
        "reports/brand/link.html", brand=brand, story=story, zone=brand.zone,
        days=queries.CLICK_DAYS, base_url=current_app.config["PORTAL"].base_url,
        ticks=link_pages.count_ticks(story.points), labels=brand_pages.labels(story.span),
        finding=link_pages.best_day(story.points, story.span),
        may_change=person().may("brand.manager", brand_id),
    )  # fmt: skip
