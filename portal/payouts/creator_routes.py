"""Doors for creators: what is owed, and what was paid."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.kernel.pages import PageRequest
from portal.payouts import creator_pages as pages
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("payouts_creator", __name__, url_prefix="/creator/payouts")


@blueprint.get("")
@opens_to(CREATOR)
def payouts() -> ResponseReturnValue:
    """What is owed, and what was paid."""
    shown = pages.payouts(_me(), PageRequest(request.args.get("cursor")))
    return reply("payouts/creator/payouts.html", **shown)


@blueprint.get("/<payout>")
@opens_to(CREATOR)
def payout(payout: str) -> ResponseReturnValue:
    """One payout."""
    return reply("payouts/creator/payout.html", **pages.payout(_me(), payout))


# ---- inside
def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
