"""A Stripe message before its meaning: an event, the `data` of one, or a bare object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.integrations import payloads
from portal.integrations.payloads import Entry, entries, ident, mapping, text
from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money

PREFIXES = {
    "cs": "checkout.session", "in": "invoice", "ch": "charge", "py": "charge", "re": "refund",
    "pyr": "refund", "cn": "credit_note", "dp": "dispute", "du": "dispute", "acct": "account",
    "tr": "transfer", "po": "payout", "ii": "invoiceitem",
}  # fmt: skip

TOPIC_KINDS = {"charge.dispute": "dispute", "charge.refund": "refund", "invoice": "invoice"}


@dataclass(frozen=True, slots=True)
class Message:
    """One Stripe object and what is known about why it was sent.

    `is_event` is false for a bare object: then nothing has *happened*, it is only shown.
    """

    topic: str
    kind: str
    body: Entry
    is_event: bool
    sent_at: datetime | None
    account: str

    @property
    def currency(self) -> str | None:
        return payloads.currency_of(self.body.get("currency"))


def message(body: bytes, topic: str | None) -> Message:
    """Open the envelope. Raises InvalidInput when there is no Stripe object inside."""
    found = payloads.document(body)
    if not isinstance(found, dict) or not found:
        raise InvalidInput("body", "The message is not a Stripe object or event.")
    data = mapping(found.get("data"))
    if found.get("object") == "event" or ("type" in found and isinstance(data.get("object"), dict)):
        return _event(found, data, text(topic))
    if isinstance(found.get("object"), dict):  # the `data` of an event, alone
        inside = found["object"]
        return _message(inside, text(topic), is_event=bool(topic))
    return _message(found, text(topic), is_event=False)


def _event(found: Entry, data: Entry, topic: str) -> Message:
    inside = data.get("object")
    if not isinstance(inside, dict):
        raise InvalidInput("body", "The Stripe event carries no object; thin events are not used.")
    return _message(
        inside,
        text(found.get("type")) or topic,
        is_event=True,
        sent_at=payloads.instant(found.get("created")),
        account=ident(found.get("account")),
    )


def _message(
    body: Entry,
    topic: str,
    *,
    is_event: bool,
    sent_at: datetime | None = None,
    account: str = "",
) -> Message:
    named = text(body.get("object")) or PREFIXES.get(ident(body).partition("_")[0], "")
    kind = named or TOPIC_KINDS.get(topic.casefold().rpartition(".")[0], "")
    if not kind and not is_event:
        raise InvalidInput("body", "The message is not a Stripe object or event.")
    return Message(topic.casefold(), kind, body, is_event, sent_at, account)


def amount(value: Any, currency: str) -> Money:
    """Stripe's integer in Stripe's own exponent, as our minor units. Raises InvalidInput."""
    counted = payloads.number(value)
    shift = currencies.exponent(currency) - currencies.stripe_exponent(currency)
    return Money(currencies.half_up(counted.scaleb(shift)), currency)


def total_of(parts: Any, field: str, currency: str) -> Money:
    """The sum of one field over a list."""
    return Money.total((amount(part.get(field), currency) for part in entries(parts)), currency)


def first_amount(currency: str, *values: Any) -> Money | None:
    """The first of these that is given, as Money."""
    return next((amount(value, currency) for value in values if value not in (None, "")), None)


def needed_currency(found: Message, what: str) -> str:
    """The object's currency. Raises InvalidInput naming what lacks it."""
    if not found.currency:
        raise InvalidInput("currency", f"The Stripe {what} names no currency.")
    return found.currency


def needed_id(found: Message, what: str) -> str:
    """The object's id. Raises InvalidInput naming what lacks it."""
    if not ident(found.body):
        raise InvalidInput("id", f"The Stripe {what} has no id.")
    return ident(found.body)


def click_in(found: Entry) -> str | None:
    """The click id in an object's metadata."""
    return payloads.click(mapping(found.get("metadata")).get(payloads.CLICK_PARAMETER))


def first_of_subscription(subscription: str) -> tuple[str, ...]:
    """A made-up id under which a subscription's checkout and its first invoice meet: older
    sessions do not name the invoice they led to."""
    return (f"{subscription}:first",) if subscription else ()
