"""Who said what to one version: the brand's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from portal.ambassadors.models import Ambassador, MembershipStatus
from portal.consents import queries
from portal.consents.models import Answer, TermsAnswer
from portal.consents.rules import Step
from portal.creators.models import Creator
from portal.kernel.pages import COUNT_CAP, Page, PageRequest, cursor_of
from portal.programs.models import CommissionTerms
from portal.storage.model import db

OVER = (MembershipStatus.ENDED, MembershipStatus.BANNED)


@dataclass(frozen=True, slots=True)
class Answered:
    """One member, what she said, and what that means for her."""

    ambassador: Ambassador
    creator: Creator
    said: TermsAnswer | None
    step: Step | None

    @property
    def is_asked(self) -> bool:
        return self.step is not None and bool(self.step.lost)


def answers(terms: CommissionTerms, view: str, page: PageRequest) -> Page[Answered]:
    """One view of a version's members, newest first."""
    query, position = _of(terms, view), page.row_id()
    total = _count(query)
    if position is not None:
        query = query.where(Ambassador.id < position)
    rows = db.session.execute(query.order_by(Ambassador.id.desc()).limit(page.size + 1)).all()
    some = rows[: page.size]
    steps = queries.steps_of_members([row[0] for row in some], terms)
    shown = [Answered(row[0], row[1], row[2], steps.get(row[0].id)) for row in some]
    more = len(rows) > page.size
    cursor = cursor_of(shown[-1].ambassador.id) if more else None
    return Page(shown, cursor, total, is_first=position is None)


def counts(terms: CommissionTerms) -> dict[str, int]:
    """How many members each view holds, up to the cap of counts."""
    return {view: _count(_of(terms, view)) for view in ("accepted", "declined", "open")}


def every_answer(terms: CommissionTerms) -> Sequence[Answered]:
    """Everybody who answered, by when."""
    rows = db.session.execute(
        select(Ambassador, Creator, TermsAnswer)
        .join(TermsAnswer, TermsAnswer.ambassador_id == Ambassador.id)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .where(TermsAnswer.terms_id == terms.id, TermsAnswer.is_latest)
        .order_by(TermsAnswer.at, TermsAnswer.id)
    )
    return [Answered(row[0], row[1], row[2], None) for row in rows]


def _of(terms: CommissionTerms, view: str) -> Any:
    said = and_(
        TermsAnswer.ambassador_id == Ambassador.id, TermsAnswer.terms_id == terms.id,
        TermsAnswer.is_latest,
    )  # fmt: skip
    query: Any = (
        select(Ambassador, Creator, TermsAnswer)
        .join(Creator, Creator.id == Ambassador.creator_id)
        .outerjoin(TermsAnswer, said)
        .where(Ambassador.program_id == terms.program_id)
    )
    if view == "open":
        return query.where(
            TermsAnswer.id.is_(None), Ambassador.status.not_in(OVER),
            Ambassador.activated_at < terms.effective_at,
        )  # fmt: skip
    return query.where(TermsAnswer.answer == Answer(view))


def _count(query: Any) -> int:
    inner = query.with_only_columns(Ambassador.id).limit(COUNT_CAP + 1).subquery()
    return int(db.session.scalar(select(func.count()).select_from(inner)) or 0)
