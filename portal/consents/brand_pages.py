"""What a brand sees of notice and answers."""

from typing import Any

from portal.consents import list_queries, queries
from portal.consents.forms import COUNTS, KEEPS, NoticeForm
from portal.consents.models import Answer
from portal.consents.subjects import SUBJECTS, TERMS, TIERS, Row, Subject
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import PageRequest
from portal.kernel.sheets import sheet
from portal.programs.models import Program
from portal.web.guards import person

NAMES = {"terms": "version {}", "tiers": "version {} of the tiers"}
WORDS = {"accepted": "Accepted", "declined": "Declined", "open": "No answer"}


def notice_form(program: Program) -> NoticeForm:
    """The form with what the program says."""
    return NoticeForm(
        formdata=None, notice_days=program.notice_days,
        silence=KEEPS if program.silence_keeps else COUNTS,
    )  # fmt: skip


def notice(program: Program, form: NoticeForm) -> dict[str, Any]:
    """The settings, and every version of terms and tiers that takes something from somebody."""
    brand, now = identity.brand(program.brand_id), clock.now()
    return {
        "program": program, "brand": brand, "form": form, "now": now, "answer": Answer,
        "asking": [line for one in (TERMS, TIERS) for line in _asking(one, program)],
        "may_edit": person().may("brand.owner", brand.id),
        "is_longer": program.notice_at(now) > program.notice_days,
    }  # fmt: skip


def _asking(subject: Subject, program: Program) -> list[tuple[Subject, Row, dict[Answer, int]]]:
    asking = [one for one in subject.versions_of(program.id) if one.lost]
    counts = queries.counts_of([one.id for one in asking], subject) if asking else {}
    return [(subject, one, counts[one.id]) for one in asking]


def answers(
    program: Program, word: str, number: int, view: str, page: PageRequest
) -> dict[str, Any]:
    """One view of who said what to a version. Raises NotFound."""
    subject = SUBJECTS[word]
    row = _version(program, subject, number)
    view = view if view in WORDS else "accepted"
    many = list_queries.counts(subject, row)
    return {
        "program": program, "brand": identity.brand(program.brand_id), "version": row,
        "subject": subject.word, "name": NAMES[subject.word].format(row.version),
        "view": view, "rows": list_queries.answers(subject, row, view, page), "now": clock.now(),
        "views": [
            {"key": key, "label": words, "count": many[key]} for key, words in WORDS.items()
        ],
        "lost": row.lost[max(row.lost, key=int)],
    }  # fmt: skip


def sheet_of(program: Program, word: str, number: int) -> str:
    """Every answer as CSV, oldest first. Raises NotFound."""
    subject = SUBJECTS[word]
    rows = list_queries.every_answer(subject, _version(program, subject, number))
    return sheet(
        ["creator", "handle", "answer", "at"],
        [[one.creator.name, one.creator.handle, one.said.answer.value, one.said.at.isoformat()]
         for one in rows if one.said],
    )  # fmt: skip


def _version(program: Program, subject: Subject, number: int) -> Row:
    for one in subject.versions_of(program.id):
        if one.version == number and one.lost:
            return one
    raise NotFound("Nobody was asked about this version: it takes nothing from anybody.")
