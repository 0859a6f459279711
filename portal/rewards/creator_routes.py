"""Doors for creators: her rewards, her points, and what points buy."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.kernel.errors import Conflict
from portal.kernel.pages import PageRequest
from portal.rewards import commands, creator_pages
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import stripped
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("rewards_creator", __name__, url_prefix="/creator/rewards")
PAGE = "rewards/creator/rewards.html"


@blueprint.get("")
@opens_to(CREATOR)
def rewards() -> ResponseReturnValue:
    """Points, what they buy, and everything she was given, with where it is."""
    page = PageRequest(request.args.get("cursor"))
    return reply(PAGE, **creator_pages.rewards(_me(), page))


@blueprint.post("/redeem/<item>")
@opens_to(CREATOR)
def redeem(item: str) -> ResponseReturnValue:
    """Points for one thing; pressing twice redeems once."""
    found, token = creator_pages.offered(_me(), item), stripped(request.form.get("token", ""))[:40]
    try:
        with unit_of_work():
            commands.redeem(
                found.id, _me(), source=f"redeem:{_me()}:{token}", by=person().id
            )  # fmt: skip
    except Conflict as refusal:
        shown = creator_pages.rewards(_me(), PageRequest(None))
        return reply(PAGE, status=409, **shown | {"refusal": refusal.message})
    return reply(then=url_for(".rewards"), said=f"{found.name} is yours. The brand sends it.")


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
