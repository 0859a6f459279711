"""Doors for finance: every commission of a brand and where it stands. The commissions room holds,
releases and takes back."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.commissions import finance_pages
from portal.commissions import queries as commissions_of
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.reports import commission_queries, settled_queries
from portal.reports import finance_commission_queries as queries
from portal.web import csv_files
from portal.web.guards import opens_to
from portal.web.reply import reply, wants_list

CSV_HEAD = ("Commission", "Creator", "Handle", "Earned", "Type", "Order", "Base", "Earned amount",
            "Taken back", "Stands at", "Currency", "Status", "Hold ends")  # fmt: skip
blueprint = Blueprint(
    "reports_commissions", __name__, url_prefix="/finance/<brand:brand_id>/commissions"
)


@blueprint.get("")
@opens_to("finance.preparer", "finance.approver")
def commissions(brand_id: int) -> ResponseReturnValue:
    """The brand's commissions by state, newest first; found by creator or order number."""
    view, search = request.args.get("view", ""), request.args.get("q", "")
    found = queries.listing(brand_id, PageRequest(request.args.get("cursor")), view, search)
    part = "reports/finance/_commissions.html" if wants_list() else None
    return reply(
        "reports/finance/commissions.html", part, brand_id=brand_id, listing=found, view=view,
        search=search, counts=queries.view_counts(brand_id), zone=identity.brand(brand_id).zone,
    )  # fmt: skip


@blueprint.get("/list.csv")
@opens_to("finance.preparer", "finance.approver")
def file(brand_id: int) -> Response:
    """The same list, whole, as a file."""
    zone = identity.brand(brand_id).zone
    found = queries.every(brand_id, request.args.get("view", ""), request.args.get("q", ""))
    lines = (commission_queries.finance_line(row, zone) for row in found)
    return csv_files.stream(f"commissions-{clock.today(zone)}", CSV_HEAD, lines)


@blueprint.get("/<commission>")
@opens_to("finance.preparer", "finance.approver")
def commission(brand_id: int, commission: str) -> ResponseReturnValue:
    """One commission: the sum, the trace, its journals, its history, and whether it is paid."""
    found = commissions_of.one_of_brand(brand_id, commission)
    word = settled_queries.words_of([found])[found.id]
    shown = finance_pages.detail(found, word=word)
    return reply("commissions/finance/commission.html", **shown)
