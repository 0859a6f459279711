"""Doors for creators: home, earnings, and for each commission how it was worked out and why."""

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from portal.adjustments import queries as adjustments
from portal.commissions import queries as commissions
from portal.commissions.models import CommissionKind
from portal.commissions.queries import EarningsFilter
from portal.creators import queries as creators
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.reports import commission_queries, creator_queries, settled_queries
from portal.web import csv_files, tenant
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("reports_creator", __name__, url_prefix="/creator")

KINDS = {"": "All", "sale": "Sales", "fee": "Brief fees", "bonus": "Bonuses",
         "override": "Referrals", "true_up": "True-ups", "clicks": "Clicks",
         "adjustment": "Adjustments"}  # fmt: skip
STATES = {"": "Any status", "pending": "Pending", "payable": "Payable", "on_hold": "On hold",
          "void": "Taken back"}  # fmt: skip
PERIODS = {"": "Any time", "30": "Last 30 days", "90": "Last 90 days", "365": "Last 12 months"}
CSV_HEAD = ("Date", "Program", "Type", "Order ending", "Counts", "Rate", "Amount", "Currency",
            "Status", "Payable on")  # fmt: skip
CSV_ROWS = 10_000


@blueprint.get("")
@opens_to(CREATOR)
def home() -> ResponseReturnValue:
    """What she is owed, what stops it, her code, and what happened last."""
    found = creator_queries.home(_me())
    part = "reports/creator/_live.html" if wants_list("latest") else None
    base_url = current_app.config["PORTAL"].base_url
    return reply("reports/creator/home.html", part, home=found, base_url=base_url)


@blueprint.get("/brands.css")
@opens_to(CREATOR)
def brands_css() -> Response:
    """The colours of her brands, for their tiles."""
    return tenant.tiles((one.slug, one.colour) for one in creator_queries.brands_of(_me()))


@blueprint.get("/earnings")
@opens_to(CREATOR)
def earnings() -> ResponseReturnValue:
    """Every commission and adjustment, narrowed as the address says."""
    programs = creator_queries.programs_of(_me())
    chosen = _chosen(programs)
    asked = _asked(chosen)
    wanted = PageRequest(request.args.get("cursor"))
    page = commissions.earnings_of(_me(), wanted, asked, adjustments.lines_of)
    return reply(
        "reports/creator/earnings.html",
        "reports/creator/_earnings.html" if wants_list() else None,
        listing=page, sums=commissions.sums_of(_me(), asked, adjustments.lines_of),
        chosen=chosen, kinds=KINDS, states=STATES, periods=PERIODS, programs=programs,
        words=_words(page.rows), zone=_zone(),
        releases=commissions.released_next(_me(), _zone()),
    )  # fmt: skip


@blueprint.get("/earnings.csv")
@opens_to(CREATOR)
def earnings_csv() -> Response:
    """The same lines as a file."""
    asked = _asked(_chosen(creator_queries.programs_of(_me())))
    wanted = PageRequest(size=CSV_ROWS)
    page = commissions.earnings_of(_me(), wanted, asked, adjustments.lines_of)
    words, zone = _words(page.rows), _zone()
    lines = (
        commission_queries.csv_line(row, words[row.commission.id], zone)
        if row.commission
        else commission_queries.csv_addition(row, zone)
        for row in page.rows
    )
    return csv_files.answer(f"earnings-{clock.today(zone)}", CSV_HEAD, lines)


@blueprint.get("/earnings/<commission>")
@opens_to(CREATOR)
def commission(commission: str) -> ResponseReturnValue:
    """One commission: the sum as a bill, the checks behind it, what was taken back."""
    found = commissions.one_of_creator(_me(), commission)
    story = commission_queries.story_for_creator(found, _zone())
    return reply("reports/creator/commission.html", story=story, zone=_zone())


def _words(rows: Sequence[commissions.Earning]) -> dict[int, str]:
    return settled_queries.words_of([row.commission for row in rows if row.commission])


def _asked(chosen: dict[str, str]) -> EarningsFilter:
    days = int(chosen["period"]) if chosen["period"] else None
    return EarningsFilter(
        status=chosen["status"] or None,
        program_id=int(chosen["program"]) if chosen["program"] else None,
        kind=CommissionKind(chosen["kind"]) if chosen["kind"] else None,
        since=clock.now() - timedelta(days=days) if days else None,
    )


def _chosen(programs: Sequence[tuple[int, str]]) -> dict[str, str]:
    """What the address asks for; anything unknown counts as not asked."""
    own = {str(row_id): name for row_id, name in programs}
    known = {"kind": KINDS, "status": STATES, "period": PERIODS, "program": own}
    given = {name: request.args.get(name, "") for name in known}
    return {name: value if value in known[name] else "" for name, value in given.items()}


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]


def _zone() -> str:
    return creators.creator(_me()).zone
