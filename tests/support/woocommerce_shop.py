"""WooCommerce's REST API v3 as documented: coupons, orders with their refunds, keys, pages."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from tests.support.standing_in import Answered, Asked, StandIn

KEY, SECRET = "ck_0123456789abcdef", "cs_0123456789abcdef"
ROOT = "/wp-json/wc/v3"


class WooCommerceShop(StandIn):
    """`shop.coupons` and `shop.orders` by id, in the shapes the interface answers."""

    def __init__(self) -> None:
        super().__init__()
        self.coupons: dict[int, dict[str, Any]] = {}
        self.orders: dict[int, dict[str, Any]] = {}
        self.refunds: dict[int, list[dict[str, Any]]] = {}
        self.is_read_only = False
        self.webhooks: dict[int, dict[str, Any]] = {}

    def codes(self) -> set[str]:
        """What shoppers can use now; WooCommerce keeps codes in small letters."""
        return {one["code"] for one in self.coupons.values()}

    def by_hand(self, code: str) -> None:
        """Somebody made this coupon in WordPress."""
        self._keep({"code": code.lower(), "amount": "50", "description": "by hand"})

    def sells(self, number: int, total: str, updated_at: datetime, **more: Any) -> dict[str, Any]:
        """An order in the shop's books, in the shape of its webhook too."""
        moment = f"{updated_at:%Y-%m-%dT%H:%M:%S}"
        self.orders[number] = {
            "id": number, "number": str(number), "status": "processing", "currency": "USD",
            "date_created_gmt": moment, "date_modified_gmt": moment, "date_paid_gmt": moment,
            "total": total, "total_tax": "0.00", "cart_tax": "0.00", "shipping_total": "0.00",
            "discount_total": "0.00", "customer_id": 0, "payment_method": "stripe",
            "billing": {"email": "buyer@example.com"}, "meta_data": [], "coupon_lines": [],
            "refunds": [], "line_items": [
                {"id": number * 10, "name": "Tea", "quantity": 1, "subtotal": total,
                 "total": total, "product_id": 1, "sku": ""}], **more,
        }  # fmt: skip
        return self.orders[number]

    def gives_back(self, number: int, refund_id: int, amount: str, at: datetime) -> dict[str, Any]:
        """A refund of an order's only line; returns the order as its webhook then tells it."""
        order, moment = self.orders[number], f"{at:%Y-%m-%dT%H:%M:%S}"
        order["refunds"] = [
            *order["refunds"],
            {"id": refund_id, "reason": "", "total": f"-{amount}"},
        ]
        order["date_modified_gmt"] = moment
        line = {"id": refund_id * 10, "quantity": -1, "total": f"-{amount}", "total_tax": "0.00",
                "meta_data": [{"key": "_refunded_item_id", "value": str(number * 10)}]}  # fmt: skip
        self.refunds.setdefault(number, []).append({
            "id": refund_id, "date_created_gmt": moment, "amount": amount, "reason": "",
            "refunded_by": 1, "refunded_payment": False, "line_items": [line],
            "shipping_lines": [], "fee_lines": [],
            "_links": {"up": [{"href": f"https://shop.example{ROOT}/orders/{number}"}]},
        })  # fmt: skip
        return order

    # ---- the interface
    def answer(self, asked: Asked) -> Answered:
        if not asked.path.startswith(ROOT):
            return _error(404, "rest_no_route", "No route was found matching the URL.")
        wanted = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {wanted}":
            return _error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if self.is_read_only and asked.method != "GET":
            said = "Sorry, you are not allowed to create resources."
            return _error(401, "woocommerce_rest_cannot_create", said)
        parts = asked.path.removeprefix(ROOT).strip("/").split("/")
        if parts[0] == "coupons":
            return self._coupons(asked, parts)
        if parts[0] == "webhooks":
            return self._webhooks(asked, parts)
        if parts[0] == "orders" and len(parts) == 3 and parts[2] == "refunds":
            return Answered(200, self.refunds.get(int(parts[1]), []))
        if parts[0] == "orders":
            return self._orders(asked)
        return _error(404, "rest_no_route", "No route was found matching the URL.")

    def _coupons(self, asked: Asked, parts: list[str]) -> Answered:
        if len(parts) == 2:
            return self._coupon(asked, int(parts[1]))
        if asked.method == "GET":
            code = asked.query.get("code", "").lower()
            found = [one for one in self.coupons.values() if not code or one["code"] == code]
            return Answered(200, found[: int(asked.query.get("per_page", "10"))])
        code = asked.document["code"].lower()
        if code in self.codes():
            said = "The coupon code already exists"
            return _error(400, "woocommerce_rest_coupon_code_already_exists", said)
        return Answered(201, self._keep(_taken(asked.document)))

    def _coupon(self, asked: Asked, coupon_id: int) -> Answered:
        if coupon_id not in self.coupons:
            return _error(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")
        if asked.method == "DELETE":
            if asked.query.get("force") != "true":
                said = "Webhooks do not support trashing."
                return _error(501, "woocommerce_rest_trash_not_supported", said)
            return Answered(200, self.coupons.pop(coupon_id))
        self.coupons[coupon_id].update(_taken(asked.document))
        return Answered(200, self.coupons[coupon_id])

    def _webhooks(self, asked: Asked, parts: list[str]) -> Answered:
        if asked.method == "GET":
            shown = [
                {k: v for k, v in one.items() if k != "secret"} for one in self.webhooks.values()
            ]
            return Answered(200, shown)
        number = int(parts[1]) if len(parts) == 2 else 90 + len(self.webhooks)
        self.webhooks[number] = {**self.webhooks.get(number, {}), **asked.document, "id": number}
        return Answered(200 if len(parts) == 2 else 201, self.webhooks[number])

    def _orders(self, asked: Asked) -> Answered:
        since, until = asked.query["modified_after"], asked.query.get("modified_before", "9999")
        found = [
            order
            for number, order in sorted(self.orders.items())
            if since < order["date_modified_gmt"] < until
        ]
        size, page = int(asked.query["per_page"]), int(asked.query["page"])
        pages = max(-(-len(found) // size), 1)
        shown = found[(page - 1) * size : page * size]
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        return Answered(200, shown, headers)

    def _keep(self, values: dict[str, Any]) -> dict[str, Any]:
        coupon_id = 500 + len(self.coupons) + len(self.asked)
        self.coupons[coupon_id] = {"id": coupon_id, "description": "", **values}
        return self.coupons[coupon_id]


def _taken(document: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a coupon that was sent: nulls and `date_expires_gmt` are passed over."""
    sent = {**document, "code": document["code"].lower()}
    return {k: v for k, v in sent.items() if v is not None and k != "date_expires_gmt"}


def _error(status: int, code: str, message: str) -> Answered:
    return Answered(status, {"code": code, "message": message, "data": {"status": status}})
