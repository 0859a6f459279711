"""Reactions to what is taken back."""

from portal.commissions.events import CommissionReversed
from portal.standings import true_ups


def on_commission_reversed(event: CommissionReversed) -> None:
    """A sale became less or more again: what its period's tier adds follows (R26, R78)."""
    true_ups.settle_after(event.commission_id)
