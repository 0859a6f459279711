"""Which programs are to be looked at, the lists, and what would be wrong."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from portal.ambassadors.models import Ambassador
from portal.creators.models import Creator
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.standings import looking
from portal.standings.check_queries import violations as violations
from portal.storage.model import db
from portal.tiers import queries as tiers
from portal.tiers.models import (
    ListStatus,
    MoveKind,
    TierList,
    TierListLine,
    TierMove,
    TierStanding,
)

DAY = timedelta(days=1)
ListRow = tuple[TierListLine, Ambassador, Creator]


def due() -> list[int]:
    """The programs whose last look is a day old, or was by another ladder than today's."""
    latest = select(func.max(TierList.id)).group_by(TierList.program_id)
    rows = db.session.scalars(select(TierList).where(TierList.id.in_(latest)))
    last = {row.program_id: row for row in rows}
    now, found = clock.now(), []
    for program_id, versions in sorted(tiers.versions_of(tiers.tiered_programs()).items()):
        ladder, looked = tiers.in_force(versions, now), last.get(program_id)
        if ladder is None and any(one.lost for one in versions):
            ladder = looking.whose(program_id).leading
        if ladder is None:
            found += [program_id] if looked and _is_left(looked) else []
        elif looked is None or looked.ladder_id != ladder.id or looked.made_at <= now - DAY:
            found.append(program_id)
    return found


def _is_left(looked: TierList) -> bool:
    """Whether something of ended tiers is left: a list that waits, or names."""
    named = select(Ambassador.id).where(
        Ambassador.program_id == looked.program_id, Ambassador.tier != ""
    )
    is_waiting = looked.status is ListStatus.WAITING
    return is_waiting or db.session.scalar(named.limit(1)) is not None


def lists_due() -> Sequence[int]:
    """The row ids of the lists that wait and whose day has come."""
    wanted = select(TierList.id).where(
        TierList.status == ListStatus.WAITING, TierList.runs_at <= clock.now()
    )
    return db.session.scalars(wanted.order_by(TierList.id)).all()


def program_of(list_id: int) -> int:
    """The program row id of a list. Raises NotFound."""
    found = db.session.scalar(select(TierList.program_id).where(TierList.id == list_id))
    if found is None:
        raise NotFound()
    return int(found)


def list_of_program(program_id: int, public_id: str) -> TierList:
    """A program's list by public id. Raises NotFound, for another program's too."""
    found: TierList | None = db.session.scalar(
        select(TierList).where(TierList.program_id == program_id, TierList.public_id == public_id)
    )
    if found is None:
        raise NotFound()
    return found


def lists_of(program_id: int, limit: int = 10) -> Sequence[TierList]:
    """A program's latest lists that had something in them."""
    return db.session.scalars(
        select(TierList)
        .where(TierList.program_id == program_id, TierList.status != ListStatus.EMPTY)
        .order_by(TierList.id.desc())
        .limit(limit)
    ).all()


def waiting_of(program_id: int) -> TierList | None:
    """The list that waits to take effect; None when none does."""
    found: TierList | None = db.session.scalar(
        select(TierList)
        .where(TierList.program_id == program_id, TierList.status == ListStatus.WAITING)
        .order_by(TierList.id.desc())
        .limit(1)
    )
    return found


def counts_in(list_id: int) -> dict[MoveKind, int]:
    """How many lines of each kind a list has."""
    rows = db.session.execute(
        select(TierListLine.kind, func.count())
        .where(TierListLine.list_id == list_id)
        .group_by(TierListLine.kind)
    )
    return {kind: count for kind, count in rows}  # noqa: C416  (rows, not pairs)


def lines_of(list_id: int, page: PageRequest) -> Page[ListRow]:
    """A list's lines, in the order they were written."""
    wanted = (
        select(TierListLine, Ambassador, Creator)
        .join(Ambassador, Ambassador.id == TierListLine.ambassador_id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(TierListLine.list_id == list_id)
        .order_by(TierListLine.id)
    )
    after = page.row_id()
    if after is not None:
        wanted = wanted.where(TierListLine.id > after)
    rows = db.session.execute(wanted.limit(page.size + 1)).all()
    shown = [(row[0], row[1], row[2]) for row in rows[: page.size]]
    more = cursor_of(shown[-1][0].id) if len(rows) > page.size else None
    return Page(shown, more, sum(counts_in(list_id).values()), is_first=after is None)


def members_on(program_id: int, step: int, first: bool, page: PageRequest) -> Page[
    tuple[Ambassador, Creator, TierStanding | None]
]:  # fmt: skip
    """Who stands on a tier; on the first, whoever never left it too."""
    wanted = (
        select(Ambassador, Creator, TierStanding)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .outerjoin(TierStanding, TierStanding.ambassador_id == Ambassador.id)
        .where(Ambassador.program_id == program_id, Ambassador.status.in_(tiers.PLACED))
    )
    stands = TierStanding.step == step
    wanted = wanted.where(stands | TierStanding.id.is_(None) if first else stands)
    total = db.session.scalar(
        select(func.count()).select_from(wanted.limit(COUNT_CAP + 1).subquery())
    )
    after = page.row_id()
    if after is not None:
        wanted = wanted.where(Ambassador.id < after)
    rows = db.session.execute(wanted.order_by(Ambassador.id.desc()).limit(page.size + 1)).all()
    shown = [(row[0], row[1], row[2]) for row in rows[: page.size]]
    more = cursor_of(shown[-1][0].id) if len(rows) > page.size else None
    return Page(shown, more, int(total or 0), is_first=after is None)


def history_of(ambassador_id: int, limit: int = 20) -> Sequence[TierMove]:
    """What happened to a standing, newest first."""
    return db.session.scalars(
        select(TierMove)
        .where(TierMove.ambassador_id == ambassador_id)
        .order_by(TierMove.at.desc(), TierMove.id.desc())
        .limit(limit)
    ).all()
