"""Sales as they were earned, to be worked out again by another tier's rate (R25)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal.attribution.models import Attribution
from portal.commissions import purchase_queries, queries
from portal.commissions.models import Commission
from portal.commissions.raising_rules import Raisable
from portal.commissions.refund_rules import Basket, target_after_refunds
from portal.programs.rules import TermsFacts
from portal.sales import queries as sales
from portal.sales.rules import Standing
from portal.storage.model import db

AT_ONCE = 500


def raisable(commission_ids: Sequence[int], terms: Mapping[int, TermsFacts]) -> list[Raisable]:
    """These sales, which earned by these versions of the terms while there was a ladder of tiers;
    in a few statements for each five hundred."""
    found: list[Raisable] = []
    for start in range(0, len(commission_ids), AT_ONCE):
        rows = db.session.execute(
            select(Commission, Attribution.rate_bp, Attribution.shares)
            .join(Attribution, Attribution.id == Commission.attribution_id)
            .where(Commission.id.in_(commission_ids[start : start + AT_ONCE]))
            .order_by(Commission.id)
        ).all()
        standings = sales.standings([one.order_id or 0 for one, _, _ in rows])
        named = _lines_named([one for one, _, _ in rows], terms, standings)
        found += [
            _raisable(
                one, rate_bp, shares, terms[one.terms_id or 0], standings[one.order_id or 0],
                named.get(one.order_id or 0, frozenset()),
            )
            for one, rate_bp, shares in rows
        ]  # fmt: skip
    return found


def _lines_named(
    sold: Sequence[Commission], terms: Mapping[int, TermsFacts], standings: Mapping[int, Standing]
) -> dict[int, frozenset[str]]:
    """The ids of the lines of those orders that may be worth less than they were earned on."""
    changed = [
        one.order_id or 0 for one in sold
        if standings[one.order_id or 0].original < one.base
        or terms[one.terms_id or 0].base.exclude_credit_tender
    ]  # fmt: skip
    lines = sales.lines_of_orders(changed) if changed else {}
    return {id_: frozenset(line.external_id for line in own) for id_, own in lines.items()}


def _raisable(
    one: Commission, rate_bp: int | None, shares: Any, terms: TermsFacts, standing: Standing,
    named: Collection[str],
) -> Raisable:  # fmt: skip
    goods = purchase_queries.goods_of(one.explanation)
    left = queries.left_for(one, standing, Basket.of(one.base, goods, ()), terms.base, named)
    basket = purchase_queries.basket_from(one.explanation, one.base)
    kept = target_after_refunds(one.amount, basket, left)
    bought = purchase_queries.purchase_from(one.explanation, one.base, rate_bp)
    assert bought is not None, "what earned beside a ladder keeps its purchase"
    return Raisable(one.ambassador_id, bought, terms, shares, goods, left, kept)
