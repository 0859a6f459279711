"""Doors for finance: everybody who is owed something, one of them, and the list as a file."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.payee_holds import commands as payee_holds
from portal.payee_holds import sharing_commands
from portal.payees import finance_pages as pages
from portal.payees.forms import HoldForm, ShareForm
from portal.storage.unit_of_work import unit_of_work
from portal.tax.list_queries import creator_of_brand
from portal.web import csv_files
from portal.web.forms import HouseForm
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("payees_finance", __name__, url_prefix="/finance/<brand:brand_id>/payees")
FINANCE = ("finance.preparer", "finance.approver")
PAGE = "payees/finance/payee.html"


@blueprint.get("")
@opens_to(*FINANCE)
def payees(brand_id: int) -> ResponseReturnValue:
    """Whose money goes where, and what stands in its way."""
    part = "payees/finance/_payees.html" if wants_list() else None
    return reply("payees/finance/payees.html", part, **pages.listing(brand_id))


@blueprint.get("/list.csv")
@opens_to(*FINANCE)
def file(brand_id: int) -> Response:
    """The same list, as a file."""
    today = clock.today(identity.brand(brand_id).zone)
    return csv_files.answer(f"payees-{today}", pages.CSV_HEAD, pages.lines(brand_id))


@blueprint.post("/remind")
@opens_to(*FINANCE)
def remind_all(brand_id: int) -> ResponseReturnValue:
    """Ask everybody in the view for what is missing, each at most once a day."""
    with unit_of_work():
        said = pages.remind_view(brand_id, by=person().id)
    return reply(then=pages.here(brand_id), said=said)


@blueprint.post("/<creator>/remind")
@opens_to(*FINANCE)
def remind(brand_id: int, creator: str) -> ResponseReturnValue:
    """Ask one payee."""
    found = creator_of_brand(brand_id, creator)
    with unit_of_work():
        said = pages.remind_one(brand_id, found, by=person().id)
    then = url_for(".payee", brand_id=brand_id, creator=creator)
    return reply(then=then, said=said)


@blueprint.get("/<creator>")
@opens_to(*FINANCE)
def payee(brand_id: int, creator: str) -> ResponseReturnValue:
    """One payee and her history."""
    return _page(brand_id, creator_of_brand(brand_id, creator))


@blueprint.post("/<creator>/hold")
@opens_to("finance.preparer")
def hold(brand_id: int, creator: str) -> ResponseReturnValue:
    """Let no run pay her, with a reason that she reads."""
    found, form = creator_of_brand(brand_id, creator), HoldForm()
    try:
        if not form.validate():
            return reply(
                PAGE,
                status=422,
                form=form,
                sharing=ShareForm(formdata=None),
                **pages.one(brand_id, found),
            )
        with unit_of_work():
            payee_holds.hold(brand_id, found.id, form.reason.data, by=person().id)
    except InvalidInput as error:
        form.refuse(error)
        return reply(
            PAGE,
            status=422,
            form=form,
            sharing=ShareForm(formdata=None),
            **pages.one(brand_id, found),
        )
    then = url_for(".payee", brand_id=brand_id, creator=creator)
    return reply(then=then, said=f"No run pays {found.name} until somebody releases her payouts.")


@blueprint.post("/<creator>/release")
@opens_to("finance.preparer")
def release(brand_id: int, creator: str) -> ResponseReturnValue:
    """Let the next run pay her again."""
    found = creator_of_brand(brand_id, creator)
    with unit_of_work():
        payee_holds.release(brand_id, found.id, by=person().id)
    then = url_for(".payee", brand_id=brand_id, creator=creator)
    return reply(then=then, said=f"The next run pays {found.name} again.")


@blueprint.post("/<creator>/share")
@opens_to("finance.preparer")
def share(brand_id: int, creator: str) -> ResponseReturnValue:
    """She and those who share her account may be paid to it."""
    found, form = creator_of_brand(brand_id, creator), ShareForm()
    try:
        if not form.validate():
            return _page(brand_id, found, 422, sharing=form)
        with unit_of_work():
            count = sharing_commands.permit(
                brand_id, found.id, form.shared_reason.data, by=person().id
            )
    except InvalidInput as error:
        form.refuse(error)
        return _page(brand_id, found, 422, sharing=form)
    then = url_for(".payee", brand_id=brand_id, creator=creator)
    return reply(then=then, said=f"The next run pays these {count} creators to one account.")


def _page(
    brand_id: int, found: Creator, status: int = 200, **forms: HouseForm
) -> ResponseReturnValue:
    """The page of a payee, with the form that was refused, if one was."""
    part = "payees/finance/_payouts.html" if wants_list() else None
    usual = {"form": HoldForm(formdata=None), "sharing": ShareForm(formdata=None)}
    return reply(PAGE, part, status=status, **{**usual, **forms}, **pages.one(brand_id, found))
