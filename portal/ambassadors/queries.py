"""Looking at memberships, their history and what was accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, func, select

from portal.ambassadors.models import Acceptance, Ambassador, MembershipStatus, StatusChange
from portal.creators.models import Creator
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.programs.models import Agreement
from portal.storage.model import db

Row = TypeVar("Row")

VIEWS: dict[str, tuple[MembershipStatus, ...]] = {
    "active": (MembershipStatus.ACTIVE,),
    "onboarding": (MembershipStatus.INVITED, MembershipStatus.ONBOARDING),
    "paused": (
        MembershipStatus.PAUSED,
        MembershipStatus.TERMS_NEEDED,
        MembershipStatus.SUSPENDED,
    ),
    "ended": (MembershipStatus.ENDED, MembershipStatus.BANNED),
    "all": tuple(MembershipStatus),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the roster: the membership and whose it is."""

    ambassador: Ambassador
    creator: Creator


def ambassador(ambassador_id: int) -> Ambassador:
    """A membership by row id. Raises NotFound."""
    return _found(db.session.get(Ambassador, ambassador_id))


def ambassadors(ambassador_ids: Sequence[int]) -> dict[int, Ambassador]:
    """Several memberships at once, for lists."""
    if not ambassador_ids:
        return {}
    rows = db.session.scalars(select(Ambassador).where(Ambassador.id.in_(set(ambassador_ids))))
    return {row.id: row for row in rows}


def members(ambassador_ids: Sequence[int]) -> dict[int, Member]:
    """Memberships with their creators, by membership row id, for lists that show names."""
    if not ambassador_ids:
        return {}
    rows = db.session.execute(_members().where(Ambassador.id.in_(set(ambassador_ids))))
    return {row[0].id: Member(row[0], row[1]) for row in rows}


def one_of_brand(brand_id: int, public_id: str) -> Ambassador:
    """A brand's membership by public id. Raises NotFound, for another brand's too."""
    query = select(Ambassador).where(
        Ambassador.brand_id == brand_id, Ambassador.public_id == public_id
    )
    return _found(db.session.scalar(query))


def one_of_creator(creator_id: int, public_id: str) -> Ambassador:
    """A creator's membership by public id. Raises NotFound, for somebody else's too."""
    query = select(Ambassador).where(
        Ambassador.creator_id == creator_id, Ambassador.public_id == public_id
    )
    return _found(db.session.scalar(query))


def of_creator(creator_id: int) -> Sequence[Ambassador]:
    """A creator's memberships, newest first."""
    query = select(Ambassador).where(Ambassador.creator_id == creator_id)
    return db.session.scalars(query.order_by(Ambassador.id.desc())).all()  # type: ignore[no-any-return]


def of_program(program_id: int, creator_id: int) -> Ambassador | None:
    """The creator's membership of a program, whatever its status; None when she has none."""
    query = select(Ambassador).where(
        Ambassador.program_id == program_id, Ambassador.creator_id == creator_id
    )
    return db.session.scalar(query)  # type: ignore[no-any-return]


def roster(
    brand_id: int,
    page: PageRequest | None = None,
    *,
    view: str = "active",
    text: str = "",
    program_id: int | None = None,
) -> Page[Member]:
    """A brand's ambassadors, newest first. `text` matches name or handle; an unknown view is
    "active"."""
    page = page or PageRequest()
    query = _members().where(
        Ambassador.brand_id == brand_id, Ambassador.status.in_(VIEWS.get(view, VIEWS["active"]))
    )
    if program_id is not None:
        query = query.where(Ambassador.program_id == program_id)
    if text:
        pattern = text.strip().lstrip("@")
        query = query.where(
            Creator.name.icontains(pattern, autoescape=True)
            | Creator.handle.icontains(pattern, autoescape=True)
        )
    position = page.position()
    total = _capped_count(query)
    if position:
        query = query.where(Ambassador.id < position[0])
    rows = db.session.execute(query.order_by(Ambassador.id.desc()).limit(page.size + 1)).all()
    shown = [Member(row[0], row[1]) for row in rows[: page.size]]
    more = len(rows) > page.size
    next_cursor = cursor_of(shown[-1].ambassador.id) if more else None
    return Page(shown, next_cursor, total, is_first=position is None)


def counts(brand_id: int) -> dict[str, int]:
    """How many memberships each view of the roster holds."""
    rows = db.session.execute(
        select(Ambassador.status, func.count())
        .where(Ambassador.brand_id == brand_id)
        .group_by(Ambassador.status)
    )
    by_status: dict[MembershipStatus, int] = dict(rows.all())
    return {
        view: sum(by_status.get(status, 0) for status in statuses)
        for view, statuses in VIEWS.items()
    }


def current_of_program(program_id: int, after: int, size: int) -> Sequence[Ambassador]:
    """The next members of a program by row id whose membership is not over."""
    query = select(Ambassador).where(
        Ambassador.program_id == program_id, Ambassador.id > after,
        Ambassador.activated_at.is_not(None),
        Ambassador.status.not_in((MembershipStatus.ENDED, MembershipStatus.BANNED)),
    )  # fmt: skip
    return db.session.scalars(query.order_by(Ambassador.id).limit(size)).all()  # type: ignore[no-any-return]


def active_count(program_id: int) -> int:
    """How many members a program has whose next order may earn."""
    query = select(func.count()).where(
        Ambassador.program_id == program_id, Ambassador.status == MembershipStatus.ACTIVE
    )
    return int(db.session.scalar(query) or 0)


def histories(
    ambassador_ids: Sequence[int],
) -> dict[int, list[tuple[datetime, MembershipStatus]]]:
    """(since, status) of several memberships, oldest first."""
    found: dict[int, list[tuple[datetime, MembershipStatus]]] = {}
    if not ambassador_ids:
        return found
    rows = db.session.execute(
        select(StatusChange.ambassador_id, StatusChange.at, StatusChange.status)
        .where(StatusChange.ambassador_id.in_(set(ambassador_ids)))
        .order_by(StatusChange.at, StatusChange.id)
    )
    for ambassador_id, at, status in rows:
        found.setdefault(ambassador_id, []).append((at, status))
    return found


def addresses(ambassador_ids: Sequence[int]) -> dict[int, set[str]]:
    """The addresses from which each membership's agreements were accepted."""
    rows = db.session.execute(
        select(Acceptance.ambassador_id, Acceptance.ip).where(
            Acceptance.ambassador_id.in_(set(ambassador_ids)), Acceptance.ip != ""
        )
    )
    found: dict[int, set[str]] = {}
    for ambassador_id, ip in rows:
        found.setdefault(ambassador_id, set()).add(ip)
    return found


def history_of(ambassador_id: int) -> Sequence[StatusChange]:
    """Every status a membership ever had, oldest first."""
    query = select(StatusChange).where(StatusChange.ambassador_id == ambassador_id)
    return db.session.scalars(query.order_by(StatusChange.at, StatusChange.id)).all()  # type: ignore[no-any-return]


def acceptances_of(ambassador_id: int) -> Sequence[tuple[Acceptance, Agreement]]:
    """What she accepted, newest first."""
    query = (
        select(Acceptance, Agreement)
        .join(Agreement, Agreement.id == Acceptance.agreement_id)
        .where(Acceptance.ambassador_id == ambassador_id)
        .order_by(Acceptance.id.desc())
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _members() -> Any:
    return select(Ambassador, Creator).join(Creator, Creator.id == Ambassador.creator_id)


def _capped_count(query: Select[Any]) -> int:
    inner = query.with_only_columns(Ambassador.id).limit(COUNT_CAP + 1).subquery()
    return int(db.session.scalar(select(func.count()).select_from(inner)) or 0)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound()
    return row
