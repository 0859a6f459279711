"""Doors for the creator: her codes and links, and what they bring. Tracking changes them."""

from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from portal.creators import queries as creators
from portal.kernel.errors import NotFound
from portal.kernel.pages import PageRequest
from portal.reports import brand_pages, link_pages
from portal.reports import link_queries as queries
from portal.tracking import creator_pages
from portal.tracking import queries as tracking
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
    page, zone = PageRequest(request.args.get("cursor")), creators.creator(me).zone
    return reply(
        "reports/creator/links.html",
        "reports/creator/_links.html" if wants_list() else None,
        listing=queries.links_of(members, page, zone, chosen["program"], chosen["status"]),
        codes=queries.codes_of(members), wishes=queries.wishes_of(members),
        members=members.values(), chosen=chosen,
        states=queries.STATES, days=queries.CLICK_DAYS, zone=zone,
        base_url=current_app.config["PORTAL"].base_url, undo=_undo(me, request.args.get("undo")),
    )  # fmt: skip


@blueprint.get("/<link>")
@opens_to(CREATOR)
def link(link: str) -> ResponseReturnValue:
    """One link: what it brought, its QR code, and what can be done with it."""
    me = int(person().creator_id)  # type: ignore[attr-defined]
    found = tracking.link_of_creator(me, link)
    joined = queries.members_of(me).get(found.ambassador_id)
    if joined is None:  # the membership is over, and her links with it
        raise NotFound()
    story = queries.story(found, joined, creators.creator(me).zone)
    return reply(
        "reports/creator/link.html", story=story, joined=joined, days=queries.CLICK_DAYS,
        base_url=current_app.config["PORTAL"].base_url,
        ticks=link_pages.count_ticks(story.points), labels=brand_pages.labels(story.span),
        finding=link_pages.best_day(story.points, story.span),
        **creator_pages.detail(found, joined.ambassador),
    )  # fmt: skip


def _undo(me: int, public_id: str | None) -> dict[str, Any] | None:
    """The link whose pause or retirement was just done, while it can be undone."""
    if not public_id:
        return None
    found = tracking.link_of_creator(me, public_id)
    seconds = queries.undo_seconds(found)
    return {"link": found, "seconds": seconds} if seconds else None
