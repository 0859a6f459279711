"""Doors for whoever is signed in: proving who she is with a factor, and setting factors up."""

from typing import Any

import segno
from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.extensions import limiter
from portal.factors import commands, passkeys, proving, queries, rules
from portal.factors.forms import AppCodeForm, NewPasskeyForm, PasskeyForm, RecoveryForm
from portal.identity import queries as people
from portal.identity import sign_in
from portal.identity.rules import browser_name
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import SIGNED_IN, opens_to
from portal.web.reply import reply
from portal.web.security import safe_next

blueprint = Blueprint("factors_person", __name__)

CONFIRMED = "It is you. Nothing was done yet: check the page, and press the button again."
BY_PERSON = "30 per minute; 120 per hour"
CONFIRM, RECOVERY = "factors/person/confirm.html", "factors/public/recovery.html"
APP, PASSKEY = "factors/person/app.html", "factors/person/passkey.html"
CODES = "factors/person/codes.html"


def _who() -> str:
    return f"user:{current_user.get_id()}"


def _next() -> str | None:
    return safe_next(request.args.get("next"))


# ---- it is you
@blueprint.route("/sign-in/confirm/factor", methods=["GET", "POST"])
@limiter.limit(BY_PERSON, methods=["POST"], key_func=_who)
@opens_to(SIGNED_IN)
def confirm() -> ResponseReturnValue:
    """Prove again that it is you, by the app; the page offers the other ways."""
    asked, form = proving.asked_again(), AppCodeForm()
    if not current_user.has_factor:
        return redirect(url_for("identity_person.confirm", next=_next()), 303)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        status = proving.take(form, asked)
        if status == 200:
            return _confirmed()
    return _confirm_page(CONFIRM, form, status)


@blueprint.route("/sign-in/confirm/recovery", methods=["GET", "POST"])
@limiter.limit(BY_PERSON, methods=["POST"], key_func=_who)
@opens_to(SIGNED_IN)
def recovery() -> ResponseReturnValue:
    """Prove it with one of the ten codes."""
    form, status = RecoveryForm(), 200
    if form.validate_on_submit():
        status = proving.take(form, proving.asked_again(), is_recovery=True)
        if status == 200:
            return _confirmed()
    elif form.is_submitted():
        status = 422
    return _confirm_page(RECOVERY, form, status)


@blueprint.post("/sign-in/confirm/passkey/question")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def question() -> ResponseReturnValue:
    """What the browser asks the passkey."""
    return proving.question(proving.asked_again())


@blueprint.post("/sign-in/confirm/passkey")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def passkey() -> ResponseReturnValue:
    """Take the passkey's answer."""
    form = PasskeyForm()
    try:
        proving.take_answer(form.answer.data, proving.asked_again())
    except InvalidInput as refusal:
        form.refuse(InvalidInput("", refusal.message))
        return _confirm_page(CONFIRM, AppCodeForm(formdata=None), 422, wrong=form)
    return _confirmed()


def _confirmed() -> ResponseReturnValue:
    then = _next() or sign_in.landing(current_user)
    with unit_of_work():
        sign_in.step_up()
    flash(CONFIRMED, "success")
    return redirect(then, 303)


def _confirm_page(page: str, form: Any, status: int, wrong: Any = None) -> ResponseReturnValue:
    ways, shown = proving.ways(proving.asked_again()), form if wrong is None else wrong
    return reply(
        page, status=status, form=form, wrong=shown, then_to=_next(), at_sign_in=False, ways=ways
    )


# ---- the pages about factors
@blueprint.get("/account/security")
@opens_to(SIGNED_IN)
def security() -> ResponseReturnValue:
    """Factors, remembered browsers, where she is signed in, the latest sign-ins."""
    return reply(
        "factors/person/security.html",
        factors=queries.factors_of(current_user.id),
        sessions=people.sessions_of(current_user.id),
        sign_ins=people.latest_sign_ins(current_user.id),
        browser_name=browser_name,
        now=clock.wall(),
    )


@blueprint.get("/account/security/begin")
@opens_to(SIGNED_IN)
def begin() -> ResponseReturnValue:
    """Why a second factor, and which one: a role led here, or she came by herself."""
    then = _next()
    if current_user.has_factor and then:
        return redirect(then, 303)
    return reply("factors/person/begin.html", then_to=then, is_needed=current_user.lacks_factor)


@blueprint.post("/account/security/app")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def begin_app() -> ResponseReturnValue:
    """Make a secret for an app."""
    elsewhere = _proof_first(url_for(".begin", next=_next()))
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.begin_app(current_user.id)
    return redirect(url_for(".app", next=_next()), 303)


@blueprint.get("/account/security/app")
@opens_to(SIGNED_IN)
def app() -> ResponseReturnValue:
    """The secret as a QR code and to type, and the field for the first code."""
    elsewhere = _proof_first(url_for(".app", next=_next()))
    return elsewhere or _app_page(AppCodeForm(formdata=None), 200)


@blueprint.post("/account/security/app/confirm")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def confirm_app() -> ResponseReturnValue:
    """Take the app into use when its code is right."""
    elsewhere = _proof_first(url_for(".app", next=_next()))
    form, is_first = AppCodeForm(), not current_user.has_factor
    if elsewhere:
        return elsewhere
    if not form.validate_on_submit():
        return _app_page(form, 422)
    try:
        with unit_of_work():
            tried = commands.confirm_app(current_user.id, form.code.data, current_user.session_id)
        tried.check()
    except (InvalidInput, Conflict) as refusal:
        form.refuse(InvalidInput("code", refusal.message))
        return _app_page(form, 422 if isinstance(refusal, InvalidInput) else 409)
    return _added("Your app is set up.", is_first=is_first)


def _app_page(form: AppCodeForm, status: int) -> ResponseReturnValue:
    found = queries.authenticator_of(current_user.id)
    if found is None or not found.next_secret:
        return redirect(url_for(".begin", next=_next()), 303)
    address = rules.set_up_address(found.next_secret, current_user.email, proving.site().host)
    is_demo = current_app.config["PORTAL"].demo
    here = rules.step_of(clock.wall())
    return reply(
        APP,
        status=status,
        form=form,
        then_to=_next(),
        address=address,
        picture=segno.make(address, error="m").svg_data_uri(scale=5, border=2, light="#ffffff"),
        key=" ".join(found.next_secret[i : i + 4] for i in range(0, len(found.next_secret), 4)),
        shown_code=rules.code_at(found.next_secret, here) if is_demo else None,
    )


@blueprint.post("/account/security/app/remove")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def remove_app() -> ResponseReturnValue:
    """Forget the app."""
    elsewhere = sign_in.require_step_up(then=proving.security_page())
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.remove_app(current_user.id)
    return reply(then=proving.security_page(), said="The app is removed. Its codes no longer work.")


# ---- passkeys
@blueprint.get("/account/security/passkeys/new")
@opens_to(SIGNED_IN)
def new_passkey() -> ResponseReturnValue:
    """Name a passkey; the browser makes it."""
    elsewhere = _proof_first(url_for(".new_passkey", next=_next()))
    return elsewhere or _passkey_page(NewPasskeyForm(formdata=None), 200)


@blueprint.post("/account/security/passkeys/question")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def passkey_question() -> ResponseReturnValue:
    """What the browser is asked to make."""
    with unit_of_work():
        challenge = commands.ask_passkey(current_user.session_id)
    known, me = queries.passkeys_of(current_user.id), current_user
    options = passkeys.making(proving.site(), me.public_id, me.email, known, challenge)
    return proving.as_json(options)


@blueprint.post("/account/security/passkeys")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    elsewhere = _proof_first(url_for(".new_passkey", next=_next()))
    form, is_first = NewPasskeyForm(), not current_user.has_factor
    if elsewhere:
        return elsewhere
    if not form.validate_on_submit():
        return _passkey_page(form, 422)
    try:
        with unit_of_work():
            challenge = commands.answered(current_user.session_id)
        key = passkeys.made(proving.site(), form.answer.data, challenge)
        with unit_of_work():
            commands.add_passkey(current_user.id, form.name.data, key, current_user.session_id)
    except (InvalidInput, Conflict) as refusal:
        form.refuse(InvalidInput("name", refusal.message))
        return _passkey_page(form, 422 if isinstance(refusal, InvalidInput) else 409)
    return _added(f"The passkey “{form.name.data}” is added.", is_first=is_first)


def _passkey_page(form: NewPasskeyForm, status: int) -> ResponseReturnValue:
    origin = proving.site().origin
    return reply(PASSKEY, status=status, form=form, then_to=_next(), origin=origin)


@blueprint.post("/account/security/passkeys/<passkey>/remove")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def remove_passkey(passkey: str) -> ResponseReturnValue:
    """Forget one passkey."""
    elsewhere = sign_in.require_step_up(then=proving.security_page())
    if elsewhere:
        return elsewhere
    with unit_of_work():
        commands.remove_passkey(current_user.id, passkey)
    return reply(then=proving.security_page(), said="The passkey is removed. It opens nothing now.")


# ---- recovery codes and remembered browsers
@blueprint.post("/account/security/codes")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def renew_codes() -> ResponseReturnValue:
    """Make ten new codes and show them, once."""
    elsewhere = sign_in.require_step_up(then=proving.security_page())
    if elsewhere:
        return elsewhere
    if not current_user.has_factor:
        raise Conflict("Recovery codes belong to a second factor. Set one up first.")
    with unit_of_work():
        made = commands.renew_recovery_codes(current_user.id)
    return reply(CODES, codes=made, then_to=proving.security_page(), is_first=False)


@blueprint.post("/account/security/devices/forget")
@opens_to(SIGNED_IN)
def forget_devices() -> ResponseReturnValue:
    """Ask for the second factor in every browser again."""
    with unit_of_work():
        count = commands.forget_devices(current_user.id)
    said = "Every browser asks again." if count else "No browser was remembered."
    return reply(then=proving.security_page(), said=said)


def _proof_first(then: str) -> ResponseReturnValue | None:
    """A fresh proof; for a first factor, having signed in within ten minutes is proof enough."""
    if not current_user.has_factor and sign_in.has_just_signed_in():
        return None
    return sign_in.require_step_up(then=then)


def _added(said: str, *, is_first: bool) -> ResponseReturnValue:
    then = _next() or proving.security_page()
    if not is_first:
        return reply(then=then, said=said)
    with unit_of_work():
        codes = commands.renew_recovery_codes(current_user.id)
        sign_in.step_up()
    flash(f"{said} Every other browser was signed out.", "success")
    return reply(CODES, codes=codes, then_to=then, is_first=True)
