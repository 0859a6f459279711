"""Looking at applications: the brand's queue, the creator's own, one by one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from portal.applications.models import DECIDED, Application, ApplicationStatus
from portal.applications.rules import Applicant, ChannelFacts, Wanted, answered_count
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.programs.models import Program
from portal.storage.model import db

Row = TypeVar("Row")

VIEWS = ("new", "meets", "info", "shortlisted", "approved", "declined", "expired", "all")
DEFAULT_VIEW = "new"
# Best engaged first, then best fit: follower counts do not decide who is read first.
_ENGAGED = func.coalesce(Application.engagement_bp, -1)
_RANK = (_ENGAGED.desc(), Application.fit_score.desc(), Application.id.asc())


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Public ids of the applications before and after one in its view; None at the ends."""

    previous: str | None
    next: str | None


def application(application_id: int) -> Application:
    """An application by row id. Raises NotFound."""
    return _found(db.session.get(Application, application_id))


def one_of_brand(brand_id: int, public_id: str) -> Application:
    """A brand's application by public id. Raises NotFound, for drafts and other brands' too."""
    query = select(Application).where(
        Application.brand_id == brand_id,
        Application.public_id == public_id,
        Application.status != ApplicationStatus.DRAFT,
    )
    return _found(db.session.scalar(query))


def one_of_creator(creator_id: int, public_id: str) -> Application:
    """A creator's application by public id. Raises NotFound, for somebody else's too."""
    query = select(Application).where(
        Application.creator_id == creator_id, Application.public_id == public_id
    )
    return _found(db.session.scalar(query))


def by_token(program_id: int, token: str) -> Application | None:
    """The draft that a browser's secret opens; None when there is none in this program."""
    if not token:
        return None
    digest = hashlib.sha256(token.encode()).hexdigest()
    query = select(Application).where(
        Application.program_id == program_id, Application.draft_token == digest
    )
    return db.session.scalar(query)  # type: ignore[no-any-return]


def of_creator(creator_id: int) -> Sequence[Application]:
    """All that a creator sent, newest first."""
    query = select(Application).where(Application.creator_id == creator_id)
    return db.session.scalars(query.order_by(Application.id.desc())).all()  # type: ignore[no-any-return]


def of_program(program_id: int, creator_id: int) -> Sequence[Application]:
    """What a creator sent to one program, newest first."""
    return [row for row in of_creator(creator_id) if row.program_id == program_id]


def of_ambassador(ambassador_id: int) -> Application | None:
    """The application a membership came from; None when it came otherwise."""
    query = select(Application).where(Application.ambassador_id == ambassador_id)
    return db.session.scalar(query.order_by(Application.id.desc()).limit(1))  # type: ignore[no-any-return]


def inbox(
    brand_id: int,
    view: str = DEFAULT_VIEW,
    page: PageRequest | None = None,
    *,
    text: str = "",
    total: int | None = None,
) -> Page[Application]:
    """One view of a brand's queue: undecided ones best engaged first, decided ones newest first.

    `text` matches name, e-mail or reference; `total` is how many the view holds, where the caller
    knows it. Raises InvalidInput for a made-up cursor.
    """
    page = page or PageRequest()
    query = select(Application).where(_in_view(brand_id, view))
    if text:
        query = query.where(_matches(text))
    position = page.position()
    total = _capped_count(query) if total is None or text else total
    if position:
        query = query.where(_after(view, position))
    rows = db.session.scalars(query.order_by(*_order(view)).limit(page.size + 1)).all()
    shown = rows[: page.size]
    next_cursor = cursor_of(*_key(view, shown[-1])) if len(rows) > page.size else None
    return Page(shown, next_cursor, total, is_first=position is None)


def all_in_view(brand_id: int, view: str, text: str, most: int) -> Sequence[Application]:
    """Everybody in a view, and who matches `text`, in the view's order, at most so many."""
    query = select(Application).where(_in_view(brand_id, view))
    if text:
        query = query.where(_matches(text))
    return db.session.scalars(query.order_by(*_order(view)).limit(most)).all()  # type: ignore[no-any-return]


def counts(brand_id: int, since: datetime | None = None) -> dict[str, int]:
    """How many applications each view holds, in one query; with `since` also under "decided" how
    many were decided from that instant on."""
    is_new = Application.status == ApplicationStatus.SUBMITTED
    cases: dict[str, ColumnElement[bool]] = {
        "new": is_new,
        "meets": and_(is_new, Application.meets_criteria),
        "info": Application.status == ApplicationStatus.INFO_NEEDED,
        "shortlisted": Application.status == ApplicationStatus.SHORTLISTED,
        "approved": Application.status == ApplicationStatus.APPROVED,
        "declined": Application.status == ApplicationStatus.DECLINED,
        "expired": Application.status == ApplicationStatus.EXPIRED,
        "all": Application.status != ApplicationStatus.DRAFT,
    }
    if since is not None:
        cases["decided"] = and_(Application.status.in_(DECIDED), Application.decided_at >= since)
    sums = [func.coalesce(func.sum(case((test, 1), else_=0)), 0) for test in cases.values()]
    row = db.session.execute(select(*sums).where(Application.brand_id == brand_id)).one()
    return dict(zip(cases, map(int, row), strict=True))


def neighbours_in(page: Page[Application], application: Application) -> Neighbours | None:
    """The neighbours of an application within a page of its view; None when it stands at an edge
    of the page beyond which there are more, or is not on it."""
    ids = [row.public_id for row in page.rows]
    if application.public_id not in ids:
        return None
    at = ids.index(application.public_id)
    at_start, at_end = at == 0, at == len(ids) - 1
    if (at_start and not page.is_first) or (at_end and page.next_cursor):
        return None
    return Neighbours(None if at_start else ids[at - 1], None if at_end else ids[at + 1])


def neighbours(brand_id: int, view: str, application: Application) -> Neighbours:
    """Who stands before and after an application in a view, whether it still is in it or not."""
    base = select(Application.public_id).where(_in_view(brand_id, view))
    key = _key(view, application)
    following = base.where(_after(view, list(key))).order_by(*_order(view)).limit(1)
    preceding = base.where(_before(view, list(key))).order_by(*_order(view, reverse=True)).limit(1)
    return Neighbours(db.session.scalar(preceding), db.session.scalar(following))


def leaving(brand_id: int, user_id: int) -> Sequence[Application]:
    """A person's decisions whose messages have not left, newest first: what the undo bar shows."""
    query = select(Application).where(
        Application.brand_id == brand_id,
        Application.decided_by == user_id,
        Application.status.in_(DECIDED),
        Application.undo_until > clock.now(),
    )
    newest_first = query.order_by(Application.decided_at.desc(), Application.id.desc())
    return db.session.scalars(newest_first).all()  # type: ignore[no-any-return]


def wanted_by(program: Program) -> Wanted:
    """What a program asks of applicants, as the rules read it."""
    return Wanted(
        tuple(program.countries),
        program.min_followers,
        program.min_engagement_bp,
        program.requires_adult,
    )


def applicant_of(application: Application) -> Applicant:
    """What the rules look at in an application."""
    channels = tuple(ChannelFacts(**channel) for channel in application.channels)
    return Applicant(
        country=application.country,
        is_adult=application.is_adult,
        channels=channels,
        asked=len(application.answers),
        answered=answered_count(application.answers),
    )


def _in_view(brand_id: int, view: str) -> ColumnElement[bool]:
    of_brand = Application.brand_id == brand_id
    if view == "approved":
        return and_(of_brand, Application.status == ApplicationStatus.APPROVED)
    if view == "declined":
        return and_(of_brand, Application.status == ApplicationStatus.DECLINED)
    if view == "expired":
        return and_(of_brand, Application.status == ApplicationStatus.EXPIRED)
    if view == "all":
        return and_(of_brand, Application.status != ApplicationStatus.DRAFT)
    if view == "info":
        return and_(of_brand, Application.status == ApplicationStatus.INFO_NEEDED)
    if view == "shortlisted":
        return and_(of_brand, Application.status == ApplicationStatus.SHORTLISTED)
    is_new = and_(of_brand, Application.status == ApplicationStatus.SUBMITTED)
    return and_(is_new, Application.meets_criteria) if view == "meets" else is_new


def _matches(text: str) -> ColumnElement[bool]:
    wanted = text.strip()
    return or_(
        Application.name.icontains(wanted, autoescape=True),
        Application.email.icontains(wanted, autoescape=True),
        Application.reference == wanted.upper(),
    )


def _is_ranked(view: str) -> bool:
    return view not in ("approved", "declined", "expired", "all")


def _order(view: str, *, reverse: bool = False) -> Sequence[ColumnElement[Any]]:
    if _is_ranked(view):
        if reverse:
            return (_ENGAGED.asc(), Application.fit_score.asc(), Application.id.desc())
        return _RANK
    return (Application.id.asc(),) if reverse else (Application.id.desc(),)


def _key(view: str, row: Application) -> tuple[int, ...]:
    if _is_ranked(view):
        engaged = -1 if row.engagement_bp is None else row.engagement_bp
        return (engaged, row.fit_score, row.id)
    return (row.id,)


def _after(view: str, key: Sequence[Any]) -> Any:
    if not _is_ranked(view):
        return Application.id < key[0]
    engaged, fit, row_id = key
    return or_(
        engaged > _ENGAGED,
        and_(engaged == _ENGAGED, Application.fit_score < fit),
        and_(engaged == _ENGAGED, Application.fit_score == fit, Application.id > row_id),
    )


def _before(view: str, key: Sequence[Any]) -> Any:
    if not _is_ranked(view):
        return Application.id > key[0]
    engaged, fit, row_id = key
    return or_(
        engaged < _ENGAGED,
        and_(engaged == _ENGAGED, Application.fit_score > fit),
        and_(engaged == _ENGAGED, Application.fit_score == fit, Application.id < row_id),
    )


def _capped_count(query: Select[Any]) -> int:
    inner = query.with_only_columns(Application.id).limit(COUNT_CAP + 1).subquery()
    return int(db.session.scalar(select(func.count()).select_from(inner)) or 0)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound()
    return row


def violations() -> list[str]:
    """Approvals without an ambassador: they happen together or not at all."""
    lonely = db.session.scalars(
        select(Application.reference).where(
            Application.status == ApplicationStatus.APPROVED, Application.ambassador_id.is_(None)
        )
    )
    return [f"Application {one} is approved, but nobody was enrolled." for one in lonely]
