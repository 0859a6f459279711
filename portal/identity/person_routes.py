"""Doors for whoever is signed in: confirming who she is, and her account."""

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.extensions import limiter
from portal.identity import commands, queries, rules, sign_in
from portal.identity.forms import CodeForm, ConfirmForm, NewPasswordForm
from portal.identity.models import ChallengePurpose
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import SIGNED_IN, opens_to
from portal.web.reply import reply
from portal.web.security import safe_next

blueprint = Blueprint("identity_person", __name__)

CONFIRMING = "confirming"  # the open step-up challenge of this browser
CONFIRMED = "It is you. Nothing was done yet: check the page, and press the button again."
SECURITY = "/account/security"  # the pages where a factor is set up: a password opens them
BY_PERSON = "20 per minute; 60 per hour"


def _who() -> str:
    return f"user:{current_user.get_id()}"


def _then() -> str:
    return safe_next(request.args.get("next")) or sign_in.landing(current_user)


def _by_factor() -> ResponseReturnValue | None:
    """Whoever has a second factor proves herself with it; whose role needs one sets it up."""
    then = _then()
    if current_user.has_factor:
        return redirect(url_for("factors_person.confirm", next=then), 303)
    if current_user.lacks_factor and not then.startswith(SECURITY):
        return redirect(url_for("factors_person.begin", next=then), 303)
    return None


@blueprint.route("/sign-in/confirm", methods=["GET", "POST"])
@limiter.limit(BY_PERSON, methods=["POST"], key_func=_who)
@opens_to(SIGNED_IN)
def confirm() -> ResponseReturnValue:
    """Prove again that it is you: by password, or by a code (next door)."""
    elsewhere = _by_factor()
    if elsewhere:
        return elsewhere
    form, page = ConfirmForm(), "identity/public/confirm.html"
    if not form.validate_on_submit():
        return reply(page, status=422 if form.is_submitted() else 200, form=form, then_to=_then())
    try:
        commands.check_password(current_user.email, form.password.data)
    except InvalidInput:
        form.refuse(InvalidInput("password", "This is not your password. Try again."))
        return reply(page, status=422, form=form, then_to=_then())
    then = _then()
    with unit_of_work():
        sign_in.step_up()
    flash(CONFIRMED, "success")
    return redirect(then, 303)


@blueprint.post("/sign-in/confirm/send")
@limiter.limit(BY_PERSON, key_func=_who)
@opens_to(SIGNED_IN)
def send_code() -> ResponseReturnValue:
    """Send a code to the signed-in person's own address."""
    elsewhere = _by_factor()
    if elsewhere:
        return elsewhere
    with unit_of_work():
        asked = commands.start_challenge(current_user.email, ChallengePurpose.STEP_UP)
    session[CONFIRMING] = asked.public_id
    return redirect(url_for(".confirm_by_code", next=_then()), 303)


@blueprint.route("/sign-in/confirm/code", methods=["GET", "POST"])
@limiter.limit(BY_PERSON, methods=["POST"], key_func=_who)
@opens_to(SIGNED_IN)
def confirm_by_code() -> ResponseReturnValue:
    """Take the six digits of the mail."""
    asked, then = session.get(CONFIRMING), _then()
    if not asked or _by_factor():
        return redirect(url_for(".confirm", next=then), 303)
    form, status = CodeForm(), 200
    if form.validate_on_submit():
        email, status = sign_in.proven_email(form, asked, ChallengePurpose.STEP_UP)
        if email == current_user.email:
            with unit_of_work():
                sign_in.step_up()
            session.pop(CONFIRMING)
            flash(CONFIRMED, "success")
            return redirect(then, 303)
    elif form.is_submitted():
        status = 422
    return reply("identity/public/confirm_code.html", status=status, form=form, then_to=then)


@blueprint.get("/account")
@opens_to(SIGNED_IN)
def account() -> ResponseReturnValue:
    """Name, address, password, and where she is signed in."""
    rows = queries.sessions_of(current_user.id)
    page = "identity/public/account.html"
    return reply(page, sessions=rows, browser_name=rules.browser_name)


@blueprint.route("/account/password", methods=["GET", "POST"])
@limiter.limit(BY_PERSON, methods=["POST"], key_func=_who)
@opens_to(SIGNED_IN)
def password() -> ResponseReturnValue:
    """Set a password after a fresh proof; every other session ends."""
    elsewhere = sign_in.require_step_up(then=url_for(".password"))
    if elsewhere:
        return elsewhere
    form, page = NewPasswordForm(), "identity/public/new_password.html"
    if not form.validate_on_submit():
        return reply(page, status=422 if form.is_submitted() else 200, form=form)
    try:
        with unit_of_work():
            commands.change_password(current_user.id, form.password.data, current_user.session_id)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(page, status=422, form=form)
    said = "Your password is set. Every other browser was signed out."
    return reply(then=url_for(".account"), said=said)


@blueprint.post("/account/sessions/end")
@opens_to(SIGNED_IN)
def end_other_sessions() -> ResponseReturnValue:
    """Sign out every other browser."""
    with unit_of_work():
        count = commands.end_other_sessions(current_user.id, current_user.session_id)
    said = f"{count} signed out." if count else "You are signed in nowhere else."
    return reply(then=url_for(".account"), said=said)
