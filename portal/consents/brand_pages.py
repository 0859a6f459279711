"""What a brand sees of notice and answers."""

from typing import Any

from portal.consents import list_queries, queries
from portal.consents.forms import COUNTS, KEEPS, NoticeForm
from portal.consents.models import Answer
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.pages import PageRequest
from portal.kernel.sheets import sheet
from portal.programs import queries as programs
from portal.programs.models import CommissionTerms, Program
from portal.web.guards import person

WORDS = {"accepted": "Accepted", "declined": "Declined", "open": "No answer"}


def notice_form(program: Program) -> NoticeForm:
    """The form with what the program says."""
    return NoticeForm(
        formdata=None, notice_days=program.notice_days,
        silence=KEEPS if program.silence_keeps else COUNTS,
    )  # fmt: skip


def notice(program: Program, form: NoticeForm) -> dict[str, Any]:
    """The settings, and every version that takes something from somebody."""
    brand, now = identity.brand(program.brand_id), clock.now()
    asking = [one for one in programs.versions_of(program.id) if one.lost]
    return {
        "program": program, "brand": brand, "form": form, "asking": asking, "now": now,
        "counts": queries.counts_of([one.id for one in asking]), "answer": Answer,
        "may_edit": person().may("brand.owner", brand.id),
        "is_longer": program.notice_at(now) > program.notice_days,
    }  # fmt: skip


def answers(program: Program, number: int, view: str, page: PageRequest) -> dict[str, Any]:
    """One view of who said what to a version. Raises NotFound."""
    terms = _version(program, number)
    view = view if view in WORDS else "accepted"
    rows = list_queries.answers(terms, view, page)
    many = list_queries.counts(terms)
    return {
        "program": program, "brand": identity.brand(program.brand_id), "terms": terms,
        "view": view, "rows": rows, "now": clock.now(),
        "views": [
            {"key": key, "label": words, "count": many[key]} for key, words in WORDS.items()
        ],
        "lost": terms.lost[max(terms.lost, key=int)],
    }  # fmt: skip


def sheet_of(program: Program, number: int) -> str:
    """Every answer as CSV, oldest first. Raises NotFound."""
    rows = list_queries.every_answer(_version(program, number))
    return sheet(
        ["creator", "handle", "answer", "at"],
        [[one.creator.name, one.creator.handle, one.said.answer.value, one.said.at.isoformat()]
         for one in rows if one.said],
    )  # fmt: skip


def _version(program: Program, number: int) -> CommissionTerms:
    for one in programs.versions_of(program.id):
        if one.version == number and one.lost:
            return one
    raise NotFound("Nobody was asked about this version: it takes nothing from anybody.")
