"""Doors for finance: runs from the first figure to the closed books."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel.errors import Conflict, InvalidInput, NotAllowed
from portal.kernel.pages import PageRequest
from portal.ledger import queries as books
from portal.payouts import commands, journal, queries, rules, starting
from portal.payouts import finance_lists as lists
from portal.payouts import finance_pages as pages
from portal.payouts.coming_queries import day_of
from portal.payouts.forms import (
    ApproveForm,
    HoldForm,
    NewRunForm,
    OutsideForm,
    ReturnForm,
    RollOverForm,
    SubmitForm,
)
from portal.payouts.models import Payout, PayoutRun, RunStatus
from portal.storage.unit_of_work import unit_of_work
from portal.web.forms import HouseForm
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("payouts_finance", __name__, url_prefix="/finance/<brand:brand_id>")
FINANCE = ("finance.preparer", "finance.approver")
ITEM = "payouts/finance/item.html"


# ---- runs
@blueprint.get("/runs")
@opens_to(*FINANCE)
def runs(brand_id: int) -> ResponseReturnValue:
    """The brand's runs, newest first."""
    found = queries.runs_of_brand(brand_id, PageRequest(request.args.get("cursor")))
    people = [i for run in found.rows for i in (run.prepared_by, run.approved_by)]
    return reply(
        "payouts/finance/runs.html", listed=found, home_of=pages.home_of,
        names=pages.names_of(people), brand=identity.brand(brand_id),
        may_prepare=person().may("finance.preparer", brand_id),
    )  # fmt: skip


@blueprint.get("/runs/new")
@opens_to("finance.preparer")
def new_run(brand_id: int) -> ResponseReturnValue:
    """Choose what a run pays."""
    return reply("payouts/finance/new.html", **lists.new_run(brand_id, NewRunForm()))


@blueprint.post("/runs/new")
@opens_to("finance.preparer")
def create_run(brand_id: int) -> ResponseReturnValue:
    """Open a run and calculate it; a large one in the background."""
    form = NewRunForm()
    shown: dict[str, Any] = lists.new_run(brand_id, form)
    if not form.validate():
        return reply("payouts/finance/new.html", status=422, **shown)
    try:
        run = _drafted(brand_id, form)
    except InvalidInput as error:
        form.refuse(error)
        return reply("payouts/finance/new.html", status=422, **shown)
    return reply(then=pages.link(run, "overview"))


def _drafted(brand_id: int, form: NewRunForm) -> PayoutRun:
    currency, last_day, by = form.currency.data, form.cutoff.data, person().id
    cutoff = lists.cutoff_at(brand_id, last_day)
    size = books.count_in_state(brand_id, "payable", currency)
    label = rules.label_of(last_day)
    with unit_of_work():
        run = commands.draft_run(brand_id, currency, label, cutoff, by=by, note=form.note.data)
        calculate = commands.calculate if size <= lists.SMALL_RUN else commands.start_calculation
        return calculate(run.id, by=by)


@blueprint.get("/runs/<run>")
@opens_to(*FINANCE)
def overview(brand_id: int, run: str) -> ResponseReturnValue:
    """Control totals, what is left out, what to look at."""
    found = queries.one_of_brand(brand_id, run)
    if found.status in pages.BEGINNING:
        view, part = "payouts/finance/calculating.html", "payouts/finance/_calculating.html"
        return reply(view, part, **pages.calculating(found))
    if wants_list("calculating"):  # the page that waited for the calculation
        return reply(then=pages.link(found, "overview"))
    shown = {**pages.review(found), **lists.items(found)}
    return reply("payouts/finance/overview.html", **shown)


@blueprint.get("/runs/<run>/items")
@opens_to(*FINANCE)
def items(brand_id: int, run: str) -> ResponseReturnValue:
    """The run's payouts; htmx asks for the list alone."""
    found = queries.one_of_brand(brand_id, run)
    view = "payouts/finance/items.html"
    partial = "payouts/finance/_items.html" if wants_list() else None
    return reply(view, partial, **pages.about(found), **lists.items(found))


@blueprint.get("/runs/<run>/items/<payout>")
@opens_to(*FINANCE)
def item(brand_id: int, run: str, payout: str) -> ResponseReturnValue:
    """One payout: what it is made of, where it goes, every attempt."""
    return _item_page(queries.one_of_brand(brand_id, run), payout)


def _item_page(
    run: PayoutRun, payout: str, status: int = 200, **forms: HouseForm
) -> ResponseReturnValue:
    """The page of one payout, with the form that was refused, if one was."""
    shown = pages.item(run, queries.payout_of_run(run.id, payout))
    return reply(
        ITEM, status=status, **{**pages.item_forms(run, sign_in.typed()), **forms}, **shown
    )


@blueprint.post("/runs/<run>/items/<payout>/hold")
@opens_to("finance.preparer")
def hold(brand_id: int, run: str, payout: str) -> ResponseReturnValue:
    """Keep a payout out of the run, with a reason."""
    found, form = queries.one_of_brand(brand_id, run), HoldForm()

    def act(line: Payout) -> str:
        commands.hold(found.id, line.id, form.reason.data, by=person().id)
        return f"{line.creator_name} is held out of this run."

    return _taken_out(found, payout, "held", act, form=form)


@blueprint.post("/runs/<run>/items/<payout>/roll-over")
@opens_to("finance.preparer")
def roll_over_one(brand_id: int, run: str, payout: str) -> ResponseReturnValue:
    """Leave a payout to the next run, with a reason that the creator reads."""
    found, form = queries.one_of_brand(brand_id, run), RollOverForm()

    def act(line: Payout) -> str:
        commands.roll_over(found.id, line.id, form.rolled_reason.data, by=person().id)
        return f"{line.creator_name} is left to the next run. She reads why."

    return _taken_out(found, payout, "apart", act, rolling=form)


def _taken_out(
    run: PayoutRun, payout: str, view: str, act: Callable[[Payout], str], **forms: HouseForm
) -> ResponseReturnValue:
    """Take a payout out of the run and show the list it is in then; `act` says what was done. Or
    its page with the one of `forms`, by the page's name for it, that was refused."""
    (form,) = forms.values()
    line = queries.payout_of_run(run.id, payout)
    try:
        if not form.validate():
            return _item_page(run, payout, 422, **forms)
        with unit_of_work():
            said = act(line)
    except InvalidInput as error:
        form.refuse(error)
        return _item_page(run, payout, 422, **forms)
    return reply(then=pages.link(run, "items", view=view), said=said)


@blueprint.post("/runs/<run>/items/<payout>/include")
@opens_to("finance.preparer")
def include(brand_id: int, run: str, payout: str) -> ResponseReturnValue:
    """Take a held payout back in."""
    found = queries.one_of_brand(brand_id, run)
    line = queries.payout_of_run(found.id, payout)
    with unit_of_work():
        commands.include(found.id, line.id, by=person().id)
    said = f"{line.creator_name} is back in this run."
    return reply(then=pages.link(found, "item", payout=payout), said=said)


@blueprint.post("/runs/<run>/items/<payout>/outside")
@opens_to("finance.approver")
def mark_outside(brand_id: int, run: str, payout: str) -> ResponseReturnValue:
    """A second person confirms that it was paid another way."""
    found, form = queries.one_of_brand(brand_id, run), OutsideForm()
    line = queries.payout_of_run(found.id, payout)
    pages.refuse_preparer(found)
    if not form.validate():
        return _item_page(found, payout, 422, outside=form)
    then = pages.link(found, "item", payout=payout)
    elsewhere = sign_in.require_step_up(then=f"{then}#outside", keep=form)
    if elsewhere:
        return elsewhere
    try:
        with unit_of_work():
            commands.mark_outside(found.id, line.id, by=person().id, **form.told)
    except InvalidInput as error:
        form.refuse(error)
        return _item_page(found, payout, 422, outside=form)
    return reply(then=then, said=f"{line.creator_name} was paid another way.")


@blueprint.post("/runs/<run>/recalculate")
@opens_to("finance.preparer")
def recalculate(brand_id: int, run: str) -> ResponseReturnValue:
    """Read the balances again."""
    found = queries.one_of_brand(brand_id, run)
    small = found.considered_count <= lists.SMALL_RUN
    with unit_of_work():
        calculate = commands.calculate if small else commands.start_calculation
        calculate(found.id, by=person().id)
    return reply(then=pages.link(found, "overview"), said="The run was calculated again.")


@blueprint.route("/runs/<run>/cancel", methods=["GET", "POST"])
@opens_to("finance.preparer")
def cancel(brand_id: int, run: str) -> ResponseReturnValue:
    """Give the run up, after one more look."""
    found = queries.one_of_brand(brand_id, run)
    if request.method == "GET":
        if not rules.may_cancel(found.status):
            return reply(then=pages.link(found, "overview"))
        return reply("payouts/finance/cancel.html", **pages.about(found))
    with unit_of_work():
        commands.cancel(found.id, by=person().id)
    said = f"{found.label} was cancelled. Everything in it stays payable."
    return reply(then=pages.link(found, "overview"), said=said)


# ---- check and submit
@blueprint.get("/runs/<run>/check")
@opens_to("finance.preparer")
def check(brand_id: int, run: str) -> ResponseReturnValue:
    """The preparer's last look."""
    found = queries.one_of_brand(brand_id, run)
    if found.status is not RunStatus.IN_REVIEW:
        return reply(then=pages.link(found, "overview"))
    filled = {"note": found.note, "pay_on": day_of(found)}
    return _check_page(found, SubmitForm(formdata=None, data=filled))


def _check_page(
    run: PayoutRun, form: SubmitForm, status: int = 200, conflict: str = ""
) -> ResponseReturnValue:
    return reply(
        "payouts/finance/check.html", status=status, conflict=conflict, form=form,
        **pages.review(run),
    )  # fmt: skip


@blueprint.post("/runs/<run>/check")
@opens_to("finance.preparer")
def submit(brand_id: int, run: str) -> ResponseReturnValue:
    """Lock the lines and ask for approval."""
    found, form = queries.one_of_brand(brand_id, run), SubmitForm()
    if not form.validate():
        return _check_page(found, form, 422)
    said = {"shown": form.shown, "pay_on": form.pay_on.data}
    try:
        with unit_of_work():
            commands.submit_run(found.id, form.note.data, by=person().id, **said)
    except InvalidInput as error:
        form.refuse(error)
        return _check_page(queries.one_of_brand(brand_id, run), form, 422)
    except Conflict as conflict:
        return _not_yet(brand_id, run, form, conflict)
    done = "Submitted. Somebody else approves it now."
    return reply(then=pages.link(found, "overview"), said=done)


def _not_yet(brand_id: int, run: str, form: SubmitForm, conflict: Conflict) -> ResponseReturnValue:
    """The same page with what she typed; the pay date she chose is the one calculated for next."""
    again = queries.one_of_brand(brand_id, run)
    if again.status is not RunStatus.IN_REVIEW:
        raise conflict
    with unit_of_work():
        starting.keep_day(again.id, form.pay_on.data, by=person().id)
    return _check_page(again, form, 409, conflict.message)


@blueprint.post("/runs/<run>/recall")
@opens_to("finance.preparer")
def recall(brand_id: int, run: str) -> ResponseReturnValue:
    """Take a submitted run back."""
    found = queries.one_of_brand(brand_id, run)
    with unit_of_work():
        commands.recall(found.id, by=person().id)
    return reply(then=pages.link(found, "overview"), said="The run is back in review.")


# ---- approve
@blueprint.get("/runs/<run>/approve")
@opens_to(*FINANCE)
def approval(brand_id: int, run: str) -> ResponseReturnValue:
    """The approver's page."""
    found = queries.one_of_brand(brand_id, run)
    if found.status is not RunStatus.AWAITING_APPROVAL:
        said = f"{found.label} does not wait for an approval now. This is how it stands."
        return reply(then=pages.link(found, "overview"), said=said)
    return _approval_page(found, comment=ReturnForm(formdata=None, data=sign_in.typed()))


def _approval_page(
    run: PayoutRun, status: int = 200, conflict: str = "", *, comment: ReturnForm
) -> ResponseReturnValue:
    return reply(
        "payouts/finance/approve.html", status=status, conflict=conflict,
        form=comment, **pages.approval(run),
    )  # fmt: skip


@blueprint.post("/runs/<run>/approve")
@opens_to("finance.approver")
def approve(brand_id: int, run: str) -> ResponseReturnValue:
    """Release the money: never by whoever prepared it, never for other lines than were shown."""
    found, form = queries.one_of_brand(brand_id, run), ApproveForm()
    _refuse_own(found)
    elsewhere = sign_in.require_step_up(then=pages.link(found, "approval"), keep=ReturnForm())
    if elsewhere:
        return elsewhere
    funds = pages.funds_for(found)
    try:
        with unit_of_work():
            done = commands.approve_run(
                found.id, form.control_hash.data, by=person().id, funds=funds
            )
    except Conflict as conflict:
        return _refused(brand_id, run, form, conflict)
    if done.status is RunStatus.AWAITING_APPROVAL:
        said = "Your approval is noted. A second person has to approve this run as well."
        return reply(then=pages.link(found, "approval"), said=said)
    return reply(then=pages.link(found, "progress"), said=pages.approved_words(done))


def _refuse_own(run: PayoutRun) -> None:
    """Said before she is asked to prove who she is; the command says it again."""
    acts = queries.acts_of(run.id)
    own = rules.approval_refusal(person().id, acts, queries.markers_in(acts))
    if own:
        raise NotAllowed(own)


def _refused(brand_id: int, run: str, form: ApproveForm, conflict: Conflict) -> ResponseReturnValue:
    found = queries.one_of_brand(brand_id, run)
    if found.status is not RunStatus.AWAITING_APPROVAL:
        raise conflict
    words = pages.changed_words(found, form.net_minor.data or "", conflict.message)
    return _approval_page(found, 409, words, comment=ReturnForm())


@blueprint.post("/runs/<run>/return")
@opens_to("finance.approver")
def return_run(brand_id: int, run: str) -> ResponseReturnValue:
    """Send it back with a comment."""
    found, form = queries.one_of_brand(brand_id, run), ReturnForm()
    try:
        if not form.validate():
            return _approval_page(found, 422, comment=form)
        with unit_of_work():
            commands.return_run(found.id, form.comment.data, by=person().id)
    except InvalidInput as error:
        form.refuse(error)
        return _approval_page(found, 422, comment=form)
    return reply(then=pages.link(found, "overview"), said="Returned with your comment.")


# ---- while it is sent
@blueprint.get("/runs/<run>/progress")
@opens_to(*FINANCE)
def progress(brand_id: int, run: str) -> ResponseReturnValue:
    """How far sending is; polls itself, and ends at the result."""
    found = queries.one_of_brand(brand_id, run)
    if found.status not in pages.SENDING:
        return reply(then=pages.home_of(found))
    view, partial = "payouts/finance/progress.html", "payouts/finance/_progress.html"
    return reply(view, partial, **pages.progress(found))


@blueprint.post("/runs/<run>/pause")
@opens_to(*FINANCE)
def pause(brand_id: int, run: str) -> ResponseReturnValue:
    """Send nothing new for now."""
    found = queries.one_of_brand(brand_id, run)
    with unit_of_work():
        commands.pause(found.id, by=person().id)
    said = "Paused. What is with the provider now is finished."
    return reply(then=pages.link(found, "progress"), said=said)


@blueprint.post("/runs/<run>/send")
@opens_to("finance.approver")
def send_now(brand_id: int, run: str) -> ResponseReturnValue:
    """Do not wait for the pay date."""
    found = queries.one_of_brand(brand_id, run)
    _refuse_own(found)
    then = pages.link(found, "progress")
    elsewhere = sign_in.require_step_up(then=then)
    if elsewhere:
        return elsewhere
    funds = pages.funds_for(found)
    with unit_of_work():
        commands.send_now(found.id, by=person().id, funds=funds)
    return reply(then=then, said="Sending begins now.")


@blueprint.post("/runs/<run>/resume")
@opens_to(*FINANCE)
def resume(brand_id: int, run: str) -> ResponseReturnValue:
    """Go on; a run that waited for funds only when they are there."""
    found = queries.one_of_brand(brand_id, run)
    funds = pages.funds_for(found) if found.started_at is None else None
    with unit_of_work():
        done = commands.resume(found.id, by=person().id, funds=funds)
    if done.status is RunStatus.AWAITING_APPROVAL:
        return reply(then=pages.link(found, "overview"), said=pages.LAPSED)
    return reply(then=pages.link(found, "progress"), said="Sending goes on.")


@blueprint.route("/runs/<run>/stop", methods=["GET", "POST"])
@opens_to("finance.approver")
def stop(brand_id: int, run: str) -> ResponseReturnValue:
    """Send nothing more, for good, after one more look and a proof of identity."""
    found = queries.one_of_brand(brand_id, run)
    if request.method == "GET":
        if found.status not in pages.SENDING:
            return reply(then=pages.home_of(found))
        return reply("payouts/finance/stop.html", **pages.stopping(found))
    elsewhere = sign_in.require_step_up(then=pages.link(found, "stop"))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.stop(found.id, by=person().id)
    said = "Stopped. What was not sent is payable in the next run."
    return reply(then=pages.link(found, "result"), said=said)


# ---- afterwards
@blueprint.get("/runs/<run>/result")
@opens_to(*FINANCE)
def result(brand_id: int, run: str) -> ResponseReturnValue:
    """What was sent, what failed, what stands before closing."""
    found = queries.one_of_brand(brand_id, run)
    if found.status not in pages.ENDED:
        return reply(then=pages.home_of(found))
    part = "payouts/finance/_closing.html" if wants_list("closing") else None
    return reply("payouts/finance/result.html", part, **pages.result(found))


@blueprint.post("/runs/<run>/retry")
@opens_to("finance.preparer")
def retry(brand_id: int, run: str) -> ResponseReturnValue:
    """Send again what can be sent again under the same approval."""
    found = queries.one_of_brand(brand_id, run)
    with unit_of_work():
        again, left = commands.retry_failed(found.id, by=person().id)
    said = f"Sent again: {again:,}." + (f" Left as they are: {left:,}." if left else "")
    return reply(then=pages.link(found, "progress"), said=said)


@blueprint.post("/runs/<run>/roll-over")
@opens_to("finance.preparer")
def roll_over(brand_id: int, run: str) -> ResponseReturnValue:
    """Leave what failed to the next run."""
    found = queries.one_of_brand(brand_id, run)
    with unit_of_work():
        count = commands.roll_over_failed(found.id, by=person().id)
    said = f"{count:,} left to the next run. The money is payable already."
    return reply(then=pages.link(found, "result"), said=said)


@blueprint.post("/runs/<run>/journal")
@opens_to(*FINANCE)
def export_journal(brand_id: int, run: str) -> ResponseReturnValue:
    """The journal as CSV; that it was taken over is noted."""
    found = queries.one_of_brand(brand_id, run)
    text = journal.as_csv(found)
    with unit_of_work():
        commands.note_exported(found.id, by=person().id)
    headers = {"Content-Disposition": f'attachment; filename="journal-{found.public_id}.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)


@blueprint.post("/runs/<run>/close")
@opens_to("finance.preparer")
def close(brand_id: int, run: str) -> ResponseReturnValue:
    """Close the run for good."""
    found = queries.one_of_brand(brand_id, run)
    with unit_of_work():
        commands.close(found.id, by=person().id)
    return reply(then=pages.link(found, "result"), said=f"{found.label} is closed.")
