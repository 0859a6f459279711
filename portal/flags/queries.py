"""Look at flags, what they hold, leaks, and the thresholds in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador
from portal.commissions.models import Commission, CommissionKind, CommissionStatus
from portal.creators.models import Creator
from portal.flags import rules
from portal.flags.models import (
    ABOUT_CLICKS,
    SUSPECTED_LEAK,
    WAITING,
    Flag,
    FlaggedCommission,
    FlagKind,
    FlagRules,
    FlagStatus,
    HeldState,
    Leak,
)
from portal.flags.rules import Thresholds
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.sales.models import Order
from portal.storage.model import db

VIEWS: dict[str, tuple[FlagStatus, ...]] = {
    "open": (FlagStatus.OPEN,),
    "kept": (FlagStatus.KEPT,),
    "closed": (FlagStatus.RELEASED, FlagStatus.DECLINED, FlagStatus.DECIDED, FlagStatus.ACTED,
               FlagStatus.CLEARED),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: the flag, whom it is about, and what it holds per currency."""

    flag: Flag
    creator: Creator
    member: Ambassador
    held: tuple[Money, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One commission a flag is about."""

    row: FlaggedCommission
    commission: Commission
    order_number: str | None
    placed_at: datetime | None

    @property
    def title(self) -> str:
        """The order's number, or what else earned it."""
        return self.order_number or str(self.commission.explanation.get("title") or "Brief fee")

    @property
    def is_undecided(self) -> bool:
        return self.row.state in (HeldState.HELD, HeldState.KEPT)


def rules_of(brand_id: int) -> tuple[Thresholds, Sequence[str]]:
    """Thresholds and coupon sites in force now; the house's own until a brand sets some."""
    found = db.session.scalar(
        select(FlagRules)
        .where(FlagRules.brand_id == brand_id, FlagRules.effective_at <= clock.now())
        .order_by(FlagRules.effective_at.desc(), FlagRules.id.desc())
    )
    if found is None:
        return Thresholds(), rules.COUPON_SITES
    return Thresholds(**found.thresholds), found.coupon_sites


def flag(flag_id: int) -> Flag:
    """A flag by row id. Raises NotFound."""
    return _found(db.session.get(Flag, flag_id))


def one_of_brand(brand_id: int, public_id: str) -> Flag:
    """A brand's flag. Raises NotFound, for another brand's too."""
    return _found(
        db.session.scalar(
            select(Flag).where(Flag.brand_id == brand_id, Flag.public_id == public_id)
        )
    )


def ids_of(brand_id: int, public_ids: Sequence[str]) -> Sequence[int]:
    """Row ids of a brand's flags that still wait, of those named; others are left out."""
    wanted = select(Flag.id).where(
        Flag.brand_id == brand_id, Flag.public_id.in_(public_ids), Flag.status.in_(WAITING)
    )
    return db.session.scalars(wanted.order_by(Flag.id)).all()  # type: ignore[no-any-return]


def open_about(brand_id: int, kind: FlagKind, subject: str) -> Flag | None:
    """The undecided flag of a kind about a subject."""
    found: Flag | None = db.session.scalar(
        select(Flag).where(
            Flag.brand_id == brand_id, Flag.kind == kind, Flag.subject == subject,
            Flag.decided_at.is_(None),
        )
    )  # fmt: skip
    return found


def decided_since(brand_id: int, kind: FlagKind, subject: str, since: datetime) -> bool:
    """Whether somebody decided about the same not long ago."""
    wanted = select(Flag.id).where(
        Flag.brand_id == brand_id, Flag.kind == kind, Flag.subject == subject,
        Flag.decided_at >= since,
    )  # fmt: skip
    return db.session.scalar(wanted.limit(1)) is not None


def suspicions_of(code_id: int, ambassador_id: int) -> Sequence[int]:
    """Row ids of undecided flags that suspect this code, or clicks of its owner, of a leak."""
    wanted = select(Flag.id).where(
        Flag.kind.in_(SUSPECTED_LEAK), Flag.decided_at.is_(None),
        Flag.subject.in_((f"code:{code_id}", f"ambassador:{ambassador_id}")),
    )  # fmt: skip
    return db.session.scalars(wanted.order_by(Flag.id)).all()  # type: ignore[no-any-return]


def leak(leak_id: int) -> Leak:
    """A leak by row id. Raises NotFound."""
    found = db.session.get(Leak, leak_id)
    if found is None:
        raise NotFound()
    return found


def leak_of(code_id: int) -> Leak | None:
    """The leak of a code, if it was ever told of one."""
    found: Leak | None = db.session.scalar(select(Leak).where(Leak.code_id == code_id))
    return found


def commission_ids_of(flag_id: int) -> set[int]:
    """The commissions a flag knows."""
    wanted = select(FlaggedCommission.commission_id).where(FlaggedCommission.flag_id == flag_id)
    return set(db.session.scalars(wanted))


def commission_ids_about(brand_id: int, kind: FlagKind, subject: str) -> set[int]:
    """The commissions that any flag of a kind about a subject knows, decided ones too."""
    wanted = (
        select(FlaggedCommission.commission_id)
        .join(Flag, Flag.id == FlaggedCommission.flag_id)
        .where(Flag.brand_id == brand_id, Flag.kind == kind, Flag.subject == subject)
    )
    return set(db.session.scalars(wanted))


def click_pay_of_flagged(commission_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(commission id, flag id) of those that clicks earned a creator whose clicks an open flag
    doubts; each once, with the oldest flag."""
    rows = db.session.execute(
        select(Commission.id, func.min(Flag.id))
        .join(Flag, Flag.ambassador_id == Commission.ambassador_id)
        .where(
            Commission.id.in_(commission_ids), Commission.kind == CommissionKind.CLICKS,
            Commission.status.in_((CommissionStatus.PENDING, CommissionStatus.PAYABLE)),
            Flag.kind.in_(ABOUT_CLICKS), Flag.decided_at.is_(None),
        )
        .group_by(Commission.id)
        .order_by(Commission.id)
    )  # fmt: skip
    return [(commission_id, flag_id) for commission_id, flag_id in rows]


def rows_in(
    flag_id: int, states: Sequence[HeldState], commission_ids: Sequence[int] | None = None
) -> Sequence[FlaggedCommission]:
    """What of a flag stands in these states, all of it or only these commissions."""
    wanted = select(FlaggedCommission).where(
        FlaggedCommission.flag_id == flag_id, FlaggedCommission.state.in_(states)
    )
    if commission_ids is not None:
        wanted = wanted.where(FlaggedCommission.commission_id.in_(commission_ids))
    return db.session.scalars(wanted.order_by(FlaggedCommission.id)).all()  # type: ignore[no-any-return]


def states_of(flag_id: int) -> dict[HeldState, int]:
    """How many of a flag's commissions stand in which state."""
    rows = db.session.execute(
        select(FlaggedCommission.state, func.count())
        .where(FlaggedCommission.flag_id == flag_id)
        .group_by(FlaggedCommission.state)
    )
    return dict(rows.all())


def flags_holding(commission_id: int) -> Sequence[int]:
    """Row ids of undecided flags that hold a commission."""
    wanted = (
        select(FlaggedCommission.flag_id)
        .join(Flag, Flag.id == FlaggedCommission.flag_id)
        .where(
            FlaggedCommission.commission_id == commission_id, Flag.decided_at.is_(None),
            FlaggedCommission.state.in_((HeldState.HELD, HeldState.KEPT)),
        )
    )  # fmt: skip
    return db.session.scalars(wanted).all()  # type: ignore[no-any-return]


def held_by(flag_id: int, request: PageRequest) -> Page[HeldRow]:
    """The commissions a flag is about, newest order first."""
    wanted: Any = (
        select(FlaggedCommission, Commission, Order.number, Order.placed_at)
        .join(Commission, Commission.id == FlaggedCommission.commission_id)
        .outerjoin(Order, Order.id == Commission.order_id)
        .where(FlaggedCommission.flag_id == flag_id)
    )
    total = sum(states_of(flag_id).values())
    position = request.position()
    if position:
        wanted = wanted.where(FlaggedCommission.id < int(position[0]))
    wanted = wanted.order_by(FlaggedCommission.id.desc()).limit(request.size + 1)
    rows = [HeldRow(*one) for one in db.session.execute(wanted)]
    cursor = cursor_of(rows[request.size - 1].row.id) if len(rows) > request.size else None
    return Page(rows[: request.size], cursor, total, is_first=position is None)


def listing(
    brand_id: int, request: PageRequest, view: str = "open", ambassador_id: int | None = None
) -> Page[Row]:
    """A brand's flags by state, newest first; with an ambassador, hers alone in every state."""
    wanted: Any = (
        select(Flag, Creator, Ambassador)
        .join(Ambassador, Ambassador.id == Flag.ambassador_id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(Flag.brand_id == brand_id)
    )
    if ambassador_id is not None:
        wanted = wanted.where(Flag.ambassador_id == ambassador_id)
    else:
        wanted = wanted.where(Flag.status.in_(VIEWS.get(view, VIEWS["open"])))
    ids = wanted.with_only_columns(Flag.id).limit(COUNT_CAP + 1).subquery()
    total = int(db.session.scalar(select(func.count()).select_from(ids)) or 0)
    position = request.moment()
    if position:
        at, row_id = position
        same = (Flag.opened_at == at) & (Flag.id < row_id)
        wanted = wanted.where((Flag.opened_at < at) | same)
    wanted = wanted.order_by(Flag.opened_at.desc(), Flag.id.desc()).limit(request.size + 1)
    rows = db.session.execute(wanted).all()
    held = _held([one.Flag.id for one in rows])
    cursor = None
    if len(rows) > request.size:
        last = rows[request.size - 1].Flag
        cursor = cursor_of(last.opened_at.isoformat(), last.id)
    shown = [
        Row(found, creator, member, *held.get(found.id, ((), 0)))
        for found, creator, member in rows[: request.size]
    ]
    return Page(shown, cursor, total, is_first=position is None)


def view_counts(brand_id: int) -> dict[str, int]:
    """How many flags each view holds."""
    rows = db.session.execute(
        select(Flag.status, func.count()).where(Flag.brand_id == brand_id).group_by(Flag.status)
    )
    by_status: dict[FlagStatus, int] = dict(rows.all())
    return {view: sum(by_status.get(one, 0) for one in states) for view, states in VIEWS.items()}


def held_of(flag_id: int) -> tuple[tuple[Money, ...], int]:
    """What a flag holds now, per currency, and of how many commissions."""
    return _held([flag_id]).get(flag_id, ((), 0))


def violations() -> list[str]:
    """Sentences; empty when all is well: what a flag says it holds is on hold, and nothing is
    withheld for a leak that was placed before its creator was told."""
    astray = (
        select(Commission.public_id)
        .join(FlaggedCommission, FlaggedCommission.commission_id == Commission.id)
        .join(Flag, Flag.id == FlaggedCommission.flag_id)
        .where(
            FlaggedCommission.state.in_((HeldState.HELD, HeldState.KEPT)),
            Flag.decided_at.is_not(None),
            Commission.status == CommissionStatus.ON_HOLD,
        )
    )
    early = (
        select(Commission.public_id)
        .join(FlaggedCommission, FlaggedCommission.commission_id == Commission.id)
        .join(Flag, Flag.id == FlaggedCommission.flag_id)
        .join(Leak, Leak.code_id == Flag.code_id)
        .join(Order, Order.id == Commission.order_id)
        .where(Flag.kind == FlagKind.LEAKED_CODE, Order.placed_at <= Leak.told_at)
    )
    wrong = [f"Commission {one} is held by a closed flag." for one in db.session.scalars(astray)]
    told = "was withheld though its order came before the creator was told"
    return wrong + [f"Commission {one} {told}." for one in db.session.scalars(early)]


def _held(flag_ids: Sequence[int]) -> dict[int, tuple[tuple[Money, ...], int]]:
    rows = db.session.execute(
        select(
            FlaggedCommission.flag_id, Commission.currency,
            func.sum(Commission.amount_minor - Commission.reversed_minor), func.count(),
        )
        .join(Commission, Commission.id == FlaggedCommission.commission_id)
        .where(
            FlaggedCommission.flag_id.in_(flag_ids),
            FlaggedCommission.state.in_((HeldState.HELD, HeldState.KEPT)),
        )
        .group_by(FlaggedCommission.flag_id, Commission.currency)
        .order_by(FlaggedCommission.flag_id, Commission.currency)
    )  # fmt: skip
    found: dict[int, tuple[tuple[Money, ...], int]] = {}
    for flag_id, currency, minor, count in rows:
        amounts, so_far = found.get(flag_id, ((), 0))
        found[flag_id] = ((*amounts, Money(int(minor), currency)), so_far + count)
    return found


def _found(row: Flag | None) -> Flag:
    if row is None:
        raise NotFound()
    return row
