"""A day's pay for clicks in words: its lines, and why it is hers."""

from datetime import date

from portal.click_pay.models import PaidDay
from portal.commissions.extra_commands import Part
from portal.kernel.money import Money
from portal.programs.rules import TermsFacts


def title(day: date) -> str:
    """What the creator reads in her list."""
    return f"Clicks on {day:%-d %B %Y}"


def clicks(count: int) -> str:
    """ "134 clicks"."""
    return _many(count, "click")


def besides(repeats: int, machines: int) -> str:
    """What came too and does not count; nothing where all counted."""
    words = [_many(repeats, "repeat")] if repeats else []
    words += [_many(machines, "robot")] if machines else []
    return f"{' and '.join(words)} not counted" if words else ""


def parts(row: PaidDay, terms: TermsFacts, had: Money, cut: Money) -> list[Part]:
    """The lines that sum to the amount: every counted click, less what the limits take and what
    the day had earned before."""
    each = terms.click_pay
    whole = Money(each.minor * row.people, each.currency)
    over = Money(each.minor * (row.people - row.paid), each.currency)
    lines = [Part(f"{clicks(row.people)} × {each}", whole, note=besides(row.repeats, row.machines))]
    if over:
        most = f"Daily cap: {clicks(terms.clicks.most_a_day)}"
        lines.append(Part(f"{clicks(row.people - row.paid)} above the cap", -over, note=most))
    if cut:
        budget = Money(terms.clicks.budget_minor, each.currency)
        lines.append(Part("Above the month’s budget", -cut, note=f"{budget} for the program"))
    if had:
        lines.append(Part("Less what this day had earned", -had, note="more clicks came in late"))
    return lines


def steps(row: PaidDay, terms: TermsFacts) -> list[tuple[str, str]]:
    """Why it is hers, as pairs of a sentence and a word more."""
    besides_said = besides(row.repeats, row.machines)
    counted = "The same visitor within 30 seconds counts once; robots never count"
    version = f"Version {terms.version} of the terms was in force when the day began"
    return [
        (f"People clicked your links {_many(row.people, 'time')}",
         f"{besides_said[0].upper()}{besides_said[1:]}. {counted}" if besides_said else counted),
        (f"Each click earns {terms.click_pay}, at most {clicks(terms.clicks.most_a_day)} a day",
         version),
    ]  # fmt: skip


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
