"""Doors for the creator: her links with what they bring. Making and changing them is tracking's."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from portal.reports import link_queries
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("reports_links", __name__, url_prefix="/creator/links")


@blueprint.get("")
@opens_to(CREATOR)
def links() -> ResponseReturnValue:
    """Every link of hers: its address to copy, clicks, orders, whether it works."""
    return reply(
        "reports/creator/links.html",
        rows=link_queries.of_creator(int(person().creator_id)),  # type: ignore[attr-defined]
        days=link_queries.CLICK_DAYS,
        base_url=current_app.config["PORTAL"].base_url,
    )
