"""Doors for the operator: the dated figures that count for every payer."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.tax import commands
from portal.tax import finance_pages as pages
from portal.tax.forms import RuleForm
from portal.tax.models import FormKind
from portal.web.forms import amount_of
from portal.web.guards import OPERATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("tax_operator", __name__, url_prefix="/operator/tax")
PAGE = "tax/operator/rules.html"


@blueprint.get("")
@opens_to(OPERATOR)
def rules() -> ResponseReturnValue:
    """The figures shipped, and those entered for everybody."""
    return reply(PAGE, **pages.shared_figures(RuleForm(formdata=None)))


@blueprint.post("")
@opens_to(OPERATOR)
def enter_rule() -> ResponseReturnValue:
    """Enter the figures of a form from a day on, for every payer without its own."""
    form = RuleForm().in_currency_of_kind()
    try:
        if form.validate():
            with unit_of_work():
                commands.enter_rule(
                    None, FormKind(form.kind.data), form.from_on.data,
                    amount_of(form.threshold, form.currency_code), pages.rate_bp(form.rate.data),
                    by=person().id, note=form.note.data or "",
                )  # fmt: skip
            return reply(then=url_for(".rules"), said="Entered. It counts for every payer.")
    except InvalidInput as refusal:
        form.refuse(refusal)
    return reply(PAGE, status=422, **pages.shared_figures(form))
