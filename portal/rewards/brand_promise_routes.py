"""Doors for the brand: what its programs give by themselves."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput, PortalError
from portal.programs import queries as programs
from portal.rewards import promise_commands, promise_queries, queries, wording
from portal.rewards.forms import PromiseForm
from portal.rewards.models import Occasion
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import SelectChoice
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "rewards_promises", __name__, url_prefix="/brand/<brand:brand_id>/rewards/promises"
)
PAGE = "rewards/brand/promises.html"


@blueprint.route("", methods=["GET", "POST"])
@opens_to("brand.manager")
def promises(brand_id: int) -> ResponseReturnValue:
    """What programs give to whoever joins or reaches a goal; one more."""
    form = _form(brand_id)
    if not form.validate_on_submit():
        return _show(brand_id, form)
    try:
        with unit_of_work():
            _promise(brand_id, form)
    except PortalError as refusal:
        at = refusal.field if isinstance(refusal, InvalidInput) else ""
        form.refuse(InvalidInput(at, refusal.message))
        return _show(brand_id, form)
    return reply(then=url_for(".promises", brand_id=brand_id), said="Promised from now on.")


@blueprint.post("/<promise>/stop")
@opens_to("brand.manager")
def stop(brand_id: int, promise: str) -> ResponseReturnValue:
    """Give it no more to whoever joins or sells from now on."""
    found = promise_queries.one_of_brand(brand_id, promise)
    with unit_of_work():
        promise_commands.stop(found.id, by=person().id)
    return reply(then=url_for(".promises", brand_id=brand_id), said=wording.stopped(found))


def _form(brand_id: int) -> PromiseForm:
    form = PromiseForm() if request.method == "POST" else PromiseForm(formdata=None)
    form.currency_code = identity.brand(brand_id).currency
    active = [one for one in queries.items_of(brand_id) if one.is_active]
    form.item.choices = [SelectChoice(one.public_id, wording.named(one)) for one in active]
    offered = programs.programs_of(brand_id)
    form.program.choices = [SelectChoice(one.public_id, one.name) for one in offered]
    return form


def _promise(brand_id: int, form: PromiseForm) -> None:
    program = programs.one_of_brand(brand_id, form.program.data)
    item = queries.item_of_brand(brand_id, form.item.data)
    promise_commands.promise(
        program.id, item.id, form.quantity.data or 0, Occasion(form.occasion.data), form.goal(),
        by=person().id,
    )  # fmt: skip


def _show(brand_id: int, form: PromiseForm) -> ResponseReturnValue:
    about: dict[str, Any] = {
        "brand": identity.brand(brand_id), "form": form, "wording": wording,
        "rows": promise_queries.of_brand(brand_id),
    }  # fmt: skip
    return reply(PAGE, status=422 if form.is_submitted() else 200, **about)
