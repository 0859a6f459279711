"""Doors of the second step of a sign-in. The session that waits is known by its cookie."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.extensions import limiter
from portal.factors import proving
from portal.factors.forms import PasskeyForm, RecoveryForm, SecondStepForm
from portal.factors.proving import Asked
from portal.identity import sign_in
from portal.kernel.errors import InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import PUBLIC, opens_to
from portal.web.reply import reply
from portal.web.security import safe_next

blueprint = Blueprint("factors_public", __name__, url_prefix="/sign-in/second")

BY_ADDRESS = "20 per minute; 100 per hour"
PAGE, RECOVERY = "factors/public/second.html", "factors/public/recovery.html"


def _then() -> str | None:
    return safe_next(request.args.get("next"))


@blueprint.route("", methods=["GET", "POST"])
@limiter.limit(BY_ADDRESS, methods=["POST"])
@opens_to(PUBLIC)
def second() -> ResponseReturnValue:
    """Take six digits of the app; the page offers the other ways."""
    asked, form = proving.asked_at_sign_in(), SecondStepForm()
    if asked is None:
        return _start_again()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        status = proving.take(form, asked)
        if status == 200:
            return _in(asked, remembers=form.remember.data)
    return _page(PAGE, asked, form, status)


@blueprint.route("/recovery", methods=["GET", "POST"])
@limiter.limit(BY_ADDRESS, methods=["POST"])
@opens_to(PUBLIC)
def recovery() -> ResponseReturnValue:
    """Take one of the ten codes."""
    asked, form = proving.asked_at_sign_in(), RecoveryForm()
    if asked is None:
        return _start_again()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        status = proving.take(form, asked, is_recovery=True)
        if status == 200:
            return _in(asked)
    return _page(RECOVERY, asked, form, status)


@blueprint.post("/passkey/question")
@limiter.limit(BY_ADDRESS)
@opens_to(PUBLIC)
def question() -> ResponseReturnValue:
    """What the browser asks the passkey."""
    asked = proving.asked_at_sign_in()
    return _start_again() if asked is None else proving.question(asked)


@blueprint.post("/passkey")
@limiter.limit(BY_ADDRESS)
@opens_to(PUBLIC)
def passkey() -> ResponseReturnValue:
    """Take the passkey's answer."""
    asked, form = proving.asked_at_sign_in(), PasskeyForm()
    if asked is None:
        return _start_again()
    try:
        proving.take_answer(form.answer.data, asked)
    except InvalidInput as refusal:
        form.refuse(InvalidInput("", refusal.message))
        return _page(PAGE, asked, SecondStepForm(formdata=None), 422, refused=form)
    return _in(asked, remembers=bool(form.remember.data))


def _in(asked: Asked, *, remembers: bool = False) -> ResponseReturnValue:
    then = _then()
    with unit_of_work():
        sign_in.finish()
    response: Any = redirect(then or url_for("identity_public.landing"), 303)
    return proving.remember(response, asked.user_id) if remembers else response


def _start_again() -> ResponseReturnValue:
    return redirect(url_for("identity_public.sign_in", next=_then()), 303)


def _page(
    page: str, asked: Asked, form: Any, status: int, refused: Any = None
) -> ResponseReturnValue:
    shown = refused if refused is not None else form
    return reply(
        page, status=status, form=form, wrong=shown, then_to=_then(), at_sign_in=True,
        ways=proving.ways(asked),
    )  # fmt: skip
