"""Doors for the operator: the audit trail, its CSV, and the state of the hash chains."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.audit.commands import note
from portal.chain import queries as chain
from portal.chain.row_queries import SOURCES
from portal.identity import queries as identity
from portal.kernel.pages import PageRequest
from portal.reports import audit_queries as queries
from portal.storage.unit_of_work import unit_of_work
from portal.web import csv_files
from portal.web.guards import OPERATOR, opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("reports_audit", __name__, url_prefix="/operator/audit")

NAMES = {"audit": "Audit trail", "ledger": "Books"}
FILTERS = ("since", "until", "actor", "brand", "act", "thing")


def _wanted() -> queries.Wanted:
    return queries.Wanted(**{name: request.values.get(name, "").strip() for name in FILTERS})


@blueprint.get("")
@opens_to(OPERATOR)
def entries() -> ResponseReturnValue:
    """Who did what, when, to which thing; newest first."""
    wanted = _wanted()
    page = queries.entries(wanted, PageRequest(request.args.get("cursor")))
    next_href = url_for(".entries", cursor=page.next_cursor, **wanted.chosen)
    if wants_list():
        part = "reports/operator/_audit.html"
        return reply(part, part, listing=page, wanted=wanted, next_href=next_href)
    heads = {head.name: head for head in chain.heads()}
    return reply(
        "reports/operator/audit.html",
        listing=page,
        wanted=wanted,
        next_href=next_href,
        brands=identity.brands(),
        chains=[(NAMES[name], heads.get(name), chain.waiting_for_seal(name)) for name in SOURCES],
    )


@blueprint.post("/export")
@opens_to(OPERATOR)
def export() -> ResponseReturnValue:
    """The newest entries that the filters leave as CSV; that it was taken is an entry, too."""
    wanted = _wanted()
    queries.check(wanted)
    with unit_of_work():
        note(person().id, "audit-trail.exported", 0, filters=wanted.chosen)
    lines = (queries.cells(line) for part in queries.all_entries(wanted) for line in part)
    return csv_files.answer("audit-trail", queries.CSV_HEAD, lines)
