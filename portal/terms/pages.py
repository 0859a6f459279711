"""What the pages about terms show."""

from collections.abc import Mapping, Sequence
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
from portal.terms.capping import CAPS
from portal.terms.credit_form import credit_values
from portal.terms.forms import TermsForm
from portal.terms.models import DryRun
from portal.terms.rate_form import RateRow
from portal.terms.trying import FIGURES, POINTS, terms_from
from portal.tiers import queries as tiers

SHOWN = 100
CREDIT = tuple(credit_values(AttributionTerms(), "USD"))
CAP_WORDS = dict(zip(CAPS, (
    "the most for one order", "the limit of orders", "the limit of an amount",
    "the program’s budget", "the month’s budget for clicks",
), strict=True))  # fmt: skip
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
    caps: "Caps | None" = None

    @property
    def more(self) -> Money:
        return self.would - self.was

    @property
    def more_points(self) -> int:
        return self.points_would - self.points_were

    @property
    def name(self) -> str:
        return self.member.creator.name if self.member else "Somebody who left"


@dataclass(frozen=True, slots=True)
class Caps:
    """What limits do to one creator: what of her orders waits for the brand, as it was and as it
    would, and how often each limit would cut."""

    was: Money
    would: Money
    often: Mapping[str, int]

    @property
    def words(self) -> str:
        """ "the program’s budget, 3 times" """
        return "; ".join(
            f"{CAP_WORDS[cap]}, {'once' if times == 1 else f'{times:,} times'}"
            for cap, times in self.often.items() if times
        )  # fmt: skip


def run(found: DryRun, program: Program) -> dict[str, Any]:
    """A dry run's page: its progress, then its totals and the largest differences."""
    if found.program_id != program.id:
        raise InvalidInput("", "This try belongs to another program.")
    brand, facts = identity.brand(found.brand_id), terms_from(found.proposal)
    rows = differences(found, SHOWN)
    return {
        "run": found, "program": program, "brand": brand, "facts": facts,
        "since": jobs.since_of(found), "totals": totals(found), "rows": rows,
        "has_points": has_points(found), "has_caps": bool(caps_of(found)),
        "all_rows": len((found.result or {}).get("rows", ())),
        **proposals.rates_in_words(None, facts, brand.zone, tiers.present_names(program.id)),
    }  # fmt: skip


def totals(found: DryRun) -> list[Difference]:
    """The program's sums, one for each currency."""
    sums: dict[str, list[int]] = {}
    for currency, _, *figures in _rows(found):
        before = sums.get(currency, [0] * FIGURES)
        sums[currency] = [sum(pair) for pair in zip(before, figures, strict=True)]
    caps = _caps_in_all(found)
    return [
        _difference(None, code, figures, caps.get(code)) for code, figures in sorted(sums.items())
    ]


def differences(found: DryRun, most: int | None = None) -> list[Difference]:
    """Each creator's difference, the largest first; those without one come last."""
    rows = _rows(found)
    rows.sort(key=lambda row: (row[0], -abs(row[3] - row[2]), -abs(row[6] - row[5]), row[1]))
    members, caps = ambassadors.members([row[1] for row in rows[:most]]), caps_of(found)
    return [
        _difference(members.get(who), currency, figures, caps.get((currency, who)))
        for currency, who, *figures in rows[:most]
    ]  # fmt: skip


def has_points(found: DryRun) -> bool:
    """Whether the orders of a dry run gave points, or would have."""
    return any(any(row[2 + POINTS :]) for row in _rows(found))


def caps_of(found: DryRun) -> dict[tuple[str, int], Caps]:
    """What limits do, by currency and ambassador; runs kept from before have none."""
    return {
        (currency, who): _caps(currency, figures)
        for currency, who, *figures in (found.result or {}).get("capped", ())
    }


def _caps_in_all(found: DryRun) -> dict[str, Caps]:
    sums: dict[str, list[int]] = {}
    for currency, _, *figures in (found.result or {}).get("capped", ()):
        before = sums.get(currency, [0] * len(figures))
        sums[currency] = [sum(pair) for pair in zip(before, figures, strict=True)]
    return {currency: _caps(currency, figures) for currency, figures in sums.items()}


def _caps(currency: str, figures: Sequence[int]) -> Caps:
    was, would, *often = figures
    return Caps(Money(was, currency), Money(would, currency), dict(zip(CAPS, often, strict=True)))


def _rows(found: DryRun) -> list[list[Any]]:
    """(currency, ambassador, the figures of `Sums.of`); those kept before there were points have
    none of them."""
    rows = (found.result or {}).get("rows", ())
    return [[*row, *[0] * (2 + FIGURES - len(row))] for row in rows]


def _difference(
    member: Member | None, currency: str, figures: Sequence[int], caps: Caps | None
) -> Difference:
    was, would, orders, had, points = figures
    return Difference(
        member, Money(was, currency), Money(would, currency), orders, had, points, caps
    )  # fmt: skip


def sheet_of(found: DryRun) -> str:
    """Every creator's difference as CSV, amounts in major units; points only where there are."""
    head = ["creator", "handle", "currency", "earned", "would_have_earned", "difference",
            "orders_that_differ"]  # fmt: skip
    extra = ["points", "would_have_points", "points_difference"] if has_points(found) else []
    limits = ["above_limits", "would_be_above_limits", "capped_by"] if caps_of(found) else []
    return sheet([*head, *extra, *limits], [
        [one.name, one.member.creator.handle if one.member else "", one.was.currency,
         _digits(one.was), _digits(one.would), _digits(one.more), one.orders,
         *([one.points_were, one.points_would, one.more_points] if extra else []),
         *(_cap_cells(one.caps) if limits else [])]
        for one in differences(found)
    ])  # fmt: skip


def _cap_cells(caps: Caps | None) -> list[str]:
    return [_digits(caps.was), _digits(caps.would), caps.words] if caps else ["", "", ""]


def _digits(amount: Money) -> str:
    places = currencies.exponent(amount.currency)
    return f"{currencies.to_major(amount.minor, amount.currency):.{places}f}"
