"""Sentences for `portal doctor`: every paid day against its commissions, its terms, its clicks."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import Any

from sqlalchemy import select

from portal.click_pay import queries, rules
from portal.click_pay.models import PaidDay
from portal.commissions.models import Commission
from portal.identity import queries as identity
from portal.kernel import clock
from portal.programs import queries as programs
from portal.programs.rules import TermsFacts
from portal.storage.model import db

COUNTED_AGAIN = timedelta(days=62)  # older days are held against their commissions alone
ROWS_AT_ONCE = 1_000


def violations() -> list[str]:
    """What is wrong: a day that earned something else than its commissions say, or than its count
    makes; of the last two months, a count that its clicks do not give."""
    return [*_earned(), *_worked_out(), *_over_budget(), *_counted_again()]


def _earned() -> Iterator[str]:
    earned: dict[str, int] = {}
    rows = db.session.execute(
        select(Commission.source, Commission.amount_minor).where(Commission.kind == queries.KIND)
    )
    for source, minor in rows:
        once = ":".join(str(source).split(":")[:3])
        earned[once] = earned.get(once, 0) + minor
    days = db.session.execute(
        select(PaidDay.ambassador_id, PaidDay.day, PaidDay.amount_minor),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for who, day, minor in days:
        found = earned.pop(rules.source_of(who, day, 1), 0)
        if found != minor:
            yield f"Clicks of {day} of member {who} earned {minor}, commissions say {found}."
    for source in earned:
        yield f"The commission for {source} belongs to no paid day."


def _worked_out() -> Iterator[str]:
    for row, terms in _rows():
        paid, whole = rules.paid_clicks(row.people, terms.clicks), rules.pay_for(row.people, terms)
        is_right = row.amount == whole or (terms.clicks.budget_minor and row.amount < whole)
        if row.paid != paid or not is_right:
            yield f"{_name(row)} earned {row.amount}; worked out again it is {whole}."


def _over_budget() -> Iterator[str]:
    sums: dict[tuple[int, Any], int] = {}
    for row, terms in _rows():
        if terms.clicks.budget_minor:
            month = row.terms_id, row.day.replace(day=1)
            sums[month] = sums.get(month, 0) + row.amount_minor
            if sums[month] - row.amount_minor <= terms.clicks.budget_minor < sums[month]:
                yield f"Clicks of {row.day:%B %Y} earned more than the budget of their terms."


def _counted_again() -> Iterator[str]:
    since = (clock.now() - COUNTED_AGAIN).date()
    for program_id in queries.paying_programs():
        closed = queries.closed_through(program_id)
        if closed is None:
            continue
        zone = identity.brand(programs.program(program_id).brand_id).zone
        first = max(since, queries.first_day(program_id, zone) or since)
        days = (closed.day - first).days + 1
        each = (first + timedelta(days=number) for number in range(days))
        yield from chain.from_iterable(_of_day(program_id, day, zone) for day in each)


def _of_day(program_id: int, day: Any, zone: str) -> Iterator[str]:
    kept = queries.days_of(program_id, day)
    found = {one.ambassador_id: one for one in queries.came(program_id, day, zone)}
    for who, one in found.items():
        row = kept.get(who)
        if row is None and one.terms.clicks:
            yield f"Clicks of {day} of member {who} were never paid: {one.figures.humans} of them."
    for who, row in kept.items():
        people = found[who].figures.humans if who in found else 0
        if people != row.people:
            yield f"{_name(row)} were counted as {row.people}; counted again they are {people}."


def _rows() -> Iterator[tuple[PaidDay, TermsFacts]]:
    used = db.session.scalars(select(PaidDay.terms_id).distinct())
    terms: Mapping[int, TermsFacts] = programs.facts_by_id(used)
    rows = db.session.scalars(
        select(PaidDay).order_by(PaidDay.id), execution_options={"yield_per": ROWS_AT_ONCE}
    )
    for row in rows:
        yield row, terms[row.terms_id]


def _name(row: PaidDay) -> str:
    return f"Clicks of {row.day} of member {row.ambassador_id}"
