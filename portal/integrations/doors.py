"""Through which door a message came: who may have signed it, what it calls itself.

Only the platform's own Stripe webhook may speak of payout accounts and transfers: a brand's
secret must not be able to declare an account payable.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.integrations import payloads
from portal.integrations.payloads import ident, mapping, text
from portal.integrations.shopify import signature as shopify
from portal.integrations.signatures import BadSignature, header
from portal.integrations.stripe import signature as stripe
from portal.integrations.woocommerce import signature as woocommerce
from portal.kernel.errors import InvalidInput, NotFound, PortalError
from portal.sales import queries as sales
from portal.sales.models import Source

PLATFORM = "platform"
BODY_BYTES = 1_000_000
KEPT_HEADERS = {
    Source.SHOPIFY: (
        "X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Shopify-Event-Id", "X-Shopify-Shop-Domain",
        "X-Shopify-API-Version", "X-Shopify-Triggered-At", "X-Shopify-Test",
    ),
    Source.WOOCOMMERCE: (
        "X-WC-Webhook-Topic", "X-WC-Webhook-Delivery-ID", "X-WC-Webhook-ID", "X-WC-Webhook-Source",
    ),
    Source.STRIPE: (),
}  # fmt: skip
TOPIC_HEADERS = {Source.SHOPIFY: "X-Shopify-Topic", Source.WOOCOMMERCE: "X-WC-Webhook-Topic"}
SIGNATURES = {
    Source.SHOPIFY: shopify.HEADER,
    Source.WOOCOMMERCE: woocommerce.HEADER,
    Source.STRIPE: stripe.HEADER,
}
Verifier = Callable[[bytes, Mapping[str, str], Sequence[str], datetime], None]
VERIFIERS: dict[Source, Verifier] = {
    Source.SHOPIFY: shopify.verify,
    Source.WOOCOMMERCE: woocommerce.verify,
    Source.STRIPE: stripe.verify,
}


class DoorClosed(PortalError):
    """The connection was switched off: the provider should stop sending."""


@dataclass(frozen=True, slots=True)
class Door:
    """One address that a provider posts to. The platform's has neither connection nor brand."""

    provider: Source
    key: str
    secrets: tuple[str, ...]
    connection_id: int | None = None
    brand_id: int | None = None

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Raises BadSignature, StaleSignature. `now` is wall time."""
        VERIFIERS[self.provider](body, headers, self.secrets, now)

    def is_signed_with_outgoing(
        self, body: bytes, headers: Mapping[str, str], now: datetime
    ) -> bool:  # fmt: skip
        """Whether, of two live secrets, a verified message was signed with the one going out."""
        if len(self.secrets) < 2:
            return False
        try:
            VERIFIERS[self.provider](body, headers, self.secrets[:1], now)
        except BadSignature:
            return True
        return False


def find(provider: str, key: str, platform_secret: str) -> Door:
    """The door of an address. Raises NotFound, or DoorClosed when it was switched off."""
    source = next((source for source in VERIFIERS if source.value == provider), None)
    if source is None:
        raise NotFound("There is no such shop connection.")
    if source is Source.STRIPE and key == PLATFORM:
        if not platform_secret:
            raise NotFound("There is no such shop connection.")
        return Door(source, PLATFORM, (platform_secret,))
    connection = sales.connection(source, key)
    if not connection.is_active:
        raise DoorClosed("This shop connection was switched off.")
    return Door(source, key, connection.secrets, connection.id, connection.brand_id)


def headers_in(provider: Source, environ: Mapping[str, Any]) -> dict[str, str]:
    """Of a WSGI request's headers those that matter here."""
    names = ((name, environ.get(key)) for name, key in _WSGI_NAMES[provider])
    return {name: value for name, value in names if value is not None}


_WSGI_NAMES = {
    provider: [
        (name, f"HTTP_{name.upper().replace('-', '_')}")
        for name in (SIGNATURES[provider], *kept)
    ]
    for provider, kept in KEPT_HEADERS.items()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """What a message calls itself."""

    event_id: str
    topic: str
    headers: dict[str, str]
    content_sha256: str


def checked(door: Door, body: bytes, headers: Mapping[str, str], now: datetime) -> Label:
    """The label of a message that is signed and a JSON object. `now` is wall time.

    Raises BadSignature, StaleSignature, InvalidInput.
    """
    door.verify(body, headers, now)
    document = payloads.document(body)
    if not isinstance(document, dict):
        raise InvalidInput("body", "The message is not a JSON object.")
    return label(door.provider, headers, body, document)


def unread(provider: Source, headers: Mapping[str, str], body: bytes) -> Label:
    """The label of a message that is signed and no event: known by its content alone."""
    topic = header(headers, TOPIC_HEADERS[provider])[:120] if provider in TOPIC_HEADERS else ""
    content = hashlib.sha256(topic.encode() + b"\0" + body).hexdigest()
    return Label(content, topic, {}, content)


def label(provider: Source, headers: Mapping[str, str], body: bytes, document: Any) -> Label:
    """The provider's id and topic of a message. Raises InvalidInput when Stripe's has no id."""
    kept = {name: header(headers, name)[:200] for name in KEPT_HEADERS[provider]}
    kept = {name: value for name, value in kept.items() if value}
    if provider is Source.STRIPE:
        event = mapping(document)
        event_id, topic = ident(event), text(event.get("type"), 120)
        if not event_id:
            raise InvalidInput("id", "The Stripe event has no id.")
    elif provider is Source.SHOPIFY:
        topic = text(kept.get("X-Shopify-Topic"), 120)
        # One act of a merchant sends several webhooks under one event id; the topic differs.
        shared = kept.get("X-Shopify-Event-Id")
        event_id = kept.get("X-Shopify-Webhook-Id") or (f"{topic}:{shared}" if shared else "")
    else:
        topic = text(kept.get("X-WC-Webhook-Topic"), 120)
        event_id = kept.get("X-WC-Webhook-Delivery-ID", "")
    content = hashlib.sha256(topic.encode() + b"\0" + body).hexdigest()
    return Label(event_id[:200] or content, topic, kept, content)
