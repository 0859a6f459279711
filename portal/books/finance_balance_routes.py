"""Doors for finance: who owes, and what the holds will release."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.adjustments.forms import NoteForm
from portal.books import balance_queries as queries
from portal.books import exposure_queries, periods
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.limits import queries as limits
from portal.web.guards import opens_to
from portal.web.reply import reply, wants_list

blueprint = Blueprint("books_negative", __name__, url_prefix="/finance/<brand:brand_id>")
FINANCE = ("finance.preparer", "finance.approver")


@blueprint.get("/balances")
@opens_to(*FINANCE)
def balances(brand_id: int) -> ResponseReturnValue:
    """Balances below zero: the next earnings fill them, or two people write them off."""
    found = queries.negatives(brand_id, PageRequest(request.args.get("cursor")))
    part = "books/finance/_balances.html" if wants_list() else None
    return reply(
        "books/finance/balances.html", part, brand_id=brand_id, listing=found,
        zone=identity.brand(brand_id).zone, now=clock.now(), note_form=NoteForm(formdata=None),
    )  # fmt: skip


@blueprint.get("/forecast")
@opens_to(*FINANCE)
def forecast(brand_id: int) -> ResponseReturnValue:
    """What was accrued this month and the last, what holds release month by month, and what of what
    was paid a refund could still take back."""
    brand = identity.brand(brand_id)
    today = clock.today(brand.zone)
    months = periods.last_months(today, 2)
    days = limits.in_force(brand_id).clawback_days
    return reply(
        "books/finance/forecast.html", brand_id=brand_id, brand=brand, zone=brand.zone,
        releases=queries.releases(brand_id, brand.zone),
        liability=queries.liability_by_currency(brand_id),
        accrued=[
            (month, queries.accrued(brand_id, *periods.bounds(month, brand.zone)))
            for month in months
        ],
        losses=queries.losses(brand_id), days=days,
        exposures=exposure_queries.exposures(brand_id, days),
    )  # fmt: skip
