"""Why a creator's own balances cannot be paid now: by the rules of runs, so that she reads what
finance reads (R83)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.creators import queries as creators
from portal.creators.models import PayoutDestination
from portal.kernel.money import Money
from portal.payee_holds import sharing_queries as sharing
from portal.payouts import candidate_queries as candidates
from portal.payouts import rules
from portal.payouts.leaving_queries import leavings
from portal.payouts.models import BlockedReason
from portal.programs import queries as programs
from portal.storage.model import db
from portal.tax import queries as tax

Reasons = tuple[BlockedReason, ...]


def stops_of(
    creator_id: int,
    payable: Mapping[tuple[int, str], Money],
    destination: PayoutDestination | None,
    held: Collection[int],
    now: datetime,
) -> dict[tuple[int, str], Reasons]:
    """By brand and currency, every reason why a run would leave out what is payable; what is zero
    has none. `held` are the brands whose finance holds her payouts."""
    barred, unaccepted = _barring(creator_id), _unaccepting(creator_id)
    home, brands = creators.creator(creator_id).country, [brand_id for brand_id, _ in payable]
    to = candidates.facts_of(destination, home) if destination else None
    shared: set[int] = set()
    if to is not None:
        shared = sharing.brands_where_shared((creator_id, to.rail, to.account_ref), brands)
    return {
        (brand_id, currency): _stops(
            brand_id,
            creator_id,
            amount,
            to,
            now,
            is_barred=brand_id in barred,
            is_held=brand_id in held,
            must_accept=brand_id in unaccepted,
            is_shared=brand_id in shared,
        )
        for (brand_id, currency), amount in payable.items()
        if amount
    }


def _stops(
    brand_id: int,
    creator_id: int,
    amount: Money,
    to: rules.Destination | None,
    now: datetime,
    *,
    is_barred: bool,
    is_held: bool,
    must_accept: bool,
    is_shared: bool,
) -> Reasons:
    payees = candidates.payees_of({creator_id: amount}, {creator_id: to})
    verdict = tax.gate(brand_id, payees).get(creator_id)
    minimum = programs.minimum_payout(brand_id, amount.currency)
    candidate = rules.Candidate(
        creator_id, amount, to, is_barred, verdict, is_held, must_accept, is_shared
    )
    found = rules.readiness(candidate, minimum, now)
    withheld = verdict.withheld if verdict and not found else Money.zero(amount.currency)
    is_stuck = False
    if to is not None and amount:
        is_stuck = leavings(brand_id, now)(amount - withheld, to.rail) is None
    stuck = (BlockedReason.CURRENCY,) if is_stuck else ()
    return tuple(dict.fromkeys((*found, *stuck)))


def _barring(creator_id: int) -> Sequence[int]:
    """Brands that ended her membership for cause and review what is still owed."""
    found = select(Ambassador.brand_id).where(
        Ambassador.creator_id == creator_id, Ambassador.status == MembershipStatus.BANNED
    )
    return db.session.scalars(found).all()  # type: ignore[no-any-return]


def _unaccepting(creator_id: int) -> Sequence[int]:
    """Brands of which an agreement waits for her."""
    found = candidates.unaccepted().where(Ambassador.creator_id == creator_id)
    return db.session.scalars(found.with_only_columns(Ambassador.brand_id)).all()  # type: ignore[no-any-return]
