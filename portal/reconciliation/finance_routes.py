"""Doors for finance: reports in, rows matched both ways, what is left explained."""

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.files import queries as files
from portal.files.models import PaymentFile
from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.payouts import commands as payouts
from portal.payouts import leftover_queries
from portal.payouts import queries as runs
from portal.payouts.models import PayoutRun
from portal.reconciliation import commands, queries
from portal.reconciliation.forms import ExplainForm, MatchForm, ReportForm
from portal.reconciliation.models import ReportRow
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.web import csv_files
from portal.web.forms import SelectChoice
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint(
    "reconciliation_finance", __name__, url_prefix="/finance/<brand:brand_id>/reconciliation"
)
FINANCE = ("finance.preparer", "finance.approver")
PAGE, ROW = "reconciliation/finance/page.html", "reconciliation/finance/row.html"
RUN = "reconciliation/finance/run.html"
VIEWS = (("left", "Left over"), ("matched", "Matched"), ("explained", "Explained"))


@blueprint.get("")
@opens_to(*FINANCE)
def reconciliation(brand_id: int) -> ResponseReturnValue:
    """What is left on either side, the reports, and runs that differ."""
    return _page(brand_id, ReportForm(formdata=None))


@blueprint.post("")
@opens_to(*FINANCE)
def upload(brand_id: int) -> ResponseReturnValue:
    """Take in a report; the same one again changes nothing."""
    form = ReportForm()
    if not form.validate_on_submit():
        return _page(brand_id, form, 422)
    file = form.file.data
    body, name = file.read(), file.filename or ""
    try:
        found = commands.read_report(body, current_app.extensions["portal.adapters"].readers)
        with unit_of_work():
            report = commands.take_in_report(brand_id, name, body, found, by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(brand_id, form, 422)
    return reply(then=url_for(".report", brand_id=brand_id, report=report.public_id))


@blueprint.get("/reports/<report>")
@opens_to(*FINANCE)
def report(brand_id: int, report: str) -> ResponseReturnValue:
    """What one report told."""
    found, brand = queries.report_of_brand(brand_id, report), identity.brand(brand_id)
    page = PageRequest(request.args.get("cursor"))
    shown = {view: queries.rows(brand_id, view, page, found.id) for view, _ in VIEWS}
    return reply(
        "reconciliation/finance/report.html", report=found, brand=brand, zone=brand.zone,
        parts=[(words, shown[view]) for view, words in VIEWS],
    )  # fmt: skip


@blueprint.get("/rows/<row>")
@opens_to(*FINANCE)
def row(brand_id: int, row: str) -> ResponseReturnValue:
    """One row that stands alone."""
    return _row_page(queries.row_of_brand(brand_id, row))


@blueprint.post("/rows/<row>/match")
@opens_to("finance.approver")
def match(brand_id: int, row: str) -> ResponseReturnValue:
    """A second person says which payment it is about."""
    found = queries.row_of_brand(brand_id, row)
    form = _match_form(found, MatchForm())
    if not form.validate():
        return _row_page(found, form, 422)
    line = files.lines_by_reference(brand_id, [form.line.data])[form.line.data]
    elsewhere = sign_in.require_step_up(then=url_for(".row", brand_id=brand_id, row=row))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.match_by_hand(found.id, line.id, by=person().id)
    return reply(then=_link(brand_id), said=f"Matched with {line.payee}.")


@blueprint.post("/rows/<row>/explain")
@opens_to(*FINANCE)
def explain(brand_id: int, row: str) -> ResponseReturnValue:
    """Write why it stands alone."""
    found, form = queries.row_of_brand(brand_id, row), ExplainForm()
    if not form.validate():
        return _row_page(found, form, 422)
    try:
        with unit_of_work():
            commands.explain(found.id, form.reason.data, by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _row_page(found, form, 422)
    return reply(then=_link(brand_id), said="Explained. Nothing moved.")


@blueprint.get("/runs/<run>")
@opens_to(*FINANCE)
def run(brand_id: int, run: str) -> ResponseReturnValue:
    """By how much a run's ledger and rails differ, and which transfers it is."""
    return _run_page(runs.one_of_brand(brand_id, run), ExplainForm(formdata=None))


@blueprint.get("/runs/<run>/leftovers.csv")
@opens_to(*FINANCE)
def leftovers_csv(brand_id: int, run: str) -> Response:
    """The transfers that stand on one side only, as CSV."""
    found = runs.one_of_brand(brand_id, run)
    name = f"leftovers-{found.public_id}"
    return csv_files.answer(name, leftover_queries.HEAD, leftover_queries.cells_of(found))


@blueprint.post("/runs/<run>")
@opens_to("finance.approver")
def explain_run(brand_id: int, run: str) -> ResponseReturnValue:
    """Write why a run's ledger and rails differ; only then can it be closed."""
    found, form = runs.one_of_brand(brand_id, run), ExplainForm()
    if not form.validate():
        return _run_page(found, form, 422)
    try:
        with unit_of_work():
            payouts.explain_difference(found.id, form.reason.data, by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _run_page(found, form, 422)
    return reply(then=_link(brand_id), said="Explained.")


# ---- inside
def _link(brand_id: int) -> str:
    return url_for(".reconciliation", brand_id=brand_id)


def _page(brand_id: int, form: Any, status: int = 200) -> ResponseReturnValue:
    brand, view = identity.brand(brand_id), request.args.get("view", "left")
    counted = queries.counts(brand_id)
    part = "reconciliation/finance/_list.html" if wants_list() else None
    return reply(
        PAGE, part, status=status, brand=brand, zone=brand.zone, form=form, view=view,
        listed=queries.rows(brand_id, view, PageRequest(request.args.get("cursor"))),
        views=[{"label": words, "count": counted[name], "current": name == view,
                "href": f"{_link(brand_id)}?view={name}"} for name, words in VIEWS],
        missing=queries.missing_there(brand_id), runs=queries.differing_runs(brand_id),
        reports=queries.reports(brand_id), waiting=files.waiting_files(brand_id),
        may_approve=person().may("finance.approver", brand_id),
    )  # fmt: skip


def _run_page(run: PayoutRun, form: ExplainForm, status: int = 200) -> ResponseReturnValue:
    brand = identity.brand(run.brand_id)
    return reply(
        RUN, status=status, run=run, form=form, brand=brand, zone=brand.zone,
        listed=leftover_queries.leftovers(run, PageRequest(request.args.get("cursor"))),
        here={"brand_id": brand.id, "run": run.public_id},
        may_approve=person().may("finance.approver", brand.id),
    )  # fmt: skip


def _match_form(row: ReportRow, form: MatchForm) -> MatchForm:
    found = queries.waiting_lines_like(row)
    form.line.choices = [
        SelectChoice(one.reference, f"{one.payee}, {one.amount}, {one.reference}") for one in found
    ]
    return form


def _row_page(row: ReportRow, form: Any = None, status: int = 200) -> ResponseReturnValue:
    brand = identity.brand(row.brand_id)
    payout = runs.payout(row.payout_id) if row.payout_id else None
    line = files.newest_line(row.payout_id) if row.payout_id else None
    kept = form if isinstance(form, ExplainForm) else ExplainForm(formdata=None)
    by = form if isinstance(form, MatchForm) else _match_form(row, MatchForm(formdata=None))
    people = identity.users([row.decided_by]) if row.decided_by else {}
    return reply(
        ROW, status=status, row=row, brand=brand, zone=brand.zone, form=kept, matching=by,
        payout=payout, line=line, file=db.session.get(PaymentFile, line.file_id) if line else None,
        may_match=person().may("finance.approver", row.brand_id),
        decider=people[row.decided_by].name if row.decided_by in people else "",
    )  # fmt: skip
