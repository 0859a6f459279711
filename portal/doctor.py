"""Every invariant of docs/money.md, and the room query that finds its violations."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal import serving
from portal.adjustments import queries as adjustments
from portal.appeals import queries as appeals
from portal.applications import queries as applications
from portal.attribution import queries as attribution
from portal.bonuses import queries as bonuses
from portal.briefs import budget_queries as brief_budgets
from portal.briefs import queries as briefs
from portal.chain import queries as chain
from portal.click_pay import check_queries as click_pay
from portal.commissions import queries as commissions
from portal.config import SETTINGS
from portal.destinations import queries as destinations
from portal.exceptions import queries as exceptions
from portal.files import queries as files
from portal.flags import queries as flags
from portal.integrations import queries as inbox
from portal.invoices import queries as invoices
from portal.jobs import queries as jobs
from portal.kernel.errors import ProviderUnavailable
from portal.ledger import queries as ledger
from portal.payouts import queries as runs
from portal.payouts import violations as payouts
from portal.payouts.models import RunStatus
from portal.payouts.provider import PayoutProvider
from portal.proposals import queries as proposals
from portal.reconciliation import queries as reconciliation
from portal.referrals import queries as referrals
from portal.rewards import promise_queries as promises
from portal.rewards import queries as rewards
from portal.sales import queries as sales
from portal.sending_stops import queries as stops
from portal.standings import queries as standings
from portal.statements import queries as statements
from portal.storage import sealing
from portal.tracking import queries as tracking

CHECKS: tuple[tuple[str, Callable[[], Sequence[str]]], ...] = (
    ("books: every journal sums to zero, every balance equals its entries", ledger.violations),
    ("orders: what was refunded never exceeds what was bought", sales.violations),
    ("inbox: every event from outside was understood", inbox.violations),
    ("codes: one owner each, active only with an active member", tracking.violations),
    ("applications: every approval has its ambassador and code", applications.violations),
    ("briefs: every completed assignment has one fee", briefs.violations),
    ("budgets: briefs promise and spend no more than theirs", brief_budgets.violations),
    ("attributions: deciding again gives the same", attribution.violations),
    ("commissions: each has its journal, and recomputing gives the same", commissions.violations),
    (
        "tiers: standings are the sum of their moves, and moves agree with figures",
        standings.violations,
    ),
    ("bonuses: each was earned once, as its award says", bonuses.violations),
    ("clicks: each paid day is its clicks by its terms, earned once", click_pay.violations),
    ("referrals: each share has the ratio of what it is a share of", referrals.violations),
    ("adjustments: each posted one has its journal and its people", adjustments.violations),
    ("policies: none is in force by one person’s word alone", proposals.violations),
    ("exceptions: each resolved one says how and by whom", exceptions.violations),
    ("appeals: each decided with money has exactly its journal", appeals.violations),
    ("flags: what is held is undecided, and only after its creator was told", flags.violations),
    ("payouts: each paid one has its journals and its transfer", payouts.violations),
    (
        "statements: each begins where the last ended, and ends as the books do",
        statements.violations,
    ),
    ("files: every payout handed over waits in one file, as it was written", files.violations),
    ("reports: every matched row names its payout", reconciliation.violations),
    ("destinations: every account that is paid by a file is kept", destinations.violations),
    ("invoices: numbers have no gap, and their VAT is in the books", invoices.violations),
    ("trail: every sealed row is what was sealed", chain.violations),
    ("tax: what was recorded as paid is what payouts settled", payouts.untaxed),
    ("rewards: everybody’s points are what the books say", rewards.violations),
    ("promises: what programs gave by themselves is what they promised", promises.violations),
    ("jobs: nothing is stuck", jobs.violations),
    ("secrets: every sealed one opens with the keys of this installation", sealing.violations),
)
SHOWN = 5
SENDING = (
    RunStatus.EXECUTING, RunStatus.PAUSED, RunStatus.COMPLETED,
    RunStatus.COMPLETED_WITH_FAILURES, RunStatus.STOPPED, RunStatus.CLOSED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant, held against the database."""

    name: str
    wrong: Sequence[str]

    @property
    def ok(self) -> bool:
        return not self.wrong


@dataclass(frozen=True, slots=True)
class Report:
    """All checks and the figures that go with them."""

    checks: Sequence[Check]
    figures: dict[str, Any]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    def lines(self) -> list[str]:
        """One line per check; what is wrong stands under it, five at most."""
        found = []
        for check in self.checks:
            found.append(f"{'ok ' if check.ok else 'BAD'} {check.name}")
            found += [f"      {sentence}" for sentence in check.wrong[:SHOWN]]
            if len(check.wrong) > SHOWN:
                found.append(f"      and {len(check.wrong) - SHOWN} more")
        found += [f"    {name}: {value}" for name, value in self.figures.items()]
        return [*found, "All invariants hold." if self.ok else "Something is wrong; see above."]

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "checks": [
                {"name": check.name, "ok": check.ok, "figures": {"violations": list(check.wrong)}}
                for check in self.checks
            ],
            "figures": self.figures,
        }


def examine(data: Path | None = None) -> Report:
    """Hold every invariant against the database of the environment, or of a demo's folder."""
    with serving.application(serving.settings_for(data)) as app:
        rails = app.extensions["portal.adapters"].rails
        checks = [Check(name, find()) for name, find in CHECKS]
        checks.append(Check("rails: provider and ledger tell the same", _asked(rails)))
        return Report(checks, _figures())


def _asked(rails: Mapping[str, PayoutProvider]) -> list[str]:
    try:
        return _against(rails)
    except ProviderUnavailable as silence:
        return [f"The provider could not be asked: {silence.message}"]


def _against(rails: Mapping[str, PayoutProvider]) -> list[str]:
    """Every payout that went by a rail has its one transfer there, of its amount."""
    wrong = []
    for run_id in (one for status in SENDING for one in runs.run_ids_in(status)):
        run, kept = runs.run(run_id), runs.sent_by_rails(run_id)
        there = [found for rail in rails.values() for found in rail.transfers_of(run.public_id)]
        amounts = {found.provider_ref: found.amount for found in there}
        wrong += [
            f"Run {run.label}: {ref} of {sent.pays} is not at the provider."
            for ref, sent in kept.items()
            if amounts.get(ref) != sent.pays
        ]
        standing = Counter(found.payout for found in there if found.returned < found.amount)
        wrong += [
            f"Run {run.label}: payout {who} was transferred {times} times."
            for who, times in standing.items()
            if times > 1
        ]
    return wrong


def _figures() -> dict[str, Any]:
    balance = ledger.trial_balance().items()
    found: dict[str, Any] = {f"trial balance {code}": str(off) for code, off in balance}
    states = ", ".join(f"{count} {state}" for state, count in jobs.counts().items())
    found["sending"] = stops.words() or "goes on"
    return found | commissions.figures() | {"jobs": states or "none"}


def settings_lines() -> list[str]:
    """Every setting, its value (secrets masked) and where it comes from."""
    lines = []
    for setting in SETTINGS:
        value = os.environ.get(setting.name)
        source = "environment" if value else "default"
        shown = "••••" if value and setting.is_secret else (value or setting.default or "(not set)")
        lines.append(f"{setting.name} = {shown}  [{source}] {setting.meaning}")
    return lines
