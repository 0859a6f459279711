"""Doors for creators: why was this order not credited? (UX 2.4)"""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.attribution import answers
from portal.attribution import commands as attribution
from portal.attribution import queries as decisions
from portal.commissions import sale_check_form, sale_check_queries
from portal.commissions.sale_check_form import SaleCheckForm
from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel.errors import Conflict
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import SelectChoice
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("commissions_creator", __name__, url_prefix="/creator/sale-check")
PAGE, ANSWER = "commissions/creator/sale_check.html", "commissions/creator/sale_answer.html"


@blueprint.get("")
@opens_to(CREATOR)
def sale_check() -> ResponseReturnValue:
    """The question, earlier ones, and the sales she had a part in."""
    return reply(PAGE, **_shown(_form(formdata=None)))


@blueprint.post("")
@opens_to(CREATOR)
def check() -> ResponseReturnValue:
    """Look one order up; ten a day in each program."""
    form = _form()
    if not form.validate_on_submit():
        return reply(PAGE, status=422, **_shown(form))
    member = ambassadors.one_of_creator(_me(), form.program.data)
    asked = form.asked()
    found = sale_check_queries.answer(member, asked)
    try:
        with unit_of_work():
            kept = attribution.note_check(
                member.id, sale_check_form.kept(asked), found.code, found.order_id
            )
            public_id = kept.public_id
    except Conflict as refusal:
        form.form_errors.append(refusal.message)
        return reply(PAGE, status=429, **_shown(form))
    return reply(then=url_for(".answer", check=public_id))


@blueprint.get("/<check>")
@opens_to(CREATOR)
def answer(check: str) -> ResponseReturnValue:
    """What she is told, as things stand now."""
    members = {one.id: one for one in _members()}
    kept = decisions.check_of_ambassadors(sorted(members), check)
    member, asked = members[kept.ambassador_id], sale_check_form.read(kept.asked)
    found = sale_check_queries.answer_again(member, kept, asked)
    program = programs.program(member.program_id)
    zone = identity.brand(member.brand_id).zone
    return reply(ANSWER, answer=found, asked=asked, program=program, member=member, zone=zone)


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]


def _members() -> list[Ambassador]:
    return list(ambassadors.of_creator(_me()))


def _form(**options: Any) -> SaleCheckForm:
    """The form with her programs; amounts are in the chosen program's currency."""
    form, members = SaleCheckForm(**options), _members()
    named = programs.programs_by_id([one.program_id for one in members])
    form.program.choices = [
        SelectChoice(one.public_id, named[one.program_id].name) for one in members
    ]
    chosen = next((one for one in members if one.public_id == request.form.get("program")), None)
    if chosen is not None:
        form.currency_code = identity.brand(chosen.brand_id).currency
    return form


def _shown(form: SaleCheckForm) -> dict[str, Any]:
    ids = [one.id for one in _members()]
    return {
        "form": form,
        "members": len(ids),
        "checks": decisions.checks_of(ids),
        "parts": decisions.assists_of_ambassadors(ids),
        "zone": creators.creator(_me()).zone,
        "words": {code: said.headline for code, said in answers.WORDS.items()},
    }
