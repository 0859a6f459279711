"""Shopify's amounts: always the shop's own money, never what the customer saw (presentment)."""

from typing import Any

from portal.integrations import payloads
from portal.integrations.payloads import Entry, mapping
from portal.kernel.money import Money


def shop_money(holder: Entry, field: str, currency: str) -> Money:
    """`field_set.shop_money` where there is one, else the plain field; zero when neither is."""
    inside = mapping(mapping(holder.get(f"{field}_set")).get("shop_money"))
    amount = inside.get("amount")
    return payloads.major(holder.get(field) if amount is None else amount, currency)


def shop_currency(holder: Entry, *fields: str) -> str | None:
    """The shop's currency as the first of these `*_set` fields names it."""
    inside = (mapping(mapping(holder.get(f"{field}_set")).get("shop_money")) for field in fields)
    return payloads.currency_of(*(money.get("currency_code") for money in inside))


def total_of(holders: list[Entry], field: str, currency: str) -> Money:
    """The sum of one field over several objects."""
    return Money.total((shop_money(holder, field, currency) for holder in holders), currency)


def per_unit_times(holder: Entry, quantity: Any, currency: str) -> Money:
    """Unit price × quantity, rounded once (R5)."""
    inside = mapping(mapping(holder.get("price_set")).get("shop_money"))
    unit = inside.get("amount") if inside.get("amount") is not None else holder.get("price")
    return payloads.major(payloads.number(unit) * payloads.number(quantity), currency)
