"""Doors for creators: what is owed, and what was paid."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import sign_in
from portal.kernel.pages import PageRequest
from portal.payouts import creator_pages as pages
from portal.payouts import leaving_commands
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("payouts_creator", __name__, url_prefix="/creator/payouts")
DISCONNECT = "payouts/creator/disconnect.html"


@blueprint.get("")
@opens_to(CREATOR)
def payouts() -> ResponseReturnValue:
    """What is owed, and what was paid."""
    shown = pages.payouts(_me(), PageRequest(request.args.get("cursor")))
    return reply("payouts/creator/payouts.html", **shown)


@blueprint.get("/setup/disconnect")
@opens_to(CREATOR)
def disconnect() -> ResponseReturnValue:
    """What disconnecting her account would mean, before she does it."""
    return reply(DISCONNECT, **pages.leaving(_me()))


@blueprint.post("/setup/disconnect")
@opens_to(CREATOR)
def leave() -> ResponseReturnValue:
    """Disconnect the account that her money goes to."""
    elsewhere = sign_in.require_step_up(then=url_for(".disconnect"))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        leaving_commands.leave_account(_me(), by=person().id)
    said = "Disconnected. Nothing is sent there any more; what you earned waits for you."
    return reply(then=url_for("destinations_creator.setup"), said=said)


@blueprint.get("/<payout>")
@opens_to(CREATOR)
def payout(payout: str) -> ResponseReturnValue:
    """One payout."""
    return reply("payouts/creator/payout.html", **pages.payout(_me(), payout))


# ---- inside
def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
