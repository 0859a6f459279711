"""Where shops and payment providers post. Machines only: a signature instead of a session.

The order of checks is a promise: size, address, signature over the raw bytes, then shape. A 2xx
is given only after the message is durably stored; thinking about it is the worker's.
"""

from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from portal.extensions import csrf
from portal.integrations import commands, doors, payloads
from portal.integrations.doors import DoorClosed
from portal.integrations.signatures import BadSignature, StaleSignature
from portal.integrations.woocommerce.reading import is_ping
from portal.kernel import clock
from portal.kernel.errors import InvalidInput, PortalError
from portal.sales.models import Source
from portal.storage.unit_of_work import unit_of_work
from portal.web.guards import SIGNED, opens_to

BODY_BYTES = 1_000_000
ANSWERS: tuple[tuple[type[PortalError], int], ...] = (
    (StaleSignature, 400),
    (BadSignature, 401),
    (DoorClosed, 410),
    (InvalidInput, 400),
)

blueprint = Blueprint("integrations_hooks", __name__, url_prefix="/hooks")


@blueprint.post("/<provider>/<connection>")
@csrf.exempt  # type: ignore[untyped-decorator]
@opens_to(SIGNED)
def receive(provider: str, connection: str) -> ResponseReturnValue:
    request.max_content_length = BODY_BYTES
    body = request.get_data()
    door = doors.find(provider, connection, current_app.config["PORTAL"].stripe_webhook_secret)
    if door.provider is Source.WOOCOMMERCE and is_ping(body):
        return {"received": False, "note": "pong"}
    headers = dict(request.headers)
    door.verify(body, headers, clock.wall())
    label = doors.label(door.provider, headers, body, _document(body))
    with unit_of_work():
        event_id = commands.accept_inbound(door, label, body)
    return {"received": True, "duplicate": event_id is None}


def _document(body: bytes) -> Any:
    found = payloads.document(body)
    if not isinstance(found, dict):
        raise InvalidInput("body", "The message is not a JSON object.")
    return found


def _answer(status: int) -> Any:
    def say(error: PortalError) -> ResponseReturnValue:
        return {"error": error.message}, status

    return say


for kind, status in ANSWERS:
    blueprint.register_error_handler(kind, _answer(status))
