"""Asking a person for her second factor: at sign-in and before acts that matter. Web-facing.

Both pages offer the same ways. `Asked` says who is asked and in which session; what follows a
right answer is the door's business.
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, request, url_for
from flask_login import current_user

from portal.factors import commands, passkeys, queries
from portal.factors.rules import REMEMBERED
from portal.identity import sign_in
from portal.kernel.errors import Conflict, InvalidInput
from portal.storage.unit_of_work import unit_of_work

DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, in which session."""

    user_id: int
    session_id: int


def install() -> None:
    """Tell the doorkeeper which browsers are remembered. `app.py` calls it."""
    sign_in.is_remembered = _is_remembered


def asked_at_sign_in() -> Asked | None:
    """Who owes her second factor in this browser; None when nobody does."""
    owed = sign_in.waiting()
    return None if owed is None else Asked(owed[1].id, owed[0].id)


def asked_again() -> Asked:
    """The signed-in person."""
    return Asked(current_user.id, current_user.session_id)


def take(form: Any, asked: Asked, *, is_recovery: bool = False) -> int:
    """200 when the typed code is right; otherwise the status to answer with, and the sentence
    stands at the form's field. Opens its own unit of work: a try is counted."""
    command = commands.take_recovery_code if is_recovery else commands.take_code
    try:
        with unit_of_work():
            tried = command(asked.user_id, form.code.data)
        tried.check()
    except InvalidInput as refusal:
        form.refuse(refusal)
        return 422
    except Conflict as refusal:
        form.refuse(InvalidInput("code", refusal.message))
        return 409
    return 200


def question(asked: Asked) -> Response:
    """What the browser shall ask one of her passkeys, as JSON."""
    with unit_of_work():
        challenge = commands.ask_passkey(asked.session_id)
    known = queries.passkeys_of(asked.user_id)
    return as_json(passkeys.asking(site(), known, challenge))


def take_answer(answer: str, asked: Asked) -> None:
    """Accept the answer of one of her passkeys. Raises InvalidInput (field answer)."""
    credential = passkeys.credential_in(answer or "{}")
    with unit_of_work():
        challenge = commands.answered(asked.session_id)
    with unit_of_work():
        key = commands.passkey_for(asked.user_id, credential)
        commands.note_passkey_use(key, passkeys.signed(site(), answer, challenge, key))


def site() -> passkeys.Site:
    """Where this portal lives."""
    return passkeys.site_of(current_app.config["PORTAL"].base_url)


def as_json(options: str) -> Response:
    """Options for the browser's own passkey calls."""
    return Response(options, mimetype="application/json")


def ways(asked: Asked) -> dict[str, Any]:
    """What the pages need to offer every way she has, and in a demo the code itself."""
    found = queries.factors_of(asked.user_id)
    is_demo = current_app.config["PORTAL"].demo
    return {
        "has_app": found.app is not None,
        "has_passkeys": bool(found.passkeys),
        "codes_left": found.codes_left,
        "shown_code": queries.usable_code(asked.user_id) if is_demo else None,
        "origin": site().origin,
    }


def remember(response: Response, user_id: int) -> Response:
    """Do not ask in this browser for a while."""
    with unit_of_work():
        token = commands.remember_device(user_id, request.user_agent.string)
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        _cookie(),
        token,
        max_age=int(REMEMBERED.total_seconds()),
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _is_remembered(user_id: int) -> bool:
    token = request.cookies.get(_cookie())
    return token is not None and queries.is_device_of(user_id, token)


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-{DEVICE}"


def security_page() -> str:
    """Where a person’s factors are listed."""
    return url_for("factors_person.security")
