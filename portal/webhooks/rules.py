"""Which messages there are, how they are signed, when they are tried again, when we give up."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from portal.kernel.errors import InvalidInput
from portal.outbound.addresses import is_loopback, is_public, parts_of

# Each type of message with what it says, in the order of the settings page.
TYPES = {
    "application.submitted": "A creator applied",
    "application.decided": "An application was approved or declined",
    "ambassador.enrolled": "A creator was accepted into a program",
    "ambassador.activated": "She accepted the agreement: code and link work",
    "ambassador.ended": "A membership ended",
    "code.issued": "A discount code works for the first time",
    "code.updated": "A code was paused, resumed or replaced",
    "code.retired": "A code ended for ever",
    "order.recorded": "A shop told us of an order",
    "order.updated": "An order’s payment, codes or amounts changed",
    "order.refunded": "More or less of an order was given back",
    "order.cancelled": "An order was cancelled",
    "order.disputed": "A chargeback was opened, won or lost",
    "commission.created": "An order or a brief earned a commission",
    "commission.updated": "A commission was put on hold or released",
    "commission.reversed": "A refund or cancellation took some of it back",
    "commission.paid": "A payout that covers it was sent",
    "brief.published": "A brief is open",
    "submission.sent": "An ambassador delivered a version",
    "submission.changes_requested": "A reviewer asked for changes",
    "submission.approved": "A version was approved",
    "submission.rejected": "A version was rejected",
    "assignment.completed": "The work of a brief is done",
    "appeal.opened": "A creator objects",
    "appeal.decided": "An appeal was decided",
    "payout.paid": "A payout was sent",
    "payout.failed": "A payout was refused",
    "payout.returned": "A payout came back",
}
TEST = "webhook.test"
VERSION = 1

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
SECRET_BYTES = 32
ROTATION = timedelta(hours=24)
EXCERPT_CHARACTERS = 1000
URL_CHARACTERS = 500
MOST_ENDPOINTS = 10

# When a message is tried again after its first, second … failure (the example of the scheme).
RETRIES = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20),
    timedelta(hours=24),
)  # fmt: skip
GIVE_UP_AFTER = timedelta(days=5)
KEPT = timedelta(days=30)
OVERDUE = timedelta(minutes=15)

# After several failures in a row an endpoint rests: its other messages wait instead of each
# costing a timeout.
RESTS = (
    timedelta(0), timedelta(0), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15),
    timedelta(hours=1),
)  # fmt: skip


def new_secret() -> str:
    """A signing secret as the scheme writes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """The `v1` signature of one message: HMAC-SHA256 over id, timestamp and body."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(keys: Sequence[str], message_id: str, timestamp: int, body: str) -> dict[str, str]:
    """What travels with a message; one signature for each live secret."""
    signatures = (signature(key, message_id, timestamp, body) for key in keys)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def next_try(now: datetime, failures: int, seed: int) -> datetime | None:
    """When to try again after so many failures in a row; None: give the message up.

    Up to a tenth is added, by the delivery's own number, so that many do not come at once.
    """
    if failures > len(RETRIES):
        return None
    delay = RETRIES[failures - 1]
    return now + delay + delay * (seed % 100) // 1000


def rest_until(now: datetime, failures: int) -> datetime | None:
    """Until when an endpoint that failed so often in a row is left alone; None: not at all."""
    rest = RESTS[min(failures, len(RESTS)) - 1]
    return now + rest if rest else None


def is_hopeless(failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint has failed for so long that it is switched off."""
    return failing_since is not None and now - failing_since >= GIVE_UP_AFTER


def succeeded(status: int | None) -> bool:
    """Whether an answer counts as received: any 2xx, nothing else, no redirect."""
    return status is not None and 200 <= status < 300


def wanted(types: Sequence[str], kind: str) -> bool:
    """Whether an endpoint with these types takes this one; without types it takes all."""
    return not types or kind in types


def checked_types(chosen: Iterable[str]) -> list[str]:
    """The types in their fixed order; all of them is the same as none named. Raises InvalidInput
    for one that does not exist."""
    named = set(chosen)
    if named - set(TYPES):
        raise InvalidInput("types", "One of these events does not exist.")
    return [] if len(named) == len(TYPES) else [kind for kind in TYPES if kind in named]


def checked_url(url: str, *, allows_loopback: bool) -> str:
    """An address that may be called, as far as it can be known without asking the network.

    Raises InvalidInput. Whether its host is public is checked again at every call.
    """
    text = url.strip()
    try:
        parts = parts_of(text)
        host = parts.hostname or ""
    except ValueError:
        raise InvalidInput(
            "url", "Write a whole address such as https://shop.example/hooks."
        ) from None
    if len(text) > URL_CHARACTERS:
        raise InvalidInput("url", f"The address has more than {URL_CHARACTERS} characters.")
    is_here = host == "localhost" or is_loopback(host)
    if is_here and allows_loopback:
        return text
    if parts.scheme != "https":
        raise InvalidInput("url", "The address has to begin with https://.")
    is_number = host.rpartition(".")[2].isdigit() or ":" in host
    if is_here or (is_number and not is_public(host)) or "." not in host.strip("."):
        raise InvalidInput("url", "The address has to be reachable from the internet.")
    return text
