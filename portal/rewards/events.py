"""What rewards announces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RewardGiven:
    """A creator was given points, a product, store credit or a gift card, or redeemed points."""

    reward_id: int


@dataclass(frozen=True, slots=True)
class RewardMoved:
    """A product was sent or delivered, credit or a card was issued, or it was cancelled."""

    reward_id: int
    status: str
