"""Doors for finance: the brand on its invoices, and what was written."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.invoices import change_commands, pages, queries
from portal.invoices.forms import IssuerForm
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.proposals import queries as proposals
from portal.proposals.wording import PUT_FORWARD
from portal.storage.unit_of_work import unit_of_work
from portal.web import pdf
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("invoices_finance", __name__, url_prefix="/finance/<brand:brand_id>/invoices")
FINANCE = ("finance.preparer", "finance.approver")
SETTINGS = "invoices/finance/settings.html"


@blueprint.get("")
@opens_to(*FINANCE)
def invoices(brand_id: int) -> ResponseReturnValue:
    """What was written, the newest first."""
    shown = pages.of_brand(brand_id, PageRequest(request.args.get("cursor")))
    return reply("invoices/finance/invoices.html", **shown)


@blueprint.get("/settings")
@opens_to(*FINANCE)
def settings(brand_id: int) -> ResponseReturnValue:
    """How the brand stands on invoices, and what is proposed."""
    return _settings(brand_id, IssuerForm(**_kept(brand_id)))


@blueprint.post("/settings")
@opens_to(*FINANCE)
def propose_settings(brand_id: int) -> ResponseReturnValue:
    """Propose how the brand stands on invoices."""
    form = IssuerForm()
    try:
        if form.validate():
            with unit_of_work():
                change_commands.put_forward(
                    brand_id, form.details(), vat_rate_bp=form.rate_bp, writes=form.writes.data,
                    by=person().id,
                )  # fmt: skip
            return reply(then=url_for(".settings", brand_id=brand_id), said=PUT_FORWARD)
    except InvalidInput as error:
        form.refuse(error)
    return _settings(brand_id, form, 422)


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


def _settings(brand_id: int, form: IssuerForm, status: int = 200) -> ResponseReturnValue:
    brand = identity.brand(brand_id)
    return reply(
        SETTINGS, status=status, form=form, brand=brand, brand_id=brand_id, zone=brand.zone,
        open_changes=proposals.open_of(brand_id, [change_commands.KIND]), me=person().id,
        may_confirm=person().may("finance.approver", brand_id),
    )  # fmt: skip


def _kept(brand_id: int) -> dict[str, Any]:
    kept, brand = queries.issuer_of(brand_id), identity.brand(brand_id)
    if kept is None:
        return {"legal_name": brand.name}
    return {
        "legal_name": kept.legal_name, "address": kept.address, "country": kept.country,
        "vat_number": kept.vat_number, "vat_rate": Decimal(kept.vat_rate_bp) / 100,
        "writes": bool(kept.since),
    }  # fmt: skip
