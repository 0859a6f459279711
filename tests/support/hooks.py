"""Posting to `/hooks/…` as shops and Stripe do: signed over the raw bytes."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta

from portal.kernel import clock


def base64_hmac(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def stripe_signature(secret: str, body: bytes, at: datetime | None = None) -> str:
    moment = str(int((at or clock.wall()).timestamp()))
    signed = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"


class Poster:
    """A provider that knows one connection's address and secret."""

    def __init__(self, app, provider: str, key: str, secret: str) -> None:
        self.client, self.provider, self.secret = app.test_client(), provider, secret
        self.url = f"/hooks/{provider}/{key}"

    def posts(self, message, topic: str = "", *, event_id: str = "", headers=None, age_seconds=0):
        """Send a message (bytes as they are); returns the response."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        signed = self._headers(body, topic, event_id, age_seconds) | (headers or {})
        return self.client.post(
            self.url, data=body, headers=signed, content_type="application/json"
        )

    def _headers(self, body: bytes, topic: str, event_id: str, age_seconds: int) -> dict[str, str]:
        if self.provider == "stripe":
            at = clock.wall() - timedelta(seconds=age_seconds)
            return {"Stripe-Signature": stripe_signature(self.secret, body, at)}
        if self.provider == "shopify":
            named = {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": event_id}
            return {"X-Shopify-Hmac-Sha256": base64_hmac(self.secret, body), **named}
        named = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": event_id}
        return {"X-WC-Webhook-Signature": base64_hmac(self.secret, body), **named}
