"""What would be wrong with the commissions: a few set queries, whatever their number."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, case, cast, func, literal, null, select

from portal.attribution.models import Attribution
from portal.briefs.models import Assignment
from portal.commissions import purchase_queries, rules
from portal.commissions.models import (
    Commission,
    CommissionKind,
    CommissionStatus,
    Loss,
    Reversal,
    ReversalKind,
)
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from portal.programs import queries as programs
from portal.programs.rules import TermsFacts
from portal.storage.model import db

ROWS_AT_ONCE = 1_000


def violations() -> list[str]:
    """Sentences; empty when all is well: every commission has its journal and the amounts agree,
    its reversals sum to what it lost, calculating again gives the same, and the books' sums are
    those of the commissions."""
    return [*_journals(), *_reversals(), *_calculations(), *_sums(), *_losses(), *_reviews(),
            *_sources(), *_fees()]  # fmt: skip


def _fees() -> Iterator[str]:
    """A brief counts against its budget what the fee of its work is (R95)."""
    left = Commission.amount_minor - Commission.reversed_minor
    rows = db.session.execute(
        select(Commission.public_id, left, Commission.currency, Assignment.owed_minor)
        .join(Assignment, Assignment.id == Commission.assignment_id)
        .where(Assignment.owed_minor != left)
        .order_by(Commission.id)
    )
    for public_id, minor, currency, owed in rows:
        fee, said = Money(int(minor), currency), Money(owed, currency)
        yield f"Fee {public_id} leaves {fee}, but its brief counts {said} as spent."


def _journals() -> Iterator[str]:
    reference = literal("commission:") + cast(Commission.id, String) + literal(":earned")
    received = case((LedgerEntry.amount_minor > 0, LedgerEntry.amount_minor), else_=0)
    booked = func.sum(received)
    rows = db.session.execute(
        select(Commission.public_id, Commission.amount_minor, Commission.currency, booked)
        .outerjoin(LedgerJournal, LedgerJournal.reference == reference)
        .outerjoin(LedgerEntry, LedgerEntry.journal_id == LedgerJournal.id)
        .where(Commission.amount_minor > 0)
        .group_by(Commission.id, Commission.public_id, Commission.amount_minor, Commission.currency)
        .having(func.coalesce(booked, 0) != Commission.amount_minor)
    )
    for public_id, minor, currency, found in rows:
        if found is None:
            yield f"Commission {public_id} has no journal."
        else:
            amount, said = Money(minor, currency), Money(int(found), currency)
            yield f"Commission {public_id} is {amount}, but its journal says {said}."


def _reversals() -> Iterator[str]:
    gives = Reversal.kind == ReversalKind.REINSTATEMENT
    signed = case((gives, -Reversal.amount_minor), else_=Reversal.amount_minor)
    taken = func.coalesce(func.sum(signed), 0)
    rows = db.session.execute(
        select(Commission.public_id, Commission.reversed_minor, Commission.currency, taken)
        .outerjoin(Reversal, Reversal.commission_id == Commission.id)
        .group_by(
            Commission.id, Commission.public_id, Commission.reversed_minor, Commission.currency
        )
        .having(taken != Commission.reversed_minor)
    )
    for public_id, minor, currency, found in rows:
        lost, sums = Money(minor, currency), Money(int(found), currency)
        yield f"Commission {public_id} lost {lost}, but its reversals sum to {sums}."


def _calculations() -> Iterator[str]:
    known: dict[int, TermsFacts] = {}
    detailed = programs.versions_with_rates()
    is_kept = Commission.terms_id.in_(detailed) | Commission.tier_ladder_id.is_not(None)
    rows: Any = db.session.execute(
        select(
            Commission.public_id, Commission.terms_id, Commission.base_minor,
            Commission.base_currency, Commission.amount_minor, Commission.currency,
            Commission.ambassador_id, Attribution.rate_bp, Attribution.shares,
            case((is_kept, Commission.explanation), else_=null()),
        )
        .outerjoin(Attribution, Attribution.id == Commission.attribution_id)
        .where(Commission.kind == CommissionKind.SALE, Commission.terms_id.is_not(None)),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )  # fmt: skip
    for (
        public_id,
        terms_id,
        base_minor,
        base_currency,
        minor,
        currency,
        who,
        rate,
        shares,
        kept,
    ) in rows:
        if terms_id not in known:
            known[terms_id] = programs.facts_of(programs.terms(terms_id))
        base = Money(base_minor, base_currency)
        whole = purchase_queries.again(kept or {}, base, rate, known[terms_id])
        again = dict(rules.shares_of(whole, who, shares)).get(who)
        amount = Money(minor, currency)
        if again != amount:
            yield f"Commission {public_id} is {amount}; calculated again it is {again}."


def _sums() -> Iterator[str]:
    owner = (Commission.brand_id, Commission.creator_id, Commission.currency)
    net = func.sum(Commission.amount_minor - Commission.reversed_minor)
    own_rows = db.session.execute(select(*owner, net).group_by(*owner))
    earned: dict[Any, int] = {(row[0], row[1], row[2]): int(row[3]) for row in own_rows}
    holder = (LedgerAccount.brand_id, LedgerAccount.creator_id, LedgerAccount.currency)
    rows = db.session.execute(
        select(*holder, func.sum(LedgerEntry.amount_minor))
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .join(LedgerJournal, LedgerJournal.id == LedgerEntry.journal_id)
        .where(LedgerAccount.creator_id.is_not(None), LedgerJournal.reference.like("commission:%"))
        .group_by(*holder)
    )
    booked: dict[Any, int] = {(row[0], row[1], row[2]): int(row[3]) for row in rows}
    for key in sorted(earned.keys() | booked.keys()):
        brand, creator, currency = key
        own, said = Money(earned.get(key, 0), currency), Money(booked.get(key, 0), currency)
        if own != said:
            whose = f"Creator row {creator} of brand row {brand}"
            yield f"{whose} earned {own}, but the books say {said}."


def _losses() -> Iterator[str]:
    """What brands bore of late refunds is what the books say, and never more than was left."""
    rows: Any = db.session.execute(
        select(Commission.brand_id, Loss.currency, func.sum(Loss.amount_minor))
        .join(Commission, Commission.id == Loss.commission_id)
        .group_by(Commission.brand_id, Loss.currency)
    )
    for brand_id, currency, minor in rows:
        borne = Money(int(minor), currency)
        said = -books.balance(accounts.lost(brand_id), currency)
        if borne != said:
            yield f"Brand row {brand_id} bore {borne} of late refunds, but the books say {said}."
    lost = func.sum(Loss.amount_minor)
    over = db.session.scalars(
        select(Commission.public_id)
        .join(Loss, Loss.commission_id == Commission.id)
        .group_by(
            Commission.id, Commission.public_id, Commission.amount_minor, Commission.reversed_minor
        )
        .having((lost < 0) | (lost > Commission.amount_minor - Commission.reversed_minor))
    )
    for public_id in over:
        yield f"Commission {public_id} lost more than was left of it."


def _reviews() -> Iterator[str]:
    stray = select(Commission.public_id).where(
        Commission.in_review, Commission.status != CommissionStatus.ON_HOLD
    )
    for public_id in db.session.scalars(stray):
        yield f"Commission {public_id} waits for review, but is not on hold."


def _sources() -> Iterator[str]:
    named = (CommissionKind.SALE, CommissionKind.ADJUSTMENT)
    loose = select(Commission.public_id, Commission.kind).where(
        Commission.kind.not_in(named), Commission.source.is_(None)
    )
    for public_id, kind in db.session.execute(loose):
        yield f"Commission {public_id} is a {kind}, but does not say what for."
