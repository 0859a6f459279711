"""Doors for creators: where her money goes."""

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.creators import queries as profiles
from portal.creators.models import PayoutDestination, Rail
from portal.creators.rules import may_return
from portal.destinations import commands, queries
from portal.destinations import creator_pages as pages
from portal.destinations.forms import FORMS
from portal.destinations.provider import AccountProvider
from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.web.guards import CREATOR, opens_to, person
from portal.web.reply import reply

blueprint = Blueprint("destinations_creator", __name__, url_prefix="/creator/payouts/setup")
SETUP, STATE = "destinations/creator/setup.html", "destinations/creator/_state.html"
WAY, CHANGE = "destinations/creator/way.html", "destinations/creator/change.html"
CONTINUE = "destinations/creator/continue.html"
MOST_LOOKS = 20  # every 3 seconds, for a minute


@blueprint.get("")
@opens_to(CREATOR)
def setup() -> ResponseReturnValue:
    """How she is paid. Coming back from the provider, the page asks for the state itself."""
    came_back, expired = "back" in request.args, "expired" in request.args
    shown = pages.setup(_me())
    looks = 1 if came_back and not pages.is_settled(shown["current"]) else 0
    return reply(SETUP, looks=looks, expired=expired, **shown)


@blueprint.route("/way/<rail>", methods=["GET", "POST"])
@opens_to(CREATOR)
def way(rail: str) -> ResponseReturnValue:
    """Choose one way. What is typed names an account, so nothing of it is kept between proofs."""
    chosen = pages.one_way(_me(), _rail_of(rail))
    elsewhere = _proof(url_for(".way", rail=rail))
    if elsewhere:
        return elsewhere
    form = FORMS[chosen.rail]()
    if not form.validate_on_submit():
        return _way_page(chosen, form, 422 if form.is_submitted() else 200)
    try:
        with unit_of_work():
            _set(chosen.rail, form)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _way_page(chosen, form, 422)
    return reply(then=url_for(".setup"), said="Saved. This is how you are paid from now on.")


@blueprint.post("/connect")
@opens_to(CREATOR)
def connect() -> ResponseReturnValue:
    """Open an account at the provider (once), and hand out the way there."""
    kept = _stripe_account()
    known = kept.account_ref if kept else ""
    needs_new = kept is None or pages.has_gone(kept)
    has_bank = kept is not None and bool(kept.bank_print)  # there she could name another
    elsewhere = _proof(url_for(".setup")) if needs_new or has_bank else None
    if elsewhere:
        return elsewhere
    account = _new_account(replaces=known) if needs_new else known
    ways_back = _ways_back()
    end_read()
    link = _provider().onboarding_link(account, **ways_back)
    return reply(CONTINUE, target=link, is_bank=False)


@blueprint.post("/bank")
@opens_to(CREATOR)
def bank() -> ResponseReturnValue:
    """Hand out the way to her bank details at the provider. What she changes there comes back as a
    report, and is confirmed by mail (R91)."""
    kept = _stripe_account()
    if kept is None:
        raise Conflict("There is no connected account. Connect one first.")
    account, elsewhere = kept.account_ref, sign_in.require_step_up(then=url_for(".setup"))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.note_bank_opened(_me(), account, by=person().id)
    link = _provider().bank_link(account, **_ways_back())
    return reply(CONTINUE, target=link, is_bank=True)


@blueprint.post("/refresh")
@opens_to(CREATOR)
def refresh() -> ResponseReturnValue:
    """Ask the provider how the account stands."""
    kept = _stripe_account()
    if kept is not None:
        end_read()
        state = _provider().account_state(kept.account_ref)
        with unit_of_work():
            commands.record_report(kept.account_ref, state)
    shown, looks = pages.setup(_me()), request.args.get("looks", 0, type=int)
    is_enough = pages.is_settled(shown["current"]) or looks >= MOST_LOOKS
    shown["looks"] = 0 if is_enough or not looks else looks + 1
    return reply(SETUP, STATE, then=url_for(".setup"), expired=False, **shown)


@blueprint.post("/use-stripe")
@opens_to(CREATOR)
def use_stripe() -> ResponseReturnValue:
    """Go back to the connected account."""
    kept = _stripe_account()
    if kept is None or not may_return(kept.state, kept.missing):
        raise Conflict("There is no connected account to go back to. Connect one first.")
    elsewhere = _proof(url_for(".setup"))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.set_destination(_me(), Rail.STRIPE, kept.account_ref, by=person().id)
        commands.read_again(kept.account_ref)
    return reply(then=url_for(".setup"), said="Saved. You are paid through Stripe.")


# ---- the link in the mail
@blueprint.get("/changes/<change>")
@opens_to(CREATOR)
def change(change: str) -> ResponseReturnValue:
    """Was it she who changed it?"""
    found = queries.change_of_creator(_me(), change)
    return reply(CHANGE, change=found, zone=profiles.creator(_me()).zone)


@blueprint.post("/changes/<change>/<answer>")
@opens_to(CREATOR)
def answer(change: str, answer: str) -> ResponseReturnValue:
    """It was, or it was not."""
    found = queries.change_of_creator(_me(), change)
    if answer not in ("confirm", "deny"):
        raise NotFound()
    act = commands.confirm if answer == "confirm" else commands.deny
    with unit_of_work():
        act(found.id, by=person().id)
    said = (
        "Confirmed. Thank you."
        if answer == "confirm"
        else ("Nothing will be sent there. Set your own account again, and change your password.")
    )
    return reply(then=url_for(".setup"), said=said)


# ---- inside
def _me() -> int:
    return int(person().creator_id)  # type: ignore[attr-defined]


def _rail_of(word: str) -> Rail:
    if word not in {rail.value for rail in FORMS}:
        raise NotFound()
    return Rail(word)


def _proof(then: str) -> ResponseReturnValue | None:
    return sign_in.require_step_up(then=then) if pages.changes_usable(_me()) else None


def _way_page(chosen: Any, form: Any, status: int) -> ResponseReturnValue:
    shown = pages.setup(_me())
    return reply(WAY, status=status, form=form, chosen=chosen, **shown)


def _set(rail: Rail, form: Any) -> PayoutDestination:
    me, by = _me(), person().id
    if rail is Rail.SEPA:
        return commands.name_account(
            me, rail, form.iban.data, form.holder.data, bic=form.bic.data or "", by=by
        )
    if rail is Rail.PAYPAL:
        return commands.name_account(me, rail, form.email.data, form.holder.data, by=by)
    if rail is Rail.CREDIT:
        return commands.take_credit(me, by=by)
    return commands.set_destination(me, rail, form.reference.data, by=by, label_masked="By hand")


def _provider() -> AccountProvider:
    found = pages.provider()
    if found is None:
        raise Conflict("Stripe is not connected on this portal. Choose another way to be paid.")
    return found


def _ways_back() -> dict[str, str]:
    here = current_app.config["PORTAL"].base_url + url_for(".setup")
    return {"return_url": f"{here}?back=1", "refresh_url": f"{here}?expired=1"}


def _stripe_account() -> PayoutDestination | None:
    rows = profiles.all_destinations_of(_me())
    return next((row for row in rows if row.rail is Rail.STRIPE and row.account_ref), None)


def _new_account(replaces: str) -> str:
    creator = profiles.creator(_me())
    email, country = identity.user(creator.user_id).email, creator.country
    end_read()
    account = _provider().create_account(
        email=email, country=country, creator=creator.public_id, replaces=replaces
    )
    with unit_of_work():
        commands.set_destination(creator.id, Rail.STRIPE, account, by=person().id, country=country)
    return account
