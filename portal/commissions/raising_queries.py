"""Sales as they were earned, to be worked out again by another tier's rate (R25)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal.attribution.models import Attribution
from portal.commissions import purchase_queries, queries
from portal.commissions.models import Commission
from portal.commissions.raising_rules import Raisable
from portal.commissions.refund_rules import target_after_refunds
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
        found += [
            _raisable(one, rate_bp, shares, terms[one.terms_id or 0], standings[one.order_id or 0])
            for one, rate_bp, shares in rows
        ]
    return found


def _raisable(
    one: Commission, rate_bp: int | None, shares: Any, terms: TermsFacts, standing: Standing
) -> Raisable:
    left = queries.left_for(one, standing, terms.base)
    basket = purchase_queries.basket_from(one.explanation, one.base)
    kept = target_after_refunds(one.amount, basket, left)
    bought = purchase_queries.purchase_from(one.explanation, one.base, rate_bp)
    assert bought is not None, "what earned beside a ladder keeps its purchase"
    goods = purchase_queries.goods_of(one.explanation)
    return Raisable(one.ambassador_id, bought, terms, shares, goods, left, kept)
