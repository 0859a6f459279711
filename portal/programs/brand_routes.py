"""Doors for the brand: the program's page, terms, agreement, open or closed."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.programs import beside_queries, commands, queries, rate_wording, wording
from portal.programs.forms import (
    AgreementForm,
    NewProgramForm,
    PageForm,
    page_values,
)
from portal.programs.models import Program
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import HouseForm
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "programs_brand", __name__, url_prefix="/brand/<brand:brand_id>/settings/program"
)

SETTINGS = "programs/brand/settings.html"
NEW = "programs/brand/new.html"
PAGE = "programs/brand/page.html"
AGREEMENT = "programs/brand/agreement.html"


@blueprint.get("")
@opens_to("brand.viewer")
def settings(brand_id: int) -> ResponseReturnValue:
    """How the program stands; a brand without one is asked for its name."""
    found = queries.programs_of(brand_id)
    if not found:
        return reply(NEW, brand=identity.brand(brand_id), form=NewProgramForm(formdata=None))
    asked = request.args.get("program")
    program = queries.one_of_brand(brand_id, asked) if asked else found[0]
    return reply(SETTINGS, **_overview(program))


@blueprint.post("")
@opens_to("brand.owner")
def create(brand_id: int) -> ResponseReturnValue:
    """The first program, in draft."""
    form = NewProgramForm()
    try:
        _must_be_valid(form)
        with unit_of_work():
            commands.create_program(
                brand_id, form.name.data or "", slug=form.slug.data or "", by=person().id
            )
    except InvalidInput as refusal:
        _refuse(form, refusal)
        return reply(NEW, status=422, brand=identity.brand(brand_id), form=form)
    return reply(then=url_for(".settings", brand_id=brand_id), said="The program is a draft now.")


@blueprint.post("/<program>/<any(open,close):step>")
@opens_to("brand.owner")
def step(brand_id: int, program: str, step: str) -> ResponseReturnValue:
    """Take applications from now on, or no longer."""
    found = queries.one_of_brand(brand_id, program)
    with unit_of_work():
        act = commands.open_applications if step == "open" else commands.close_applications
        act(found.id, by=person().id)
    said = "Applications are open." if step == "open" else "Applications are closed."
    return reply(then=_home(found), said=said)


@blueprint.route("/<program>/page", methods=["GET", "POST"])
@opens_to("brand.owner")
def page(brand_id: int, program: str) -> ResponseReturnValue:
    """What the program page says and asks."""
    found = queries.one_of_brand(brand_id, program)
    form = PageForm(data=page_values(found))
    shown: dict[str, Any] = {"program": found, "brand": identity.brand(brand_id), "form": form}
    if not form.is_submitted():
        return reply(PAGE, **shown)
    try:
        _must_be_valid(form)
        with unit_of_work():
            commands.change_page(found.id, by=person().id, **form.values())
    except InvalidInput as refusal:
        _refuse(form, refusal)
        return reply(PAGE, status=422, **shown)
    return reply(then=_home(found), said="The program page is saved.")


@blueprint.route("/<program>/agreement", methods=["GET", "POST"])
@opens_to("brand.owner")
def agreement(brand_id: int, program: str) -> ResponseReturnValue:
    """The next version of what ambassadors accept."""
    found = queries.one_of_brand(brand_id, program)
    latest = queries.current_agreement(found.id)
    form = AgreementForm(obj=latest)
    shown: dict[str, Any] = {
        "program": found,
        "brand": identity.brand(brand_id),
        "form": form,
        "latest": latest,
    }
    if not form.is_submitted():
        return reply(AGREEMENT, **shown)
    try:
        _must_be_valid(form)
        with unit_of_work():
            made = commands.publish_agreement(
                found.id, form.text.data or "", summary=form.summary.data or "", by=person().id
            )
    except InvalidInput as refusal:
        _refuse(form, refusal)
        return reply(AGREEMENT, status=422, **shown)
    return reply(then=_home(found), said=f"Version {made.version} of the agreement is published.")


def _must_be_valid(form: HouseForm) -> None:
    """Raises InvalidInput, without a sentence of its own, when a field was refused already."""
    if not form.validate_on_submit():
        raise InvalidInput("", "")


def _refuse(form: HouseForm, refusal: InvalidInput) -> None:
    """Show a refusal at its field."""
    if refusal.message:
        form.refuse(refusal)


def _home(program: Program) -> str:
    return url_for(".settings", brand_id=program.brand_id, program=program.public_id)


def _overview(program: Program) -> dict[str, Any]:
    versions = queries.versions_of(program.id)
    brand, now = identity.brand(program.brand_id), clock.now()
    in_force = next((one for one in versions if one.effective_at <= now), None)
    currency = versions[0].currency if versions else brand.currency
    return {
        "program": program, "brand": brand, "versions": versions, "in_force": in_force,
        "programs": queries.programs_of(brand.id), "agreements": queries.agreements_of(program.id),
        "minimum": queries.minimum_payout(brand.id, currency), "now": now,
        "minimums": queries.minimums_of(brand.id),
        "paid": beside_queries.paid_of(brand.id),
        "credit": wording.set_choices(queries.facts_of(versions[0])) if versions else {},
        "rates": rate_wording.rate_sentences(
            queries.facts_of(versions[0]), brand.zone, beside_queries.tier_names_of(program.id)
        )
        if versions
        else [],
        "may_edit": person().may("brand.owner", brand.id),
    }  # fmt: skip
