"""Doors for the brand: what recruiting pays in a program, with its sentences and an example."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.programs import queries as programs
from portal.programs.models import Program
from portal.referrals import commands, queries, wording
from portal.referrals.forms import PlanForm
from portal.referrals.rules import Plan
from portal.storage.unit_of_work import unit_of_work
from portal.web.formatting import digits
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("referrals_brand", __name__, url_prefix="/brand/<brand:brand_id>/recruiting")
PAGE = "referrals/brand/recruiting.html"


@blueprint.get("")
@opens_to("brand.viewer")
def recruiting(brand_id: int) -> ResponseReturnValue:
    """What recruiting pays, what it brought, and every version."""
    found = programs.programs_of(brand_id)
    asked = request.args.get("program")
    program = programs.one_of_brand(brand_id, asked) if asked else (found[0] if found else None)
    return reply(PAGE, **_shown(brand_id, program))


@blueprint.post("/<program>")
@opens_to("brand.owner")
def publish(brand_id: int, program: str) -> ResponseReturnValue:
    """Read it as sentences, or publish the next version."""
    found, form = programs.one_of_brand(brand_id, program), PlanForm()
    form.currency_code = identity.brand(brand_id).currency
    if not form.validate_on_submit():
        return reply(PAGE, status=422, **_shown(brand_id, found, form))
    plan = form.plan()
    if request.form.get("do") != "publish":
        return reply(PAGE, **_shown(brand_id, found, form, plan))
    try:
        with unit_of_work():
            commands.publish(found.id, plan, by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(PAGE, status=422, **_shown(brand_id, found, form))
    then = url_for(".recruiting", brand_id=brand_id, program=program)
    return reply(then=then, said="Published. It counts for orders bought from its date on.")


def _shown(
    brand_id: int, program: Program | None, form: PlanForm | None = None, plan: Plan | None = None
) -> dict[str, Any]:
    brand = identity.brand(brand_id)
    versions = queries.versions_of([program.id]).get(program.id, []) if program else []
    held = queries.in_force(versions, clock.now())
    read = plan or (queries.plan_of(held) if held else None)
    recruits, costs = queries.totals_of(program.id) if program else (0, [])
    return {
        "brand": brand, "program": program, "programs": programs.programs_of(brand_id),
        "form": form or _filled(queries.plan_of(held) if held else None),
        "versions": [(one, wording.promises(queries.plan_of(one))) for one in versions],
        "held": held, "now": clock.now(), "is_tried": plan is not None,
        "sentences": wording.promises(read) if read else [],
        "example": wording.example(read) if read else [],
        "recruits": recruits, "costs": costs,
        "may_edit": person().may("brand.owner", brand_id),
    }  # fmt: skip


def _filled(plan: Plan | None) -> PlanForm:
    if plan is None:
        return PlanForm(formdata=None)
    levels = (*plan.levels, 0, 0)
    return PlanForm(
        formdata=None, basis=plan.basis.value, hold_days=plan.hold_days,
        first_sale=digits(plan.first_sale) if plan.first_sale else "",
        first=Decimal(levels[0]) / 100, second=Decimal(levels[1]) / 100,
    )  # fmt: skip
