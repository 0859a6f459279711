"""Which version of the terms, or of the tiers, is whose; what members were asked and said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.consents import rules
from portal.consents.models import Answer, TermsAnswer, TiersAnswer
from portal.consents.rules import History, Said, Step, Version
from portal.consents.subjects import TERMS as TERMS
from portal.consents.subjects import TIERS as TIERS
from portal.consents.subjects import Row, Subject
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.programs import queries as programs
from portal.programs.models import CommissionTerms
from portal.storage.model import db

Versions = Mapping[int, Sequence[Row]]  # program id → its versions, newest first


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that decides whose version is which, of programs where somebody was asked."""

    versions: Mapping[int, Sequence[Version]]
    histories: Mapping[int, History]
    said: Mapping[int, Sequence[Said]]

    def version_id(self, ambassador_id: int, program_id: int, at: datetime) -> int | None:
        """The row id of her version at an instant, where it may be another than the program's."""
        versions = self.versions.get(program_id)
        if versions is None:
            return None
        history = self.histories.get(ambassador_id, ())
        said = self.said.get(ambassador_id, ())
        found = rules.version_for(versions, history, said, at)
        return found.id if found else None


NOBODY_ASKED = Book({}, {}, {})


def book_of(rows: Versions, histories: Mapping[int, History], subject: Subject = TERMS) -> Book:
    """For these members. One query, and none where no version takes anything from anybody."""
    asking = {
        program_id: plain(versions)
        for program_id, versions in rows.items()
        if any(one.lost for one in versions)
    }
    if not asking or not histories:
        return NOBODY_ASKED
    return Book(asking, histories, answers_of(histories, subject))


def terms_for(member: Ambassador, at: datetime) -> CommissionTerms:
    """The version that an order of hers is judged by, placed at an instant (R15–R17).

    Raises NotFound before the program's first version.
    """
    versions = programs.versions_of(member.program_id)
    book = _book_of_member(member, versions, TERMS)
    own = book.version_id(member.id, member.program_id, at)
    begun = (one for one in versions if one.effective_at <= at)
    found = next((one for one in begun if own in (None, one.id)), None)
    if found is None:
        raise NotFound("No commission terms were in force at that time.")
    return found


def offered_to(member: Ambassador) -> CommissionTerms:
    """Her version now, or the first to come."""
    try:
        return terms_for(member, clock.now())
    except NotFound:
        return programs.offered_terms(member.program_id)


def open_steps(member: Ambassador, subject: Subject = TERMS) -> list[Step]:
    """What she can still answer, the newest version first."""
    versions = subject.versions_of(member.program_id)
    book = _book_of_member(member, versions, subject)
    return [
        step
        for step in reversed(_steps(book, member, versions))
        if step.can_accept() or step.can_decline()
    ]


def step_of(member: Ambassador, version_id: int, subject: Subject = TERMS) -> Step | None:
    """What one version means to her; None where it began before she joined. Raises NotFound for
    one of another program."""
    versions = subject.versions_of(member.program_id)
    if version_id not in {one.id for one in versions}:
        raise NotFound()
    steps = _steps(_book_of_member(member, versions, subject), member, versions)
    return next((step for step in steps if step.version.id == version_id), None)


def steps_of_members(
    members: Sequence[Ambassador], row: Row, subject: Subject = TERMS
) -> dict[int, Step]:
    """What one version means to each of these members of its program, by row id."""
    versions = subject.versions_of(row.program_id)
    histories = ambassadors.histories([one.id for one in members])
    book = book_of({row.program_id: versions}, histories, subject)
    found = {}
    for member in members:
        for step in _steps(book, member, versions):
            if step.version.id == row.id:
                found[member.id] = step
    return found


def latest_answer(
    ambassador_id: int, version_id: int, subject: Subject = TERMS
) -> TermsAnswer | TiersAnswer | None:
    """What she said last to a version; None before she said anything."""
    answers = subject.answers
    wanted = select(answers).where(
        answers.ambassador_id == ambassador_id, answers.version_id == version_id, answers.is_latest
    )
    return db.session.scalar(wanted)  # type: ignore[no-any-return]


def counts_of(version_ids: Sequence[int], subject: Subject = TERMS) -> dict[int, dict[Answer, int]]:
    """How many accepted and declined each of these versions."""
    found: dict[int, dict[Answer, int]] = {one: dict.fromkeys(Answer, 0) for one in version_ids}
    answers = subject.answers
    rows = db.session.execute(
        select(answers.version_id, answers.answer, func.count())
        .where(answers.version_id.in_(version_ids), answers.is_latest)
        .group_by(answers.version_id, answers.answer)
    )
    for version_id, said, many in rows:
        found[version_id][said] = many
    return found


def answers_of(ambassador_ids: Iterable[int], subject: Subject = TERMS) -> dict[int, list[Said]]:
    """Everything these members ever said, oldest first."""
    found: dict[int, list[Said]] = {}
    answers = subject.answers
    rows = db.session.scalars(
        select(answers)
        .where(answers.ambassador_id.in_(set(ambassador_ids)))
        .order_by(answers.at, answers.id)
    )
    for row in rows:
        said = Said(row.version_id, row.answer is Answer.ACCEPTED, row.at)
        found.setdefault(row.ambassador_id, []).append(said)
    return found


def plain(versions: Iterable[Row]) -> list[Version]:
    """Versions as rules read them, oldest first."""
    return [
        Version(
            one.id, one.version, one.effective_at,
            {int(number): tuple(lost) for number, lost in (one.lost or {}).items()},
            one.silence_keeps,
        )
        for one in sorted(versions, key=lambda one: one.version)
    ]  # fmt: skip


def _book_of_member(member: Ambassador, versions: Sequence[Row], subject: Subject) -> Book:
    if not any(one.lost for one in versions):
        return NOBODY_ASKED
    histories = ambassadors.histories([member.id])
    return book_of({member.program_id: versions}, histories, subject)


def _steps(book: Book, member: Ambassador, versions: Sequence[Row]) -> list[Step]:
    """As things would be when the newest version has begun, by what was said until now."""
    known, now = book.versions.get(member.program_id), clock.now()
    if not known:
        return []
    last = max(now, *(one.effective_at for one in versions))
    history, said = book.histories.get(member.id, ()), book.said.get(member.id, ())
    return list(rules.steps_for(known, history, said, last, now))
