"""GET /go/<slug>: the door every shopper comes through, when the fast path lets it pass."""

from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.identity import queries as identity
from portal.programs import queries as programs
from portal.tracking import commands, queries, redirect
from portal.tracking.fast_path import PREFIX, Clicks
from portal.tracking.models import AffiliateLink, LinkStatus
from portal.tracking.redirect import LinkFacts
from portal.web.guards import PUBLIC, opens_to

blueprint = Blueprint("tracking_public", __name__)


@blueprint.get("/go/<slug>")
@opens_to(PUBLIC)
def go(slug: str) -> ResponseReturnValue:
    """Write the click to the spool, then send the visitor on; the next one needs no Flask."""
    clicks: Clicks = current_app.extensions["portal.clicks"]
    version = clicks.memory.version()
    route = redirect.route_of(_facts(queries.link_by_slug(slug)))
    if route is None:
        return make_response(render_template("tracking/public/not_active.html"), 404)
    if request.environ["PATH_INFO"] == PREFIX + slug:
        clicks.memory.put(PREFIX + slug, route, version)
    response = make_response("", 302)
    response.headers.extend(clicks.headers_for(route, request.environ))
    return response


def _facts(link: AffiliateLink | None) -> LinkFacts | None:
    if link is None:
        return None
    ambassador = ambassadors.ambassador(link.ambassador_id)
    status = link.status
    if status is LinkStatus.ACTIVE and not ambassador.is_active:
        status = LinkStatus.PAUSED  # the membership rests, so its links do
    program = programs.program(ambassador.program_id)
    return LinkFacts(
        link_id=link.id, status=status, destination_url=link.destination_url,
        allowed_hosts=commands.hosts_of(identity.brand(link.brand_id)),
        utm=tuple(link.utm.items()),
        fallback=f"/p/{program.slug}?note=link-paused",
    )  # fmt: skip
