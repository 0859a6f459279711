"""Stripe signs `t.body` and says when: `Stripe-Signature: t=…,v1=…,v1=…`."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.integrations.signatures import BadSignature, StaleSignature, Unsigned, digest, header

HEADER = "Stripe-Signature"
TOLERANCE_SECONDS = 300
LONGEST_HEADER = 4000


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> None:
    """Raises BadSignature, or StaleSignature when the time is over 300 s away, ahead or behind.

    `now` is wall time: time travel must not open or close the window. Stripe's own SDK accepts
    signatures dated ahead; we do not (RELIABILITY P10).
    """
    signed_at, claims = _parts(header(headers, HEADER))
    signed = str(signed_at).encode() + b"." + body
    matches = [
        hmac.compare_digest(digest(secret, signed).hex().encode(), claim.encode())
        for secret in secrets
        if secret
        for claim in claims
    ]
    if not any(matches):
        raise BadSignature("The signature does not fit the message.")
    if abs(int(now.timestamp()) - signed_at) > TOLERANCE_SECONDS:
        raise StaleSignature("The message was signed more than five minutes from now.")


def _parts(value: str) -> tuple[int, list[str]]:
    if not value:
        raise Unsigned("The message carries no signature.")
    pairs = [part.strip().partition("=") for part in value[:LONGEST_HEADER].split(",")]
    times = [text for key, _, text in pairs if key == "t"]
    claims = [text for key, _, text in pairs if key == "v1"]
    if len(times) != 1 or not claims or not _is_plain_number(times[0]):
        raise BadSignature("The signature header is not complete.")
    return int(times[0]), claims


def _is_plain_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12 and text == str(int(text))
