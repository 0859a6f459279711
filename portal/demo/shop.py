"""The fake shop: sells four things and tells the portal about it as Shopify does, signed.

It keeps its own orders in its own file: what the portal believes comes through the webhook only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.kernel import clock, codes
from portal.kernel.errors import ProviderUnavailable
from portal.kernel.money import Money

CURRENCY = "USD"
SHIPPING = Money(490, CURRENCY)
TAX_BP = 825
PRODUCTS = {
    "winter-roast": ("Winter roast, 1 kg", Money(3200, CURRENCY)),
    "espresso": ("Espresso blend, 500 g", Money(1800, CURRENCY)),
    "pour-over": ("Pour-over set", Money(4800, CURRENCY)),
    "subscription": ("Three-month subscription", Money(8400, CURRENCY)),
}
TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order as the shop keeps it; amounts in minor units of USD."""

    number: int
    product: str
    quantity: int
    code: str
    discount_bp: int
    click_id: str
    email: str
    placed_at: str
    refunded_minor: int = 0

    @property
    def gross(self) -> Money:
        return PRODUCTS[self.product][1].scaled(self.quantity, 1)

    @property
    def discount(self) -> Money:
        return self.gross.portion(self.discount_bp)

    @property
    def net(self) -> Money:
        return self.gross - self.discount

    @property
    def tax(self) -> Money:
        return self.net.portion(TAX_BP)

    @property
    def total(self) -> Money:
        return self.net + self.tax + SHIPPING

    @property
    def left(self) -> Money:
        return self.net - Money(self.refunded_minor, CURRENCY)


class Shop:
    """The shop's books: one JSON line per change, the last one of a number counts."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def purchases(self) -> list[Purchase]:
        """Every order, newest first."""
        if not self.file.exists():
            return []
        found = {}
        for line in self.file.read_text().splitlines():
            values = json.loads(line)
            found[values["number"]] = Purchase(**values)
        return sorted(found.values(), key=lambda one: -one.number)

    def one(self, number: int) -> Purchase | None:
        return next((one for one in self.purchases() if one.number == number), None)

    def keep(self, purchase: Purchase) -> None:
        with self.file.open("a") as stream:
            stream.write(json.dumps(asdict(purchase)) + "\n")

    def next_number(self) -> int:
        newest = self.purchases()[:1]
        return newest[0].number + 1 if newest else 5001


def order_message(purchase: Purchase) -> dict[str, Any]:
    """The body of Shopify's `orders/paid` for a purchase (only the fields a shop always sends)."""
    title, price = PRODUCTS[purchase.product]
    return {
        "id": 7_000_000_000 + purchase.number,
        "name": f"#{purchase.number}",
        "order_number": purchase.number,
        "email": purchase.email,
        "created_at": purchase.placed_at,
        "processed_at": purchase.placed_at,
        "updated_at": purchase.placed_at,
        "currency": CURRENCY,
        "financial_status": "paid",
        "test": False,
        "cancelled_at": None,
        "total_price": digits(purchase.total),
        "subtotal_price": digits(purchase.net),
        "total_tax": digits(purchase.tax),
        "total_discounts": digits(purchase.discount),
        "total_shipping_price_set": {"shop_money": _money(SHIPPING)},
        "discount_codes": _codes(purchase),
        "discount_applications": [],
        "note_attributes": _attributes(purchase),
        "customer": {"id": _customer(purchase.email), "email": purchase.email},
        "line_items": [{
            "id": 9_000_000_000 + purchase.number,
            "product_id": 100 + list(PRODUCTS).index(purchase.product),
            "title": title, "name": title, "sku": purchase.product.upper(), "gift_card": False,
            "product_type": "Equipment" if "set" in title.casefold() else "Coffee",
            "quantity": purchase.quantity, "price": digits(price),
            "price_set": {"shop_money": _money(price)},
            "total_discount": "0.00",
            "discount_allocations": _allocations(purchase),
        }],
        "refunds": [],
    }  # fmt: skip


def refund_message(purchase: Purchase, amount: Money, at: datetime) -> dict[str, Any]:
    """The body of Shopify's `refunds/create` for a part of a purchase's one line."""
    serial = purchase.number * 1_000_000 + purchase.refunded_minor
    tax = amount.portion(TAX_BP)
    return {
        "id": 8_000_000_000 + serial,
        "order_id": 7_000_000_000 + purchase.number,
        "created_at": at.isoformat(),
        "processed_at": at.isoformat(),
        "refund_line_items": [{
            "id": 8_500_000_000 + serial, "line_item_id": 9_000_000_000 + purchase.number,
            "quantity": purchase.quantity, "subtotal": digits(amount),
            "subtotal_set": {"shop_money": _money(amount)}, "total_tax": digits(tax),
        }],
        "transactions": [{"id": serial, "kind": "refund", "status": "success",
                          "amount": digits(amount + tax), "currency": CURRENCY}],
        "order_adjustments": [],
    }  # fmt: skip


def signed(message: dict[str, Any], topic: str, secret: str) -> tuple[bytes, dict[str, str]]:
    """The raw body and the headers Shopify sends with it."""
    body = json.dumps(message, separators=(",", ":")).encode()
    mac = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return body, {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": base64.b64encode(mac).decode(),
        "X-Shopify-Webhook-Id": codes.public_id(),
        "X-Shopify-Triggered-At": clock.wall().isoformat(),
        "X-Shopify-Shop-Domain": "northlight.example",
    }


def tell(url: str, message: dict[str, Any], topic: str, secret: str) -> None:
    """Send one signed webhook. Raises ProviderUnavailable when the portal does not take it."""
    body, headers = signed(message, topic, secret)
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 — loopback
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return
    except urllib.error.URLError as error:
        raise ProviderUnavailable(f"The shop could not reach the portal: {error}") from error


def digits(amount: Money) -> str:
    """An amount as Shopify writes it: "48.00"."""
    return str(amount).split()[0]


def _attributes(purchase: Purchase) -> list[dict[str, str]]:
    return [{"name": "vclid", "value": purchase.click_id}] if purchase.click_id else []


def _money(amount: Money) -> dict[str, str]:
    return {"amount": digits(amount), "currency_code": amount.currency}


def _codes(purchase: Purchase) -> list[dict[str, str]]:
    if not purchase.code:
        return []
    return [{"code": purchase.code, "amount": digits(purchase.discount), "type": "percentage"}]


def _allocations(purchase: Purchase) -> list[dict[str, Any]]:
    if not purchase.discount:
        return []
    amount = purchase.discount
    return [{"amount": digits(amount), "amount_set": {"shop_money": _money(amount)},
             "discount_application_index": 0}]  # fmt: skip


def _customer(email: str) -> int:
    return int(hashlib.sha256(email.encode()).hexdigest()[:10], 16)
