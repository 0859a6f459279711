"""Doors for finance: the journal of a month, by general-ledger code, and as a file."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.books import journal_queries as queries
from portal.books import periods
from portal.identity import queries as identity
from portal.kernel import clock, currencies
from portal.limits import queries as limits
from portal.limits.rules import MEANINGS
from portal.web import csv_files
from portal.web.guards import opens_to
from portal.web.reply import reply

blueprint = Blueprint("books_journal", __name__, url_prefix="/finance/<brand:brand_id>/journal")
FINANCE = ("finance.preparer", "finance.approver")
SHOWN_MONTHS = 12
CSV_HEAD = ("Date", "Reference", "Reason", "Account", "Code", "Creator", "Debit", "Credit",
            "Currency")  # fmt: skip


@blueprint.get("")
@opens_to(*FINANCE)
def journal(brand_id: int) -> ResponseReturnValue:
    """One month by kind of account: opening, debit, credit, closing; balanced by currency."""
    brand = identity.brand(brand_id)
    month = _month(brand.zone)
    found = queries.period_totals(brand_id, *periods.bounds(month, brand.zone))
    codes = limits.codes_of(brand_id)
    found.sort(key=lambda one: (one.currency, codes.get(one.kind, ""), one.kind))
    return reply(
        "books/finance/journal.html", brand_id=brand_id, brand=brand, month=month,
        months=periods.last_months(clock.today(brand.zone), SHOWN_MONTHS), totals=found,
        sums=queries.sums_of(found), codes=codes, meanings=MEANINGS,
    )  # fmt: skip


@blueprint.get("/month.csv")
@opens_to(*FINANCE)
def file(brand_id: int) -> Response:
    """Every line of the month; debits and credits sum to the same."""
    zone = identity.brand(brand_id).zone
    month = _month(zone)
    return csv_files.answer(f"journal-{month:%Y-%m}", CSV_HEAD, _lines(brand_id, month, zone))


def _month(zone: str) -> date:
    return periods.month_of(request.args.get("month", ""), clock.today(zone))


def _lines(brand_id: int, month: date, zone: str) -> Iterator[list[Any]]:
    codes, here = limits.codes_of(brand_id), ZoneInfo(zone)
    for leg in queries.legs(brand_id, *periods.bounds(month, zone)):
        figure = f"{currencies.to_major(abs(leg.amount.minor), leg.amount.currency):f}"
        is_debit = leg.amount.minor > 0
        yield [
            leg.at.astimezone(here).date().isoformat(), leg.reference, leg.reason,
            MEANINGS.get(leg.kind, leg.kind), codes.get(leg.kind, ""), leg.creator,
            figure if is_debit else "", "" if is_debit else figure, leg.amount.currency,
        ]  # fmt: skip
