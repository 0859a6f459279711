"""What a payload means, as plain data: `portal order preview`. Nothing stored, nothing asked."""

from collections.abc import Callable
from typing import Any

from portal.integrations.csv_orders import reading as csv_orders
from portal.integrations.rest import reading as rest
from portal.integrations.shopify import reading as shopify
from portal.integrations.stripe import reading as stripe
from portal.integrations.woocommerce import reading as woocommerce
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import Reading

READERS: dict[str, Callable[[bytes, str | None], Reading]] = {
    "shopify": shopify.read,
    "woocommerce": woocommerce.read,
    "stripe": stripe.read,
    "csv": csv_orders.read,
    "api": rest.read,
}


def read(source: str, topic: str | None, body: bytes) -> Reading:
    """Understand one message of a source. Raises InvalidInput with one sentence when it cannot."""
    if source not in READERS:
        raise InvalidInput("source", f"{source!r} is none of {', '.join(READERS)}.")
    return READERS[source](body, topic)


def preview(source: str, topic: str | None, body: bytes) -> dict[str, Any]:
    """The keys of CONTRACTS; amounts are integers in minor units of `currency`, or None."""
    reading = read(source, topic, body)
    return {
        "kind": reading.kind.value,
        "external_id": reading.external_id,
        "currency": reading.currency,
        "commissionable_minor": _minor(reading.commissionable),
        "clawback_minor": _minor(reading.clawback),
        "codes": list(reading.codes),
        "note": reading.note,
    }


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor
