"""A brand's own Stripe account as a shop: coupons and promotion codes in, events out."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import stripe

from portal.integrations import shop_api
from portal.integrations.shop_api import ShopBusy, Told, WantedCode
from portal.integrations.stripe.reading import TOPICS
from portal.kernel.errors import ProviderRefused, ProviderUnavailable

TIMEOUT_SECONDS = 20
PAGE = 100
NAME = "Stripe"
EXISTS = "resource_already_exists"
TYPES = list(TOPICS)
Result = TypeVar("Result")


class StripeShop:
    """Implements `shop_api.ShopApi` with the official SDK."""

    def __init__(self, key: str, api_base: str) -> None:
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": api_base},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

    def check(self) -> None:
        _asked(lambda: self._client.v1.promotion_codes.list({"limit": 1}))

    def put(self, wanted: WantedCode, reference: str, key: str, /) -> str:
        """One coupon per discount, one promotion code per code. A promotion code cannot be given
        another discount, end or limit: then a new one takes its place."""
        coupon = self._coupon(wanted)
        if reference and self._renewed(wanted, reference, coupon):
            return reference
        params: dict[str, Any] = {
            "promotion": {"type": "coupon", "coupon": coupon},
            "code": wanted.code,
            "metadata": {"vouch_code": wanted.mark},
        }
        params |= {name: value for name, value in _bounds(wanted).items() if value is not None}
        options = {"idempotency_key": key}
        try:
            made = _asked(lambda: self._client.v1.promotion_codes.create(params, options))  # type: ignore[arg-type]
        except ProviderRefused as refusal:
            if refusal.code != EXISTS and "already exists" not in refusal.message:
                raise
            return self._adopted(wanted, coupon)
        return made.id

    def end(self, wanted: WantedCode, reference: str) -> None:
        """Whatever of ours works under this code, also one whose answer got lost."""
        for one in dict.fromkeys((reference, self._found(wanted))):
            if one:
                self._switch(one, False)

    def told(self, since: datetime, until: datetime) -> Iterator[Told]:
        """Stripe keeps its events for 30 days: they are its webhooks, word for word."""
        between = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        after: dict[str, str] = {}
        while True:
            asked: Any = {"types": TYPES, "created": between, "limit": PAGE, **after}
            page = _asked(lambda asked=asked: self._client.v1.events.list(asked))  # type: ignore[misc]
            for event in page.data:
                body = json.dumps(event.to_dict(), sort_keys=True).encode()
                yield Told(event.id, event.type, body)
            if not page.has_more:
                return
            after = {"starting_after": page.data[-1].id}

    def subscribe(self, hook_url: str, _secret: str, /) -> str:
        """Stripe shows an endpoint's secret once: an older endpoint of ours makes way."""
        endpoints, asked = self._client.v1.webhook_endpoints, {"limit": PAGE}
        for one in _asked(lambda: endpoints.list(asked)).data:  # type: ignore[arg-type]
            if one.url == hook_url:
                _asked(lambda one=one: endpoints.delete(one.id))  # type: ignore[misc]
        params: Any = {"url": hook_url, "enabled_events": TYPES, "description": "Vouch"}
        return str(_asked(lambda: endpoints.create(params)).secret)

    def code_of(self, reference: str, /) -> str:
        return str(_asked(lambda: self._client.v1.promotion_codes.retrieve(reference)).code)

    def _coupon(self, wanted: WantedCode) -> str:
        coupon_id = f"vouch_{wanted.discount_bp}"
        params: Any = {
            "id": coupon_id, "percent_off": wanted.percent, "duration": "once",
            "name": f"{wanted.percent}% off",
        }  # fmt: skip
        try:
            _asked(lambda: self._client.v1.coupons.create(params))
        except ProviderRefused as refusal:
            if refusal.code != EXISTS and "already exists" not in refusal.message:
                raise
        return coupon_id

    def _renewed(self, wanted: WantedCode, reference: str, coupon: str) -> bool:
        """Switch a promotion code of ours on; False when it is gone or is not as wanted."""
        try:
            found = _asked(lambda: self._client.v1.promotion_codes.retrieve(reference)).to_dict()
        except ProviderRefused as refusal:
            if refusal.code != "resource_missing":
                raise
            return False
        given = (found.get("promotion") or {}).get("coupon")
        given = given.get("id") if isinstance(given, dict) else given
        bounds = _bounds(wanted)
        if given != coupon or bounds != {name: found.get(name) for name in bounds}:
            self._switch(reference, False)
            return False
        if not found.get("active"):
            self._switch(reference, True)
        return True

    def _adopted(self, wanted: WantedCode, coupon: str) -> str:
        reference = self._found(wanted)
        if not reference or not self._renewed(wanted, reference, coupon):
            raise shop_api.taken(wanted, NAME)
        return reference

    def _found(self, wanted: WantedCode) -> str:
        """Ours among the working ones of this code: Stripe keeps those that ended, too."""
        asked: Any = {"code": wanted.code, "active": True, "limit": 10}
        for one in _asked(lambda: self._client.v1.promotion_codes.list(asked)).data:
            if ((one.to_dict().get("metadata") or {}).get("vouch_code")) == wanted.mark:
                return str(one.id)
        return ""

    def _switch(self, reference: str, is_active: bool) -> None:
        asked: Any = {"active": is_active}
        _asked(lambda: self._client.v1.promotion_codes.update(reference, asked))


def _bounds(wanted: WantedCode) -> dict[str, int | None]:
    """What a promotion code is given once, in Stripe's words."""
    ends = int(wanted.ends_at.timestamp()) if wanted.ends_at else None
    return {"max_redemptions": wanted.usage_limit, "expires_at": ends}


def _asked(call: Callable[[], Result]) -> Result:
    try:
        return call()
    except stripe.RateLimitError as error:
        headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
        raise ShopBusy("Stripe asks us to slow down.", shop_api.seconds(headers, 5)) from error
    except stripe.AuthenticationError as error:
        raise ProviderRefused("Stripe does not accept this key.", code="token") from error
    except stripe.PermissionError as error:
        said = error.user_message or "It lacks a permission."
        raise ProviderRefused(
            f"The key may not do this. Stripe says: {said}", code="scopes"
        ) from error
    except stripe.StripeError as error:
        status, code = error.http_status or 0, error.code or ""
        if 400 <= status < 500 and status not in (408, 409):
            said = error.user_message or "no reason given"
            raise ProviderRefused(f"Stripe says: {said}", code=code) from error
        raise ProviderUnavailable("Stripe gave no clear answer; asking again.") from error
