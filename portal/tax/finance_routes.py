"""Doors for finance: whose form stands how, decisions about forms, the year, the rules."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel.errors import InvalidInput, NotFound
from portal.proposals.wording import PUT_FORWARD
from portal.storage.unit_of_work import unit_of_work
from portal.tax import change_commands as changes
from portal.tax import commands, entry_commands, exports, list_queries, queries
from portal.tax import finance_pages as pages
from portal.tax.forms import PolicyForm, RejectForm, RuleForm
from portal.tax.models import Asks, FormKind, OnMissing, TaxForm
from portal.tax.rules import Policy
from portal.web import csv_files
from portal.web.forms import amount_of
from portal.web.guards import opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("tax_finance", __name__, url_prefix="/finance/<brand:brand_id>/tax")
FINANCE = ("finance.preparer", "finance.approver")
CREATOR, SETTINGS = "tax/finance/creator.html", "tax/finance/rules.html"
MOST_ASKED = 2_000


@blueprint.get("")
@opens_to(*FINANCE)
def forms(brand_id: int) -> ResponseReturnValue:
    """Everybody by the state of their form."""
    part = "tax/finance/_forms.html" if wants_list() else None
    return reply("tax/finance/forms.html", part, **pages.forms(brand_id))


@blueprint.post("/remind")
@opens_to(*FINANCE)
def remind_all(brand_id: int) -> ResponseReturnValue:
    """Ask everybody whose form is missing, each at most once a day."""
    ids = list_queries.creators_in(brand_id, pages.MISSING, MOST_ASKED)
    with unit_of_work():
        count = commands.ask(brand_id, ids, by=person().id)
    return reply(then=url_for(".forms", brand_id=brand_id), said=_asked(count))


# ---- one creator
@blueprint.get("/creators/<creator>")
@opens_to(*FINANCE)
def creator(brand_id: int, creator: str) -> ResponseReturnValue:
    """One creator's forms, and what she received in a year."""
    return _show(brand_id, _creator(brand_id, creator), RejectForm(formdata=None))


@blueprint.post("/creators/<creator>/remind")
@opens_to(*FINANCE)
def remind(brand_id: int, creator: str) -> ResponseReturnValue:
    """Ask her for a form by mail."""
    found = _creator(brand_id, creator)
    with unit_of_work():
        count = commands.ask(brand_id, [found.id], by=person().id)
    return reply(then=_page(brand_id, found), said=_asked(count))


@blueprint.post("/creators/<creator>/forms/<form>/accept")
@opens_to(*FINANCE)
def accept(brand_id: int, creator: str, form: str) -> ResponseReturnValue:
    """Accept a form that somebody had to look at."""
    found = _creator(brand_id, creator)
    with unit_of_work():
        commands.decide(brand_id, _form(found, form).id, accept=True, by=person().id)
    said = "Accepted. The next run pays what waited for it."
    return reply(then=_page(brand_id, found), said=said)


@blueprint.post("/creators/<creator>/forms/<form>/reject")
@opens_to(*FINANCE)
def reject(brand_id: int, creator: str, form: str) -> ResponseReturnValue:
    """Reject a form, with a reason the creator reads."""
    found, typed = _creator(brand_id, creator), RejectForm()
    if not typed.validate():
        return _show(brand_id, found, typed, status=422)
    try:
        with unit_of_work():
            commands.decide(brand_id, _form(found, form).id, accept=False,
                            reason=typed.reason.data, by=person().id)  # fmt: skip
    except InvalidInput as refusal:
        typed.refuse(refusal)
        return _show(brand_id, found, typed, status=422)
    return reply(then=_page(brand_id, found), said="Rejected. She reads why, here and by mail.")


@blueprint.post("/creators/<creator>/forms/<form>/whole")
@opens_to(*FINANCE)
def reveal(brand_id: int, creator: str, form: str) -> ResponseReturnValue:
    """Open a form whole: only with a fresh proof of identity, and each time written down (R103)."""
    found = _creator(brand_id, creator)
    wanted = _form(found, form)
    elsewhere = sign_in.require_step_up(then=_page(brand_id, found))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.note_viewed(brand_id, wanted.id, by=person().id)
    answer = _show(brand_id, found, RejectForm(formdata=None), revealed=queries.form(wanted.id))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/creators/<creator>/entries")
@opens_to(*FINANCE)
def decide_entry(brand_id: int, creator: str) -> ResponseReturnValue:
    """Say whether a gift without obligation counts (R100)."""
    found, entry_id = _creator(brand_id, creator), request.form.get("entry", 0, type=int)
    counts = request.form.get("counts") == "yes"
    with unit_of_work():
        entry_commands.decide_benefit(brand_id, entry_id, counts=counts, by=person().id)
    said = "It counts toward the year." if counts else "It does not count toward the year."
    return reply(then=_page(brand_id, found), said=said)


# ---- the year
@blueprint.get("/<int:year>")
@opens_to(*FINANCE)
def year(brand_id: int, year: int) -> ResponseReturnValue:
    """A year's payments against the threshold, by payment date."""
    part = "tax/finance/_year.html" if wants_list() else None
    return reply("tax/finance/year.html", part, **pages.year(brand_id, year))


@blueprint.post("/<int:year>/export")
@opens_to(*FINANCE)
def export(brand_id: int, year: int) -> ResponseReturnValue:
    """The year's file. Whole numbers leave only with a fresh proof of identity (R103, R104)."""
    kind, is_whole = request.form.get("kind"), request.form.get("numbers") == "whole"
    if is_whole:
        elsewhere = sign_in.require_step_up(then=url_for(".year", brand_id=brand_id, year=year))
        if elsewhere:
            return elsewhere
    if kind == exports.DAC7:
        file = exports.dac7_file(brand_id, year, whole=is_whole)
    else:
        only = request.form.get("rows") == "corrected"
        file = exports.nec_file(brand_id, year, whole=is_whole, corrections_only=only)
    return _download(brand_id, year, kind or exports.NEC, file, is_whole=is_whole)


def _download(
    brand_id: int, year: int, kind: str, file: exports.File, *, is_whole: bool
) -> Response:
    with unit_of_work():
        exports.note_export(brand_id, year, kind, file, whole=is_whole, by=person().id)
    name = f"tax-{identity.brand_slug_of(brand_id)}-{year}-{kind}"
    return csv_files.answer(name, file.head, file.rows)


# ---- rules
@blueprint.get("/rules")
@opens_to(*FINANCE)
def settings(brand_id: int) -> ResponseReturnValue:
    """What is asked for, when, and the dated figures."""
    policy = PolicyForm(formdata=None, data=pages.policy_data(brand_id))
    return reply(SETTINGS, **pages.settings(brand_id, policy, RuleForm(formdata=None)))


@blueprint.post("/rules/policy")
@opens_to(*FINANCE)
def set_policy(brand_id: int) -> ResponseReturnValue:
    """Put forward when a form is asked for, and what happens without one."""
    form = PolicyForm()
    if not form.validate():
        shown = pages.settings(brand_id, form, RuleForm(formdata=None))
        return reply(SETTINGS, status=422, **shown)
    policy = Policy(
        Asks(form.asks.data), OnMissing(form.on_missing.data), form.checks_by_hand.data,
        form.excludes_processors.data, form.dac7_operator.data, is_default=False,
    )  # fmt: skip
    try:
        with unit_of_work():
            changes.put_forward_policy(brand_id, policy, by=person().id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        shown = pages.settings(brand_id, form, RuleForm(formdata=None))
        return reply(SETTINGS, status=422, **shown)
    return reply(then=url_for(".settings", brand_id=brand_id), said=PUT_FORWARD)


@blueprint.post("/rules/figures")
@opens_to(*FINANCE)
def enter_rule(brand_id: int) -> ResponseReturnValue:
    """Put forward the figures of a form from a day on."""
    form = RuleForm().in_currency_of_kind()
    policy = PolicyForm(formdata=None, data=pages.policy_data(brand_id))
    try:
        if form.validate():
            with unit_of_work():
                changes.put_forward_figures(
                    brand_id, FormKind(form.kind.data), form.from_on.data,
                    amount_of(form.threshold, form.currency_code), pages.rate_bp(form.rate.data),
                    by=person().id, note=form.note.data or "",
                )  # fmt: skip
            return reply(then=url_for(".settings", brand_id=brand_id), said=PUT_FORWARD)
    except InvalidInput as refusal:
        form.refuse(refusal)
    return reply(SETTINGS, status=422, **pages.settings(brand_id, policy, form))


# ---- inside
def _show(
    brand_id: int, found: Creator, form: RejectForm, status: int = 200,
    revealed: TaxForm | None = None,
) -> Response:  # fmt: skip
    return reply(CREATOR, status=status, **pages.creator(brand_id, found, form, revealed))


def _creator(brand_id: int, public_id: str) -> Creator:
    return list_queries.creator_of_brand(brand_id, public_id)


def _form(found: Creator, public_id: str) -> TaxForm:
    for form in queries.current_forms([found.id]).values():
        if form.public_id == public_id:
            return form
    raise NotFound()


def _page(brand_id: int, found: Creator) -> str:
    return url_for(".creator", brand_id=brand_id, creator=found.public_id)


def _asked(count: int) -> str:
    if not count:
        return "Nobody was asked: everybody concerned was asked in the last day."
    return f"Asked by mail: {count:,}."
