"""A creator's earnings as one list: every commission, every correction of one, and what higher
rooms add to the list (`More`: adjustments)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, String, case, func, literal, null, select, union_all

from portal.ambassadors.models import Ambassador
from portal.attribution.models import Attribution, Reason
from portal.commissions.models import (
    Commission,
    CommissionKind,
    CommissionStatus,
    Reversal,
    ReversalKind,
)
from portal.commissions.wording import AGAIN, FOLLOWED, KINDS, LESS
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.programs.models import Program
from portal.sales.models import Order
from portal.storage.model import db

# Lines of a higher room for one creator, in the columns of `_columns`, ranked 2 or more.
More = Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class EarningsFilter:
    """What of a creator's earnings is asked for; None: whatever."""

    status: str | None = None  # a CommissionStatus word, or "reversed"
    program_id: int | None = None
    kind: str | None = None  # a CommissionKind word
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Earning:
    """One line of a creator's earnings: a commission, one reversal of it, or neither: then
    `title` and `note` say what it is and why."""

    at: datetime
    amount: Money
    commission: Commission | None
    reversal: Reversal | None
    program_name: str
    brand: Brand
    order_number: str | None
    code: str | None
    came_by: str | None  # code or link
    title: str = ""
    note: str = ""
    rank: int = 0
    row_id: int = 0

    @property
    def comes_off_next(self) -> bool:
        """Taken back after it had become payable: it comes off the next payout (R69)."""
        matured_at = self.commission.payable_at if self.commission else None
        if self.reversal is None or matured_at is None:
            return False
        return self.reversal.effect.minor < 0 and self.reversal.at >= matured_at

    @property
    def returned(self) -> Money:
        """How much of the order's base was given back by then; zero for a commission itself."""
        assert self.commission, "only a commission has a base"
        left = self.reversal.remaining_base_minor if self.reversal else self.commission.base_minor
        return Money(self.commission.base_minor - left, self.commission.base_currency)

    @property
    def kind_words(self) -> str:
        """What kind of thing was earned."""
        return KINDS[self.commission.kind] if self.commission else ""

    @property
    def followed_words(self) -> str:
        """Why an extra became less or more, in the words of its kind (R75, R76)."""
        if self.commission is None or self.commission.kind not in FOLLOWED:
            return LESS
        is_less = self.effect_is_less
        return FOLLOWED[self.commission.kind] if is_less else AGAIN

    @property
    def is_extra(self) -> bool:
        """Whether it was earned for something else than an order of its own."""
        return self.commission is not None and self.commission.kind is not CommissionKind.SALE

    @property
    def effect_is_less(self) -> bool:
        """Whether a correction took something back."""
        return self.reversal is not None and self.reversal.effect.minor < 0

    @property
    def order_ending(self) -> str:
        """The end of the order's number, which is all a creator sees of it (R144)."""
        digits = "".join(sign for sign in self.order_number or "" if sign.isalnum())
        return digits[-4:]


def earnings_of(
    creator_id: int, request: PageRequest, asked: EarningsFilter | None = None,
    more: More | None = None,
) -> Page[Earning]:  # fmt: skip
    """Everything a creator earned and everything taken back, newest first."""
    asked = asked or EarningsFilter()
    listed = _lines(creator_id, asked, more).subquery()
    total = db.session.scalar(
        select(func.count()).select_from(select(listed.c.id).limit(COUNT_CAP + 1).subquery())
    )
    position = request.moment_and_rank()
    wanted = select(listed)
    if position:
        at, rank, row_id = position
        same = (listed.c.rank < rank) | ((listed.c.rank == rank) & (listed.c.id < row_id))
        wanted = wanted.where((listed.c.at < at) | ((listed.c.at == at) & same))
    found = _newest_first(wanted, listed, request.size + 1)
    shown, cursor = found[: request.size], None
    if len(found) > request.size:
        last = shown[-1]
        cursor = cursor_of(last.at.isoformat(), last.rank, last.row_id)
    return Page(shown, cursor, int(total or 0), is_first=position is None)


def latest_of(creator_id: int, limit: int = 5, more: More | None = None) -> Sequence[Earning]:
    """The newest lines of a creator's earnings."""
    listed = _lines(creator_id, EarningsFilter(), more).subquery()
    return _newest_first(select(listed), listed, limit)


def corrections_of(commission_id: int) -> list[Earning]:
    """What was taken back of one commission, or given back, oldest first."""
    taken = _taken().where(Reversal.commission_id == commission_id).subquery()
    return _earnings(taken, Reversal.number)


def sums_of(creator_id: int, asked: EarningsFilter, more: More | None = None) -> list[Money]:
    """What the asked-for lines amount to, one sum per currency."""
    listed = _lines(creator_id, asked, more).subquery()
    rows = db.session.execute(
        select(listed.c.currency, func.sum(listed.c.amount_minor))
        .group_by(listed.c.currency)
        .order_by(listed.c.currency)
    )
    return [Money(int(minor), currency) for currency, minor in rows]


def released_next(creator_id: int, zone: str, limit: int = 5) -> list[tuple[date, Money]]:
    """The next days on which holds of a creator's commissions end, and what each releases, by
    currency: "62.10 on 14 May"."""
    rows = db.session.execute(
        select(
            Commission.hold_until, Commission.currency,
            func.sum(Commission.amount_minor - Commission.reversed_minor),
        )
        .where(
            Commission.creator_id == creator_id, Commission.status == CommissionStatus.PENDING,
            Commission.hold_until > clock.now(),
        )
        .group_by(Commission.hold_until, Commission.currency)
        .order_by(Commission.hold_until)
        .limit(limit * 100)
    )  # fmt: skip
    days: dict[tuple[date, str], int] = {}
    for at, currency, minor in rows:
        key = at.astimezone(ZoneInfo(zone)).date(), currency
        days[key] = days.get(key, 0) + int(minor)
    found = [(day, Money(minor, currency)) for (day, currency), minor in days.items() if minor]
    return found[:limit]


def _newest_first(wanted: Select[Any], listed: Any, limit: int) -> list[Earning]:
    order = (listed.c.at.desc(), listed.c.rank.desc(), listed.c.id.desc())
    keys = wanted.order_by(*order).limit(limit).subquery()
    return _earnings(keys, keys.c.at.desc(), keys.c.rank.desc(), keys.c.id.desc())


def _lines(creator_id: int, asked: EarningsFilter, more: More | None) -> Any:
    earned = _narrowed(_earned(), creator_id, asked, Commission.earned_at)
    taken = _narrowed(_taken(), creator_id, asked, Reversal.at)
    added = [] if more is None else _added(more(creator_id), asked)
    if asked.kind == CommissionKind.ADJUSTMENT:
        earned = earned.where(Commission.kind == CommissionKind.ADJUSTMENT)
        return union_all(earned, taken, *added)
    if asked.kind:
        return earned.where(Commission.kind == asked.kind)
    return union_all(earned, taken, *added)


def _added(lines: Any, asked: EarningsFilter) -> list[Any]:
    """What a higher room adds: it belongs to no program, and is payable or was."""
    if asked.program_id is not None or asked.status not in (None, CommissionStatus.PAYABLE.value):
        return []
    listed = lines.subquery()
    wanted: Any = select(*listed.c)
    if asked.since is not None:
        wanted = wanted.where(listed.c.at >= asked.since)
    if asked.until is not None:
        wanted = wanted.where(listed.c.at < asked.until)
    return [wanted]


def _columns(at: Any, rank: int, row_id: Any, currency: Any, minor: Any) -> list[Any]:
    return [
        at.label("at"), literal(rank).label("rank"), row_id.label("id"),
        Commission.id.label("commission_id"), currency.label("currency"),
        minor.label("amount_minor"), Commission.brand_id.label("brand_id"),
        null().cast(String).label("title"), null().cast(String).label("note"),
    ]  # fmt: skip


def _earned() -> Any:
    return select(*_columns(Commission.earned_at, 0, Commission.id, Commission.currency,
                            Commission.amount_minor))  # fmt: skip


def _taken() -> Any:
    gives = Reversal.kind == ReversalKind.REINSTATEMENT
    signed = case((gives, Reversal.amount_minor), else_=-Reversal.amount_minor)
    columns = _columns(Reversal.at, 1, Reversal.id, Reversal.currency, signed)
    return select(*columns).join(Commission, Commission.id == Reversal.commission_id)


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
    """The lines that `keys` name, each with all it shows."""
    rows = db.session.execute(
        select(keys, Commission, Program.name, Brand, Order.number, Attribution, Reversal)
        .select_from(keys)
        .join(Brand, Brand.id == keys.c.brand_id)
        .outerjoin(Commission, Commission.id == keys.c.commission_id)
        .outerjoin(Ambassador, Ambassador.id == Commission.ambassador_id)
        .outerjoin(Program, Program.id == Ambassador.program_id)
        .outerjoin(Order, Order.id == Commission.order_id)
        .outerjoin(Attribution, Attribution.id == Commission.attribution_id)
        .outerjoin(Reversal, (keys.c.rank == 1) & (Reversal.id == keys.c.id))
        .order_by(*order)
    )
    return [_earning(row) for row in rows]


def _earning(row: Any) -> Earning:
    commission, decision = row.Commission, row.Attribution
    came_by = None
    if decision is not None:
        came_by = "code" if decision.reason is Reason.CODE_TYPED else "link"
    return Earning(
        at=row.at, amount=Money(int(row.amount_minor), row.currency), commission=commission,
        reversal=row.Reversal, program_name=row.name or row.Brand.name, brand=row.Brand,
        order_number=row.number, came_by=came_by,
        code=commission.explanation.get("code") if commission else None,
        title=row.title or "", note=row.note or "", rank=row.rank, row_id=row.id,
    )  # fmt: skip
