"""Rewards in words."""

from portal.bonuses import wording as goals
from portal.rewards.models import (
    Occasion,
    Reward,
    RewardItem,
    RewardKind,
    RewardPromise,
    RewardStatus,
)

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


def pieces(quantity: int, item: RewardItem) -> str:
    """So many of an item: “200 points”, “2 × Box”, “Box”."""
    if item.kind is RewardKind.POINTS:
        return f"{quantity:,} {item.name}"
    return item.name if quantity == 1 else f"{quantity:,} × {item.name}"


def promised(promise: RewardPromise, item: RewardItem) -> str:
    """What a program gives by itself: “Whoever joins gets Box.”"""
    what = pieces(promise.quantity, item)
    if promise.occasion is Occasion.JOINED:
        return f"Whoever joins gets {what}."
    goal = goals.counted(promise.metric, promise.threshold, promise.currency)
    often = " each time" if promise.repeats else ""
    return f"Whoever reaches {goal}{goals.IN[promise.window]} gets {what}{often}."


def offered(promise: RewardPromise, item: RewardItem) -> str:
    """The same, told to whoever can get it, with what it is worth: “You get Box, worth $40.00,
    when you join.”"""
    when = "when you join"
    if promise.occasion is Occasion.REACHED:
        reached = goals.counted(promise.metric, promise.threshold, promise.currency)
        when = goals.reaching(reached, promise.window, repeats=promise.repeats)
    worth = item.value.scaled(promise.quantity, 1)
    said = f"You get {pieces(promise.quantity, item)}, worth {worth}, {when}."
    if item.stock is not None and item.stock < promise.quantity:
        return f"{said} None is left right now: you get it once there is some."
    return said


def done(promise: RewardPromise, value: int) -> str:
    """How far somebody is: “3 approved sales”."""
    return goals.counted(promise.metric, value, promise.currency)


def stopped(promise: RewardPromise) -> str:
    """What the brand reads once it stopped one."""
    if promise.occasion is Occasion.JOINED:
        return "Stopped. Whoever joined until now still gets it."
    return "Stopped. Sales made until now still count once they are approved."
