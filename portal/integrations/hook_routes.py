"""Where shops and payment providers post. Machines only: a signature instead of a session.

The order of checks is a promise: size, address, signature over the raw bytes, then shape. A 2xx
is given only after the message is durably stored; thinking about it is the worker's. What is
ordinary was answered before it came here (`fast_path`), by the same functions.
"""

from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from portal.extensions import csrf
from portal.integrations import commands, doors, shop_commands, shop_queries
from portal.integrations.commands import Message
from portal.integrations.doors import BODY_BYTES, Door, DoorClosed, Label
from portal.integrations.models import SightingKind
from portal.integrations.signatures import BadSignature, StaleSignature, Unsigned
from portal.integrations.woocommerce.reading import is_ping
from portal.kernel import clock
from portal.kernel.errors import InvalidInput, PortalError
from portal.sales.models import Source
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import SIGNED, opens_to

ANSWERS: tuple[tuple[type[PortalError], int], ...] = (
    (StaleSignature, 400),
    (BadSignature, 401),
    (DoorClosed, 410),
    (InvalidInput, 400),
)
KINDS: dict[type[PortalError], SightingKind] = {
    BadSignature: SightingKind.BAD_SIGNATURE,
    Unsigned: SightingKind.UNSIGNED,
    StaleSignature: SightingKind.TOO_OLD,
}

blueprint = Blueprint("integrations_hooks", __name__, url_prefix="/hooks")


@blueprint.post("/<provider>/<connection>")
@csrf.exempt  # type: ignore[untyped-decorator]
@opens_to(SIGNED)
def receive(provider: str, connection: str) -> ResponseReturnValue:
    request.max_content_length = BODY_BYTES
    body = request.get_data()
    door = doors.find(provider, connection, current_app.config["PORTAL"].stripe_webhook_secret)
    if door.provider is Source.WOOCOMMERCE and is_ping(body):
        _sighted(door, SightingKind.PING)
        return {"received": False, "note": "pong"}
    headers = dict(request.headers)
    label = _checked(door, body, headers)
    event_id = current_app.extensions["portal.inbox"].ask(Message(door, label, body))
    if event_id is None:
        _known(door)
    return {"received": True, "duplicate": event_id is None}


def _checked(door: Door, body: bytes, headers: dict[str, str]) -> Label:
    """The message's label once its signature fits; what does not fit is noted for the wizard, and
    what fits and is no event is kept with its reason."""
    now = clock.wall()
    try:
        label = doors.checked(door, body, headers, now)
    except BadSignature as refused:
        _sighted(door, KINDS[type(refused)])
        raise
    except InvalidInput as refused:
        with unit_of_work():
            unread = doors.unread(door.provider, headers, body)
            commands.keep_refused(Message(door, unread, body), refused.message)
        raise
    if len(door.secrets) > 1:
        is_old = door.is_signed_with_outgoing(body, headers, now)
        _sighted(door, SightingKind.OUTGOING if is_old else SightingKind.INCOMING)
    return label


def _known(door: Door) -> None:
    """A duplicate leaves no row of its own, but its signature fits: the wizard may say so."""
    if door.connection_id is not None and shop_queries.was_refused(door.connection_id):
        with unit_of_work():
            shop_commands.forget_refusals(door.connection_id)


def _sighted(door: Door, kind: SightingKind) -> None:
    if door.connection_id is None:
        return
    last = shop_queries.sighting_of(door.connection_id, kind)
    if last is None or last <= clock.wall() - shop_commands.SIGHTING_EVERY:
        topic = request.headers.get("X-Shopify-Topic") or request.headers.get("X-WC-Webhook-Topic")
        with unit_of_work():
            shop_commands.note_sighting(door.connection_id, kind, topic or "")


def _answer(status: int) -> Any:
    def say(error: PortalError) -> ResponseReturnValue:
        return {"error": error.message}, status

    return say


for kind, status in ANSWERS:
    blueprint.register_error_handler(kind, _answer(status))
