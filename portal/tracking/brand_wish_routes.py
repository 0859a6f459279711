"""Doors for the brand: wishes of creators for codes, and the days of one code."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import code_commands, issue_queries, queries, request_commands
from portal.tracking.issue_forms import ApproveForm, DaysForm, DeclineForm, days_of
from portal.web.forms import HouseForm
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("tracking_wishes", __name__, url_prefix="/brand/<brand:brand_id>/codes")


@blueprint.get("/wishes")
@opens_to("brand.viewer")
def wishes(brand_id: int) -> ResponseReturnValue:
    """The codes that creators wish for, and what was answered."""
    return _wishes_page(brand_id)


@blueprint.post("/wishes/<wish>/approve")
@opens_to("brand.manager")
def approve(brand_id: int, wish: str) -> ResponseReturnValue:
    """Give her the code, at once."""
    found, form = issue_queries.request_of_brand(brand_id, wish), ApproveForm()
    if not form.validate_on_submit():
        return _wishes_page(brand_id, wish, form, status=422)
    try:
        with unit_of_work():
            code = request_commands.approve_request(found.id, form.grace_days, by=person().id)
    except InvalidInput as refusal:
        form.refuse(InvalidInput("old", refusal.message))
        return _wishes_page(brand_id, wish, form, status=422)
    then = url_for("reports_codes.code", brand_id=brand_id, code=code.public_id)
    said = f"{code.code} works now. Add it to a shop whose codes you put in by hand."
    return reply(then=then, said=said)


@blueprint.post("/wishes/<wish>/decline")
@opens_to("brand.manager")
def decline(brand_id: int, wish: str) -> ResponseReturnValue:
    """Say no, with a reason she reads."""
    found, form = issue_queries.request_of_brand(brand_id, wish), DeclineForm()
    if not form.validate_on_submit():
        return _wishes_page(brand_id, wish, form, status=422)
    with unit_of_work():
        request_commands.decline_request(found.id, form.answer.data or "", by=person().id)
    return reply(then=url_for(".wishes", brand_id=brand_id), said=f"{found.wanted} is declined.")


@blueprint.route("/<code>/days", methods=["GET", "POST"])
@opens_to("brand.manager")
def days(brand_id: int, code: str) -> ResponseReturnValue:
    """From when to when a code works, and for how many orders."""
    found, zone = queries.one_of_brand(brand_id, code), identity.brand(brand_id).zone
    form = DaysForm(data=days_of(found.valid_from, found.valid_until, found.use_limit, zone))
    if form.validate_on_submit():
        try:
            with unit_of_work():
                code_commands.change_validity(found.id, form.validity(zone), by=person().id)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            then = url_for("reports_codes.code", brand_id=brand_id, code=found.public_id)
            return reply(then=then, said=f"The days of {found.code} are saved.")
    return reply(
        "tracking/brand/days.html", status=422 if form.errors else 200, code=found, form=form,
        zone=zone,
    )  # fmt: skip


def _wishes_page(
    brand_id: int, answered: str = "", form: HouseForm | None = None, status: int = 200
) -> ResponseReturnValue:
    view = request.args.get("view", "open")
    view = view if view in issue_queries.REQUEST_VIEWS else "open"
    listing = issue_queries.requests_of(brand_id, view, PageRequest(request.args.get("cursor")))
    present = queries.current_codes([row.ambassador.id for row in listing.rows])
    return reply(
        "tracking/brand/wishes.html", "tracking/brand/_wishes.html" if wants_list() else None,
        status=status, brand_id=brand_id, listing=listing, view=view, present=present,
        views=issue_queries.REQUEST_VIEWS, answered=answered, refused=form,
        approve=ApproveForm(formdata=None), decline=DeclineForm(formdata=None),
        zone=identity.brand(brand_id).zone, may_change=person().may("brand.manager", brand_id),
    )  # fmt: skip
