"""Doors for finance: payment files, from the written bytes to the last confirmed line."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.files import commands, queries
from portal.files.forms import ConfirmForm, GiveUpForm, RefuseForm
from portal.files.models import LineState, PaymentFile, PaymentLine
from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel.errors import InvalidInput
from portal.kernel.pages import PageRequest
from portal.paying.rules import rate_words
from portal.payouts import queries as payouts
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("files_finance", __name__, url_prefix="/finance/<brand:brand_id>/files")
FINANCE = ("finance.preparer", "finance.approver")
FILE, LINE = "files/finance/file.html", "files/finance/line.html"
TYPES = {"xml": "application/xml", "csv": "text/csv"}


@blueprint.get("")
@opens_to(*FINANCE)
def files(brand_id: int) -> ResponseReturnValue:
    """The brand's payment files, newest first."""
    listed = queries.files_of_brand(brand_id, PageRequest(request.args.get("cursor")))
    runs = {file.run_id: payouts.run(file.run_id) for file in listed.rows}
    brand = identity.brand(brand_id)
    return reply("files/finance/files.html", listed=listed, runs=runs, brand=brand, zone=brand.zone)


@blueprint.get("/<file>")
@opens_to(*FINANCE)
def one(brand_id: int, file: str) -> ResponseReturnValue:
    """One file: what to do next, and its lines."""
    found = queries.one_of_brand(brand_id, file)
    return _page(found, GiveUpForm(formdata=None, data=sign_in.typed()))


@blueprint.post("/<file>/download")
@opens_to(*FINANCE)
def download(brand_id: int, file: str) -> ResponseReturnValue:
    """The bytes, the same at every download; who fetched them is noted."""
    found = queries.one_of_brand(brand_id, file)
    elsewhere = sign_in.require_step_up(then=_link(found))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        kept = commands.note_downloaded(found.id, by=person().id)
        body, name = kept.body.encode(), kept.name
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, mimetype=TYPES.get(name.rpartition(".")[2], "text/plain"),
                    headers=headers)  # fmt: skip


@blueprint.post("/<file>/uploaded")
@opens_to(*FINANCE)
def uploaded(brand_id: int, file: str) -> ResponseReturnValue:
    """It is at the bank, or at PayPal."""
    found = queries.one_of_brand(brand_id, file)
    with unit_of_work():
        commands.mark_uploaded(found.id, by=person().id)
    return reply(then=_link(found), said="Noted. Nothing of it counts as paid before it is said.")


@blueprint.post("/<file>/write")
@opens_to(*FINANCE)
def write(brand_id: int, file: str) -> ResponseReturnValue:
    """Write again what could not be written."""
    found = queries.one_of_brand(brand_id, file)
    with unit_of_work():
        commands.write_again(found.id, by=person().id)
    return reply(then=_link(found), said="It is being written again.")


@blueprint.post("/<file>/give-up")
@opens_to("finance.approver")
def give_up(brand_id: int, file: str) -> ResponseReturnValue:
    """A second person says that it is not carried out."""
    found, form = queries.one_of_brand(brand_id, file), GiveUpForm()
    if not form.validate():
        return _page(found, form, 422)
    elsewhere = sign_in.require_step_up(then=f"{_link(found)}#give-up", keep=form)
    if elsewhere:
        return elsewhere
    try:
        with unit_of_work():
            commands.give_up(found.id, form.reason.data, by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(found, form, 422)
    return reply(then=_link(found), said="Given up. What waited in it is payable again.")


@blueprint.get("/<file>/lines/<reference>")
@opens_to(*FINANCE)
def line(brand_id: int, file: str, reference: str) -> ResponseReturnValue:
    """One payment of a file."""
    found = queries.one_of_brand(brand_id, file)
    return _line_page(found, queries.line_of_file(found.id, reference))


@blueprint.post("/<file>/lines/<reference>/confirm")
@opens_to("finance.approver")
def confirm(brand_id: int, file: str, reference: str) -> ResponseReturnValue:
    """A second person saw it on the statement."""
    found, form = queries.one_of_brand(brand_id, file), ConfirmForm()
    paid = queries.line_of_file(found.id, reference)
    return _decided(
        found, paid, form,
        lambda: commands.confirm_by_hand(paid.id, form.proof.data, by=person().id),
        f"{paid.payee} was paid.",
    )  # fmt: skip


@blueprint.post("/<file>/lines/<reference>/refuse")
@opens_to("finance.approver")
def refuse(brand_id: int, file: str, reference: str) -> ResponseReturnValue:
    """A second person learned that it did not go, or came back."""
    found, form = queries.one_of_brand(brand_id, file), RefuseForm()
    kept = queries.line_of_file(found.id, reference)
    return _decided(
        found, kept, form,
        lambda: commands.refuse_by_hand(kept.id, form.reason.data, by=person().id),
        "Noted. The money is payable again.",
    )  # fmt: skip


# ---- inside
def _link(file: PaymentFile) -> str:
    return url_for(".one", brand_id=file.brand_id, file=file.public_id)


def _page(file: PaymentFile, form: Any, status: int = 200) -> ResponseReturnValue:
    brand, run = identity.brand(file.brand_id), payouts.run(file.run_id)
    people = identity.users([one for one in (file.uploaded_by,) if one])
    return reply(
        FILE, status=status, form=form, file=file, run=run, brand=brand, zone=brand.zone,
        listed=queries.lines(file.id, PageRequest(request.args.get("cursor"))),
        states=queries.states_of(file.id), uploader=people[file.uploaded_by].name
        if file.uploaded_by in people else "",
        is_second=_is_second(file), LineState=LineState,
    )  # fmt: skip


def _is_second(file: PaymentFile) -> bool:
    may = person().may("finance.approver", file.brand_id)
    return may and person().id not in payouts.editors_of(file.run_id)


def _line_page(
    file: PaymentFile, line: PaymentLine, form: Any = None, status: int = 200
) -> ResponseReturnValue:
    brand = identity.brand(file.brand_id)
    kept = form if isinstance(form, ConfirmForm) else ConfirmForm(formdata=None)
    other = form if isinstance(form, RefuseForm) else RefuseForm(formdata=None)
    return reply(
        LINE, status=status, file=file, line=line, brand=brand, zone=brand.zone, form=kept,
        refusing=other, is_second=_is_second(file), run=payouts.run(file.run_id),
        payout=payouts.payout(line.payout_id), rate_words=rate_words,
    )  # fmt: skip


def _decided(
    file: PaymentFile, line: PaymentLine, form: Any, act: Any, said: str
) -> ResponseReturnValue:
    if not form.validate():
        return _line_page(file, line, form, 422)
    here = url_for(".line", brand_id=file.brand_id, file=file.public_id, reference=line.reference)
    elsewhere = sign_in.require_step_up(then=here)
    if elsewhere:
        return elsewhere
    try:
        with unit_of_work():
            act()
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _line_page(file, line, form, 422)
    return reply(then=_link(file), said=said)
