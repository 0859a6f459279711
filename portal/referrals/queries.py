"""Look at plans, invitations, recruits and shares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.commissions.models import Commission, CommissionKind, CommissionStatus, Loss
from portal.creators.models import Creator
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import Page, PageRequest, cursor_of
from portal.programs.models import Program
from portal.referrals import rules
from portal.referrals.models import Invite, Override, Recruit, ReferralTerms
from portal.referrals.rules import Plan
from portal.sales.models import Order
from portal.storage.model import db

ROWS_AT_ONCE = 1_000
FIRST = PageRequest()


@dataclass(frozen=True, slots=True)
class Brought:
    """A recruit as her recruiter sees her: a name she knows, since when, and her own figure."""

    name: str
    at: datetime
    status: MembershipStatus | None
    earned: Sequence[Money]


def plan_of(terms: ReferralTerms) -> Plan:
    """A version as the rules read it."""
    return Plan(terms.basis, tuple(terms.levels), terms.first_sale, terms.hold_days)


def versions_of(program_ids: Sequence[int]) -> dict[int, list[ReferralTerms]]:
    """Every version of these programs, newest first."""
    rows = db.session.scalars(
        select(ReferralTerms)
        .where(ReferralTerms.program_id.in_(set(program_ids)))
        .order_by(ReferralTerms.version.desc())
    )
    found: dict[int, list[ReferralTerms]] = {}
    for row in rows:
        found.setdefault(row.program_id, []).append(row)
    return found


def in_force(versions: Sequence[ReferralTerms], at: datetime) -> ReferralTerms | None:
    """The one in force at an instant, of versions newest first (R15)."""
    return next((one for one in versions if one.effective_at <= at), None)


def plan_now(program_id: int) -> Plan | None:
    """What recruiting pays in a program now; None where it never paid."""
    found = in_force(versions_of([program_id]).get(program_id, ()), clock.now())
    return plan_of(found) if found else None


def invite_of(ambassador_id: int) -> Invite | None:
    """The invitation of a membership, once she has one."""
    found: Invite | None = db.session.scalar(
        select(Invite).where(Invite.ambassador_id == ambassador_id)
    )
    return found


def inviter(code: str) -> tuple[Ambassador, Creator, Program]:
    """Who invites by this code, and to what. Raises NotFound for an unknown code, and for one of
    somebody who is no active member any more."""
    row = db.session.execute(
        select(Ambassador, Creator, Program)
        .join(Invite, Invite.ambassador_id == Ambassador.id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .join(Program, Program.id == Ambassador.program_id)
        .where(Invite.code == code, Ambassador.status == MembershipStatus.ACTIVE)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row[0], row[1], row[2]


def parents_of(ambassador_ids: Sequence[int]) -> dict[int, int]:
    """Who recruited these memberships: membership → the recruiter's."""
    rows = db.session.execute(
        select(Ambassador.id, Recruit.parent_id)
        .join(
            Recruit,
            (Recruit.program_id == Ambassador.program_id)
            & (Recruit.creator_id == Ambassador.creator_id),
        )
        .where(Ambassador.id.in_(set(ambassador_ids)))
    )
    return {row[0]: row[1] for row in rows}


def creators_above(program_id: int) -> dict[int, int]:
    """Creator → the creator who recruited her, in one program."""
    rows = db.session.execute(
        select(Recruit.creator_id, Ambassador.creator_id)
        .join(Ambassador, Ambassador.id == Recruit.parent_id)
        .where(Recruit.program_id == program_id)
    )
    return {row[0]: row[1] for row in rows}


def sales(commission_ids: Sequence[int]) -> list[tuple[Commission, datetime]]:
    """Those of these that earned on a sale, with when it was bought."""
    rows = db.session.execute(
        select(Commission, Order.placed_at)
        .join(Order, Order.id == Commission.order_id)
        .where(
            Commission.id.in_(commission_ids), Commission.kind == CommissionKind.SALE,
            Commission.amount_minor > 0,
        )
        .order_by(Commission.id)
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def shares_of(child_id: int) -> list[int]:
    """The row ids of the shares that a sale's commission gives, by level."""
    wanted = select(Override.commission_id).where(Override.child_id == child_id)
    return list(db.session.scalars(wanted.order_by(Override.level)))


def recruits_of(ambassador_id: int, request: PageRequest = FIRST) -> Page[Brought]:
    """Whom a member brought, newest first, and what each of them earned her."""
    wanted = select(Recruit).where(Recruit.parent_id == ambassador_id)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery()))
    after = request.row_id()
    if after is not None:
        wanted = wanted.where(Recruit.id < after)
    rows = db.session.execute(
        wanted.add_columns(Creator.name, Ambassador.status)
        .join(Creator, Creator.id == Recruit.creator_id)
        .outerjoin(
            Ambassador,
            (Ambassador.program_id == Recruit.program_id)
            & (Ambassador.creator_id == Recruit.creator_id),
        )
        .order_by(Recruit.id.desc())
        .limit(request.size + 1)
    ).all()
    shown = rows[: request.size]
    cursor = cursor_of(shown[-1][0].id) if len(rows) > request.size else None
    sums = _earned_by(ambassador_id, [recruit.creator_id for recruit, _, _ in shown])
    brought = [
        Brought(name, recruit.at, status, sums.get(recruit.creator_id, []))
        for recruit, name, status in shown
    ]
    return Page(brought, cursor, int(total or 0), is_first=after is None)


def recruit_of(program_id: int, creator_id: int) -> Recruit | None:
    """How a creator came to a program on somebody’s invitation, if she did."""
    wanted = select(Recruit).where(
        Recruit.program_id == program_id, Recruit.creator_id == creator_id
    )
    found: Recruit | None = db.session.scalar(wanted)
    return found


def first_shares(commission_ids: Sequence[int]) -> list[tuple[Commission, Recruit]]:
    """Those of these commissions that are the first share a recruit brought her recruiter."""
    child = Commission.__table__.alias("child")
    earlier, sale = Override.__table__.alias("earlier"), Commission.__table__.alias("sale")
    before = (
        select(earlier.c.id)
        .join(sale, sale.c.id == earlier.c.child_id)
        .where(
            earlier.c.level == 1, earlier.c.commission_id < Commission.id,
            sale.c.ambassador_id == child.c.ambassador_id,
        )
    )  # fmt: skip
    rows = db.session.execute(
        select(Commission, Recruit)
        .join(Override, Override.commission_id == Commission.id)
        .join(child, child.c.id == Override.child_id)
        .join(Ambassador, Ambassador.id == child.c.ambassador_id)
        .join(
            Recruit,
            (Recruit.program_id == Ambassador.program_id)
            & (Recruit.creator_id == Ambassador.creator_id),
        )
        .where(Commission.id.in_(commission_ids), Override.level == 1, ~before.exists())
        .order_by(Commission.id)
    )
    return [(row[0], row[1]) for row in rows]


def further(ambassador_id: int) -> list[Money]:
    """What the second level earned a member, in one sum per currency: no names (R144)."""
    net = func.sum(Commission.amount_minor - Commission.reversed_minor)
    rows = db.session.execute(
        select(Commission.currency, net)
        .join(Override, Override.commission_id == Commission.id)
        .where(Commission.ambassador_id == ambassador_id, Override.level == 2)
        .group_by(Commission.currency)
        .order_by(Commission.currency)
    )
    return [Money(int(minor), currency) for currency, minor in rows]


def totals_of(program_id: int) -> tuple[int, list[Money]]:
    """How many were recruited into a program, and what their recruiters earned by it."""
    count = select(func.count()).where(Recruit.program_id == program_id)
    net = func.sum(Commission.amount_minor - Commission.reversed_minor)
    rows = db.session.execute(
        select(Commission.currency, net)
        .join(Ambassador, Ambassador.id == Commission.ambassador_id)
        .where(
            Ambassador.program_id == program_id,
            (Commission.kind == CommissionKind.OVERRIDE) | Commission.source.like("first-sale:%"),
        )
        .group_by(Commission.currency)
        .order_by(Commission.currency)
    )
    costs = [Money(int(minor), currency) for currency, minor in rows]
    return int(db.session.scalar(count) or 0), costs


def first_sales() -> list[tuple[Recruit, datetime]]:
    """Recruits whose recruiter got nothing for a first sale yet, and when the first one that is
    approved was bought (R80)."""
    rows = db.session.execute(
        _approved(select(Recruit, func.min(Order.placed_at)))
        .where(Recruit.bonus_id.is_(None))
        .group_by(Recruit.id)
        .order_by(Recruit.id)
    )
    return [(row[0], row[1]) for row in rows]


def open_first_sales() -> list[tuple[Commission, bool]]:
    """What was earned by first sales and is not payable yet, and whether a sale still stands."""
    stands = _approved(select(Recruit.id)).correlate(None)
    rows = db.session.execute(
        select(Commission, Recruit.id.in_(stands))
        .join(Recruit, Recruit.bonus_id == Commission.id)
        .where(Commission.payable_at.is_(None))
        .order_by(Commission.id)
    )
    return [(row[0], bool(row[1])) for row in rows]


def drifted() -> Iterator[tuple[int, str]]:
    """(sale's commission, sentence) of shares whose ratio is not that of the recruit's (R75)."""
    lost = select(func.coalesce(func.sum(Loss.amount_minor), 0)).where(
        Loss.commission_id == Commission.id
    )
    child = Commission.__table__.alias("child")
    rows: Any = db.session.execute(
        select(Commission, child.c.id, child.c.amount_minor, child.c.reversed_minor,
               child.c.currency, lost.scalar_subquery())
        .join(Override, Override.commission_id == Commission.id)
        .join(child, child.c.id == Override.child_id)
        .where((Commission.reversed_minor > 0) | (child.c.reversed_minor > 0),
               Commission.void_reason == "")
        .order_by(Commission.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )  # fmt: skip
    for share, child_id, minor, back, currency, borne in rows:
        earned, net = Money(minor, currency), Money(minor - back, currency)
        wanted = rules.left_of(share.amount, earned, net)
        left = share.net - Money(int(borne), share.currency)
        if left != wanted:
            yield child_id, f"Referral {share.public_id} stands at {left}, not at {wanted}."


def violations() -> list[str]:
    """Sentences for `portal doctor`: every share has the ratio of what it is a share of."""
    loose = select(Commission.public_id).where(
        Commission.kind == CommissionKind.OVERRIDE,
        ~select(Override.id).where(Override.commission_id == Commission.id).exists(),
    )
    wrong = [f"Referral {one} belongs to no sale." for one in db.session.scalars(loose)]
    return wrong + [sentence for _, sentence in drifted()]


# ---- inside
def _earned_by(ambassador_id: int, recruits: Sequence[int]) -> dict[int, list[Money]]:
    """By recruit of these: what her sales, and her first one, earned this member."""
    net = func.sum(Commission.amount_minor - Commission.reversed_minor)
    child = Commission.__table__.alias("child")
    shares = (
        select(child.c.creator_id, Commission.currency, net)
        .join(Override, Override.commission_id == Commission.id)
        .join(child, child.c.id == Override.child_id)
        .where(
            Commission.ambassador_id == ambassador_id, Override.level == 1,
            child.c.creator_id.in_(recruits),
        )
        .group_by(child.c.creator_id, Commission.currency)
    )  # fmt: skip
    firsts = (
        select(Recruit.creator_id, Commission.currency, net)
        .join(Commission, Commission.id == Recruit.bonus_id)
        .where(Recruit.parent_id == ambassador_id, Recruit.creator_id.in_(recruits))
        .group_by(Recruit.creator_id, Commission.currency)
    )  # fmt: skip
    sums: dict[tuple[int, str], int] = {}
    for wanted in (shares, firsts):
        for who, currency, minor in db.session.execute(wanted):
            sums[who, currency] = sums.get((who, currency), 0) + int(minor)
    found: dict[int, list[Money]] = {}
    for (who, currency), minor in sorted(sums.items()):
        found.setdefault(who, []).append(Money(minor, currency))
    return found


def _approved(wanted: Any) -> Any:
    """Joined to the recruit's approved sales of which something is left."""
    return (
        wanted.join(
            Ambassador,
            (Ambassador.program_id == Recruit.program_id)
            & (Ambassador.creator_id == Recruit.creator_id),
        )
        .join(Commission, Commission.ambassador_id == Ambassador.id)
        .join(Order, Order.id == Commission.order_id)
        .where(
            Commission.kind == CommissionKind.SALE,
            Commission.status == CommissionStatus.PAYABLE,
            Order.base_minor > Order.taken_back_minor, Order.is_cancelled.is_(False),
        )
    )  # fmt: skip
