"""Doors for the brand: its codes and what each sold. Pausing and replacing: tracking."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.reports import code_queries as queries
from portal.tracking import queries as tracking
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("reports_codes", __name__, url_prefix="/brand/<brand:brand_id>/codes")


@blueprint.get("")
@opens_to("brand.viewer")
def codes(brand_id: int) -> ResponseReturnValue:
    """The brand's codes by view; found by code or name."""
    view, search = request.args.get("view", "active"), request.args.get("q", "").strip()
    view = view if view in queries.VIEWS else "active"
    found = queries.listing(brand_id, view, search, PageRequest(request.args.get("cursor")))
    return reply(
        "reports/brand/codes.html", "reports/brand/_codes.html" if wants_list() else None,
        brand_id=brand_id, listing=found.page, figures=found.figures, earned=found.earned,
        counts=found.counts, view=view, search=search, views=queries.VIEWS,
        zone=identity.brand(brand_id).zone,
    )  # fmt: skip


@blueprint.get("/<code>")
@opens_to("brand.viewer")
def code(brand_id: int, code: str) -> ResponseReturnValue:
    """One code: whose it is, what it sold, its whole history, and what can be done with it."""
    brand = identity.brand(brand_id)
    found = queries.story(tracking.one_of_brand(brand_id, code), clock.now())
    return reply(
        "reports/brand/code.html", brand=brand, story=found,
        use=queries.use_over_time(brand, found.code.id),
        may_change=person().may("brand.manager", brand_id), zone=brand.zone,
    )  # fmt: skip
