"""The checks on a run: control totals, what an approval is bound to, the ledger beside it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from portal.kernel.money import Money
from portal.ledger.models import LedgerAccount
from portal.payouts import queries, rules
from portal.payouts.models import IN_RUN, Payout, PayoutRun, PayoutStatus
from portal.storage.model import db


def lines(found: PayoutRun) -> list[rules.Line]:
    """The lines an approval is bound to: everything of the run that is paid or to be paid."""
    rows = db.session.execute(
        select(
            Payout.public_id,
            Payout.creator_id,
            Payout.amount_minor,
            Payout.rail,
            Payout.account_ref,
            Payout.withheld_minor,
            Payout.pays_minor,
            Payout.pays_currency,
        )
        .where(Payout.run_id == found.id, Payout.status.in_(IN_RUN))
        .order_by(Payout.creator_id)
    )
    return [rules.Line(*row[:6], _pays(row, found.currency)) for row in rows]


def _pays(row: Any, currency: str) -> str:
    if row.pays_minor == row.amount_minor and row.pays_currency == currency:
        return ""
    return str(Money(row.pays_minor, row.pays_currency)) if row.pays_currency else ""


def recomputed_hash(found: PayoutRun) -> str:
    """The control hash of the lines as they stand now."""
    return rules.control_hash(
        found.public_id, found.round, found.currency, lines(found), found.pay_on
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """The control totals of a run's lines: gross and adjustments less what is withheld for tax are
    the net; `of_rails` is what the rails that tell their balance have to hold, `fees` what all of
    them are known to take (R93)."""

    count: int
    gross: Money
    adjustments: Money
    net: Money
    of_rails: Money
    withheld: Money
    fees: Money


def totals(found: PayoutRun) -> Totals:
    """The sums of the lines that are paid or to be paid, from the lines themselves."""
    is_asked = Payout.rail.in_(rules.ASKED_FOR_BALANCE)
    pays = func.coalesce(Payout.pays_minor, Payout.amount_minor)
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Payout.gross_minor), 0),
            func.coalesce(func.sum(Payout.adjustments_minor), 0),
            func.coalesce(func.sum(Payout.amount_minor), 0),
            func.coalesce(func.sum(case((is_asked, pays))), 0),
            func.coalesce(func.sum(Payout.withheld_minor), 0),
            func.coalesce(func.sum(Payout.fee_minor), 0),
        ).where(Payout.run_id == found.id, Payout.status.in_(IN_RUN))
    ).one()
    return Totals(row[0], *(Money(int(minor), found.currency) for minor in row[1:]))


def needed_of_rails(found: PayoutRun) -> Money:
    """What the rails that tell their balance have to hold for the lines still to be sent; what
    goes by files or by hand is for people to see to."""
    return totals(found).of_rails


def still_needed(found: PayoutRun, sent: Collection[int]) -> dict[str, Money]:
    """What each rail that tells its balance has to hold for what waits to be sent, without the
    payouts, by row id, that it turns out to have `sent` already."""
    pays = func.coalesce(Payout.pays_minor, Payout.amount_minor)
    rows = db.session.execute(
        select(Payout.rail, func.sum(pays))
        .where(
            Payout.run_id == found.id,
            Payout.status == PayoutStatus.QUEUED,
            Payout.rail.in_(rules.ASKED_FOR_BALANCE),
            Payout.id.not_in(sent),
        )
        .group_by(Payout.rail)
    )
    return {rail: Money(int(minor), found.currency) for rail, minor in rows}


def reserve_difference(found: PayoutRun) -> Money:
    """What the ledger holds in `committed` for this run's creators, less what their payouts say is
    set aside: zero, or something moved money behind the run's back (R86)."""
    creator_ids = (
        select(Payout.creator_id)
        .where(Payout.run_id == found.id, Payout.status.in_(IN_RUN))
        .scalar_subquery()
    )
    in_ledger = db.session.scalar(
        select(func.coalesce(func.sum(LedgerAccount.balance_minor), 0)).where(
            LedgerAccount.brand_id == found.brand_id,
            LedgerAccount.state == "committed",
            LedgerAccount.currency == found.currency,
            LedgerAccount.creator_id.in_(creator_ids),
        )
    )
    said = db.session.scalar(
        select(func.coalesce(func.sum(Payout.amount_minor + Payout.withheld_minor), 0)).where(
            Payout.brand_id == found.brand_id,
            Payout.currency == found.currency,
            Payout.is_reserved,
            Payout.creator_id.in_(creator_ids),
        )
    )
    return Money(int(in_ledger or 0) - int(said or 0), found.currency)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the list that stands before closing a run."""

    key: str
    title: str
    is_done: bool


def _no_month(_brand_id: int, _cutoff_at: datetime) -> rules.MonthOut:
    return rules.MonthOut()


# Whether the statements of the last month that a run pays are out: (brand id, cut-off) → what the
# room of statements says. `app.py` sets it, since this room may not import that one.
month_out_of: Callable[[int, datetime], rules.MonthOut] = _no_month


def checklist(run: PayoutRun, month: rules.MonthOut | None = None) -> list[Step]:
    """What has to be done before a run is closed (UX 2.3). `month` is asked for when not given."""
    month = month or month_out_of(run.brand_id, run.cutoff_at)
    is_compared = run.reconciled_at is not None and (not run.difference_minor or run.is_explained)
    is_matched = is_compared and not run.failure
    has_failed = queries.has_status(run.id, PayoutStatus.FAILED)
    return [
        Step("ended", "Wait for every payout", not queries.has_waiting(run.id)),
        Step("reconciled", "Reconcile with the provider", is_matched),
        Step("decided", "Decide the failures", not has_failed),
        Step("stated", "Publish the statements", month.is_out),
        Step("exported", "Export the journal", run.exported_at is not None),
    ]
