"""What a creator's payout pages show: gathered here, so that the doors stay short."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from portal.bank_payouts.models import BankPayout
from portal.bank_payouts.wording import cause_of
from portal.creators import queries as creators
from portal.creators.models import PayoutDestination, Rail
from portal.creators.rules import has_ended
from portal.destinations.rules import WORDS as RAIL_WORDS
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.ledger import queries as books
from portal.payee_holds import queries as payee_holds
from portal.payee_holds.models import PayeeHold
from portal.paying import queries as paying
from portal.paying.rules import rate_words
from portal.payouts import (
    arrival_queries,
    coming_queries,
    entries,
    queries,
    rules,
    stopped_queries,
    wording,
)
from portal.payouts.models import BlockedReason, Payout, PayoutRun, PayoutStatus, RunStatus
from portal.programs import queries as programs
from portal.web.formatting import day

# A creator reads what it means for her; "unknown" is our word for asking the provider.
WORDS = {
    PayoutStatus.QUEUED: "Approved",
    PayoutStatus.SENDING: "On its way",
    PayoutStatus.UNKNOWN: "On its way",
    PayoutStatus.HANDED: "On its way",
    PayoutStatus.MARKED_OUTSIDE: "Paid",
    PayoutStatus.ROLLED_OVER: "In the next payout",
}


@dataclass(frozen=True, slots=True)
class Owed:
    """What one brand owes a creator in one currency, and what the next payout waits for."""

    brand: str
    sums: books.CreatorBalances
    minimum: Money
    pay_on: date | None
    reasons: tuple[BlockedReason, ...]
    hold: PayeeHold | None


def payouts(creator_id: int, request: PageRequest) -> dict[str, Any]:
    """Her balances by brand, and her payouts."""
    creator = creators.creator(creator_id)
    found = queries.payouts_of_creator(creator_id, request)
    runs = {payout.run_id: queries.run(payout.run_id) for payout in found.rows}
    destination = creators.destination_of(creator_id)
    return {
        "creator": creator,
        "zone": creator.zone,
        "owed": _owed(creator_id, destination),
        "listed": found,
        "runs": runs,
        "brands": {p.brand_id: identity.brand(p.brand_id).name for p in found.rows},
        "words": WORDS,
        "reason_words": wording.REASONS,
        "destination": destination,
    }


def _owed(creator_id: int, destination: PayoutDestination | None) -> list[Owed]:
    made, holds = [], payee_holds.open_holds_of(creator_id)
    every = {
        key: books.balances_of(key[0], creator_id, key[1])
        for key in books.currencies_of(creator_id)
    }
    payable = {key: sums.payable for key, sums in every.items()}
    stops = stopped_queries.stops_of(creator_id, payable, destination, holds, clock.now())
    planned = coming_queries.pay_days_of(creator_id)
    for (brand_id, currency), sums in every.items():
        brand, minimum = identity.brand(brand_id), programs.minimum_payout(brand_id, currency)
        coming = paying.pay_day(brand_id, brand.zone)
        pay_on = planned.get((brand_id, currency), coming.pay_on if coming else None)
        reasons, hold = stops.get((brand_id, currency), ()), holds.get(brand_id)
        made.append(Owed(brand.name, sums, minimum, pay_on, reasons, hold))
    return made


def payout(creator_id: int, public_id: str) -> dict[str, Any]:
    """One payout: what it is made of, where it went, and what happened."""
    creator, found = creators.creator(creator_id), queries.one_of_creator(creator_id, public_id)
    run = queries.run(found.run_id)
    refusal = wording.refusal_of(found.refusal_code) if found.refusal_code else None
    refused = arrival_queries.bank_refusal(found)
    return {
        "creator": creator,
        "zone": creator.zone,
        "payout": found,
        "run": run,
        "brand": identity.brand(found.brand_id),
        "lines": entries.linked(queries.covered_by(found), _commission_url),
        "word": WORDS.get(found.status),
        "refusal": refusal,
        "bank_cause": cause_of(refused.failure_code) if refused else None,
        "story": _story(found, run, refusal, creator.zone, refused),
        "is_by_hand": found.rail == Rail.MANUAL.value,
        "rate_words": rate_words,
    }


def leaving(creator_id: int) -> dict[str, Any]:
    """What disconnecting her account would mean. Raises Conflict when there is none."""
    creator, to = creators.creator(creator_id), creators.destination_of(creator_id)
    if to is None or not to.account_ref or has_ended(to.state):
        raise Conflict("There is no account to disconnect.")
    found = [
        (identity.brand(brand_id).name, books.balances_of(brand_id, creator_id, currency).payable)
        for brand_id, currency in books.currencies_of(creator_id)
    ]
    return {
        "zone": creator.zone,
        "destination": to,
        "way": RAIL_WORDS[to.rail][0],
        "payable": [(brand, amount) for brand, amount in found if amount.minor > 0],
        "waiting": arrival_queries.on_the_way(creator_id),
    }


def _commission_url(commission: str) -> str:
    return url_for("reports_creator.commission", commission=commission)


def _apart_story(found: Payout, zone: str) -> list[dict[str, Any]]:
    """What a brand did with it before anybody approved a run."""
    icon, text = "arrow-right", "Left to the next payout"
    if found.outside_on is not None:
        icon, text = "hand-coins", f"Paid another way on {day(found.outside_on, zone)}"
    return [{"icon": icon, "who": "", "text": text, "at": found.changed_at or "",
             "state": "latest"}]  # fmt: skip


def _story(
    found: Payout,
    run: PayoutRun,
    refusal: wording.Refusal | None,
    zone: str,
    refused: BankPayout | None,
) -> list[dict[str, Any]]:
    if found.is_apart:
        return _apart_story(found, zone)
    steps = [{"icon": "stamp", "who": "", "text": "Approved", "at": run.approved_at or ""}]
    if found.status is PayoutStatus.QUEUED and run.status is RunStatus.APPROVED and run.pay_on:
        steps.append({"icon": "", "who": "", "text": "Sent on", "at": day(run.pay_on),
                      "state": "next"})  # fmt: skip
    if found.sent_at:
        steps.append({"icon": "send", "who": "", "text": "Sent", "at": found.sent_at})
    if refused is not None:
        steps.append({"icon": "circle-x", "who": "", "text": "Your bank did not take it",
                      "at": refused.failed_at or refused.told_at})  # fmt: skip
    elif found.status is PayoutStatus.SENT and found.sent_at:
        steps.append({"icon": "", "who": "", "text": "Expected to arrive by",
                      "at": day(found.sent_at + rules.ARRIVES, zone), "state": "next"})  # fmt: skip
    ends = {
        PayoutStatus.PAID: ("check", "Arrived"),
        PayoutStatus.RETURNED: ("undo-2", "Came back; the money is payable again"),
        PayoutStatus.FAILED: ("circle-x", refusal.creator if refusal else "Not sent"),
        PayoutStatus.ROLLED_OVER: ("arrow-right", "Left to the next payout"),
    }
    if found.status in ends:
        icon, text = ends[found.status]
        steps.append({"icon": icon, "who": "", "text": text, "at": found.changed_at or ""})
    past = [step for step in steps if step.get("state") != "next"]
    past[-1]["state"] = "latest"
    return steps
