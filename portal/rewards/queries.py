"""Looking at what can be given, what was given, and who has how many points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import case, func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.briefs.models import Brief
from portal.creators.models import Creator
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.rewards import rules
from portal.rewards.models import (
    BriefReward,
    PointsBalance,
    Reward,
    RewardItem,
    RewardKind,
    RewardStatus,
)
from portal.storage.model import db

GIFT = "gift:"
OVER = (MembershipStatus.ENDED, MembershipStatus.BANNED)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Given:
    """One reward with what it is and whose."""

    reward: Reward
    item: RewardItem
    creator: Creator


@dataclass(frozen=True, slots=True)
class Purse:
    """A creator's points of one brand and what they are worth."""

    brand_id: int
    points: int
    unit: RewardItem

    @property
    def worth(self) -> Money:
        return Money(self.unit.value_minor * self.points, self.unit.currency)


def of_source(source: str) -> Reward | None:
    """The reward that came of this; None before."""
    return db.session.scalar(select(Reward).where(Reward.source == source))  # type: ignore[no-any-return]


def reward(reward_id: int) -> Reward:
    """A reward by row id. Raises NotFound."""
    return _found(db.session.get(Reward, reward_id))


def item(item_id: int) -> RewardItem:
    """One thing to give, by row id. Raises NotFound."""
    return _found(db.session.get(RewardItem, item_id))


def one_of_brand(brand_id: int, public_id: str) -> Reward:
    """A brand's reward by public id. Raises NotFound, for another brand's too."""
    wanted = select(Reward).where(Reward.brand_id == brand_id, Reward.public_id == public_id)
    return _found(db.session.scalar(wanted))


def item_of_brand(brand_id: int, public_id: str) -> RewardItem:
    """What a brand gives, by public id. Raises NotFound, for another brand's too."""
    wanted = select(RewardItem).where(
        RewardItem.brand_id == brand_id, RewardItem.public_id == public_id
    )
    return _found(db.session.scalar(wanted))


def items_of(brand_id: int) -> Sequence[RewardItem]:
    """Everything a brand ever gave, points first, then the newest."""
    wanted = select(RewardItem).where(RewardItem.brand_id == brand_id)
    found = db.session.scalars(wanted.order_by(RewardItem.id.desc()))
    return sorted(found, key=lambda one: one.kind is not RewardKind.POINTS)


def points_of_brand(brand_id: int) -> RewardItem | None:
    """What one point of a brand is worth; None where it gives none."""
    wanted = select(RewardItem).where(
        RewardItem.brand_id == brand_id, RewardItem.kind == RewardKind.POINTS
    )
    return db.session.scalar(wanted)  # type: ignore[no-any-return]


def held_for(reward: Reward) -> Money:
    """What stands in the books for a reward: its value, or that of the points paid for it."""
    unit = points_of_brand(reward.brand_id) if reward.points else None
    return Money(unit.value_minor * reward.points, unit.currency) if unit else reward.amount


def given_by(
    brand_id: int, page: PageRequest, *, only_open: bool = False, creator_id: int | None = None
) -> Page[Given]:
    """What a brand gave, newest first; `only_open`: what it has still to send."""
    query = _given().where(Reward.brand_id == brand_id)
    if only_open:
        query = query.where(Reward.status.in_(rules.OPEN))
    if creator_id is not None:
        query = query.where(Reward.creator_id == creator_id)
    return _page(query, page)


def given_to(creator_id: int, page: PageRequest) -> Page[Given]:
    """What a creator was given, newest first."""
    return _page(_given().where(Reward.creator_id == creator_id), page)


def every_of(brand_id: int) -> Sequence[Given]:
    """All a brand ever gave, oldest first, for its export."""
    rows = db.session.execute(_given().where(Reward.brand_id == brand_id).order_by(Reward.id))
    return [Given(*row) for row in rows]


def open_count(brand_id: int) -> int:
    """How many rewards a brand has still to send or issue."""
    query = select(func.count()).where(
        Reward.brand_id == brand_id, Reward.status.in_(rules.OPEN)
    )  # fmt: skip
    return int(db.session.scalar(query) or 0)


def purses_of(creator_id: int) -> list[Purse]:
    """A creator's points, brand by brand."""
    rows = db.session.execute(
        select(PointsBalance, RewardItem)
        .join(RewardItem, RewardItem.brand_id == PointsBalance.brand_id)
        .where(PointsBalance.creator_id == creator_id, RewardItem.kind == RewardKind.POINTS)
        .order_by(PointsBalance.brand_id)
    )
    return [Purse(balance.brand_id, balance.points, unit) for balance, unit in rows]


def points_of(brand_id: int, creator_id: int) -> int:
    """How many points of a brand a creator has."""
    wanted = select(PointsBalance.points).where(
        PointsBalance.brand_id == brand_id, PointsBalance.creator_id == creator_id
    )
    return int(db.session.scalar(wanted) or 0)


def offered_to(creator_id: int) -> Sequence[RewardItem]:
    """What points buy in the brands whose ambassador she is."""
    brands = select(Ambassador.brand_id).where(
        Ambassador.creator_id == creator_id, Ambassador.status.not_in(OVER)
    )
    wanted = select(RewardItem).where(
        RewardItem.brand_id.in_(brands), RewardItem.is_active,
        RewardItem.points_price.is_not(None),
    )  # fmt: skip
    return db.session.scalars(
        wanted.order_by(RewardItem.brand_id, RewardItem.points_price, RewardItem.id)
    ).all()  # type: ignore[no-any-return]


def creator_named(brand_id: int, handle: str) -> int:
    """The row id of a brand's ambassador by her handle. Raises NotFound."""
    wanted = (
        select(Creator.id)
        .join(Ambassador, Ambassador.creator_id == Creator.id)
        .where(
            Ambassador.brand_id == brand_id,
            Creator.folded_handle == handle.strip().lstrip("@").casefold(),
        )
        .limit(1)
    )
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(f"No ambassador of yours is @{handle.strip().lstrip('@')}.")
    return int(found)


def rewards_of_brief(brief_id: int) -> list[tuple[BriefReward, RewardItem]]:
    """What a completed assignment of a brief gives beside its fee."""
    rows = db.session.execute(
        select(BriefReward, RewardItem)
        .join(RewardItem, RewardItem.id == BriefReward.item_id)
        .where(BriefReward.brief_id == brief_id)
        .order_by(BriefReward.id)
    )
    return [(row[0], row[1]) for row in rows]


def promised_by(brand_id: int) -> list[tuple[BriefReward, RewardItem, Brief]]:
    """What a brand's briefs give, newest brief first."""
    rows = db.session.execute(
        select(BriefReward, RewardItem, Brief)
        .join(RewardItem, RewardItem.id == BriefReward.item_id)
        .join(Brief, Brief.id == BriefReward.brief_id)
        .where(Brief.brand_id == brand_id)
        .order_by(Brief.id.desc(), BriefReward.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def briefs_of(brand_id: int, limit: int = 50) -> Sequence[Brief]:
    """A brand's newest briefs, to choose from."""
    wanted = select(Brief).where(Brief.brand_id == brand_id)
    return db.session.scalars(wanted.order_by(Brief.id.desc()).limit(limit)).all()  # type: ignore[no-any-return]


def brief_of_brand(brand_id: int, brief_id: int) -> Brief | None:
    """A brand's brief by row id; None for another's."""
    return db.session.scalar(select(Brief).where(Brief.id == brief_id, Brief.brand_id == brand_id))  # type: ignore[no-any-return]


def violations() -> list[str]:
    """Points whose number is not what the books say of them. Sentences; empty when all is well."""
    rows = db.session.execute(
        select(PointsBalance, RewardItem)
        .join(RewardItem, RewardItem.brand_id == PointsBalance.brand_id)
        .where(RewardItem.kind == RewardKind.POINTS)
        .order_by(PointsBalance.id)
    )
    found = []
    for balance, unit in rows:
        owner = balance.brand_id, balance.creator_id
        said = books.balance(accounts.points(*owner), unit.currency)
        worth = Money(unit.value_minor * balance.points, unit.currency)
        if said != worth:
            found.append(
                f"Creator row {owner[1]} has points of brand row {owner[0]} worth {worth}, but the "
                f"books say {said}."
            )
    return found + _miscounted()


def _miscounted() -> list[str]:
    """Points that are not those given, less those taken back and those spent."""
    is_points = Reward.kind == RewardKind.POINTS
    change = case(
        (is_points, Reward.quantity - Reward.taken_back),
        (Reward.status == RewardStatus.CANCELLED, 0),
        else_=-Reward.points,
    )
    had = func.coalesce(func.sum(change), 0)
    rows = db.session.execute(
        select(PointsBalance.creator_id, PointsBalance.brand_id, PointsBalance.points, had)
        .outerjoin(
            Reward,
            (Reward.brand_id == PointsBalance.brand_id)
            & (Reward.creator_id == PointsBalance.creator_id),
        )
        .group_by(
            PointsBalance.id, PointsBalance.creator_id, PointsBalance.brand_id,
            PointsBalance.points,
        )
        .having(had != PointsBalance.points)
        .order_by(PointsBalance.id)
    )  # fmt: skip
    return [
        f"Creator row {creator} has {points:,} points of brand row {brand}, but was given and "
        f"spent {int(count):,}."
        for creator, brand, points, count in rows
    ]


def _given() -> Any:
    return (
        select(Reward, RewardItem, Creator)
        .join(RewardItem, RewardItem.id == Reward.item_id)
        .join(Creator, Creator.id == Reward.creator_id)
    )


def _page(query: Any, page: PageRequest) -> Page[Given]:
    inner = query.with_only_columns(Reward.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(inner)) or 0)
    position = page.row_id()
    if position is not None:
        query = query.where(Reward.id < position)
    rows = db.session.execute(query.order_by(Reward.id.desc()).limit(page.size + 1)).all()
    shown = [Given(*row) for row in rows[: page.size]]
    more = len(rows) > page.size
    cursor = cursor_of(shown[-1].reward.id) if more else None
    return Page(shown, cursor, total, is_first=position is None)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound()
    return row
