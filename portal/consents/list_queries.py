"""Who said what to one version: the brand's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.consents import queries
from portal.consents.models import Answer, TermsAnswer, TiersAnswer
from portal.consents.rules import Step
from portal.consents.subjects import Row, Subject
from portal.creators.models import Creator
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db

OVER = (MembershipStatus.ENDED, MembershipStatus.BANNED)


@dataclass(frozen=True, slots=True)
class Answered:
    """One member, what she said, and what that means for her."""

    ambassador: Ambassador
    creator: Creator
    said: TermsAnswer | TiersAnswer | None
    step: Step | None

    @property
    def is_asked(self) -> bool:
        return self.step is not None and bool(self.step.lost)


def answers(subject: Subject, row: Row, view: str, page: PageRequest) -> Page[Answered]:
    """One view of a version's members, newest first."""
    query, position = _of(subject, row, view), page.row_id()
    total = _count(query)
    if position is not None:
        query = query.where(Ambassador.id < position)
    rows = db.session.execute(query.order_by(Ambassador.id.desc()).limit(page.size + 1)).all()
    some = rows[: page.size]
    steps = queries.steps_of_members([one[0] for one in some], row, subject)
    shown = [Answered(one[0], one[1], one[2], steps.get(one[0].id)) for one in some]
    more = len(rows) > page.size
    cursor = cursor_of(shown[-1].ambassador.id) if more else None
    return Page(shown, cursor, total, is_first=position is None)


def counts(subject: Subject, row: Row) -> dict[str, int]:
    """How many members each view holds, up to the cap of counts."""
    return {view: _count(_of(subject, row, view)) for view in ("accepted", "declined", "open")}


def every_answer(subject: Subject, row: Row) -> Sequence[Answered]:
    """Everybody who answered, by when."""
    said = subject.answers
    rows = db.session.execute(
        select(Ambassador, Creator, said)
        .join(said, said.ambassador_id == Ambassador.id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(said.version_id == row.id, said.is_latest)
        .order_by(said.at, said.id)
    )
    return [Answered(one[0], one[1], one[2], None) for one in rows]


def _of(subject: Subject, row: Row, view: str) -> Any:
    said = subject.answers
    hers = and_(said.ambassador_id == Ambassador.id, said.version_id == row.id, said.is_latest)
    query: Any = (
        select(Ambassador, Creator, said)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .outerjoin(said, hers)
        .where(Ambassador.program_id == row.program_id)
    )
    if view == "open":
        return query.where(
            said.id.is_(None), Ambassador.status.not_in(OVER),
            Ambassador.activated_at < row.effective_at,
        )  # fmt: skip
    return query.where(said.answer == Answer(view))


def _count(query: Any) -> int:
    inner = query.with_only_columns(Ambassador.id).limit(COUNT_CAP + 1).subquery()
    return int(db.session.scalar(select(func.count()).select_from(inner)) or 0)
