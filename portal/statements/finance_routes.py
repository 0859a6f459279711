"""Doors for finance: which months are out, and what each creator was told."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.creators import queries as creators
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import PageRequest
from portal.payouts import finance_pages
from portal.payouts import queries as runs
from portal.statements import account_queries as accounts
from portal.statements import commands, pages, queries
from portal.statements.pages import CSV_HEAD
from portal.statements.rules import Month
from portal.storage.unit_of_work import unit_of_work
from portal.web import csv_files, pdf
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint(
    "statements_finance", __name__, url_prefix="/finance/<brand:brand_id>/statements"
)
FINANCE = ("finance.preparer", "finance.approver")


@blueprint.get("")
@opens_to(*FINANCE)
def statements(brand_id: int) -> ResponseReturnValue:
    """The months that are out, and the one that is due."""
    brand = identity.brand(brand_id)
    return reply(
        "statements/finance/statements.html", brand=brand, sums=queries.months_of(brand_id),
        mailed=queries.mailed_of(brand_id), months=queries.published(brand_id),
        due=queries.next_due(brand, clock.now()), running=Month.at(clock.now(), brand.zone),
        may_publish=person().may("finance.preparer", brand_id),
    )  # fmt: skip


@blueprint.post("")
@opens_to("finance.preparer")
def publish(brand_id: int) -> ResponseReturnValue:
    """Publish the month that is due now, instead of within the hour; asked from a run's checklist
    it leads back there."""
    run, then = request.form.get("run"), url_for(".statements", brand_id=brand_id)
    if run:
        then = finance_pages.link(runs.one_of_brand(brand_id, run), "result")
    with unit_of_work():
        month = commands.publish_next(brand_id, by=person().id)
    said = f"The statements of {month.words} are out." if month else "No month is due."
    return reply(then=then, said=said)


@blueprint.get("/<month>")
@opens_to(*FINANCE)
def month(brand_id: int, month: str) -> ResponseReturnValue:
    """Every creator's statement of one month."""
    shown = pages.month_of_brand(
        identity.brand(brand_id), Month.of(month), PageRequest(request.args.get("cursor"))
    )
    if not queries.is_published(brand_id, shown["month"]):
        raise NotFound
    return reply("statements/finance/month.html", **shown)


@blueprint.get("/<month>.csv")
@opens_to(*FINANCE)
def month_csv(brand_id: int, month: str) -> Response:
    """One month, a line per creator and currency."""
    brand, wanted = identity.brand(brand_id), Month.of(month)
    return csv_files.answer(
        f"{brand.slug}-statements-{wanted}", pages.MONTH_HEAD, pages.month_rows(brand, wanted)
    )


@blueprint.get("/<month>/<statement>")
@opens_to(*FINANCE)
def statement(brand_id: int, month: str, statement: str) -> ResponseReturnValue:
    """One statement, as the creator reads it."""
    found = queries.one_of_brand(brand_id, Month.of(month), statement)
    return reply(
        "statements/finance/statement.html", sheet=accounts.of_statement(found), brand_id=brand_id,
        creator=creators.creator(found.creator_id), has_pdf=pdf.is_available(),
    )  # fmt: skip


@blueprint.get("/<month>/<statement>/file.csv")
@opens_to(*FINANCE)
def as_csv(brand_id: int, month: str, statement: str) -> Response:
    """The same file the creator gets."""
    found = queries.one_of_brand(brand_id, Month.of(month), statement)
    rows = pages.csv_rows(accounts.of_statement(found))
    return csv_files.answer(pages.file_name(found), CSV_HEAD, rows)


@blueprint.get("/<month>/<statement>/file.pdf")
@opens_to(*FINANCE)
def as_pdf(brand_id: int, month: str, statement: str) -> Response:
    """The same document the creator gets."""
    found = queries.one_of_brand(brand_id, Month.of(month), statement)
    data = pages.document(accounts.of_statement(found), creators.creator(found.creator_id))
    return pdf.answer("statements/statement.typ", pages.file_name(found), data)


@blueprint.post("/<month>/<statement>/mail")
@opens_to("finance.preparer")
def mail(brand_id: int, month: str, statement: str) -> ResponseReturnValue:
    """Mail it to the creator once more."""
    found = queries.one_of_brand(brand_id, Month.of(month), statement)
    with unit_of_work():
        commands.send_again(found.id, by=person().id)
    then = url_for(".statement", brand_id=brand_id, month=month, statement=statement)
    return reply(then=then, said="The statement is on its way to the creator.")
