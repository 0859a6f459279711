"""What a brand can give, what was given, and every creator's points."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.bonuses.models import Metric, Window
from portal.kernel import codes
from portal.kernel.money import Money
from portal.storage.model import Model
from portal.storage.types import (
    UTCDateTime,
    currency_column,
    minor_column,
    money,
    sealed_column,
    word_column,
)


class RewardKind(StrEnum):
    """What it is."""

    POINTS = "points"
    PRODUCT = "product"
    STORE_CREDIT = "store_credit"
    GIFT_CARD = "gift_card"


class RewardStatus(StrEnum):
    """Points are given at once; a product is shipped and delivered, credit and cards are issued."""

    GIVEN = "given"
    TO_SHIP = "to_ship"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    TO_ISSUE = "to_issue"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class Occasion(StrEnum):
    """When a program gives something by itself."""

    JOINED = "joined"
    REACHED = "reached"


class RewardItem(Model):
    """One thing a brand gives. `value` is the fair value of one piece, or of one point: what it
    costs in the shop (R100). `points_price` is what it costs in points; None: it is only given.
    `stock` None: as many as are wanted. A point's value never changes once points were given."""

    __tablename__ = "reward_items"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "brand_id", "is_active", "id"),
        CheckConstraint("value_minor > 0", name="is_worth_something"),
        CheckConstraint("stock >= 0", name="stock"),
        CheckConstraint("points_price > 0", name="price"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("rit"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    kind: Mapped[RewardKind] = word_column(RewardKind)
    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = currency_column()
    value_minor: Mapped[int] = minor_column()
    points_price: Mapped[int | None]
    stock: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())

    value: Mapped[Money] = money("value_minor")


class Reward(Model):
    """Something one creator was given, never edited but for its way to her. `source` names it
    once: by hand, for a brief, for points. `amount` is the fair value of all pieces; `points` what
    she paid for it, which then is no second benefit. `ambassador_id`: the membership whose sales
    gave these points, of which returns took `taken_back` back. `promise_id`: what gave it."""

    __tablename__ = "rewards"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("source"),
        Index(None, "brand_id", "status", "id"),
        Index(None, "brand_id", "id"),
        Index(None, "creator_id", "id"),
        Index("ix_rewards_ambassador", "ambassador_id", "id"),
        Index("ix_rewards_promise", "promise_id"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("rwd"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("reward_items.id"))
    source: Mapped[str] = mapped_column(String(80))
    kind: Mapped[RewardKind] = word_column(RewardKind)
    status: Mapped[RewardStatus] = word_column(RewardStatus)
    quantity: Mapped[int]
    ambassador_id: Mapped[int | None]  # an ambassador; no foreign key: SQLite cannot add one
    taken_back: Mapped[int] = mapped_column(default=0, server_default="0")
    promise_id: Mapped[int | None]  # a reward_promises row; no foreign key, as above
    points: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = currency_column()
    amount_minor: Mapped[int] = minor_column()
    note: Mapped[str] = mapped_column(String(300), default="")
    tracking: Mapped[str] = mapped_column(String(200), default="")
    card_code: Mapped[str | None] = sealed_column()
    given_at: Mapped[datetime] = mapped_column(UTCDateTime())
    given_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())

    amount: Mapped[Money] = money("amount_minor")

    @property
    def left(self) -> int:
        """The pieces or points that returns did not take back."""
        return self.quantity - self.taken_back


class PointsBalance(Model):
    """How many points of one brand a creator has: changed only under its lock, beside the books."""

    __tablename__ = "points_balances"
    __table_args__ = (
        UniqueConstraint("brand_id", "creator_id"),
        CheckConstraint("points >= 0", name="never_below_zero"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    points: Mapped[int] = mapped_column(default=0)


class BriefReward(Model):
    """What a completed assignment of a brief earns beside its fee."""

    __tablename__ = "brief_rewards"
    __table_args__ = (
        UniqueConstraint("brief_id", "item_id"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("reward_items.id"))
    quantity: Mapped[int]


class RewardPromise(Model):
    """What a program gives by itself to whoever joins it, or reaches a goal. Never edited: stop it
    and set up another. `threshold` is a number of sales or leads, or minor units of `currency`."""

    __tablename__ = "reward_promises"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_reward_promises_brand", "brand_id", "id"),
        Index("ix_reward_promises_program", "program_id", "id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("threshold > 0", name="asks_something"),
    )

    public_id: Mapped[str] = mapped_column(String(40), default=lambda: codes.public_id("rpr"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("reward_items.id"))
    quantity: Mapped[int]
    occasion: Mapped[Occasion] = word_column(Occasion)
    metric: Mapped[Metric] = word_column(Metric)
    threshold: Mapped[int] = minor_column()
    currency: Mapped[str] = currency_column()
    window: Mapped[Window] = word_column(Window)
    repeats: Mapped[bool] = mapped_column(default=False, server_default=false())
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime())
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
