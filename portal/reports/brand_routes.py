"""Doors for the brand to read: home, ambassadors, one ambassador, the data behind the charts."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.ambassadors import queries as ambassadors
from portal.ambassadors import rules as memberships
from portal.identity import queries as identity
from portal.identity.models import Brand
from portal.kernel import clock, currencies
from portal.kernel.pages import PageRequest
from portal.programs import queries as programs
from portal.reports import brand_pages as pages
from portal.reports import brand_queries as queries
from portal.reports import roster_queries as rosters
from portal.reports.periods import WORDS, Span, until_today
from portal.web import csv_files, tenant
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("reports_brand", __name__, url_prefix="/brand/<brand:brand_id>")

ROSTER: dict[str, Any] = {
    "page": "reports/brand/roster.html",
    "partial": "reports/brand/_roster.html",
}
VIEWS = {"active": "Active", "onboarding": "Onboarding", "paused": "Paused", "ended": "Ended",
         "all": "All"}  # fmt: skip


@blueprint.get("/")
@opens_to("brand.viewer")
def home(brand_id: int) -> ResponseReturnValue:
    """What waits beside what sells; before the first order, what is left to set up."""
    brand = identity.brand(brand_id)
    about: dict[str, Any] = {
        "brand": brand,
        "now": clock.now(),
        "latest_applications": queries.latest_applications(brand_id),
        "latest_orders": queries.latest_orders(brand_id),
    }
    if not about["latest_orders"]:
        return reply("reports/brand/start.html", steps=pages.checklist(brand), **about)
    span = _span(brand)
    return reply("reports/brand/home.html", periods=_periods(brand, span),
                 **about, **pages.sales_of(brand, span))  # fmt: skip


@blueprint.get("/theme.css")
@opens_to("brand.viewer", "finance.preparer", "finance.approver")
def theme(brand_id: int) -> Response:
    """The brand's colour, for its tile on staff pages."""
    return tenant.stylesheet(identity.brand(brand_id).colour)


@blueprint.get("/sales.csv")
@opens_to("brand.viewer")
def sales_csv(brand_id: int) -> ResponseReturnValue:
    """Net sales by day or week, as on the home page."""
    brand = identity.brand(brand_id)
    span = _span(brand)
    values = queries.net_by_step(brand, span)
    rows = [[day.isoformat(), _major(value, brand)]
            for day, value in zip(span.step_days, values, strict=True)]  # fmt: skip
    return csv_files.answer(
        f"{brand.slug}-net-sales", ["from", f"net_sales_{brand.currency}"], rows
    )


@blueprint.get("/sellers.csv")
@opens_to("brand.viewer")
def sellers_csv(brand_id: int) -> ResponseReturnValue:
    """Net sales by ambassador, as on the home page."""
    brand = identity.brand(brand_id)
    rows = [[one.name, one.ambassador.public_id, _major(one.net.minor, brand)]
            for one in queries.sellers(brand, _span(brand))]  # fmt: skip
    head = ["ambassador", "id", f"net_sales_{brand.currency}"]
    return csv_files.answer(f"{brand.slug}-ambassadors", head, rows)


@blueprint.get("/ambassadors")
@opens_to("brand.viewer")
def roster(brand_id: int) -> ResponseReturnValue:
    """Everybody in the brand's programs, with what she brought lately."""
    view, text = request.args.get("view", "active"), request.args.get("q", "").strip()
    view = view if view in VIEWS else "active"
    rows = rosters.roster(brand_id, PageRequest(request.args.get("cursor")), view=view, text=text)
    return reply(**ROSTER, brand=identity.brand(brand_id), rows=rows, view=view, q=text,
                 views=VIEWS, counts=ambassadors.counts(brand_id),
                 programs=programs.programs_of(brand_id))  # fmt: skip


@blueprint.get("/ambassadors/affected")
@opens_to("brand.viewer")
def affected(brand_id: int) -> ResponseReturnValue:
    """How many members new terms concern: a sentence for the settings page."""
    program = programs.one_of_brand(brand_id, request.args.get("program", ""))
    return reply(
        partial="reports/brand/_affected.html",
        then=url_for(".roster", brand_id=brand_id),
        members=rosters.affected(brand_id, program.id),
        brand=identity.brand(brand_id),
    )


@blueprint.get("/ambassadors/<ambassador>")
@opens_to("brand.viewer")
def ambassador(brand_id: int, ambassador: str) -> ResponseReturnValue:
    """One ambassador: what she brings, her code and links, and everything that happened."""
    found = rosters.portrait(brand_id, ambassador)
    may_act = person().may("brand.manager", brand_id)
    actions = memberships.actions_of(found.ambassador.status) if may_act else []
    return reply("reports/brand/ambassador.html", brand=identity.brand(brand_id),
                 portrait=found, actions=actions)  # fmt: skip


def _span(brand: Brand) -> Span:
    return until_today(request.args.get("days", 30, type=int), brand.zone)


def _periods(brand: Brand, span: Span) -> list[dict[str, Any]]:
    return [
        {"label": words, "current": days == span.days,
         "href": url_for(".home", brand_id=brand.id, days=days)}
        for days, words in WORDS.items()
    ]  # fmt: skip


def _major(minor: int, brand: Brand) -> str:
    return f"{currencies.to_major(minor, brand.currency):f}"
