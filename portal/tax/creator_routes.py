"""Doors for creators: which form, the form, and what waits for it."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.creators import queries as creators
from portal.kernel import clock
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.tax import commands, form_rules, queries
from portal.tax import creator_pages as pages
from portal.tax.form_rules import Who
from portal.tax.forms import OF_KIND, AnswersForm, StartForm
from portal.tax.models import FormKind, FormStatus, TaxForm
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("tax_creator", __name__, url_prefix="/creator/tax")
START, FORM = "tax/creator/start.html", "tax/creator/form.html"


@blueprint.get("")
@opens_to(CREATOR)
def overview() -> ResponseReturnValue:
    """Her form, what waits for it, and the year."""
    return reply("tax/creator/overview.html", **pages.overview(_me()))


@blueprint.route("/start", methods=["GET", "POST"])
@opens_to(CREATOR)
def start() -> ResponseReturnValue:
    """Two or three questions that lead to the form."""
    home = creators.creator(_me()).country
    known = {"country": home, "us": {"": None, "US": "yes"}.get(home, "no"), "who": "person"}
    form = StartForm(data=known)
    if not form.validate_on_submit():
        return reply(START, status=422 if form.is_submitted() else 200, form=form)
    is_us = form.us.data == "yes"
    if not is_us and form.country.data in ("", "US"):
        form.refuse(InvalidInput("country", "Choose the country where you are taxed."))
        return reply(START, status=422, form=form)
    kind = form_rules.kind_for(is_us=is_us, who=Who(form.who.data))
    return _begin(kind, "" if is_us else form.country.data)


@blueprint.post("/start/seller")
@opens_to(CREATOR)
def start_seller() -> ResponseReturnValue:
    """Begin what a platform reports of sellers in the EU (R105)."""
    return _begin(FormKind.DAC7, creators.creator(_me()).country)


def _begin(kind: FormKind, country: str) -> ResponseReturnValue:
    with unit_of_work():
        made = commands.start_form(_me(), kind, by=person().id, country=country)
    return reply(then=_page(made))


@blueprint.get("/forms/<form>")
@opens_to(CREATOR)
def form(form: str) -> ResponseReturnValue:
    """The form: to be filled in, or as it was signed."""
    found = queries.one_of_creator(_me(), form)
    return reply(FORM, **pages.form_page(found, pages.empty_form(found)))


@blueprint.post("/forms/<form>")
@opens_to(CREATOR)
def write(form: str) -> ResponseReturnValue:
    """Keep what is written; with the signature, send it. What was typed is kept either way."""
    found = queries.one_of_creator(_me(), form)
    typed = OF_KIND[found.kind]()
    if found.status is not FormStatus.DRAFT:
        return reply(then=_page(found), said="This form is signed already.")
    if not typed.validate():
        return reply(FORM, status=422, **pages.form_page(found, typed))
    with unit_of_work():
        commands.save_draft(found.id, typed.answers())
    if request.form.get("act") != "sign":
        return reply(then=_page(found), said="Saved. Come back and sign it when you are ready.")
    return _sign(found, typed)


def _sign(found: TaxForm, typed: AnswersForm) -> ResponseReturnValue:
    try:
        with unit_of_work():
            commands.sign(found.id, typed.signed_name.data or "", by=person().id)
    except InvalidInput:
        again = queries.form(found.id)
        fields = pages.refused(again, typed, clock.today("UTC"))
        return reply(FORM, status=422, **pages.form_page(again, fields))
    return reply(then=url_for(".overview"), said="Signed and sent.")


@blueprint.post("/forms/<form>/discard")
@opens_to(CREATOR)
def discard(form: str) -> ResponseReturnValue:
    """Throw a draft away."""
    found = queries.one_of_creator(_me(), form)
    with unit_of_work():
        commands.discard_draft(found.id, by=person().id)
    return reply(then=url_for(".overview"), said="The draft is gone. Nothing else changed.")


def _page(found: TaxForm) -> str:
    return url_for(".form", form=found.public_id)


def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]
