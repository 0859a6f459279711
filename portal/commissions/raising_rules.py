"""What a sale would have earned had its creator's tier paid another rate (R25)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.commissions.refund_rules import Basket, Goods, Left, Part, target_after_refunds
from portal.commissions.rules import commission_for, shares_of
from portal.kernel.money import Money
from portal.programs.resolving_rules import Purchase, TierRate
from portal.programs.rules import TermsFacts


@dataclass(frozen=True, slots=True)
class Raisable:
    """A sale as it was earned: what was bought, by which terms, and by what parts it is shared
    (R50); what is left of the order, and what of this ambassador's commission (`kept`)."""

    ambassador_id: int
    purchase: Purchase
    terms: TermsFacts
    shares: Sequence[Sequence[int]] | None
    goods: tuple[Goods, ...]
    left: Left
    kept: Money


def more_at(sale: Raisable, tier: TierRate) -> Money:
    """What more would be left of a sale's commission by this tier's rate: with the boost (R13), the
    cap (R9) and the returns (R66, R67) that were the sale's own. Never below zero."""
    earned = commission_for(replace(sale.purchase, tier_rates=(tier,)), sale.terms)
    own = dict(shares_of(earned.total, sale.ambassador_id, sale.shares))
    parts = tuple(Part(one.rule.basis, one.amount.minor, one.lines) for one in earned.groups)
    lost_above_bp = sale.terms.rates.lost_above_bp
    basket = Basket.of(sale.purchase.base, sale.goods, parts, lost_above_bp)
    left = target_after_refunds(own[sale.ambassador_id], basket, sale.left)
    return max(left - sale.kept, Money.zero(left.currency))
