"""Proposed terms on clicks that were: what each creator's days would have earned by the click."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from portal.click_pay import queries as click_pay
from portal.click_pay import rules
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.money import Money
from portal.programs import queries as programs
from portal.programs.rules import TermsFacts
from portal.terms.capping import CLICKS
from portal.terms.trying import Sums

ONE_DAY = timedelta(days=1)


def months_since(since: datetime, zone: str) -> Iterator[tuple[date, date]]:
    """(first day, last day) of each calendar month's whole days after an instant, up to
    yesterday."""
    first, last = rules.first_day(since, zone), clock.today(zone) - ONE_DAY
    while first <= last:
        begins_next = clock.first_of_month(first, 1)
        yield first, min(last, begins_next - ONE_DAY)
        first = begins_next


def try_on_clicks(
    program_id: int, days: tuple[date, date], proposed: TermsFacts, sums: Sums
) -> None:
    """Add what the clicks of some days of one month earned in the program, and what they would
    under these terms, whoever's version it was; its budget counts from the month's first day."""
    first, last = days
    for row in click_pay.paid_between(program_id, first, last):
        sums.add_clicks(row.ambassador_id, row.amount, None)
    if not proposed.clicks:
        return
    zone = identity.brand(programs.program(program_id).brand_id).zone
    left = Money(proposed.clicks.budget_minor, proposed.flat.currency)
    begins = first.replace(day=1)
    for number in range((last - begins).days + 1):
        day = begins + number * ONE_DAY
        came = click_pay.came(program_id, day, zone)
        wanted = {one.ambassador_id: rules.pay_for(one.figures.humans, proposed) for one in came}
        would = rules.within_budget(wanted, left if proposed.clicks.budget_minor else None)
        left -= Money.total(would.values(), left.currency)
        for who, amount in would.items() if day >= first else ():
            sums.add_clicks(who, None, amount)
            if amount < wanted[who]:
                sums.add_cap(amount.currency, who, CLICKS)
