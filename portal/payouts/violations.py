"""What must never be true of payouts, each found by one set query; `portal doctor` prints them."""

from datetime import timedelta

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.types import String

from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.payouts import rules
from portal.payouts.models import (
    GONE,
    IN_RUN,
    WAITING,
    Payout,
    PayoutRun,
    PayoutRunEditor,
    PayoutStatus,
    RunStatus,
)
from portal.storage.model import db
from portal.tax.models import TaxEntry

STUCK = timedelta(days=1)
SHOWN = 20
OWED = Payout.amount_minor + Payout.withheld_minor  # what leaves the balance (R102)
LOCKED = (
    RunStatus.AWAITING_APPROVAL,
    RunStatus.APPROVED,
)


def violations() -> list[str]:
    """Sentences about what is wrong with payouts; empty when all is right."""
    return [*in_books(), *_stuck(), *_unreconciled()]


def in_books() -> list[str]:
    """Those that a run may not start with: what payouts say and what the books say differ."""
    return [*_unposted(), *_committed_differs(), *_own_approvals(), *_totals_differ()]


def _unposted() -> list[str]:
    """A payout that went out has its two journals, and one that came back has the way back."""
    reference = (
        literal("payout:")
        + sql_cast(Payout.id, String)
        + ":"
        + sql_cast(Payout.attempt, String)
        + ":"
    )
    wrong = []
    for what, states in (
        ("reserved", (*GONE, PayoutStatus.RETURNED)),
        ("sent", (*GONE, PayoutStatus.RETURNED)),
        ("failed", (PayoutStatus.FAILED,)),
    ):
        moved = _moved(reference + what)
        rows = db.session.execute(
            select(Payout.public_id, Payout.status)
            .where(Payout.status.in_(states), func.coalesce(moved, 0) != OWED)
            .limit(SHOWN)
        )
        wrong += [
            f"Payout {public_id} is {rules.words(status)} but its journal “{what}” does not say so."
            for public_id, status in rows
        ]
    return wrong


def untaxed() -> list[str]:
    """What tax recorded by payment date is exactly what payouts settled, less what came back."""
    source = literal("payout:") + sql_cast(Payout.id, String) + ":"
    source += sql_cast(Payout.attempt, String)
    # Of a payout that came back whole, the tax came back too; a fee that she bore did not.
    whole = Payout.returned_minor + Payout.withheld_minor
    came = case((Payout.status == PayoutStatus.RETURNED, whole), else_=Payout.returned_minor)
    settled = Payout.status.in_((*GONE, PayoutStatus.RETURNED))
    paid = TaxEntry.source == source  # one row, by its unique index
    back = TaxEntry.source.like(source + ":returned:%")  # rare: few payouts come back
    wrong: list[str] = []
    for recorded, said, which in (
        (paid, OWED, settled),
        (back, -came, settled & (Payout.returned_minor > 0)),
    ):
        summed = select(func.sum(TaxEntry.amount_minor)).where(recorded).correlate(Payout)
        wrong += db.session.scalars(
            select(Payout.public_id)
            .where(which, func.coalesce(summed.scalar_subquery(), 0) != said)
            .limit(SHOWN)
        )
    return [f"Payout {one} is not recorded for tax as it was settled." for one in wrong]


def _moved(reference: object) -> object:
    return (
        select(func.sum(case((LedgerEntry.amount_minor > 0, LedgerEntry.amount_minor), else_=0)))
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(LedgerJournal.reference == reference, LedgerEntry.currency == Payout.currency)
        .correlate(Payout)
        .scalar_subquery()
    )


def _committed_differs() -> list[str]:
    """What the books hold in `committed` is exactly what payouts have set aside."""
    reserved = (
        select(
            Payout.brand_id,
            Payout.creator_id,
            Payout.currency,
            func.sum(OWED).label("minor"),
        )
        .where(Payout.is_reserved)
        .group_by(Payout.brand_id, Payout.creator_id, Payout.currency)
        .subquery()
    )
    same = and_(
        reserved.c.brand_id == LedgerAccount.brand_id,
        reserved.c.creator_id == LedgerAccount.creator_id,
        reserved.c.currency == LedgerAccount.currency,
    )
    rows = db.session.execute(
        select(
            LedgerAccount.name,
            LedgerAccount.currency,
            LedgerAccount.balance_minor,
            func.coalesce(reserved.c.minor, 0),
        )
        .outerjoin(reserved, same)
        .where(
            LedgerAccount.state == "committed",
            LedgerAccount.balance_minor != func.coalesce(reserved.c.minor, 0),
        )
        .limit(SHOWN)
    )
    return [
        f"{name} holds {Money(held, currency)}, but payouts set {Money(int(said), currency)} aside."
        for name, currency, held, said in rows
    ]


def _own_approvals() -> list[str]:
    rows = db.session.scalars(
        select(PayoutRun.public_id)
        .join(PayoutRunEditor, PayoutRunEditor.run_id == PayoutRun.id)
        .where(PayoutRunEditor.user_id == PayoutRun.approved_by)
        .limit(SHOWN)
    )
    return [f"Run {public_id} was approved by somebody who prepared it." for public_id in rows]


def _totals_differ() -> list[str]:
    """A locked run says what its lines say (the three-way check's third side: R86)."""
    summed = (
        select(Payout.run_id, func.sum(Payout.amount_minor).label("minor"))
        .where(Payout.status.in_(IN_RUN))
        .group_by(Payout.run_id)
        .subquery()
    )
    rows = db.session.execute(
        select(PayoutRun.public_id)
        .outerjoin(summed, summed.c.run_id == PayoutRun.id)
        .where(
            PayoutRun.status.in_(LOCKED),
            PayoutRun.net_minor != func.coalesce(summed.c.minor, 0),
        )
        .limit(SHOWN)
    )
    return [f"Run {public_id} does not say what its lines sum to." for public_id in rows]


def _stuck() -> list[str]:
    """Nothing waits for its end for more than a day, except a run somebody paused, and payouts
    that wait for a person: by hand, or handed over in a file."""
    rows = db.session.execute(
        select(Payout.public_id, Payout.status)
        .join(PayoutRun, PayoutRun.id == Payout.run_id)
        .where(
            Payout.status.in_(WAITING),
            Payout.status != PayoutStatus.HANDED,
            Payout.rail != "manual",
            Payout.changed_at < clock.now() - STUCK,
            PayoutRun.status != RunStatus.PAUSED,
        )
        .limit(SHOWN)
    )
    return [
        f"Payout {public_id} is {rules.words(status)} for more than a day."
        for public_id, status in rows
    ]


def _unreconciled() -> list[str]:
    rows = db.session.scalars(
        select(PayoutRun)
        .where(
            PayoutRun.difference_minor != 0,
            func.coalesce(PayoutRun.explained_minor, 0) != PayoutRun.difference_minor,
        )
        .limit(SHOWN)
    )
    return [
        f"Run {run.public_id} differs from the provider by {abs(run.difference)}." for run in rows
    ]
