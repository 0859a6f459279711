"""API keys: how they are written, what they may open, when they end; how requests are told apart.

Pure: the caller passes the time.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.kernel.errors import InvalidInput

KEY_HEAD = "vouch_"
KEY_SYMBOLS = "0123456789abcdefghjkmnpqrstvwxyzABCDEFGHJKMNPQRSTVWXYZ"
KEY_RANDOMS = 40
KEY_PATTERN = re.compile(rf"{KEY_HEAD}[0-9A-Za-z]{{{KEY_RANDOMS}}}")
SHOWN_CHARACTERS = len(KEY_HEAD) + 4

# Each scope with what it lets a program do, as the settings page says it.
SCOPES = {
    "orders:read": "Read conversions and refunds",
    "orders:write": "Report conversions and refunds",
    "ambassadors:read": "Read ambassadors",
    "ambassadors:write": "Pause and resume ambassadors",
    "codes:read": "Read discount codes",
    "codes:write": "Issue and retire discount codes",
    "links:read": "Read affiliate links",
    "links:write": "Create affiliate links",
    "reports:read": "Read the reports on clicks and earnings",
}
SHOP_SCOPES = ("orders:read", "orders:write")  # what a shop needs to tell its orders
ANY = "any"  # every key opens this door

OVERLAPS = {0: "At once", 1: "After 1 hour", 24: "After 1 day", 168: "After 7 days"}
NAME_CHARACTERS = 60
ID = re.compile(r"[0-9A-Za-z_]{1,60}")  # what any public id looks like; others name nothing
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
ANSWERS_KEPT = timedelta(days=30)


def new_token() -> str:
    """A key as it is handed out, once: about 228 random bits behind a prefix that scanners know."""
    return KEY_HEAD + "".join(secrets.choice(KEY_SYMBOLS) for _ in range(KEY_RANDOMS))


def token_hash(token: str) -> str:
    """How a key is stored and found. It is random, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def bearer_token(header: str) -> str | None:
    """The key in an Authorization header; None when there is none of ours."""
    scheme, _, token = header.partition(" ")
    token = token.strip()
    return token if scheme.casefold() == "bearer" and KEY_PATTERN.fullmatch(token) else None


def checked_scopes(wanted: Iterable[str]) -> list[str]:
    """The scopes in their fixed order. Raises InvalidInput for none, or one that we do not know."""
    chosen = set(wanted)
    if not chosen:
        raise InvalidInput("scopes", "Choose what the key may do.")
    if chosen - set(SCOPES):
        raise InvalidInput("scopes", "One of these rights does not exist.")
    return [scope for scope in SCOPES if scope in chosen]


def is_live(revoked_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """Whether a key still opens anything: neither revoked nor past the end of its rotation."""
    return revoked_at is None and (ends_at is None or now < ends_at)


def kept_under(idempotency_key: str, connection_id: int | None) -> str:
    """The name of the answer kept under a key. Two shops of one brand number their orders alike, so
    each has names of its own; the space keeps them from any that a program can send."""
    if connection_id is None:
        return idempotency_key
    return f"{connection_id} {hashlib.sha256(idempotency_key.encode()).hexdigest()}"


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What makes two requests under one Idempotency-Key the same request."""
    head = f"{method} {path}\n".encode()
    return hashlib.sha256(head + body).hexdigest()
