"""Doors that exist in a demo only: be somebody, shop, read the mail, move the clock."""

from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.demo import cast, counter
from portal.demo.shop import PRODUCTS
from portal.identity import queries as identity
from portal.identity import sign_in
from portal.kernel import clock
from portal.kernel.errors import InvalidInput, NotFound, PortalError
from portal.notifications import queries as messages
from portal.storage.unit_of_work import unit_of_work
from portal.web.formatting import money
from portal.web.guards import DEMO, opens_to
from portal.web.reply import reply, wants_list

blueprint = Blueprint("demo", __name__, url_prefix="/demo")
JUMPS = {"1": "one day", "7": "one week", "30": "30 days"}


@blueprint.record_once
def _lend_cards(state: Any) -> None:
    app: Flask = state.app
    app.extensions["demo.cards"] = counter.cards


@blueprint.post("/enter/<role>")
@opens_to(DEMO)
def enter(role: str) -> ResponseReturnValue:
    """Sign in as one of the cast."""
    chosen = cast.BY_KEY.get(role)
    user = identity.user_by_email(chosen.email) if chosen else None
    if chosen is None or user is None:
        raise NotFound("The demo’s people are still being made. Try again in a few seconds.")
    with unit_of_work():
        sign_in.sign_in(user.id, is_proven=True)
    return redirect(counter.home_of(chosen), 303)


@blueprint.get("/shop")
@opens_to(DEMO)
def shop() -> ResponseReturnValue:
    """The fake shop's one page; an affiliate link leads here with its click id."""
    typed = MultiDict(request.args)
    return _shop_page(typed, {})


@blueprint.post("/shop")
@opens_to(DEMO)
def buy() -> ResponseReturnValue:
    """Pay: the shop keeps the order and tells the portal by a signed webhook."""
    try:
        purchase = counter.buy(request.form)
    except InvalidInput as error:
        return _shop_page(request.form, {error.field: error.message}, status=422)
    except PortalError as error:
        return _shop_page(request.form, {"": error.message}, status=502)
    flash(f"Order #{purchase.number} is paid. The shop has told the portal.", "success")
    return redirect(url_for(".ordered", number=purchase.number), 303)


@blueprint.get("/shop/<int:number>")
@opens_to(DEMO)
def ordered(number: int) -> ResponseReturnValue:
    """One order as the shop sees it, with its refund buttons."""
    purchase = counter.shop().one(number)
    if purchase is None:
        raise NotFound("The shop has no such order.")
    title = PRODUCTS[purchase.product][0]
    return reply("demo/ordered.html", purchase=purchase, product=title)


@blueprint.post("/shop/<int:number>/refund")
@opens_to(DEMO)
def refund(number: int) -> ResponseReturnValue:
    """Give the buyer half or all of what is left back."""
    amount = counter.refund(number, whole=request.form.get("part") != "half")
    flash(f"{money(amount)} went back to the buyer. The shop has told the portal.", "success")
    return redirect(url_for(".ordered", number=number), 303)


@blueprint.get("/outbox")
@opens_to(DEMO)
def outbox() -> ResponseReturnValue:
    """Every mail the portal wrote, newest first."""
    return reply("demo/outbox.html", messages=messages.latest(100))


@blueprint.get("/codes")
@opens_to(DEMO)
def codes() -> ResponseReturnValue:
    """What the authenticator apps of the cast show at this moment."""
    part = "demo/_codes.html" if wants_list("codes") else None
    shown, seconds_left = counter.app_codes()
    return reply("demo/codes.html", part, shown=shown, seconds_left=seconds_left)


@blueprint.get("/outbox/<public_id>")
@opens_to(DEMO)
def message(public_id: str) -> ResponseReturnValue:
    """One mail as text."""
    return reply("demo/message.html", message=messages.one(public_id))


@blueprint.post("/travel")
@opens_to(DEMO)
def travel() -> ResponseReturnValue:
    """Move the portal's clock forward; only `clock.now()` moves."""
    days = request.form.get("days", "")
    if days not in JUMPS:
        raise InvalidInput("days", "Choose one day, one week or 30 days.")
    counter.jump(int(days))
    flash(f"The portal’s clock is now {JUMPS[days]} later: {clock.now():%d %B %Y}.", "success")
    return redirect(current_app.url_for("identity_public.home"), 303)


def _shop_page(typed: Any, errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    recent = counter.shop().purchases()[:8]
    return reply(
        "demo/shop.html",
        status=status,
        products=PRODUCTS,
        typed=typed,
        errors=errors,
        recent=recent,
    )
