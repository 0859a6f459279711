"""Doors for the brand: its bonuses, a new one with its sentence and example, and stopping one."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.bonuses import commands, queries, wording
from portal.bonuses.forms import BonusForm
from portal.bonuses.rules import Goal
from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.programs import queries as programs
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import SelectChoice
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("bonuses_brand", __name__, url_prefix="/brand/<brand:brand_id>/bonuses")
NEW = "bonuses/brand/new.html"


@blueprint.get("")
@opens_to("brand.viewer")
def bonuses(brand_id: int) -> ResponseReturnValue:
    """Every bonus as its sentence, with how many reached it and what that came to."""
    rows = [
        (row, wording.sentence(queries.goal_of(row.bonus))) for row in queries.of_brand(brand_id)
    ]
    return reply(
        "bonuses/brand/bonuses.html", brand_id=brand_id, rows=rows,
        zone=identity.brand(brand_id).zone, may_edit=person().may("brand.owner", brand_id),
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@opens_to("brand.owner")
def new(brand_id: int) -> ResponseReturnValue:
    """Write a bonus, read its sentence and example, then promise it."""
    form = _form(brand_id)
    goal = _goal(form) if form.is_submitted() else None
    if goal is None or request.form.get("do") != "promise":
        told = wording.example(goal) if goal else []
        return reply(
            NEW, status=422 if form.errors else 200, brand_id=brand_id, form=form, example=told,
            sentence=wording.sentence(goal) if goal else "",
        )  # fmt: skip
    program = programs.one_of_brand(brand_id, form.program.data)
    with unit_of_work():
        commands.set_up(program.id, goal, by=person().id)
    return reply(then=url_for(".bonuses", brand_id=brand_id), said="The bonus is promised.")


@blueprint.post("/<bonus>/stop")
@opens_to("brand.owner")
def stop(brand_id: int, bonus: str) -> ResponseReturnValue:
    """Let sales made from now on count no more."""
    found = queries.one_of_brand(brand_id, bonus)
    with unit_of_work():
        commands.stop(found.id, by=person().id)
    said = "Stopped. Sales made until now still count once they are approved."
    return reply(then=url_for(".bonuses", brand_id=brand_id), said=said)


def _form(brand_id: int) -> BonusForm:
    form = BonusForm()
    form.currency_code = identity.brand(brand_id).currency
    offered = programs.programs_of(brand_id)
    form.program.choices = [SelectChoice(one.public_id, one.name) for one in offered]
    return form


def _goal(form: BonusForm) -> Goal | None:
    if not form.validate_on_submit():
        return None
    try:
        return form.goal()
    except InvalidInput as refusal:
        form.refuse(refusal)
        return None
