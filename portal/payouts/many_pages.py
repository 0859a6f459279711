"""What finance's page about many payouts of a run shows, and their file."""

from collections.abc import Iterator
from typing import Any

from flask import request

from portal.kernel import currencies
from portal.kernel.money import Money
from portal.payouts import finance_pages as pages
from portal.payouts import item_queries, line_rules, rules, wording
from portal.payouts.finance_lists import address_of, wanted_items
from portal.payouts.finance_pages import WAYS
from portal.payouts.item_queries import Which
from portal.payouts.models import Caution, Payout, PayoutRun, PayoutStatus
from portal.payouts.rules import PayoutAct
from portal.web.formatting import day

SAMPLE, MOST_TICKED = 5, 200
HEAD = (
    "Creator", "Payout", "Status", "Reason", "Warnings", "Way", "Account", "Currency", "Gross",
    "Adjusted", "Withheld", "Net", "Fee", "Fee borne by", "Arrives", "Arrives in", "Sales",
    "Group", "Reference", "Sent",
)  # fmt: skip


def which_of(run: PayoutRun) -> Which:
    """The payouts that the request names: those ticked, or all that match the filter in its
    address (what is typed into a form, such as a reason, is none)."""
    wanted, everybody = wanted_items(run), request.args.get("scope") == "all"
    ticked = tuple(request.values.getlist("ids")[:MOST_TICKED])
    return Which(run.id, wanted, None if everybody else ticked)


def check(run: PayoutRun, which: Which) -> dict[str, Any]:
    """Who is meant, what can be done with them, and what is left out of each."""
    sums = item_queries.sums_of(which, run.currency)
    account, form, before = item_queries.who_is_asked(which, run)
    asked = line_rules.Reminded(len(account), len(form), before)
    count = sum(one.count for one in sums.values())
    can = run.is_editable
    return {
        **pages.about(run),
        "count": count,
        "amount": Money.total([one.amount for one in sums.values()], run.currency),
        "sums": sums,
        "sample": item_queries.sample_of(which, SAMPLE),
        "holdable": _count(sums, PayoutAct.HOLD) if can else 0,
        "includable": _count(sums, PayoutAct.INCLUDE) if can else 0,
        "movable": _count(sums, PayoutAct.ROLL_OVER) if can else 0,
        "asked": asked,
        "asked_words": day_words(asked),
        "again_days": line_rules.REMIND_AGAIN.days,
        "scope": "all" if which.public_ids is None else "",
        "ids": which.public_ids or (),
        "here": address_of(which.wanted),
        "reason_words": wording.REASONS,
    }


def day_words(told: line_rules.Reminded) -> str:
    """ "41 mailed, 3 had been mailed on 20 Nov." """
    return line_rules.reminded_words(told, [day(one) for one in told.before])


def cells_of(run: PayoutRun) -> Iterator[list[str | int]]:
    """All payouts of a run in every state, one a line, under `HEAD`."""
    zone, words = pages.about(run)["zone"], pages.caution_words(run.currency)
    for one in item_queries.every(run):
        fee = one.fee
        yield [
            one.creator_name, one.public_id, rules.words(one.status), reason_of(one),
            "; ".join(words[Caution(word)] for word in one.cautions.split()), WAYS[one.rail],
            one.account_label, one.currency, _figure(one.gross), _figure(one.adjustments),
            _figure(one.withheld), _figure(one.amount), _figure(fee),
            one.fee_bearer.value if fee else "", _figure(one.pays), one.pays.currency,
            one.commission_count, run.public_id, one.provider_ref or "",
            day(one.sent_at, zone) if one.sent_at else "",
        ]  # fmt: skip


def reason_of(payout: Payout) -> str:
    """Why a payout stands as it does, in words; "" where that needs none."""
    if payout.status is PayoutStatus.HELD:
        return f"Held: {payout.held_reason}"
    if payout.status is PayoutStatus.FAILED:
        return wording.refusal_of(payout.refusal_code).cause
    if payout.status is PayoutStatus.BLOCKED and payout.blocked_reason:
        return wording.REASONS[payout.blocked_reason].label
    return payout.rolled_reason or payout.outside_note


def _count(sums: dict[PayoutStatus, Any], act: PayoutAct) -> int:
    return sum(sums[status].count for status in line_rules.open_to(act) if status in sums)


def _figure(amount: Money) -> str:
    return f"{currencies.to_major(amount.minor, amount.currency):f}"
