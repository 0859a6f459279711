"""What people type about a shop, and what the test-order wizard says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from portal.integrations.models import InboundState, SightingKind
from portal.integrations.readings import TEST
from portal.kernel.errors import InvalidInput
from portal.sales.models import Connection, Source

SHORTEST_SECRET, LONGEST_SECRET = 8, 200
WITH_HOOK = (Source.SHOPIFY, Source.WOOCOMMERCE, Source.STRIPE)
NAMES = {
    Source.SHOPIFY: "Shopify", Source.WOOCOMMERCE: "WooCommerce", Source.STRIPE: "Stripe",
    Source.API: "REST API", Source.CSV: "CSV files",
}  # fmt: skip
WANTED_TOPICS = {
    Source.SHOPIFY: "Order creation, Order update, Order cancellation and Refund creation",
    Source.WOOCOMMERCE: "Order created, Order updated and Order deleted",
    Source.STRIPE: "checkout.session.completed, invoice.paid, charge.refunded and "
    "charge.dispute.closed",
}
WHERE_SECRET = {
    Source.SHOPIFY: "in Shopify under Settings, Notifications, Webhooks, below the list",
    Source.WOOCOMMERCE: "on the webhook’s own page, under WooCommerce, Settings, Advanced, "
    "Webhooks",
    Source.STRIPE: "in Stripe under Developers, Webhooks, on the endpoint’s own page: “Reveal "
    "signing secret”",
}
# WooCommerce tries a delivery once, and disables a webhook after five refusals in a row.
AFTER_REFUSAL = {
    Source.SHOPIFY: "Nothing is lost: Shopify sends refused events again for four hours.",
    Source.WOOCOMMERCE: "WooCommerce does not send a refused event again: press “Update” on such "
    "an order, or give a key below, and we read it from the shop. After five refusals it disables "
    "the webhook: set its status to Active again.",
    Source.STRIPE: "Nothing is lost: Stripe sends refused events again for three days.",
}
# How the topics of WANTED_TOPICS, and their nearest kin, are called in a message.
REFUSALS = frozenset(
    {SightingKind.BAD_SIGNATURE, SightingKind.UNSIGNED, SightingKind.TOO_OLD,
     SightingKind.UNREADABLE}
)  # fmt: skip
ORDER_TOPICS = ("orders/", "refunds/", "order.", "checkout.session.", "invoice.", "charge.")


def checked_secret(source: Source, typed: str) -> str:
    """A signing secret as it can be used. Raises InvalidInput saying what it looks like instead."""
    secret = "".join(typed.split())
    if secret.startswith(("sk_", "rk_", "pk_")):
        raise InvalidInput(
            "secret", "This is an API key of Stripe. The signing secret begins with whsec_."
        )
    if source is Source.STRIPE and not secret.startswith("whsec_"):
        raise InvalidInput("secret", "A signing secret of Stripe begins with whsec_.")
    if secret.startswith(("shpat_", "ck_", "cs_")):
        raise InvalidInput(
            "secret", "This is a key to the shop’s own interface. It belongs into step “Codes”."
        )
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise InvalidInput("secret", f"A signing secret has {SHORTEST_SECRET} to 200 characters.")
    return secret


def checked_address(source: Source, typed: str, *, allows_http: bool = False) -> str:
    """A shop's address as `https://host`. Raises InvalidInput. Stripe has one for all: ""."""
    if source is Source.STRIPE:
        return ""
    typed = typed.strip().rstrip("/")
    if typed and "://" not in typed:
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or "@" in parts.netloc or not (parts.scheme == "https" or allows_http):
        raise InvalidInput("address", "Write the shop’s address, such as https://shop.example.")
    if source is Source.SHOPIFY and not (host.endswith(".myshopify.com") or allows_http):
        raise InvalidInput(
            "address",
            "Write the address that ends in .myshopify.com: Shopify shows it under Settings, "
            "Domains.",
        )
    path = parts.path.rstrip("/") if source is Source.WOOCOMMERCE else ""
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def last_four(secret: str) -> str:
    """The end of a secret that is shown; "" for one too short to show any of."""
    return secret[-4:] if len(secret) >= SHORTEST_SECRET else ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One message that came through a connection's hook, as the wizard needs it."""

    topic: str
    state: InboundState
    kind: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """What the wizard says. `is_green`: orders arrive; the page need not ask again."""

    tone: str
    word: str
    title: str
    text: str
    is_green: bool = False


def wizard_progress(
    connection: Connection,
    seen: Sequence[Seen],
    sightings: Mapping[SightingKind, datetime],
    has_orders: bool = False,
) -> Progress:
    """Where a connection stands. `seen` is newest first; `sightings` hold each kind's last time."""
    if not connection.is_active:
        return Progress(
            "neutral", "Off", "This shop is switched off.",
            "Its webhook is answered with 410, so the shop stops sending. Orders already recorded "
            "stay.",
        )  # fmt: skip
    if not connection.secrets:
        return Progress(
            "waiting", "Secret missing", "Paste the signing secret first.",
            "Without it nobody can tell the shop’s messages from forged ones, so all are refused.",
        )  # fmt: skip
    refused = _refusal(connection, seen, sightings)
    return refused or _arrived(connection, seen, has_orders) or _quiet(sightings)


def _refusal(
    connection: Connection, seen: Sequence[Seen], sightings: Mapping[SightingKind, datetime]
) -> Progress | None:
    last_good = seen[0].at if seen else None
    bad = sightings.get(SightingKind.BAD_SIGNATURE)
    if bad and (last_good is None or bad > last_good):
        return Progress(
            "danger", "Wrong secret", "An event arrived, but its signature does not match.",
            "It was not signed with the secret you pasted, the one that ends in "
            f"{last_four(connection.secret)}. The right one stands "
            f"{WHERE_SECRET.get(connection.source, 'in the shop')}. Copy it again and paste it "
            f"below. {AFTER_REFUSAL.get(connection.source, '')}",
        )  # fmt: skip
    old = sightings.get(SightingKind.TOO_OLD)
    if old and (last_good is None or old > last_good):
        return Progress(
            "danger", "Too old", "An event arrived, but it was signed more than five minutes ago.",
            "It may be a replay, or the clock of this machine is wrong. New events are not "
            "affected.",
        )  # fmt: skip
    broken = sightings.get(SightingKind.UNREADABLE)
    if broken and (last_good is None or broken > last_good):
        return Progress(
            "waiting", "Not readable", "A message arrived that is no event.",
            "It was signed with the right secret, and refused. Choose JSON as the webhook’s format "
            "and send it again.",
        )  # fmt: skip
    if SightingKind.UNSIGNED in sightings and last_good is None:
        return Progress(
            "waiting", "Not signed", "A message arrived that nobody signed.",
            "It was refused: a shop signs each of its events, so this was somebody else. Place a "
            "test order in the shop.",
        )  # fmt: skip
    return None


def _arrived(
    connection: Connection, seen: Sequence[Seen], has_orders: bool
) -> Progress | None:  # fmt: skip
    if has_orders:
        return Progress(
            "success", "Connected", "Connected. Orders arrive.",
            "The signature fits and the order could be read. Nothing else is needed here.",
            is_green=True,
        )  # fmt: skip
    if any(TEST in one.note for one in seen):
        return Progress(
            "success", "Connected", "Connected. The test order arrived.",
            "The signature fits and the order could be read. Test orders earn nothing, so it is "
            "in no books.",
            is_green=True,
        )  # fmt: skip
    if not seen:
        return None
    newest = seen[0]
    if newest.state is InboundState.RECEIVED:
        return Progress(
            "progress", "Reading", "An event arrived and is being read.", "This takes a second."
        )
    if newest.state is InboundState.FAILED:
        return Progress(
            "danger", "Not readable", "An event arrived, but it could not be read.",
            f"{newest.note} It is kept and can be replayed from the feed.",
        )  # fmt: skip
    if newest.topic.startswith(ORDER_TOPICS):
        return Progress(
            "waiting", "Not counted", "An event arrived, but it is no order that counts.",
            f"The signature fits. {newest.note} Now place a test order.",
        )  # fmt: skip
    wanted = WANTED_TOPICS.get(connection.source, "")
    return Progress(
        "waiting", "Other topic",
        f"An event arrived, but it is about {newest.topic or 'no order'}.",
        f"The signature fits. Choose these topics in the shop: {wanted}.",
    )  # fmt: skip


def _quiet(sightings: Mapping[SightingKind, datetime]) -> Progress:
    if SightingKind.PING in sightings:
        return Progress(
            "waiting", "Waiting", "The shop can reach us. Now place a test order.",
            "Its ping arrived; a ping carries no signature, so the secret is not proved yet.",
        )  # fmt: skip
    return Progress(
        "waiting", "Waiting", "Nothing has arrived yet.",
        "Place a test order in the shop. It appears here within a few seconds.",
    )  # fmt: skip
