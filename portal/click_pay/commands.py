"""Close a program's days, one after the other, and earn what their clicks make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.ambassadors import queries as ambassadors
from portal.audit import commands as audit
from portal.click_pay import queries, rules, wording
from portal.click_pay.models import ClosedThrough, PaidDay
from portal.click_pay.queries import Came
from portal.commissions import extra_commands
from portal.commissions.extra_commands import Extra
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs.models import Program
from portal.storage.locks import lock
from portal.storage.model import db
from portal.tracking import click_queries, kept_queries


@dataclass(frozen=True, slots=True)
class Due:
    """What is still to be earned for one ambassador's day: `wanted` by her clicks, `amount` by
    what the budget leaves of that."""

    came: Came
    row: PaidDay
    wanted: Money
    amount: Money


def close_next_day(program_id: int) -> bool:
    """Pay the first day of a program that is over and not closed; False when there is none.

    Days are closed in order, each once, whenever the worker comes to it. Running it again pays
    nothing twice: a day is brought to its count, and every commission has its source (R29).
    """
    program = lock(Program, program_id)
    zone = identity.brand(program.brand_id).zone
    closed, first = queries.closed_through(program.id), queries.first_day(program.id, zone)
    day = closed.day + rules.ONE_DAY if closed else first
    if day is None or not rules.is_over(day, zone, clock.now(), click_queries.ingested_through()):
        return False
    settle_day(program, day, zone)
    if closed is None:
        db.session.add(ClosedThrough(program_id=program.id, day=day))
    else:
        closed.day = day
    db.session.flush()
    return True


def settle_day(program: Program, day: date, zone: str) -> int:
    """Bring what a day earned to its count; returns how many commissions that made."""
    found = [one for one in queries.came(program.id, day, zone) if one.terms.clicks]
    rows = queries.days_of(program.id, day)
    due = [_counted(program, day, one, rows.get(one.ambassador_id)) for one in found]
    due = [one for one in due if one.wanted]
    db.session.flush()
    return _earn(program, day, zone, _within_budgets(program, day, due))


def reopen(first_click_id: int, last_click_id: int) -> int:
    """Clicks came in late: their days are looked at again, where they were closed. How many
    programs. What was earned stays, and only what is missing is added."""
    since = dict(kept_queries.brands_between(first_click_id, last_click_id))
    moved = 0
    for found in queries.paying_programs_of(sorted(since)):
        program = lock(Program, found.id)  # whoever closes a day holds it: no day slips through
        zone = identity.brand(program.brand_id).zone
        day = rules.day_of(since[program.brand_id], zone)
        closed = queries.closed_through(program.id)
        if closed is not None and closed.day >= day:
            audit.note(None, "clicks.came-late", program.id, brand_id=program.brand_id,
                       since=day.isoformat())  # fmt: skip
            closed.day, moved = day - rules.ONE_DAY, moved + 1
    db.session.flush()
    return moved


# ---- inside
def _counted(program: Program, day: date, came: Came, row: PaidDay | None) -> Due:
    """Keep the count of a day, and what it makes above what the day has earned."""
    whole = rules.pay_for(came.figures.humans, came.terms)
    if row is None:
        row = PaidDay(
            program_id=program.id, ambassador_id=came.ambassador_id, day=day, rows=0, paid=0,
            amount_minor=0, currency=whole.currency, terms_id=came.terms.id,
        )  # fmt: skip
        db.session.add(row)
    row.people, row.repeats = came.figures.humans, came.figures.repeats
    row.machines, row.settled_at = came.figures.machines, clock.now()
    row.paid = rules.paid_clicks(row.people, came.terms.clicks)
    wanted = whole - Money(row.amount_minor, row.currency)
    return Due(came, row, wanted, wanted)


def _within_budgets(program: Program, day: date, due: Sequence[Due]) -> list[Due]:
    """The same, cut to what each version's budget leaves in the month (R9)."""
    by_version: dict[int, list[Due]] = {}
    for one in due:
        by_version.setdefault(one.came.terms.id, []).append(one)
    found: list[Due] = []
    for _, some in sorted(by_version.items()):
        terms = some[0].came.terms
        left = None
        if terms.clicks.budget_minor:
            currency = terms.flat.currency
            spent = queries.spent(program.id, day, currency)
            before = [one.amount for one in found if one.amount.currency == currency]
            spent += Money.total(before, currency)
            left = Money(terms.clicks.budget_minor, currency) - spent
        wanted = {one.came.ambassador_id: one.wanted for one in some}
        shares = rules.within_budget(wanted, left)
        found += [
            Due(one.came, one.row, one.wanted, shares[one.came.ambassador_id]) for one in some
        ]
    return found


def _earn(program: Program, day: date, zone: str, due: Sequence[Due]) -> int:
    paid = [one for one in due if one.amount]
    members = ambassadors.ambassadors([one.came.ambassador_id for one in paid])
    extras = []
    for one in paid:
        had = one.row.amount
        one.row.rows += 1
        one.row.amount_minor += one.amount.minor
        extras.append(_extra(program, day, zone, one, members[one.row.ambassador_id].creator_id,
                             had))  # fmt: skip
    db.session.flush()
    return len(extra_commands.earn_extras(extras))


def _extra(
    program: Program, day: date, zone: str, due: Due, creator_id: int, had: Money
) -> Extra:  # fmt: skip
    row, terms = due.row, due.came.terms
    return Extra(
        queries.KIND, rules.source_of(row.ambassador_id, day, row.rows), program.brand_id,
        creator_id, row.ambassador_id, due.amount, wording.title(day),
        rules.held_until(day, terms, zone), note=wording.besides(row.repeats, row.machines),
        parts=wording.parts(row, terms, had, due.wanted - due.amount),
        steps=wording.steps(row, terms),
        facts={"day": day.isoformat(), "people": row.people, "repeats": row.repeats,
               "machines": row.machines, "terms_version": terms.version},
    )  # fmt: skip
