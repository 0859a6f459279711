"""What every door of /api/v1 does around its view: check the key and its scope, count requests,
read and check the message, give a repeated request its first answer, write the answer.

A view gets `brand_id` (the key's), the parts of the path, `asked` (its query) and `told` (its
body), and returns a Shape, or a Shape and a status. One that writes runs inside a unit of work.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, current_app, g, request
from pydantic import ValidationError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
)

from portal.api import commands, queries, rules, telling, usage, wording
from portal.api.queries import Caller
from portal.api.shapes import Asked, Shape, Told
from portal.extensions import csrf
from portal.kernel.errors import InvalidInput, NotAllowed, NotFound, PortalError
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import API
from portal.web.problems import KINDS, problem

BODY_BYTES = 1_000_000
MINUTE_SECONDS = 60
IDEMPOTENCY = "Idempotency-Key"
View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Door:
    """What a door takes and gives: the one source of its checks and of its documentation."""

    scope: str
    gives: type[Shape]
    asks: type[Asked] | None
    takes: type[Told] | None
    status: int
    also: int | None
    writes: bool
    tells: str


class Meter:
    """Requests per key and minute, in this process."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._minute = 0
        self._lock = threading.Lock()

    def wait_seconds(self, key: str, most: int) -> int:
        """Count one request of a key, by its public id; 0 when it may pass, else the seconds until
        the next minute."""
        second = int(time.monotonic())
        with self._lock:
            if second // MINUTE_SECONDS != self._minute:
                self._minute = second // MINUTE_SECONDS
                self._counts.clear()
            self._counts[key] += 1
            passes = self._counts[key] <= most
        return 0 if passes else MINUTE_SECONDS - second % MINUTE_SECONDS

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._counts.clear()


meter = Meter()


def api_scope(
    scope: str,
    *,
    gives: type[Shape],
    asks: type[Asked] | None = None,
    takes: type[Told] | None = None,
    status: int = 200,
    also: int | None = None,
    writes: bool = False,
    tells: str = "",
) -> Callable[[View], View]:
    """Declare a door: which scope opens it and what goes through it. Default deny stays: a view
    without this or `@opens_to` opens to nobody. `tells` is the topic under which what comes through
    stands in the shop's feed."""
    if scope != rules.ANY and scope not in rules.SCOPES:
        raise ValueError(f"Unknown scope: {scope}")
    door = Door(scope, gives, asks, takes, status, also, writes or takes is not None, tells)

    def mark(view: View) -> View:
        @wraps(view)
        def opened(**path: Any) -> Response:
            return _serve(door, view, path)

        opened.opens_to = (f"{API}{scope}",)  # type: ignore[attr-defined]
        opened.door = door  # type: ignore[attr-defined]
        return csrf.exempt(opened)  # type: ignore[no-any-return]

    return mark


def check_key(scope: str) -> None:
    """Let the request in, or raise: 401 without a live key, 429 too often, 403 without the scope.

    The session is never looked at: a signed-in browser opens none of these doors.
    """
    token = rules.bearer_token(request.headers.get("Authorization", ""))
    caller = queries.caller(token) if token else None
    view: Any = current_app.view_functions[request.endpoint or ""]
    tells = view.door.tells
    if caller is None:
        if tells:
            telling.note_wrong_key()
        raise Unauthorized(
            "Send a valid API key: “Authorization: Bearer vouch_…”. This one is missing, was "
            "revoked, or never existed.",
            www_authenticate=WWWAuthenticate("bearer", {"realm": "api"}),
        )
    settings = current_app.config["PORTAL"]
    wait = meter.wait_seconds(caller.key_public_id, settings.api_per_minute)
    if wait:
        raise TooManyRequests(
            f"A key may send {settings.api_per_minute} requests a minute. Wait {wait} seconds.",
            retry_after=wait,
        )
    g.api_caller = caller
    if not caller.may(scope):
        lacking = f"The key “{caller.name}” lacks the scope {scope}."
        if tells:
            request.max_content_length = BODY_BYTES
            telling.refuse(tells, lacking)
        raise NotAllowed(lacking)
    usage.note(settings.data, caller.key_public_id)


def caller() -> Caller:
    """Whose key opened the door."""
    found: Caller = g.api_caller
    return found


def _serve(door: Door, view: View, path: dict[str, Any]) -> Response:
    if not all(rules.ID.fullmatch(value) for value in path.values()):
        raise NotFound()
    try:
        return _served(door, view, path)
    except ValidationError as wrong:
        said = wording.faults(wrong, _shape(door, wrong))
        reasons = [wording.named(*one) for one in said]
        if door.tells:
            telling.refuse(door.tells, " ".join(reasons))
        if said == wording.NO_JSON:
            return problem(400, reasons[0])
        return problem(422, reasons[0], said)
    except (PortalError, HTTPException) as refusal:
        if door.tells:
            telling.refuse(door.tells, _reason(refusal))
        raise


def _shape(door: Door, wrong: ValidationError) -> type[Shape]:
    both = [shape for shape in (door.takes, door.asks) if shape is not None]
    return next(shape for shape in both if shape.__name__ == wrong.title)


def _reason(refusal: PortalError | HTTPException) -> str:
    if isinstance(refusal, InvalidInput):
        return wording.named(refusal.field, refusal.message)
    if isinstance(refusal, PortalError):
        return refusal.message
    ours = type(refusal).description != refusal.description
    kind = KINDS.get(refusal.code or 400, KINDS[400])
    return str(refusal.description) if ours else kind[2]


def _served(door: Door, view: View, path: dict[str, Any]) -> Response:
    given = {**path, **_read(door)}
    brand_id = caller().brand_id
    if not door.writes:
        return _answer(door, view(brand_id, **given))
    key = _idempotency_key()
    with unit_of_work():
        if key is None:
            return _answer(door, view(brand_id, **given))
        mark = rules.fingerprint(request.method, request.full_path, request.get_data())
        kept = commands.claim_request(brand_id, key, mark)
        if kept is not None:
            replayed = {"Idempotent-Replayed": "true"}
            return Response(kept.body, kept.status, replayed, mimetype="application/json")
        response = _answer(door, view(brand_id, **given))
        commands.keep_answer(brand_id, key, response.status_code, response.get_data(as_text=True))
        return response


def _read(door: Door) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if door.asks is not None:
        pairs = request.args.to_dict(flat=False)
        asked = {name: found if len(found) > 1 else found[0] for name, found in pairs.items()}
        given["asked"] = door.asks.model_validate(asked)
    request.max_content_length = BODY_BYTES
    body = request.get_data()
    if door.takes is not None:
        if request.mimetype != "application/json":
            raise UnsupportedMediaType()
        given["told"] = door.takes.model_validate_json(body)
    return given


def _idempotency_key() -> str | None:
    key = request.headers.get(IDEMPOTENCY)
    if key is not None and not rules.IDEMPOTENCY_KEY.fullmatch(key):
        raise BadRequest(f"The {IDEMPOTENCY} is 1 to 255 visible ASCII characters.")
    return None if key is None else rules.kept_under(key, caller().connection_id)


def _answer(door: Door, made: Any) -> Response:
    shape, status = made if isinstance(made, tuple) else (made, door.status)
    assert isinstance(shape, door.gives), f"{request.endpoint} gave {type(shape).__name__}"
    return Response(shape.model_dump_json(), status, mimetype="application/json")
