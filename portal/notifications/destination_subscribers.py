"""Who is told what (UX §5, 32 and 33): a destination to confirm, money without one."""

from portal.bank_payouts import queries as bank_payouts
from portal.bank_payouts.events import BankPayoutFailed
from portal.bank_payouts.wording import cause_of
from portal.creators import queries as creators
from portal.creators.models import Rail
from portal.destinations import queries as destinations
from portal.destinations.events import (
    DestinationAsked,
    DestinationMissing,
    DestinationToConfirm,
)
from portal.destinations.models import DestinationChange
from portal.destinations.wording import missing_words
from portal.identity import queries as identity
from portal.ledger import queries as ledger
from portal.notifications.letters import link_to, send
from portal.notifications.subscribers import email_of_creator
from portal.web.formatting import money, when, zone_name


def on_destination_to_confirm(event: DestinationToConfirm) -> None:
    """To her own address; and to the PayPal addresses before and after, which are told only that
    something changed (R91)."""
    change = destinations.change(event.change_id)
    zone = creators.creator(change.creator_id).zone
    facts = {
        "at": f"{when(change.at, zone)}, {zone_name(zone)}",
        "before": change.before_masked,
        "after": change.label_masked,
    }
    own = email_of_creator(change.creator_id)
    send("destination_confirm", change.id, own, **facts,
         link=link_to("destinations_creator.change", change=change.public_id))  # fmt: skip
    for address in _paypal_addresses(change) - {own}:
        send("destination_confirm", change.id, address, **facts,
             link=link_to("destinations_creator.setup"))  # fmt: skip


def on_bank_payout_failed(event: BankPayoutFailed) -> None:
    """What her bank refused, when it is hers to put right (UX 6.12)."""
    found = bank_payouts.bank_payout(event.bank_payout_id)
    cause = cause_of(found.failure_code)
    if not cause.is_creators_to_fix:
        return
    to = creators.destination_of(found.creator_id)
    is_current = to is not None and to.account_ref == found.account_ref
    send(
        "bank_payout_failed", found.id, email_of_creator(found.creator_id),
        amount=money(found.amount), reason=cause.creator,
        bank=to.label_masked if to is not None and is_current else "",
        link=link_to("destinations_creator.setup"),
    )  # fmt: skip


def on_destination_missing(event: DestinationMissing) -> None:
    """Day 0, 7, 21 and 45 (R90)."""
    found = next(
        (one for one in destinations.without_destination() if one.creator_id == event.creator_id),
        None,
    )
    if found is None:  # she has set one up since
        return
    send(
        "destination_missing", event.creator_id * 100 + event.day,
        email_of_creator(event.creator_id), day=event.day,
        amount=" and ".join(money(amount) for amount in found.amounts),
        link=link_to("destinations_creator.setup"),
    )  # fmt: skip


def on_destination_asked(event: DestinationAsked) -> None:
    """Finance asked her: what waits at this brand, and what is missing for it."""
    asked = destinations.asked(event.ask_id)
    owed = [
        ledger.balances_of(brand_id, asked.creator_id, currency).payable
        for brand_id, currency in ledger.currencies_of(asked.creator_id)
        if brand_id == asked.brand_id
    ]
    to = creators.destination_of(asked.creator_id)
    send(
        "destination_asked", asked.id, email_of_creator(asked.creator_id),
        brand=identity.brand(asked.brand_id).name, link=link_to("destinations_creator.setup"),
        amount=" and ".join(money(amount) for amount in owed if amount.minor > 0),
        lacks=missing_words(list(to.missing)) if to else [],
        is_named=bool(to and to.account_ref),
    )  # fmt: skip


def _paypal_addresses(change: DestinationChange) -> set[str]:
    named = [(change.before_rail, change.before_ref), (change.rail, change.account_ref)]
    found = [
        destinations.details(change.creator_id, ref) for rail, ref in named if rail is Rail.PAYPAL
    ]
    return {one.account for one in found if one is not None}
