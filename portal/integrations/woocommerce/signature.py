"""WooCommerce signs the raw body: base64 of HMAC-SHA256. The signature carries no time."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.integrations.signatures import header, verify_base64_hmac

HEADER = "X-WC-Webhook-Signature"


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], _now: datetime) -> None:
    """Raises BadSignature unless one of the live secrets signed exactly these bytes."""
    verify_base64_hmac(body, header(headers, HEADER), secrets)
