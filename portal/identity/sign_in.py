"""Who is signed in: the cookie's token, looked up in the sessions table on each request.

Web-facing; commands and queries do not import it. A page that needs a fresh proof of identity
calls `require_step_up()` first:

    @blueprint.post("/runs/<run>/approve")
    @opens_to("finance.approver")
    def approve(brand_id: int, run: str):
        elsewhere = sign_in.require_step_up(then=url_for(".approval", brand_id=brand_id, run=run))
        if elsewhere:
            return elsewhere          # the confirm page, which comes back to `then`
        ...

With `keep=form` what was typed waits in the session's row; the page `then` fills its form with
`sign_in.typed()`, and the person presses the button again: nothing is sent for her.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField

from portal.extensions import login_manager
from portal.identity import commands, keys, passwords, queries, rules
from portal.identity.models import ChallengePurpose, Session, User
from portal.identity.rules import Hat
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.unit_of_work import unit_of_work

SESSION_KEY, SEEN_KEY = "token", "seen"
SEEN_AGAIN_SECONDS = 3600
NO_SESSION = ("/go/", "/hooks/", "/static/", "/healthz", "/readyz")
STEP_UP_MINUTES = 5
TYPED_SECONDS = 15 * 60


@dataclass
class SignedIn:
    """The signed-in person of one request; satisfies `portal.web.guards.Person`."""

    id: int
    public_id: str
    name: str
    email: str
    is_operator: bool
    has_password: bool
    has_factor: bool
    session_id: int
    signed_in_at: datetime
    stepped_up_at: datetime | None
    kept: Mapping[str, Any] | None = None
    _creator: list[int | None] = field(default_factory=list, repr=False)
    _hats: dict[int, Hat] | None = field(default=None, repr=False)

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.public_id

    @property
    def creator_id(self) -> int | None:
        """Her creator profile's row id, or None; looked up once."""
        if not self._creator:
            self._creator.append(creator_id_of(self.id))
        return self._creator[0]

    @property
    def hats(self) -> list[Hat]:
        """The brands she works in."""
        if self._hats is None:
            self._hats = {hat.brand_id: hat for hat in queries.hats_of(self.id)}
        return list(self._hats.values())

    @property
    def lacks_factor(self) -> bool:
        """Whether a role of hers needs a second factor that she has not set up."""
        if self.has_factor:
            return False
        return self.is_operator or any(
            rules.needs_second_factor(hat.capabilities) for hat in self.hats
        )

    def may(self, capability: str, brand_id: int | None = None) -> bool:
        """Whether she has a capability; brand and finance ones count in one brand."""
        if capability == "operator":
            return self.is_operator
        if capability == "creator":
            return self.creator_id is not None
        worn = next((hat for hat in self.hats if hat.brand_id == brand_id), None)
        return worn is not None and capability in worn.capabilities

    def belongs_to(self, brand_id: int) -> bool:
        """Whether she has any role in a brand: only then does she learn that it exists."""
        return any(hat.brand_id == brand_id for hat in self.hats)


def _nobody_creates(_user_id: int) -> int | None:
    return None


# Which creator profile a user has. `app.py` sets it: identity may not import creators.
creator_id_of: Callable[[int], int | None] = _nobody_creates


def _nothing_is_remembered(_user_id: int) -> bool:
    return False


# Whether this browser is one where a user's second factor is not asked; the room factors knows.
is_remembered: Callable[[int], bool] = _nothing_is_remembered


def install(app: Flask) -> None:
    """Wire flask-login and the keys. `app.py` calls it once per application."""
    keys.configure(app.config["PORTAL"].secret_key)
    if app.config["PORTAL"].testing:
        passwords.cheapen()
    # The cookie is sent again only when we change it: a click on /go/ must not set it.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.config["PERMANENT_SESSION_LIFETIME"] = rules.SESSION_LIFETIME
    login_manager.session_protection = None
    login_manager.request_loader(_load)
    app.before_request(_note_use)


def sign_in(user_id: int, *, is_proven: bool = False) -> None:
    """Start a session for this browser under a new id. Call inside a unit of work.

    Whoever has a second factor owes it first, unless it `is_proven` or the browser is remembered:
    until then the session opens no door, and every closed door leads to the second step.
    """
    _end_old()
    has_factor = queries.user(user_id).second_factor_at is not None
    waits = has_factor and not is_proven and not is_remembered(user_id)
    token = commands.open_session(user_id, request.user_agent.string, waits=waits)
    session.clear()
    _keep(token)
    g.pop("_login_user", None)


def finish() -> None:
    """The second factor was given: the waiting session is a whole one now, under a new id.
    Call inside a unit of work."""
    found = waiting()
    if found is None:
        raise Conflict("This sign-in was open for too long. Sign in again.")
    _keep(commands.prove_second(found[0].id))
    session.pop("csrf_token", None)
    g.pop("_login_user", None)


def waiting() -> tuple[Session, User] | None:
    """The session of this browser that still owes its second factor, and whose it is."""
    token = session.get(SESSION_KEY)
    found = queries.session_with(token) if token else None
    return found if found is not None and found[0].waits else None


def sign_out() -> None:
    """End this browser's session. Call inside a unit of work."""
    _end_old()
    session.clear()
    g.pop("_login_user", None)


def _end_old() -> None:
    token = session.get(SESSION_KEY)
    found = queries.session_with(token) if token else None
    if found is not None:
        commands.end_session(found[0].id)


def onward(then: str | None) -> str:
    """Where a sign-in goes on: to its second step, to the page that was asked for, or home."""
    if waiting() is not None:
        return url_for("factors_public.second", next=then)
    return then or url_for("identity_public.landing")


def step_up() -> None:
    """Note a fresh proof of identity; the session gets a new id. Call inside a unit of work."""
    token = commands.step_up(current_user.session_id)
    session.pop("csrf_token", None)
    _keep(token)


def has_stepped_up(minutes: int = STEP_UP_MINUTES) -> bool:
    """Whether the signed-in person proved herself again at most `minutes` ago (wall clock)."""
    if not current_user.is_authenticated:
        return False
    return rules.has_stepped_up(current_user.stepped_up_at, clock.wall(), minutes)


def has_just_signed_in(minutes: int = 2 * STEP_UP_MINUTES) -> bool:
    """Whether this session is at most so old: proof enough to set up a first factor."""
    return rules.has_stepped_up(current_user.signed_in_at, clock.wall(), minutes)


def require_step_up(
    then: str | None = None, minutes: int = STEP_UP_MINUTES, keep: FlaskForm | None = None
) -> ResponseReturnValue | None:
    """None when a fresh proof is there; otherwise the redirect to the confirm page.

    `then` is where she comes back to: a page of this site that can be opened by GET (by default
    the page asked for, if this is a GET). `keep` is the form that she has just filled in; outside
    a unit of work only.
    """
    if has_stepped_up(minutes):
        if current_user.kept and request.method == "POST":
            with unit_of_work():
                commands.forget_typed(current_user.session_id)
        return None
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    if keep is not None and then:
        with unit_of_work():
            page = urlsplit(then).path
            commands.keep_typed(current_user.session_id, page, _texts_of(keep))
    target = url_for("identity_person.confirm", next=then or here)
    if request.headers.get("HX-Request"):
        return "", 200, {"HX-Redirect": target}
    return redirect(target, 303)


def typed() -> dict[str, str]:
    """What was typed into the form of this page when a proof of identity came between; empty when
    nothing waits, or for more than 15 minutes. Hand it to the form as `data`."""
    kept = current_user.kept if current_user.is_authenticated else None
    if not kept or kept["page"] != request.path:
        return {}
    age = int(clock.wall().timestamp()) - int(kept["at"])
    return dict(kept["fields"]) if age < TYPED_SECONDS else {}


def _texts_of(form: FlaskForm) -> dict[str, str]:
    secret = (HiddenField, PasswordField)  # hidden ones are the page's to make, and the token's
    texts = {f.name: f.data.isoformat() if isinstance(f.data, date) else f.data for f in form
             if not isinstance(f, secret)}  # fmt: skip
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def proven_email(form: Any, public_id: str, purpose: ChallengePurpose) -> tuple[str | None, int]:
    """The address that a typed code proves and 200; or None, with the sentence at the form's
    field `code` and the status to answer with. Opens its own unit of work: a try is counted."""
    try:
        with unit_of_work():
            answer = commands.answer_challenge(public_id, form.code.data, purpose)
        return answer.email, 200
    except InvalidInput as refusal:
        form.refuse(refusal)
        return None, 422
    except Conflict as refusal:
        form.refuse(InvalidInput("code", refusal.message))
        return None, 409


def landing(person: SignedIn) -> str:
    """Where a person's work begins: brand, finance, operator, creator, or the home page."""
    for hat in person.hats:
        for area in ("brand", "finance"):
            if any(name.startswith(f"{area}.") for name in hat.capabilities):
                return _home(f"reports_{area}.home", brand_id=hat.brand_slug)
    if person.is_operator:
        return _home("reports_operator.home")
    return _home("reports_creator.home") if person.creator_id else "/"


def _home(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else "/"


def _keep(token: str) -> None:
    session.permanent = True
    session[SESSION_KEY], session[SEEN_KEY] = token, int(clock.wall().timestamp())


def _load(_request: Request) -> SignedIn | None:
    token = session.get(SESSION_KEY)
    found = queries.session_with(token) if token else None
    if found is None or found[0].waits or _has_idled(found[0]):
        return None
    return _person(*found)


def _person(row: Session, user: User) -> SignedIn:
    return SignedIn(
        id=user.id,
        public_id=user.public_id,
        name=user.name,
        email=user.email,
        is_operator=user.is_operator,
        has_password=user.password_hash is not None,
        has_factor=user.second_factor_at is not None,
        session_id=row.id,
        signed_in_at=row.created_at,
        stepped_up_at=row.stepped_up_at,
        kept=row.typed,
    )


def _has_idled(row: Session) -> bool:
    # A GET never writes, so what a browser reads is noted in its signed cookie instead.
    seen_at = max(row.seen_at, datetime.fromtimestamp(session.get(SEEN_KEY, 0), clock.UTC))
    return rules.is_session_over(row.created_at, seen_at, clock.wall())


def _note_use() -> None:
    """Once an hour: renew "last seen" in the cookie, and in the row when the request may write."""
    if request.path.startswith(NO_SESSION) or SESSION_KEY not in session:
        return
    now = int(clock.wall().timestamp())
    if now - session.get(SEEN_KEY, 0) < SEEN_AGAIN_SECONDS or not current_user.is_authenticated:
        return
    session[SEEN_KEY] = now
    if request.method == "POST":
        with unit_of_work():
            commands.touch_session(current_user.session_id)
