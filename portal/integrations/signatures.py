"""What the providers' signatures have in common: errors, headers, constant-time comparison."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from portal.kernel.errors import PortalError


class BadSignature(PortalError):
    """The message was not signed with a secret we know: nobody's word, nothing is changed."""


class Unsigned(BadSignature):
    """The message carries no signature at all: no shop sends such, anybody can."""


class StaleSignature(BadSignature):
    """The signature is right but too old or dated ahead: a replay, or a wrong clock."""


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value whatever its capitals; "" when it is missing."""
    wanted = name.casefold()
    return next((value for key, value in headers.items() if key.casefold() == wanted), "").strip()


def verify_base64_hmac(body: bytes, given: str, secrets: Sequence[str]) -> None:
    """Base64 of HMAC-SHA256 over the raw body, with any of the live secrets (two in rotation).

    Raises BadSignature.
    """
    if not given:
        raise Unsigned("The message carries no signature.")
    try:
        claimed = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        claimed = b""
    matches = [hmac.compare_digest(digest(secret, body), claimed) for secret in secrets if secret]
    if not any(matches):
        raise BadSignature("The signature does not fit the message.")


def digest(secret: str, signed: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()
