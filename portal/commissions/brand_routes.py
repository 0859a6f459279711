"""Doors for the brand: what is above a limit of its own terms waits for its managers (R9)."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.commissions import brand_pages, commands, queries
from portal.commissions.forms import VoidForm
from portal.commissions.models import Commission, VoidCode
from portal.kernel.errors import PortalError
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "commissions_brand", __name__, url_prefix="/brand/<brand:brand_id>/commissions"
)
PAGE = "commissions/brand/above_limit.html"


@blueprint.get("/<commission>")
@opens_to("brand.manager")
def above_limit(brand_id: int, commission: str) -> ResponseReturnValue:
    """What went above which limit, to be released or declined."""
    found = queries.one_of_brand(brand_id, commission)
    return reply(PAGE, **brand_pages.above_limit(found, VoidForm(formdata=None)))


@blueprint.post("/<commission>/release")
@opens_to("brand.manager")
def release(brand_id: int, commission: str) -> ResponseReturnValue:
    """Pay it all the same: it goes on where it stopped."""
    found = queries.one_of_brand(brand_id, commission)
    with unit_of_work():
        commands.release_above_limit(found.id, by=person().id)
    return reply(then=_after(found), said="Released. It goes on as if no limit had stopped it.")


@blueprint.post("/<commission>/decline")
@opens_to("brand.manager")
def decline(brand_id: int, commission: str) -> ResponseReturnValue:
    """Do not pay it, with a reason that the creator reads."""
    found, form = queries.one_of_brand(brand_id, commission), VoidForm()
    if not form.validate_on_submit():
        return reply(PAGE, status=422, **brand_pages.above_limit(found, form))
    try:
        with unit_of_work():
            commands.decline_above_limit(
                found.id, form.reason.data, by=person().id, code=VoidCode(form.code.data)
            )
    except PortalError as refusal:
        form.form_errors.append(refusal.message)
        return reply(PAGE, status=409, **brand_pages.above_limit(found, form))
    return reply(then=_after(found), said="Declined. The creator reads why.")


def _after(found: Commission) -> str:
    return url_for(".above_limit", brand_id=found.brand_id, commission=found.public_id)
