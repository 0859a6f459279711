"""Doors for finance: the brand's own part of the audit trail, its CSV, and whether it is sealed."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.audit.commands import note
from portal.chain import queries as chain
from portal.chain.rules import AUDIT
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.reports import audit_queries, trail_queries
from portal.reports.audit_queries import Wanted
from portal.storage.unit_of_work import unit_of_work
from portal.web import csv_files
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint(
    "reports_finance_audit", __name__, url_prefix="/finance/<brand:brand_id>/audit"
)
FINANCE = ("finance.preparer", "finance.approver")
FILTERS = ("since", "until", "actor", "act", "thing", "about")


def _wanted() -> Wanted:
    return Wanted(**{name: request.values.get(name, "").strip() for name in FILTERS})


@blueprint.get("")
@opens_to(*FINANCE)
def entries(brand_id: int) -> ResponseReturnValue:
    """Who did what, when, to which thing of this brand; newest first."""
    shown = _listed(brand_id, _wanted())
    if wants_list():
        return reply("reports/finance/_audit.html", "reports/finance/_audit.html", **shown)
    shown |= {"groups": trail_queries.GROUPS} | _seal(brand_id)
    return reply("reports/finance/audit.html", **shown)


@blueprint.post("/export")
@opens_to(*FINANCE)
def export(brand_id: int) -> ResponseReturnValue:
    """The newest entries that the filters leave as CSV; that it was taken is an entry, too."""
    wanted = _wanted()
    scope = trail_queries.scope_of(brand_id, wanted.about)
    audit_queries.check(wanted, scope)
    with unit_of_work():
        note(person().id, "audit-trail.exported", 0, brand_id=brand_id, filters=wanted.chosen)
    name = f"audit-trail-{identity.brand_slug_of(brand_id)}-{clock.today(scope.zone)}"
    rows = trail_queries.rows_of(wanted, scope)
    return csv_files.stream(name, trail_queries.CSV_HEAD, rows)


def _listed(brand_id: int, wanted: Wanted) -> dict[str, Any]:
    scope = trail_queries.scope_of(brand_id, wanted.about)
    found = audit_queries.entries(wanted, PageRequest(request.args.get("cursor")), scope)
    following = url_for(".entries", brand_id=brand_id, cursor=found.next_cursor, **wanted.chosen)
    return {
        "brand_id": brand_id, "listing": found, "wanted": wanted, "zone": scope.zone,
        "roles": trail_queries.roles_of(brand_id, found.rows), "next_href": following,
        "here": url_for(".entries", brand_id=brand_id, **wanted.chosen),
    }  # fmt: skip


def _seal(brand_id: int) -> dict[str, Any]:
    head = chain.head_of(AUDIT)
    up_to, waiting = trail_queries.sealed_up_to(brand_id, head.mark_id if head else 0)
    return {"head": head, "sealed_up_to": up_to, "waiting": waiting}
