"""What the test-order wizard of a shop says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.integrations.models import InboundState, SightingKind
from portal.integrations.readings import TEST
from portal.integrations.shop_rules import WANTED_TOPICS, WHERE_SECRET, last_four
from portal.sales.models import Connection, Source

# As the shops' own documentation says: Shopify removes only webhooks that were made with a key;
# WooCommerce counts failures in a row and stops beyond five; Stripe's three days are live mode's.
AFTER_REFUSAL = {
    Source.SHOPIFY: "Shopify sends a refused event again, eight times within four hours. A webhook "
    "that was made with a key and still fails then is removed: have it made again below. What was "
    "missed until then is found by reading the shop again.",
    Source.WOOCOMMERCE: "WooCommerce does not send a refused event again: press “Update” on such "
    "an order, or give a key below, and we read it from the shop. After more than five refusals in "
    "a row it disables the webhook: set its status to Active again.",
    Source.STRIPE: "Stripe sends a refused event again for three days, in a sandbox three times "
    "within a few hours; “Resend” beside the event sends it at once.",
}
# How the topics of WANTED_TOPICS, and their nearest kin, are called in a message.
REFUSALS = frozenset(
    {SightingKind.BAD_SIGNATURE, SightingKind.UNSIGNED, SightingKind.TOO_OLD,
     SightingKind.UNREADABLE}
)  # fmt: skip
ORDER_TOPICS = ("orders/", "refunds/", "order.", "checkout.session.", "invoice.", "charge.",
                "conversion", "refund")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """One message that came through a connection's hook, as the wizard needs it."""

    topic: str
    state: InboundState
    kind: str
    note: str
    at: datetime
    public_id: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the wizard says. `is_green`: orders arrive; the page need not ask again. `event` is the
    message it speaks of, where there is one to look at."""

    tone: str
    word: str
    title: str
    text: str
    is_green: bool = False
    event: str = ""


def wizard_progress(
    connection: Connection,
    seen: Sequence[Seen],
    sightings: Mapping[SightingKind, datetime],
    has_orders: bool = False,
    has_key: bool = False,
) -> Progress:
    """Where a connection stands. `seen` is newest first; `sightings` hold each kind's last time;
    `has_key`: an API key of this shop's own opens our doors."""
    is_rest = connection.source is Source.API
    if not connection.is_active:
        closed = "Its calls are" if is_rest else "Its webhook is"
        answer = "409 and kept in the feed" if is_rest else "410, so the shop stops sending"
        return Progress(
            "neutral", "Off", "This shop is switched off.",
            f"{closed} answered with {answer}. Orders already recorded stay.",
        )  # fmt: skip
    if is_rest:
        return _of_calls(connection, seen, sightings, has_orders, has_key=has_key)
    if not connection.secrets:
        return Progress(
            "waiting", "Secret missing", "Paste the signing secret first.",
            "Without it nobody can tell the shop’s messages from forged ones, so all are refused.",
        )  # fmt: skip
    refused = _refusal(connection, seen, sightings) or _unusable(seen)
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
    if SightingKind.UNSIGNED in sightings and last_good is None:
        return Progress(
            "waiting", "Not signed", "A message arrived that nobody signed.",
            "It was refused: a shop signs each of its events, so this was somebody else. Place a "
            "test order in the shop.",
        )  # fmt: skip
    return None


def _unusable(seen: Sequence[Seen]) -> Progress | None:
    if not seen or seen[0].state is not InboundState.REFUSED:
        return None
    return Progress(
        "danger", "Not readable", "A message arrived that is no event.",
        f"It was signed with the right secret, and refused: {seen[0].note} Choose JSON as the "
        "webhook’s format and send it again.", event=seen[0].public_id,
    )  # fmt: skip


def _of_calls(
    connection: Connection, seen: Sequence[Seen], sightings: Mapping[SightingKind, datetime],
    has_orders: bool, *, has_key: bool,
) -> Progress:  # fmt: skip
    bad, last_good = sightings.get(SightingKind.BAD_SIGNATURE), seen[0].at if seen else None
    if bad and (last_good is None or bad > last_good):
        return Progress(
            "danger", "Wrong key", "A call arrived, but its key opens nothing.",
            "It begins like a key of this shop and was answered with 401: it was revoked, has "
            "ended, or was not copied whole. Copy the key again, or create a new one below. It "
            "goes into the header “Authorization: Bearer …”. What was refused has to be sent "
            "again.",
        )  # fmt: skip
    if seen and seen[0].state is InboundState.REFUSED:
        return Progress(
            "danger", "Refused", f"The last call told of a {seen[0].topic} and was refused.",
            f"{seen[0].note} Change that and send it again; nothing was recorded.",
            event=seen[0].public_id,
        )  # fmt: skip
    if not has_key and not seen:
        return Progress(
            "waiting", "Key missing", "Create an API key first.",
            "Without one nobody can tell your shop from others, so every call is answered with "
            "401.",
        )  # fmt: skip
    return _arrived(connection, seen, has_orders) or Progress(
        "waiting", "Waiting", "Nothing has arrived yet.",
        "Send the test order below. It appears here within a few seconds. Was your shop answered "
        "with 401? Then it sent no key, or one that is none of yours, and nobody can say whose "
        "call that was.",
    )  # fmt: skip


def _arrived(
    connection: Connection, seen: Sequence[Seen], has_orders: bool
) -> Progress | None:  # fmt: skip
    if has_orders:
        return Progress(
            "success", "Connected", "Connected. Orders arrive.",
            f"{_proof(connection)} and the order could be read. Nothing else is needed here.",
            is_green=True,
        )  # fmt: skip
    if any(TEST in one.note for one in seen):
        return Progress(
            "success", "Connected", "Connected. The test order arrived.",
            f"{_proof(connection)} and the order could be read. Test orders earn nothing, so it is "
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
            event=newest.public_id,
        )  # fmt: skip
    if newest.topic.startswith(ORDER_TOPICS):
        return Progress(
            "waiting", "Not counted", "An event arrived, but it is no order that counts.",
            f"{_proof(connection)}. {newest.note} Now place a test order.",
        )  # fmt: skip
    wanted = ", ".join(WANTED_TOPICS.get(connection.source, ()))
    return Progress(
        "waiting", "Other topic",
        f"An event arrived, but it is about {newest.topic or 'no order'}.",
        f"The signature fits. Choose these topics in the shop: {wanted}.",
    )  # fmt: skip


def _proof(connection: Connection) -> str:
    return "The key fits" if connection.source is Source.API else "The signature fits"


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
