"""Doors for finance: many payouts of a run at once, ticked or all that match, and their file."""

from collections.abc import Callable

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.kernel.errors import InvalidInput
from portal.payouts import finance_pages as pages
from portal.payouts import line_commands, many_pages, queries
from portal.payouts.finance_lists import address_of
from portal.payouts.forms import HoldForm, ManyForm, RollOverForm
from portal.payouts.item_queries import Which
from portal.payouts.models import PayoutRun
from portal.storage.unit_of_work import unit_of_work
from portal.web import csv_files
from portal.web.forms import HouseForm
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("payouts_many", __name__, url_prefix="/finance/<brand:brand_id>/runs/<run>")
FINANCE = ("finance.preparer", "finance.approver")
PAGE = "payouts/finance/many.html"


@blueprint.get("/payouts.csv")
@opens_to(*FINANCE)
def file(brand_id: int, run: str) -> Response:
    """Every payout of the run, whatever became of it."""
    found = queries.one_of_brand(brand_id, run)
    return csv_files.stream(f"payouts-{run}", many_pages.HEAD, many_pages.cells_of(found))


@blueprint.get("/many")
@opens_to(*FINANCE)
def check(brand_id: int, run: str) -> ResponseReturnValue:
    """Who is meant, and what can be done with them, before anything is done."""
    return _page(queries.one_of_brand(brand_id, run))


@blueprint.post("/many/hold")
@opens_to("finance.preparer")
def hold(brand_id: int, run: str) -> ResponseReturnValue:
    """Keep them out of the run, with a reason."""
    found, form = queries.one_of_brand(brand_id, run), HoldForm()

    def act(which: Which, shown: int) -> str:
        count = line_commands.hold_each(which, form.reason.data, by=person().id, shown=shown)
        return f"{count:,} held out of this run."

    return _decided(found, form, act, "held", name="form")


@blueprint.post("/many/include")
@opens_to("finance.preparer")
def include(brand_id: int, run: str) -> ResponseReturnValue:
    """Take held ones back into the run."""
    found, form = queries.one_of_brand(brand_id, run), HouseForm()

    def act(which: Which, shown: int) -> str:
        count = line_commands.include_each(which, by=person().id, shown=shown)
        return f"{count:,} taken back into this run."

    return _decided(found, form, act, "ready")


@blueprint.post("/many/roll-over")
@opens_to("finance.preparer")
def roll_over(brand_id: int, run: str) -> ResponseReturnValue:
    """Leave them to the next run, with a reason that their creators read."""
    found, form = queries.one_of_brand(brand_id, run), RollOverForm()

    def act(which: Which, shown: int) -> str:
        why = form.rolled_reason.data
        count = line_commands.roll_over_each(which, why, by=person().id, shown=shown)
        return f"{count:,} left to the next run."

    return _decided(found, form, act, "apart", name="rolling")


@blueprint.post("/many/remind")
@opens_to(*FINANCE)
def remind(brand_id: int, run: str) -> ResponseReturnValue:
    """Ask their creators by mail for what is missing."""
    found = queries.one_of_brand(brand_id, run)
    which = many_pages.which_of(found)
    with unit_of_work():
        told = line_commands.remind_each(which, by=person().id)
    said = many_pages.day_words(told)
    return reply(then=pages.link(found, "items", **address_of(which.wanted)), said=said)


# ---- inside
def _page(run: PayoutRun, status: int = 200, **forms: HouseForm) -> ResponseReturnValue:
    which = many_pages.which_of(run)
    shown = many_pages.check(run, which)
    if not shown["count"]:
        said = "Tick at least one payout first."
        return reply(then=pages.link(run, "items", **shown["here"]), said=said)
    usual = {"form": HoldForm(formdata=None), "rolling": RollOverForm(formdata=None)}
    return reply(PAGE, status=status, **{**usual, **forms}, **shown)


def _decided(
    run: PayoutRun, form: HouseForm, act: Callable[[Which, int], str], view: str, name: str = ""
) -> ResponseReturnValue:
    told, refused = ManyForm(), {name: form} if name else {}
    if not (form.validate() and told.validate()):
        return _page(run, 422, **refused)
    try:
        with unit_of_work():
            said = act(many_pages.which_of(run), told.count)
    except InvalidInput as error:
        form.refuse(error)
        return _page(run, 422, **refused)
    return reply(then=pages.link(run, "items", view=view), said=said)
