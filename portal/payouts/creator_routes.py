"""Doors for creators: what is paid, and where it goes."""

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.creators import commands as creators
from portal.creators import queries as creator_queries
from portal.creators.models import PayoutDestination, Rail
from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel.errors import Conflict
from portal.kernel.pages import PageRequest
from portal.payouts import creator_pages as pages
from portal.payouts.forms import MethodForm
from portal.payouts.provider import PayoutProvider
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("payouts_creator", __name__, url_prefix="/creator/payouts")
SETUP, STATE = "payouts/creator/setup.html", "payouts/creator/_state.html"
MOST_LOOKS = 20  # every 3 seconds, for a minute


@blueprint.get("")
@opens_to(CREATOR)
def payouts() -> ResponseReturnValue:
    """What is owed, and what was paid."""
    shown = pages.payouts(_me(), PageRequest(request.args.get("cursor")))
    return reply("payouts/creator/payouts.html", **shown)


@blueprint.get("/<payout>")
@opens_to(CREATOR)
def payout(payout: str) -> ResponseReturnValue:
    """One payout."""
    return reply("payouts/creator/payout.html", **pages.payout(_me(), payout))


@blueprint.get("/setup")
@opens_to(CREATOR)
def setup() -> ResponseReturnValue:
    """How she is paid. Coming back from the provider, the page asks for the state itself."""
    came_back, expired = "back" in request.args, "expired" in request.args
    shown = pages.setup(_me())
    looks = 1 if came_back and not pages.is_settled(shown["current"]) else 0
    form = MethodForm(data=sign_in.typed())
    return reply(SETUP, form=form, looks=looks, expired=expired, **shown)


@blueprint.post("/setup/connect")
@opens_to(CREATOR)
def connect() -> ResponseReturnValue:
    """Open an account at the provider (once), and hand out the way there."""
    kept = _stripe_account()
    if kept is None and pages.changes_usable(_me()):
        elsewhere = sign_in.require_step_up(then=url_for(".setup"))
        if elsewhere:
            return elsewhere
    account = kept.account_ref if kept else _new_account()
    base = current_app.config["PORTAL"].base_url
    here = base + url_for(".setup")
    end_read()
    link = _rail().onboarding_link(
        account, return_url=f"{here}?back=1", refresh_url=f"{here}?expired=1"
    )
    return reply("payouts/creator/continue.html", target=link)


@blueprint.post("/setup/refresh")
@opens_to(CREATOR)
def refresh() -> ResponseReturnValue:
    """Ask the provider how the account stands."""
    kept = _stripe_account()
    if kept is not None:
        end_read()
        state = _rail().account_state(kept.account_ref)
        with unit_of_work():
            creators.record_account_state(
                kept.account_ref, state.state, state.missing,
                label_masked=state.label, country=state.country,
            )  # fmt: skip
    shown, looks = pages.setup(_me()), request.args.get("looks", 0, type=int)
    is_enough = pages.is_settled(shown["current"]) or looks >= MOST_LOOKS
    shown["looks"] = 0 if is_enough or not looks else looks + 1
    return reply(SETUP, STATE, then=url_for(".setup"), form=MethodForm(), expired=False, **shown)


@blueprint.post("/setup/manual")
@opens_to(CREATOR)
def manual() -> ResponseReturnValue:
    """Be paid another way, as agreed with the brand."""
    form = MethodForm()
    if not form.validate():
        shown = pages.setup(_me())
        return reply(SETUP, status=422, form=form, looks=0, expired=False, **shown)
    if pages.changes_usable(_me()):
        elsewhere = sign_in.require_step_up(then=url_for(".setup"), keep=form)
        if elsewhere:
            return elsewhere
    with unit_of_work():
        creators.set_destination(
            _me(), Rail.MANUAL, form.reference.data, by=person().id, label_masked="By hand"
        )
    return reply(then=url_for(".setup"), said="Saved. The brand pays you this way from now on.")


@blueprint.post("/setup/use-stripe")
@opens_to(CREATOR)
def use_stripe() -> ResponseReturnValue:
    """Go back to the connected account."""
    kept = _stripe_account()
    if kept is None:
        raise Conflict("There is no connected account to go back to. Connect one first.")
    if pages.changes_usable(_me()):
        elsewhere = sign_in.require_step_up(then=url_for(".setup"))
        if elsewhere:
            return elsewhere
    with unit_of_work():
        creators.set_destination(_me(), Rail.STRIPE, kept.account_ref, by=person().id)
    return reply(then=url_for(".setup"), said="Saved. You are paid through Stripe.")


# ---- inside
def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]


def _rail() -> PayoutProvider:
    found = pages.rail()
    if found is None:
        raise Conflict("Stripe is not connected on this portal. Choose another way to be paid.")
    return found


def _stripe_account() -> PayoutDestination | None:
    rows = creator_queries.all_destinations_of(_me())
    return next((row for row in rows if row.rail is Rail.STRIPE and row.account_ref), None)


def _new_account() -> str:
    creator = creator_queries.creator(_me())
    email, country = identity.user(creator.user_id).email, creator.country
    end_read()
    account = _rail().create_account(email=email, country=country, creator=creator.public_id)
    with unit_of_work():
        creators.set_destination(creator.id, Rail.STRIPE, account, by=person().id, country=country)
    return account
