"""What a payer asks for, when, and what is kept back: thresholds, the gate, withholding. Pure.

Nothing here is a claim of law. The figures are shipped defaults with the day they begin; a brand's
finance or the operator enters others, and confirms them with whoever advises them (R97–R105).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.tax.models import Asks, FormKind, FormState, OnMissing, Reportable

PROCESSORS = frozenset({"paypal", "card"})  # they report to the tax office themselves (R99)
INDEXED_FROM = 2027  # from then on the threshold is indexed, and entered by a person
INDEXED_STEP_MINOR = 10_000
DOMESTIC = "US"  # the country whose payers are asked for these forms
EU = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
))  # fmt: skip
LONG_AGO = date(2000, 1, 1)


class Source(StrEnum):
    """Who put a figure there."""

    SHIPPED = "shipped"
    OPERATOR = "operator"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Figures:
    """The threshold and the rate of one form from a day on."""

    kind: FormKind
    from_on: date
    threshold: Money
    withholding_bp: int
    source: Source = Source.SHIPPED
    row_id: int = 0
    note: str = ""


SHIPPED = (
    Figures(FormKind.W9, LONG_AGO, Money(60_000, "USD"), 2400),
    Figures(FormKind.W9, date(2026, 1, 1), Money(200_000, "USD"), 2400),
    Figures(FormKind.W8BEN, LONG_AGO, Money(0, "USD"), 2400),
    Figures(FormKind.W8BENE, LONG_AGO, Money(0, "USD"), 2400),
    Figures(FormKind.DAC7, LONG_AGO, Money(0, "EUR"), 0),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a payer has decided; `is_default` when nobody has yet."""

    asks: Asks = Asks.NEVER
    on_missing: OnMissing = OnMissing.HOLD
    checks_by_hand: bool = False
    excludes_processors: bool = True
    dac7_operator: bool = False
    is_default: bool = True

    @property
    def is_off(self) -> bool:
        """Nothing is asked of anybody."""
        return self.asks is Asks.NEVER and not self.dac7_operator


def default_policy(payer_country: str) -> Policy:
    """A payer in the US asks once the year's payments reach the threshold; others ask nothing
    until they decide to. A brand that pays its own creators is no DAC7 platform (R105)."""
    return Policy(asks=Asks.THRESHOLD if payer_country == DOMESTIC else Asks.NEVER)


# ---- figures by date
def figures_on(kind: FormKind, on: date, entered: Sequence[Figures] = ()) -> Figures:
    """The figures of a form on a day: those that began last; of one day a brand's own before the
    operator's before the shipped ones, and of those the newest."""
    rank = (Source.SHIPPED, Source.OPERATOR, Source.BRAND)
    found = [one for one in (*SHIPPED, *entered) if one.kind is kind and one.from_on <= on]
    return max(found, key=lambda one: (one.from_on, rank.index(one.source), one.row_id))


def lacks_figure(year: int, entered: Sequence[Figures] = ()) -> bool:
    """Whether this year's threshold is indexed and nobody has entered it: the one before is used
    until somebody does."""
    used = figures_on(FormKind.W9, date(year, 12, 31), entered)
    return year >= INDEXED_FROM and used.from_on.year < year


def check_rule(kind: FormKind, from_on: date, threshold: Money, withholding_bp: int) -> None:
    """Raises InvalidInput for figures that cannot be meant."""
    if threshold.minor < 0:
        raise InvalidInput("threshold", "A threshold cannot be negative.")
    if not 0 <= withholding_bp <= 10_000:
        raise InvalidInput("rate", "The rate lies between 0 and 100 percent.")
    is_indexed = kind is FormKind.W9 and from_on.year >= INDEXED_FROM
    if is_indexed and threshold.minor % INDEXED_STEP_MINOR:
        raise InvalidInput(
            "threshold", f"From {INDEXED_FROM} on the threshold is rounded to whole hundreds."
        )


def is_reached(total: Money, figures: Figures) -> bool:
    """At the threshold or above it (R97: ≥)."""
    return total >= figures.threshold


# ---- what counts
def reportable_payment(rail: str, policy: Policy) -> Reportable:
    """A payment counts, unless its processor reports it itself (R99)."""
    is_reported = policy.excludes_processors and rail in PROCESSORS
    return Reportable.NO if is_reported else Reportable.YES


def reportable_benefit(*, is_for_services: bool) -> Reportable:
    """What is given for services counts at its fair value; a gift without any obligation is
    looked at by a person (R100)."""
    return Reportable.YES if is_for_services else Reportable.REVIEW


# ---- the gate
@dataclass(frozen=True, slots=True)
class Payee:
    """One creator about to be paid: how much of her balance, which way, to which account."""

    creator_id: int
    amount: Money
    rail: str = ""
    account_ref: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a payee when the gate looks: her country, what counted this year so far,
    and how her forms stand with this payer. `is_named` is None where there is no name to compare.
    """

    country: str
    counted: Money
    form: FormState = FormState.NEEDED
    has_notice: bool = False
    is_named: bool | None = None
    dac7: FormState = FormState.NEEDED


class Stop(StrEnum):
    """Why the gate holds a payout."""

    FORM = "tax_form"
    NAME = "tax_name"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold this payout, or send it less what is withheld. `kind` is the form that is missing."""

    stop: Stop | None
    withheld: Money
    kind: FormKind | None = None
    form: FormState = FormState.NOT_NEEDED


USABLE = (FormState.ACCEPTED, FormState.EXPIRING)


def expected_kind(country: str) -> FormKind:
    """The form somebody from this country most likely gives; who says nothing counts as US."""
    return FormKind.W9 if country in ("", "US") else FormKind.W8BEN


def is_asked(payee: Payee, counted: Money, policy: Policy, figures: Figures) -> bool:
    """Whether this payment needs a form: always, or once it takes the year to the threshold.

    A payment in another currency than the threshold's cannot be measured, so it needs one.
    """
    if policy.asks is Asks.NEVER:
        return False
    if reportable_payment(payee.rail, policy) is Reportable.NO:
        return False
    if policy.asks is Asks.ALWAYS or payee.amount.currency != figures.threshold.currency:
        return True
    return is_reached(counted + payee.amount, figures)


def gate_for(payee: Payee, standing: Standing, policy: Policy, figures: Figures) -> Verdict:
    """What the forms mean for one payout (R83, R92, R102): the earning is never touched."""
    nothing = Money.zero(payee.amount.currency)
    if policy.dac7_operator and standing.country in EU and standing.dac7 not in USABLE:
        return Verdict(Stop.FORM, nothing, FormKind.DAC7, standing.dac7)
    if standing.form in USABLE and standing.is_named is False:  # whether it was needed or not
        return Verdict(Stop.NAME, nothing, figures.kind, standing.form)
    if not is_asked(payee, standing.counted, policy, figures):
        return Verdict(None, nothing)
    if standing.form in USABLE:
        kept = payee.amount.portion(figures.withholding_bp) if standing.has_notice else nothing
        return Verdict(None, kept, None, standing.form)
    is_missing = standing.form is not FormState.CHECKING  # finance can end that at once
    if policy.on_missing is OnMissing.WITHHOLD and is_missing and figures.withholding_bp:
        kept = payee.amount.portion(figures.withholding_bp)
        return Verdict(None, kept, figures.kind, standing.form)
    return Verdict(Stop.FORM, nothing, figures.kind, standing.form)


# ---- the year
@dataclass(frozen=True, slots=True)
class YearTotal:
    """What a creator received from one payer in a year, in one currency."""

    creator_id: int
    paid: Money
    withheld: Money
    benefits: Money
    excluded: Money
    to_review: int = 0

    @property
    def counted(self) -> Money:
        """What the threshold is held against: payments and benefits that are reported (R100)."""
        return self.paid + self.benefits


ABROAD = (FormKind.W8BEN, FormKind.W8BENE)  # whoever gives one is no US person (R101)


def is_candidate(total: YearTotal, figures: Figures, form: FormKind | None = None) -> bool:
    """Whether the year is to be reported: the counted total reaches the threshold, or tax was
    withheld. The file is of US persons: somebody with a form of those abroad stands in it only for
    what was withheld (R97, R101). A total in another currency never does: it is converted by a
    person first."""
    if total.counted.currency != figures.threshold.currency:
        return False
    reached = is_reached(total.counted, figures) and bool(total.counted)
    return bool(total.withheld) or (reached and form not in ABROAD)


@dataclass(frozen=True, slots=True)
class Exported:
    """What the last file said of one creator."""

    amount_minor: int
    withheld_minor: int
    form_id: int | None


def mark_of(now: Exported, before: Exported | None) -> str:
    """ "original", "corrected" when the last file said otherwise, else "unchanged" (R104)."""
    if before is None:
        return "original"
    return "unchanged" if now == before else "corrected"


def check_year(year: int, today: date, known: Collection[int]) -> None:
    """Raises Conflict for a year that has nothing to show."""
    if year > today.year or year < min(known, default=today.year):
        raise Conflict(f"There is nothing to show for {year}.")
