"""Doors for a brand's staff: reading a shop again, and what its webhooks had missed."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.validators import DataRequired

from portal.identity import queries as identity
from portal.integrations import reading_commands, reading_queries, shop_queries
from portal.kernel.pages import PageRequest
from portal.sales import queries as sales
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import HouseForm, SelectChoice
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "integrations_readings", __name__, url_prefix="/brand/<brand:brand_id>/shops/readings"
)


class ReadAgainForm(HouseForm):
    """Which shop, and how far back."""

    shop = SelectField("Shop", [DataRequired("Choose a shop.")])
    days = SelectField(
        "How far back",
        choices=[SelectChoice("1", "1 day"), SelectChoice("7", "7 days"),
                 SelectChoice("29", "29 days")],
        default="7",
    )  # fmt: skip


@blueprint.get("")
@opens_to("brand.viewer")
def readings(brand_id: int) -> ResponseReturnValue:
    """The last readings of every shop."""
    return _page(brand_id, _form(brand_id), 200)


@blueprint.post("")
@opens_to("brand.manager")
def read_again(brand_id: int) -> ResponseReturnValue:
    """Ask for a reading now."""
    form = _form(brand_id)
    if not form.validate_on_submit():
        return _page(brand_id, form, 422)
    found = shop_queries.connection_of_brand(brand_id, form.shop.data)
    with unit_of_work():
        reading_commands.ask(found.id, int(form.days.data), by=person().id)
    said = f"{found.name} is read again now. Reload in a moment to see what was missed."
    return reply(then=url_for(".readings", brand_id=brand_id), said=said)


@blueprint.get("/<reading>")
@opens_to("brand.viewer")
def reading(brand_id: int, reading: str) -> ResponseReturnValue:
    """What one reading found."""
    found = reading_queries.one_of_brand(brand_id, reading)
    shops = {one.id: one for one in sales.connections_of(brand_id)}
    return reply(
        "integrations/brand/reading.html", brand=identity.brand(brand_id), reading=found,
        shop=shops[found.connection_id],
    )  # fmt: skip


def _form(brand_id: int) -> ReadAgainForm:
    form = ReadAgainForm()
    open_ones = [one for one in shop_queries.shops(brand_id) if one.access]
    form.shop.choices = [
        SelectChoice(one.connection.public_id, one.connection.name) for one in open_ones
    ]
    return form


def _page(brand_id: int, form: ReadAgainForm, status: int) -> ResponseReturnValue:
    listing = reading_queries.listing(brand_id, PageRequest(request.args.get("cursor")))
    return reply(
        "integrations/brand/readings.html", status=status, brand=identity.brand(brand_id),
        form=form, listing=listing,
        may_change=person().may("brand.manager", brand_id),
    )  # fmt: skip
