"""Doors for creators: their months, as pages and as files."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from portal.creators import queries as creators
from portal.kernel.errors import NotFound
from portal.statements import account_queries as accounts
from portal.statements import commands, pages, queries
from portal.statements.pages import CSV_HEAD
from portal.statements.rules import Month
from portal.storage.unit_of_work import unit_of_work
from portal.web import csv_files, pdf
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("statements_creator", __name__, url_prefix="/creator/statements")


@blueprint.get("")
@opens_to(CREATOR)
def statements() -> ResponseReturnValue:
    """Every month, the running one first."""
    return reply("statements/creator/statements.html", accounts=accounts.months_of_creator(_me()))


@blueprint.get("/<month>")
@opens_to(CREATOR)
def month(month: str) -> ResponseReturnValue:
    """One month, line by line, per brand and currency."""
    found = accounts.month_of_creator(_me(), Month.of(month))
    if not found:
        raise NotFound
    return reply(
        "statements/creator/month.html", month=Month.of(month), accounts=found,
        has_pdf=pdf.is_available(),
    )  # fmt: skip


@blueprint.get("/<statement>/file.csv")
@opens_to(CREATOR)
def as_csv(statement: str) -> Response:
    """A published statement as a file."""
    found = queries.one_of_creator(_me(), statement)
    account = accounts.of_statement(found)
    return csv_files.answer(pages.file_name(found), CSV_HEAD, pages.csv_rows(account))


@blueprint.get("/<statement>/file.pdf")
@opens_to(CREATOR)
def as_pdf(statement: str) -> Response:
    """A published statement as a document."""
    found = queries.one_of_creator(_me(), statement)
    data = pages.document(accounts.of_statement(found), creators.creator(_me()))
    return pdf.answer("statements/statement.typ", pages.file_name(found), data)


@blueprint.post("/<statement>/mail")
@opens_to(CREATOR)
def mail(statement: str) -> ResponseReturnValue:
    """Mail it to her: downloads fail in the browsers inside apps."""
    found = queries.one_of_creator(_me(), statement)
    with unit_of_work():
        commands.send_again(found.id, by=person().id)
    return reply(
        then=url_for(".month", month=found.month),
        said="The statement is on its way to your mailbox.",
    )


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
