"""Doors for the brand: how much notice a cut needs, and who accepted which version."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.consents import brand_pages
from portal.consents.forms import KEEPS, NoticeForm
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.programs import commands as programs
from portal.programs import queries as offers
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "consents_brand", __name__, url_prefix="/brand/<brand:brand_id>/settings/program/<program>"
)
NOTICE = "consents/brand/notice.html"
ANSWERS = "consents/brand/answers.html"


@blueprint.get("/notice")
@opens_to("brand.viewer")
def notice(brand_id: int, program: str) -> ResponseReturnValue:
    """The notice of cuts, what silence means, and every version that asked somebody."""
    found = offers.one_of_brand(brand_id, program)
    return reply(NOTICE, **brand_pages.notice(found, brand_pages.notice_form(found)))


@blueprint.post("/notice")
@opens_to("brand.owner")
def set_notice(brand_id: int, program: str) -> ResponseReturnValue:
    """Set both for the versions published from now on."""
    found, form = offers.one_of_brand(brand_id, program), NoticeForm()
    if not form.validate_on_submit():
        return reply(NOTICE, status=422, **brand_pages.notice(found, form))
    try:
        with unit_of_work():
            programs.set_notice(
                found.id, form.notice_days.data or 0, silence_keeps=form.silence.data == KEEPS,
                by=person().id,
            )  # fmt: skip
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(NOTICE, status=422, **brand_pages.notice(found, form))
    then = url_for(".notice", brand_id=brand_id, program=program)
    return reply(then=then, said="Saved. It holds for versions published from now on.")


@blueprint.get("/<any(terms, tiers):subject>/<int:version>/answers")
@opens_to("brand.viewer")
def answers(brand_id: int, program: str, subject: str, version: int) -> ResponseReturnValue:
    """Who accepted a version, who declined, who has not answered."""
    found = offers.one_of_brand(brand_id, program)
    view, page = request.args.get("view", ""), PageRequest(request.args.get("cursor"))
    shown = brand_pages.answers(found, subject, version, view, page)
    return reply(ANSWERS, **shown)


@blueprint.get("/<any(terms, tiers):subject>/<int:version>/answers.csv")
@opens_to("brand.viewer")
def export(brand_id: int, program: str, subject: str, version: int) -> ResponseReturnValue:
    """Every answer there is, for a spreadsheet."""
    found = offers.one_of_brand(brand_id, program)
    name = f"{found.slug}-{subject}-{version}-answers.csv"
    return Response(
        brand_pages.sheet_of(found, subject, version), mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
