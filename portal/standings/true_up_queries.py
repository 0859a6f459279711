"""What sold in a period, and what was added for it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, ColumnElement, Numeric, case, cast, func, select

from portal.commissions import raising_queries
from portal.commissions.figure_queries import APPROVED
from portal.commissions.models import Commission, CommissionKind
from portal.commissions.queries import lost_of as lost_of
from portal.commissions.raising_rules import Raisable
from portal.programs import queries as programs
from portal.programs.rules import GOODS_ONLY, TermsFacts
from portal.sales.models import Order
from portal.standings.true_up_rules import NOTHING_SOLD, Period, Sold
from portal.storage.model import db
from portal.tiers import queries as tiers
from portal.tiers.models import TierPeriod

Key = tuple[int, str]  # ambassador row id, currency
BySeller = Mapping[Key, Sold]


def sold_in(ladder_id: int, period: Period, ambassador_id: int | None = None) -> BySeller:
    """What the sales of a period that were approved before it closed count by tier, after refunds,
    by whose they are and currency: in one statement, and a few more for each five hundred whose
    terms say more than one rate. One that is stopped for a check stays in."""
    special = _special_terms(ladder_id)
    net = Order.base_minor - Order.taken_back_minor
    tiered, base = cast(Commission.tier_base_minor, Numeric), cast(Order.base_minor, Numeric)
    part = case(
        (Commission.terms_id.in_(special), 0),
        (Commission.tier_base_minor == Order.base_minor, net),
        (Order.base_minor == 0, 0),
        else_=cast((tiered * net * 2 + base) // (base * 2), BigInteger),
    )
    counts = _counted(ladder_id, period, ambassador_id)
    rows = db.session.execute(
        select(Commission.ambassador_id, Order.currency, func.sum(part), func.count())
        .join(Order, Order.id == Commission.order_id)
        .where(*counts)
        .group_by(Commission.ambassador_id, Order.currency)
    ).all()
    own = _worked_out_again(counts, special)
    return {
        (who, currency): Sold(int(minor), int(sales), tuple(own.get((who, currency), ())))
        for who, currency, minor, sales in rows
    }


def _counted(
    ladder_id: int, period: Period, ambassador_id: int | None
) -> tuple[ColumnElement[bool], ...]:
    counts = (
        Commission.kind == CommissionKind.SALE, Commission.tier_ladder_id == ladder_id,
        Commission.status.in_(APPROVED), Commission.payable_at < period.closes_at,
        Order.placed_at >= period.starts_at, Order.placed_at < period.ends_at,
        ~Order.is_cancelled, ~Order.is_deleted, Order.base_minor > Order.taken_back_minor,
    )  # fmt: skip
    if ambassador_id is None:
        return counts
    return (*counts, Commission.ambassador_id == ambassador_id)


def _special_terms(ladder_id: int) -> Mapping[int, TermsFacts]:
    """The versions by which a sale's commission is more than one rate of its goods."""
    versions = programs.versions_of(tiers.ladder_row(ladder_id).program_id)
    facts = [programs.facts_of(row) for row in versions]
    return {one.id: one for one in facts if not _is_plain(one)}


def _is_plain(terms: TermsFacts) -> bool:
    return terms.rates.is_plain and not terms.rates.cap_minor and terms.base == GOODS_ONLY


def _worked_out_again(
    counts: Sequence[ColumnElement[bool]], special: Mapping[int, TermsFacts]
) -> dict[Key, list[Raisable]]:
    if not special:
        return {}
    ids = db.session.scalars(
        select(Commission.id)
        .join(Order, Order.id == Commission.order_id)
        .where(
            *counts, Commission.terms_id.in_(special), Commission.currency == Order.currency,
            Commission.tier_base_minor != 0,
        )
        .order_by(Commission.id)
    ).all()  # fmt: skip
    found: dict[Key, list[Raisable]] = {}
    for one in raising_queries.raisable(ids, special):
        found.setdefault((one.ambassador_id, one.kept.currency), []).append(one)
    return found


def sold_by(row: TierPeriod) -> Sold:
    """The same of one ambassador in one currency."""
    period = Period(row.starts_at, row.ends_at, row.closes_at)
    found = sold_in(row.ladder_id, period, row.ambassador_id)
    return found.get((row.ambassador_id, row.currency), NOTHING_SOLD)


def periods_of(
    ladder_id: int, period: Period, ambassador_id: int | None = None
) -> Sequence[TierPeriod]:
    """Whoever reached a tier in a period, one row for each currency sold in."""
    wanted = select(TierPeriod).where(
        TierPeriod.ladder_id == ladder_id, TierPeriod.starts_at == period.starts_at
    )
    if ambassador_id is not None:
        wanted = wanted.where(TierPeriod.ambassador_id == ambassador_id)
    return db.session.scalars(wanted.order_by(TierPeriod.id).with_for_update()).all()


def rows_of(row: TierPeriod) -> Sequence[Commission]:
    """The true-ups of a period, in the order they were earned."""
    sources = [source(row, number) for number in range(1, row.rows + 1)]
    return db.session.scalars(
        select(Commission).where(Commission.source.in_(sources)).order_by(Commission.id)
    ).all()


def source(row: TierPeriod, number: int) -> str:
    """What a true-up is owed for."""
    return f"true-up:{row.id}:{number}"
