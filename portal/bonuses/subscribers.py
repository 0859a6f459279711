"""Reactions to what happens to sales."""

from portal.bonuses import commands, queries
from portal.commissions import queries as commissions
from portal.commissions.events import CommissionReversed
from portal.commissions.models import CommissionKind


def on_commission_reversed(event: CommissionReversed) -> None:
    """A sale became less, or more again: so may a bonus that is not payable yet (R76)."""
    sale = commissions.commission(event.commission_id)
    if sale.kind is not CommissionKind.SALE:
        return
    for bonus_id in queries.of_ambassador(sale.ambassador_id):
        commands.award_reached(bonus_id, [sale.ambassador_id])
