"""Shopify's Admin GraphQL API as documented (2026-10): discounts, orders, scopes, throttling.

The shop keeps its own orders and tells them two ways: as webhooks (REST's shape) and as GraphQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.support.standing_in import Answered, Asked, StandIn

TOKEN = "shpat_0123456789abcdef"
SCOPES = ("read_orders", "read_discounts", "write_discounts")
NONE: dict[str, Any] = {}


@dataclass
class Sold:
    """One order of one line in the shop's books; amounts in major units, as text."""

    number: int
    price: str
    updated_at: datetime
    code: str = ""
    click: str = ""
    is_cancelled: bool = False
    refunds: list[tuple[int, str]] = field(default_factory=list)  # id, amount

    @property
    def line_id(self) -> int:
        return self.number * 10

    @property
    def status(self) -> str:
        return "partially_refunded" if self.refunds else "paid"


class ShopifyShop(StandIn):
    """`shop.discounts` by gid; `shop.orders` by number."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes = list(SCOPES)
        self.discounts: dict[str, dict[str, Any]] = {}
        self.orders: dict[int, Sold] = {}
        self.is_throttled = 0
        self.subscriptions: set[tuple[str, str]] = set()

    def codes(self) -> set[str]:
        """What shoppers can use now."""
        return {one["code"] for one in self.discounts.values() if one["status"] == "ACTIVE"}

    def by_hand(self, code: str) -> None:
        """Somebody made this discount in Shopify's own pages."""
        self._keep({"code": code, "title": code, "percentage": "0.5"})

    # ---- the interface
    def answer(self, asked: Asked) -> Answered:
        if not re.fullmatch(r"/admin/api/20\d\d-\d\d/graphql\.json", asked.path):
            return Answered(404, {"errors": "Not Found"})
        if asked.headers.get("x-shopify-access-token") != TOKEN:
            said = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return Answered(401, {"errors": said})
        if self.is_throttled:
            self.is_throttled -= 1
            return Answered(200, _throttled())
        query, variables = asked.document["query"], asked.document["variables"]
        for name, act in ACTS.items():
            if name in query:
                needs = "write_discounts" if "discountCode" in name else ""
                if needs and needs not in self.scopes:
                    return Answered(200, _denied(name, needs))
                return Answered(200, {"data": {name: act(self, query, variables)}})
        return Answered(200, {"errors": [{"message": "Parse error on document"}]})

    def _scopes(self, _query: str, _variables: dict[str, Any]) -> Any:
        return {"accessScopes": [{"handle": scope} for scope in self.scopes]}

    def _create(self, query: str, variables: dict[str, Any]) -> Any:
        if self._holder_of(variables["code"]):
            return {"codeDiscountNode": None, "userErrors": [
                {"field": ["basicCodeDiscount", "code"], "code": "TAKEN",
                 "message": "Code must be unique. Please try a different code."}]}  # fmt: skip
        assert "context: { all: ALL }" in query
        return _done(self._keep({**variables, "percentage": _percentage(query)}))

    def _update(self, query: str, variables: dict[str, Any]) -> Any:
        if variables["id"] not in self.discounts:
            return _gone()
        found = self.discounts[variables["id"]]
        found.update(variables, percentage=_percentage(query))
        return _done(variables["id"])

    def _switch(self, status: str, variables: dict[str, Any]) -> Any:
        if variables["id"] not in self.discounts:
            return _gone()
        self.discounts[variables["id"]]["status"] = status
        return _done(variables["id"])

    def _activate(self, _query: str, variables: dict[str, Any]) -> Any:
        return self._switch("ACTIVE", variables)

    def _deactivate(self, _query: str, variables: dict[str, Any]) -> Any:
        return self._switch("EXPIRED", variables)

    def _by_code(self, _query: str, variables: dict[str, Any]) -> Any:
        gid = self._holder_of(variables["code"])
        if gid is None:
            return None
        found = self.discounts[gid]
        return {"id": gid, "codeDiscount": {"title": found["title"], "status": found["status"]}}

    def _subscribe(self, query: str, variables: dict[str, Any]) -> Any:
        assert "format: JSON" in query
        wanted = variables["topic"], variables["uri"]
        if wanted in self.subscriptions:
            said = "Address for this topic has already been taken"
            taken = {"field": ["webhookSubscription", "callbackUrl"], "message": said}
            return {"webhookSubscription": None, "userErrors": [taken]}
        self.subscriptions.add(wanted)
        gid = f"gid://shopify/WebhookSubscription/{len(self.subscriptions)}"
        return {"webhookSubscription": {"id": gid}, "userErrors": []}

    def _orders(self, _query: str, variables: dict[str, Any]) -> Any:
        since, until = re.findall(r"'([^']+)'", variables["query"])
        found = sorted(
            (one for one in self.orders.values() if since <= _iso(one.updated_at) < until),
            key=lambda one: (one.updated_at, one.number),
        )
        start = int(variables["after"] or 0)
        page = found[start : start + variables["first"]]
        has_more = start + len(page) < len(found)
        info = {"hasNextPage": has_more, "endCursor": str(start + len(page))}
        return {"pageInfo": info, "nodes": [node_of(one) for one in page]}

    def _holder_of(self, code: str) -> str | None:
        """Codes are compared whatever their letter case, active or not."""
        return next(
            (g for g, one in self.discounts.items() if one["code"].lower() == code.lower()), None
        )

    def _keep(self, values: dict[str, Any]) -> str:
        gid = f"gid://shopify/DiscountCodeNode/{1000 + len(self.discounts)}"
        self.discounts[gid] = {"status": "ACTIVE", **values}
        return gid


ACTS = {
    "currentAppInstallation": ShopifyShop._scopes,
    "discountCodeBasicCreate": ShopifyShop._create,
    "discountCodeBasicUpdate": ShopifyShop._update,
    "discountCodeActivate": ShopifyShop._activate,
    "discountCodeDeactivate": ShopifyShop._deactivate,
    "codeDiscountNodeByCode": ShopifyShop._by_code,
    "webhookSubscriptionCreate": ShopifyShop._subscribe,
    "orders": ShopifyShop._orders,
}


def webhook_of(order: Sold) -> dict[str, Any]:
    """The order as orders/create and orders/updated tell it."""
    return {
        "id": order.number, "name": f"#{order.number}", "currency": "USD", "test": False,
        "financial_status": order.status, "taxes_included": False,
        "created_at": _iso(order.updated_at), "processed_at": _iso(order.updated_at),
        "updated_at": _iso(order.updated_at),
        "cancelled_at": _iso(order.updated_at) if order.is_cancelled else None,
        "total_price_set": _rest(order.price), "total_tax_set": _rest("0.00"),
        "total_discounts_set": _rest("0.00"), "total_shipping_price_set": _rest("0.00"),
        "discount_codes": [{"code": order.code}] if order.code else [],
        "note_attributes": [{"name": "vclid", "value": order.click}] if order.click else [],
        "line_items": [{"id": order.line_id, "name": "Tea", "quantity": 1, "tax_lines": [],
                        "price_set": _rest(order.price), "discount_allocations": []}],
        "refunds": [refund_of(order, *one) for one in order.refunds],
    }  # fmt: skip


def refund_of(order: Sold, refund_id: int, amount: str) -> dict[str, Any]:
    """A refund as refunds/create tells it."""
    return {
        "id": refund_id, "order_id": order.number, "created_at": _iso(order.updated_at),
        "transactions": [], "refund_line_items": [
            {"line_item_id": order.line_id, "quantity": 1, "subtotal_set": _rest(amount),
             "total_tax_set": _rest("0.00"), "line_item": {"gift_card": False}}],
    }  # fmt: skip


def node_of(order: Sold) -> dict[str, Any]:
    """The same order as the `orders` query answers it."""
    moment = _iso(order.updated_at)
    return {
        "legacyResourceId": str(order.number), "name": f"#{order.number}", "test": False,
        "email": "", "createdAt": moment, "processedAt": moment, "updatedAt": moment,
        "cancelledAt": moment if order.is_cancelled else None,
        "displayFinancialStatus": order.status.upper(), "taxesIncluded": False,
        "currencyCode": "USD", "discountCodes": [order.code] if order.code else [],
        "customAttributes": [{"key": "vclid", "value": order.click}] if order.click else [],
        "customerJourneySummary": None, "customer": None,
        "totalPriceSet": _bag(order.price), "totalTaxSet": _bag("0.0"),
        "totalDiscountsSet": _bag("0.0"), "totalShippingPriceSet": _bag("0.0"),
        "shippingLines": {"nodes": []},
        "lineItems": {"nodes": [
            {"id": f"gid://shopify/LineItem/{order.line_id}", "name": "Tea", "quantity": 1,
             "sku": None, "isGiftCard": False, "product": None, "discountAllocations": [],
             "originalUnitPriceSet": _bag(order.price), "taxLines": []}]},
        "refunds": [
            {"legacyResourceId": str(refund_id), "createdAt": moment,
             "refundLineItems": {"nodes": [
                 {"quantity": 1, "subtotalSet": _bag(amount), "totalTaxSet": _bag("0.0"),
                  "lineItem": {"id": f"gid://shopify/LineItem/{order.line_id}",
                               "isGiftCard": False}}]},
             "refundShippingLines": {"nodes": []}, "orderAdjustments": {"nodes": []},
             "transactions": {"nodes": []}}
            for refund_id, amount in order.refunds
        ],
    }  # fmt: skip


def _percentage(query: str) -> str:
    found = re.search(r"percentage: ([\d.]+)", query)
    assert found, query
    return found.group(1)


def _done(gid: str) -> Any:
    return {"codeDiscountNode": {"id": gid}, "userErrors": []}


def _gone() -> Any:
    said = {"field": ["id"], "message": "Code discount does not exist.", "code": "INVALID"}
    return {"codeDiscountNode": None, "userErrors": [said]}


def _throttled() -> Any:
    status = {"maximumAvailable": 1000.0, "currentlyAvailable": 2, "restoreRate": 50.0}
    return {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": {"requestedQueryCost": 202, "actualQueryCost": None,
                                "throttleStatus": status}},
    }  # fmt: skip


def _denied(name: str, scope: str) -> Any:
    said = f"Access denied for {name} field. Required access: `{scope}` access scope."
    return {"errors": [{"message": said, "extensions": {"code": "ACCESS_DENIED"}}], "data": None}


def _rest(amount: str) -> Any:
    return {"shop_money": {"amount": amount, "currency_code": "USD"}}


def _bag(amount: str) -> Any:
    return {"shopMoney": {"amount": amount, "currencyCode": "USD"}}


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
