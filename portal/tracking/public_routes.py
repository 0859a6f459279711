"""GET /go/<slug>: the door every shopper comes through."""

from datetime import datetime

from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.identity import queries as identity
from portal.kernel import clock
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands, queries, redirect
from portal.tracking.models import AffiliateLink, LinkStatus
from portal.tracking.redirect import Answer, LinkFacts, Visit
from portal.web.guards import PUBLIC, opens_to

blueprint = Blueprint("tracking_public", __name__)


@blueprint.get("/go/<slug>")
@opens_to(PUBLIC)
def go(slug: str) -> ResponseReturnValue:
    """Record the click durably, then send the visitor on (one short unit of work per click)."""
    link, visit, now = queries.link_by_slug(slug), _visit(), clock.now()
    click_id = commands.new_click_id(now)
    answer = redirect.answer_for(_facts(link), visit, click_id)
    if answer.location is None or link is None:
        return make_response(render_template("tracking/public/not_active.html"), 404)
    if answer.records:
        with unit_of_work():
            commands.record_click(
                link.id, now, click_id=click_id, previous_id=visit.previous_click,
                visitor=_visitor(now), referrer_host=redirect.host_of(request.referrer or ""),
                params=dict(redirect.carried_of(visit.query)),
            )  # fmt: skip
    return _send(answer, click_id)


def _visit() -> Visit:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.query_string.decode("utf-8", "replace")
    return Visit(request.method, query, headers, request.cookies)


def _visitor(now: datetime) -> str:
    key = current_app.config["SECRET_KEY"]
    return redirect.visitor_of(key, now, request.remote_addr or "", request.user_agent.string)


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


def _send(answer: Answer, click_id: int) -> ResponseReturnValue:
    response = make_response("", answer.status)
    response.headers["Location"] = answer.location or ""
    response.headers.update(redirect.HEADERS)
    if answer.sets_cookie:
        response.set_cookie(
            redirect.COOKIE, str(click_id), max_age=redirect.COOKIE_DAYS * 86400, httponly=True,
            samesite="Lax", secure=current_app.config["PORTAL"].is_https, path="/",
        )  # fmt: skip
    return response
