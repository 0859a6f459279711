"""Doors for creators: her invitation in each program, whom she brought, and what that earns her."""

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.creators import queries as creators
from portal.kernel.pages import PageRequest
from portal.programs import queries as programs
from portal.referrals import commands, queries, wording
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("referrals_creator", __name__, url_prefix="/creator/recruits")


@blueprint.get("")
@opens_to(CREATOR)
def recruits() -> ResponseReturnValue:
    """Her recruits by program: their names and her own figures, nothing of theirs."""
    mine = [_program(one) for one in ambassadors.of_creator(_me())]
    shown = [one for one in mine if one["sentences"] or one["listed"].total]
    return reply(
        "referrals/creator/recruits.html", programs=shown, zone=creators.creator(_me()).zone
    )


@blueprint.post("/<membership>/invite")
@opens_to(CREATOR)
def invite(membership: str) -> ResponseReturnValue:
    """Make her link."""
    member = ambassadors.one_of_creator(_me(), membership)
    with unit_of_work():
        commands.invite(member.id)
    return reply(then=url_for(".recruits"), said="Your invitation is ready to share.")


def _program(member: Ambassador) -> dict[str, Any]:
    plan = queries.plan_now(member.program_id)
    is_open = member.is_active and plan is not None and plan.pays
    made = queries.invite_of(member.id) if is_open else None
    asked = request.args.get("cursor") if request.args.get("of") == member.public_id else None
    listed = queries.recruits_of(member.id, PageRequest(asked))
    base = current_app.config["PORTAL"].base_url.rstrip("/")
    return {
        "name": programs.program(member.program_id).name, "membership": member.public_id,
        "sentences": wording.promises(plan) if is_open and plan else [], "invite": made,
        "link": base + url_for("referrals_public.invitation", code=made.code) if made else "",
        "listed": listed, "further": queries.further(member.id),
    }  # fmt: skip


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
