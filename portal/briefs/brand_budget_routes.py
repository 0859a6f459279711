"""Doors for the brand: what a brief may cost."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.briefs import brand_pages as pages
from portal.briefs import budget_commands, queries
from portal.briefs.forms import BudgetForm, amount_in_digits
from portal.briefs.models import Brief
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("briefs_budgets", __name__, url_prefix="/brand/<brand:brand_id>/briefs")


@blueprint.route("/<brief>/budget", methods=["GET", "POST"])
@opens_to("brand.manager")
def budget(brand_id: int, brief: str) -> ResponseReturnValue:
    """Set, raise, lower or lift the budget, at any time."""
    found = queries.one_of_brand(brand_id, brief)
    form = _form(found)
    if not form.validate_on_submit():
        return _show(found, form)
    try:
        with unit_of_work():
            budget_commands.set_budget(found.id, form.limit(), by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _show(found, form)
    return reply(then=pages.url_of(found), said="The budget is saved.")


def _form(found: Brief) -> BudgetForm:
    kept = {"budget": amount_in_digits(found.budget)} if found.budget else {}
    form = BudgetForm(data=kept)
    form.currency_code = found.currency
    return form


def _show(found: Brief, form: BudgetForm) -> ResponseReturnValue:
    status = 422 if form.is_submitted() else 200
    return reply("briefs/brand/budget.html", status=status, form=form, **pages.about(found))
