"""Doors for the brand: one ambassador's part in a brief, its delivery and its end."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.briefs import assignment_commands, queries, rules
from portal.briefs.forms import CancelForm, DeliveryForm
from portal.briefs.queries import Work
from portal.creators import queries as creators
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.formatting import money
from portal.web.forms import HouseForm
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "briefs_assignments", __name__,
    url_prefix="/brand/<brand:brand_id>/briefs/assignments/<assignment>",
)  # fmt: skip
PAGE = "briefs/brand/assignment.html"


@blueprint.get("")
@opens_to("brand.manager")
def assignment(brand_id: int, assignment: str) -> ResponseReturnValue:
    """Her part in the brief: what was agreed, the delivery, and calling it off."""
    return _show(queries.work_of_brand(brand_id, assignment))


@blueprint.post("/delivery")
@opens_to("brand.manager")
def deliver(brand_id: int, assignment: str) -> ResponseReturnValue:
    """The product came; a late one moves the due day."""
    found, form = queries.work_of_brand(brand_id, assignment), DeliveryForm()
    if not form.validate_on_submit():
        return _show(found, delivery=form)
    try:
        with unit_of_work():
            assignment_commands.note_delivery(
                found.assignment.id, form.delivered_on.data, by=person().id
            )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _show(found, delivery=form)
    return reply(then=_page(found), said="Noted. The due day stands below.")


@blueprint.post("/cancel")
@opens_to("brand.manager")
def cancel(brand_id: int, assignment: str) -> ResponseReturnValue:
    """Call accepted work off; what is owed for it is paid like a fee."""
    found, form = queries.work_of_brand(brand_id, assignment), CancelForm()
    if not form.validate_on_submit():
        return _show(found, cancel=form)
    with unit_of_work():
        owed = assignment_commands.cancel(
            found.assignment.id, form.reason.data or "", by=person().id
        )
    paid = f"{money(owed)} is paid for it." if owed else "Nothing is paid for it."
    return reply(then=_page(found), said=f"Cancelled. {paid}")


def _show(found: Work, **typed: HouseForm) -> ResponseReturnValue:
    part, wrong = found.assignment, next(iter(typed.values()), None)
    delivery = typed.get("delivery") or DeliveryForm(formdata=None)
    return reply(
        PAGE, status=422 if typed else 200, brand=found.brand, work=found, part=part,
        creator=creators.creator(part.creator_id), form=wrong or delivery, delivery=delivery,
        cancel=typed.get("cancel") or CancelForm(formdata=None),
        owed=assignment_commands.owed(part.id), may_cancel=rules.can(part.status, "cancel"),
    )  # fmt: skip


def _page(found: Work) -> str:
    return url_for(".assignment", brand_id=found.brand.id, assignment=found.assignment.public_id)
