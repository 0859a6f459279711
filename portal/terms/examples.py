"""A pretended order under proposed terms, worked out line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal.click_pay import rules as click_rules
from portal.commissions.rules import Earned, commission_for
from portal.kernel import clock, currencies
from portal.kernel.money import Money
from portal.programs import rate_wording
from portal.programs.models import Program
from portal.programs.rate_rules import Asks
from portal.programs.resolving_rules import Purchase, PurchaseLine
from portal.programs.rules import TermsFacts
from portal.terms import queries
from portal.terms.forms import TermsForm


@dataclass(frozen=True, slots=True)
class WorkedLine:
    """One line: what it counts, which rate decides and what that is, what it earns."""

    title: str
    counted: Money
    rate: str
    pays: str
    earned: Money


@dataclass(frozen=True, slots=True)
class WorkedClicks:
    """A day's clicks: so many of them earn, what is above the daily cap does not."""

    clicks: int
    paid: int
    each: Money
    earned: Money


@dataclass(frozen=True, slots=True)
class Worked:
    """The whole: its lines' parts sum to `total`; `uncapped` is more where the cap takes some.
    `day` is no part of it: a day's clicks are earned beside orders; nor are `points`, which are no
    money."""

    lines: Sequence[WorkedLine]
    base: Money
    total: Money
    uncapped: Money
    day: WorkedClicks | None = None
    points: int = 0
    points_rule: str = ""


def first_rows(terms: TermsFacts | None) -> list[dict[str, str | int]]:
    """Lines to begin with: one for each of the first rules about goods, then one for anything."""
    rows: list[dict[str, str | int]] = []
    for rule in terms.rates.rules if terms else ():
        for one in rule.conditions:
            value = one.values[0].rstrip("*")
            if one.asks in (Asks.CATEGORY, Asks.TAG, Asks.PRODUCT):
                rows.append({"what": value, "amount": "80.00", "pieces": 1})
    return [*rows[:2], {"what": "Anything else", "amount": "40.00", "pieces": 1}]


def work_out(form: TermsForm, terms: TermsFacts, program: Program, zone: str) -> Worked:
    """The typed order under these terms. Empty lines are left out."""
    typed = [row.form for row in form.example if row.form.amount.data]
    currency = form.currency_code
    lines = tuple(
        PurchaseLine(
            Money(currencies.to_minor(row.amount.data, currency), currency), row.pieces.data or 1,
            product_id=row.what.data or "", category=row.what.data or "",
            tags=(row.what.data or "",),
        )
        for row in typed
    )  # fmt: skip
    base = Money.total((line.net for line in lines), currency)
    earned = commission_for(_purchase(form, program, base, lines, zone), terms)
    titles = [row.what.data or "Anything" for row in typed]
    shown = _lines(titles, lines, earned, terms)
    rate = terms.rates.points
    return Worked(
        shown, base, earned.total, earned.uncapped, _day(form, terms),
        rate.left_for(base.minor, earned.total, earned.total), rate.sentence(currency),
    )  # fmt: skip


def _day(form: TermsForm, terms: TermsFacts) -> WorkedClicks | None:
    clicks, each = form.example_clicks.data or 0, terms.click_pay
    if not each or not clicks:
        return None
    paid = click_rules.paid_clicks(clicks, terms.clicks)
    return WorkedClicks(clicks, paid, each, click_rules.pay_for(clicks, terms))


def _purchase(
    form: TermsForm, program: Program, base: Money, lines: tuple[PurchaseLine, ...], zone: str
) -> Purchase:
    day = form.example_on.data or clock.today(zone)
    handle = (form.example_handle.data or "").lstrip("@").casefold()
    code = (form.example_code.data or "").upper()
    found = queries.by_handle(program.id, {handle}) if handle else {}
    return Purchase(
        base, clock.start_of_day(day, zone) + timedelta(hours=12), lines,
        ambassador=found.get(handle, ""), code=code,
        is_new_customer={"new": True, "returning": False}.get(form.example_customer.data or ""),
    )  # fmt: skip


def _lines(
    titles: Sequence[str], lines: Sequence[PurchaseLine], earned: Earned, terms: TermsFacts
) -> list[WorkedLine]:
    parts = earned.by_line or (earned.total,) * len(lines)
    found = []
    for group in earned.groups:
        pays = rate_wording.reward(group.rule, terms.flat.currency)
        if group.boost:
            pays += f", raised by {rate_wording.percent(group.boost_bp)}"
        for place in group.lines if lines else ():
            name = rate_wording.name_of(group.rule.number, terms)
            line = WorkedLine(titles[place], lines[place].net, name, pays, parts[place])
            found.append((place, line))
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]
