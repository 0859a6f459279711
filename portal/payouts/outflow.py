"""Between which accounts a payout's money moves when it leaves and when it comes back. Pure.

A payout in another currency goes through `world:exchange`, where what came in of one currency and
went out of another stands side by side: a journal sums to zero in each (R96).
"""

from portal.creators.models import Rail
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.commands import Move
from portal.paying.models import FeeBearer
from portal.payouts.models import Payout


def out(payout: Payout) -> list[Move]:
    """What was set aside leaves: to the creator, and the fee to the rail when she bears it."""
    committed = accounts.committed(payout.brand_id, payout.creator_id)
    moves = [(committed, accounts.PAID_OUT, payout.carried)]
    if is_converted(payout):
        moves = [(committed, accounts.EXCHANGE, payout.carried),
                 (accounts.EXCHANGE, accounts.PAID_OUT, payout.pays)]  # fmt: skip
    if payout.fee and payout.fee_bearer is FeeBearer.CREATOR:
        moves.append((committed, accounts.RAIL_FEES, payout.fee))
    moves.append((committed, accounts.tax_withheld(payout.brand_id), payout.withheld))
    return [move for move in moves if move[2]]


def fee(payout: Payout) -> list[Move]:
    """A journal of its own beside it: the fee, when the brand bears it (R93)."""
    if not payout.fee or payout.fee_bearer is not FeeBearer.BRAND:
        return []
    return [(accounts.fees(payout.brand_id), accounts.RAIL_FEES, payout.fee)]


def credit(payout: Payout) -> list[Move]:
    """A journal of its own beside it: store credit issued, so that no money has left (R94)."""
    if payout.rail != Rail.CREDIT:
        return []
    issued, more = accounts.store_credit(payout.brand_id), payout.pays - payout.carried
    moves = [(accounts.PAID_OUT, issued, payout.carried),
             (accounts.uplift(payout.brand_id), issued, more)]  # fmt: skip
    return [move for move in moves if move[2]]


def back(payout: Payout, before: Money, total: Money, untaxed: Money) -> list[Move]:
    """What came back, from `before` to `total` in all, at the rate it left with; and the tax that
    is not withheld after all."""
    committed, amount = accounts.committed(payout.brand_id, payout.creator_id), total - before
    source = accounts.EXCHANGE if is_converted(payout) else accounts.PAID_OUT
    moves = [(source, committed, amount),
             (accounts.tax_withheld(payout.brand_id), committed, untaxed)]  # fmt: skip
    if is_converted(payout):
        there = _there(payout, total) - _there(payout, before)
        moves.append((accounts.PAID_OUT, accounts.EXCHANGE, there))
    return [move for move in moves if move[2].minor > 0]


def is_converted(payout: Payout) -> bool:
    """Whether it leaves in another currency than it was owed in."""
    return bool(payout.pays.currency != payout.currency)


def _there(payout: Payout, total: Money) -> Money:
    return payout.pays.scaled(total.minor, payout.carried.minor)
