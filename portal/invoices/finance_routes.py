"""Doors for finance: the brand on its invoices, and what was written."""

from decimal import Decimal

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.invoices import commands, pages, queries
from portal.invoices.forms import IssuerForm
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web import pdf
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("invoices_finance", __name__, url_prefix="/finance/<brand:brand_id>/invoices")
FINANCE = ("finance.preparer", "finance.approver")


@blueprint.get("")
@opens_to(*FINANCE)
def invoices(brand_id: int) -> ResponseReturnValue:
    """What was written, the newest first."""
    shown = pages.of_brand(brand_id, PageRequest(request.args.get("cursor")))
    return reply("invoices/finance/invoices.html", **shown)


@blueprint.get("/settings")
@opens_to(*FINANCE)
def settings(brand_id: int) -> ResponseReturnValue:
    """How the brand stands on invoices."""
    kept, brand = queries.issuer_of(brand_id), identity.brand(brand_id)
    form = IssuerForm(
        legal_name=kept.legal_name if kept else brand.name,
        address=kept.address if kept else "",
        country=kept.country if kept else "",
        vat_number=kept.vat_number if kept else "",
        vat_rate=Decimal(kept.vat_rate_bp) / 100 if kept else None,
        writes=bool(kept and kept.since),
    )
    return reply("invoices/finance/settings.html", form=form, brand=brand)


@blueprint.post("/settings")
@opens_to("finance.approver")
def save_settings(brand_id: int) -> ResponseReturnValue:
    """Keep it."""
    form = IssuerForm()
    try:
        if form.validate():
            with unit_of_work():
                commands.save_issuer(
                    brand_id, form.details(), vat_rate_bp=form.rate_bp, writes=form.writes.data,
                    by=person().id,
                )  # fmt: skip
            return reply(then=url_for(".invoices", brand_id=brand_id), said="Kept.")
    except InvalidInput as error:
        form.refuse(error)
    brand = identity.brand(brand_id)
    return reply("invoices/finance/settings.html", status=422, form=form, brand=brand)


@blueprint.get("/<invoice>")
@opens_to(*FINANCE)
def invoice(brand_id: int, invoice: str) -> ResponseReturnValue:
    """One invoice."""
    found = queries.one_of_brand(brand_id, invoice)
    return reply(
        "invoices/finance/invoice.html", invoice=found, told=pages.document(found),
        brand_id=brand_id, has_pdf=pdf.is_available(),
    )  # fmt: skip


@blueprint.get("/<invoice>/file.pdf")
@opens_to(*FINANCE)
def as_pdf(brand_id: int, invoice: str) -> Response:
    """One invoice as a document."""
    found = queries.one_of_brand(brand_id, invoice)
    return pdf.answer("invoices/invoice.typ", pages.file_name(found), pages.document(found))
