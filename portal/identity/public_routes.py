"""Doors for everybody: home, colours, sign-in, sign-up, sign-out."""

from typing import Any

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.extensions import limiter
from portal.identity import commands, queries
from portal.identity import sign_in as doorkeeper
from portal.identity.forms import CodeForm, PasswordSignInForm, SignInForm, SignUpForm
from portal.identity.models import ChallengePurpose, User
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import PUBLIC, opens_to
from portal.web.reply import reply
from portal.web.security import came_from, safe_next

blueprint = Blueprint("identity_public", __name__)

ASKED = "asked"  # the open challenge of this browser: its id, where to go after it, a new name
BY_ADDRESS = "20 per minute; 100 per hour"
BY_EMAIL = "30 per hour"
THEMES = ("system", "light", "dark")
YEAR_SECONDS = 31_536_000


def _typed_email() -> str:
    return request.form.get("email", "").strip().lower() or request.remote_addr or ""


@blueprint.get("/")
@opens_to(PUBLIC)
def home() -> ResponseReturnValue:
    """What this is. `home.programs` and `demo.cards` are lent by app.py and the demo:
    dicts with href, name, brand, pitch, facts; and with role, title, text, figure."""
    nothing: Any = list
    programs = current_app.extensions.get("home.programs", nothing)()
    cards = current_app.extensions.get("demo.cards", nothing)()
    return reply("identity/public/home.html", programs=programs, cards=cards)


@blueprint.post("/theme")
@opens_to(PUBLIC)
def theme() -> ResponseReturnValue:
    """Keep the choice of colours in a cookie, and go back."""
    response = redirect(came_from() or "/", 303)
    chosen = request.form.get("theme", "system")
    response.set_cookie(
        "theme",
        chosen if chosen in THEMES else "system",
        max_age=YEAR_SECONDS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(BY_ADDRESS, methods=["POST"])
@limiter.limit(BY_EMAIL, methods=["POST"], key_func=_typed_email)
@opens_to(PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Ask for the address; the code goes there."""
    then = safe_next(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(then or doorkeeper.landing(current_user), 303)
    if doorkeeper.waiting() is not None:
        return redirect(doorkeeper.onward(then), 303)
    form = SignInForm(email=request.args.get("email"))
    page = "identity/public/sign_in.html"
    if not form.validate_on_submit():
        return reply(page, status=422 if form.is_submitted() else 200, form=form, then_to=then)
    return _send_code(page, form, ChallengePurpose.SIGN_IN, then)


@blueprint.route("/sign-up", methods=["GET", "POST"])
@limiter.limit(BY_ADDRESS, methods=["POST"])
@limiter.limit(BY_EMAIL, methods=["POST"], key_func=_typed_email)
@opens_to(PUBLIC)
def sign_up() -> ResponseReturnValue:
    """Ask for name and address; a known address simply signs in."""
    then = safe_next(request.args.get("next"))
    form, page = SignUpForm(email=request.args.get("email")), "identity/public/sign_up.html"
    if not form.validate_on_submit():
        return reply(page, status=422 if form.is_submitted() else 200, form=form, then_to=then)
    return _send_code(page, form, ChallengePurpose.SIGN_UP, then, name=form.name.data)


def _send_code(
    page: str, form: Any, purpose: ChallengePurpose, then: str | None, name: str | None = None
) -> ResponseReturnValue:
    try:
        with unit_of_work():
            asked = commands.start_challenge(form.email.data, purpose)
    except Conflict as refusal:
        form.refuse(InvalidInput("email", refusal.message))
        return reply(page, status=409, form=form, then_to=then)
    session[ASKED] = {"id": asked.public_id, "then": then, "name": name}
    return redirect(url_for(".code"), 303)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@limiter.limit(BY_ADDRESS, methods=["POST"])
@opens_to(PUBLIC)
def code() -> ResponseReturnValue:
    """Take the six digits and sign in."""
    open_question = session.get(ASKED)
    if not open_question:
        return redirect(url_for(".sign_in"), 303)
    asked = queries.challenge_by_public_id(open_question["id"])
    form, page = CodeForm(), "identity/public/code.html"
    if not form.validate_on_submit():
        return reply(page, status=422 if form.is_submitted() else 200, form=form, asked=asked)
    email, status = doorkeeper.proven_email(form, asked.public_id, asked.purpose)
    person = _known_by(email, asked.purpose, open_question["name"]) if email else None
    if person is None:
        return reply(page, status=status, form=form, asked=asked)
    with unit_of_work():
        doorkeeper.sign_in(person.id)
    return redirect(doorkeeper.onward(safe_next(open_question["then"])), 303)


def _known_by(email: str, purpose: ChallengePurpose, name: str | None) -> User | None:
    """Whose proven address this is; a new account when she came to sign up."""
    known = queries.user_by_email(email)
    if known is None and purpose is ChallengePurpose.SIGN_UP:
        with unit_of_work():
            return commands.register(email, name or email)
    return known if known is not None and known.is_active else None


@blueprint.post("/sign-in/again")
@limiter.limit(BY_ADDRESS)
@opens_to(PUBLIC)
def again() -> ResponseReturnValue:
    """Send another code to the same address."""
    open_question = session.get(ASKED)
    if not open_question:
        return redirect(url_for(".sign_in"), 303)
    former = queries.challenge_by_public_id(open_question["id"])
    with unit_of_work():
        asked = commands.start_challenge(former.email, former.purpose)
    session[ASKED] = {**open_question, "id": asked.public_id}
    said = "We sent a new code. The newest one counts."
    if asked.public_id == former.public_id:
        said = "The code was sent less than 30 seconds ago. Look in your mail once more."
    return reply(then=url_for(".code"), said=said)


@blueprint.route("/sign-in/password", methods=["GET", "POST"])
@limiter.limit(BY_ADDRESS, methods=["POST"])
@limiter.limit(BY_EMAIL, methods=["POST"], key_func=_typed_email)
@opens_to(PUBLIC)
def password() -> ResponseReturnValue:
    """Sign in with a password."""
    then = safe_next(request.args.get("next"))
    form, page = (
        PasswordSignInForm(email=request.args.get("email")),
        "identity/public/password.html",
    )
    if not form.validate_on_submit():
        return reply(page, status=422 if form.is_submitted() else 200, form=form, then_to=then)
    try:
        person = commands.check_password(form.email.data, form.password.data)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return reply(page, status=422, form=form, then_to=then)
    with unit_of_work():
        doorkeeper.sign_in(person.id)
    return redirect(doorkeeper.onward(then), 303)


@blueprint.get("/sign-in/done")
@opens_to(PUBLIC)
def landing() -> ResponseReturnValue:
    """Where a person works: the first of her areas."""
    if not current_user.is_authenticated:
        return redirect(url_for(".sign_in"), 303)
    return redirect(doorkeeper.landing(current_user), 303)


@blueprint.post("/sign-out")
@opens_to(PUBLIC)
def sign_out() -> ResponseReturnValue:
    """End the session; its cookie is worthless afterwards."""
    then = safe_next(request.form.get("next")) or "/"
    with unit_of_work():
        doorkeeper.sign_out()
    return reply(then=then, said="You are signed out.")
