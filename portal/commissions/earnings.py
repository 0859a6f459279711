"""A creator's earnings as one list: every commission, and every correction of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, literal, select, union_all

from portal.ambassadors.models import Ambassador
from portal.attribution.models import Attribution, Reason
from portal.commissions.models import (
    Commission,
    CommissionKind,
    CommissionStatus,
    Reversal,
    ReversalKind,
)
from portal.identity.models import Brand
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.programs.models import Program
from portal.sales.models import Order
from portal.storage.model import db


@dataclass(frozen=True, slots=True)
class EarningsFilter:
    """What of a creator's earnings is asked for; None: whatever."""

    status: str | None = None  # a CommissionStatus word, or "reversed"
    program_id: int | None = None
    kind: str | None = None  # sale, fee or adjustment
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Earning:
    """One line of a creator's earnings: a commission, or one reversal of it."""

    at: datetime
    commission: Commission
    reversal: Reversal | None
    program_name: str
    brand: Brand
    order_number: str | None
    code: str | None
    came_by: str | None  # code or link

    @property
    def amount(self) -> Money:
        return self.reversal.effect if self.reversal else self.commission.amount

    @property
    def comes_off_next(self) -> bool:
        """Taken back after it had become payable: it comes off the next payout (R69)."""
        matured_at = self.commission.payable_at
        if self.reversal is None or matured_at is None:
            return False
        return self.reversal.effect.minor < 0 and self.reversal.at >= matured_at

    @property
    def returned(self) -> Money:
        """How much of the order's base was given back by then; zero for a commission itself."""
        left = self.reversal.remaining_base_minor if self.reversal else self.commission.base_minor
        return Money(self.commission.base_minor - left, self.commission.base_currency)

    @property
    def order_ending(self) -> str:
        """The end of the order's number, which is all a creator sees of it (R144)."""
        digits = "".join(sign for sign in self.order_number or "" if sign.isalnum())
        return digits[-4:]


def earnings_of(
    creator_id: int, request: PageRequest, asked: EarningsFilter | None = None
) -> Page[Earning]:
    """Everything a creator earned and everything taken back, newest first."""
    asked = asked or EarningsFilter()
    listed = _lines(creator_id, asked).subquery()
    total = db.session.scalar(
        select(func.count()).select_from(select(listed.c.id).limit(COUNT_CAP + 1).subquery())
    )
    position = request.position()
    wanted = select(listed)
    if position:
        at, rank, row_id = datetime.fromisoformat(str(position[0])), position[1], position[2]
        same = (listed.c.rank < rank) | ((listed.c.rank == rank) & (listed.c.id < row_id))
        wanted = wanted.where((listed.c.at < at) | ((listed.c.at == at) & same))
    found = _newest_first(wanted, listed, request.size + 1)
    shown, cursor = found[: request.size], None
    if len(found) > request.size:
        last = shown[-1]
        rank, row = (1, last.reversal) if last.reversal else (0, last.commission)
        cursor = cursor_of(last.at.isoformat(), rank, row.id)
    return Page(shown, cursor, int(total or 0), is_first=position is None)


def latest_of(creator_id: int, limit: int = 5) -> Sequence[Earning]:
    """The newest lines of a creator's earnings."""
    listed = _lines(creator_id, EarningsFilter()).subquery()
    return _newest_first(select(listed), listed, limit)


def corrections_of(commission_id: int) -> list[Earning]:
    """What was taken back of one commission, or given back, oldest first."""
    wanted = (
        select(
            Reversal.at.label("at"), literal(1).label("rank"), Reversal.id.label("id"),
            Reversal.commission_id.label("commission_id"),
        )
        .where(Reversal.commission_id == commission_id)
        .subquery()
    )  # fmt: skip
    return _earnings(wanted, Reversal.number)


def sums_of(creator_id: int, asked: EarningsFilter) -> list[Money]:
    """What the asked-for lines amount to, one sum per currency."""
    listed = _lines(creator_id, asked).subquery()
    rows = db.session.execute(
        select(listed.c.currency, func.sum(listed.c.amount_minor))
        .group_by(listed.c.currency)
        .order_by(listed.c.currency)
    )
    return [Money(int(minor), currency) for currency, minor in rows]


def _newest_first(wanted: Select[Any], listed: Any, limit: int) -> list[Earning]:
    order = (listed.c.at.desc(), listed.c.rank.desc(), listed.c.id.desc())
    keys = wanted.order_by(*order).limit(limit).subquery()
    return _earnings(keys, keys.c.at.desc(), keys.c.rank.desc(), keys.c.id.desc())


def _lines(creator_id: int, asked: EarningsFilter) -> Any:
    earned: Any = select(
        Commission.earned_at.label("at"), literal(0).label("rank"), Commission.id.label("id"),
        Commission.id.label("commission_id"), Commission.currency.label("currency"),
        Commission.amount_minor.label("amount_minor"),
    )  # fmt: skip
    gives = Reversal.kind == ReversalKind.REINSTATEMENT
    signed = case((gives, Reversal.amount_minor), else_=-Reversal.amount_minor)
    taken: Any = select(
        Reversal.at.label("at"), literal(1).label("rank"), Reversal.id.label("id"),
        Reversal.commission_id.label("commission_id"), Reversal.currency.label("currency"),
        signed.label("amount_minor"),
    ).join(Commission, Commission.id == Reversal.commission_id)  # fmt: skip
    earned = _narrowed(earned, creator_id, asked, Commission.earned_at)
    taken = _narrowed(taken, creator_id, asked, Reversal.at)
    if asked.kind == CommissionKind.ADJUSTMENT:
        return union_all(earned.where(Commission.kind == CommissionKind.ADJUSTMENT), taken)
    if asked.kind in (CommissionKind.SALE, CommissionKind.FEE):
        return earned.where(Commission.kind == asked.kind)
    return union_all(earned, taken)


def _narrowed(wanted: Select[Any], creator_id: int, asked: EarningsFilter, at: Any) -> Select[Any]:
    wanted = wanted.where(Commission.creator_id == creator_id)
    if asked.status == "reversed":
        wanted = wanted.where(
            Commission.status == CommissionStatus.VOID, Commission.payable_at.is_not(None)
        )
    elif asked.status:
        wanted = wanted.where(Commission.status == CommissionStatus(asked.status))
    if asked.program_id is not None:
        members = select(Ambassador.id).where(Ambassador.program_id == asked.program_id)
        wanted = wanted.where(Commission.ambassador_id.in_(members))
    if asked.since is not None:
        wanted = wanted.where(at >= asked.since)
    if asked.until is not None:
        wanted = wanted.where(at < asked.until)
    return wanted


def _earnings(keys: Any, *order: Any) -> list[Earning]:
    """The lines that `keys` (at, rank, id, commission_id) name, each with all it shows."""
    rows = db.session.execute(
        select(keys.c.at, Commission, Program.name, Brand, Order.number, Attribution, Reversal)
        .select_from(keys)
        .join(Commission, Commission.id == keys.c.commission_id)
        .join(Ambassador, Ambassador.id == Commission.ambassador_id)
        .join(Program, Program.id == Ambassador.program_id)
        .join(Brand, Brand.id == Commission.brand_id)
        .outerjoin(Order, Order.id == Commission.order_id)
        .outerjoin(Attribution, Attribution.id == Commission.attribution_id)
        .outerjoin(Reversal, (keys.c.rank == 1) & (Reversal.id == keys.c.id))
        .order_by(*order)
    )
    return [_earning(*row) for row in rows]


def _earning(
    at: datetime, commission: Commission, program_name: str, brand: Brand, number: str | None,
    decision: Attribution | None, correction: Reversal | None,
) -> Earning:  # fmt: skip
    came_by = None
    if decision is not None:
        came_by = "code" if decision.reason is Reason.CODE_TYPED else "link"
    return Earning(
        at=at, commission=commission, reversal=correction, program_name=program_name,
        brand=brand, order_number=number, code=commission.explanation.get("code"),
        came_by=came_by,
    )  # fmt: skip
