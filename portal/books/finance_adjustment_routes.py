"""Doors for finance: the list of adjustments, one of them, and the list as a file."""

from collections.abc import Sequence

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.adjustments import finance_pages, queries
from portal.adjustments.models import Adjustment
from portal.adjustments.queries import Row
from portal.identity import queries as identity
from portal.kernel import clock, currencies
from portal.kernel.pages import PageRequest
from portal.limits import queries as limits
from portal.payouts import paid_queries
from portal.web import csv_files
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint(
    "books_adjustments", __name__, url_prefix="/finance/<brand:brand_id>/adjustments"
)
FINANCE = ("finance.preparer", "finance.approver")
VIEWS = {"": "All", "proposed": "Waits for approval", "approved": "Posted", "declined": "Declined"}
CSV_ROWS = 10_000
CSV_HEAD = ("Proposed", "Creator", "Amount", "Currency", "Reason", "Note", "Status", "Belongs to",
            "Proposed by", "Decided by", "Decided", "Why declined", "Reference")  # fmt: skip


@blueprint.get("")
@opens_to(*FINANCE)
def adjustments(brand_id: int) -> ResponseReturnValue:
    """The brand's adjustments, newest first, by state or creator."""
    view, search = _view(), request.args.get("q", "")
    found = queries.listing(brand_id, PageRequest(request.args.get("cursor")), view, search)
    part = "books/finance/_adjustments.html" if wants_list() else None
    return reply(
        "books/finance/adjustments.html", part, brand_id=brand_id, listing=found, view=view,
        search=search, views_of=VIEWS, counts=queries.view_counts(brand_id),
        zone=identity.brand(brand_id).zone, words=_words(brand_id, found.rows),
        people=_people(found.rows), me=person().id,
        limit=limits.in_force(brand_id).adjustment_limit,
    )  # fmt: skip


@blueprint.get("/list.csv")
@opens_to(*FINANCE)
def file(brand_id: int) -> Response:
    """The same lines as a file, at most 10,000."""
    view, search = _view(), request.args.get("q", "")
    rows = queries.listing(brand_id, PageRequest(size=CSV_ROWS), view, search).rows
    words, people = _words(brand_id, rows), _people(rows)
    lines = [_line(row, words[row.adjustment.id], people) for row in rows]
    today = clock.today(identity.brand(brand_id).zone)
    return csv_files.answer(f"adjustments-{today}", CSV_HEAD, lines)


@blueprint.get("/<adjustment>")
@opens_to(*FINANCE)
def adjustment(brand_id: int, adjustment: str) -> ResponseReturnValue:
    """One adjustment: what the creator reads, its journal, who decided."""
    found = queries.one_of_brand(brand_id, adjustment)
    shown = finance_pages.detail(found, _words(brand_id, [found])[found.id])
    return reply("adjustments/finance/adjustment.html", **shown)


def _view() -> str:
    view = request.args.get("view", "")
    return view if view in VIEWS else ""


def _words(brand_id: int, rows: Sequence[Row | Adjustment]) -> dict[int, str]:
    """The state each is shown in: a posted one is payable until a payout covers it (UX 6.10)."""
    found = [row.adjustment if isinstance(row, Row) else row for row in rows]
    covered = paid_queries.covered(brand_id, [one.journal for one in found if one.is_posted])
    return {
        one.id: covered.get(one.journal, "payable") if one.is_posted else one.status.value
        for one in found
    }


def _people(rows: Sequence[Row]) -> dict[int, str]:
    ids = [i for row in rows for i in (row.adjustment.proposed_by, row.adjustment.decided_by)]
    found = identity.users([one for one in ids if one is not None])
    return {user_id: user.name for user_id, user in found.items()}


def _line(row: Row, word: str, people: dict[int, str]) -> list[str]:
    one = row.adjustment
    return [
        one.proposed_at.isoformat(), row.creator.name,
        f"{currencies.to_major(one.amount_minor, one.currency):f}", one.currency,
        one.reason.value, one.note, word.replace("_", " "), one.period,
        people[one.proposed_by], people.get(one.decided_by or 0, ""),
        one.decided_at.isoformat() if one.decided_at else "", one.decline_reason, one.public_id,
    ]  # fmt: skip
