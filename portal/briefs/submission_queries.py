"""Looking at sent versions, the review queue and the comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import and_, case, func, or_, select

from portal.briefs import offer, queries, rules
from portal.briefs.models import (
    Assignment,
    Brief,
    BriefVersion,
    Comment,
    Submission,
    SubmissionStatus,
)
from portal.briefs.offer import BriefText
from portal.briefs.rules import Check
from portal.creators.models import Creator
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import Page, PageRequest, cursor_of
from portal.storage.model import db

Row = TypeVar("Row")

REVIEW_VIEWS: Mapping[str, tuple[SubmissionStatus, ...]] = {
    "review": (SubmissionStatus.IN_REVIEW,),
    "changes": (SubmissionStatus.CHANGES_REQUESTED,),
    "approved": (SubmissionStatus.APPROVED,),
    "rejected": (SubmissionStatus.REJECTED,),
}
SENT = (
    SubmissionStatus.IN_REVIEW,
    SubmissionStatus.CHANGES_REQUESTED,
    SubmissionStatus.APPROVED,
)


@dataclass(frozen=True, slots=True)
class Review:
    """A version with whose it is and what was asked."""

    submission: Submission
    assignment: Assignment
    brief: Brief
    creator: Creator
    text: BriefText
    checks: Sequence[Check]

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with its place in the assignment, who wrote it, on which version, and answers."""

    comment: Comment
    author: str
    version: int
    place: int
    replies: Sequence["Thread"] = ()


def submission(submission_id: int) -> Submission:
    """A version by row id, for subscribers. Raises NotFound."""
    return _found(db.session.get(Submission, submission_id))


def versions_of(assignment_id: int) -> Sequence[Submission]:
    """Every version of an assignment, oldest first."""
    query = select(Submission).where(Submission.assignment_id == assignment_id)
    return db.session.scalars(query.order_by(Submission.version)).all()  # type: ignore[no-any-return]


def draft_of(assignment_id: int) -> Submission | None:
    """What is saved and not yet sent."""
    versions = versions_of(assignment_id)
    return next((v for v in versions if v.status is SubmissionStatus.DRAFT), None)


def checks_for(found: Assignment, caption: str, live_url: str) -> list[Check]:
    """The checks of a caption and link against what was accepted, as of now. Writes nothing."""
    asked = offer.from_content(_version(found).content)
    used = select(Submission.id).where(
        Submission.live_url == live_url,
        Submission.assignment_id != found.id,
        Submission.status.in_(SENT),
    )
    return rules.checks_of(
        rules.Delivered(
            caption, live_url, clock.now(),
            used_before=bool(live_url) and db.session.scalar(used.limit(1)) is not None,
        ),
        rules.Asked(
            asked.disclosure_line, asked.required_tags,
            tuple(d.channel for d in asked.deliverables), found.due_at,
        ),
    )  # fmt: skip


def review_of_brand(brand_id: int, public_id: str) -> Review:
    """A version that was sent to this brand. Raises NotFound for drafts and other brands' too."""
    query = _reviews().where(Submission.brand_id == brand_id, Submission.public_id == public_id)
    found = _found(db.session.execute(query).first())
    if found[0].sent_at is None:
        raise NotFound()
    return _as_review(found)


def version_of_creator(creator_id: int, public_id: str) -> Submission:
    """A creator's own version. Raises NotFound, for somebody else's too."""
    query = (
        select(Submission)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.creator_id == creator_id, Submission.public_id == public_id)
    )
    return _found(db.session.scalar(query))


def review_queue(brand_id: int, view: str, request: PageRequest) -> Page[Review]:
    """Versions of one view of REVIEW_VIEWS: those that wait oldest first, decided ones newest."""
    statuses = REVIEW_VIEWS.get(view, REVIEW_VIEWS["review"])
    query = _reviews().where(Submission.brand_id == brand_id, Submission.status.in_(statuses))
    newest_first = view not in ("review", "")
    total, position = queries.capped_count(query, Submission.id), request.moment()
    order = Submission.sent_at.desc() if newest_first else Submission.sent_at
    if position:
        sent_at, row_id = position
        beyond = Submission.sent_at < sent_at if newest_first else Submission.sent_at > sent_at
        query = query.where(
            or_(beyond, and_(Submission.sent_at == sent_at, Submission.id > row_id))
        )
    rows = db.session.execute(query.order_by(order, Submission.id).limit(request.size + 1)).all()
    shown = [_as_review(row) for row in rows[: request.size]]
    cursor = None
    if len(rows) > request.size:
        last = shown[-1].submission
        cursor = cursor_of((last.sent_at or clock.now()).isoformat(), last.id)
    return Page(shown, cursor, total, is_first=position is None)


def review_counts(brand_id: int) -> dict[str, int]:
    """How many versions each view of the review queue holds."""
    rows = db.session.execute(
        select(Submission.status, func.count())
        .where(Submission.brand_id == brand_id)
        .group_by(Submission.status)
    )
    return queries.by_view(REVIEW_VIEWS, rows.all())


def place_in_queue(sent: Submission) -> tuple[int, int] | None:
    """(its place, how many wait) of a version in review, the longest-waiting being 1."""
    if sent.status is not SubmissionStatus.IN_REVIEW:
        return None
    is_earlier = or_(
        Submission.sent_at < sent.sent_at,
        and_(Submission.sent_at == sent.sent_at, Submission.id <= sent.id),
    )
    waiting = select(func.count(case((is_earlier, 1))), func.count()).where(
        Submission.brand_id == sent.brand_id, Submission.status == SubmissionStatus.IN_REVIEW
    )
    place, total = db.session.execute(waiting).one()
    return place, total


def threads_of(assignment_id: int) -> Sequence[Thread]:
    """Every comment on every version of an assignment with its answers, oldest first."""
    rows = db.session.execute(
        select(Comment, Submission.version)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Submission.assignment_id == assignment_id)
        .order_by(Comment.id)
    ).all()
    people = identity.users([row[0].author_id for row in rows])
    names = {user_id: user.name for user_id, user in people.items()}
    answers: dict[int, list[Thread]] = {}
    for said, version in rows:
        if said.reply_to:
            answers.setdefault(said.reply_to, []).append(
                Thread(said, names.get(said.author_id, ""), version, 0)
            )
    first = [(said, version) for said, version in rows if not said.reply_to]
    return [
        Thread(said, names.get(said.author_id, ""), version, place, answers.get(said.id, ()))
        for place, (said, version) in enumerate(first, start=1)
    ]


def comment_on(assignment_id: int, public_id: str) -> Comment:
    """A comment on any version of an assignment that the caller may see. Raises NotFound."""
    query = (
        select(Comment)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Submission.assignment_id == assignment_id, Comment.public_id == public_id)
    )
    return _found(db.session.scalar(query))


# ---- inside


def _version(found: Assignment) -> BriefVersion:
    query = select(BriefVersion).where(
        BriefVersion.brief_id == found.brief_id, BriefVersion.number == found.brief_version
    )
    return _found(db.session.scalar(query))


def _reviews() -> Any:
    query = (
        select(Submission, Assignment, Brief, Creator, BriefVersion)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(Creator, Creator.id == Assignment.creator_id)
    )
    return queries.with_version(query)


def _as_review(row: Any) -> Review:
    sent, found, brief, creator, version = row
    checks = rules.checks_again(sent.checks, sent.caption)
    return Review(sent, found, brief, creator, offer.from_content(version.content), checks)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound()
    return row


def long_in_review(now: datetime) -> Sequence[int]:
    """Row ids of versions that were sent so long ago that they may approve themselves (R116)."""
    sent = select(Submission.id).where(
        Submission.status == SubmissionStatus.IN_REVIEW,
        Submission.sent_at <= now - timedelta(days=rules.REVIEW_DAYS),
    )
    return db.session.scalars(sent.order_by(Submission.id)).all()  # type: ignore[no-any-return]
