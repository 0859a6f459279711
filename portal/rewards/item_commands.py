"""What a brand can give: its catalogue, and what briefs give."""

from sqlalchemy import delete, select

from portal.audit import commands as audit
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.money import Money
from portal.rewards import queries, rules
from portal.rewards.models import BriefReward, RewardItem, RewardKind
from portal.storage.locks import lock
from portal.storage.model import db


def add_item(
    brand_id: int, kind: RewardKind, name: str, value: Money, *, points_price: int | None = None,
    stock: int | None = None, by: int | None,
) -> RewardItem:  # fmt: skip
    """One more thing to give. Raises InvalidInput: without a name or a value, for a second kind of
    points, for points that cost points."""
    lock(Brand, brand_id)
    if not name.strip():
        raise InvalidInput("name", "Write what it is called.")
    if value.minor <= 0:
        raise InvalidInput("value", "Write what it costs in the shop.")
    if kind is RewardKind.POINTS and queries.points_of_brand(brand_id) is not None:
        raise InvalidInput("kind", "The brand has points already; creators collect one kind.")
    if kind is RewardKind.POINTS and (points_price is not None or stock is not None):
        raise InvalidInput("points_price", "Points cost no points, and have no stock.")
    item = RewardItem(
        brand_id=brand_id, kind=kind, name=name.strip(), value_minor=value.minor,
        currency=value.currency, points_price=points_price, stock=stock, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(item)
    db.session.flush()
    audit.note(by, "reward-item.added", item.id, brand_id=brand_id, name=item.name,
               kind=kind.value, value=str(value))  # fmt: skip
    return item


def change_item(
    item_id: int, *, points_price: int | None, stock: int | None, seen_stock: int | None,
    is_active: bool, by: int | None,
) -> RewardItem:  # fmt: skip
    """Another price in points, another stock, or no longer given. What was given stays.

    `seen_stock` is what there was when `stock` was written: where both are one, the stock is left
    as it is now. Raises InvalidInput when it became another meanwhile.
    """
    item = lock(RewardItem, item_id)
    if item.kind is RewardKind.POINTS and (points_price is not None or stock is not None):
        raise InvalidInput("points_price", "Points cost no points, and have no stock.")
    if (stock or 0) < 0 or (points_price is not None and points_price < 1):
        raise InvalidInput("points_price", "A price is at least 1 point, a stock at least 0.")
    item.stock = rules.stock_as_written(item.stock, stock, seen_stock)
    item.points_price, item.is_active = points_price, is_active
    db.session.flush()
    audit.note(by, "reward-item.changed", item.id, brand_id=item.brand_id,
               points_price=points_price, stock=item.stock, is_active=is_active)  # fmt: skip
    return item


def set_brief_reward(
    brand_id: int, brief_id: int, item_id: int, quantity: int, *, by: int | None
) -> None:
    """What each completed assignment of a brief gives of one item; 0: no longer. Assignments that
    are completed already get nothing. Raises NotFound for another brand's brief or item."""
    if queries.brief_of_brand(brand_id, brief_id) is None:
        raise NotFound()
    item = lock(RewardItem, item_id)
    if item.brand_id != brand_id:
        raise NotFound()
    if quantity and not item.is_active:
        raise Conflict("This is not given any more.")
    mine = (BriefReward.brief_id == brief_id) & (BriefReward.item_id == item_id)
    if not quantity:
        db.session.execute(delete(BriefReward).where(mine))
    else:
        rules.check_quantity(quantity)
        found = db.session.scalar(select(BriefReward).where(mine))
        if found is None:
            found = BriefReward(brief_id=brief_id, item_id=item_id, quantity=quantity)
            db.session.add(found)
        found.quantity = quantity
    db.session.flush()
    audit.note(by, "brief-reward.set", item_id, brand_id=brand_id, brief_id=brief_id,
               quantity=quantity)  # fmt: skip
