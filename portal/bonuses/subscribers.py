"""Reactions to what happens to sales."""

from portal.bonuses import commands, queries
from portal.bonuses.models import Bonus
from portal.commissions import queries as commissions
from portal.commissions.events import CommissionReversed
from portal.commissions.models import CommissionKind
from portal.storage.locks import lock_each


def on_commission_reversed(event: CommissionReversed) -> None:
    """A sale became less, or more again: so may a bonus that is not payable yet (R76)."""
    sale = commissions.commission(event.commission_id)
    if sale.kind is not CommissionKind.SALE:
        return
    bonuses = lock_each(Bonus, queries.of_ambassador(sale.ambassador_id))
    for bonus in bonuses:  # all of them before the books, as `look` locks one
        commands.award_reached(bonus.id, [sale.ambassador_id])
