"""Doors for creators: how they stand on invoices, and the invoices written for them."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.invoices import commands, pages, queries
from portal.invoices.forms import DetailsForm
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web import pdf
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("invoices_creator", __name__, url_prefix="/creator/invoices")


@blueprint.get("")
@opens_to(CREATOR)
def invoices() -> ResponseReturnValue:
    """What was written for her, and with whom she agreed."""
    shown = pages.of_creator(_me(), PageRequest(request.args.get("cursor")))
    return reply("invoices/creator/invoices.html", **shown)


@blueprint.get("/details")
@opens_to(CREATOR)
def details() -> ResponseReturnValue:
    """Name, address and VAT number."""
    kept = queries.supplier_of(_me())
    me = creators.creator(_me())
    form = DetailsForm(obj=kept) if kept else DetailsForm(legal_name=me.name, country=me.country)
    return reply("invoices/creator/details.html", form=form)


@blueprint.post("/details")
@opens_to(CREATOR)
def save_details() -> ResponseReturnValue:
    """Keep them."""
    form = DetailsForm()
    try:
        if form.validate():
            with unit_of_work():
                commands.save_supplier(_me(), form.details(), by=person().id)
            return reply(then=url_for(".invoices"), said="Your invoice details are kept.")
    except InvalidInput as error:
        form.refuse(error)
    return reply("invoices/creator/details.html", status=422, form=form)


@blueprint.post("/<brand>/agree")
@opens_to(CREATOR)
def agree(brand: str) -> ResponseReturnValue:
    """Let a brand write her invoices for a year."""
    with unit_of_work():
        made = commands.agree(_me(), identity.brand_by_slug(brand).id, by=person().id)
        said = f"Agreed until {made.last_day:%-d %B %Y}."
    return reply(then=url_for(".invoices"), said=said)


@blueprint.post("/<brand>/stop")
@opens_to(CREATOR)
def stop(brand: str) -> ResponseReturnValue:
    """Write her own invoices again."""
    with unit_of_work():
        commands.stop(_me(), identity.brand_by_slug(brand).id, by=person().id)
    return reply(then=url_for(".invoices"), said="You write your own invoices from now on.")


@blueprint.get("/<invoice>")
@opens_to(CREATOR)
def invoice(invoice: str) -> ResponseReturnValue:
    """One invoice."""
    found = queries.one_of_creator(_me(), invoice)
    return reply(
        "invoices/creator/invoice.html", invoice=found, told=pages.document(found),
        has_pdf=pdf.is_available(),
    )  # fmt: skip


@blueprint.get("/<invoice>/file.pdf")
@opens_to(CREATOR)
def as_pdf(invoice: str) -> Response:
    """One invoice as a document."""
    found = queries.one_of_creator(_me(), invoice)
    return pdf.answer("invoices/invoice.typ", pages.file_name(found), pages.document(found))


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
