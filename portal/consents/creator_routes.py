"""Doors for creators: terms and tiers that take something from her, to accept or to decline."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.consents import commands, creator_pages
from portal.consents.models import Answer
from portal.kernel.errors import Conflict
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "consents_creator", __name__,
    url_prefix="/creator/programs/<program>/<any(terms, tiers):subject>/<int:version>",
)  # fmt: skip
PAGE = "consents/creator/proposal.html"
ANSWERS = {"accept": Answer.ACCEPTED, "decline": Answer.DECLINED}
SAID = {
    Answer.ACCEPTED: "You accepted the new {}.",
    Answer.DECLINED: "You declined. Your present {} stay in force for you.",
}


@blueprint.get("")
@opens_to(CREATOR)
def proposal(program: str, subject: str, version: int) -> ResponseReturnValue:
    """What would change for her, from when, and what an answer or none would mean."""
    return reply(PAGE, **creator_pages.proposal(_me(), program, subject, version))


@blueprint.post("")
@opens_to(CREATOR)
def answer(program: str, subject: str, version: int) -> ResponseReturnValue:
    """Accept or decline; until it starts she may change her mind."""
    shown = creator_pages.proposal(_me(), program, subject, version)
    said = ANSWERS.get(request.form.get("answer", ""))
    if said is None:
        return reply(PAGE, status=422, **shown | {"refusal": "Accept or decline: choose one."})
    try:
        with unit_of_work():
            commands.answer(
                shown["member"].id, shown["version"].id, said, by=person().id,
                ip=request.remote_addr or "", subject=shown["subject"],
            )  # fmt: skip
    except Conflict as refusal:
        return reply(PAGE, status=409, **shown | {"refusal": refusal.message})
    then = url_for(".proposal", program=program, subject=subject, version=version)
    return reply(then=then, said=SAID[said].format(subject))


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
