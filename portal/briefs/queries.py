"""Looking at briefs, assignments, versions and comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import and_, case, func, or_, select

from portal.ambassadors import queries as ambassadors
from portal.briefs import offer, rules
from portal.briefs.models import (
    Assignment,
    AssignmentStatus,
    Brief,
    BriefStatus,
    BriefVersion,
    Comment,
    Submission,
    SubmissionStatus,
)
from portal.briefs.offer import BriefText
from portal.creators.models import Creator
from portal.identity.models import Brand
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.money import Money
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.storage.model import db

Row = TypeVar("Row")

BRIEF_VIEWS: Mapping[str, tuple[BriefStatus, ...]] = {
    "open": (BriefStatus.OPEN, BriefStatus.PAUSED),
    "approval": (BriefStatus.AWAITING_APPROVAL,),
    "draft": (BriefStatus.DRAFT,),
    "scheduled": (BriefStatus.SCHEDULED,),
    "closed": (BriefStatus.CLOSED, BriefStatus.ARCHIVED),
}
WORK_VIEWS: Mapping[str, tuple[AssignmentStatus, ...]] = {
    "todo": (
        AssignmentStatus.INVITED,
        AssignmentStatus.ACCEPTED,
        AssignmentStatus.CHANGES_REQUESTED,
    ),
    "review": (AssignmentStatus.SUBMITTED,),
    "changes": (AssignmentStatus.CHANGES_REQUESTED,),
    "done": (
        AssignmentStatus.COMPLETED,
        AssignmentStatus.DECLINED,
        AssignmentStatus.EXPIRED,
        AssignmentStatus.CANCELLED,
        AssignmentStatus.MISSED,
    ),
}


@dataclass(frozen=True, slots=True)
class BriefRow:
    """A line of the brand's list: how many assignments stand where, and what is spent so far."""

    brief: Brief
    invited: int
    accepted: int
    submitted: int
    completed: int
    spent: Money


@dataclass(frozen=True, slots=True)
class Work:
    """A creator's assignment with the text she was offered or has accepted."""

    assignment: Assignment
    brief: Brief
    brand: Brand
    text: BriefText
    due_words: str

    @property
    def last_moment(self) -> datetime:
        """The last whole minute in which it is on time, for pages that name an hour."""
        return self.assignment.due_at - timedelta(minutes=1)

    @property
    def has_newer_version(self) -> bool:
        """Whether the brief has changed since this text was accepted (R115)."""
        return self.brief.version > self.assignment.brief_version

    @property
    def pieces(self) -> str:
        """ "One reel": what is to be made."""
        return offer.pieces_in_words(self.text.deliverables)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is due at an instant, by row id."""

    to_open: Sequence[int]
    to_close: Sequence[int]
    to_miss: Sequence[int]
    to_archive: Sequence[int]


# ---- briefs


def one_of_brand(brand_id: int, public_id: str) -> Brief:
    """A brand's brief by public id. Raises NotFound, for another brand's too."""
    query = select(Brief).where(Brief.brand_id == brand_id, Brief.public_id == public_id)
    return _found(db.session.scalar(query))


def brief(brief_id: int) -> Brief:
    """A brief by row id, for subscribers. Raises NotFound."""
    return _found(db.session.get(Brief, brief_id))


def listing(brand_id: int, view: str, request: PageRequest) -> Page[BriefRow]:
    """A brand's briefs of one view of BRIEF_VIEWS, newest first."""
    statuses = BRIEF_VIEWS.get(view, BRIEF_VIEWS["open"])
    query = select(Brief).where(Brief.brand_id == brand_id, Brief.status.in_(statuses))
    total, position = capped_count(query, Brief.id), request.position()
    if position:
        query = query.where(Brief.id < int(position[0]))
    found = db.session.scalars(query.order_by(Brief.id.desc()).limit(request.size + 1)).all()
    shown = found[: request.size]
    cursor = cursor_of(shown[-1].id) if len(found) > request.size else None
    standing = _standing([row.id for row in shown])
    rows = [_brief_row(row, standing.get(row.id, {})) for row in shown]
    return Page(rows, cursor, total, is_first=position is None)


def row_of(found: Brief) -> BriefRow:
    """One brief with its figures."""
    return _brief_row(found, _standing([found.id]).get(found.id, {}))


def view_counts(brand_id: int) -> dict[str, int]:
    """How many briefs each view holds."""
    rows = db.session.execute(
        select(Brief.status, func.count()).where(Brief.brand_id == brand_id).group_by(Brief.status)
    )
    return by_view(BRIEF_VIEWS, rows.all())


def text_of(found: Brief) -> BriefText:
    """The newest text of a brief."""
    return BriefText(
        title=found.title, goal=found.goal, message=found.message, dos=found.dos,
        donts=found.donts, deliverables=offer.pieces_from(found.deliverables),
        required_tags=tuple(found.required_tags), disclosure_line=found.disclosure_line,
        fee=found.fee, fee_hold_days=found.fee_hold_days, capacity=found.capacity,
        due_on=found.due_on, kill_fee_bp=found.kill_fee_bp, delivery_days=found.delivery_days,
        auto_approves=found.auto_approves,
    )  # fmt: skip


def due_by_calendar(now: datetime) -> Calendar:
    """Which briefs and assignments the calendar moves at this instant."""
    going = (BriefStatus.OPEN, BriefStatus.PAUSED)
    return Calendar(
        to_open=_ids(Brief, Brief.status == BriefStatus.SCHEDULED, Brief.starts_at <= now),
        to_close=_ids(Brief, Brief.status.in_(going), Brief.due_at <= now),
        to_miss=_ids(
            Assignment,
            Assignment.status.in_((AssignmentStatus.ACCEPTED, AssignmentStatus.CHANGES_REQUESTED)),
            Assignment.due_at <= now - rules.MISSED_AFTER,
        ),
        to_archive=_ids(
            Brief, Brief.status == BriefStatus.CLOSED, Brief.closed_at <= now - rules.ARCHIVED_AFTER
        ),
    )


# ---- assignments


def assignment(assignment_id: int) -> Assignment:
    """An assignment by row id, for subscribers. Raises NotFound."""
    return _found(db.session.get(Assignment, assignment_id))


def work(assignment_id: int) -> Work:
    """An assignment with its text by row id, for subscribers. Raises NotFound."""
    row = db.session.execute(_work().where(Assignment.id == assignment_id)).first()
    return _as_work(_found(row))


def work_of_brand(brand_id: int, public_id: str) -> Work:
    """One ambassador's part in a brand's brief. Raises NotFound, for another brand's too."""
    query = _work().where(Assignment.brand_id == brand_id, Assignment.public_id == public_id)
    return _as_work(_found(db.session.execute(query).first()))


def one_of_creator(creator_id: int, public_id: str) -> Work:
    """A creator's assignment. Raises NotFound, for somebody else's too."""
    query = _work().where(Assignment.creator_id == creator_id, Assignment.public_id == public_id)
    return _as_work(_found(db.session.execute(query).first()))


def of_creator(creator_id: int, view: str, request: PageRequest) -> Page[Work]:
    """A creator's assignments of one view of WORK_VIEWS, the soonest due first."""
    statuses = WORK_VIEWS.get(view, WORK_VIEWS["todo"])
    query = _work().where(Assignment.creator_id == creator_id, Assignment.status.in_(statuses))
    newest_first = view == "done"
    total, position = capped_count(query, Assignment.id), request.moment()
    order = Assignment.due_at.desc() if newest_first else Assignment.due_at
    if position:
        due_at, row_id = position
        beyond = Assignment.due_at < due_at if newest_first else Assignment.due_at > due_at
        query = query.where(or_(beyond, and_(Assignment.due_at == due_at, Assignment.id > row_id)))
    rows = db.session.execute(query.order_by(order, Assignment.id).limit(request.size + 1)).all()
    shown = [_as_work(row) for row in rows[: request.size]]
    cursor = None
    if len(rows) > request.size:
        last = shown[-1].assignment
        cursor = cursor_of(last.due_at.isoformat(), last.id)
    return Page(shown, cursor, total, is_first=position is None)


def work_counts(creator_id: int) -> dict[str, int]:
    """How many assignments each of a creator's views holds."""
    rows = db.session.execute(
        select(Assignment.status, func.count())
        .where(Assignment.creator_id == creator_id)
        .group_by(Assignment.status)
    )
    return by_view(WORK_VIEWS, rows.all())


def due_next(creator_id: int, limit: int = 3) -> Sequence[Work]:
    """What a creator has to answer or deliver next, soonest first (the home page's "Due next")."""
    query = _work().where(
        Assignment.creator_id == creator_id,
        Assignment.status.in_(WORK_VIEWS["todo"]),
        or_(Assignment.status != AssignmentStatus.INVITED, Brief.status == BriefStatus.OPEN),
    )
    rows = db.session.execute(query.order_by(Assignment.due_at, Assignment.id).limit(limit))
    return [_as_work(row) for row in rows]


def assignments_of(
    found: Brief, request: PageRequest
) -> Page[tuple[Assignment, Creator, Submission | None]]:
    """Who was asked and how far each one is, with the newest version sent; oldest first."""
    query = (
        select(Assignment, Creator)
        .join(Creator, Creator.id == Assignment.creator_id)
        .where(Assignment.brief_id == found.id)
    )
    total, position = capped_count(query, Assignment.id), request.position()
    if position:
        query = query.where(Assignment.id > int(position[0]))
    rows = db.session.execute(query.order_by(Assignment.id).limit(request.size + 1)).all()
    shown = rows[: request.size]
    newest = _newest_versions([row[0].id for row in shown])
    listed = [(row[0], row[1], newest.get(row[0].id)) for row in shown]
    cursor = cursor_of(shown[-1][0].id) if len(rows) > request.size else None
    return Page(listed, cursor, total, is_first=position is None)


def reach(found: Brief) -> int:
    """To how many a brief goes: those invited once it is open, before that the active members."""
    if found.opened_at is None:
        return ambassadors.active_count(found.program_id)
    invited = select(func.count()).where(Assignment.brief_id == found.id)
    return int(db.session.scalar(invited) or 0)


def submission(submission_id: int) -> Submission:
    """A version by row id, for subscribers. Raises NotFound."""
    return _found(db.session.get(Submission, submission_id))


def open_comments(assignment_id: int) -> Sequence[Comment]:
    """What the brand still asks for, on any version."""
    rows = db.session.scalars(
        select(Comment)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(
            Submission.assignment_id == assignment_id,
            Comment.is_from_brand,
            Comment.reply_to.is_(None),
            Comment.resolved_at.is_(None),
        )
        .order_by(Comment.id)
    )
    return rows.all()  # type: ignore[no-any-return]


def violations() -> list[str]:
    """Completed assignments without exactly one approved version; approvals R113 forbids."""
    is_approved = Submission.status == SubmissionStatus.APPROVED
    approved = func.count(case((is_approved, 1)))
    odd = db.session.execute(
        select(Assignment.public_id, approved)
        .outerjoin(Submission, Submission.assignment_id == Assignment.id)
        .group_by(Assignment.id, Assignment.public_id, Assignment.status)
        .having(approved != case((Assignment.status == AssignmentStatus.COMPLETED, 1), else_=0))
    )
    wrong = [f"Assignment {public_id} has {count} approved versions." for public_id, count in odd]
    captions = db.session.execute(
        select(Submission.public_id, Submission.caption).where(is_approved)
    )
    return wrong + [
        f"Version {public_id} was approved without a disclosure."
        for public_id, caption in captions
        if not rules.disclosure_check(caption).passed
    ]


# ---- inside


def with_version(query: Any) -> Any:
    """Join an assignment's brief and the text of the version it stands on."""
    accepted = and_(
        BriefVersion.brief_id == Assignment.brief_id,
        BriefVersion.number == Assignment.brief_version,
    )
    return query.join(Brief, Brief.id == Assignment.brief_id).join(BriefVersion, accepted)


def by_view(views: Mapping[str, Sequence[Any]], rows: Sequence[Any]) -> dict[str, int]:
    """(status, count) rows summed into the views of a list."""
    counts = {row[0]: row[1] for row in rows}
    return {view: sum(counts.get(s, 0) for s in statuses) for view, statuses in views.items()}


def capped_count(query: Any, column: Any) -> int:
    """How many rows a query has, counted no further than a page shows."""
    limited = query.with_only_columns(column).limit(COUNT_CAP + 1).subquery()
    return int(db.session.scalar(select(func.count()).select_from(limited)) or 0)


def _work() -> Any:
    query = select(Assignment, Brief, Brand, BriefVersion).join(
        Brand, Brand.id == Assignment.brand_id
    )
    return with_version(query)


def _as_work(row: Any) -> Work:
    due = rules.due_words(row[0].due_at, clock.now())
    return Work(row[0], row[1], row[2], offer.from_content(row[3].content), due)


def _newest_versions(assignment_ids: Sequence[int]) -> dict[int, Submission]:
    rows = db.session.scalars(
        select(Submission)
        .where(Submission.assignment_id.in_(assignment_ids), Submission.sent_at.is_not(None))
        .order_by(Submission.version)
    )
    return {row.assignment_id: row for row in rows}


def _standing(brief_ids: Sequence[int]) -> dict[int, dict[AssignmentStatus, tuple[int, int]]]:
    rows = db.session.execute(
        select(
            Assignment.brief_id, Assignment.status, func.count(), func.sum(Assignment.owed_minor)
        )
        .where(Assignment.brief_id.in_(brief_ids))
        .group_by(Assignment.brief_id, Assignment.status)
    )
    found: dict[int, dict[AssignmentStatus, tuple[int, int]]] = {}
    for brief_id, status, count, owed in rows:
        found.setdefault(brief_id, {})[status] = (count, int(owed))
    return found


def _brief_row(found: Brief, standing: Mapping[AssignmentStatus, tuple[int, int]]) -> BriefRow:
    def count(*statuses: AssignmentStatus) -> int:
        return sum(standing.get(status, (0, 0))[0] for status in statuses)

    done = AssignmentStatus.COMPLETED
    return BriefRow(
        brief=found,
        invited=sum(number for number, _ in standing.values()),
        accepted=count(
            AssignmentStatus.ACCEPTED, AssignmentStatus.SUBMITTED,
            AssignmentStatus.CHANGES_REQUESTED, done,
        ),
        submitted=count(AssignmentStatus.SUBMITTED),
        completed=count(done),
        spent=Money(sum(owed for _, owed in standing.values()), found.currency),
    )  # fmt: skip


def _ids(model: Any, *conditions: Any) -> Sequence[int]:
    return db.session.scalars(select(model.id).where(*conditions).order_by(model.id)).all()  # type: ignore[no-any-return]


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound()
    return row
