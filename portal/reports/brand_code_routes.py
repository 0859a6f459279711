"""Doors for the brand: its codes and what each sold. Pausing and replacing: tracking."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.reports import code_queries as queries
from portal.tracking import guess_queries, issue_queries
from portal.tracking import queries as tracking
from portal.tracking.issue_queries import CodeBatch
from portal.web import csv_files
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("reports_codes", __name__, url_prefix="/brand/<brand:brand_id>/codes")


@blueprint.get("")
@opens_to("brand.viewer")
def codes(brand_id: int) -> ResponseReturnValue:
    """The brand's codes by view; found by code or name."""
    view, search, batch = _asked(brand_id)
    page = PageRequest(request.args.get("cursor"))
    found = queries.listing(brand_id, view, search, page, batch.id if batch else 0)
    return reply(
        "reports/brand/codes.html", "reports/brand/_codes.html" if wants_list() else None,
        brand_id=brand_id, listing=found.page, figures=found.figures, earned=found.earned,
        counts=found.counts, view=view, search=search, views=queries.VIEWS, batch=batch,
        wishes=issue_queries.open_request_count(brand_id),
        alerts=guess_queries.recent_alerts(brand_id),
        may_change=person().may("brand.manager", brand_id),
        zone=identity.brand(brand_id).zone,
    )  # fmt: skip


@blueprint.get("/export.csv")
@opens_to("brand.viewer")
def export(brand_id: int) -> Response:
    """The codes of a view with what each sold, as a file."""
    view, search, batch = _asked(brand_id)
    rows = queries.rows_of(brand_id, view, search, batch.id if batch else 0)
    name = f"codes-{clock.today(identity.brand(brand_id).zone)}"
    return csv_files.answer(name, queries.CSV_HEAD, rows)


def _asked(brand_id: int) -> tuple[str, str, CodeBatch | None]:
    """Which codes the address asks for: view, search, and the batch if it names one."""
    asked = request.args
    named = asked.get("batch", "")
    batch = issue_queries.batch_of_brand(brand_id, named) if named else None
    view = asked.get("view", "all" if batch else "active")
    return view if view in queries.VIEWS else "active", asked.get("q", "").strip(), batch


@blueprint.get("/<code>")
@opens_to("brand.viewer")
def code(brand_id: int, code: str) -> ResponseReturnValue:
    """One code: whose it is, what it sold, its whole history, and what can be done with it."""
    brand = identity.brand(brand_id)
    found = queries.story(tracking.one_of_brand(brand_id, code), clock.now())
    return reply(
        "reports/brand/code.html", brand=brand, story=found,
        use=queries.use_over_time(brand, found.code.id),
        may_change=person().may("brand.manager", brand_id), zone=brand.zone,
    )  # fmt: skip
