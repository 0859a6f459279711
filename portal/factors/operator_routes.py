"""Doors for the operator: everybody with an account, and the way back for who lost her factors."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.factors import commands, queries
from portal.factors.forms import ResetForm
from portal.identity import queries as identity
from portal.identity import sign_in
from portal.identity.models import User
from portal.identity.rules import browser_name
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.pages import PageRequest
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import OPERATOR, opens_to, person
from portal.web.reply import reply, wants_list

blueprint = Blueprint("factors_operator", __name__, url_prefix="/operator/people")


@blueprint.get("")
@opens_to(OPERATOR)
def people() -> ResponseReturnValue:
    """Everybody, newest first."""
    search = request.args.get("q", "").strip()
    page = queries.people(search, PageRequest(request.args.get("cursor")))
    part = "factors/operator/_people.html" if wants_list() else None
    return reply("factors/operator/people.html", part, listing=page, search=search)


@blueprint.get("/<who>")
@opens_to(OPERATOR)
def one(who: str) -> ResponseReturnValue:
    """One person: her roles, her factors, her latest sign-ins."""
    return _page(queries.person(who), ResetForm(formdata=None, data=sign_in.typed()), 200)


@blueprint.post("/<who>/reset")
@opens_to(OPERATOR)
def reset(who: str) -> ResponseReturnValue:
    """Take all her factors, so that she can set up new ones."""
    found, form = queries.person(who), ResetForm()
    if not form.validate_on_submit():
        return _page(found, form, 422)
    elsewhere = sign_in.require_step_up(then=url_for(".one", who=who), keep=form)
    if elsewhere:
        return elsewhere
    try:
        with unit_of_work():
            commands.reset(found.id, by=person().id, reason=form.reason.data)
    except (InvalidInput, Conflict) as refusal:
        form.refuse(InvalidInput("reason", refusal.message))
        return _page(found, form, 409)
    said = f"{found.name} has no second factor any more and is signed out. A mail says so."
    return reply(then=url_for(".one", who=who), said=said)


def _page(found: User, form: ResetForm, status: int) -> ResponseReturnValue:
    return reply(
        "factors/operator/person.html",
        status=status,
        form=form,
        found=found,
        hats=identity.hats_of(found.id),
        factors=queries.factors_of(found.id),
        sign_ins=identity.latest_sign_ins(found.id),
        browser_name=browser_name,
        is_herself=found.id == person().id,
        now=clock.wall(),
    )
