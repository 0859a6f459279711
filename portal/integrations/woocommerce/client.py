"""WooCommerce's REST API v3: coupons in, orders and refunds out. A small client of ours."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from portal.integrations import shop_api
from portal.integrations.payloads import Entry, entries, ident, mapping, text
from portal.integrations.shop_api import READ, Told, WantedCode
from portal.kernel.errors import ProviderRefused
from portal.outbound import Answer

PAGE = 50
NAME = "WooCommerce"
TOPICS = ("order.created", "order.updated", "order.deleted")
EXISTS = "woocommerce_rest_coupon_code_already_exists"
KEY_REFUSED = "WooCommerce does not accept this key. Check both halves of it."
READ_ONLY = "The key may only read. Make one with Read/Write in WooCommerce."


class WooCommerceApi:
    """Implements `shop_api.ShopApi` with a consumer key and secret over https."""

    def __init__(
        self, address: str, key: str, secret: str, *, allows_loopback: bool = False
    ) -> None:
        self._url = f"{address}/wp-json/wc/v3"
        self._pass = base64.b64encode(f"{key}:{secret}".encode()).decode()
        self._allows_loopback = allows_loopback

    def check(self) -> None:
        self._understood(self._asked("GET", "/coupons", {"per_page": "1"}))

    def put(self, wanted: WantedCode, reference: str, _key: str, /) -> str:
        """A coupon has no idempotency key: our mark in its description tells what is ours."""
        if reference:
            changed = self._asked("PUT", f"/coupons/{reference}", document=_coupon(wanted))
            if changed.status != 404:
                self._understood(changed)
                return reference
        made = self._asked("POST", "/coupons", document=_coupon(wanted))
        if made.status == 400 and _code(made) == EXISTS:
            return self._adopted(wanted)
        return ident(mapping(self._understood(made)))

    def end(self, wanted: WantedCode, reference: str) -> None:
        """Deleted for good, so that the same code can be made again later."""
        if not (reference and self._deleted(reference)) and (found := self._found(wanted)):
            self._deleted(found)

    def told(self, since: datetime, until: datetime) -> Iterator[Told]:
        """The end of the time is not asked for: an order changed meanwhile would leave the list,
        and the first of the next page would move up unread."""
        end = f"{until:%Y-%m-%dT%H:%M:%S}"
        asked = {
            "modified_after": f"{since:%Y-%m-%dT%H:%M:%S}",
            "dates_are_gmt": "true",
            "orderby": "id",
            "order": "asc",
            "per_page": str(PAGE),
        }
        page, pages = 1, 1
        while page <= pages:
            answer = self._asked("GET", "/orders", {**asked, "page": str(page)})
            for order in entries(self._understood(answer)):
                if text(order.get("date_modified_gmt")) < end:
                    yield from self._of_order(order)
            given = answer.headers.get("x-wp-totalpages", "1")
            page, pages = page + 1, int(given) if given.isdecimal() else 1

    def subscribe(self, hook_url: str, secret: str, /) -> str:
        listed = entries(self._understood(self._asked("GET", "/webhooks", {"per_page": "100"})))
        ours = {text(one.get("topic")): ident(one) for one in listed
                if text(one.get("delivery_url"), 400) == hook_url}  # fmt: skip
        for topic in TOPICS:
            wanted = {"name": f"Vouch {topic}", "topic": topic, "delivery_url": hook_url,
                      "secret": secret, "status": "active"}  # fmt: skip
            method = "PUT" if topic in ours else "POST"
            path = f"/webhooks/{ours[topic]}" if topic in ours else "/webhooks"
            self._understood(self._asked(method, path, document=wanted))
        return secret

    def code_of(self, _reference: str, /) -> str:
        return ""

    def _of_order(self, order: Entry) -> Iterator[Told]:
        order_id, moment = ident(order), text(order.get("date_modified_gmt"))
        yield Told(f"{READ}{order_id}:{moment}", "order.updated", _bytes(order))
        if not entries(order.get("refunds")):
            return
        asked = self._asked("GET", f"/orders/{order_id}/refunds", {"per_page": "100"})
        for refund in entries(self._understood(asked)):
            named = {**refund, "parent_id": _id(order_id), "currency": order.get("currency")}
            yield Told(f"{READ}{order_id}:refund:{ident(refund)}", "order.refunded", _bytes(named))

    def _deleted(self, reference: str) -> bool:
        """Delete a coupon; False when it is gone, as when another call replaced it."""
        answer = self._asked("DELETE", f"/coupons/{reference}", {"force": "true"})
        if answer.status == 404:
            return False
        self._understood(answer)
        return True

    def _adopted(self, wanted: WantedCode) -> str:
        reference = self._found(wanted)
        if not reference:
            raise shop_api.taken(wanted, NAME)
        self._understood(self._asked("PUT", f"/coupons/{reference}", document=_coupon(wanted)))
        return reference

    def _found(self, wanted: WantedCode) -> str:
        listed = entries(self._understood(self._asked("GET", "/coupons", {"code": wanted.code})))
        ours = [one for one in listed if wanted.mark in text(one.get("description"), 400)]
        return ident(ours[0]) if ours else ""

    def _asked(
        self, method: str, path: str, query: Mapping[str, str] | None = None, document: Any = None
    ) -> Answer:
        url = f"{self._url}{path}" + (f"?{urlencode(query)}" if query else "")
        return shop_api.ask(
            method, url, headers={"Authorization": f"Basic {self._pass}"}, document=document,
            allows_loopback=self._allows_loopback,
        )  # fmt: skip

    def _understood(self, answer: Answer) -> Any:
        if answer.status in (401, 403):
            is_write = _code(answer).endswith(("_create", "_edit", "_delete"))
            raise ProviderRefused(READ_ONLY if is_write else KEY_REFUSED, code="token")
        if answer.status == 404:
            raise ProviderRefused(
                "There is no WooCommerce interface at this address. Check the address, and that "
                "WordPress uses “pretty” permalinks.",
                code="address",
            )
        if answer.status >= 400:
            said = text(mapping(shop_api.read_json(answer)).get("message"), 300)
            raise ProviderRefused(f"WooCommerce says: {said or answer.status}", code=_code(answer))
        return shop_api.read_json(answer)


def _coupon(wanted: WantedCode) -> dict[str, Any]:
    """`date_expires_gmt` is documented and dropped, nulls change nothing: 0 and "" lift a limit."""
    return {
        "code": wanted.code,
        "discount_type": "percent",
        "amount": wanted.percent,
        "description": wanted.title,
        "individual_use": False,
        "usage_limit": wanted.usage_limit or 0,
        "date_expires": f"{wanted.ends_at:%Y-%m-%dT%H:%M:%SZ}" if wanted.ends_at else "",
    }


def _code(answer: Answer) -> str:
    try:
        return text(mapping(json.loads(answer.body)).get("code"), 80)
    except ValueError:
        return ""


def _bytes(body: Any) -> bytes:
    return json.dumps(body, sort_keys=True).encode()


def _id(value: str) -> int | str:
    return int(value) if value.isdecimal() else value
