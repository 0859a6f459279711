"""Shopify's Admin GraphQL API: discounts in, orders out. A small client of ours."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from portal.integrations import shop_api
from portal.integrations.payloads import entries, mapping, text
from portal.integrations.shop_api import ShopBusy, Told, WantedCode
from portal.integrations.shopify import documents, history
from portal.kernel import clock
from portal.kernel.errors import ProviderRefused, ProviderUnavailable

VERSION = "2026-10"
PAGE = 25
GONE = "does not exist"
MADE = "already been taken"  # the same topic and address
NAME = "Shopify"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class ShopifyApi:
    """Implements `shop_api.ShopApi`. Throttling is by cost: the answer says how long to wait."""

    def __init__(self, address: str, token: str, *, allows_loopback: bool = False) -> None:
        self._url = f"{address}/admin/api/{VERSION}/graphql.json"
        self._token, self._allows_loopback = token, allows_loopback

    def check(self) -> None:
        found = self._asked(documents.SCOPES, {})
        scopes = mapping(found.get("currentAppInstallation")).get("accessScopes")
        missing = documents.NEEDED - {text(scope.get("handle")) for scope in entries(scopes)}
        if missing:
            raise ProviderRefused(
                f"The key works, but it lacks {', '.join(sorted(missing))}. Give the app these "
                "scopes in Shopify and install it again.",
                code="scopes",
            )

    def put(self, wanted: WantedCode, reference: str, _key: str, /) -> str:
        """Shopify knows no idempotency keys for this: our mark in the title tells what is ours."""
        if reference and self._renewed(wanted, reference):
            return reference
        made = self._asked(documents.creation(wanted.fraction), _input(wanted))
        made = mapping(made.get("discountCodeBasicCreate"))
        errors = entries(made.get("userErrors"))
        if not errors:
            return text(mapping(made.get("codeDiscountNode")).get("id"), 200)
        if any(error.get("code") == "TAKEN" for error in errors):
            return self._adopted(wanted)
        raise _refusal(errors)

    def end(self, wanted: WantedCode, reference: str) -> None:
        if not (reference and self._deactivated(reference)) and (found := self._found(wanted)):
            self._deactivated(found)

    def told(self, since: datetime, until: datetime) -> Iterator[Told]:
        wanted = f"updated_at:>='{since:{MOMENT}}' AND updated_at:<'{until:{MOMENT}}'"
        after = None
        while True:
            asked = {"first": PAGE, "after": after, "query": wanted}
            page = mapping(self._asked(documents.ORDERS, asked).get("orders"))
            for node in entries(page.get("nodes")):
                yield history.told(node)
            info = mapping(page.get("pageInfo"))
            if not info.get("hasNextPage"):
                return
            after = text(info.get("endCursor"), 400)

    def subscribe(self, hook_url: str, _secret: str, /) -> str:
        """Shopify signs with the app's own API secret key, which it shows to people only."""
        for topic in documents.TOPICS:
            made = self._asked(documents.SUBSCRIBE, {"topic": topic, "uri": hook_url})
            errors = entries(mapping(made.get("webhookSubscriptionCreate")).get("userErrors"))
            if errors and not any(MADE in text(error.get("message")) for error in errors):
                raise _refusal(errors)
        return ""

    def code_of(self, _reference: str, /) -> str:
        return ""

    def _renewed(self, wanted: WantedCode, reference: str) -> bool:
        """Bring a discount of ours up to date and switch it on; False when it is gone."""
        asked = {"id": reference, **_input(wanted)}
        changed = self._asked(documents.renewal(wanted.fraction), asked)
        errors = entries(mapping(changed.get("discountCodeBasicUpdate")).get("userErrors"))
        if not errors:
            done = self._asked(documents.ACTIVATE, {"id": reference})
            errors = entries(mapping(done.get("discountCodeActivate")).get("userErrors"))
        if errors and not _says_gone(errors):
            raise _refusal(errors)
        return not errors

    def _deactivated(self, reference: str) -> bool:
        """Switch a discount off; False when it is gone, as when another call replaced it."""
        done = self._asked(documents.DEACTIVATE, {"id": reference})
        errors = entries(mapping(done.get("discountCodeDeactivate")).get("userErrors"))
        if errors and not _says_gone(errors):
            raise _refusal(errors)
        return not errors

    def _adopted(self, wanted: WantedCode) -> str:
        """Ours after all, made by a call whose answer got lost. Raises ProviderRefused if not."""
        reference = self._found(wanted)
        if not reference or not self._renewed(wanted, reference):
            raise shop_api.taken(wanted, NAME)
        return reference

    def _found(self, wanted: WantedCode) -> str:
        asked = self._asked(documents.BY_CODE, {"code": wanted.code})
        node = mapping(asked.get("codeDiscountNodeByCode"))
        is_ours = wanted.mark in text(mapping(node.get("codeDiscount")).get("title"))
        return text(node.get("id"), 200) if is_ours else ""

    def _asked(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        answer = shop_api.ask(
            "POST", self._url, headers={"X-Shopify-Access-Token": self._token},
            document={"query": document, "variables": dict(variables)},
            allows_loopback=self._allows_loopback,
        )  # fmt: skip
        if answer.status in (401, 403):
            raise ProviderRefused("Shopify does not accept this access token.", code="token")
        if answer.status in (402, 404):
            raise ProviderRefused(
                "Shopify knows no open shop at this address. Check the address.", code="address"
            )
        found = mapping(shop_api.read_json(answer))
        if entries(found.get("errors")) or answer.status >= 400:
            raise _error(found)
        return mapping(found.get("data"))


def _input(wanted: WantedCode) -> dict[str, Any]:
    return {
        "title": wanted.title,
        "code": wanted.code,
        "starts": (wanted.starts_at or clock.wall()).isoformat(),
        "ends": wanted.ends_at.isoformat() if wanted.ends_at else None,
        "limit": wanted.usage_limit,
    }


def _says_gone(errors: list[dict[str, Any]]) -> bool:
    return any(GONE in text(error.get("message")).casefold() for error in errors)


def _refusal(errors: list[dict[str, Any]]) -> ProviderRefused:
    said = " ".join(text(error.get("message"), 300) for error in errors)
    return ProviderRefused(f"Shopify says: {said}", code=text(errors[0].get("code"), 60).lower())


def _error(found: dict[str, Any]) -> ProviderRefused | ProviderUnavailable:
    """A top-level error: throttled, not allowed, or a mistake of ours in the query."""
    first = next(iter(entries(found.get("errors"))), {})
    code, said = text(mapping(first.get("extensions")).get("code")), text(first.get("message"), 300)
    if code == "THROTTLED":
        return ShopBusy("Shopify asks us to slow down.", _throttled_seconds(found))
    if code == "ACCESS_DENIED":
        return ProviderRefused(f"The key may not do this. Shopify says: {said}", code="scopes")
    if code in ("INTERNAL_SERVER_ERROR", "TIMEOUT"):
        return ProviderUnavailable("Shopify had a fault; asking again.")
    said = said or "no reason given"
    return ProviderRefused(f"Shopify refused the request: {said}", code="query")


def _throttled_seconds(found: dict[str, Any]) -> int:
    cost = mapping(mapping(found.get("extensions")).get("cost"))
    status = mapping(cost.get("throttleStatus"))
    numbers = (
        cost.get("requestedQueryCost"), status.get("currentlyAvailable"), status.get("restoreRate")
    )  # fmt: skip
    asked, has, rate = (int(number) if isinstance(number, int | float) else 0 for number in numbers)
    return -(-max(asked - has, 1) // max(rate, 1))
