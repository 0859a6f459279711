"""Looking at what programs give by themselves, and who is due for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.ambassadors.models import OUT, Ambassador
from portal.bonuses import queries as bonuses
from portal.bonuses import rules as goals
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.programs.models import Program
from portal.rewards.models import Occasion, Reward, RewardItem, RewardPromise
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise with what it gives, in which program, and how often it was kept; for a creator
    `done` is how far she is."""

    promise: RewardPromise
    item: RewardItem
    program: str
    given: int = 0
    done: int = 0


def one_of_brand(brand_id: int, public_id: str) -> RewardPromise:
    """A brand's promise. Raises NotFound, for another brand's too."""
    found: RewardPromise | None = db.session.scalar(
        select(RewardPromise).where(
            RewardPromise.brand_id == brand_id, RewardPromise.public_id == public_id
        )
    )
    if found is None:
        raise NotFound()
    return found


def of_brand(brand_id: int) -> list[Promised]:
    """A brand's promises, newest first."""
    kept = (
        select(Reward.promise_id, func.count().label("given"))
        .where(Reward.brand_id == brand_id, Reward.promise_id.is_not(None))
        .group_by(Reward.promise_id)
        .subquery()
    )
    rows = db.session.execute(
        select(RewardPromise, RewardItem, Program.name, func.coalesce(kept.c.given, 0))
        .join(RewardItem, RewardItem.id == RewardPromise.item_id)
        .join(Program, Program.id == RewardPromise.program_id)
        .outerjoin(kept, kept.c.promise_id == RewardPromise.id)
        .where(RewardPromise.brand_id == brand_id)
        .order_by(RewardPromise.id.desc())
    )
    return [Promised(promise, item, name, int(given)) for promise, item, name, given in rows]


def of_creator(creator_id: int) -> list[Promised]:
    """What the programs of a creator give for goals, newest first, with how far she is."""
    rows = db.session.execute(
        select(RewardPromise, RewardItem, Program.name, Ambassador.id)
        .join(RewardItem, RewardItem.id == RewardPromise.item_id)
        .join(Program, Program.id == RewardPromise.program_id)
        .join(Ambassador, Ambassador.program_id == Program.id)
        .where(
            Ambassador.creator_id == creator_id, Ambassador.status.not_in(OUT),
            RewardPromise.occasion == Occasion.REACHED, RewardPromise.ends_at.is_(None),
            RewardItem.is_active,
        )
        .order_by(RewardPromise.id.desc())
    ).all()  # fmt: skip
    return [
        Promised(
            promise, item, name,
            done=bonuses.done_by(who, promise, bonuses.periods_of(promise)[0]),
        )
        for promise, item, name, who in rows
    ]  # fmt: skip


def of_program(program_id: int) -> list[tuple[RewardPromise, RewardItem]]:
    """What a program gives by itself now, the first promised first."""
    rows = db.session.execute(
        select(RewardPromise, RewardItem)
        .join(RewardItem, RewardItem.id == RewardPromise.item_id)
        .where(
            RewardPromise.program_id == program_id, RewardPromise.ends_at.is_(None),
            RewardItem.is_active,
        )
        .order_by(RewardPromise.id)
    )  # fmt: skip
    return [(promise, item) for promise, item in rows]


def to_look_at() -> list[int]:
    """The row ids of promises that may still have to be kept."""
    since = clock.now() - goals.STILL_COUNTED
    wanted = select(RewardPromise.id).where(
        RewardPromise.ends_at.is_(None) | (RewardPromise.ends_at > since)
    )
    return list(db.session.scalars(wanted.order_by(RewardPromise.id)))


def has_promised(promise: RewardPromise) -> bool:
    """Whether the same was promised already, and not stopped."""
    same = ("program_id", "item_id", "quantity", "occasion", "metric", "threshold", "window",
            "repeats")  # fmt: skip
    wanted = select(RewardPromise.id).where(
        RewardPromise.ends_at.is_(None),
        *(getattr(RewardPromise, name) == getattr(promise, name) for name in same),
    )
    return db.session.scalar(wanted.limit(1)) is not None


def joined_since(promise: RewardPromise) -> dict[int, int]:
    """Ambassador → creator of the members who became active while this was promised."""
    wanted = select(Ambassador.id, Ambassador.creator_id).where(
        Ambassador.program_id == promise.program_id, Ambassador.status.not_in(OUT),
        Ambassador.activated_at >= promise.starts_at,
    )  # fmt: skip
    if promise.ends_at is not None:
        wanted = wanted.where(Ambassador.activated_at < promise.ends_at)
    rows = db.session.execute(wanted.order_by(Ambassador.id))
    return {row[0]: row[1] for row in rows}


def sources_of(promise_id: int) -> set[str]:
    """What this promise gave already, by source."""
    return set(db.session.scalars(select(Reward.source).where(Reward.promise_id == promise_id)))


def violations() -> Sequence[str]:
    """Rewards that are not what their promise says. Sentences; empty when all is well."""
    rows = db.session.scalars(
        select(Reward.public_id)
        .join(RewardPromise, RewardPromise.id == Reward.promise_id)
        .where(
            (Reward.item_id != RewardPromise.item_id)
            | (Reward.quantity != RewardPromise.quantity)
            | (Reward.brand_id != RewardPromise.brand_id)
        )
        .order_by(Reward.id)
    )
    return [f"Reward {public_id} is not what was promised." for public_id in rows]
