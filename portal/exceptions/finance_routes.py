"""Doors for finance: one queue of what stands in the way, across all runs."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.exceptions import commands, queries
from portal.exceptions.forms import OwnerForm, ResolveForm
from portal.exceptions.models import ExceptionKind
from portal.exceptions.queries import Row
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import SelectChoice
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint(
    "exceptions_finance", __name__, url_prefix="/finance/<brand:brand_id>/exceptions"
)
FINANCE = ("finance.preparer", "finance.approver")
KINDS = tuple(one.value for one in ExceptionKind)
PAGE, LIST = "exceptions/finance/exceptions.html", "exceptions/finance/_exceptions.html"


@blueprint.get("")
@opens_to(*FINANCE)
def exceptions(brand_id: int) -> ResponseReturnValue:
    """What is open, the oldest first."""
    kind, mine = request.args.get("kind", ""), request.args.get("mine") == "1"
    wanted = PageRequest(request.args.get("cursor"))
    found = queries.queue(brand_id, wanted, kind, person().id if mine else None)
    people = queries.finance_people(brand_id)
    return reply(
        PAGE, LIST if wants_list() else None, brand_id=brand_id, listing=found, kind=kind,
        mine=mine, kinds=KINDS, counts=queries.counts(brand_id), people=people,
        paths={row.exception.id: path_of(brand_id, row) for row in found.rows},
        zone=identity.brand(brand_id).zone, now=clock.now(), me=person().id,
    )  # fmt: skip


@blueprint.post("/<exception>/owner")
@opens_to(*FINANCE)
def hand_over(brand_id: int, exception: str) -> ResponseReturnValue:
    """Give it to somebody of finance."""
    found, form = queries.one_of_brand(brand_id, exception), OwnerForm()
    people = queries.finance_people(brand_id)
    form.owner.choices = [SelectChoice("", "Nobody"),
                          *(SelectChoice(str(i), name) for i, name in people.items())]  # fmt: skip
    if not form.validate_on_submit():
        return reply(then=_queue(brand_id), said="Choose somebody of finance.")
    with unit_of_work():
        commands.hand_to(found.id, int(form.owner.data or 0) or None, by=person().id)
    return reply(then=_queue(brand_id), said="Handed over.")


@blueprint.post("/<exception>/resolve")
@opens_to(*FINANCE)
def resolve(brand_id: int, exception: str) -> ResponseReturnValue:
    """Close it with a note on how."""
    found, form = queries.one_of_brand(brand_id, exception), ResolveForm()
    if not form.validate_on_submit():
        return reply(then=_queue(brand_id), said="Nothing was closed: say how it was resolved.")
    with unit_of_work():
        commands.resolve(found.id, form.note.data or "", by=person().id)
    return reply(then=_queue(brand_id), said="Resolved. It comes back only for another cause.")


def path_of(brand_id: int, row: Row) -> tuple[str, str]:
    """(address, words) of where something is done about it."""
    kind, brand = row.exception.kind, dict[str, Any](brand_id=brand_id)
    head, _, tail = row.exception.subject.replace(":", "/").partition("/")
    if kind is ExceptionKind.LEFT_OVER:
        return url_for("reconciliation_finance.row", row=head, **brand), "Match or explain the row"
    if kind is ExceptionKind.DIFFERENCE:
        return url_for("reconciliation_finance.run", run=head, **brand), "Find or explain it"
    if kind is ExceptionKind.NOT_WRITTEN:
        return url_for("files_finance.one", file=head, **brand), "Put it right, write it again"
    if kind is ExceptionKind.NOT_ANSWERED:
        return url_for("files_finance.one", file=head, **brand), "Upload it, or its report"
    if kind is ExceptionKind.UNCLAIMED:
        line = url_for("files_finance.line", file=head, reference=tail, **brand)
        return line, "Ask her to claim it, or wait"
    if kind is ExceptionKind.HOLD and head != "payee":
        there = url_for("reports_commissions.commission", commission=head, **brand)
        return there, "Release it, or take it back"
    return _path_of_person(row, brand)


def _path_of_person(row: Row, brand: dict[str, Any]) -> tuple[str, str]:
    kind = row.exception.kind
    if row.payout is not None and row.run is not None:
        run, payout = row.run.public_id, row.payout.public_id
        return url_for("payouts_finance.item", run=run, payout=payout, **brand), "Open the payout"
    if kind is ExceptionKind.NEGATIVE:
        return url_for("books_negative.balances", **brand), "Write off or wait"
    if kind is ExceptionKind.UNMATCHED:
        return "", "The shop has to send the order again"
    if row.creator is None:
        return url_for("payouts_finance.runs", **brand), "See the runs"
    words = "Ask her another way" if kind is ExceptionKind.MAIL else "Open the payee"
    return url_for("payees_finance.payee", creator=row.creator.public_id, **brand), words


def _queue(brand_id: int) -> str:
    return url_for(".exceptions", brand_id=brand_id)
