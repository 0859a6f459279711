"""What the pages about terms show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.queries import Member
from portal.identity import queries as identity
from portal.kernel import clock, currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.kernel.sheets import sheet
from portal.programs import queries as offers
from portal.programs import wording
from portal.programs.models import CommissionTerms, Program
from portal.programs.rate_wording import ORDER_OF_RULES
from portal.programs.rules import AttributionTerms
from portal.terms import examples, jobs, proposals, queries
from portal.terms.credit_form import credit_values
from portal.terms.forms import TermsForm
from portal.terms.models import DryRun
from portal.terms.rate_form import RateRow
from portal.terms.trying import FIGURES, POINTS, terms_from
from portal.tiers import queries as tiers

SHOWN = 100
CREDIT = tuple(credit_values(AttributionTerms(), "USD"))
LEFT_OUT = frozenset({"csrf_token", "do"})


def form_of(program: Program, latest: CommissionTerms | None) -> TermsForm:
    """The editor's form: as typed, or with the newest version's values and an example for it."""
    values = proposals.values_of(latest, program)
    facts = offers.facts_of(latest) if latest else None
    form = TermsForm(data=values | {"example": examples.first_rows(facts)})
    brand = identity.brand(program.brand_id)
    form.currency_code = latest.currency if latest else brand.currency
    for row in form.example:
        row.form.currency_code = form.currency_code
    return form


def editor(program: Program, latest: CommissionTerms | None, form: TermsForm) -> dict[str, Any]:
    """Everything the editor shows, whatever was typed."""
    brand = identity.brand(program.brand_id)
    return {
        "program": program, "brand": brand, "form": form, "latest": latest, "worked": None,
        "row_words": _said(form, program, brand.zone), "order_of_rules": ORDER_OF_RULES,
        "members": ambassadors.active_count(program.id),
        "notice": program.notice_at(clock.now()),
        "credit": list(wording.set_choices(offers.facts_of(latest))) if latest else [],
        "credit_is_wrong": any(form[name].errors for name in CREDIT),
        "runs": queries.runs_of(program.id), "today": clock.today(brand.zone),
    }  # fmt: skip


def _said(form: TermsForm, program: Program, zone: str) -> dict[str, str]:
    known = queries.by_handle(program.id, form.handles())
    return form.said(zone, known, tiers.present_names(program.id))


def add_row(form: TermsForm) -> None:
    """One more row, as long as there is room."""
    if len(form.rates) < (form.rates.max_entries or 0):
        form.rates.append_entry(RateRow().data)


def typed() -> list[tuple[str, str]]:
    """The form as it was sent, to be sent again."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in LEFT_OUT]


@dataclass(frozen=True, slots=True)
class Difference:
    """What terms change for one creator: what she earned, would have earned, in how many orders;
    the points beside it are no money."""

    member: Member | None
    was: Money
    would: Money
    orders: int
    points_were: int = 0
    points_would: int = 0

    @property
    def more(self) -> Money:
        return self.would - self.was

    @property
    def more_points(self) -> int:
        return self.points_would - self.points_were

    @property
    def name(self) -> str:
        return self.member.creator.name if self.member else "Somebody who left"


def run(found: DryRun, program: Program) -> dict[str, Any]:
    """A dry run's page: its progress, then its totals and the largest differences."""
    if found.program_id != program.id:
        raise InvalidInput("", "This try belongs to another program.")
    brand, facts = identity.brand(found.brand_id), terms_from(found.proposal)
    rows = differences(found, SHOWN)
    return {
        "run": found, "program": program, "brand": brand, "facts": facts,
        "since": jobs.since_of(found), "totals": totals(found), "rows": rows,
        "has_points": has_points(found),
        "all_rows": len((found.result or {}).get("rows", ())),
        **proposals.rates_in_words(None, facts, brand.zone, tiers.present_names(program.id)),
    }  # fmt: skip


def totals(found: DryRun) -> list[Difference]:
    """The program's sums, one for each currency."""
    sums: dict[str, list[int]] = {}
    for currency, _, *figures in _rows(found):
        before = sums.get(currency, [0] * FIGURES)
        sums[currency] = [sum(pair) for pair in zip(before, figures, strict=True)]
    return [_difference(None, code, figures) for code, figures in sorted(sums.items())]


def differences(found: DryRun, most: int | None = None) -> list[Difference]:
    """Each creator's difference, the largest first; those without one come last."""
    rows = _rows(found)
    rows.sort(key=lambda row: (row[0], -abs(row[3] - row[2]), -abs(row[6] - row[5]), row[1]))
    members = ambassadors.members([row[1] for row in rows[:most]])
    return [
        _difference(members.get(who), currency, figures)
        for currency, who, *figures in rows[:most]
    ]  # fmt: skip


def has_points(found: DryRun) -> bool:
    """Whether the orders of a dry run gave points, or would have."""
    return any(any(row[2 + POINTS :]) for row in _rows(found))


def _rows(found: DryRun) -> list[list[Any]]:
    """(currency, ambassador, the figures of `Sums.of`); those kept before there were points have
    none of them."""
    rows = (found.result or {}).get("rows", ())
    return [[*row, *[0] * (2 + FIGURES - len(row))] for row in rows]


def _difference(member: Member | None, currency: str, figures: Sequence[int]) -> Difference:
    was, would, orders, *points = figures
    return Difference(member, Money(was, currency), Money(would, currency), orders, *points)


def sheet_of(found: DryRun) -> str:
    """Every creator's difference as CSV, amounts in major units; points only where there are."""
    head = ["creator", "handle", "currency", "earned", "would_have_earned", "difference",
            "orders_that_differ"]  # fmt: skip
    extra = ["points", "would_have_points", "points_difference"] if has_points(found) else []
    return sheet([*head, *extra], [
        [one.name, one.member.creator.handle if one.member else "", one.was.currency,
         _digits(one.was), _digits(one.would), _digits(one.more), one.orders,
         *([one.points_were, one.points_would, one.more_points] if extra else [])]
        for one in differences(found)
    ])  # fmt: skip


def _digits(amount: Money) -> str:
    places = currencies.exponent(amount.currency)
    return f"{currencies.to_major(amount.minor, amount.currency):.{places}f}"
