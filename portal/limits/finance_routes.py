"""Doors for finance: the brand's limits and the codes of its accounts, agreed by two people."""

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.limits import commands, queries
from portal.limits.forms import CodesForm, LimitsForm
from portal.limits.rules import MEANINGS, Limits
from portal.proposals import queries as proposals
from portal.proposals.wording import PUT_FORWARD
from portal.storage.unit_of_work import unit_of_work
from portal.web.formatting import digits
from portal.web.forms import amount_of
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("limits_finance", __name__, url_prefix="/finance/<brand:brand_id>/settings")
FINANCE = ("finance.preparer", "finance.approver")
PAGE = "limits/finance/settings.html"


@blueprint.get("")
@opens_to(*FINANCE)
def settings(brand_id: int) -> ResponseReturnValue:
    """What is in force, what is proposed, and the codes."""
    return reply(PAGE, **_shown(brand_id))


@blueprint.post("/limits")
@opens_to(*FINANCE)
def propose(brand_id: int) -> ResponseReturnValue:
    """Propose other limits."""
    form = LimitsForm()
    form.currency_code = identity.brand(brand_id).currency
    if not form.validate_on_submit():
        return reply(PAGE, status=422, **_shown(brand_id, limits=form))
    try:
        with unit_of_work():
            commands.propose(brand_id, _typed(form), by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(PAGE, status=422, **_shown(brand_id, limits=form))
    return reply(then=_page(brand_id), said=PUT_FORWARD)


@blueprint.post("/codes")
@opens_to(*FINANCE)
def codes(brand_id: int) -> ResponseReturnValue:
    """Propose other general-ledger codes."""
    form = CodesForm()
    if not form.validate_on_submit():
        return reply(PAGE, status=422, **_shown(brand_id, codes=form))
    try:
        with unit_of_work():
            commands.propose_codes(brand_id, form.codes(), by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(PAGE, status=422, **_shown(brand_id, codes=form))
    return reply(then=_page(brand_id), said=PUT_FORWARD)


def _typed(form: LimitsForm) -> Limits:
    above = form.review_above
    return Limits(
        form.clawback_days.data or 0,
        amount_of(form.adjustment_limit, form.currency_code),
        amount_of(above, form.currency_code) if above.data else None,
    )


def _shown(
    brand_id: int, limits: LimitsForm | None = None, codes: CodesForm | None = None
) -> dict[str, Any]:
    brand, held = identity.brand(brand_id), queries.in_force(brand_id)
    history = queries.history_of(brand_id)
    people = [one for row in history for one in (row.proposed_by, row.decided_by)]
    return {
        "brand": brand,
        "brand_id": brand_id,
        "zone": brand.zone,
        "held": held,
        "open_changes": proposals.open_of(brand_id, ["limits", "ledger-codes"]),
        "me": person().id,
        "may_confirm": person().may("finance.approver", brand_id),
        "history": history,
        "people": identity.users([one for one in people if one is not None]),
        "limits": limits or _limits_form(held),
        "codes": codes or _codes_form(brand_id),
        "form": limits or codes or LimitsForm(formdata=None),
        "kinds": {kind: kind.replace("-", "_") for kind in MEANINGS},
    }


def _limits_form(held: Limits) -> LimitsForm:
    above = held.review_above
    return LimitsForm(
        formdata=None, clawback_days=held.clawback_days,
        adjustment_limit=digits(held.adjustment_limit),
        review_above=digits(above) if above is not None else "",
    )  # fmt: skip


def _codes_form(brand_id: int) -> CodesForm:
    own = queries.codes_of(brand_id)
    return CodesForm(formdata=None, **{kind.replace("-", "_"): code for kind, code in own.items()})


def _page(brand_id: int) -> str:
    return url_for(".settings", brand_id=brand_id)
