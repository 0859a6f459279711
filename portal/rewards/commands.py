"""Give, redeem, send, issue and cancel: each with its journal in the same transaction.

Rewards stand in accounts of their own (`accounts.points`, `accounts.goods`): no payout run reads
them. What was given counts for tax when it is given, at its fair value (R100); what points buy
does not count a second time. Locks: the reward, its item, the points, then the books.
"""

from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.audit import commands as audit
from portal.identity import queries as identity
from portal.jobs.commands import announce
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.rewards import queries, rules
from portal.rewards.events import RewardGiven, RewardMoved
from portal.rewards.models import (
    PointsBalance,
    Reward,
    RewardItem,
    RewardKind,
    RewardStatus,
)
from portal.storage.insert_once import insert_once
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tax import entry_commands as tax


def give(
    item_id: int, creator_id: int, quantity: int = 1, *, source: str, note: str = "",
    by: int | None = None, ambassador_id: int | None = None, promise_id: int | None = None,
) -> Reward:  # fmt: skip
    """Give a creator so many pieces, or points, once for each `source`: repeating returns the
    first. `ambassador_id`: whose sales gave these points; `promise_id`: what gave it by itself.
    Raises Conflict when too few are left, or the brand gives it no more."""
    rules.check_quantity(quantity)
    item = lock(RewardItem, item_id)
    known = queries.of_source(source)
    if known is not None:
        return known
    if not item.is_active:
        raise Conflict("This is not given any more.")
    item.stock = rules.stock_after(item.stock, quantity)
    reward = _write(item, creator_id, quantity, source, note, by)
    reward.ambassador_id, reward.promise_id = ambassador_id, promise_id
    owner = item.brand_id, creator_id
    place = accounts.points(*owner) if _is_points(item) else accounts.goods(*owner)
    if _is_points(item):
        _change_points(*owner, quantity)
    _post(reward, "given", accounts.rewards(item.brand_id), place, reward.amount)
    _tell_tax(reward, item)
    announce(RewardGiven(reward.id))
    return reward


def redeem(item_id: int, creator_id: int, *, source: str, by: int | None) -> Reward:
    """Points for one piece, at its price in points, once for each `source`. Raises Conflict with
    what is missing, when none is left, or when points do not buy it."""
    item = lock(RewardItem, item_id)
    known = queries.of_source(source)
    if known is not None:
        return known
    unit = queries.points_of_brand(item.brand_id)
    if not item.is_active or item.points_price is None or unit is None:
        raise Conflict("Points do not buy this.")
    owner, price = (item.brand_id, creator_id), item.points_price
    _change_points(*owner, -price)
    item.stock = rules.stock_after(item.stock, 1)
    reward = _write(item, creator_id, 1, source, "", by)
    reward.points = price
    spent = Money(unit.value_minor * price, unit.currency)
    _post(reward, "redeemed", accounts.points(*owner), accounts.goods(*owner), spent)
    announce(RewardGiven(reward.id))
    return reward


def move(
    reward_id: int, action: str, *, by: int | None, tracking: str = "", card_code: str = ""
) -> Reward:
    """`ship`, `deliver`, `issue` or `cancel`. Cancelling gives points and stock back, and takes
    the benefit out of the year. Raises Conflict for a step that is not possible, InvalidInput for a
    card without its code."""
    reward = lock(Reward, reward_id)
    status = rules.next_status(reward.status, action)
    if action == "issue" and reward.kind is RewardKind.GIFT_CARD and not card_code.strip():
        raise InvalidInput("card_code", "Write the code of the card: the creator reads it.")
    reward.status, reward.changed_at = status, clock.now()
    reward.tracking = tracking.strip() or reward.tracking
    if card_code.strip():
        reward.card_code = card_code.strip()
    if status in rules.ENDS:
        _post(reward, "received", accounts.goods(reward.brand_id, reward.creator_id),
              accounts.rewards_received(reward.brand_id), queries.held_for(reward))  # fmt: skip
    if status is RewardStatus.CANCELLED:
        _give_back(reward)
    db.session.flush()
    audit.note(by, f"reward.{action}", reward.id, brand_id=reward.brand_id, status=status.value)
    announce(RewardMoved(reward.id, status.value))
    return reward


def take_points_back(reward_id: int, count: int) -> int:
    """Take so many of the points of one reward back, or as many as she still has: what she has
    spent stays hers until she gets more. Out of her tax year too. Returns how many."""
    reward = lock(Reward, reward_id)
    owner = reward.brand_id, reward.creator_id
    count = min(count, reward.left, _locked_points(*owner).points)
    if not count:
        return 0
    _change_points(*owner, -count)
    reward.taken_back += count
    unit = reward.amount_minor // reward.quantity
    back = Money(unit * count, reward.currency)
    _post(reward, f"taken-back:{reward.taken_back}", accounts.points(*owner),
          accounts.rewards(reward.brand_id), back)  # fmt: skip
    total = Money(unit * reward.taken_back, reward.currency)
    tax.take_back(_benefit(reward), total, back, Money.zero(reward.currency))
    audit.note(None, "reward.points-taken-back", reward.id, brand_id=reward.brand_id, count=count)
    return count


def _write(
    item: RewardItem, creator_id: int, quantity: int, source: str, note: str, by: int | None
) -> Reward:
    now = clock.now()
    reward = Reward(
        brand_id=item.brand_id, creator_id=creator_id, item_id=item.id, source=source,
        kind=item.kind, status=rules.first_status(item.kind), quantity=quantity, points=0,
        amount_minor=item.value_minor * quantity, currency=item.currency, note=note.strip(),
        given_at=now, given_by=by, changed_at=now,
    )  # fmt: skip
    db.session.add(reward)
    db.session.flush()
    audit.note(by, "reward.given", reward.id, brand_id=item.brand_id, creator_id=creator_id,
               what=item.name, quantity=quantity, value=str(reward.amount))  # fmt: skip
    return reward


def _give_back(reward: Reward) -> None:
    """As if it had not been given: what it stood for, its points, its place in the stock."""
    owner = reward.brand_id, reward.creator_id
    item = lock(RewardItem, reward.item_id)
    if item.stock is not None:
        item.stock += reward.quantity
    if reward.points:
        _change_points(*owner, reward.points)
    else:
        tax.take_back(_benefit(reward), reward.amount, reward.amount, Money.zero(reward.currency))
    target = accounts.points(*owner) if reward.points else accounts.rewards(reward.brand_id)
    _post(reward, "cancelled", accounts.goods(*owner), target, queries.held_for(reward))


def _tell_tax(reward: Reward, item: RewardItem) -> None:
    zone = ZoneInfo(identity.brand(reward.brand_id).zone)
    tax.record_benefit(
        _benefit(reward), brand_id=reward.brand_id, creator_id=reward.creator_id,
        fair_value=reward.amount, received_on=reward.given_at.astimezone(zone).date(),
        note=f"{item.name}{f' × {reward.quantity:,}' if reward.quantity > 1 else ''}",
        is_for_services=not reward.source.startswith(queries.GIFT),
    )  # fmt: skip


def _change_points(brand_id: int, creator_id: int, change: int) -> None:
    balance = _locked_points(brand_id, creator_id)
    rules.check_points(-change, balance.points)
    balance.points += change
    db.session.flush()


def _locked_points(brand_id: int, creator_id: int) -> PointsBalance:
    """What she has, which nobody else changes from now on."""
    insert_once(PointsBalance, brand_id=brand_id, creator_id=creator_id, points=0)
    wanted = select(PointsBalance.id).where(
        PointsBalance.brand_id == brand_id, PointsBalance.creator_id == creator_id
    )
    return lock(PointsBalance, db.session.scalars(wanted).one())


def _post(reward: Reward, what: str, source: str, target: str, amount: Money) -> None:
    ledger.post(f"reward {what}", f"reward:{reward.id}:{what}", [(source, target, amount)])


def _is_points(item: RewardItem) -> bool:
    return item.kind is RewardKind.POINTS


def _benefit(reward: Reward) -> str:
    return f"reward:{reward.id}"
