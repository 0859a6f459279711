"""What other models would have paid each creator over a period, beside the rule that pays.

Orders that only one creator had a part in come out the same by every model, so they are summed by
the database; the others, at most MOST of them, are shared out one by one. Nothing is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, func, null, select

from portal.ambassadors import queries as ambassadors
from portal.attribution.models import Assist, Attribution
from portal.attribution.rules import Model, moments_of, weights
from portal.commissions.models import Commission, CommissionKind
from portal.kernel.money import Money
from portal.reports.periods import Span
from portal.sales.models import Order
from portal.storage.model import db

MOST = 20_000
SHOWN = 100
PAID = "paid"
COLUMNS = (PAID, *(model.value for model in Model))


@dataclass(frozen=True, slots=True)
class Line:
    """One creator: column → what it would have paid her."""

    name: str
    amounts: dict[str, Money]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One currency's lines, the best paid first. `shared`: how many orders the models differ in."""

    currency: str
    lines: Sequence[Line]
    total: Money
    creators: int


@dataclass(slots=True)
class _Sums:
    minor: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)

    def add(self, currency: str, who: int, column: str, minor: int) -> None:
        columns = self.minor.setdefault((currency, who), dict.fromkeys(COLUMNS, 0))
        columns[column] += minor


def compare(brand_id: int, span: Span, shown: int | None = SHOWN) -> tuple[list[Comparison], int]:
    """(one comparison a currency, how many orders several creators had a part in)."""
    sums = _Sums()
    net = func.sum(Commission.amount_minor - Commission.reversed_minor)
    every = _sales(brand_id, span).with_only_columns(
        Commission.currency, Commission.ambassador_id, net
    )
    grouped = every.group_by(Commission.currency, Commission.ambassador_id)
    for currency, who, minor in db.session.execute(grouped):
        for column in COLUMNS:
            sums.add(currency, who, column, int(minor))
    shared = _share_out(brand_id, span, sums)
    return [_comparison(currency, sums, shown) for currency in _currencies(sums)], shared


def _sales(brand_id: int, span: Span) -> Any:
    return (
        select(Commission)
        .join(Order, Order.id == Commission.order_id)
        .join(Attribution, Attribution.id == Commission.attribution_id)
        .where(
            Order.brand_id == brand_id, Order.placed_at >= span.start, Order.placed_at < span.end,
            Commission.kind == CommissionKind.SALE, Attribution.is_latest,
        )
    )  # fmt: skip


def _share_out(brand_id: int, span: Span, sums: _Sums) -> int:
    """Give each order that several had a part in to whom each model would; returns how many."""
    helped = exists().where(Assist.attribution_id == Attribution.id)
    rows = db.session.execute(
        _sales(brand_id, span)
        .with_only_columns(
            Attribution.id, Attribution.trace, Commission.currency, Commission.ambassador_id,
            Commission.amount_minor - Commission.reversed_minor,
        )
        .where(helped | Attribution.shares.is_not(null()))
        .order_by(Attribution.id)
        .limit(MOST)
    )  # fmt: skip
    wholes: dict[int, tuple[str, list[int], int]] = {}
    traces = {}
    for row_id, trace, currency, who, minor in rows:
        for model in Model:
            sums.add(currency, who, model.value, -minor)
        known = wholes.get(row_id, (currency, [], 0))
        wholes[row_id] = (currency, [*known[1], who], known[2] + minor)
        traces[row_id] = trace
    for row_id, (currency, paid_to, minor) in wholes.items():
        moments = moments_of(traces[row_id])
        for model in Model:
            found = weights(model, moments) or {paid_to[0]: 1}
            parts = Money(minor, currency).split(list(found.values()))
            for who, part in zip(found, parts, strict=True):
                sums.add(currency, who, model.value, part.minor)
    return len(wholes)


def _currencies(sums: _Sums) -> list[str]:
    return sorted({currency for currency, _ in sums.minor})


def _comparison(currency: str, sums: _Sums, shown: int | None) -> Comparison:
    mine = {who: columns for (code, who), columns in sums.minor.items() if code == currency}
    best = sorted(mine, key=lambda who: (-mine[who][PAID], who))
    names = ambassadors.members(best[:shown])
    lines = [
        Line(
            names[who].creator.name,
            {column: Money(minor, currency) for column, minor in mine[who].items()},
        )
        for who in best[:shown]
    ]
    total = Money(sum(columns[PAID] for columns in mine.values()), currency)
    return Comparison(currency, lines, total, len(mine))
