"""Look at which programs pay for clicks, what came on a day, and what days were paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.ambassadors import queries as ambassadors
from portal.click_pay import rules
from portal.click_pay.models import ClosedThrough, PaidDay
from portal.commissions.models import CommissionKind
from portal.consents import queries as consents
from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.models import CommissionTerms, Program
from portal.programs.rules import TermsFacts
from portal.storage.model import db
from portal.tracking import kept_queries
from portal.tracking.click_queries import ClickFigures

KIND = CommissionKind.CLICKS


@dataclass(frozen=True, slots=True)
class Came:
    """What came to one ambassador's links on a day while she was active, and her terms then."""

    ambassador_id: int
    figures: ClickFigures
    terms: TermsFacts


def paying_programs() -> list[int]:
    """The programs of which any version pays for clicks, by row id."""
    rows = db.session.execute(
        select(CommissionTerms.program_id, CommissionTerms.clicks).order_by(
            CommissionTerms.program_id
        )
    )
    return sorted({program_id for program_id, clicks in rows if clicks})


def paying_programs_of(brand_ids: Sequence[int]) -> list[Program]:
    """Those of these brands, by row id."""
    wanted = select(Program).where(
        Program.id.in_(paying_programs()), Program.brand_id.in_(brand_ids)
    )
    return list(db.session.scalars(wanted.order_by(Program.id)).all())


def first_day(program_id: int, zone: str) -> date | None:
    """The first day whose clicks may earn; None for a program that never pays for them."""
    paying = [one for one in programs.versions_of(program_id) if one.clicks]
    return min((rules.first_day(one.effective_at, zone) for one in paying), default=None)


def closed_through(program_id: int) -> ClosedThrough | None:
    """How far a program's days are closed."""
    wanted = select(ClosedThrough).where(ClosedThrough.program_id == program_id)
    found: ClosedThrough | None = db.session.scalar(wanted)
    return found


def came(program_id: int, day: date, zone: str) -> list[Came]:
    """Every ambassador whom people's clicks came to on a day, with the version that was hers when
    the day began (R15–R17); by row id. Before the first version there is nobody."""
    span = rules.bounds(day, zone)
    figures = _while_active(program_id, span)
    versions = programs.versions_of(program_id)
    histories = ambassadors.histories(sorted(figures))
    book = consents.book_of({program_id: versions}, histories)
    begun = [one for one in versions if one.effective_at <= span[0]]
    facts: dict[int, TermsFacts] = {}
    found = []
    for who, figure in sorted(figures.items()):
        own = book.version_id(who, program_id, span[0])
        version = next((one for one in begun if own in (None, one.id)), None)
        if version is not None and figure.humans:
            terms = facts.setdefault(version.id, programs.facts_of(version))
            found.append(Came(who, figure, terms))
    return found


def days_of(program_id: int, day: date) -> dict[int, PaidDay]:
    """What a program's clicks of one day were paid, by ambassador."""
    wanted = select(PaidDay).where(PaidDay.program_id == program_id, PaidDay.day == day)
    return {row.ambassador_id: row for row in db.session.scalars(wanted)}


def spent(program_id: int, month: date, currency: str) -> Money:
    """What a program's clicks of a calendar month have earned so far."""
    total = db.session.scalar(
        select(func.coalesce(func.sum(PaidDay.amount_minor), 0)).where(
            PaidDay.program_id == program_id, PaidDay.currency == currency,
            PaidDay.day >= clock.first_of_month(month),
            PaidDay.day < clock.first_of_month(month, 1),
        )
    )  # fmt: skip
    return Money(int(total or 0), currency)


def paid_between(program_id: int, first: date, last: date) -> Sequence[PaidDay]:
    """A program's paid days from one day to another, both included."""
    wanted = select(PaidDay).where(
        PaidDay.program_id == program_id, PaidDay.day >= first, PaidDay.day <= last
    )
    return db.session.scalars(wanted.order_by(PaidDay.day, PaidDay.id)).all()  # type: ignore[no-any-return]


# ---- inside
def _while_active(program_id: int, span: tuple[datetime, datetime]) -> Mapping[int, ClickFigures]:
    """Figures of a span; of whoever was not active all the time, of the parts in which she was."""
    found = kept_queries.kept_between(program_id, *span)
    for who, history in ambassadors.histories(sorted(found)).items():
        parts = rules.active_spans(history, span)
        if parts != [span]:
            some = [kept_queries.kept_between(program_id, *part, [who]) for part in parts]
            each = [one.get(who, ClickFigures()) for one in some]
            found[who] = ClickFigures(
                sum(one.humans for one in each), sum(one.repeats for one in each),
                sum(one.bots for one in each), sum(one.prefetches for one in each),
            )  # fmt: skip
    return found
