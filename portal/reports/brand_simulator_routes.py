"""Doors for the brand: try an order out, and read its whole trace. Nothing is stored."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.errors import InvalidInput
from portal.programs import queries as programs
from portal.reports import simulator_pages
from portal.reports.simulator_form import SimulatorForm
from portal.web.guards import opens_to
from portal.web.reply import reply

blueprint = Blueprint("reports_simulator", __name__, url_prefix="/brand/<brand:brand_id>/simulator")
PAGE = "reports/brand/simulator.html"


@blueprint.get("")
@opens_to("brand.viewer")
def simulator(brand_id: int) -> ResponseReturnValue:
    """The pretended order beside what would happen to it."""
    brand = identity.brand(brand_id)
    typed = request.args if "amount" in request.args else None
    form = SimulatorForm(formdata=typed, amount="80.00")
    form.currency_code = _currency(brand_id, brand.currency)
    shown: dict[str, Any] = {"brand_id": brand_id, "form": form, "zone": brand.zone, "found": None}
    if typed is None:
        return reply(PAGE, **shown)
    try:
        if form.validate():
            shown["found"] = simulator_pages.simulate(brand_id, form, brand.zone)
    except InvalidInput as refusal:
        form.refuse(refusal)
    return reply(PAGE, status=422 if form.errors else 200, **shown)


def _currency(brand_id: int, usual: str) -> str:
    """The currency of the brand's first terms: what its orders mostly are in."""
    found = programs.programs_of(brand_id)
    terms = programs.latest_terms(found[0].id) if found else None
    return terms.currency if terms else usual
