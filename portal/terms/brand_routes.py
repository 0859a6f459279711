"""Doors for the brand: the next version of the terms, its worked example, its dry runs."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel.errors import Conflict, InvalidInput, PortalError
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.programs.models import CommissionTerms, Program
from portal.storage.unit_of_work import unit_of_work
from portal.terms import commands, examples, pages, proposals, queries
from portal.terms.forms import TermsForm
from portal.web.guards import opens_to, person
from portal.web.reply import is_htmx, reply

blueprint = Blueprint(
    "terms_brand", __name__, url_prefix="/brand/<brand:brand_id>/settings/program/<program>/terms"
)

EDITOR = "terms/brand/editor.html"
CHECK = "terms/brand/check.html"
RATES = "terms/brand/_rates.html"
EXAMPLE = "terms/brand/_example.html"
RUN = "terms/brand/run.html"
RUN_PART = "terms/brand/_run.html"


@blueprint.route("", methods=["GET", "POST"])
@opens_to("brand.owner")
def editor(brand_id: int, program: str) -> ResponseReturnValue:
    """The next version of the terms: written, tried, checked against the one before, published."""
    found = offers.one_of_brand(brand_id, program)
    latest, do = offers.latest_terms(found.id), request.form.get("do", "")
    form = pages.form_of(found, latest)
    shown = pages.editor(found, latest, form)
    if do in ("add", "edit", ""):
        if do == "add":
            pages.add_row(form)
        return reply(EDITOR, RATES if do == "add" else None, **shown)
    try:
        return _act(do, form, found, latest, shown)
    except (Conflict, InvalidInput) as refusal:
        _refuse(form, refusal)
        if do == "example" and is_htmx():  # worked out while she types: nothing was sent in yet
            return reply(partial=EXAMPLE, **shown)
        return reply(EDITOR, status=409 if isinstance(refusal, Conflict) else 422, **shown)


@blueprint.get("/tries/<run>")
@opens_to("brand.owner")
def dry_run(brand_id: int, program: str, run: str) -> ResponseReturnValue:
    """How far a dry run is; when it is done, the difference for each creator."""
    found = queries.run_of_brand(brand_id, run)
    return reply(RUN, RUN_PART, **pages.run(found, offers.one_of_brand(brand_id, program)))


@blueprint.get("/tries/<run>.csv")
@opens_to("brand.owner")
def export(brand_id: int, program: str, run: str) -> ResponseReturnValue:
    """Every creator's difference, for a spreadsheet."""
    found = queries.run_of_brand(brand_id, run)
    name = f"{offers.one_of_brand(brand_id, program).slug}-terms-tried.csv"
    return Response(
        pages.sheet_of(found), mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _act(
    do: str, form: TermsForm, program: Program, latest: CommissionTerms | None,
    shown: dict[str, Any],
) -> Response:  # fmt: skip
    if not form.validate_on_submit():
        raise InvalidInput("", "")
    proposed = proposals.proposal(form, program, latest)
    facts = proposals.facts_of(proposed, latest)
    brand = identity.brand(program.brand_id)
    if do == "example":
        worked = examples.work_out(form, facts, program, brand.zone)
        return reply(EDITOR, EXAMPLE, **shown | {"worked": worked})
    if do == "try":
        with unit_of_work():
            run = commands.ask_dry_run(
                program.id, facts, int(form.months.data), by=person().id, typed=pages.typed()
            )
        return reply(then=url_for(".dry_run", brand_id=brand.id, program=program.public_id,
                                  run=run.public_id))  # fmt: skip
    if do == "check":
        consequences = proposals.consequences(proposed, latest, program)
        return reply(CHECK, **shown, **consequences, typed=pages.typed())
    with unit_of_work():
        version = programs.publish_terms(program.id, by=person().id, **proposed)
    home = url_for("programs_brand.settings", brand_id=brand.id, program=program.public_id)
    return reply(then=home, said=f"Version {version.version} of the terms is published.")


def _refuse(form: TermsForm, refusal: PortalError) -> None:
    """Show a refusal at its field; one without a field of its own concerns the date."""
    if not refusal.message:
        return
    at = refusal.field if isinstance(refusal, InvalidInput) else "effective_on"
    form.refuse(InvalidInput("" if at in ("rates", "boosts") else at, refusal.message))
