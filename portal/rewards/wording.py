"""Rewards in words."""

from portal.rewards.models import Reward, RewardItem, RewardKind, RewardStatus

KINDS = {
    RewardKind.POINTS: "Points", RewardKind.PRODUCT: "Product",
    RewardKind.STORE_CREDIT: "Store credit", RewardKind.GIFT_CARD: "Gift card",
}  # fmt: skip
WAITS = {
    RewardStatus.GIVEN: "On your account", RewardStatus.TO_SHIP: "The brand sends it",
    RewardStatus.SHIPPED: "On its way", RewardStatus.DELIVERED: "Delivered",
    RewardStatus.TO_ISSUE: "The brand issues it", RewardStatus.ISSUED: "Issued",
    RewardStatus.CANCELLED: "Cancelled",
}  # fmt: skip


def named(item: RewardItem) -> str:
    """What it is, and what it is worth: “Box, $40.00 each”."""
    return f"{item.name}, {item.value} each"


def what(reward: Reward, item: RewardItem) -> str:
    """What she was given: “200 points”, “2 × Box”."""
    if reward.kind is RewardKind.POINTS:
        back = f", {reward.taken_back:,} taken back for returns" if reward.taken_back else ""
        return f"{reward.quantity:,} {item.name}{back}"
    return item.name if reward.quantity == 1 else f"{reward.quantity:,} × {item.name}"
